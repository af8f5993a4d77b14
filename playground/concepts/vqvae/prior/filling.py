"""New digits as they come into being: the codes in the order in which they are drawn, and the picture row by row."""

from __future__ import annotations

import torch
from torch import Tensor

from playground.concept import Figure
from playground.concepts.vqvae.colours import code_colours, css
from playground.concepts.vqvae.experiment import VQVAEExperiment
from playground.concepts.vqvae.sheets import SIDE
from playground.figures.base import data_url, mosaic


def filling(experiment: VQVAEExperiment, k: Tensor) -> Figure:
    """k: (n, 49) codes. The sheet has a row for each number of finished rows of the map (0 to 7), a column a digit."""
    background = int(experiment.recent.sum(0).argmax())  # what is not drawn yet is decoded as the most used code
    stages = []
    for rows in range(SIDE + 1):
        partly = torch.full_like(k, background)
        partly[:, : rows * SIDE] = k[:, : rows * SIDE]
        stages.append(experiment.decode_codes(partly))
    sheet = mosaic(torch.cat(stages).numpy(), len(k))
    return {"filling": {
        "side": SIDE, "codes": k.tolist(), "colours": css(code_colours(experiment)), "sheet": data_url(sheet),
    }}  # fmt: skip
