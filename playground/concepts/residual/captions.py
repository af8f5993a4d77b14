"""Captions that depend on what the networks are: with batch norm other things are true than without."""

from __future__ import annotations

from typing import Any

from playground.concepts.residual.texts import say


def of_gradients(config: Any) -> str:
    return say(f"captions.gradients.{'zero' if config.start == 'zero' else config.norm}")


def of_activations(config: Any) -> str:
    return say(f"captions.activations.{config.norm}")
