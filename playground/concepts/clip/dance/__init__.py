"""Dance and its music: the first setting of the CLIP tab. The declaration; loads no torch."""

from __future__ import annotations

from functools import partial

from playground.concept import Probe, Setting, View, lazy
from playground.concepts.clip.config import ClipConfig, is_dance
from playground.concepts.clip.dance import questions
from playground.concepts.clip.dance.diagram import diagram
from playground.concepts.clip.dance.media import DANCE
from playground.concepts.clip.texts import say

_lazy = partial(lazy, __name__)


def _of_progress(config: ClipConfig) -> str:
    return say(f"views.progress.caption.{'fixed_scale' if config.scale == 'fixed' else 'learned_scale'}")


def _has_notes(config: ClipConfig) -> bool:
    return config.with_frame_objective


VIEWS = (
    View(name="clip_matrix", place="hero", draw=_lazy("views", "clip_matrix"), every=2),
    View(name="frame_matrix", draw=_lazy("views", "frame_matrix"), every=5),
    View(name="projection", draw=_lazy("views", "projection"), every=5),
    View(name="progress", draw=_lazy("views", "progress"), every=10, place="wide", caption=_of_progress),
    View(
        name="notes_clip_matrix", draw=_lazy("views", "notes_clip_matrix"), every=10, place="more",
        applies_to=_has_notes,
    ),
    View(
        name="notes_frame_matrix", draw=_lazy("views", "notes_frame_matrix"), every=10, place="more",
        applies_to=_has_notes,
    ),
    View(name="retrieval", draw=_lazy("views", "retrieval"), every=20, place="more"),
    View(name="scales", draw=_lazy("views", "scales"), every=20, place="more"),
    View(name="gap", draw=_lazy("views", "gap"), every=20, place="more"),
)  # fmt: skip

PROBES = (
    Probe(
        name="pair", question=questions.Pair, ask=_lazy("probes", "pair"), medium=DANCE, live=False,
        clicks={"clip_matrix": _lazy("probes", "clicked_pair")},
    ),
    Probe(
        name="find_dance", question=questions.FindDance, prepare=_lazy("sound_features", "features_of_upload"),
        ask=_lazy("probes", "find_dance"), medium=DANCE, live=False,
    ),
    Probe(
        name="find_music", question=questions.FindMusic, ask=_lazy("probes", "find_music"), medium=DANCE, live=False,
    ),
)  # fmt: skip

SETTING = Setting(
    name="dance",
    applies_to=is_dance,
    experiment=_lazy("experiment", "DanceExperiment"),
    code=(
        "dance.experiment:DanceExperiment.step",
        "dance.experiment:DanceExperiment.train",
        "models.clip:whole_clip",
        "models.clip:Clip",
        "models.clip:SequenceEncoder",
        "models.clip:recall_at",
    ),
    views=VIEWS,
    probes=PROBES,
    diagram=diagram,
)
