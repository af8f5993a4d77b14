"""The degradation curve: networks of four depths, with shortcuts and without, on the same batches."""

from __future__ import annotations

from functools import partial

from playground.concept import Setting, View, lazy
from playground.concepts.residual.config import DEPTHS, is_pair
from playground.concepts.residual.degradation.diagram import diagram

_lazy = partial(lazy, __name__)

ARMS = tuple(f"{arm}-{depth}" for depth in DEPTHS for arm in ("plain", "residual"))
"""Names of the eight networks."""

DEGRADATION = Setting(
    name="degradation",
    applies_to=lambda config: not is_pair(config),
    config={"networks": "depths"},
    experiment=_lazy("experiment", "DegradationExperiment"),
    code=(
        "degradation.experiment:DegradationExperiment.step",
        "learner:Learner.step",
        "models.residual:Block.forward",
        "models.residual:DeepNet.states",
        "models.residual:deep_mlp",
        "models.residual:initialise",
    ),
    views=(
        View(name="degradation", draw=_lazy("views", "degradation"), place="hero"),
        View(name="depth_losses", draw=_lazy("views", "depth_losses"), every=5, place="wide"),
        View(name="depth_gradients", draw=_lazy("views", "depth_gradients"), every=5),
        View(name="depth_accuracies", draw=_lazy("views", "depth_accuracies"), every=5),
    ),
    diagram=diagram,
)
