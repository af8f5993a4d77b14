"""What the networks learn to classify: digits, or points of the plane."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from playground.concepts.residual.config import ResidualConfig
from playground.data import points
from playground.data.mnist import load_digits

TRAIN, HELDOUT = 2000, 500
"""Points of the plane."""


@dataclass(frozen=True)
class Examples:
    x: Tensor
    """(training examples, inputs), of images (training examples, 1, 14, 14)"""
    y: Tensor
    """(training examples,) whole numbers"""
    heldout_x: Tensor
    heldout_y: Tensor
    classes: int


def load_examples(config: ResidualConfig) -> Examples:
    """The same config gives the same examples; points are drawn by its seed."""
    if config.data in ("digits", "images"):
        digits = load_digits()
        x, heldout_x = torch.from_numpy(digits.train_images), torch.from_numpy(digits.heldout_images)
        if config.data == "images":
            x, heldout_x = halved(x), halved(heldout_x)
        y, heldout_y = torch.from_numpy(digits.train_labels), torch.from_numpy(digits.heldout_labels)
        return Examples(x, y, heldout_x, heldout_y, classes=10)
    draw = {"spirals": points.two_spirals, "moons": points.two_moons}[config.data]
    places, labels = draw(np.random.default_rng(config.seed), TRAIN + HELDOUT)
    x, y = torch.from_numpy(places.astype(np.float32)), torch.from_numpy(labels)
    return Examples(x[:TRAIN], y[:TRAIN], x[TRAIN:], y[TRAIN:], classes=2)


def halved(images: Tensor) -> Tensor:
    """(n, 784) → (n, 1, 14, 14): the mean of each two by two pixels."""
    return F.avg_pool2d(images.view(-1, 1, 28, 28), 2)
