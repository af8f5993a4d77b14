"""Which class each network finds probable at every place of the plane: a pure function of the experiment."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from models.residual import DeepNet
from playground.capture import evaluating
from playground.concept import Figure, History
from playground.concepts.residual.experiment import PairExperiment
from playground.concepts.residual.plane.places import APART, COLOURS, REACH, SHOWN
from playground.concepts.residual.texts import say
from playground.figures.base import figure, rounded

SIDE = 40
"""Cells in a row, and in a column."""
TICKS = (-2, 0, 2)
SCALE = [[0.0, COLOURS[0]], [0.5, "rgba(127,127,127,0)"], [1.0, COLOURS[1]]]
"""From class 0 to class 1; the page shines through where a network can't tell."""


def boundaries(experiment: PairExperiment, history: History) -> Figure:
    """Probability of class 1 in the plain network (left) and the residual one (right), and held-out points.

    Both stand on one pair of axes, the right one APART further: the page hears of clicks in a chart's first axes only.
    """
    words, middles = say.part("figures.boundaries"), cells()
    maps = [
        {
            "type": "heatmap", "colorscale": SCALE, "zmin": 0, "zmax": 1, "showscale": False, "opacity": 0.75,
            "z": rounded(probabilities(learner.net), 2), "x0": middles[0] + shift, "dx": middles[1] - middles[0],
            "y0": middles[0], "dy": middles[1] - middles[0], "zsmooth": "best",
            "hovertemplate": words("hover", arm=say(f"arms.{arm}")),
        }
        for (arm, learner), shift in zip(experiment.arms.items(), (0, APART), strict=True)
    ]  # fmt: skip
    x, y = experiment.data.heldout_x[:SHOWN].numpy(), experiment.data.heldout_y[:SHOWN].numpy()
    points = [markers(x[y == label], colour) for label, colour in enumerate(COLOURS)]
    titles = [
        {"text": say(f"arms.{arm}"), "x": shift, "y": REACH, "yanchor": "bottom", "showarrow": False}
        for arm, shift in zip(experiment.arms, (0, APART), strict=True)
    ]
    plain = {"showgrid": False, "zeroline": False, "constrain": "domain"}
    return figure(
        [*maps, *points], "boundaries", annotations=titles, margin={"l": 8, "r": 8, "t": 22, "b": 6},
        xaxis={**plain, "range": [-REACH, REACH + APART], "tickvals": [*TICKS, *(at + APART for at in TICKS)],
               "ticktext": [*TICKS, *TICKS]},
        yaxis={**plain, "range": [-REACH, REACH], "tickvals": TICKS, "scaleanchor": "x"},
    )  # fmt: skip


def cells() -> np.ndarray:
    """(SIDE,): the middles of the cells along an axis."""
    return (np.arange(SIDE) + 0.5) / SIDE * 2 * REACH - REACH


def probabilities(net: DeepNet) -> np.ndarray:
    """(SIDE, SIDE): of class 1 in the middle of each cell, the lowest row first."""
    x, y = np.meshgrid(cells(), cells())
    places = torch.from_numpy(np.stack([x.ravel(), y.ravel()], 1).astype(np.float32))
    with evaluating(net):
        return net(places).softmax(1)[:, 1].view(SIDE, SIDE).numpy()


def markers(places: np.ndarray, colour: str) -> dict[str, Any]:
    """(n, 2) points as dots, in both panels."""
    across = np.concatenate([places[:, 0], places[:, 0] + APART])
    return {
        "type": "scatter", "mode": "markers", "x": rounded(across, 2), "y": rounded(np.tile(places[:, 1], 2), 2),
        "marker": {"color": colour, "size": 5, "line": {"color": "#333", "width": 0.6}}, "hoverinfo": "skip",
    }  # fmt: skip
