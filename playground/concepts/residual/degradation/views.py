"""Pictures of eight networks: what a depth costs without shortcuts, and what it gives with them."""

from __future__ import annotations

from typing import Any

import numpy as np

from playground.concept import Figure, History
from playground.concepts.residual.config import DEPTHS
from playground.concepts.residual.degradation.experiment import DegradationExperiment
from playground.concepts.residual.norms import gradient_ratio
from playground.concepts.residual.texts import say
from playground.concepts.residual.views import COLOURS
from playground.figures.base import figure, rounded
from playground.figures.charts import LEGEND_ABOVE, RIGHT, curve, level, path, two_charts
from playground.palette import NEUTRAL

AVERAGED = 20
"""Steps over which a training loss is averaged: that of one batch is noisy."""
EARLIER = (50, 200)
"""Steps whose curves stay in the picture."""
STRENGTHS = dict(zip(DEPTHS, (0.3, 0.5, 0.75, 1.0), strict=True))
"""Depth → opacity of its curve."""
DEPTH_AXIS: dict[str, Any] = {"title": {"text": say("figures.depth")}, "tickvals": list(DEPTHS), "range": [4, 60]}


def degradation(experiment: DegradationExperiment, history: History) -> Figure:
    """Training loss against depth, now and at earlier steps."""
    words, traces = say.part("figures.degradation"), []
    for arm, colour in COLOURS.items():
        for step in EARLIER:
            if step < experiment.steps_taken:
                name = words("earlier", arm=say(f"arms.{arm}"), step=step)
                line = over_depths([loss_at(history, f"{arm}-{depth}", step) for depth in DEPTHS], colour, name)
                traces.append(line | {"opacity": 0.35, "showlegend": False})
        now = [loss_at(history, f"{arm}-{depth}", experiment.steps_taken) for depth in DEPTHS]
        traces.append(over_depths(now, colour, say(f"arms.{arm}"), width=3))
    return figure(
        traces, "degradation", showlegend=True, legend=LEGEND_ABOVE, xaxis=DEPTH_AXIS,
        yaxis={"rangemode": "tozero", "title": {"text": words("y", steps=AVERAGED)}},
    )  # fmt: skip


def loss_at(history: History, arm: str, step: int) -> float:
    """The mean training loss of the last steps up to one; NaN where there are none."""
    steps, values = history.get(f"{arm}/train/loss", ([], []))
    end = int(np.searchsorted(steps, step, side="right"))
    newest = values[max(0, end - AVERAGED) : end]
    return float(np.mean(newest)) if newest else float("nan")


def over_depths(values: list[float], colour: str, name: str, **line: Any) -> dict[str, Any]:
    hover = say("figures.depth_hover", name=name)
    drawn = path(list(DEPTHS), rounded(values, 4), colour, **line)
    return drawn | {"mode": "lines+markers", "name": name, "hovertemplate": hover}


def depth_losses(experiment: DegradationExperiment, history: History) -> Figure:
    """The training losses of the plain networks (left) and of the residual ones (right)."""
    traces = []
    for (arm, colour), axes in zip(COLOURS.items(), ({}, RIGHT), strict=True):
        for depth in DEPTHS:
            name = say("figures.depth_losses.name", depth=depth)
            line = curve(history, f"{arm}-{depth}/train/loss", name, colour, width=2)
            traces.append(line | axes | {"opacity": STRENGTHS[depth], "showlegend": arm == "plain"})
    return figure(
        traces, "depth_losses", showlegend=True,
        **two_charts(say("figures.depth_losses.plain"), say("figures.depth_losses.residual"),
                     yaxis={"type": "log", "dtick": 1}, yaxis2={"type": "log", "dtick": 1, "matches": "y"}),
    )  # fmt: skip


def depth_gradients(experiment: DegradationExperiment, history: History) -> Figure:
    """The gradient at the first block over that at the last one, against depth: now, and at step 0."""
    words, traces = say.part("figures.depth_gradients"), []
    for arm, colour in COLOURS.items():
        logs = [experiment.arms[f"{arm}-{depth}"].log for depth in DEPTHS]
        now, before = (
            [gradient_ratio(norms).get("gradient_ratio", float("nan")) for norms in found]
            for found in ([log.newest for log in logs], [log.at_start for log in logs])
        )
        traces.append(over_depths(now, colour, say(f"arms.{arm}"), width=3))
        earlier = over_depths(before, colour, words("at_start", arm=say(f"arms.{arm}")), dash="dot", width=1.5)
        traces.append(earlier | {"showlegend": False})
    return figure(
        traces, "depth_gradients", showlegend=True, legend=LEGEND_ABOVE, xaxis=DEPTH_AXIS,
        shapes=[level(1, NEUTRAL, "x domain", width=1)],
        yaxis={"type": "log", "title": {"text": words("y")}, "exponentformat": "power"},
    )  # fmt: skip


def depth_accuracies(experiment: DegradationExperiment, history: History) -> Figure:
    """Held-out accuracy against depth."""
    traces = []
    for arm, colour in COLOURS.items():
        found = [history.get(f"{arm}-{depth}/heldout/accuracy", ([], [])) for depth in DEPTHS]
        values = [values[-1] if values else float("nan") for _, values in found]
        traces.append(over_depths(values, colour, say(f"arms.{arm}"), width=3))
    chance = level(1 / experiment.data.classes, NEUTRAL, "x domain", width=1)
    return figure(
        traces, "depth_accuracies", showlegend=True, legend=LEGEND_ABOVE, xaxis=DEPTH_AXIS, shapes=[chance],
        yaxis={"range": [0, 1.03], "title": {"text": say("figures.depth_accuracies.y")}},
    )  # fmt: skip
