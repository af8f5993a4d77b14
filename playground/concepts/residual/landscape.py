"""The loss around both networks, as contours that become finer part by part (Li et al. 2018)."""

from __future__ import annotations

import copy
import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor

from models.landscape import filter_normalised, losses
from models.residual import DeepNet
from playground.concept import Figure
from playground.concepts.residual.config import ResidualConfig, is_images
from playground.concepts.residual.experiment import PairExperiment
from playground.concepts.residual.networks import batch_statistics
from playground.concepts.residual.questions import Landscape
from playground.concepts.residual.texts import say
from playground.figures.base import figure, rounded
from playground.figures.charts import RIGHT, two_charts
from playground.palette import NEUTRAL, PATH, SCALES

SIDE = 25
"""Points of the grid along each direction; the network as it is stands in the middle."""
STRIDES = (6, 2, 1)
"""Every sixth point each way is computed first: 5 × 5, then 13 × 13, then all."""
EXAMPLES, IMAGES = 250, 50
"""Training examples that the loss is a mean over: the first ones; of images fewer, because each one costs more."""
WORK, IMAGE_WORK = 30_000, 512
"""Points of each network in a part, times depth and width (or channels), so that parts stay below 0.1 s."""
SMALLEST = 1e-6
"""Losses below it are drawn like it: a logarithm of 0 has no place."""
LEVELS = 16
LEAST_RANGE = 0.4
"""Decades that the scale of colours has at least: a flat surface is drawn flat, and a number stands at the scale."""


class Surface:
    """The loss of one network around its weights, on a grid of which more and more is known."""

    def __init__(self, net: DeepNet, x: Tensor, y: Tensor, reach: float, directions: int) -> None:
        """reach: how far the grid goes each way; directions: seed of the two random directions"""
        self.net, self.x, self.y = copy.deepcopy(net), x, y
        random = torch.Generator().manual_seed(directions)
        self.first, self.second = filter_normalised(self.net, random), filter_normalised(self.net, random)
        self.at = reach * torch.arange(-(SIDE // 2), SIDE // 2 + 1) / (SIDE // 2)
        self.losses = np.full((SIDE, SIDE), np.nan)
        """Row: along the second direction, η; column: along the first one, δ. NaN also where the loss is not finite."""
        self.known = np.zeros((SIDE, SIDE), bool)

    def compute(self, places: list[tuple[int, int]]) -> None:
        """places: rows and columns"""
        rows, columns = map(list, zip(*places, strict=True))
        with batch_statistics(self.net):
            found = losses(self.net, self.at[columns], self.first, self.at[rows], self.second, self.x, self.y)
        self.losses[rows, columns] = torch.where(found.isfinite(), found, torch.nan).numpy()
        self.known[rows, columns] = True

    @property
    def at_centre(self) -> float:
        """The loss of the network as it is."""
        return float(self.losses[SIDE // 2, SIDE // 2])

    def logarithms(self) -> np.ndarray:
        """(η, δ): log₁₀ of the loss, interpolated where it is not known yet."""
        return filled(np.log10(np.maximum(self.losses, SMALLEST)), self.known)


def landscape(experiment: PairExperiment, question: Landscape) -> Iterator[Figure]:
    """Contours of both networks' losses; each network has its own directions, made of the same random numbers."""
    config = experiment.config
    count = IMAGES if is_images(config) else EXAMPLES
    x, y = experiment.data.x[:count], experiment.data.y[:count]
    surfaces = {
        arm: Surface(learner.net, x, y, question.reach, question.directions)
        for arm, learner in experiment.arms.items()
    }  # fmt: skip
    for places in turns(config):
        for surface in surfaces.values():
            surface.compute(places)
        yield contours(surfaces, say(f"figures.landscape.measured.{config.norm}", examples=len(x)))


def turns(config: ResidualConfig) -> Iterator[list[tuple[int, int]]]:
    """Rows and columns of all points, as many in a turn as one part computes: coarse grids first, the centre first."""
    count = at_once(config)
    before: set[tuple[int, int]] = set()
    for stride in STRIDES:
        grid = {(row, column) for row in range(0, SIDE, stride) for column in range(0, SIDE, stride)}
        places = sorted(grid - before, key=lambda place: (*_from_centre(place), place))
        yield from (places[i : i + count] for i in range(0, len(places), count))
        before = grid


def at_once(config: ResidualConfig) -> int:
    """Points of each network in a part; layers of fewer than 16 units, or 4 channels, take about as long."""
    if is_images(config):
        return max(1, IMAGE_WORK // (config.depth * max(config.channels, 4)))
    return WORK // (config.depth * max(config.width, 16))


def _from_centre(place: tuple[int, int]) -> tuple[int, int]:
    away = sorted(abs(index - SIDE // 2) for index in place)
    return away[1], away[0]


def filled(values: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Values that are not known yet are interpolated in the finest grid that is complete; before that they are gaps."""
    complete = [stride for stride in STRIDES if known[::stride, ::stride].all()]
    if not complete:
        return np.where(known, values, np.nan)
    every = np.arange(SIDE)
    coarse = every[:: complete[-1]]
    along = np.stack([np.interp(every, coarse, row) for row in values[np.ix_(coarse, coarse)]])  # (coarse, SIDE)
    between = np.stack([np.interp(every, coarse, column) for column in along.T], axis=1)
    return np.where(known, values, between)


def contours(surfaces: dict[str, Surface], about: str) -> Figure:
    """Both networks side by side on one scale of colours. about: what the loss is measured on"""
    words = say.part("figures.landscape")
    maps = {arm: surface.logarithms() for arm, surface in surfaces.items()}
    low, high = limits(np.concatenate([z[np.isfinite(z)] for z in maps.values()]))
    traces = []
    for (arm, z), axes in zip(maps.items(), ({}, RIGHT), strict=True):
        hover = words("hover", arm=say(f"arms.{arm}"))
        traces += [filled_contours(surfaces[arm].at.numpy(), z, low, high, hover) | axes, centre_mark() | axes]
    traces[2] |= {"showscale": True, "colorbar": colour_bar(low, high)}
    left, right = (
        words("heading", arm=say(f"arms.{arm}"), loss=surface.at_centre) for arm, surface in surfaces.items()
    )  # fmt: skip
    ends = surfaces["plain"].at[[0, -1]].tolist()
    x, y = ({"title": {"text": words(name)}, "range": ends, "rangemode": "normal"} for name in ("x", "y"))
    layout = two_charts(left, right, split=0.45, xaxis=x, xaxis2=x, yaxis=y, yaxis2=y | {"title": {}})
    note = words("note", computed=int(surfaces["plain"].known.sum()), all=SIDE * SIDE, about=about)
    return figure(traces, "landscape", meta={"large": True}, **layout | note_above(note))


def note_above(text: str) -> dict[str, Any]:
    """A sentence at the top of two charts without a legend."""
    place = {"x": 0, "xref": "container", "y": 1, "yref": "container", "yanchor": "top", "pad": {"l": 8, "t": 5}}
    return {"title": {"text": text, "font": {"size": 12}, **place}}


def filled_contours(at: np.ndarray, z: np.ndarray, low: float, high: float, hover: str) -> dict[str, Any]:
    """z: (η, δ) logarithms; low, high: ends of the scale of colours"""
    losses = [[f"{10**value:.3g}" for value in row] for row in z]
    return {
        "type": "contour", "meta": "value", "colorscale": SCALES["value"], "showscale": False,
        "zmin": low, "zmax": high,
        "x": rounded(at, 4), "y": rounded(at, 4), "z": rounded(z), "customdata": losses,
        "contours": {"coloring": "heatmap", "start": low, "end": high, "size": (high - low) / LEVELS},
        "line": {"width": 0.5, "color": NEUTRAL}, "hovertemplate": hover, "hoverongaps": False,
    }  # fmt: skip


def centre_mark() -> dict[str, Any]:
    marker = {"symbol": "x-thin", "size": 11, "line": {"width": 2.5, "color": PATH}}
    return {"type": "scatter", "mode": "markers", "x": [0], "y": [0], "marker": marker, "hoverinfo": "skip"}


def limits(logarithms: np.ndarray) -> tuple[float, float]:
    """Ends of the scale of colours, for all finite values."""
    if len(logarithms) == 0:
        return 0.0, 1.0
    low, high = float(logarithms.min()), float(logarithms.max())
    return low, max(high, low + LEAST_RANGE)


def colour_bar(low: float, high: float) -> dict[str, Any]:
    """Losses 1, 2 and 5 of each decade, or where there are many only 1, or every second or third decade."""
    decades = range(math.floor(low), math.ceil(high) + 1)
    within = [(m, d) for d in decades for m in (1, 2, 5) if low <= d + math.log10(m) <= high]
    if len(within) > 7:
        whole = [pair for pair in within if pair[0] == 1]
        within = whole[:: math.ceil(len(whole) / 6)]
    ticks = [d + math.log10(m) for m, d in within] if len(within) > 1 else [low, high]
    return {"tickvals": rounded(ticks), "ticktext": [f"{10**tick:.3g}" for tick in ticks], "thickness": 10, "len": 1}
