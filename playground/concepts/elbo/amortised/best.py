"""The best Gaussian q for each x alone, which an encoder's answers are compared with."""

from __future__ import annotations

from functools import lru_cache

import torch
from torch import Tensor

from models.amortised import bounds
from models.elbo import Model

REACH, NODES, ZOOMS, ZOOM_NODES = 5.0, 401, 6, 21
"""The mean is first sought at NODES places from −REACH to REACH, then ZOOMS times between the best one's neighbours: in
the end at places that are 2.5e-8 apart."""


def best_gaussians(model: Model, x: Tensor) -> tuple[Tensor, Tensor]:
    """(n,) → means and log σ, (n,) each, of the Gaussians with the largest ELBO over all means and widths.

    All means are tried, and not followed uphill from one: where the posterior has two modes, the ELBO has two maxima.
    """
    middle, reach, nodes = torch.zeros(len(x), 1, dtype=torch.float64), REACH, NODES
    for _ in range(1 + ZOOMS):
        mean = middle + reach * torch.linspace(-1, 1, nodes, dtype=torch.float64)  # (n, nodes)
        each = x[:, None].expand_as(mean)
        log_sigma = best_log_sigma(model, each, mean)
        best = bounds(model, each, mean, log_sigma).argmax(1, keepdim=True)
        middle = mean.gather(1, best)
        reach, nodes = 2 * reach / (nodes - 1), ZOOM_NODES
    return middle[:, 0], log_sigma.gather(1, best)[:, 0]


def best_log_sigma(model: Model, x: Tensor, mean: Tensor) -> Tensor:
    """Log of the best σ for each mean: ∂ELBO/∂σ² = 0 is the quadratic equation A σ⁴ + B σ² = 1.

    A = 6 a²/s², B = 1 + (f′(mean)² − 2 a (x − f(mean)))/s²
    """
    slope = 2 * model.a * mean + model.b
    a = 6 * model.a**2 / model.s**2
    b = 1 + (slope**2 - 2 * model.a * (x - model.mean(mean[..., None]))) / model.s**2
    root = (b**2 + 4 * a).sqrt()
    # The two forms of the positive root: the first loses its digits for b ≪ 0, the second for b ≫ 0.
    return torch.where(b > 0, 2 / (b + root), (root - b) / (2 * a)).log() / 2


@lru_cache(maxsize=256)
def best_at(model: Model, x: float) -> tuple[Tensor, Tensor]:
    """Mean and log σ, (1,) each, of the best Gaussian for one x."""
    return best_gaussians(model, torch.tensor([x], dtype=torch.float64))
