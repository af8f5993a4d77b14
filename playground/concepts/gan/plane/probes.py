"""Answers about a live pair of players in the plane: pure functions of (experiment, question)."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from playground.concept import Figure
from playground.concepts.gan.plane.experiment import PlaneExperiment
from playground.concepts.gan.plane.field import confidence, unchanged
from playground.concepts.gan.plane.measures import distances
from playground.concepts.gan.plane.questions import Cut
from playground.concepts.gan.plane.real import REACH
from playground.concepts.gan.texts import say
from playground.figures.base import figure, rounded
from playground.figures.charts import LEGEND_ABOVE
from playground.palette import HIGHLIGHT, NEUTRAL, NOTES, STANDARD

PLACES = 121
"""Of a cut."""
BLUR = 0.12
"""Standard deviation of the kernel that makes densities of points."""
DRAWS = 4000
"""Points of each kind from which densities are made."""


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

    words = say.part("figures.cut")
    filled = {"fill": "tozeroy", "yaxis": "y2", "opacity": 0.5}
    return figure(
        [curve(p, words("real"), STANDARD, **filled), curve(q, words("generated"), NOTES, **filled),
         curve(now, "D", HIGHLIGHT), *(curve(y, name, NEUTRAL, line={"dash": "dot"}) for name, y in best.items())],
        "cut", meta={"large": True}, showlegend=True, legend=LEGEND_ABOVE,
        xaxis={"range": [-REACH, REACH], "title": {"text": words("x", y=question.y)}},
        yaxis={"range": [0, 1.03], "tickvals": [0, 0.5, 1], "title": {"text": "D"}, "overlaying": "y2"},
        yaxis2={"side": "right", "rangemode": "tozero", "title": {"text": words("density")}, "showgrid": False},
    )  # fmt: skip


def best_of(loss: str, p: np.ndarray, q: np.ndarray) -> dict[str, np.ndarray]:
    """Name → the D at which its loss is least for these densities; a Wasserstein critic's scores have no such scale."""
    if loss == "WGAN-GP":
        return {}
    known = p + q > 1e-4
    if loss == "hinge":  # the sign of p − q
        return {say("figures.cut.best_hinge"): np.where(known, (p > q).astype(float), np.nan)}
    return {say("figures.cut.best"): np.where(known, p / np.maximum(p + q, 1e-12), np.nan)}


def density(places: np.ndarray, points: np.ndarray) -> np.ndarray:
    """(m, 2), (n, 2) → (m,) of the points, each blurred into a Gaussian of BLUR."""
    return np.exp(-(distances(places, points) ** 2) / (2 * BLUR**2)).mean(1) / (2 * np.pi * BLUR**2)


def clicked_cut(experiment: PlaneExperiment, x: float, y: float) -> dict[str, Any]:
    """(x, y) in the plane → the height of the cut."""
    return {"y": float(np.clip(y, -REACH, REACH))}
