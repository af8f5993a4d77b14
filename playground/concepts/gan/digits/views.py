"""The pictures of generated digits: pure functions of (experiment, history)."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch

from playground.concept import Figure, History
from playground.concepts.gan.digits.experiment import LEAST_SHARE, SURE, DigitsExperiment
from playground.concepts.gan.texts import say
from playground.figures.base import figure, mosaic
from playground.figures.charts import HIDDEN, LEGEND_ABOVE, SHARE_AXIS, STEP_AXIS, bars, curve, image, invisible, level
from playground.palette import HIGHLIGHT, NOTES, STANDARD

COLUMNS, ROWS = 10, 10
"""Generated digits that are shown."""
PAIRS = 9
"""Generated digits whose nearest training digits are shown."""
WALKS, STOPS = 5, 10
"""Rows of the walk through the noise, and digits in each."""


def sheet(images: np.ndarray, columns: int, key: str, **layout: Any) -> Figure:
    """(n, 784) → one picture of rows of digits, in which x and y count digits."""
    rows = -(-len(images) // columns)
    return figure(
        [invisible((0, columns), (0, rows))], key, images=[image(mosaic(images, columns), (0, columns), (rows, 0))],
        xaxis={**HIDDEN, "range": [0, columns], "constrain": "domain"},
        yaxis={**HIDDEN, "range": [rows, 0], "scaleanchor": "x", "constrain": "domain"},
        margin={"l": 4, "r": 4, "t": 4, "b": 4}, **layout,
    )  # fmt: skip


def samples(experiment: DigitsExperiment, history: History) -> Figure:
    """The same noise at every step: digits take shape and change their minds."""
    return sheet(experiment.samples()[: COLUMNS * ROWS].numpy(), COLUMNS, "samples")


@torch.no_grad()
def judged(experiment: DigitsExperiment, history: History) -> Figure:
    """What the fixed classifier takes the generated digits for; filled: those of which it is sure."""
    p = experiment.judge(experiment.samples()).softmax(1)
    sure, found = p.max(1)
    all_, certain = (of.bincount(minlength=10).numpy() / len(p) for of in (found, found[sure >= SURE]))
    digits, highest = list(range(10)), 0.3 if all_.max() <= 0.3 else 1.0
    words = say.part("figures.judged")
    return figure(
        [bars(digits, certain, STANDARD, words("sure_hover"), name=words("sure")),
         bars(digits, all_ - certain, NOTES, words("not_sure_hover"), name=words("not_sure"))], "judged",
        barmode="stack", showlegend=True, legend=LEGEND_ABOVE, shapes=[level(LEAST_SHARE, NOTES, "x domain", width=1)],
        xaxis={"dtick": 1, "title": {"text": words("x")}}, yaxis={"range": [0, highest], "tickformat": ".0%"},
    )  # fmt: skip


def quality(experiment: DigitsExperiment, history: History) -> Figure:
    """Share of digits of which the judge is sure, beside real ones'; classes it has seen."""
    sure = curve(history, "high_quality", say("figures.digit_quality.sure"), STANDARD, width=2.5) | {"yaxis": "y2"}
    classes = curve(history, "modes_covered", say("figures.digit_quality.classes"), NOTES, width=2.5)
    return figure(
        [classes, sure], "digit-quality", showlegend=True, legend=LEGEND_ABOVE, xaxis=STEP_AXIS,
        shapes=[level(experiment.real_quality, STANDARD, "x domain", "y2", width=1)],
        yaxis={"range": [0, 10.6], "title": {"text": say("figures.digit_quality.y")}},
        yaxis2=SHARE_AXIS,
    )  # fmt: skip


def style(experiment: DigitsExperiment, history: History) -> Figure:
    """The judge's mean entropy: ln 10 where every digit is all classes at once."""
    most = math.log(10)
    return figure(
        [curve(history, "style_entropy", say("figures.digit_style.entropy"), HIGHLIGHT, width=2.5)],
        "digit-style", xaxis=STEP_AXIS, shapes=[level(most, HIGHLIGHT, "x domain", width=1)],
        yaxis={"range": [0, 1.06 * most], "title": {"text": say("figures.digit_style.y")}},
    )  # fmt: skip


def neighbours(experiment: DigitsExperiment, history: History) -> Figure:
    """Above, generated digits; below each, the training digit nearest to it in pixels: is it a copy?"""
    made = experiment.samples()[:PAIRS]
    nearest = torch.cdist(made, experiment.images).argmin(1)
    return sheet(torch.cat([made, experiment.images[nearest]]).numpy(), PAIRS, "neighbours")


@torch.no_grad()
def interpolation(experiment: DigitsExperiment, history: History) -> Figure:
    """Ways from one noise to another: each row begins where the last one ended."""
    ends = experiment.fixed_noise[: WALKS + 1]
    return sheet(walk(experiment, ends).numpy(), STOPS, "interpolation")


def walk(experiment: DigitsExperiment, ends: torch.Tensor) -> torch.Tensor:
    """(n + 1, noise) places → (n · STOPS, 784): along the great circle from each to the next.

    A straight line would cut through the middle, where normal noise hardly ever is: White 2016 (arXiv 1609.04468).
    """
    rows = []
    for a, b in zip(ends[:-1], ends[1:], strict=True):
        angle = torch.arccos((a @ b / (a.norm() * b.norm())).clamp(-0.9995, 0.9995))
        share = torch.linspace(0, 1, STOPS)[:, None]
        rows.append((torch.sin((1 - share) * angle) * a + torch.sin(share * angle) * b) / torch.sin(angle))
    return experiment.average(torch.cat(rows))
