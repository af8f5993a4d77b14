"""How the bound rises over training: a pure function of (experiment, history)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch

from models import elbo
from playground.concept import Figure, History
from playground.concepts.elbo.exact import log_evidence
from playground.concepts.elbo.inference.experiment import InferenceExperiment
from playground.concepts.elbo.texts import say
from playground.figures.base import figure
from playground.figures.charts import RIGHT, path, thin, two_charts
from playground.palette import HIGHLIGHT, NEUTRAL, NOTES, STANDARD

COLOURS = {"reverse_kl": STANDARD, "forward_kl": NOTES, "iwae": HIGHLIGHT}
SMALLEST = 1e-9
"""Gaps below it are drawn like it: a logarithm of 0 has no place."""
DEPTH = 15.0
"""Nats below log p(x) to which the axis of the ELBO reaches at most; the gap's own axis shows what is lower."""


def climb(experiment: InferenceExperiment, history: History) -> Figure:
    """ELBO of each arm and log p(x) over the steps (left), and the gap between them (right).

    The last point of each line is of x and q as they are now, so that a move by hand is seen before the next step.
    """
    words, now = say.part("figures.climb"), bounds_now(experiment)
    evidence = curve(with_now(history, "log_evidence", experiment.steps_taken, now["log_evidence"]))
    dotted = path(*evidence, NEUTRAL, width=2, dash="dot")
    traces = [dotted | {"name": words("evidence"), "hovertemplate": words("hover", name=words("evidence"))}]
    lowest, gaps = math.inf, list[float]()
    for name in experiment.arms:
        metric, title = experiment.arms.metric(name, "elbo"), say(f"arms.{name}")
        bound = with_now(history, metric, experiment.steps_taken, now[name])
        gap_metric = experiment.arms.metric(name, "kl_gap")
        gap = with_now(history, gap_metric, experiment.steps_taken, now["log_evidence"] - now[name])
        lowest, shown = min(lowest, *bound[1]), logarithmic(gap)
        gaps += shown[1]
        line = {"name": title, "hovertemplate": words("hover", name=title)}
        gap_line = {"name": title, "hovertemplate": words("gap_hover", name=title), "showlegend": False}
        traces.append(path(*curve(bound), COLOURS[name], width=2) | line)
        traces.append(path(*shown, COLOURS[name], width=2) | RIGHT | gap_line)
    highest = max(evidence[1])
    low = max(lowest, min(evidence[1]) - DEPTH)
    margin = 0.05 * (highest - low) + 0.05
    layout = two_charts(
        words("elbo"), words("gap"), yaxis={"range": [low - margin, highest + margin]},
        yaxis2={"type": "log", "exponentformat": "power", "dtick": ticks(min(gaps), max(gaps))},
    )  # fmt: skip
    return figure(traces, "climb", showlegend=True, **layout)


@torch.no_grad()
def bounds_now(experiment: InferenceExperiment) -> Mapping[str, float]:
    """The ELBO of each arm, and log_evidence."""
    model, x = experiment.model, experiment.config.x
    found = {name: elbo.elbo(model, x, fit.q).item() for name, fit in experiment.arms.items()}
    return found | {"log_evidence": log_evidence(model, x)}


Curve = tuple[list[int], list[float]]
"""Steps, and the values at them."""


def with_now(history: History, metric: str, step: int, value: float) -> Curve:
    """What was measured, and at the end what holds now where that is something else."""
    steps, values = history.get(metric, ([], []))
    if steps and steps[-1] == step and values[-1] == value:
        return steps, values
    return [*steps, step], [*values, value]


def curve(of: Curve) -> tuple[Any, Any]:
    return thin(*of)


def logarithmic(of: Curve) -> tuple[Any, Any]:
    """For a logarithmic axis: rounded to a thousandth of a decade, and a stretch stands for its geometric mean."""
    steps, logs = thin(of[0], np.log10(np.maximum(of[1], SMALLEST)).tolist())
    return steps, [float(f"{10**log:.4g}") for log in logs]


def ticks(low: float, high: float) -> int | str:
    """Plotly's `dtick` of a logarithmic axis: at most six powers of ten, and where there are few also their 2 and 5."""
    decades = math.log10(high / low)
    return "D2" if decades < 2 else math.ceil(decades / 5)
