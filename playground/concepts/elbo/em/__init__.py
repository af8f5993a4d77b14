"""Variational EM: a Gaussian mixture whose bound is raised by E-steps and M-steps in turn."""

from __future__ import annotations

from functools import partial

from playground.concept import Setting, View, lazy
from playground.concepts.elbo.config import ElboConfig, is_em
from playground.concepts.elbo.em.diagram import diagram
from playground.concepts.elbo.media import MIXTURE
from playground.concepts.elbo.texts import say

_lazy = partial(lazy, __name__)

ARMS = ("exact", "restricted")


def touching_caption(config: ElboConfig) -> str:
    words = say.part("captions.touching")
    return words("hard" if config.restricted == "hard" else "shared")


EM = Setting(
    name="em",
    applies_to=is_em,
    config={"model": "mixture", "steps": 60},
    experiment=_lazy("experiment", "EMExperiment"),
    code=(
        "em.experiment:EMExperiment.step",
        "em.experiment:EMExperiment.e_step",
        "em.experiment:EMExperiment.m_step",
        "em.experiment:EMExperiment.measured",
        "models.gaussian_mixture:GaussianMixture",
        "models.gaussian_mixture:responsibilities",
        "models.gaussian_mixture:maximised",
        "models.gaussian_mixture:bound",
        "models.gaussian_mixture:log_likelihood",
    ),
    views=(
        View(name="mixture", draw=_lazy("views", "mixture"), place="hero", medium=MIXTURE),
        View(name="touching", draw=_lazy("views", "touching"), place="wide", caption=touching_caption),
        View(name="bounds", draw=_lazy("views", "bounds"), place="wide"),
    ),
    diagram=diagram,
)
