"""Pictures of a plain and a residual network side by side: pure functions of (experiment, history)."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch

from playground.capture import evaluating
from playground.concept import Figure, History
from playground.concepts.residual.experiment import PairExperiment
from playground.concepts.residual.learner import Learner
from playground.concepts.residual.norms import ACTIVATION, GRADIENT
from playground.concepts.residual.texts import say
from playground.figures.base import figure, rounded
from playground.figures.charts import LEGEND_ABOVE, RIGHT, curve, heatmap, level, path, two_charts
from playground.palette import NEUTRAL, NOTES, STANDARD

COLOURS = {"plain": NOTES, "residual": STANDARD}
MEASURED = 128
"""Held-out examples on which branches are measured."""
SMALLEST = 1e-12
"""Norms below it are drawn like it: a logarithm of 0 has no place."""


def losses(experiment: PairExperiment, history: History) -> Figure:
    """Training loss (left) and held-out accuracy (right) of both networks."""
    words = say.part("figures.losses")
    left = [curve(history, f"{arm}/train/loss", say(f"arms.{arm}"), colour, width=2) for arm, colour in COLOURS.items()]
    right = [
        curve(history, f"{arm}/heldout/accuracy", say(f"arms.{arm}"), colour, width=2) | RIGHT | {"showlegend": False}
        for arm, colour in COLOURS.items()
    ]
    chance = level(1 / experiment.data.classes, NEUTRAL, "x2 domain", "y2", width=1.5)
    layout = two_charts(
        words("loss"), words("accuracy"), yaxis={"type": "log", "dtick": 1}, yaxis2={"range": [0, 1.03]}
    )
    return figure([*left, *right], "losses", shapes=[chance], showlegend=True, **layout)


def gradients(experiment: PairExperiment, history: History) -> Figure:
    """The gradient's norm at the input of each block, over the steps of training."""
    return norm_maps(experiment, GRADIENT, "gradients")


def activations(experiment: PairExperiment, history: History) -> Figure:
    """The norm of what goes into each block, over the steps of training."""
    return norm_maps(experiment, ACTIVATION, "activations")


def norm_maps(experiment: PairExperiment, kind: int, name: str) -> Figure:
    """A heat map for each network, the block next to the input lowest; both have one logarithmic scale of colours."""
    maps = {arm: logarithms(learner, kind) for arm, learner in experiment.arms.items()}
    known = np.concatenate([z.ravel() for z in maps.values()])
    known = known[np.isfinite(known)].round(6)
    low, high = (math.floor(known.min()), math.ceil(known.max())) if len(known) else (0, 1)
    high = max(high, low + 1)
    traces = []
    for (arm, z), axes in zip(maps.items(), ({}, RIGHT), strict=True):
        hover = say(f"figures.{name}.hover", arm=say(f"arms.{arm}"))
        traces.append(heatmap(
            z, "heat", zmin=low, zmax=high, x=experiment.arms[arm].log.steps, y=list(range(1, len(z) + 1)),
            hovertemplate=hover, **axes,
        ))  # fmt: skip
    traces[-1] |= {"showscale": True, "colorbar": colour_bar(low, high)}
    blocks = block_axis(len(next(iter(maps.values()))))
    steps = {"nticks": 3, "tickangle": 0}
    layout = two_charts(
        say("arms.plain"), say("arms.residual"), xaxis=steps, xaxis2=steps, yaxis=blocks,
        yaxis2={"showticklabels": False},
    )  # fmt: skip
    return figure(traces, name, **layout)


def logarithms(learner: Learner, kind: int) -> np.ndarray:
    """(blocks, steps kept): log₁₀ of a norm at the input of each block."""
    rows = torch.stack(learner.log.rows)[:, kind, :-1].double().numpy()  # (steps kept, blocks)
    return np.log10(np.maximum(rows, SMALLEST)).T


def block_axis(blocks: int) -> dict[str, Any]:
    """An axis of whole numbers, with at most a few of them."""
    return {"title": {"text": say("figures.block")}, "tick0": 0, "dtick": 1 if blocks <= 8 else 5}


def colour_bar(low: int, high: int) -> dict[str, Any]:
    """A decade a tick, or every second or third one where there are many."""
    ticks = list(range(low, high + 1, math.ceil((high - low) / 6)))
    return {"tickvals": ticks, "ticktext": [f"1e{tick}" for tick in ticks], "thickness": 10, "len": 1}


@torch.no_grad()
def branches(experiment: PairExperiment, history: History) -> Figure:
    """How much each block adds: ‖F(x)‖ / ‖x‖, the mean over held-out examples."""
    words = say.part("figures.branches")
    traces = []
    for arm, learner in experiment.arms.items():
        share = branch_shares(learner, experiment.data.heldout_x[:MEASURED])
        line = path(list(range(1, len(share) + 1)), rounded(share, 4), COLOURS[arm], width=2)
        hover = words("hover", arm=say(f"arms.{arm}"))
        traces.append(line | {"mode": "lines+markers", "name": say(f"arms.{arm}"), "hovertemplate": hover})
    return figure(
        traces, "branches", showlegend=True, legend=LEGEND_ABOVE, shapes=[level(1, NEUTRAL, "x domain", width=1)],
        xaxis=block_axis(len(traces[0]["x"])),
        yaxis={"type": "log", "dtick": 1, "title": {"text": words("y")}},
    )  # fmt: skip


def branch_shares(learner: Learner, x: torch.Tensor) -> np.ndarray:
    """(blocks,): the mean over examples of ‖F(h)‖ / ‖h‖, h being the input of the block; NaN where all h are 0."""
    found = []
    with evaluating(learner.net):
        for block, h in zip(learner.net.blocks, learner.net.states(x)[:-1], strict=True):
            sizes = h.flatten(1).norm(dim=1)
            added = (block.survival * block.F(h)).flatten(1).norm(dim=1)
            found.append((added[sizes > 0] / sizes[sizes > 0]).mean().item())
    return np.array(found)
