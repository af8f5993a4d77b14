"""Points of the plane: the setting in which one sees what the networks make of every place."""

from __future__ import annotations

from functools import partial

from playground.concept import View, lazy
from playground.concepts.residual.media import FLOW

_lazy = partial(lazy, __name__)

VIEWS = (
    View(name="boundaries", draw=_lazy("views", "boundaries"), every=5, place="wide"),
    View(name="flow", draw=_lazy("flow", "flow"), every=10, place="wide", medium=FLOW),
)
