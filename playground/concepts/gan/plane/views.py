"""The charts of players in the plane: pure functions of (experiment, history)."""

from __future__ import annotations

import math

import numpy as np
import torch

from playground.concept import Figure, History
from playground.concepts.gan.plane import measures
from playground.concepts.gan.plane.experiment import PlaneExperiment
from playground.concepts.gan.plane.real import NEAR
from playground.concepts.gan.texts import say
from playground.figures.base import data_url, figure
from playground.figures.charts import LEGEND_ABOVE, SHARE_AXIS, STEP_AXIS, curve, level
from playground.palette import CLASS_COLOURS, HIGHLIGHT, NOTES, STANDARD

MAP_SIDE, MAP_REACH = 70, 3.0
"""Cells of the map of noise in a row, and how far it goes."""


def quality(experiment: PlaneExperiment, history: History) -> Figure:
    """Modes that are covered (left axis), and the share of high-quality points (right axis)."""
    words = say.part("figures.quality")
    good = curve(history, "high_quality", words("high_quality"), STANDARD, width=2.5)
    if experiment.real.mixture is None:
        covered = curve(history, "coverage", words("coverage"), NOTES, width=2.5)
        return figure(
            [good, covered], "quality-curve", showlegend=True, legend=LEGEND_ABOVE, xaxis=STEP_AXIS,
            yaxis={"range": [0, 1.03], "title": {"text": words("y_share", distance=NEAR)}},
        )  # fmt: skip
    count = len(experiment.real.mixture.centres)
    modes = curve(history, "modes_covered", words("modes"), NOTES, width=2.5)
    return figure(
        [modes, good | {"yaxis": "y2"}], "quality", showlegend=True, legend=LEGEND_ABOVE,
        shapes=[level(count, NOTES, "x domain", width=1)], xaxis=STEP_AXIS,
        yaxis={"range": [0, 1.06 * count], "title": {"text": words("y_modes", count=count)}},
        yaxis2=SHARE_AXIS,
    )  # fmt: skip


def style(experiment: PlaneExperiment, history: History) -> Figure:
    """Entropy of the exact style of generated points, and how many are where real ones are."""
    assert experiment.real.mixture
    most = math.log(len(experiment.real.mixture.centres))
    entropy = curve(history, "style_entropy", say("figures.style.entropy"), HIGHLIGHT, width=2.5)
    inside = curve(history, "in_distribution", say("figures.style.in_distribution"), STANDARD, width=2.5) | {
        "yaxis": "y2"
    }
    return figure(
        [entropy, inside], "style", showlegend=True, legend=LEGEND_ABOVE,
        shapes=[level(most, HIGHLIGHT, "x domain", width=1)], xaxis=STEP_AXIS,
        yaxis={"range": [0, 1.06 * most], "title": {"text": say("figures.style.y")}},
        yaxis2=SHARE_AXIS,
    )  # fmt: skip


@torch.no_grad()
def noise_map(experiment: PlaneExperiment, history: History) -> Figure:
    """Where each place of the noise goes: the colour of its mode, or of its direction where there are no modes."""
    middles = (np.arange(MAP_SIDE) + 0.5) / MAP_SIDE * 2 * MAP_REACH - MAP_REACH
    size = experiment.config.noise
    z = torch.zeros(MAP_SIDE**2, size)
    x, y = np.meshgrid(middles, middles[::-1])  # the top row first
    z[:, 0] = torch.from_numpy(x.ravel().astype(np.float32))
    if size > 1:
        z[:, 1] = torch.from_numpy(y.ravel().astype(np.float32))
    pixels = colours_of(experiment, experiment.average(z).double().numpy()).reshape(MAP_SIDE, MAP_SIDE, 3)
    part_of_noise = say("figures.noise_map.part_of_noise", size=size)
    shown = say("figures.noise_map.noise") if size <= 2 else part_of_noise
    axis = {"range": [-MAP_REACH, MAP_REACH], "constrain": "domain", "showgrid": False, "zeroline": False}
    picture = {"type": "image", "source": data_url(pixels), "x0": middles[0], "dx": middles[1] - middles[0],
               "y0": middles[-1], "dy": middles[0] - middles[1], "hoverinfo": "skip"}  # fmt: skip
    return figure(
        [picture], "noise-map", xaxis={**axis, "title": {"text": shown}}, yaxis={**axis, "scaleanchor": "x"}
    )  # fmt: skip


def colours_of(experiment: PlaneExperiment, points: np.ndarray) -> np.ndarray:
    """(n, 3) uint8: of the mode within whose 3 σ a point lies, grey between modes; else of its direction."""
    wheel = np.array([[int(colour[i : i + 2], 16) for i in (1, 3, 5)] for colour in CLASS_COLOURS], np.uint8)
    mixture = experiment.real.mixture
    if mixture is None:
        turn = (np.arctan2(points[:, 1], points[:, 0]) / (2 * np.pi)) % 1
        return wheel[np.floor(turn * len(wheel)).astype(int) % len(wheel)]
    distance = measures.distances(points, mixture.centres)
    found = wheel[distance.argmin(1) % len(wheel)].copy()
    found[distance.min(1) > measures.QUALITY_SIGMAS * mixture.sigma] = (225, 228, 232)
    return found
