"""Answers about a live codebook: pure functions of (experiment, question)."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

from playground.concept import Figure, Refused
from playground.concepts.vqvae.colours import code_colours, css
from playground.concepts.vqvae.experiment import VQVAEExperiment
from playground.concepts.vqvae.places import parse_edits
from playground.concepts.vqvae.questions import Fires, Swap, SwapInDigit, SwapInDrawing
from playground.concepts.vqvae.sheets import BANK, COLUMNS, PLACES, SIDE, marked, patches, shown_digits
from playground.concepts.vqvae.texts import say
from playground.concepts.vqvae.views import usage
from playground.data.mnist import as_digit
from playground.figures.base import data_url, figure, grey, tiles
from playground.figures.charts import HIDDEN, image, invisible, note

SHOWN = 30
"""Digits in which a code fires."""


def swap(experiment: VQVAEExperiment, question: SwapInDigit) -> Figure:
    """A held-out digit's codes, some of them swapped, and what the decoder makes of them."""
    return _code_map(experiment, experiment.examples.heldout[question.digit], question)


def draw(experiment: VQVAEExperiment, question: SwapInDrawing) -> Figure:
    """The same for a drawing."""
    try:
        drawing = as_digit(question.drawing)
    except ValueError as error:
        raise Refused(str(error)) from None
    return _code_map(experiment, torch.from_numpy(drawing), question)


@torch.no_grad()
def _code_map(experiment: VQVAEExperiment, x: Tensor, question: Swap) -> Figure:
    if not experiment.examples.images:
        raise Refused(say("refusals.only_digits"))
    encoded = experiment.model.codes(x[None])  # (1, 49)
    edits = parse_edits(question.edits)
    if question.code >= 0:
        edits |= {question.place: question.code}
    _check_codes(experiment, *edits.values())
    swapped = encoded.clone()
    for place, code in edits.items():
        swapped[0, place] = code
    before, after = experiment.decode_codes(torch.cat([encoded, swapped])).numpy()
    return {"codes": {
        "side": SIDE, "encoded": encoded[0].tolist(), "swapped": swapped[0].tolist(), "place": question.place,
        "code": question.code, "edits": question.edits, "colours": css(code_colours(experiment)),
        "use": [round(100 * float(share), 2) for share in usage(experiment)],
        "patches": data_url(tiles(patches(experiment)[..., None], COLUMNS)[..., 0]), "columns": COLUMNS,
        "x": data_url(grey(x.numpy()).reshape(28, 28)), "before": data_url(grey(before).reshape(28, 28)),
        "after": data_url(grey(after).reshape(28, 28)),
    }}  # fmt: skip


def _check_codes(experiment: VQVAEExperiment, *codes: int) -> None:
    """Raises Refused for the first that is too large."""
    last = experiment.config.codes - 1
    for code in codes:
        if code > last:
            raise Refused(say("refusals.no_such_code", code=code, last=last))


def clicked_digit(experiment: VQVAEExperiment, x: float, y: float) -> dict[str, Any]:
    """(x, y) in the picture of maps → the digit and its place there."""
    if not experiment.examples.images:
        raise Refused(say("refusals.only_digits"))
    column, row = int(np.clip(x, 0, BANK - 1)), int(np.clip(y, 0, 5))
    place = SIDE * int(np.clip((y - row) * SIDE, 0, 6)) + int(np.clip((x - column) * SIDE, 0, 6))
    return {"digit": int(shown_digits()[column + BANK * (row // 3)]), "place": place, "code": -1, "edits": ""}


def clicked_vector(experiment: VQVAEExperiment, x: float, y: float) -> dict[str, Any]:
    """The code that is nearest in the picture."""
    codes = experiment.projection.project(experiment.model.codebook.detach())
    return {"code": int(((codes - [x, y]) ** 2).sum(1).argmin())}


def clicked_bar(experiment: VQVAEExperiment, x: float, y: float) -> dict[str, Any]:
    return {"code": int(np.clip(round(x), 0, experiment.config.codes - 1))}


def clicked_patch(experiment: VQVAEExperiment, x: float, y: float) -> dict[str, Any]:
    """(x, y) in the picture of the codebook → the code."""
    if not experiment.examples.images:
        raise Refused(say("refusals.only_digits"))
    code = COLUMNS * int(max(y, 0)) + int(np.clip(x, 0, COLUMNS - 1))
    return {"code": min(code, experiment.config.codes - 1)}


@torch.no_grad()
def fires(experiment: VQVAEExperiment, question: Fires) -> Figure:
    """Held-out digits in which a code is used, the places framed."""
    if not experiment.examples.images:
        raise Refused(say("refusals.only_digits"))
    _check_codes(experiment, question.code)
    x = experiment.examples.heldout
    where = experiment.codes(x) == question.code  # (500, 49)
    rows = where.any(1).nonzero().flatten()
    if not len(rows):
        words = say("figures.fires.none", code=question.code)
        return figure([], "fires", annotations=[note(words)], xaxis=HIDDEN, yaxis=HIDDEN)
    shown = rows[:SHOWN]
    places = [where[row].nonzero().flatten().tolist() for row in shown]
    sheet, lines = tiles(marked(x[shown], places), 10, gap=1), -(-len(shown) // 10)
    found: dict[str, Any] = {"digits": len(rows), "uses": int(where.sum()), "places": 500 * PLACES}
    words = say("figures.fires.found", code=question.code, **found)
    return figure(
        [invisible((0, 10), (0, lines))], "fires", images=[image(sheet, (0, 10), (lines, 0))],
        meta={"large": True}, title={"text": words, "font": {"size": 13}}, margin={"t": 34, "l": 8, "r": 8, "b": 8},
        xaxis={**HIDDEN, "range": [0, 10], "constrain": "domain"},
        yaxis={**HIDDEN, "range": [lines, 0], "scaleanchor": "x", "constrain": "domain"},
    )  # fmt: skip
