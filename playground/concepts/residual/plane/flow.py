"""How each block moves the plane: points and a grid as they stand after each one; a pure function of the experiment."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
import torch
from torch import Tensor

from models.residual import DeepNet
from playground.capture import evaluating
from playground.concept import Figure, History
from playground.concepts.residual.experiment import PairExperiment
from playground.concepts.residual.plane.places import CLASSES, SHOWN
from playground.concepts.residual.texts import say
from playground.figures.base import rounded
from playground.figures.charts import principal_axes

LINES, ALONG = 9, 17
"""Lines of the grid each way, and places on each."""
COVERED = 0.85
"""Share of the sides of the points' rectangle that the grid covers: networks throw its empty corners far away."""
LEVELS = 255
"""Into so many steps a coordinate is rounded, from one side of a picture to the other."""
NOISE = 1e-6
"""Share of the size of the activations below which differences are rounding errors."""


def flow(experiment: PairExperiment, history: History) -> Figure:
    """Points and a grid after each block of both networks; the first picture of either is the plane itself."""
    points = experiment.data.heldout_x[:SHOWN]
    grid = grid_over(points)
    arms = [
        {"name": arm, "title": say(f"arms.{arm}"), **pictures(learner.net, points, grid.view(-1, 2))}
        for arm, learner in experiment.arms.items()
    ]
    return {"flow": {
        "arms": arms, "places": rounded(points.numpy()), "labels": experiment.data.heldout_y[:SHOWN].tolist(),
        "colours": CLASSES, "along": ALONG,
    }}  # fmt: skip


def grid_over(points: Tensor) -> Tensor:
    """(n, 2) → (2 · LINES, ALONG, 2): upright lines, then level ones, over the rectangle in which the points lie."""
    low, high = points.amin(0), points.amax(0)
    middle, half = (low + high) / 2, COVERED * (high - low) / 2
    where, along = (middle + half * torch.linspace(-1, 1, count)[:, None] for count in (LINES, ALONG))
    upright = torch.stack(torch.meshgrid(where[:, 0], along[:, 1], indexing="ij"), -1)
    level = torch.stack(torch.meshgrid(along[:, 0], where[:, 1], indexing="ij"), -1).transpose(0, 1)
    return torch.cat([upright, level])


def pictures(net: DeepNet, points: Tensor, grid: Tensor) -> dict[str, Any]:
    """The plane, what the first layer makes of it, and what each block does: blocks + 2 pictures of points and grid.

    points: (n, 2); grid: (m, 2)
    → places: base64 of (blocks + 2, n + m, 2) bytes, 0 to 255 from one side of a picture to the other
      extents: half of each picture's side; 0 where all places are one, None where activations are not finite
      shares: of the points' variance that each picture holds
    """
    plane = torch.cat([points, grid])
    with evaluating(net):
        states = [plane, *net.states(plane)]
    before, found, extents, shares = np.zeros((len(plane), 2)), [], [], []
    for state in states:
        flat, share = in_two(state.double().numpy(), len(points), before)
        flat -= (flat.max(0) + flat.min(0)) / 2
        extent = float(flat.max()) if np.isfinite(flat).all() else None
        if extent is not None and extent <= NOISE * state.abs().max().item():
            extent = 0.0
        before = flat / extent if extent else np.zeros_like(flat)
        found.append(before)
        extents.append(None if extent is None else float(f"{extent:.3g}"))
        shares.append(round(share, 3))
    steps = np.round((np.stack(found) + 1) / 2 * LEVELS).astype(np.uint8)
    return {"pictures": base64.b64encode(steps.tobytes()).decode(), "extents": extents, "shares": shares}


def in_two(state: np.ndarray, count: int, before: np.ndarray) -> tuple[np.ndarray, float]:
    """(n, units) → (n, 2) around the mean of the points, and the share of the points' variance that it holds.

    count: how many of the n are points. The others are the grid's.
    before: (n, 2), the picture after the block before: the main axes are turned and mirrored to be nearest to it
    """
    if not np.isfinite(state).all():
        return np.full((len(state), 2), np.nan), 0.0
    centred = state - state[:count].mean(0)
    if centred.shape[1] == 2:
        return centred, 1.0
    flat = centred @ principal_axes(centred[:count])[1].T
    whole = (centred[:count] ** 2).sum()
    share = (flat[:count] ** 2).sum() / whole if whole > 0 else 0.0
    return flat @ nearest_turn(flat[:count], before[:count]), float(share)


def nearest_turn(points: np.ndarray, aim: np.ndarray) -> np.ndarray:
    """(n, 2), (n, 2) → the rotation or reflection R for which |points R − aim| is least (orthogonal Procrustes)."""
    u, _, vt = np.linalg.svd(points.T @ aim)
    return u @ vt
