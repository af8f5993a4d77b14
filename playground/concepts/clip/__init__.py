"""The CLIP tab: motion meets music, digits meet captions. The declaration; loads no torch."""

from __future__ import annotations

from functools import partial

from playground.concept import Challenge, Concept, Metric, Metrics, Preset, Symbol, lazy, of_arms
from playground.concepts.clip import captions, dance
from playground.concepts.clip.config import ClipConfig

_lazy = partial(lazy, __name__)

ARMS = ("main", "notes")
"""The model of the knobs, and the notes' beside it."""
RECALL = ("heldout/clip_recall_at_1", "heldout/frame_recall_at_1")
OF_ONE = (
    *(Metric(name=name, better="higher") for name in RECALL),
    Metric(name="train/loss", better="lower"),
    Metric(name="scale"),
    Metric(name="heldout/clip_recall_at_5", better="higher", hidden=True),
    Metric(name="heldout/frame_recall_at_5", better="higher", hidden=True),
    *(
        Metric(name=f"heldout/{way}_at_{k}", better="higher", hidden=True)
        for way in ("motion_to_music", "music_to_motion") for k in (1, 5)
    ),
    Metric(name="modality_gap", hidden=True),
    Metric(name="alignment", better="lower", hidden=True),
    Metric(name="uniformity", better="lower", hidden=True),
)  # fmt: skip
METRICS = (
    *OF_ONE,
    *of_arms(OF_ONE, ("main",), shown=(*RECALL, "train/loss", "scale")),
    *of_arms(OF_ONE, ("notes",), shown=RECALL),
    Metric(name="heldout/zero_shot_accuracy", better="higher"),
)

SYMBOLS = (
    Symbol(name="a", glyph="a", code=("a",), views=("projection", "caption_projection")),
    Symbol(name="b", glyph="b", code=("b",), views=("projection", "caption_projection")),
    Symbol(name="cosines", glyph="cos", code=("cosines",), views=("clip_matrix", "frame_matrix", "digit_matrix")),
    Symbol(name="scale", glyph="t", code=("scale",), views=("scales",)),
    Symbol(name="bias", glyph="b", code=("bias",)),
)

NOTES = {"contrast": "frames", "scale": "linear", "with_frame_objective": False, "feature_dim": 256}
FIXED = {
    "contrast": "frames", "scale": "fixed", "with_frame_objective": False, "input_dropout": 0.0, "steps": 3000,
}  # fmt: skip
PRESETS = (
    Preset(name="notes", config=NOTES),
    Preset(name="siglip", config={"loss": "sigmoid"}),
    Preset(name="captions", config={"data": "digits"}),
    Preset(name="fixed", config=FIXED),
    Preset(name="one-frame", config={"network": "mlp"}),
)


def _of_main(metrics: Metrics, name: str, default: float) -> float:
    """A metric of the knobs' model, whether the notes' is trained beside it or not."""
    return metrics.get(name, metrics.get(f"main/{name}", default))


CHALLENGES = (
    Challenge(
        name="nine-clips", formerly=("Nine of ten clips",),
        solved=lambda m: _of_main(m, "heldout/clip_recall_at_1", 0) >= 0.9,
    ),
    Challenge(
        name="nine-moments", formerly=("Nine of ten moments",),
        solved=lambda m: _of_main(m, "heldout/frame_recall_at_1", 0) >= 0.9,
    ),
    Challenge(
        name="zero-shot", formerly=("Without a classifier",),
        solved=lambda m: m.get("heldout/zero_shot_accuracy", 0) >= 0.93,
    ),
    Challenge(
        name="loss-floor", formerly=("Against the floor",),
        solved=lambda m: _of_main(m, "train/loss", 9) < 2.55,
        applies_to=lambda c: c.scale == "fixed" and c.contrast == "frames" and c.frames == 32
        and c.loss == "InfoNCE",
    ),
)  # fmt: skip

CLIP = Concept(
    package=__name__,
    slug="clip",
    config=ClipConfig,
    settings=(dance.SETTING, captions.SETTING),
    arms=ARMS,
    metrics=METRICS,
    code=(
        "objective:Objective.forward",
        "objective:Objective.scale",
        "models.clip:info_nce",
        "models.clip:sigmoid_loss",
        "models.clip:similarity",
        "models.clip:loss_floor",
    ),
    presets=PRESETS,
    challenges=CHALLENGES,
    symbols=SYMBOLS,
    preload=("dance.probes", "dance.views", "captions.probes", "captions.views"),
    warm_up=_lazy("dance.sound_features", "warm_up"),
)
