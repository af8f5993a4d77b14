"""Answers about generated digits: pure functions of (experiment, question)."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from playground.concept import Figure, Refused
from playground.concepts.gan.digits.experiment import DigitsExperiment
from playground.concepts.gan.digits.questions import Neighbours, Walk
from playground.concepts.gan.digits.views import COLUMNS, ROWS, STOPS, sheet, walk
from playground.concepts.gan.texts import say

NEAREST = 11
"""Training digits that are shown beside a generated one."""


def clicked_digit(experiment: DigitsExperiment, x: float, y: float) -> dict[str, Any]:
    """(x, y) in the sheet of digits, counted in digits → the one there."""
    column, row = int(np.clip(x, 0, COLUMNS - 1e-6)), int(np.clip(y, 0, ROWS - 1e-6))
    return {"sample": row * COLUMNS + column}


@torch.no_grad()
def neighbours(experiment: DigitsExperiment, question: Neighbours) -> Figure:
    """A generated digit and the training digits nearest to it in pixels, and what the judge takes it for."""
    made = experiment.samples()[question.sample][None]
    p = experiment.judge(made).softmax(1)[0]
    nearest = torch.cdist(made, experiment.images)[0].argsort()[:NEAREST]
    headline = say("figures.nearest.headline", sample=question.sample, digit=int(p.argmax()), sure=p.max().item())
    found = sheet(torch.cat([made, experiment.images[nearest]]).numpy(), (NEAREST + 1) // 2, "nearest")
    found["layout"] |= {"title": {"text": headline, "font": {"size": 13}}, "meta": {"large": True},
                        "margin": {"l": 4, "r": 4, "t": 30, "b": 4}}  # fmt: skip
    return found


@torch.no_grad()
def between(experiment: DigitsExperiment, question: Walk) -> Figure:
    """The way through the noise from one generated digit to another."""
    if question.first == question.last:
        raise Refused(say("refusals.same_digits"))
    ends = experiment.fixed_noise[[question.first, question.last]]
    return sheet(walk(experiment, ends).numpy(), STOPS, "walk")
