"""Draws from q, and estimates of the ELBO's gradient that are made of them."""

from __future__ import annotations

from functools import partial
from typing import Literal, get_args

import numpy as np
import torch
from torch import Tensor

from models import elbo
from models.elbo import Gradient, Model, Q

Estimator = Literal["reparameterised", "score", "score-baseline"]
ESTIMATORS: tuple[Estimator, ...] = get_args(Estimator)


def evenly(count: int) -> Tensor:
    """(count,) numbers in [0, 1), evenly spread, without order."""
    return (torch.arange(count) * 0.6180339887) % 1


def drawn(q: Q, noise: Tensor, place: Tensor) -> Tensor:
    """(draws, size) draws from q; noise: (draws, size); place: (draws,) in [0, 1), says of which part a draw is."""
    z = q.sample(noise)  # (parts, draws, size)
    part = (place >= q.weight[0]).long() if len(z) > 1 else torch.zeros(len(noise), dtype=torch.long)
    return z[part, torch.arange(len(noise))]


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
    return {name: found[name].mean(1).numpy() for name in ESTIMATORS}


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
