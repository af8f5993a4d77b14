"""The charts of the duel: pure functions of (experiment, history)."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch

from playground.concept import Figure, History
from playground.concepts.gan import measures
from playground.concepts.gan.experiment import PlaneExperiment
from playground.concepts.gan.real import NEAR
from playground.figures.base import data_url, figure
from playground.figures.charts import LEGEND_ABOVE, RIGHT, SHARE_AXIS, STEP_AXIS, curve, level, two_charts
from playground.palette import CLASS_COLOURS, HIGHLIGHT, NEUTRAL, NOTES, STANDARD

MAP_SIDE, MAP_REACH = 70, 3.0
"""Cells of the map of noise in a row, and how far it goes."""


def duel(experiment: Any, history: History) -> Figure:
    """How sure the discriminator is of real and of generated samples (left), and both losses (right)."""
    sure = [curve(history, "discriminator/on_real", "D of real", STANDARD, width=2),
            curve(history, "discriminator/on_generated", "D of generated", NOTES, width=2)]  # fmt: skip
    losses = [curve(history, "discriminator/loss", "D's loss", HIGHLIGHT, width=1.5) | RIGHT,
              curve(history, "generator/loss", "G's loss", CLASS_COLOURS[5], width=1.5) | RIGHT]  # fmt: skip
    lines = [level(0.5, NEUTRAL, "x domain", width=1.5)] if has_probabilities(experiment.config.loss) else []
    lines += [level(value, NEUTRAL, "x2 domain", "y2", width=1.5) for value in losses_at_rest(experiment.config.loss)]
    return figure(
        [*sure, *losses], "duel", shapes=lines, showlegend=True,
        **two_charts("how real it is to D", "losses", yaxis={"range": [0, 1.03]}),
    )  # fmt: skip


def has_probabilities(loss: str) -> bool:
    return loss in ("minimax", "non-saturating")


def losses_at_rest(loss: str) -> list[float]:
    """The losses of a discriminator that can't tell, σ(D) = ½, and of its generator: −2 ln ½, and −ln ½ or ln ½."""
    if not has_probabilities(loss):
        return []
    return [2 * math.log(2), math.log(2) * (-1 if loss == "minimax" else 1)]


def quality(experiment: PlaneExperiment, history: History) -> Figure:
    """Modes that are covered (left axis), and the share of good points (right axis)."""
    good = curve(history, "high_quality", "good points", STANDARD, width=2.5)
    if experiment.real.mixture is None:
        covered = curve(history, "coverage", "real ones reached", NOTES, width=2.5)
        return figure(
            [good, covered], "quality-curve", showlegend=True, legend=LEGEND_ABOVE, xaxis=STEP_AXIS,
            yaxis={"range": [0, 1.03], "title": {"text": f"share within {NEAR:g}"}},
        )  # fmt: skip
    count = len(experiment.real.mixture.centres)
    modes = curve(history, "modes_covered", "modes covered", NOTES, width=2.5)
    return figure(
        [modes, good | {"yaxis": "y2"}], "quality", showlegend=True, legend=LEGEND_ABOVE,
        shapes=[level(count, NOTES, "x domain", width=1)], xaxis=STEP_AXIS,
        yaxis={"range": [0, 1.06 * count], "title": {"text": f"modes of {count}"}},
        yaxis2=SHARE_AXIS,
    )  # fmt: skip


def style(experiment: PlaneExperiment, history: History) -> Figure:
    """Entropy of the exact style of generated points, and how many are where real ones are."""
    assert experiment.real.mixture
    most = math.log(len(experiment.real.mixture.centres))
    entropy = curve(history, "style_entropy", "style entropy", HIGHLIGHT, width=2.5)
    inside = curve(history, "in_distribution", "in distribution", STANDARD, width=2.5) | {"yaxis": "y2"}
    return figure(
        [entropy, inside], "style", showlegend=True, legend=LEGEND_ABOVE,
        shapes=[level(most, HIGHLIGHT, "x domain", width=1)], xaxis=STEP_AXIS,
        yaxis={"range": [0, 1.06 * most], "title": {"text": "nats"}},
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
    words = "noise" if size <= 2 else f"noise: two of {size} numbers, the others 0"
    axis = {"range": [-MAP_REACH, MAP_REACH], "constrain": "domain", "showgrid": False, "zeroline": False}
    picture = {"type": "image", "source": data_url(pixels), "x0": middles[0], "dx": middles[1] - middles[0],
               "y0": middles[-1], "dy": middles[0] - middles[1], "hoverinfo": "skip"}  # fmt: skip
    return figure(
        [picture], "noise-map", xaxis={**axis, "title": {"text": words}}, yaxis={**axis, "scaleanchor": "x"}
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
