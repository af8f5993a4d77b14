"""Answers about a live pair of players: pure functions of (experiment, question)."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from playground.concept import Figure, Refused
from playground.concepts.gan.digit_views import COLUMNS, ROWS, STOPS, sheet, walk
from playground.concepts.gan.digits import DigitsExperiment
from playground.concepts.gan.experiment import PlaneExperiment
from playground.concepts.gan.measures import distances
from playground.concepts.gan.plane import confidence, unchanged
from playground.concepts.gan.questions import Cut, Neighbours, Walk
from playground.concepts.gan.real import REACH
from playground.figures.base import figure, rounded
from playground.figures.charts import LEGEND_ABOVE
from playground.palette import HIGHLIGHT, NEUTRAL, NOTES, STANDARD

PLACES = 121
"""Of a cut."""
BLUR = 0.12
"""Standard deviation of the kernel that makes densities of points."""
DRAWS = 4000
NEAREST = 11


@torch.no_grad()
def cut(experiment: PlaneExperiment, question: Cut) -> Figure:
    """Along a level line: D, what D would be at its best, and the densities of real and generated points.

    Densities are the points' own, blurred; from them follows the best that D could do.
    """
    x = torch.linspace(-REACH, REACH, PLACES)
    line = torch.stack([x, torch.full_like(x, question.y)], 1)
    with unchanged(experiment.discriminator):
        now = confidence(experiment.config.loss, experiment.discriminator(line))
    made = experiment.generator(torch.randn(DRAWS, experiment.config.noise, generator=torch.Generator().manual_seed(0)))
    p, q = (density(line.numpy(), points.numpy()) for points in (experiment.real.points[:DRAWS], made))
    best = best_of(experiment.config.loss, p, q)
    at = rounded(x.numpy(), 2)

    def curve(y: np.ndarray, name: str, colour: str, **more: Any) -> dict[str, Any]:
        return {"type": "scatter", "mode": "lines", "x": at, "y": rounded(y), "name": name, **more,
                "line": {"color": colour, "width": 2, **more.get("line", {})}}  # fmt: skip

    filled = {"fill": "tozeroy", "yaxis": "y2", "opacity": 0.5}
    return figure(
        [curve(p, "real", STANDARD, **filled), curve(q, "generated", NOTES, **filled),
         curve(now, "D", HIGHLIGHT), *(curve(y, name, NEUTRAL, line={"dash": "dot"}) for name, y in best.items())],
        "cut", meta={"large": True}, showlegend=True, legend=LEGEND_ABOVE,
        xaxis={"range": [-REACH, REACH], "title": {"text": f"x, at y = {question.y:.2f}"}},
        yaxis={"range": [0, 1.03], "tickvals": [0, 0.5, 1], "title": {"text": "D"}, "overlaying": "y2"},
        yaxis2={"side": "right", "rangemode": "tozero", "title": {"text": "density"}, "showgrid": False},
    )  # fmt: skip


def best_of(loss: str, p: np.ndarray, q: np.ndarray) -> dict[str, np.ndarray]:
    """Name → the D at which its loss is least for these densities; a Wasserstein critic's scores have no such scale."""
    if loss == "WGAN-GP":
        return {}
    known = p + q > 1e-4
    if loss == "hinge":  # the sign of p − q
        return {"best D: p > q": np.where(known, (p > q).astype(float), np.nan)}
    return {"best D: p / (p + q)": np.where(known, p / np.maximum(p + q, 1e-12), np.nan)}


def density(places: np.ndarray, points: np.ndarray) -> np.ndarray:
    """(m, 2), (n, 2) → (m,) of the points, each blurred into a Gaussian of BLUR."""
    return np.exp(-(distances(places, points) ** 2) / (2 * BLUR**2)).mean(1) / (2 * np.pi * BLUR**2)


def clicked_cut(experiment: PlaneExperiment, x: float, y: float) -> dict[str, Any]:
    """(x, y) in the plane → the height of the cut."""
    return {"y": float(np.clip(y, -REACH, REACH))}


def clicked_digit(experiment: DigitsExperiment, x: float, y: float) -> dict[str, Any]:
    """(x, y) in the sheet of digits, counted in digits → the one there."""
    column, row = int(np.clip(x, 0, COLUMNS - 1e-6)), int(np.clip(y, 0, ROWS - 1e-6))
    return {"sample": row * COLUMNS + column}


@torch.no_grad()
def neighbours(experiment: DigitsExperiment, question: Neighbours) -> Figure:
    """A generated digit and the training digits nearest to it in pixels, and what the judge takes it for."""
    made = experiment.samples()[question.sample][None]
    p = experiment.judge(made).softmax(1)[0]
    nearest = torch.cdist(made, experiment.images)[0].argsort()[:NEAREST]
    words = f"digit {question.sample}, taken for a {int(p.argmax())} ({p.max():.0%}); then the nearest training digits"
    found = sheet(torch.cat([made, experiment.images[nearest]]).numpy(), (NEAREST + 1) // 2, "nearest")
    found["layout"] |= {"title": {"text": words, "font": {"size": 13}}, "meta": {"large": True},
                        "margin": {"l": 4, "r": 4, "t": 30, "b": 4}}  # fmt: skip
    return found


@torch.no_grad()
def between(experiment: DigitsExperiment, question: Walk) -> Figure:
    """The way through the noise from one generated digit to another."""
    if question.first == question.last:
        raise Refused("From digit and to digit are the same: choose two.")
    ends = experiment.fixed_noise[[question.first, question.last]]
    return sheet(walk(experiment, ends).numpy(), STOPS, "walk")
