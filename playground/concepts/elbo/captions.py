"""Captions that depend on the model: two modes have a trap that the others have not."""

from __future__ import annotations

from typing import Any

from playground.concepts.elbo.texts import say


def of_climb(config: Any) -> str:
    return say(f"captions.climb.{config.model}")


def of_samples(config: Any) -> str:
    return say(f"captions.samples.{config.model}")


def of_more_samples(config: Any) -> str:
    return say(f"captions.more_samples.{config.model}")
