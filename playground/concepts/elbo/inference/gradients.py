"""Three estimators of ∂ELBO/∂μ, μ being the first number of q's (first) mean: many estimates of each, and variances."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from playground.concept import Figure, History
from playground.concepts.elbo.inference.estimators import Estimator, estimated, exact_gradient
from playground.concepts.elbo.inference.experiment import InferenceExperiment
from playground.concepts.elbo.questions import Estimates
from playground.concepts.elbo.texts import say
from playground.figures.base import figure, rounded
from playground.figures.charts import path
from playground.palette import CLASS_COLOURS, LIGHT, STANDARD

COLOURS: dict[Estimator, str] = {
    "reparameterised": STANDARD, "score": CLASS_COLOURS[5], "score-baseline": CLASS_COLOURS[9],
}  # fmt: skip
"""The lowest row of the picture comes last."""
COUNT = 500
"""Estimates of each kind."""
BINS = 31
HIGHEST = 0.62
"""Of a row, whose height is 1: the rest is for what is written above it."""


def estimates(experiment: InferenceExperiment, history: History) -> Figure:
    """Histograms of each estimator at the first arm's q; the line is the exact gradient."""
    return histograms(experiment, experiment.config.samples, seed=0)


def gradients(experiment: InferenceExperiment, question: Estimates) -> Figure:
    return histograms(experiment, question.samples, question.seed)


def histograms(experiment: InferenceExperiment, samples: int, seed: int) -> Figure:
    """A row for each estimator, on one axis; rows are scaled to the same height."""
    words = say.part("figures.estimates")
    model, x, q = experiment.model, experiment.config.x, experiment.arms.first.q
    found = estimated(model, x, q, samples, COUNT, seed)
    rows = {name: len(found) - 1 - i for i, name in enumerate(found)}
    traces, labels = [], []
    for name, values in found.items():
        title = say(f"knobs.gradient.choices.{name}")
        variance, error = variance_of(values)
        about = words("variance", estimator=title, variance=significant(variance), error=significant(error))
        traces.append(silhouette(values, rows[name], COLOURS[name]) | {"name": title})
        labels.append({"text": about, "xref": "paper", "x": 0, "xanchor": "left", "y": rows[name] + HIGHEST,
                       "yanchor": "bottom", "showarrow": False})  # fmt: skip
    exact = exact_gradient(model, x, q)
    line = path([exact, exact], [0, len(found)], LIGHT["ink-soft"], width=1.5, dash="dot")
    return figure(
        [*traces, line | {"name": words("exact"), "hovertemplate": words("hover", exact=significant(exact))}],
        "estimates", annotations=labels, margin={"l": 12, "r": 12, "t": 6, "b": 6},
        xaxis={"title": {"text": words("x", samples=samples)}, "zeroline": False},
        yaxis={"range": [0, len(found)], "visible": False, "fixedrange": True},
    )  # fmt: skip


def silhouette(values: np.ndarray, row: int, colour: str) -> dict[str, Any]:
    """A histogram as a filled line of steps that stands on its row."""
    middle, least = values.mean(), 1e-9 * max(1.0, np.abs(values).max())  # estimates that are all the same have a width
    edges = np.linspace(min(values.min(), middle - least), max(values.max(), middle + least), BINS + 1)
    counts = np.histogram(values, edges)[0]
    x = np.repeat(edges, 2)
    y = np.concatenate([[0], np.repeat(counts / counts.max(), 2), [0]]) * HIGHEST + row
    return path(significant_all(x), rounded(y), colour, width=1) | {"fill": "toself", "hoverinfo": "skip"}


def variance_of(values: np.ndarray) -> tuple[float, float]:
    """The sample variance, and its standard error from the fourth moment."""
    n, variance = len(values), values.var(ddof=1)
    fourth = ((values - values.mean()) ** 4).mean()
    return float(variance), math.sqrt(max(fourth - variance**2 * (n - 3) / (n - 1), 0) / n)


def significant(value: float) -> str:
    """Three digits, with a true minus sign."""
    return f"{value:.3g}".replace("-", "−")


def significant_all(values: np.ndarray) -> list[float]:
    return [float(f"{value:.6g}") for value in values]
