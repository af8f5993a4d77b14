"""Handwritten digits: the setting of the GAN tab with a small DCGAN, judged by a fixed classifier."""

from __future__ import annotations

from functools import partial
from typing import Any

from playground.concept import Probe, Setting, View, lazy
from playground.concepts.gan.config import is_can, is_digits
from playground.concepts.gan.digits.diagram import diagram
from playground.concepts.gan.digits.questions import Neighbours, Walk

_lazy = partial(lazy, __name__)

DIGITS_CONFIG: dict[str, Any] = {
    "data": "digits", "noise": 64, "lr_g": 4e-3, "lr_d": 4e-3, "batch": 32, "steps": 2500,
}  # fmt: skip
"""Knobs with which a DCGAN learns to make digits in 2,500 steps."""


def _is_gan(config: Any) -> bool:
    return not is_can(config)


DIGITS = Setting(
    name="digits",
    applies_to=is_digits,
    config=DIGITS_CONFIG,
    experiment=_lazy("experiment", "DigitsExperiment"),
    code=(
        "digits.experiment:DigitsExperiment.step",
        "digits.experiment:DigitsExperiment.discriminator_half",
        "digits.experiment:DigitsExperiment.generator_half",
        "models.dcgan:DigitGenerator",
        "models.dcgan:DigitDiscriminator",
    ),
    views=(
        View(name="samples", place="hero", draw=_lazy("views", "samples"), every=2),
        View(name="judged", draw=_lazy("views", "judged"), every=25),
        View(name="digit_quality", draw=_lazy("views", "quality"), every=25, applies_to=_is_gan),
        View(name="digit_style", draw=_lazy("views", "style"), every=25, applies_to=is_can),
        View(name="interpolation", draw=_lazy("views", "interpolation"), every=25, place="more"),
        View(name="neighbours", draw=_lazy("views", "neighbours"), every=25, place="more"),
    ),
    probes=(
        Probe(
            name="nearest",
            question=Neighbours,
            ask=_lazy("probes", "neighbours"),
            clicks={"samples": _lazy("probes", "clicked_digit")},
        ),
        Probe(name="walk", question=Walk, ask=_lazy("probes", "between")),
    ),
    diagram=diagram,
)
