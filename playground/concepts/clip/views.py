"""The pictures of two modalities in one space: pure functions of (experiment, history)."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch

from models import clip
from playground.concept import Figure, History
from playground.concepts.clip.experiment import ClipExperiment
from playground.figures.base import figure, rounded
from playground.figures.charts import (
    LEGEND_ABOVE,
    RIGHT,
    STEP_AXIS,
    curve,
    extent,
    heatmap,
    level,
    principal_axes,
    turned_like_before,
    two_charts,
)
from playground.palette import CLASS_COLOURS, HIGHLIGHT, NEUTRAL, NOTES, STANDARD

SHOWN_CLIP = 0
"""Of the held-out ones, whose frames are shown."""
PAIRS = 64


@torch.no_grad()
def clip_matrix(experiment: ClipExperiment, history: History) -> Figure:
    """cos of every held-out dance (rows) with every held-out music (columns)."""
    return _matrix(experiment, "", "music of clip", "dance of clip", "clips")


def _matrix(experiment: ClipExperiment, name: str, across: str, down: str, key: str) -> Figure:
    a, b = experiment.vectors(name)
    if key == "clips":
        cosines = clip.similarity(clip.whole_clip(a), clip.whole_clip(b))
    else:
        cosines = clip.similarity(a[SHOWN_CLIP], b[SHOWN_CLIP])
    count = len(cosines)
    hover = f"{down} %{{y}}, {across} %{{x}}: cos %{{z:.2f}}<extra></extra>"
    return figure(
        [heatmap(cosines.numpy(), "heat", zmin=-0.2, zmax=1, hovertemplate=hover)], f"{key}-{name}",
        xaxis={"title": {"text": across}, "range": [-0.5, count - 0.5], "constrain": "domain"},
        yaxis={"title": {"text": down}, "range": [count - 0.5, -0.5], "scaleanchor": "x", "constrain": "domain"},
    )  # fmt: skip


def frame_matrix(experiment: ClipExperiment, history: History) -> Figure:
    """The same of the frames of one held-out clip."""
    return _matrix(experiment, "", "music at frame", "dance at frame", "frames")


def notes_clip_matrix(experiment: ClipExperiment, history: History) -> Figure:
    return _matrix(experiment, "notes/", "music of clip", "dance of clip", "clips")


def notes_frame_matrix(experiment: ClipExperiment, history: History) -> Figure:
    return _matrix(experiment, "notes/", "music at frame", "dance at frame", "frames")


@torch.no_grad()
def plane(experiment: ClipExperiment, history: History) -> Figure:
    """Held-out clips of both kinds in the main plane of all, a line from each dance to its music."""
    a, b = (clip.whole_clip(x).numpy() for x in experiment.vectors())
    mean, axes, share = principal_axes(np.concatenate([a, b]))
    axes = turned_like_before(experiment, axes)
    one, other = (a - mean) @ axes.T, (b - mean) @ axes.T
    gaps = np.full(len(one), np.nan)
    lines = {"type": "scatter", "mode": "lines", "name": "pairs", "hoverinfo": "skip", "showlegend": False,
             "x": rounded(np.stack([one[:, 0], other[:, 0], gaps], 1).ravel()),
             "y": rounded(np.stack([one[:, 1], other[:, 1], gaps], 1).ravel()),
             "line": {"color": NEUTRAL, "width": 0.8}}  # fmt: skip
    reach = extent(np.concatenate([one, other]), least=0.5)
    axis = {"range": [-reach, reach], "zeroline": False}
    about = f"{100 * share.sum():.0f} % of the variance"
    return figure(
        [lines, _points(one, "dance", STANDARD, "circle"), _points(other, "music", NOTES, "diamond")], "plane",
        showlegend=True, legend=LEGEND_ABOVE,
        xaxis={**axis, "title": {"text": about}}, yaxis={**axis, "scaleanchor": "x"},
    )  # fmt: skip


def _points(at: np.ndarray, name: str, colour: str, symbol: str) -> dict[str, Any]:
    return {"type": "scatter", "mode": "markers", "name": name, "x": rounded(at[:, 0]), "y": rounded(at[:, 1]),
            "marker": {"color": colour, "size": 7, "symbol": symbol},
            "hovertemplate": name + " %{pointNumber}<extra></extra>"}  # fmt: skip


def progress(experiment: ClipExperiment, history: History) -> Figure:
    """Retrieval on the left, in per cent of held-out clips and frames; the loss and the scale's floor on the right."""
    left, right = [], []
    for name in experiment.arms:
        words, dash = ("the notes' ", "dot") if name else ("", "solid")
        for what, colour in (("clip", STANDARD), ("frame", HIGHLIGHT)):
            metric = f"{name}heldout/{what}_recall_at_1"
            line = curve(history, metric, f"{words}{what} R@1", colour, width=2.5, dash=dash)
            left.append(line | {"showlegend": not name})
        loss = curve(history, f"{name}train/loss", f"{words}loss", CLASS_COLOURS[5] if name else STANDARD, width=1.5)
        right.append(loss | RIGHT | {"showlegend": False})
    floors = [level(floor, NOTES, "x2 domain", "y2", width=1.5) for floor in fixed_floors(experiment)]
    return figure(
        [*left, *right], "progress", shapes=floors, showlegend=True,
        **two_charts("recall at 1", "loss, nats", yaxis={"range": [0, 1.03]}, yaxis2={"rangemode": "tozero"}),
    )  # fmt: skip


def fixed_floors(experiment: ClipExperiment) -> list[float]:
    """What InfoNCE can't go under, for each arm whose scale stays 1."""
    config = experiment.config
    counts = {"clips": config.batch, "frames": config.frames}
    return [clip.loss_floor(counts[arm.contrast], 1.0) for arm in experiment.arms.values()
            if arm.objective.kind == "fixed" and arm.objective.loss == "InfoNCE"]  # fmt: skip


def retrieval(experiment: ClipExperiment, history: History) -> Figure:
    """R@1 and R@5 of the knobs' model among the held-out clips, each way by itself."""
    ways = (("motion_to_music", "motion → music", STANDARD), ("music_to_motion", "music → motion", NOTES))
    traces = [curve(history, f"heldout/{way}_at_{k}", f"{words} R@{k}", colour, width=2.5, dash=dash)
              for way, words, colour in ways for k, dash in ((1, "solid"), (5, "dot"))]  # fmt: skip
    return figure(
        traces, "retrieval", showlegend=True, legend=LEGEND_ABOVE,
        xaxis=STEP_AXIS,
        yaxis={"range": [0, 1.03], "title": {"text": "share found"}},
    )  # fmt: skip


def scales(experiment: ClipExperiment, history: History) -> Figure:
    """What the cosines are multiplied by."""
    traces = []
    for name in experiment.arms:
        words, colour = ("the notes' scale", NOTES) if name else ("scale", STANDARD)
        traces.append(curve(history, f"{name}scale", words, colour, width=2.5))
    cap = math.log10(clip.MAX_SCALE)
    return figure(
        traces, "scale", showlegend=True, legend=LEGEND_ABOVE,
        xaxis=STEP_AXIS,
        yaxis={"type": "log", "range": [-0.3, cap + 0.1], "title": {"text": "scale t"}},
    )  # fmt: skip


def gap(experiment: ClipExperiment, history: History) -> Figure:
    """The modality gap, alignment and uniformity of the held-out clips."""
    names = (("modality_gap", "modality gap", NOTES), ("alignment", "alignment", STANDARD),
             ("uniformity", "uniformity", HIGHLIGHT))  # fmt: skip
    return figure(
        [curve(history, metric, name, colour, width=2.5) for metric, name, colour in names], "gap", showlegend=True,
        legend=LEGEND_ABOVE,
        xaxis=STEP_AXIS, yaxis={},
    )  # fmt: skip
