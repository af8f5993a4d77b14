"""Answers to a visitor's questions to a live transformer."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from models.positions import rotate
from playground.concept import Figure, Refused
from playground.concepts.transformer.experiment import TransformerExperiment
from playground.concepts.transformer.look import Cell, Grid, Look, example, look
from playground.concepts.transformer.questions import Edit, Inside, Off, Write
from playground.concepts.transformer.views import HEAT, written
from playground.data.strings import Unreadable, partners
from playground.figures.base import NOTES, STANDARD, figure, rounded
from playground.figures.charts import bars

SOME = 32
"""Held-out strings that must do where many heads are switched off in turn."""


def read(experiment: TransformerExperiment, text: str) -> list[int]:
    """A visitor's text as tokens, an example for none; raises Refused with a sentence."""
    if not text.strip():
        return example(experiment)
    try:
        tokens = experiment.task.read(text)
        if experiment.config.task == "brackets":
            partners(text.strip())
    except Unreadable as error:
        raise Refused(str(error)) from None
    return tokens


def write(experiment: TransformerExperiment, question: Write) -> Figure:
    """The model's answer to any text, token by token, with where it looked."""
    seen = look(experiment, read(experiment, question.text))
    made = written(seen, "write")
    made["layout"]["annotations"] = [_headline(f"{''.join(seen.read)} → {seen.text}")]
    made["layout"]["margin"]["t"] = 56
    return made


def _headline(text: str, **more: Any) -> dict[str, Any]:
    return {"text": text, "xref": "paper", "yref": "paper", "x": 0, "y": 1.08, "xanchor": "left", "yanchor": "bottom",
            "showarrow": False, "font": {"size": 14, "color": NOTES}, **more}  # fmt: skip


def inside(experiment: TransformerExperiment, question: Inside) -> Figure:
    """One head for one query, in numbers: q, every k, their products, scaled, masked, softmax, the mix of values."""
    seen = look(experiment, read(experiment, question.text))
    cell = Grid(seen).at(question.x, question.y)
    if cell is None:
        raise Refused("There is no map at this place: click on a cell of one.")
    q, k, v = queries_keys_values(experiment, seen, cell)
    config = experiment.config
    products = k @ q
    scaled = products / np.sqrt(len(q)) if config.scaled else products
    allowed = np.arange(len(k)) <= cell.query if cell.kind == "decoder" and config.causal else np.ones(len(k), bool)
    weights = seen.maps[cell.kind][cell.layer, cell.head, cell.query]
    keys = seen.queries if cell.kind == "decoder" else seen.read
    token = (seen.read if cell.kind == "encoder" else seen.queries)[cell.query]
    rows = [
        ("q·k", products), ("/ √d_k" if config.scaled else "unscaled", scaled),
        ("mask", np.where(allowed, scaled, np.nan)), ("softmax", weights),
    ]  # fmt: skip
    shades = np.stack([_shade(values) for _, values in rows])
    text = [["−∞" if np.isnan(value) else f"{value:.2f}" for value in values] for _, values in rows]
    vectors = np.concatenate([q[None], k, (weights @ v)[None]])
    limit = max(float(np.abs(vectors).max()), 1e-6)
    names = [f"q of {token}", *[f"k of {c}" for c in keys], "Σ weight · v"]
    return figure(
        [{"type": "heatmap", "z": rounded(shades), "text": text, "texttemplate": "%{text}", "colorscale": HEAT,
          "showscale": False, "zmin": 0, "zmax": 1.4, "textfont": {"size": 10},
          "hovertemplate": "%{text}<extra></extra>"},
         {"type": "heatmap", "z": rounded(vectors, 2), "xaxis": "x2", "yaxis": "y2", "zmin": -limit, "zmax": limit,
          "colorscale": [[0, NOTES], [0.5, "#f4f4f2"], [1, STANDARD]], "showscale": False,
          "hovertemplate": "%{z:.2f}<extra></extra>"}],
        "inside", margin={"l": 8, "r": 8, "t": 44, "b": 6},
        annotations=[_headline(f"{cell.kind} {cell.layer + 1}, head {cell.head + 1}: where does “{token}” look?")],
        xaxis={"tickvals": list(range(len(keys))), "ticktext": keys, "side": "top", "ticks": "", "tickangle": 0,
               "showgrid": False},
        yaxis={"tickvals": list(range(4)), "ticktext": [name for name, _ in rows], "range": [3.5, -0.5],
               "domain": [0.62, 1], "showgrid": False, "ticks": ""},
        xaxis2={"anchor": "y2", "title": {"text": f"the {len(q)} numbers of each vector"}, "showgrid": False},
        yaxis2={"anchor": "x2", "tickvals": list(range(len(names))), "ticktext": names, "autorange": "reversed",
                "domain": [0, 0.56], "showgrid": False, "tickfont": {"size": 9}},
    )  # fmt: skip


def _shade(values: np.ndarray) -> np.ndarray:
    """0 … 1 over what is finite, so that each row can be read."""
    low, high = np.nanmin(values), np.nanmax(values)
    return (values - low) / max(high - low, 1e-6)


@torch.no_grad()
def queries_keys_values(
    experiment: TransformerExperiment, seen: Look, cell: Cell
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """q (d_k,), k (keys, d_k) and v (keys, d_k) of a cell, caught in a live pass over the same text."""
    model = experiment.model
    layer = (model.encoder if cell.kind == "encoder" else model.decoder)[cell.layer]
    attention = layer.look_at_memory if cell.kind == "cross" else layer.look_at_own
    caught: dict[str, torch.Tensor] = {}
    hooks = [
        getattr(attention, f"to_{name}").register_forward_hook(lambda _, __, out, name=name: caught.update({name: out}))
        for name in "qkv"
    ]
    training = model.training
    model.eval()
    try:
        if experiment.config.task == "brackets":
            model.label(seen.tokens)
        elif experiment.config.task == "repeat":
            model.decode(seen.tokens)
        else:
            model.decode(seen.answer[:, :-1], model.encode(seen.tokens))
    finally:
        model.train(training)
        for hook in hooks:
            hook.remove()
    q, k, v = (attention.split(caught[name])[0, cell.head] for name in "qkv")
    if attention.rotary:
        q, k = rotate(q), rotate(k)
    return q[cell.query].numpy(), k.numpy(), v.numpy()


def off(experiment: TransformerExperiment, question: Off) -> Figure:
    """The answer with a head switched off, and how many held-out answers stay right without each head."""
    config = experiment.config
    seen = look(experiment, read(experiment, question.text))
    if question.part not in seen.maps:
        raise Refused(f"This model has no {question.part} attention; it has {' and '.join(seen.maps)}.")
    if question.layer > config.layers or question.head > config.heads:
        raise Refused(f"This model has {config.layers} layers of {config.heads} heads.")
    gates = shut(experiment, question.part, question.layer - 1, question.head - 1)
    without = look(experiment, [int(t) for t in seen.tokens[0]], gates)
    names, right = [], []
    for kind, layer in experiment.rows():
        for head in range(config.heads):
            names.append(f"{kind[:3]} {layer + 1}.{head + 1}")
            right.append(experiment.exact(shut(experiment, kind, layer, head), SOME))
    whole = experiment.exact(count=SOME)
    chosen = f"{question.part[:3]} {question.layer}.{question.head}"
    trace = bars(names, np.array(right), STANDARD, "without %{x}: %{y:.0%} exactly right")
    trace["marker"] = {"color": [NOTES if name == chosen else STANDARD for name in names]}
    text = f"with all heads: {seen.text}<br>without {question.part} {question.layer}.{question.head}: {without.text}"
    return figure(
        [trace], "off", annotations=[_headline(text, y=1.03, align="left")], margin={"l": 8, "r": 8, "t": 60, "b": 6},
        shapes=[{"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": whole, "y1": whole,
                 "line": {"color": NOTES, "dash": "dot", "width": 1.5}}],
        xaxis={"type": "category", "title": {"text": "head that is off"}},
        yaxis={"range": [0, 1.03], "title": {"text": "held-out answers exactly right"}, "tickformat": ".0%"},
    )  # fmt: skip


def shut(experiment: TransformerExperiment, kind: str, layer: int, head: int) -> dict[str, torch.Tensor]:
    """Gates with one head off."""
    gates = torch.ones(experiment.config.layers, 2, experiment.config.heads)
    gates[layer, int(kind == "cross"), head] = 0
    return {"encoder" if kind == "encoder" else "decoder": gates}


def edit(experiment: TransformerExperiment, question: Edit) -> Figure:
    """One character replaced: which outputs move?"""
    tokens = read(experiment, question.text)
    if question.place > len(tokens):
        raise Refused(f"Place: {question.place} is past the end of a text of {len(tokens)} characters.")
    changed = list(tokens)
    try:
        changed[question.place - 1] = experiment.task.read(question.character or " ")[0]
    except Unreadable as error:
        raise Refused(f"By: {error}") from None
    before, after = look(experiment, tokens), look(experiment, changed)
    length = min(len(before.probability), len(after.probability))
    moved = np.abs(before.probability[:length] - after.probability[:length]).sum(-1) / 2
    names = [f"{i + 1}: {b}→{a}" for i, (b, a) in enumerate(zip(before.written, after.written, strict=False))][:length]
    text = f"{''.join(before.read)} → {before.text}<br>{''.join(after.read)} → {after.text}"
    return figure(
        [bars(names, moved, STANDARD, "output %{x} moved by %{y:.2f}")], "edit",
        annotations=[_headline(text, y=1.03, align="left")], margin={"l": 8, "r": 8, "t": 60, "b": 6},
        xaxis={"type": "category", "title": {"text": "output"}},
        yaxis={"range": [0, 1.03], "title": {"text": "how far its distribution moved (total variation)"}},
    )  # fmt: skip
