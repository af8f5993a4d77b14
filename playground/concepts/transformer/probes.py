"""Answers to a visitor's questions to a live transformer."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from playground.capture import evaluating
from playground.concept import Figure, Refused
from playground.concepts.transformer import ablations
from playground.concepts.transformer.experiment import TransformerExperiment
from playground.concepts.transformer.inspection import (
    ForwardPass,
    Head,
    example,
    example_pass,
    example_prefix,
    main_kind,
    run_example,
    sharpest,
)
from playground.concepts.transformer.measures import KINDS
from playground.concepts.transformer.pattern_grid import PatternGrid
from playground.concepts.transformer.questions import Edit, HeadQuestion, Inside, Shuffle, Write
from playground.concepts.transformer.reading import reading_of
from playground.concepts.transformer.texts import say
from playground.concepts.transformer.views import attention, attentions, one_map, written_rows
from playground.data.strings import Unreadable, partners
from playground.figures.base import figure
from playground.figures.charts import bars, heatmap, level
from playground.palette import NOTES, STANDARD

Example = Callable[[TransformerExperiment], list[int]]

SIDE = -2
"""Column of the vector that stands beside those of the keys."""
READABLE = 20
"""Keys up to which their numbers have room."""


def read(experiment: TransformerExperiment, text: str, otherwise: Example = example) -> list[int]:
    """A visitor's text as tokens, an example for none; raises Refused with a sentence."""
    if not text.strip():
        return otherwise(experiment)
    try:
        tokens = experiment.task.read(text)
        if experiment.config.task == "brackets":
            partners(text.strip())
    except Unreadable as error:
        raise Refused(unreadable(experiment, error)) from None
    return tokens


def unreadable(experiment: TransformerExperiment, error: Unreadable) -> str:
    """Why a text can't be read, in a sentence."""
    accepts = say(f"refusals.accepts.{experiment.config.task}")
    return say(f"refusals.{error.reason}", accepts=accepts, **error.values)


def write(experiment: TransformerExperiment, question: Write) -> Figure:
    """The model's answer to any text, token by token, with what it attended to."""
    shown = run_example(experiment, read(experiment, question.text, example_prefix))
    return reading_of(experiment, shown, own=bool(question.text.strip()))


def _headline(text: str, **more: Any) -> dict[str, Any]:
    """Above a chart and the letters at its top."""
    return {"text": text, "xref": "paper", "yref": "paper", "x": 0, "y": 1, "yshift": 20, "xanchor": "left",
            "yanchor": "bottom", "showarrow": False, "font": {"size": 14, "color": NOTES}, **more}  # fmt: skip


def inside(experiment: TransformerExperiment, question: Inside) -> Figure:
    """One head for one query in numbers: every key, its product with q, scaled, masked, softmax, the values' mix."""
    shown = run_example(experiment, read(experiment, question.text))
    kind, layer, head = chosen(experiment, shown, question)
    queries, keys = shown.queries(kind), shown.keys(kind)
    if question.row > len(queries):
        raise Refused(say("refusals.row", row=question.row, rows=len(queries)))
    row = question.row - 1
    token, weights = queries[row], shown.patterns[kind][layer, head, row]
    name = KINDS[kind].format(layer)
    q, k, v = (shown.vectors[f"{name}.hook_{x}"][head] for x in "qkv")
    q = q[row]
    scaled, words = experiment.config.scaled, say.part("figures.inside")
    products = k @ q
    scores = products / np.sqrt(len(q)) if scaled else products
    steps = {
        "q·k": products,
        "/ √d_k" if scaled else words("not_scaled"): scores,
        words("mask"): np.where(np.isnan(weights), np.nan, scores),
        words("softmax"): weights,
    }
    limit = max(float(np.abs(np.vstack([q, k, v])).max()), 1e-6)
    mixed = np.nan_to_num(weights) @ v
    blocks = [
        _block(q, k, "y", limit, [words("query", token=token), "", *[words("key", token=c) for c in keys]]),
        _block(mixed, v, "y3", limit, [words("mixed"), "", *[words("value", token=c) for c in keys]]),
    ]
    empty = {"showgrid": False, "zeroline": False, "ticks": ""}
    headline = words("headline", attention=attention(kind), layer=layer + 1, head=head + 1, token=token)
    sides = ((words("query_label", token=token), 1.0), (words("mixed_label"), 0.3))
    return figure(
        [blocks[0], _table(steps, keys), blocks[1]], f"inside-{len(keys)}-{len(q)}",
        margin={"l": 8, "r": 8, "t": 44, "b": 4}, meta={"large": True},
        annotations=[
            _headline(headline),
            *[{"text": text, "x": SIDE, "xref": "x", "y": y, "yref": "paper", "yanchor": "bottom", "showarrow": False,
               "font": {"size": 11, "color": NOTES}} for text, y in sides],
        ],
        xaxis={**empty, "tickvals": list(range(len(keys))), "ticktext": keys, "side": "top", "tickangle": 0,
               "anchor": "y", "range": [SIDE - 0.6, len(keys) - 0.4]},
        yaxis={**empty, "domain": [0.7, 1], "tickvals": [(len(q) - 1) / 2], "ticktext": [words("keys")],
               "autorange": "reversed"},
        yaxis2={**empty, "domain": [0.36, 0.66], "tickvals": list(range(len(steps))), "ticktext": list(steps),
                "range": [len(steps) - 0.5, -0.5]},
        yaxis3={**empty, "domain": [0, 0.3], "tickvals": [(len(q) - 1) / 2], "ticktext": [words("values")],
                "autorange": "reversed"},
    )  # fmt: skip


def _block(side: np.ndarray, vectors: np.ndarray, axis: str, limit: float, names: list[str]) -> dict[str, Any]:
    """(d_k,) and (keys, d_k) as columns of colour."""
    numbers = np.column_stack([side, np.full(len(side), np.nan), vectors.T])
    return heatmap(
        numbers, "diverging", x0=SIDE, dx=1, yaxis=axis, zmin=-limit, zmax=limit, text=[names] * len(numbers),
        hovertemplate=say("figures.inside.vector_hover") + "<extra></extra>",
    )  # fmt: skip


def _table(steps: dict[str, np.ndarray], keys: list[str]) -> dict[str, Any]:
    """A row of numbers for each step, shaded over what is finite in it."""
    digits = [2 if i == len(steps) - 1 or len(keys) <= 14 else 1 for i in range(len(steps))]  # the last is the softmax
    text = [[_short(value, few) for value in row] for few, row in zip(digits, steps.values(), strict=True)]
    about = [
        [
            say("figures.inside.step_hover", step=name, key=key, value=value)
            for key, value in zip(keys, row, strict=True)
        ]
        for name, row in steps.items()
    ]
    return heatmap(
        np.stack([_shade(row) for row in steps.values()]), "heat", yaxis="y2", zmin=0, zmax=1.4, text=text,
        texttemplate="%{text}" if len(keys) <= READABLE else "", textfont={"size": 11},
        customdata=about, hovertemplate="%{customdata}<extra></extra>",
    )  # fmt: skip


def _short(value: float, digits: int) -> str:
    """ "−∞" where the mask forbids; no zero before the point; of two digits one is enough where there are many keys."""
    if np.isnan(value):
        return "−∞"
    if digits == 1 and abs(value) >= 0.95:
        return f"{value:.0f}"
    return re.sub(r"^(-?)0\.", r"\1.", f"{value:z.{digits}f}")


def _shade(values: np.ndarray) -> np.ndarray:
    """0 … 1 over what is finite, so that each row can be read."""
    low, high = np.nanmin(values), np.nanmax(values)
    return (values - low) / max(high - low, 1e-6)


def clicked_cell(experiment: TransformerExperiment, x: float, y: float) -> dict[str, Any]:
    """What a click in the grid of the example's maps asks about."""
    cell = PatternGrid(example_pass(experiment)).at(x, y)
    if cell is None:
        raise Refused(say("refusals.no_map_in_grid"))
    return {"text": "", "kind": cell.kind, "layer": cell.layer + 1, "head": cell.head + 1, "row": cell.query + 1}


def clicked_row(experiment: TransformerExperiment, x: float, y: float) -> dict[str, Any]:
    """What a click in the enlarged map asks about."""
    shown = example_pass(experiment)
    kind, layer, head = sharpest(shown)
    rows = range(len(shown.queries(kind)))[written_rows(experiment, shown)]
    if not (0 <= round(y) < len(rows) and 0 <= round(x) < len(shown.keys(kind))):
        raise Refused(say("refusals.no_map_in_figure"))
    return {"text": "", "kind": kind, "layer": layer + 1, "head": head + 1, "row": rows[round(y)] + 1}


def chosen(experiment: TransformerExperiment, shown: ForwardPass, question: HeadQuestion) -> Head:
    """The head that a question means; raises Refused for one that the model does not have."""
    config = experiment.config
    kind: str = question.kind
    if kind == "auto":
        kind = main_kind(shown)
    if kind not in shown.patterns:
        there = say("refusals.kinds_and").join(say(f"figures.entropies.kind.{one}") for one in shown.patterns)
        raise Refused(say("refusals.kind", kind=say(f"figures.entropies.kind.{kind}"), kinds=there))
    if question.layer > config.layers:
        raise Refused(say("refusals.layer", layer=question.layer, last=config.layers))
    if question.head > config.heads:
        raise Refused(say("refusals.head", head=question.head, last=config.heads))
    return kind, question.layer - 1, question.head - 1


def head(experiment: TransformerExperiment, question: HeadQuestion) -> Figure:
    """Any head's map of any text, large."""
    shown = run_example(experiment, read(experiment, question.text))
    return one_map(shown, chosen(experiment, shown, question), "head")


def off(experiment: TransformerExperiment, question: HeadQuestion) -> Figure:
    """The answer with a head switched off, and how many held-out answers stay right without each head.

    Of a large model only the heads of the chosen kind of attention are shown, on fewer strings.
    """
    tokens = read(experiment, question.text, example_prefix)
    shown = run_example(experiment, tokens)
    chosen_head = chosen(experiment, shown, question)
    without = run_example(experiment, tokens, without=chosen_head)
    every = [(*which, head) for which in attentions(experiment).values() for head in range(experiment.config.heads)]
    heads = ablations.heads_shown(every, chosen_head)
    count = ablations.strings_for(experiment, len(heads))
    whole, *right = ablations.accuracies_without(experiment, [None, *heads], count)
    words = say.part("figures.off")
    trace = bars([_name(one) for one in heads], np.array(right), STANDARD, words("hover"))
    trace["marker"] = {"color": [NOTES if one == chosen_head else STANDARD for one in heads]}
    text = words("answers", whole=shown.answer, head=_name(chosen_head), without=without.answer)
    return figure(
        [trace],
        "off",
        annotations=[_headline(text, yshift=4, align="left")],
        margin={"l": 8, "r": 8, "t": 60, "b": 6},
        shapes=[level(whole, NOTES, width=1.5)],
        xaxis={"type": "category", "title": {"text": words("x")}},
        yaxis={"range": [0, 1.03], "title": {"text": words("y", count=count)}, "tickformat": ".0%"},
    )


def _name(head: Head) -> str:
    """Short enough for an axis: "cross 1.2" is layer 1, head 2."""
    kind, layer, index = head
    return say("figures.off.head", kind=say(f"figures.off.kind.{kind}"), layer=layer + 1, head=index + 1)


def edit(experiment: TransformerExperiment, question: Edit) -> Figure:
    """One character replaced: which outputs move?"""
    tokens = read(experiment, question.text)
    if question.position > len(tokens):
        raise Refused(say("refusals.position", position=question.position, length=len(tokens)))
    changed = list(tokens)
    try:
        blank = question.character == " " and " " in experiment.task.characters  # which reading a text would strip
        by = experiment.task.encode(" ") if blank else experiment.task.read(question.character)
        changed[question.position - 1] = by[0]
    except Unreadable as error:
        raise Refused(say("refusals.by", why=unreadable(experiment, error))) from None
    before, after = run_example(experiment, tokens), run_example(experiment, changed)
    both = zip(before.outputs[before.first :], after.outputs[after.first :], strict=False)
    names = [f"{i + 1}: {b}→{a}" for i, (b, a) in enumerate(both)]
    shared = slice(before.first, before.first + len(names))
    moved = np.abs(before.probabilities[shared] - after.probabilities[shared]).sum(-1) / 2
    text = f"{''.join(before.source)} → {before.answer}<br>{''.join(after.source)} → {after.answer}"
    return figure(
        [bars(names, moved, STANDARD, say("figures.edit.hover"))], "edit",
        annotations=[_headline(text, yshift=4, align="left")], margin={"l": 8, "r": 8, "t": 60, "b": 6},
        xaxis={"type": "category", "title": {"text": say("figures.edit.x")}},
        yaxis={"range": [0, 1.03], "title": {"text": say("figures.edit.y")}},
    )  # fmt: skip


def shuffle(experiment: TransformerExperiment, question: Shuffle) -> Figure:
    """The text in another order: how far does what the encoder makes of each character move?"""
    model = experiment.model
    if experiment.architecture == "decoder":
        raise Refused(say("refusals.no_encoder"))
    tokens = torch.tensor([read(experiment, question.text)])
    order = torch.randperm(tokens.shape[1], generator=torch.Generator().manual_seed(question.order))
    with evaluating(model):
        before, after = model.encode(tokens)[0, order], model.encode(tokens[:, order])[0]  # (tokens, width)
    moved = ((after - before).norm(dim=1) / before.norm(dim=1)).numpy()
    texts = ["".join(map(experiment.task.glyph, text)) for text in (tokens[0].tolist(), tokens[0, order].tolist())]
    words = say.part("figures.shuffle")
    verdict = words("none_moved") if moved.max() < 1e-4 else words("moved", mean=moved.mean())
    names = [f"{i + 1}: {c}" for i, c in enumerate(texts[1])]
    return figure(
        [bars(names, moved, STANDARD, words("hover"))], "shuffle",
        annotations=[_headline(f"{texts[0]} → {texts[1]}<br>{verdict}", yshift=4, align="left")],
        margin={"l": 8, "r": 8, "t": 60, "b": 6}, xaxis={"type": "category", "title": {"text": words("x")}},
        yaxis={"range": [0, max(1.03, 1.1 * float(moved.max()))],
               "title": {"text": words("y")}},
    )  # fmt: skip
