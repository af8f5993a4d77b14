"""The models of the tab with their numbers, and what is known of them exactly: evidence and posterior on a grid."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor

from models.elbo import Model, log_normal
from playground.concepts.elbo.config import ElboConfig

LINEAR = Model(a=0.0, b=2.0, s=math.sqrt(0.5))
MODES = Model(a=0.5, b=0.15, s=0.25)
CURVED = Model(a=1.0, b=0.0, s=0.3, size=2)
MODELS = {"linear": LINEAR, "modes": MODES, "curved": CURVED, "amortised": MODES}

REACH, NODES = 10.0, 8001
"""The grid of z₁ goes from −REACH to REACH; sums over it are integrals to the precision of float64."""
SIDE, SIDE_REACH = 161, 4.0
"""The grid of the plane of (z₁, z₂), for pictures and for averages over the posterior of the curved model."""


def model_of(config: ElboConfig) -> Model:
    return MODELS[config.model]


@lru_cache(maxsize=256)
def log_evidence(model: Model, x: float) -> float:
    """log p(x): in closed form for the linear model; else an integral over z₁, from which z₂ is integrated out."""
    if model.a == 0 and model.size == 1:
        return log_normal(torch.tensor(x, dtype=torch.float64), 0.0, math.hypot(model.b, model.s)).item()
    z = torch.linspace(-REACH, REACH, NODES, dtype=torch.float64)
    spread = math.hypot(model.s, 1.0) if model.size == 2 else model.s
    likelihood = log_normal(model.a * z**2 + model.b * z, x, spread)
    heights = likelihood + log_normal(z, 0.0, 1.0)
    return (heights.logsumexp(0) + math.log(2 * REACH / (NODES - 1))).item()


@dataclass(frozen=True)
class Posterior:
    """p(z|x) as weights of places."""

    z: Tensor
    """(places, size)"""
    weight: Tensor
    """(places,), which sum to 1"""


@lru_cache(maxsize=16)
def posterior(model: Model, x: float) -> Posterior:
    if model.size == 1:
        z = torch.linspace(-REACH, REACH, NODES, dtype=torch.float64)[:, None]
    else:
        axis = torch.linspace(-SIDE_REACH, SIDE_REACH, SIDE, dtype=torch.float64)
        z = torch.cartesian_prod(axis, axis)
    return Posterior(z, model.log_joint(x, z).softmax(0))
