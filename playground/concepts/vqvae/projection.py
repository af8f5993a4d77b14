"""The plane in which vectors and codes are shown: themselves in two dimensions, their main axes beyond."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

from playground.concepts.vqvae.texts import say
from playground.figures.charts import principal_axes

UPDATE_EVERY, SAMPLE = 10, 1024
"""Steps between two updates, and vectors that an update takes."""


class Projection:
    """Main axes of the vectors, turned as little as possible from one time to the next: trails stay trails."""

    def __init__(self, dim: int) -> None:
        self.exact = dim == 2
        self.mean, self.axes = torch.zeros(dim), torch.eye(2, dim)
        self.share = 1.0
        """Of the vectors' variance, what lies in the plane."""
        self.known = False

    def update(self, step: int, z: Tensor) -> None:
        """z: (n, D) vectors of the batch."""
        if self.exact or (self.known and step % UPDATE_EVERY):
            return
        mean, axes, share = (torch.from_numpy(found) for found in principal_axes(z[:SAMPLE].numpy()))
        self.share = share.sum().item()
        if self.known:
            u, _, wt = torch.linalg.svd(self.axes @ axes.T)  # the rotation within the plane that fits the old axes best
            axes = u @ wt @ axes
        self.mean, self.axes, self.known = mean, axes, True

    def project(self, z: Tensor) -> np.ndarray:
        """(n, D) → (n, 2)"""
        return ((z - self.mean) @ self.axes.T).numpy()

    @property
    def titles(self) -> tuple[str, str]:
        if self.exact:
            return "z₁", "z₂"
        return say("figures.vectors.main_plane", share=100 * self.share), ""

    def state_dict(self) -> dict[str, Any]:
        return {"mean": self.mean, "axes": self.axes, "share": self.share, "known": self.known}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.mean, self.axes, self.share, self.known = (state[k] for k in ("mean", "axes", "share", "known"))
