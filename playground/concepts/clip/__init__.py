"""The CLIP tab: motion meets music. The declaration; loads no torch."""

from __future__ import annotations

from functools import partial

from playground.concept import Challenge, Concept, Metric, Preset, Probe, Symbol, View, lazy
from playground.concepts.clip import questions
from playground.concepts.clip.config import ClipConfig
from playground.concepts.clip.media import DANCE

_lazy = partial(lazy, __name__)

OF_ONE = (
    Metric(name="heldout/clip_recall_at_1", title="clip R@1", unit="share", better="higher",
           explain="How often a held-out clip finds its own among 64, the mean of both directions."),
    Metric(name="heldout/frame_recall_at_1", title="frame R@1", unit="share", better="higher",
           explain="How often a moment of a held-out clip finds its own among 32, the mean of both directions."),
    Metric(name="train/loss", title="train loss", better="lower", explain="Of the batch."),
    Metric(name="scale", title="scale t", explain="What the cosines are multiplied by."),
    Metric(name="heldout/clip_recall_at_5", title="clip R@5", unit="share", better="higher",
           explain="How often its own is among the five that it finds first."),
    Metric(name="heldout/frame_recall_at_5", title="frame R@5", unit="share", better="higher",
           explain="How often its own moment is among the five that it finds first."),
    Metric(name="modality_gap", title="modality gap", explain="Distance of the means of both kinds of clips."),
    Metric(name="alignment", title="alignment", better="lower",
           explain="Mean squared distance of a dance and its music."),
    Metric(name="uniformity", title="uniformity", better="lower",
           explain="ln of the mean of e^(−2 d²) over all pairs of clips: low if they fill the sphere."),
)  # fmt: skip
SHOWN = {"heldout/clip_recall_at_1", "heldout/frame_recall_at_1", "train/loss", "scale"}
METRICS = tuple(
    Metric(name=prefix + m.name, title=words + m.title, unit=m.unit, better=m.better, explain=m.explain,
           hidden=m.name not in SHOWN or (prefix != "" and not m.name.startswith("heldout")))
    for prefix, words in (("", ""), ("notes/", "notes: ")) for m in OF_ONE
)  # fmt: skip


def _of_progress(config: ClipConfig) -> str:
    floor = " The dotted line is the least that a loss with the scale 1 can be." if config.scale == "fixed" else ""
    return (
        "Who contrasts frames finds moments, and by keeping time most clips; who contrasts clips few moments." + floor
    )


VIEWS = (
    View(
        name="clip_matrix", title="Held-out clips: every dance with every music", place="hero", every=2,
        draw=_lazy("views", "clip_matrix"),
        caption="Pairs are the diagonal: watch it light up. Click a cell to see and hear that dance to that music.",
    ),
    View(
        name="frame_matrix", title="The moments of one clip", draw=_lazy("views", "frame_matrix"), every=5,
        caption="Stripes beside the diagonal are beats that come round again.",
    ),
    View(
        name="plane", title="Both kinds in one plane", draw=_lazy("views", "plane"), every=5,
        caption="A line joins each dance to its music: watch the two kinds mingle and the lines shorten.",
    ),
    View(
        name="progress", title="What is found, and the loss", draw=_lazy("views", "progress"), every=10, place="wide",
        caption=_of_progress,
    ),
    View(
        name="notes_clip_matrix", title="The notes' model: clips", draw=_lazy("views", "notes_clip_matrix"), every=10,
        place="more",
        caption="Never asked to tell clips apart: keeping time finds most. Where it is not trained, the one above.",
    ),
    View(
        name="notes_frame_matrix", title="The notes' model: moments", draw=_lazy("views", "notes_frame_matrix"),
        every=10, place="more", caption="Asked for nothing else. Where it is not trained, the one above.",
    ),
    View(
        name="scales", title="The scale", draw=_lazy("views", "scales"), every=20, place="more",
        caption="CLIP's begins at 14.3 and may go to 100, the notes' begins at 1.",
    ),
    View(
        name="gap", title="Gap, alignment, uniformity", draw=_lazy("views", "gap"), every=20, place="more",
        caption="Pairs come together (alignment falls) while all spread out (uniformity falls).",
    ),
)  # fmt: skip

PROBES = (
    Probe(
        name="pair", title="A dance to a music", question=questions.Pair, ask=_lazy("probes", "pair"), medium=DANCE,
        clicks={"clip_matrix": _lazy("probes", "clicked_pair")}, live=False, button="Show it",
        caption="Does it fit? Drag to turn the dancer; Listen plays the sound in time.",
    ),
    Probe(
        name="find_dance", title="Find dances for a music", question=questions.FindDance,
        ask=_lazy("probes", "find_dance"), medium=DANCE, live=False, button="Find",
        caption="The three nearest dances, moving to the music.",
    ),
    Probe(
        name="find_music", title="Find music for a dance", question=questions.FindMusic,
        ask=_lazy("probes", "find_music"), medium=DANCE, live=False, button="Find",
        caption="The three nearest musics: click one to hear it.",
    ),
)  # fmt: skip

SYMBOLS = (
    Symbol(name="a", glyph="a", meaning="vectors of the dances, of length 1", code=("a",), views=("plane",)),
    Symbol(name="b", glyph="b", meaning="vectors of the musics, of length 1", code=("b",), views=("plane",)),
    Symbol(name="cosines", glyph="cos", meaning="how near every dance is to every music", code=("cosines",),
           views=("clip_matrix", "frame_matrix")),
    Symbol(name="scale", glyph="t", meaning="what the cosines are multiplied by", code=("scale",), views=("scales",)),
    Symbol(name="bias", glyph="b", meaning="(sigmoid) what is added to all of them", code=("bias",)),
)  # fmt: skip

NOTES = {"contrast": "frames", "scale": "linear", "beside": False, "feature_dim": 256}
PRESETS = (
    Preset(name="notes", title="The notes' model", config=NOTES,
           why="Moments of one clip are contrasted, with a scale that begins at 1: it learns to keep time."),
    Preset(name="siglip", title="SigLIP: pair by pair", config={"loss": "sigmoid"},
           why="No softmax over the batch: each pair is a question of its own."),
    Preset(name="fixed", title="A scale of 1 for good", config={"contrast": "frames", "scale": "fixed"},
           why="However good the vectors get, the loss stays above the dotted line."),
    Preset(name="one-frame", title="One frame at a time", config={"network": "mlp"},
           why="An encoder that sees no time: a pose and a moment of sound."),
)  # fmt: skip

CHALLENGES = (
    Challenge(title="Nine of ten clips", hint="Clip R@1 of 0.9 among 64: the default gets there.",
              solved=lambda m: m.get("heldout/clip_recall_at_1", 0) >= 0.9),
    Challenge(title="Six of seven moments", hint="Frame R@1 of 0.86: what has to be contrasted for that?",
              solved=lambda m: m.get("heldout/frame_recall_at_1", 0) >= 0.86),
    Challenge(title="Against the floor", hint="A loss under 2.55 with a fixed scale of 1 and 32 frames.",
              solved=lambda m: m.get("train/loss", 9) < 2.55,
              applies_to=lambda c: c.scale == "fixed" and c.contrast == "frames" and c.frames == 32
              and c.loss == "InfoNCE"),
)  # fmt: skip

CLIP = Concept(
    package=__name__,
    slug="clip",
    title="CLIP",
    tagline="Motion meets music",
    config=ClipConfig,
    experiment=_lazy("experiment", "ClipExperiment"),
    metrics=METRICS,
    views=VIEWS,
    code=(
        "experiment:ClipExperiment.step",
        "experiment:Arm.forward",
        "experiment:Arm.scale",
        "models.clip:info_nce",
        "models.clip:sigmoid_loss",
        "models.clip:similarity",
        "models.clip:whole_clip",
        "models.clip:Clip",
        "models.clip:SequenceEncoder",
        "models.clip:recall_at",
        "models.clip:loss_floor",
    ),
    probes=PROBES,
    presets=PRESETS,
    challenges=CHALLENGES,
    symbols=SYMBOLS,
    preload=("probes", "views"),
)
