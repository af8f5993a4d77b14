"""Amortised inference: one network answers with a q for every x."""

from __future__ import annotations

from functools import partial

from playground.concept import Setting, View, lazy
from playground.concepts.elbo.amortised.diagram import diagram
from playground.concepts.elbo.config import is_amortised
from playground.concepts.elbo.media import BOUND

_lazy = partial(lazy, __name__)

AMORTISED = Setting(
    name="amortised",
    applies_to=is_amortised,
    config={"model": "amortised"},
    experiment=_lazy("experiment", "AmortisedExperiment"),
    code=(
        "amortised.experiment:AmortisedExperiment.step",
        "models.amortised:Encoder",
        "models.amortised:bounds",
        "models.elbo:Model",
    ),
    views=(
        View(name="amortised", draw=_lazy("views", "amortised"), place="hero", medium=BOUND),
        View(name="gaps", draw=_lazy("views", "gaps"), every=5, place="wide"),
        View(name="answers", draw=_lazy("views", "answers"), every=5, place="wide"),
    ),
    diagram=diagram,
)
