"""Variational inference: q is fitted to the posterior of one x, by hand and by training."""

from __future__ import annotations

from functools import partial

from playground.concept import Probe, Setting, View, lazy
from playground.concepts.elbo.captions import of_climb, of_more_samples, of_samples
from playground.concepts.elbo.config import is_inference
from playground.concepts.elbo.diagram import diagram
from playground.concepts.elbo.media import BOUND, DERIVATION
from playground.concepts.elbo.questions import Estimates, Importance

_lazy = partial(lazy, __name__)

INFERENCE = Setting(
    name="inference",
    applies_to=is_inference,
    experiment=_lazy("experiment", "InferenceExperiment"),
    code=(
        "inference.experiment:InferenceExperiment.step",
        "inference.experiment:InferenceExperiment.train",
        "inference.experiment:InferenceExperiment.objective",
        "models.elbo:surrogate",
        "models.elbo:elbo",
        "models.elbo:reconstruction",
        "models.elbo:kl_to_prior",
        "models.elbo:iwae_bound",
        "models.elbo:Model",
        "models.elbo:Q",
    ),
    views=(
        View(name="bound", draw=_lazy("bound", "bound"), place="hero", medium=BOUND),
        View(name="climb", draw=_lazy("views", "climb"), every=2, place="wide", caption=of_climb),
        View(name="samples", draw=_lazy("importance", "samples"), every=2, caption=of_samples),
        View(name="more_samples", draw=_lazy("importance", "more_samples"), every=5, caption=of_more_samples),
        View(name="estimates", draw=_lazy("gradients", "estimates"), every=20, place="more"),
        View(name="derivation", draw=_lazy("derivation", "derivation"), every=10, place="more", medium=DERIVATION),
    ),
    probes=(
        Probe(name="importance", question=Importance, ask=_lazy("importance", "importance")),
        Probe(name="gradients", question=Estimates, ask=_lazy("gradients", "gradients")),
    ),
    diagram=diagram,
)
