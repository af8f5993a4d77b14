"""What one step in the plane does, for slow motion."""

from __future__ import annotations

from playground.concepts.gan.config import GanConfig
from playground.concepts.gan.diagram import players
from playground.concepts.gan.texts import say
from playground.diagram import Diagram


def diagram(config: GanConfig) -> Diagram:
    objective = "loss = self.generator_objective(fake)"
    return players(config, "PlaneExperiment", r1=say("diagram.phases.r1"), objective=objective)
