"""The Transformer tab: attention maps that form while you watch. The declaration; loads no torch."""

from __future__ import annotations

from functools import partial

from playground.concept import Challenge, Concept, Metric, Preset, Probe, Symbol, View, lazy
from playground.concepts.transformer import questions
from playground.concepts.transformer.config import TransformerConfig
from playground.concepts.transformer.diagram import diagram
from playground.concepts.transformer.media import READING

_lazy = partial(lazy, __name__)

METRICS = (
    Metric(name="heldout/sequence_accuracy", title="exactly right", unit="share", better="higher",
           explain="Held-out strings whose answer, written greedily token by token, is right to the last character."),
    Metric(name="train/loss", title="train loss", unit="nats a token", better="lower",
           explain="Cross-entropy of the batch."),
    Metric(name="heldout/loss", title="held-out loss", unit="nats a token", better="lower",
           explain="Cross-entropy on strings never trained on."),
    Metric(name="attention/entropy", title="mean entropy", unit="nats",
           explain="How spread the rows of all maps are; 0: one key each."),
    Metric(name="heldout/antidiagonal", title="anti-diagonal", unit="share", better="higher",
           explain="(reverse) What the best head gives the letter that is written next."),
    Metric(name="induction_score", title="induction", unit="share", better="higher",
           explain="(repeat) What the best head gives the token that followed the last time."),
)  # fmt: skip


def _of_positions(config: TransformerConfig) -> str:
    if config.positions == "learned":
        return "A table of numbers, learned like any weight: watch whether neighbours become alike."
    if config.positions == "none":
        return "Nothing tells the tokens where they stand."
    return "Slow waves tell far from near, fast ones neighbours apart."


VIEWS = (
    View(
        name="reading", title="The text and the answer", draw=_lazy("reading", "reading"), every=10, place="hero",
        medium=READING,
        caption="Each character of the answer is a lookup in the text: point at one to see where it looked. The text "
        "can be changed.",
    ),
    View(
        name="enlarged", title="The head with the lowest entropy", draw=_lazy("views", "enlarged"), every=10,
        place="wide",
        caption="Point at a row for its token's lines; click a cell to look inside the head.",
    ),
    View(
        name="progress", title="Loss and exact answers", draw=_lazy("views", "progress"), every=20, place="wide",
        caption="Accuracy stays at 0 at first and then jumps: a string counts only when every character is right.",
    ),
    View(
        name="maps", title="Every head's map of one held-out text", draw=_lazy("views", "maps"), every=10, place="more",
        caption="From the token on the left to those above it: grey fog becomes diagonals and columns. Click a cell "
        "to look inside.",
    ),
    View(
        name="answer", title="The answer", draw=_lazy("views", "answer"), every=10, place="more",
        caption="What the decoder attended to for each character (mean of the heads), and its probability.",
    ),
    View(
        name="entropies", title="Entropy of every head", draw=_lazy("views", "entropies"), every=50, place="more",
        caption="A line that falls is a head that concentrates on fewer keys.",
    ),
    View(
        name="positions", title="The code of each position", draw=_lazy("views", "positions"), every=50, place="more",
        caption=_of_positions,
    ),
)  # fmt: skip


def _heads(config: TransformerConfig) -> dict[str, tuple[int, int]]:
    """No layer or head that the model does not have."""
    return {"layer": (1, config.layers), "head": (1, config.heads)}


PROBES = (
    Probe(name="write", title="Type a text", question=questions.Write, ask=_lazy("probes", "write"),
          medium=READING, caption="Your text in, its answer out; point at a character for what it attended to."),
    Probe(name="inside", title="Inside a head", question=questions.Inside, bounds=_heads, ask=_lazy("probes", "inside"),
          clicks={"enlarged": _lazy("probes", "clicked_row"), "maps": _lazy("probes", "clicked_cell")},
          caption="One query's scores: scaled, masked, softmaxed; below, the vectors."),
    Probe(name="head", title="Enlarge a head", question=questions.HeadQuestion, bounds=_heads,
          ask=_lazy("probes", "head"),
          caption="Point at a row: lines run from its token to those it attends to."),
    Probe(name="off", title="Switch a head off", question=questions.HeadQuestion, bounds=_heads,
          ask=_lazy("probes", "off"),
          caption="A bar well below the dotted line is a head that the model can't do without."),
    Probe(name="edit", title="Edit a character", question=questions.Edit, ask=_lazy("probes", "edit"),
          caption="Only the outputs that depend on it should move."),
    Probe(name="shuffle", title="Shuffle the text", question=questions.Shuffle, ask=_lazy("probes", "shuffle"),
          caption="Without positions nothing moves: each character gets the same code, wherever it stands."),
)  # fmt: skip

SYMBOLS = (
    Symbol(name="x", glyph="x", meaning="the tokens of the batch", code=("x", "source", "answer"),
           views=("reading",)),
    Symbol(name="q", glyph="Q", meaning="queries: what each token looks for", code=("q",), views=("enlarged",)),
    Symbol(name="k", glyph="K", meaning="keys: what each token is found by", code=("k",), views=("enlarged",)),
    Symbol(name="v", glyph="V", meaning="values: what each token passes on", code=("v",)),
    Symbol(name="scores", glyph="scores", meaning="how well queries and keys fit", code=("scores",)),
    Symbol(name="weights", glyph="weights", meaning="the attention maps", code=("weights",),
           views=("reading", "enlarged", "maps", "answer")),
    Symbol(name="mask", glyph="mask", meaning="True where a query may attend", code=("mask", "causal_mask"),
           views=("enlarged", "maps")),
    Symbol(name="logits", glyph="logits", meaning="the next token's scores", code=("logits", "to_logits"),
           views=("reading", "answer")),
    Symbol(name="target", glyph="target", meaning="the tokens that should come", code=("target",),
           views=("reading", "progress")),
)  # fmt: skip

PRESETS = (
    Preset(name="reverse", title="Reverse: the anti-diagonal",
           config={"task": "reverse", "heads": 2, "lr": 8e-3, "steps": 600},
           why="To write the first letter it has to attend to the last: the cross-attention becomes an "
           "anti-diagonal."),
    Preset(name="induction", title="Find the induction head",
           config={"task": "repeat", "layers": 2, "heads": 1, "d_k": 64, "positions": "rotary", "lr": 6e-3,
                   "batch": 32, "steps": 1000},
           why="One head attends one token back, another finds what followed the last time; it takes two layers."),
    Preset(name="alone", title="A decoder alone", config={"architecture": "decoder", "layers": 2, "steps": 600},
           why="Date and answer are one text (GPT): causal self-attention looks up what cross-attention looked up."),
    Preset(name="no-mask", title="Without the causal mask", config={"causal": False},
           why="The next token is in plain sight while it trains: the loss falls to nothing, the answers are garbage."),
    Preset(name="no-scaling", title="Without scaling",
           config={"task": "reverse", "heads": 1, "d_k": 64, "scaled": False},
           why="Sums of 64 products are large scores: the rows begin with less entropy, and while the model learns "
           "each saturates at one key. Little gradient comes through, and it learns late."),
    Preset(name="no-positions", title="Without positions", config={"task": "reverse", "positions": "none"},
           why="A bag of letters has no order: it can't know which one was the last."),
    Preset(name="brackets", title="An encoder alone: brackets", config={"task": "brackets", "layers": 2},
           why="Every bracket attends to its partner; no decoder, no mask."),
)  # fmt: skip

CHALLENGES = (
    Challenge(name="write-99-of-the-dates-right", title="Write 99 % of the dates right", hint="The default gets there; how few steps do you need?",
              solved=lambda m: m.get("heldout/sequence_accuracy", 0) >= 0.99,
              applies_to=lambda c: c.task == "dates"),
    Challenge(name="find-the-anti-diagonal", title="Find the anti-diagonal",
              hint="A cross-attention with an anti-diagonal of 0.6: reverse, with positions that suit it.",
              solved=lambda m: m.get("heldout/antidiagonal", 0) >= 0.6),
    Challenge(name="grow-an-induction-head", title="Grow an induction head", hint="A score of 0.8 on the task repeat; one layer is not enough.",
              solved=lambda m: m.get("induction_score", 0) >= 0.8),
    Challenge(name="a-perfect-loss-and-useless-answers", title="A perfect loss and useless answers", hint="Let the decoder see the answer.",
              solved=lambda m: m.get("train/loss", 9) < 0.02 and m.get("heldout/sequence_accuracy", 1) < 0.05,
              applies_to=lambda c: not c.causal),
    Challenge(name="saturate-the-attention", title="Saturate the attention",
              hint="Mean entropy under 0.3 nats: what keeps the scores of a wide head small?",
              solved=lambda m: m.get("attention/entropy", 9) < 0.3),
)  # fmt: skip

TRANSFORMER = Concept(
    package=__name__,
    slug="transformer",
    title="Transformer",
    tagline="Attention maps that form while you watch",
    config=TransformerConfig,
    experiment=_lazy("experiment", "TransformerExperiment"),
    metrics=METRICS,
    views=VIEWS,
    code=(
        "experiment:TransformerExperiment.step",
        "experiment:TransformerExperiment.predict",
        "models.attention:attention_weights",
        "models.attention:causal_mask",
        "models.attention:Attention",
        "models.positions:sinusoidal",
        "models.positions:rotate",
        "models.transformer:Block",
        "models.transformer:Transformer",
        "models.decoding:greedy_decode",
    ),
    probes=PROBES,
    presets=PRESETS,
    challenges=CHALLENGES,
    symbols=SYMBOLS,
    diagram=diagram,
    preload=("probes", "reading", "views"),
)
