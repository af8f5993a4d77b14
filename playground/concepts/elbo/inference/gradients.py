"""Three estimators of ∂ELBO/∂μ, μ being the first number of q's (first) mean: many estimates of each, and variances."""

from __future__ import annotations

import math
from functools import partial
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor

from models import elbo
from models.elbo import Gradient, Model, Q
from playground.concept import Figure, History
from playground.concepts.elbo.inference.experiment import InferenceExperiment
from playground.concepts.elbo.questions import Estimates
from playground.concepts.elbo.texts import say
from playground.figures.base import figure, rounded
from playground.figures.charts import path
from playground.palette import CLASS_COLOURS, LIGHT, STANDARD

Estimator = Literal["reparameterised", "score", "score-baseline"]
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


def gradient_variance(model: Model, x: float, q: Q, how: Gradient, samples: int, count: int = 200) -> float:
    """Variance of an estimate of ∂ELBO/∂μ from so many samples; draws on a generator of its own."""
    return 0.0 if how == "exact" else estimated(model, x, q, samples, count, seed=0)[how].var(ddof=1).item()


def estimated(model: Model, x: float, q: Q, samples: int, count: int, seed: int) -> dict[Estimator, np.ndarray]:
    """(count,) estimates of each kind, all of the same noise: the gradients of `models.elbo.surrogate`, all at once."""
    own = torch.Generator().manual_seed(seed)
    noise = torch.randn(count * samples, model.size, generator=own, dtype=torch.float64)
    log_w, score, moved = (of_draws.view(-1, count, samples) for of_draws in derivatives(model, x, q, noise))
    weigh = partial(torch.einsum, "k,kcs->cs", q.weight.detach())
    average = weigh(log_w)  # (count, samples)
    others = (average.sum(1, keepdim=True) - average) / (samples - 1)
    found = {
        "reparameterised": weigh(moved), "score": weigh(log_w * score),
        "score-baseline": weigh((log_w - others) * score),
    }  # fmt: skip
    return {name: found[name].mean(1).numpy() for name in COLOURS}


@torch.no_grad()
def derivatives(model: Model, x: float, q: Q, noise: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Of draws from each part: log w, ∂ log q(z)/∂μ of a fixed z, ∂ log w/∂μ of z = m + L ε; each (parts, draws)."""
    z = q.sample(noise)  # (parts, draws, size)
    precision = torch.linalg.inv(q.root @ q.root.mT)
    pull = torch.stack([((z - q.mean[j]) @ precision[j])[..., 0] for j in range(len(z))])  # −∂ log N_j(z)/∂z₁
    if len(z) > 1:  # of one number: the share of each part in the density of q
        heights = elbo.log_normal(z[..., 0], q.mean[:, :, None], q.log_sigma.exp()[:, :, None])
        pull *= (heights + q.weight.log()[:, None, None]).softmax(0)
    score = pull[0]
    moved = -score  # draws from the other parts stay where they are
    moved[0] = slope_of_joint(model, x, z[0]) + pull[1:, 0].sum(0)
    return elbo.log_weights(model, x, q, z), score, moved


def slope_of_joint(model: Model, x: float, z: Tensor) -> Tensor:
    """(draws,) ∂ log p(x, z)/∂z₁"""
    with torch.enable_grad():
        z = z.requires_grad_()
        (slope,) = torch.autograd.grad(model.log_joint(x, z).sum(), z)
    return slope[:, 0]


def exact_gradient(model: Model, x: float, q: Q) -> float:
    with torch.enable_grad():
        (gradient,) = torch.autograd.grad(elbo.elbo(model, x, q), q.mean)
    return gradient[0, 0].item()


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
