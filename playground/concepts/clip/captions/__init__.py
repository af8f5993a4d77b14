"""Handwritten digits and captions: the second setting of the CLIP tab. The declaration; loads no torch."""

from __future__ import annotations

from functools import partial

from playground.concept import Probe, Setting, View, lazy
from playground.concepts.clip.captions import questions
from playground.concepts.clip.captions.diagram import diagram
from playground.concepts.clip.config import is_dance

_lazy = partial(lazy, __name__)

VIEWS = (
    View(name="digit_matrix", place="hero", draw=_lazy("views", "digit_matrix"), every=2),
    View(name="confusion", draw=_lazy("views", "confusion"), every=5),
    View(name="caption_projection", draw=_lazy("views", "caption_projection"), every=5),
    View(name="caption_progress", draw=_lazy("views", "progress"), every=10, place="wide"),
)

PROBES = (
    Probe(name="find_digits", question=questions.FindDigits, ask=_lazy("probes", "caption_to_digits")),
    Probe(
        name="find_captions", question=questions.FindCaptions, ask=_lazy("probes", "digit_to_captions"),
        clicks={"digit_matrix": _lazy("probes", "clicked_digit")},
    ),
)  # fmt: skip

SETTING = Setting(
    name="captions",
    applies_to=lambda config: not is_dance(config),
    config={"data": "digits"},
    experiment=_lazy("experiment", "CaptionsExperiment"),
    code=(
        "captions.experiment:CaptionsExperiment.step",
        "models.caption_clip:CaptionClip",
        "models.caption_clip:ImageEncoder",
        "models.caption_clip:CaptionEncoder",
        "models.caption_clip:zero_shot",
    ),
    views=VIEWS,
    probes=PROBES,
    diagram=diagram,
)
