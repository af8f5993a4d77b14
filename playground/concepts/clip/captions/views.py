"""The pictures of digits and captions in one space: pure functions of (experiment, history)."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch

from models.caption_clip import ensemble
from playground.concept import Figure, History
from playground.concepts.clip.captions.experiment import CaptionsExperiment
from playground.concepts.clip.texts import say
from playground.data.captions import HELDOUT_TEMPLATES, NAMES
from playground.figures.base import figure, rounded
from playground.figures.charts import (
    RIGHT,
    curve,
    extent,
    heatmap,
    level,
    principal_axes,
    turned_like_before,
    two_charts,
)
from playground.palette import CLASS_COLOURS, NEUTRAL, NOTES, STANDARD

OF_EACH = 4
"""Held-out digits of a class that the matrix shows."""
SHOWN_CAPTION = 0
"""Of a class's held-out ones: its word in the first template."""
CHANCE = 0.1


def shown_digits(experiment: CaptionsExperiment) -> np.ndarray:
    """Indices of the held-out digits in the matrix, the zeros first."""
    labels = experiment.digits.heldout_labels
    return np.concatenate([np.flatnonzero(labels == digit)[:OF_EACH] for digit in range(10)])


def shown_captions(experiment: CaptionsExperiment) -> list[str]:
    """One caption of each class."""
    return [texts[SHOWN_CAPTION] for texts in experiment.heldout_texts]


@torch.no_grad()
def digit_matrix(experiment: CaptionsExperiment, history: History) -> Figure:
    """cos of held-out digits (rows) with one held-out caption of each class (columns)."""
    a, b = experiment.vectors()
    shown, texts, words = shown_digits(experiment), shown_captions(experiment), say.part("figures.digit_matrix")
    labels = experiment.digits.heldout_labels[shown].tolist()
    cosines = a[torch.from_numpy(shown)] @ b[:, SHOWN_CAPTION].mT  # (40, 10)
    about = [[[i, 0, 0, label, text] for text in texts] for i, label in zip(shown.tolist(), labels, strict=True)]
    table = heatmap(
        cosines.numpy(), "heat", zmin=-0.2, zmax=1, customdata=about,
        hovertemplate=words("hover"),
    )  # fmt: skip
    classes = sorted(set(labels))
    middles = [float(np.flatnonzero(np.equal(labels, digit)).mean()) for digit in classes]
    plain = {"showgrid": False, "zeroline": False}
    return figure(
        [table], "digit-matrix", meta={"sprite": experiment.digits.heldout_sprite},
        xaxis={**plain, "tickvals": list(range(10)), "ticktext": [name[0] for name in NAMES], "range": [-0.5, 9.5],
               "title": {"text": words("captions", caption=HELDOUT_TEMPLATES[0].format(n="…"))}},
        yaxis={**plain, "tickvals": middles, "ticktext": [str(digit) for digit in classes],
               "range": [len(shown) - 0.5, -0.5], "title": {"text": words("digits", count=OF_EACH)}},
    )  # fmt: skip


def confusion(experiment: CaptionsExperiment, history: History) -> Figure:
    """Share of each class's held-out digits (rows) that are nearest to the captions of a class (columns)."""
    words = say.part("figures.confusion")
    counts = confusion_counts(experiment.digits.heldout_labels, experiment.classified().numpy())
    shares = counts / np.maximum(counts.sum(1, keepdims=True), 1)
    table = heatmap(
        shares, "heat", zmin=0, zmax=1, x=list(range(10)), y=list(range(10)), text=counts.tolist(),
        texttemplate="%{text}", hovertemplate=words("hover"),
    )  # fmt: skip
    ticks = {"dtick": 1, "constrain": "domain", "showgrid": False, "zeroline": False}
    return figure(
        [table], "confusion",
        xaxis={**ticks, "range": [-0.5, 9.5], "title": {"text": words("captions")}},
        yaxis={**ticks, "range": [9.5, -0.5], "scaleanchor": "x", "title": {"text": words("digits")}},
    )  # fmt: skip


def confusion_counts(labels: np.ndarray, found: np.ndarray) -> np.ndarray:
    """(10, 10) how many digits of each class (rows) were taken for each class (columns)."""
    counts = np.zeros((10, 10), np.int64)
    np.add.at(counts, (labels, found), 1)
    return counts


@torch.no_grad()
def caption_projection(experiment: CaptionsExperiment, history: History) -> Figure:
    """Held-out digits and each class's captions, their mean, in the main plane of both."""
    a, b = experiment.vectors()
    digits, captions = a.numpy(), ensemble(b).numpy()
    # As much weight for the 10 captions as for the 500 digits: the plane is to show how the two kinds lie.
    weights = np.repeat([1.0, len(digits) / len(captions)], [len(digits), len(captions)])
    mean, axes, share = principal_axes(np.concatenate([digits, captions]), weights)
    axes = turned_like_before(experiment, axes)
    points, diamonds = (digits - mean) @ axes.T, (captions - mean) @ axes.T
    labels = experiment.digits.heldout_labels
    traces = [_digits(points, np.flatnonzero(labels == digit), digit) for digit in range(10)]
    reach = extent(np.concatenate([points, diamonds]), least=0.5)
    axis = {"range": [-reach, reach], "zeroline": False}
    about = say("figures.variance", percent=100 * share.sum())
    return figure(
        [*traces, _diamonds(diamonds, shown_captions(experiment))], "caption-plane",
        meta={"sprite": experiment.digits.heldout_sprite},
        xaxis={**axis, "title": {"text": about}}, yaxis={**axis, "scaleanchor": "x"},
    )  # fmt: skip


def _digits(points: np.ndarray, chosen: np.ndarray, digit: int) -> dict[str, Any]:
    return {
        "type": "scatter", "mode": "markers", "name": str(digit), "x": rounded(points[chosen, 0]),
        "y": rounded(points[chosen, 1]), "customdata": [[i, 0, 0] for i in chosen.tolist()],
        "marker": {"color": CLASS_COLOURS[digit], "size": 5, "opacity": 0.7},
        "hovertemplate": say("figures.caption_projection.digit_hover", digit=digit),
    }  # fmt: skip


def _diamonds(points: np.ndarray, texts: list[str]) -> dict[str, Any]:
    words = say.part("figures.caption_projection")
    return {
        "type": "scatter", "mode": "markers+text", "name": words("captions"), "x": rounded(points[:, 0]),
        "y": rounded(points[:, 1]), "text": [name[0] for name in NAMES], "textposition": "top center",
        "hovertext": [words("caption_hover", caption=text) for text in texts], "hoverinfo": "text",
        "marker": {"color": CLASS_COLOURS, "size": 11, "symbol": "diamond", "line": {"width": 1.5, "color": NEUTRAL}},
    }  # fmt: skip


def progress(experiment: CaptionsExperiment, history: History) -> Figure:
    """Zero-shot accuracy and chance on the left; on the right the loss and what it can't go under on average."""
    words = say.part("figures.caption_progress")
    accuracy = curve(history, "heldout/zero_shot_accuracy", words("accuracy"), STANDARD, width=2.5)
    loss = curve(history, "train/loss", words("loss"), STANDARD, width=1.5) | RIGHT
    lines = [level(CHANCE, NOTES, "x domain", width=1.5)]
    if experiment.objective.loss == "InfoNCE":
        lines.append(level(repeats_floor(experiment.config.batch), NOTES, "x2 domain", "y2", width=1.5))
    return figure(
        [accuracy, loss], "caption-progress", shapes=lines,
        **two_charts(words("accuracy"), say("figures.loss_axis"), yaxis={"range": [0, 1.03]},
                     yaxis2={"rangemode": "tozero"}),
    )  # fmt: skip


def repeats_floor(batch: int, classes: int = 10) -> float:
    """Mean of ln k, k − 1 of the others in a batch being of the same class: the least that InfoNCE can be on average.

    A caption tells nothing of its digit but the class: whose of the k captions it is can only be guessed.
    """
    p, others = 1 / classes, batch - 1
    return sum(math.comb(others, k) * p**k * (1 - p) ** (others - k) * math.log(1 + k) for k in range(1, others + 1))
