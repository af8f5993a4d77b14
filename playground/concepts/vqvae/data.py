"""What the VQ-VAE learns from: digits, or points of the plane, as tensors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from playground.data.mnist import load_digits
from playground.data.points import DISTRIBUTIONS

POINTS, HELDOUT_POINTS = 4000, 500


@dataclass(frozen=True)
class Examples:
    train: Tensor
    """(n, 784) grey values or (n, 2) points"""
    heldout: Tensor
    images: bool
    mean: Tensor
    """Of the training examples; what a model that knows nothing would answer."""
    variance: float
    """Mean squared distance of a training value from its mean: the unit of the reconstruction error."""

    def nmse(self, x: Tensor, reconstruction: Tensor) -> float:
        """Squared error as a share of what the training mean alone would leave."""
        return ((x - reconstruction).pow(2).sum() / (x - self.mean).pow(2).sum()).item()


def examples(data: str) -> Examples:
    if data == "digits":
        digits = load_digits()
        train, heldout = digits.train_images, digits.heldout_images
    else:
        drawn = DISTRIBUTIONS[data](np.random.default_rng(0), POINTS + HELDOUT_POINTS).astype(np.float32)
        train, heldout = drawn[:POINTS], drawn[POINTS:]
    x = torch.from_numpy(train)
    mean = x.mean(0)
    return Examples(x, torch.from_numpy(heldout), data == "digits", mean, (x - mean).pow(2).mean().item())
