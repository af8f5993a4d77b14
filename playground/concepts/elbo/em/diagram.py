"""What one training step does, for slow motion."""

from __future__ import annotations

from playground.concepts.elbo.config import ElboConfig
from playground.diagram import Diagram


def diagram(config: ElboConfig) -> Diagram:
    return Diagram((), (), ())
