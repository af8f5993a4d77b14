"""The real points of the plane, and what is known of the distribution that they come from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from playground.concepts.gan.config import GanConfig
from playground.data import drawn, points

COUNT = 20_000
REACH = drawn.REACH
"""The plane is shown from −REACH to REACH."""
NEAR = 0.1
"""A generated point is a good one of a curve if a real one is so near."""


@dataclass(frozen=True)
class Mixture:
    """Equally likely round Gaussians: the modes, or CAN's styles."""

    centres: np.ndarray
    """(K, 2)"""
    sigma: float


MIXTURES = {
    "ring": Mixture(points.ring_centres(), points.SIGMA),
    "grid": Mixture(points.grid_centres(), points.GRID_SIGMA),
    "styles": Mixture(points.style_centres(), points.STYLE_SIGMA),
}


@dataclass(frozen=True)
class Real:
    points: Tensor
    """(COUNT, 2)"""
    style: Tensor
    """(COUNT,) the Gaussian that each comes from; 0 where there are none"""
    mixture: Mixture | None


def real_points(config: GanConfig) -> Real:
    """Draws by the config's seed; the same config gives the same points."""
    random = np.random.default_rng(config.seed)
    mixture = MIXTURES.get(config.data)
    if mixture:
        found, which = points.mixture(random, COUNT, mixture.centres, mixture.sigma)
    else:
        which = np.zeros(COUNT, np.int64)
        if config.data == "drawn":
            found = drawn.draws(config.drawing, random, COUNT)
        else:
            found = points.DISTRIBUTIONS[config.data](random, COUNT)
    return Real(torch.from_numpy(found.astype(np.float32)), torch.from_numpy(which), mixture)
