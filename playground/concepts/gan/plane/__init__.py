"""Points in the plane: the setting of the GAN tab in which one sees the discriminator's field and its gradients."""

from __future__ import annotations

from functools import partial
from typing import Any

from playground.concept import Probe, Setting, View, lazy
from playground.concepts.gan.config import is_can, is_plane
from playground.concepts.gan.plane.diagram import diagram
from playground.concepts.gan.plane.media import DUEL
from playground.concepts.gan.plane.questions import Cut

_lazy = partial(lazy, __name__)


def _is_gan(config: Any) -> bool:
    return not is_can(config)


PLANE = Setting(
    name="plane",
    applies_to=is_plane,
    experiment=_lazy("experiment", "PlaneExperiment"),
    code=(
        "plane.experiment:PlaneExperiment.step",
        "plane.experiment:PlaneExperiment.discriminator_half",
        "plane.experiment:PlaneExperiment.generator_half",
        "plane.experiment:PlaneExperiment.generator_objective",
        "models.gan_networks:Generator",
        "models.gan_networks:Discriminator",
    ),
    views=(
        View(name="points", place="hero", draw=_lazy("field", "points"), medium=DUEL),
        View(name="noise_map", draw=_lazy("views", "noise_map"), every=5, applies_to=_is_gan),
        View(name="style", draw=_lazy("views", "style"), every=10, applies_to=is_can),
        View(name="quality", draw=_lazy("views", "quality"), every=10),
    ),
    probes=(
        Probe(name="cut", question=Cut, ask=_lazy("probes", "cut"), clicks={"points": _lazy("probes", "clicked_cut")}),
    ),
    diagram=diagram,
)
