"""Pictures made of pixels: code maps in the colours of the codes, decoded patches, digits with places marked."""

from __future__ import annotations

from functools import cache

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from models.quantiser import uses
from playground.concepts.vqvae.colours import code_colours
from playground.concepts.vqvae.experiment import VQVAEExperiment
from playground.data.mnist import first_of_each, load_digits
from playground.figures.base import grey

SIDE, PLACES, CELL = 7, 49, 4
"""A digit has 7×7 places of 4×4 pixels."""
BANK = 5
"""Digits in a row of the picture of maps."""
COLUMNS = 12
"""Codes a row, where the whole codebook is shown."""
RIM, DECODED, NOWHERE = 4, 200, 0.35
"""Pixels around a place that are shown as well, digits whose places are shown, grey of a code that stands in none."""


@cache
def shown_digits() -> np.ndarray:
    """Indices of the first held-out digit of each class."""
    return first_of_each(load_digits().heldout_labels)


def rgb(images: Tensor) -> np.ndarray:
    """(n, 784) grey values → (n, 28, 28, 3) uint8."""
    return np.repeat(grey(images.numpy()).reshape(-1, 28, 28, 1), 3, 3)


def coloured_maps(experiment: VQVAEExperiment, k: Tensor) -> np.ndarray:
    """(n, 49) codes → (n, 28, 28, 3) uint8: each place in the colour of its code."""
    cells = code_colours(experiment)[k.numpy()].reshape(-1, SIDE, SIDE, 3)
    return cells.repeat(CELL, 1).repeat(CELL, 2)


@torch.no_grad()
def map_sheets(experiment: VQVAEExperiment) -> np.ndarray:
    """(30, 28, 28, 3): five digits, their maps, their reconstructions; and five more."""
    x = experiment.examples.heldout[shown_digits()]
    k = experiment.codes(x)
    rows = [rgb(x), coloured_maps(experiment, k), rgb(experiment.decode_codes(k))]
    return np.concatenate([row[half] for half in (slice(0, BANK), slice(BANK, 2 * BANK)) for row in rows])


@torch.no_grad()
def patches(experiment: VQVAEExperiment) -> np.ndarray:
    """(K, 12, 12) uint8: what is decoded around the places where each code stands, the mean over held-out digits."""
    count, side = experiment.config.codes, CELL + 2 * RIM
    k = experiment.codes(experiment.examples.heldout[:DECODED])  # (n, 49)
    decoded = experiment.decode_codes(k).view(-1, 1, 28, 28)
    around = F.unfold(decoded, side, padding=RIM, stride=CELL).mT.flatten(0, 1)  # (n · 49, 144)
    total = torch.zeros(count, side**2).index_add_(0, k.flatten(), around)
    stands = uses(k.flatten(), count)
    mean = total / stands.clamp(min=1)[:, None]
    mean[stands == 0] = NOWHERE
    return grey(mean.numpy()).reshape(count, side, side)


def marked(images: Tensor, places: list[list[int]]) -> np.ndarray:
    """(n, 784) and the places of each → (n, 28, 28, 3): these places framed in a warm colour."""
    sheet = rgb(images)
    for one, at in zip(sheet, places, strict=True):
        for place in at:
            top, left = CELL * (place // SIDE), CELL * (place % SIDE)
            cell = one[top : top + CELL, left : left + CELL]
            cell[:] = (0.45 * cell + 0.55 * np.array([255, 120, 20])).astype(np.uint8)
    return sheet
