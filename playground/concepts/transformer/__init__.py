"""The Transformer tab: attention maps that form while you watch. The declaration; loads no torch."""

from __future__ import annotations

from functools import partial

from playground.concept import Challenge, Concept, Metric, Preset, Probe, Symbol, View, lazy
from playground.concepts.transformer import questions
from playground.concepts.transformer.config import TransformerConfig
from playground.concepts.transformer.diagram import diagram
from playground.concepts.transformer.media import ATTENTION_MAP, READING
from playground.concepts.transformer.texts import say

_lazy = partial(lazy, __name__)

METRICS = (
    Metric(name="heldout/sequence_accuracy", better="higher"),
    Metric(name="train/loss", better="lower"),
    Metric(name="heldout/loss", better="lower"),
    Metric(name="attention/entropy"),
    Metric(name="heldout/antidiagonal", better="higher"),
    Metric(name="induction_score", better="higher"),
)


def _of_positions(config: TransformerConfig) -> str:
    waves = config.positions in ("sinusoidal", "rotary")
    return say(f"views.positions.caption.{'waves' if waves else config.positions}")


VIEWS = (
    View(name="reading", draw=_lazy("reading", "reading"), every=10, place="hero", medium=READING),
    View(name="enlarged", draw=_lazy("views", "enlarged"), every=10, place="wide", medium=ATTENTION_MAP),
    View(name="progress", draw=_lazy("views", "progress"), every=20, place="wide"),
    View(name="maps", draw=_lazy("views", "maps"), every=10, place="more"),
    View(name="answer", draw=_lazy("views", "answer"), every=10, place="more", medium=ATTENTION_MAP),
    View(name="entropies", draw=_lazy("views", "entropies"), every=50, place="more"),
    View(name="positions", draw=_lazy("views", "positions"), every=50, place="more", caption=_of_positions),
)


def _heads(config: TransformerConfig) -> dict[str, tuple[int, int]]:
    """No layer or head that the model does not have."""
    return {"layer": (1, config.layers), "head": (1, config.heads)}


PROBES = (
    Probe(name="write", question=questions.Write, ask=_lazy("probes", "write"), medium=READING),
    Probe(
        name="inside",
        question=questions.Inside,
        bounds=_heads,
        ask=_lazy("probes", "inside"),
        clicks={"enlarged": _lazy("probes", "clicked_row"), "maps": _lazy("probes", "clicked_cell")},
    ),
    Probe(
        name="head", question=questions.HeadQuestion, bounds=_heads, ask=_lazy("probes", "head"), medium=ATTENTION_MAP
    ),
    Probe(name="off", question=questions.HeadQuestion, bounds=_heads, ask=_lazy("probes", "off")),
    Probe(name="edit", question=questions.Edit, ask=_lazy("probes", "edit")),
    Probe(name="shuffle", question=questions.Shuffle, ask=_lazy("probes", "shuffle")),
)

SYMBOLS = (
    Symbol(name="x", glyph="x", code=("x", "source", "answer"), views=("reading",)),
    Symbol(name="q", glyph="Q", code=("q",), views=("enlarged",)),
    Symbol(name="k", glyph="K", code=("k",), views=("enlarged",)),
    Symbol(name="v", glyph="V", code=("v",)),
    Symbol(name="scores", glyph="scores", code=("scores",)),
    Symbol(name="weights", glyph="weights", code=("weights",), views=("reading", "enlarged", "maps", "answer")),
    Symbol(name="mask", glyph="mask", code=("mask", "causal_mask"), views=("enlarged", "maps")),
    Symbol(name="logits", glyph="logits", code=("logits", "to_logits"), views=("reading", "answer")),
    Symbol(name="target", glyph="target", code=("target",), views=("reading", "progress")),
)

INDUCTION = {"task": "repeat", "layers": 2, "heads": 1, "d_k": 64, "positions": "rotary", "lr": 6e-3, "batch": 32}
PRESETS = (
    Preset(name="reverse", config={"task": "reverse", "heads": 2, "lr": 8e-3, "steps": 600}),
    Preset(name="induction", config={**INDUCTION, "steps": 1000}),
    Preset(name="alone", config={"architecture": "decoder", "layers": 2, "steps": 600}),
    Preset(name="no-mask", config={"causal": False}),
    Preset(name="no-scaling", config={"task": "reverse", "heads": 1, "d_k": 64, "scaled": False}),
    Preset(name="no-positions", config={"task": "reverse", "positions": "none"}),
    Preset(name="brackets", config={"task": "brackets", "layers": 2}),
)

CHALLENGES = (
    Challenge(
        name="dates",
        formerly=("Write 99 % of the dates right",),
        solved=lambda m: m.get("heldout/sequence_accuracy", 0) >= 0.99,
        applies_to=lambda c: c.task == "dates",
    ),
    Challenge(
        name="anti-diagonal",
        formerly=("Find the anti-diagonal",),
        solved=lambda m: m.get("heldout/antidiagonal", 0) >= 0.6,
    ),
    Challenge(
        name="induction-head",
        formerly=("Grow an induction head",),
        solved=lambda m: m.get("induction_score", 0) >= 0.8,
    ),
    Challenge(
        name="useless-answers",
        formerly=("A perfect loss and useless answers",),
        solved=lambda m: m.get("train/loss", 9) < 0.02 and m.get("heldout/sequence_accuracy", 1) < 0.05,
        applies_to=lambda c: not c.causal,
    ),
    Challenge(
        name="saturation",
        formerly=("Saturate the attention",),
        solved=lambda m: m.get("attention/entropy", 9) < 0.3,
    ),
)

TRANSFORMER = Concept(
    package=__name__,
    slug="transformer",
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
