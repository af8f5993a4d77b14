"""What one training step does with each pair of networks, for slow motion."""

from __future__ import annotations

from playground.concepts.residual.config import ResidualConfig
from playground.concepts.residual.diagram import networks
from playground.diagram import Diagram


def diagram(config: ResidualConfig) -> Diagram:
    return networks(config, "DegradationExperiment.step")
