"""The chart that both settings share: a pure function of (experiment, history)."""

from __future__ import annotations

import math
from typing import Any

from playground.concept import Figure, History
from playground.concepts.gan.texts import say
from playground.figures.base import figure
from playground.figures.charts import RIGHT, curve, level, two_charts
from playground.palette import CLASS_COLOURS, HIGHLIGHT, NEUTRAL, NOTES, STANDARD


def beliefs(experiment: Any, history: History) -> Figure:
    """How sure the discriminator is of real and of generated samples (left), and both losses (right)."""
    words = say.part("figures.beliefs")
    sure = [curve(history, "discriminator/on_real", words("on_real"), STANDARD, width=2),
            curve(history, "discriminator/on_generated", words("on_generated"), NOTES, width=2)]  # fmt: skip
    losses = [curve(history, "discriminator/loss", words("discriminator_loss"), HIGHLIGHT, width=1.5),
              curve(history, "generator/loss", words("generator_loss"), CLASS_COLOURS[5], width=1.5)]  # fmt: skip
    lines = [level(0.5, NEUTRAL, "x domain", width=1.5)] if has_probabilities(experiment.config.loss) else []
    lines += [level(value, NEUTRAL, "x2 domain", "y2", width=1.5) for value in losses_at_rest(experiment.config.loss)]
    return figure(
        [*sure, *(loss | RIGHT for loss in losses)], "beliefs", shapes=lines, showlegend=True,
        **two_charts(words("belief"), words("losses"), yaxis={"range": [0, 1.03]}),
    )  # fmt: skip


def has_probabilities(loss: str) -> bool:
    return loss in ("minimax", "non-saturating")


def losses_at_rest(loss: str) -> list[float]:
    """The losses of a discriminator that can't tell, σ(D) = ½, and of its generator: −2 ln ½, and −ln ½ or ln ½."""
    if not has_probabilities(loss):
        return []
    return [2 * math.log(2), math.log(2) * (-1 if loss == "minimax" else 1)]
