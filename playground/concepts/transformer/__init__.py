"""The Transformer tab: attention maps that form while you watch. The declaration; loads no torch."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from playground.concept import Challenge, Concept, Metric, Preset, Probe, Symbol, View, late
from playground.concepts.transformer import questions
from playground.concepts.transformer.config import TransformerConfig

_late = partial(late, __name__)


METRICS = (
    Metric("heldout/sequence_accuracy", "exactly right", "share", "higher",
           "Held-out strings whose answer, written freely token by token, is right to the last character."),
    Metric("train/loss", "train loss", "nats a token", "lower", "Cross-entropy of the batch."),
    Metric("heldout/loss", "held-out loss", "nats a token", "lower", "Cross-entropy on strings never trained on."),
    Metric("attention/entropy", "mean entropy", "nats", "", "How spread the rows of all maps are; 0: one place each."),
    Metric("heldout/antidiagonal", "anti-diagonal", "share", "higher",
           "(reverse) What the best head gives the letter that is written next."),
    Metric("induction_score", "induction", "share", "higher",
           "(repeat) What the best head gives the token that followed the last time."),
)  # fmt: skip


def _views() -> tuple[View, ...]:
    return (
        View("maps", "Every head's map of one held-out text", "From the token on the left to those above it: grey fog "
             "becomes diagonals and columns. Click a cell to look inside.", _late("views", "maps"), 10, "hero"),
        View("enlarged", "The sharpest head", "The most decided one. Point at a row: lines run from its token to "
             "those it looks at.", _late("views", "enlarged"), 10),
        View("answer", "The answer", "Where the decoder looked for each character (mean of the heads), "
             "and how sure it was.", _late("views", "answer"), 10),
        View("progress", "Loss and exact answers", "Accuracy stays at 0 for long and then jumps: a string counts only "
             "when every character is right.", _late("views", "progress"), 20, "wide"),
        View("entropies", "Entropy of every head", "A line that falls is a head that makes up its mind.",
             _late("views", "entropies"), 50, "more"),
        View("positions", "The code of each position", "Slow waves tell far from near, fast ones neighbours apart.",
             _late("views", "positions"), 50, "more"),
    )  # fmt: skip


def _probes() -> tuple[Probe, ...]:
    return (
        Probe("write", "Type a text", "Your text in, its answer out, with where it looked for every character.",
              questions.Write, _late("probes", "write")),
        Probe("inside", "Inside a head", "One query's scores: scaled, masked, softmaxed; below, the vectors.",
              questions.Inside, _late("probes", "inside"), "maps", locate=_late("probes", "locate")),
        Probe("head", "Enlarge a head", "Point at a row: lines run from its token to those it looks at.",
              questions.Head, _late("probes", "head")),
        Probe("off", "Switch a head off", "A bar well below the dotted line is a head that the model can't do without.",
              questions.Head, _late("probes", "off")),
        Probe("edit", "Edit a character", "Only the outputs that depend on it should move.", questions.Edit,
              _late("probes", "edit")),
        Probe("shuffle", "Shuffle the text", "Without positions nothing moves: each character gets the same code, "
              "wherever it stands.", questions.Shuffle, _late("probes", "shuffle")),
    )  # fmt: skip


SYMBOLS = (
    Symbol("x", "x", "the tokens of the batch", ("x", "tokens")),
    Symbol("q", "Q", "queries: what each token asks", ("q",), ("enlarged",)),
    Symbol("k", "K", "keys: what each token offers to be found by", ("k",), ("enlarged",)),
    Symbol("v", "V", "values: what each token tells", ("v",)),
    Symbol("scores", "scores", "how well queries and keys fit", ("scores",)),
    Symbol("weights", "weights", "the attention maps", ("weights",), ("maps", "enlarged", "answer")),
    Symbol("mask", "mask", "True where a query may look", ("mask", "causal_mask"), ("maps",)),
    Symbol("logits", "logits", "the next token's scores", ("logits", "to_logits"), ("answer",)),
    Symbol("target", "target", "the tokens that should come", ("target",), ("progress",)),
)  # fmt: skip

PRESETS = (
    Preset("reverse", "Reverse: the anti-diagonal", {"task": "reverse", "heads": 2, "lr": 8e-3,
           "steps": 600}, "To write the first letter it has to look at the last: the cross-attention folds over."),
    Preset("induction", "Find the induction head", {"task": "repeat", "layers": 2, "heads": 1, "d_k": 64,
           "positions": "rotary", "lr": 6e-3, "batch": 32, "steps": 1000},
           "One head looks one token back, another finds what followed the last time; it takes two layers."),
    Preset("alone", "A decoder alone", {"architecture": "decoder", "layers": 2, "steps": 600},
           "Date and answer are one text (GPT): causal self-attention looks back at what cross-attention looked up."),
    Preset("no-mask", "Without the causal mask", {"causal": False},
           "The next token is in plain sight while it trains: the loss falls to nothing, the answers are garbage."),
    Preset("no-scaling", "Without scaling", {"task": "reverse", "heads": 1, "d_k": 64, "scaled": False},
           "Scores of 64 products are large: rows saturate at one place, entropy near 0, before anything is learned."),
    Preset("no-positions", "Without positions", {"task": "reverse", "positions": "none"},
           "A bag of letters has no order: it can't know which one was the last."),
    Preset("brackets", "An encoder alone: brackets", {"task": "brackets", "layers": 2},
           "Every bracket looks for its partner; no decoder, no mask."),
)  # fmt: skip

CHALLENGES = (
    Challenge("Write 99 % of the dates right", "The default gets there; how few steps do you need?",
              lambda m: m.get("heldout/sequence_accuracy", 0) >= 0.99, where=lambda c: c.task == "dates"),
    Challenge("Fold the cross-attention over", "An anti-diagonal of 0.6: reverse, with positions that suit it.",
              lambda m: m.get("heldout/antidiagonal", 0) >= 0.6),
    Challenge("Grow an induction head", "A score of 0.8 on the task repeat; one layer is not enough.",
              lambda m: m.get("induction_score", 0) >= 0.8),
    Challenge("A perfect loss and useless answers", "Let the decoder peek.",
              lambda m: m.get("train/loss", 9) < 0.02 and m.get("heldout/sequence_accuracy", 1) < 0.05,
              where=lambda c: not c.causal),
    Challenge("Saturate the attention", "Mean entropy under 0.3 nats: what keeps the scores small?",
              lambda m: m.get("attention/entropy", 9) < 0.3),
)  # fmt: skip

TRANSFORMER = Concept(
    slug="transformer",
    title="Transformer",
    tagline="Attention maps that form while you watch",
    lesson=(Path(__file__).parent / "lesson.md").read_text(encoding="utf-8"),
    config=TransformerConfig,
    experiment=_late("experiment", "TransformerExperiment"),
    metrics=METRICS,
    views=_views(),
    code=("models.attention.attend", "models.attention.causal_mask", "models.attention.Attention",
          "models.positions.sinusoidal", "models.positions.rotate", "models.transformer.Layer",
          "models.transformer.Transformer", "models.transformer.greedy"),
    probes=_probes(),
    presets=PRESETS,
    challenges=CHALLENGES,
    symbols=SYMBOLS,
    preload="playground.concepts.transformer.probes",
)  # fmt: skip
