"""What visitors may try to reach. Accuracies are held out; each one asks for networks that have learned something."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playground.concept import Challenge, Metrics
from playground.concepts.residual.config import is_pair

DIGIT_DATA = ("digits", "images")


def accuracy(metrics: Metrics, arm: str) -> float:
    return metrics.get(f"{arm}/heldout/accuracy", 0.0)


def drop(metrics: Metrics, arm: str) -> float:
    """What a cut costs; not known before it is measured."""
    return metrics.get(f"{arm}/lesion_drop", float("nan"))


def digits_with(condition: Callable[[Any], bool]) -> Callable[[Any], bool]:
    """The configs of a pair of networks for digits on which a condition holds."""
    return lambda config: is_pair(config) and config.data in DIGIT_DATA and condition(config)


def degrades(metrics: Metrics) -> bool:
    plain, shortcut = (
        {depth: metrics.get(f"{arm}-{depth}/train/loss", float("nan")) for depth in (8, 56)}
        for arm in ("plain", "residual")
    )
    return plain[8] <= 0.2 and plain[56] >= 1 and shortcut[56] <= 0.2


CHALLENGES = (
    Challenge(
        name="train-56-layers",
        solved=lambda m: accuracy(m, "residual") >= 0.9,
        applies_to=digits_with(lambda c: c.depth >= 56),
    ),
    Challenge(
        name="no-difference",
        solved=lambda m: min(accuracy(m, "plain"), accuracy(m, "residual")) >= 0.9,
        applies_to=digits_with(lambda c: c.depth >= 8),
    ),
    Challenge(
        name="one-survives",
        solved=lambda m: (
            min(accuracy(m, "plain"), accuracy(m, "residual")) >= 0.85
            and drop(m, "plain") >= 0.5
            and drop(m, "residual") <= 0.05
        ),
        applies_to=digits_with(lambda c: c.depth >= 14),
    ),
    Challenge(
        name="spare-blocks",
        solved=lambda m: accuracy(m, "residual") >= 0.9 and drop(m, "residual") <= 0.004,
        applies_to=digits_with(lambda c: 14 <= c.depth <= 20),
    ),
    Challenge(
        name="no-norm",
        solved=lambda m: accuracy(m, "residual") >= 0.9,
        applies_to=digits_with(lambda c: c.depth >= 40 and c.norm == "none"),
    ),
    Challenge(
        name="degradation",
        solved=degrades,
        applies_to=lambda c: not is_pair(c) and c.data == "digits",
    ),
    Challenge(
        name="deep-and-plain",
        solved=lambda m: accuracy(m, "plain") >= 0.85,
        applies_to=digits_with(lambda c: c.depth >= 32),
    ),
)
