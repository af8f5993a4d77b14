"""Variational EM: a Gaussian mixture whose bound is raised by E-steps and M-steps in turn."""

from __future__ import annotations

from functools import partial

from playground.concept import Setting, View, lazy
from playground.concepts.elbo.config import is_em
from playground.concepts.elbo.em.diagram import diagram
from playground.concepts.elbo.media import MIXTURE

_lazy = partial(lazy, __name__)

ARMS = ("exact", "restricted")

EM = Setting(
    name="em",
    applies_to=is_em,
    config={"model": "mixture", "steps": 60},
    experiment=_lazy("experiment", "EMExperiment"),
    code=(
        "em.experiment:EMExperiment.step",
        "em.experiment:EMExperiment.e_step",
        "em.experiment:EMExperiment.m_step",
        "models.gaussian_mixture:GaussianMixture",
        "models.gaussian_mixture:responsibilities",
        "models.gaussian_mixture:maximised",
        "models.gaussian_mixture:bound",
    ),
    views=(
        View(name="mixture", draw=_lazy("views", "mixture"), place="hero", medium=MIXTURE),
        View(name="touching", draw=_lazy("views", "touching"), place="wide"),
        View(name="bounds", draw=_lazy("views", "bounds"), place="wide"),
    ),
    diagram=diagram,
)
