"""The pictures of dance and music in one space: pure functions of (experiment, history)."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch

from models import clip
from playground.concept import Figure, History
from playground.concepts.clip.dance.experiment import Arm, DanceExperiment
from playground.concepts.clip.texts import say
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


def clip_matrix(experiment: DanceExperiment, history: History) -> Figure:
    """cos of every held-out dance (rows) with every held-out music (columns)."""
    return _of_clips(experiment, experiment.arms["main"], "clips-")


def frame_matrix(experiment: DanceExperiment, history: History) -> Figure:
    """The same of the frames of one held-out clip."""
    return _of_frames(experiment, experiment.arms["main"], "frames-")


def notes_clip_matrix(experiment: DanceExperiment, history: History) -> Figure:
    return _of_clips(experiment, experiment.arms["notes"], "clips-notes/")


def notes_frame_matrix(experiment: DanceExperiment, history: History) -> Figure:
    return _of_frames(experiment, experiment.arms["notes"], "frames-notes/")


@torch.no_grad()
def _of_clips(experiment: DanceExperiment, arm: Arm, key: str) -> Figure:
    a, b = experiment.vectors(arm)
    return _matrix(clip.similarity(clip.whole_clip(a), clip.whole_clip(b)).numpy(), "clips", key)


@torch.no_grad()
def _of_frames(experiment: DanceExperiment, arm: Arm, key: str) -> Figure:
    a, b = experiment.vectors(arm)
    return _matrix(clip.similarity(a[SHOWN_CLIP], b[SHOWN_CLIP]).numpy(), "frames", key)


def _matrix(cosines: np.ndarray, kind: str, key: str) -> Figure:
    """kind: "clips" or "frames", that its rows and columns are"""
    words, count = say.part(f"figures.matrix.{kind}"), len(cosines)
    return figure(
        [heatmap(cosines, "heat", zmin=-0.2, zmax=1, hovertemplate=words("hover"))], key,
        xaxis={"title": {"text": words("music")}, "range": [-0.5, count - 0.5], "constrain": "domain"},
        yaxis={"title": {"text": words("dance")}, "range": [count - 0.5, -0.5], "scaleanchor": "x",
               "constrain": "domain"},
    )  # fmt: skip


@torch.no_grad()
def projection(experiment: DanceExperiment, history: History) -> Figure:
    """Held-out clips of both kinds in the main plane of all, a line from each dance to its music."""
    words = say.part("figures.projection")
    a, b = (clip.whole_clip(x).numpy() for x in experiment.vectors(experiment.arms["main"]))
    mean, axes, share = principal_axes(np.concatenate([a, b]))
    axes = turned_like_before(experiment, axes)
    dances, musics = (a - mean) @ axes.T, (b - mean) @ axes.T
    gaps = np.full(len(dances), np.nan)
    lines = {"type": "scatter", "mode": "lines", "name": words("pairs"), "hoverinfo": "skip", "showlegend": False,
             "x": rounded(np.stack([dances[:, 0], musics[:, 0], gaps], 1).ravel()),
             "y": rounded(np.stack([dances[:, 1], musics[:, 1], gaps], 1).ravel()),
             "line": {"color": NEUTRAL, "width": 0.8}}  # fmt: skip
    reach = extent(np.concatenate([dances, musics]), least=0.5)
    axis = {"range": [-reach, reach], "zeroline": False}
    about = say("figures.variance", percent=100 * share.sum())
    return figure(
        [lines, _points(dances, "dance", STANDARD, "circle"), _points(musics, "music", NOTES, "diamond")], "plane",
        showlegend=True, legend=LEGEND_ABOVE,
        xaxis={**axis, "title": {"text": about}}, yaxis={**axis, "scaleanchor": "x"},
    )  # fmt: skip


def _points(at: np.ndarray, kind: str, colour: str, symbol: str) -> dict[str, Any]:
    words = say.part("figures.projection")
    return {"type": "scatter", "mode": "markers", "name": words(kind), "x": rounded(at[:, 0]), "y": rounded(at[:, 1]),
            "marker": {"color": colour, "size": 7, "symbol": symbol},
            "hovertemplate": words(f"{kind}_hover")}  # fmt: skip


def progress(experiment: DanceExperiment, history: History) -> Figure:
    """Retrieval on the left, in per cent of held-out clips and frames; the loss and the scale's floor on the right."""
    left, right = [], []
    for name in experiment.arms:
        words, main = say.part(f"figures.progress.{name}"), name == "main"
        for what, colour in (("clip", STANDARD), ("frame", HIGHLIGHT)):
            metric = experiment.arms.metric(name, f"heldout/{what}_recall_at_1")
            line = curve(history, metric, words(what), colour, width=2.5, dash="solid" if main else "dot")
            left.append(line | {"showlegend": main})
        metric = experiment.arms.metric(name, "train/loss")
        loss = curve(history, metric, words("loss"), STANDARD if main else CLASS_COLOURS[5], width=1.5)
        right.append(loss | RIGHT | {"showlegend": False})
    floors = [level(floor, NOTES, "x2 domain", "y2", width=1.5) for floor in fixed_floors(experiment)]
    return figure(
        [*left, *right], "progress", shapes=floors, showlegend=True,
        **two_charts(say("figures.progress.recall_axis"), say("figures.loss_axis"), yaxis={"range": [0, 1.03]},
                     yaxis2={"rangemode": "tozero"}),
    )  # fmt: skip


def fixed_floors(experiment: DanceExperiment) -> list[float]:
    """What InfoNCE can't go under, for each arm whose scale stays 1."""
    config = experiment.config
    counts = {"clips": config.batch, "frames": config.frames}
    return [clip.loss_floor(counts[arm.contrast], 1.0) for arm in experiment.arms.values()
            if arm.objective.kind == "fixed" and arm.objective.loss == "InfoNCE"]  # fmt: skip


def retrieval(experiment: DanceExperiment, history: History) -> Figure:
    """R@1 and R@5 of the knobs' model among the held-out clips, each way by itself."""
    words = say.part("figures.retrieval")
    traces = []
    for way, colour in (("motion_to_music", STANDARD), ("music_to_motion", NOTES)):
        for k, dash in ((1, "solid"), (5, "dot")):
            metric = experiment.arms.metric("main", f"heldout/{way}_at_{k}")
            traces.append(curve(history, metric, words(f"{way}_at_{k}"), colour, width=2.5, dash=dash))
    return figure(
        traces, "retrieval", showlegend=True, legend=LEGEND_ABOVE,
        xaxis=STEP_AXIS,
        yaxis={"range": [0, 1.03], "title": {"text": words("found")}},
    )  # fmt: skip


def scales(experiment: DanceExperiment, history: History) -> Figure:
    """What the cosines are multiplied by."""
    words, colours = say.part("figures.scales"), {"main": STANDARD, "notes": NOTES}
    traces = [curve(history, experiment.arms.metric(name, "scale"), words(name), colours[name], width=2.5)
              for name in experiment.arms]  # fmt: skip
    cap = math.log10(clip.MAX_SCALE)
    return figure(
        traces, "scale", showlegend=True, legend=LEGEND_ABOVE,
        xaxis=STEP_AXIS,
        yaxis={"type": "log", "range": [-0.3, cap + 0.1], "title": {"text": words("axis")}},
    )  # fmt: skip


def gap(experiment: DanceExperiment, history: History) -> Figure:
    """The modality gap, alignment and uniformity of the held-out clips."""
    metrics = (("modality_gap", NOTES), ("alignment", STANDARD), ("uniformity", HIGHLIGHT))
    traces = [curve(history, experiment.arms.metric("main", name), say(f"figures.gap.{name}"), colour, width=2.5)
              for name, colour in metrics]  # fmt: skip
    return figure(traces, "gap", showlegend=True, legend=LEGEND_ABOVE, xaxis=STEP_AXIS, yaxis={})
