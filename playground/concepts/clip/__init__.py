"""The CLIP tab: motion meets music, digits meet captions. The declaration; loads no torch."""

from __future__ import annotations

from functools import partial
from typing import Any

from playground.concept import Challenge, Concept, Metric, Preset, Probe, Symbol, View, lazy
from playground.concepts.clip import questions
from playground.concepts.clip.config import ClipConfig, of_dance
from playground.concepts.clip.diagram import diagram
from playground.concepts.clip.media import DANCE

_lazy = partial(lazy, __name__)


def _is_beside(config: ClipConfig) -> bool:
    return of_dance(config) and config.beside


def _is_digits(config: ClipConfig) -> bool:
    return config.data == "digits"


def _experiment(config: ClipConfig) -> Any:
    module, name = ("experiment", "ClipExperiment") if of_dance(config) else ("captions", "CaptionsExperiment")
    return _lazy(module, name)(config)


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
    *(Metric(name=f"heldout/{way}_at_{k}", title=f"{words} R@{k}", unit="share", better="higher",
             explain=f"How often a held-out clip's own is among the {k} that it finds first, this way only.")
      for way, words in (("motion_to_music", "motion → music"), ("music_to_motion", "music → motion")) for k in (1, 5)),
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
) + (
    Metric(name="heldout/zero_shot_accuracy", title="zero-shot accuracy", unit="share", better="higher",
           explain="Share of 500 held-out digits that are nearest to the captions of their class."),
)  # fmt: skip


def _of_progress(config: ClipConfig) -> str:
    floor = " The level line is the least that a loss with the scale 1 can be." if config.scale == "fixed" else ""
    return (
        "Who contrasts frames (the notes: dotted, brown) finds moments, and by keeping time most clips; who contrasts "
        "clips few moments." + floor
    )


DANCE_VIEWS = (
    View(
        name="clip_matrix", title="Held-out clips: every dance with every music", place="hero", every=2,
        draw=_lazy("views", "clip_matrix"),
        caption="Pairs are the diagonal: watch it light up. Click a cell to see and hear that dance to that music.",
        applies_to=of_dance,
    ),
    View(
        name="frame_matrix", title="The moments of one clip", draw=_lazy("views", "frame_matrix"), every=5,
        caption="Stripes beside the diagonal are beats that come round again.",
        applies_to=of_dance,
    ),
    View(
        name="plane", title="Both kinds in one plane", draw=_lazy("views", "plane"), every=5,
        caption="A line joins each dance to its music: watch the two kinds mingle and the lines shorten.",
        applies_to=of_dance,
    ),
    View(
        name="progress", title="What is found, and the loss", draw=_lazy("views", "progress"), every=10, place="wide",
        caption=_of_progress,
        applies_to=of_dance,
    ),
    View(
        name="notes_clip_matrix", title="The notes' model: clips", draw=_lazy("views", "notes_clip_matrix"), every=10,
        place="more",
        caption="Never asked to tell clips apart: keeping time finds most of them all the same.",
        applies_to=_is_beside,
    ),
    View(
        name="notes_frame_matrix", title="The notes' model: moments", draw=_lazy("views", "notes_frame_matrix"),
        every=10, place="more", caption="Which moment of the music is this? It was asked for nothing else.",
        applies_to=_is_beside,
    ),
    View(
        name="retrieval", title="Retrieval both ways", draw=_lazy("views", "retrieval"), every=20, place="more",
        caption="Which music is this dance's, and which dance is this music's: the first guess, or one of five.",
        applies_to=of_dance,
    ),
    View(
        name="scales", title="The scale", draw=_lazy("views", "scales"), every=20, place="more",
        caption="CLIP's begins at 14.3 and may go to 100, the notes' begins at 1.",
        applies_to=of_dance,
    ),
    View(
        name="gap", title="Gap, alignment, uniformity", draw=_lazy("views", "gap"), every=20, place="more",
        caption="Pairs come together (alignment falls) while all spread out (uniformity falls).",
        applies_to=of_dance,
    ),
)  # fmt: skip

DIGIT_VIEWS = (
    View(
        name="digit_matrix", title="Held-out digits: every one with every caption", place="hero", every=2,
        draw=_lazy("caption_views", "digit_matrix"), applies_to=_is_digits,
        caption="Blocks on the diagonal are digits with captions of their class. Click a row to ask for its captions.",
    ),
    View(
        name="confusion", title="Zero-shot classes", draw=_lazy("caption_views", "confusion"),
        every=5, applies_to=_is_digits,
        caption="No classifier was trained: a digit's class is that of its nearest captions.",
    ),
    View(
        name="caption_plane", title="Both kinds in one plane", draw=_lazy("caption_views", "caption_plane"), every=5,
        applies_to=_is_digits, caption="Diamonds are captions: each class of digits gathers around its own.",
    ),
    View(
        name="caption_progress", title="Zero-shot accuracy, and the loss", place="wide", every=10,
        draw=_lazy("caption_views", "progress"), applies_to=_is_digits,
        caption="Dotted: chance, and the least loss where a batch has several digits of a class.",
    ),
)  # fmt: skip
VIEWS = DANCE_VIEWS + DIGIT_VIEWS

PROBES = (
    Probe(
        name="pair", title="A dance to a music", question=questions.Pair, ask=_lazy("probes", "pair"), medium=DANCE,
        clicks={"clip_matrix": _lazy("probes", "clicked_pair")}, live=False, button="Show it", applies_to=of_dance,
        caption="Does it fit? Drag to turn the dancer; Listen plays the sound in time.",
    ),
    Probe(
        name="find_dance", title="Find dances for a music", question=questions.FindDance,
        prepare=_lazy("listening", "heard"), ask=_lazy("probes", "find_dance"), medium=DANCE, live=False, button="Find",
        applies_to=of_dance, caption="The three nearest dances, moving to the music: a held-out one, or your own.",
    ),
    Probe(
        name="find_music", title="Find music for a dance", question=questions.FindMusic,
        ask=_lazy("probes", "find_music"), medium=DANCE, live=False, button="Find", applies_to=of_dance,
        caption="The three nearest musics: click one to hear it.",
    ),
    Probe(
        name="find_digits", title="Find digits for a caption", question=questions.FindDigits, applies_to=_is_digits,
        ask=_lazy("caption_probes", "caption_to_digits"), button="Find",
        caption="The twelve nearest of 500 held-out digits to words of yours.",
    ),
    Probe(
        name="find_captions", title="Find captions for a digit", question=questions.FindCaptions, button="Find",
        ask=_lazy("caption_probes", "digit_to_captions"), applies_to=_is_digits,
        clicks={"digit_matrix": _lazy("caption_probes", "clicked_digit")},
        caption="What the model thinks a caption of it would say.",
    ),
)  # fmt: skip

SYMBOLS = (
    Symbol(name="a", glyph="a", meaning="vectors of the dances (or digits), of length 1", code=("a",),
           views=("plane", "caption_plane")),
    Symbol(name="b", glyph="b", meaning="vectors of the musics (or captions), of length 1", code=("b",),
           views=("plane", "caption_plane")),
    Symbol(name="cosines", glyph="cos", meaning="how near every dance is to every music", code=("cosines",),
           views=("clip_matrix", "frame_matrix", "digit_matrix")),
    Symbol(name="scale", glyph="t", meaning="what the cosines are multiplied by", code=("scale",), views=("scales",)),
    Symbol(name="bias", glyph="b", meaning="(sigmoid) what is added to all of them", code=("bias",)),
)  # fmt: skip

NOTES = {"contrast": "frames", "scale": "linear", "beside": False, "feature_dim": 256}
PRESETS = (
    Preset(name="notes", title="The notes' model", config=NOTES,
           why="Moments of one clip are contrasted, with a scale that begins at 1: it learns to keep time."),
    Preset(name="siglip", title="SigLIP: pair by pair", config={"loss": "sigmoid"},
           why="No softmax over the batch: each pair is a question of its own."),
    Preset(name="captions", title="Digits and captions", config={"data": "digits"},
           why="CLIP's classic use: name the classes, and it sorts pictures of them without a classifier."),
    Preset(name="fixed", title="A scale of 1 for good",
           config={"contrast": "frames", "scale": "fixed", "beside": False, "input_dropout": 0.0, "steps": 3000},
           why="However good the vectors get, the loss stays above the dotted line."),
    Preset(name="one-frame", title="One frame at a time", config={"network": "mlp"},
           why="An encoder that sees no time: a pose and a moment of sound."),
)  # fmt: skip

CHALLENGES = (
    Challenge(name="nine-of-ten-clips", title="Nine of ten clips", hint="Clip R@1 of 0.9 among 64: the default gets there.",
              solved=lambda m: m.get("heldout/clip_recall_at_1", 0) >= 0.9),
    Challenge(name="nine-of-ten-moments", title="Nine of ten moments", hint="Frame R@1 of 0.9: what has to be contrasted for that?",
              solved=lambda m: m.get("heldout/frame_recall_at_1", 0) >= 0.9),
    Challenge(name="without-a-classifier", title="Without a classifier", hint="93 % of held-out digits, sorted by captions alone.",
              solved=lambda m: m.get("heldout/zero_shot_accuracy", 0) >= 0.93),
    Challenge(name="against-the-floor", title="Against the floor", hint="A loss under 2.55 with a fixed scale of 1 and 32 frames.",
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
    experiment=_experiment,
    metrics=METRICS,
    views=VIEWS,
    code=(
        "experiment:ClipExperiment.step",
        "experiment:Arm.forward",
        "objective:Objective.forward",
        "objective:Objective.scale",
        "models.clip:info_nce",
        "models.clip:sigmoid_loss",
        "models.clip:similarity",
        "models.clip:whole_clip",
        "models.clip:Clip",
        "models.clip:SequenceEncoder",
        "models.clip:recall_at",
        "models.clip:loss_floor",
        "captions:CaptionsExperiment.step",
        "models.caption_clip:CaptionClip",
        "models.caption_clip:ImageEncoder",
        "models.caption_clip:CaptionEncoder",
        "models.caption_clip:zero_shot",
    ),
    probes=PROBES,
    presets=PRESETS,
    challenges=CHALLENGES,
    symbols=SYMBOLS,
    diagram=diagram,
    preload=("probes", "views", "caption_probes", "caption_views"),
    warm_up=_lazy("listening", "warm_up"),
)
