"""What one training step does, for slow motion: the same batch through both networks."""

from __future__ import annotations

from typing import Any

from playground.concepts.residual.config import ResidualConfig
from playground.concepts.residual.texts import say
from playground.diagram import Arrow, Diagram, Lit, Part, Phase

UP: tuple[Lit, ...] = (
    ("x", "plain_first"), ("plain_first", "plain_F"), ("plain_F", "plain_last"), ("plain_last", "plain_loss"),
    ("x", "first"), ("first", "F"), ("F", "sum"), ("first", "sum"), ("sum", "last"), ("last", "loss"),
)  # fmt: skip
NETWORKS: tuple[Lit, ...] = ("plain_first", "plain_F", "plain_last", "first", "F", "last")


def diagram(config: ResidualConfig) -> Diagram:
    return networks(config, "PairExperiment.step")


def networks(config: Any, step: str) -> Diagram:
    """step: the function that draws the batch"""
    words = say.part("diagram.parts")
    parts = (
        Part("x", "x", 4, 15, "x"),
        Part("plain_first", words("first"), 18, 5, kind="network"),
        Part("plain_F", "F", 42, 5, "F", kind="network"),
        Part("plain_last", words("last"), 72, 5, kind="network"),
        Part("plain_loss", words("plain_loss"), 91, 5, kind="loss"),
        Part("first", words("first"), 18, 25, kind="network"),
        Part("F", "F", 36, 17, "F", kind="network"),
        Part("sum", "+", 54, 25),
        Part("last", words("last"), 72, 25, kind="network"),
        Part("loss", words("residual_loss"), 91, 25, kind="loss"),
    )
    arrows = tuple(Arrow(*pair, gradient=pair[0] != "x") for pair in UP if isinstance(pair, tuple))
    drawn, phases, learn = Diagram(parts, arrows, ()), say.part("diagram.phases"), "Learner.step"
    return Diagram(parts, arrows, (
        Phase(phases("batch"), ("x",), "x, y = self.data.x[chosen], self.data.y[chosen]", step),
        Phase(phases("up"), UP[:3] + UP[4:9], "h = self.net.states(x, cut=dropped)", learn),
        Phase(phases("loss"), (UP[3], UP[9]), "loss = F.cross_entropy(self.net.head(h[-1]), y)", learn),
        Phase(phases("gradients"), drawn.differentiable, "loss.backward()", learn, backward=True),
        Phase(phases("update"), NETWORKS, "self.optimiser.step()", learn),
    ))  # fmt: skip
