"""Follows one held-out example through the blocks of both networks: where the answer forms."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

from models.residual import DeepNet
from playground.capture import evaluating
from playground.concept import Figure
from playground.concepts.residual.experiment import PairExperiment
from playground.concepts.residual.plane.places import SHOWN, in_plane
from playground.concepts.residual.questions import Follow, FollowPoint
from playground.concepts.residual.texts import say
from playground.concepts.residual.views import COLOURS
from playground.figures.base import figure, rounded
from playground.figures.charts import LEGEND_ABOVE, RIGHT, heatmap, level, note, path, two_charts
from playground.palette import NEUTRAL


def follow(experiment: PairExperiment, question: Follow | FollowPoint) -> Figure:
    """The class probabilities of one example after each block: of many classes as heat maps, of two as lines."""
    data = experiment.data
    x, label = data.heldout_x[[question.example]], int(data.heldout_y[question.example])
    read = {arm: readings(learner.net, x).numpy() for arm, learner in experiment.arms.items()}
    return lines(read, label) if data.classes == 2 else maps(read, label)


def readings(net: DeepNet, x: Tensor) -> Tensor:
    """(1, *place) → (blocks + 1, classes): probabilities with all blocks cut, with all but the first one, …, with none.

    So the last layer reads each state after it has passed the shortcuts of the later blocks.
    """
    with evaluating(net):
        whole = net.stem(x)
        read = whole[:0]
        for block in net.blocks:
            read = block.shortcut(torch.cat([read, whole]))
            whole = block(whole)
        return net.head(torch.cat([read, whole])).softmax(1)


def lines(read: dict[str, np.ndarray], label: int) -> Figure:
    """The probability of the true class after each block. read: arm → (blocks + 1, classes)"""
    words, traces = say.part("figures.follow"), []
    for arm, shares in read.items():
        name = words("line", arm=say(f"arms.{arm}"), label=label)
        line = path(list(range(len(shares))), rounded(shares[:, label]), COLOURS[arm], width=2)
        traces.append(line | {"mode": "lines+markers", "name": name, "hovertemplate": words("line_hover", name=name)})
    return figure(
        traces, "follow", showlegend=True, legend=LEGEND_ABOVE, shapes=[level(0.5, NEUTRAL, width=1)],
        annotations=[note(words("x"), x=1, y=0, xanchor="right", yanchor="bottom")],  # a small box has no room below
        xaxis={"tickformat": "d", "dtick": -(-len(shares) // 10)},
        yaxis={"range": [-0.03, 1.03], "tickvals": [0, 0.5, 1]},
    )  # fmt: skip


def maps(read: dict[str, np.ndarray], label: int) -> Figure:
    """A heat map of classes over blocks for each network, both on one colour scale from 0 to 1."""
    words, traces = say.part("figures.follow"), []
    for (arm, shares), axes in zip(read.items(), ({}, RIGHT), strict=True):
        hover = words("map_hover", arm=say(f"arms.{arm}"))
        traces.append(heatmap(shares.T, "heat", zmin=0, zmax=1, x0=0, dx=1, y0=0, dy=1, hovertemplate=hover, **axes))
    traces[-1] |= {"showscale": True, "colorbar": {"thickness": 10, "len": 1, "tickvals": [0, 0.5, 1]}}
    left, right = (title(say(f"arms.{arm}"), shares, label) for arm, shares in read.items())
    blocks = {"title": {"text": words("x")}, "tickformat": "d", "rangemode": "normal"}
    classes = list(range(read["plain"].shape[1]))
    names = [words("true", label=label) if one == label else str(one) for one in classes]
    own = {"tickvals": classes, "ticktext": names}
    layout = two_charts(left, right, xaxis=blocks, xaxis2=blocks, yaxis=own, yaxis2=own)
    return figure(traces, "follow", meta={"large": True}, **layout)


def title(arm: str, shares: np.ndarray, label: int) -> str:
    """What the whole network gives to the true class."""
    if not np.isfinite(shares[-1]).all():
        return say("figures.follow.not_finite", arm=arm)
    return say("figures.follow.title", arm=arm, share=float(shares[-1, label]))


def clicked_example(experiment: PairExperiment, x: float, y: float) -> dict[str, Any]:
    """A click in a picture of the plane → the nearest of the held-out points that are shown."""
    away = experiment.data.heldout_x[:SHOWN] - torch.tensor([in_plane(x), y])
    return {"example": int(away.norm(dim=1).argmin())}
