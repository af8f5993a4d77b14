"""Answers about live encoders of digits and captions: pure functions of (experiment, question)."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

from models.caption_clip import ensemble
from playground.concept import Figure, Refused
from playground.concepts.clip.captions.experiment import CaptionsExperiment
from playground.concepts.clip.captions.questions import FindCaptions, FindDigits
from playground.concepts.clip.captions.views import shown_digits
from playground.concepts.clip.texts import say
from playground.data.captions import NAMES, encode
from playground.data.mnist import as_digit
from playground.figures.base import figure, grey, mosaic, rounded
from playground.figures.charts import HIDDEN, bars, image, invisible
from playground.palette import HIGHLIGHT, STANDARD

FOUND, COLUMNS = 12, 6
"""Digits that are shown for a caption, and how many in a row."""
LINE = 1.3
"""Height of a row of digits and what is written below it, in digits."""
WORDS = [name[0] for name in NAMES]


def clicked_digit(experiment: CaptionsExperiment, x: float, y: float) -> dict[str, Any]:
    """(x, y) in the matrix → the held-out digit of its row, in the place of a drawing."""
    shown = shown_digits(experiment)
    return {"digit": int(shown[int(np.clip(round(y), 0, len(shown) - 1))]), "drawing": ""}


@torch.no_grad()
def caption_to_digits(experiment: CaptionsExperiment, question: FindDigits) -> Figure:
    """The held-out digits that are most similar to `question.caption`, the best first."""
    try:
        row = torch.from_numpy(encode(question.caption))[None]
    except ValueError as error:
        raise Refused(str(error)) from None
    cosines = experiment.vectors()[0] @ experiment.model.encode_caption(row)[0]  # (500,)
    best = cosines.argsort(descending=True)[:FOUND]
    labels = experiment.heldout_labels[best]
    most = int(labels.bincount(minlength=10).argmax())
    count, digits = int((labels == most).sum()), say(f"figures.plurals.{most}")
    title = say("figures.caption_to_digits.nearest", count=count, found=FOUND, digits=digits)
    places = [(i % COLUMNS, i // COLUMNS * LINE) for i in range(FOUND)]
    said = {
        "type": "scatter", "mode": "text", "x": [x + 0.5 for x, _ in places], "y": [y + 1.15 for _, y in places],
        "text": [f"{label}: {cos:.2f}" for label, cos in zip(labels.tolist(), cosines[best].tolist(), strict=True)],
        "name": say("figures.caption_to_digits.each"), "hoverinfo": "skip",
    }  # fmt: skip
    lines = -(-FOUND // COLUMNS)
    rows = experiment.digits.heldout_images[best.numpy()].reshape(lines, COLUMNS, -1)
    sheets = [image(mosaic(one, COLUMNS), (0, COLUMNS), (i * LINE + 1, i * LINE)) for i, one in enumerate(rows)]
    return figure(
        [invisible((0, COLUMNS), (0, lines * LINE)), said], "caption-to-digits",
        images=sheets, title={"text": title, "font": {"size": 13}},
        margin={"t": 34, "l": 8, "r": 8, "b": 8}, xaxis={**HIDDEN, "range": [0, COLUMNS], "constrain": "domain"},
        yaxis={**HIDDEN, "range": [lines * LINE, 0], "scaleanchor": "x", "constrain": "domain"},
    )  # fmt: skip


@torch.no_grad()
def digit_to_captions(experiment: CaptionsExperiment, question: FindCaptions) -> Figure:
    """A drawing, or a held-out digit where nothing is drawn, and how probable each class's captions are."""
    words = say.part("figures.digit_to_captions")
    pixels, whose = _asked(experiment, question)
    image_vector = experiment.model.encode_image(torch.from_numpy(pixels)[None])[0]
    cosines = ensemble(experiment.vectors()[1]) @ image_vector  # (10,)
    chances, how = probabilities(experiment, cosines)
    best = int(cosines.argmax())
    colours = [HIGHLIGHT if i == best else STANDARD for i in range(10)]
    found = bars(
        WORDS, chances.numpy(), STANDARD, words("hover"), name=words("probability"),
        customdata=rounded(cosines), xaxis="x2", yaxis="y2", marker={"color": colours},
    )  # fmt: skip
    return figure(
        [invisible((0, 1), (0, 1)), found], "digit-to-captions", meta={"large": True},
        images=[image(grey(pixels).reshape(28, 28), (0, 1), (0, 1))],
        xaxis={"range": [0, 1], "domain": [0, 0.26], "constrain": "domain", "showgrid": False, "zeroline": False,
               "showticklabels": False, "fixedrange": True, "title": {"text": whose}},
        yaxis={**HIDDEN, "range": [0, 1], "scaleanchor": "x", "constrain": "domain"},
        xaxis2={"domain": [0.38, 1], "anchor": "y2", "type": "category"},
        yaxis2={"anchor": "x2", "range": [0, 1.02], "title": {"text": how}},
    )  # fmt: skip


def probabilities(experiment: CaptionsExperiment, cosines: Tensor) -> tuple[Tensor, str]:
    """(10,) what the trained objective makes of the cosines with each class, and how."""
    objective = experiment.objective
    if objective.loss == "sigmoid":  # SigLIP asks of each pair by itself: these do not sum to 1
        return (objective.scale() * cosines + objective.bias).sigmoid(), say("figures.digit_to_captions.sigmoid")
    return (objective.scale() * cosines).softmax(0), say("figures.digit_to_captions.softmax")


def _asked(experiment: CaptionsExperiment, question: FindCaptions) -> tuple[np.ndarray, str]:
    """(784,) grey values, and whose digit they are."""
    if not question.drawing:
        label = experiment.digits.heldout_labels[question.digit]
        return experiment.digits.heldout_images[question.digit], say("figures.digit_to_captions.heldout", digit=label)
    try:
        return as_digit(question.drawing), say("figures.digit_to_captions.drawn")
    except ValueError as error:
        raise Refused(str(error)) from None
