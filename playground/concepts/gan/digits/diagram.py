"""What one step on digits does, for slow motion."""

from __future__ import annotations

from playground.concepts.gan.config import GanConfig
from playground.concepts.gan.diagram import players
from playground.concepts.gan.texts import say
from playground.diagram import Diagram


def diagram(config: GanConfig) -> Diagram:
    objective = "loss = gan.generator_loss("
    return players(config, "DigitsExperiment", r1=say("diagram.phases.r1_rarely"), objective=objective)
