"""The figures of a live transformer: pure functions of (experiment, history)."""

from __future__ import annotations

from typing import Any

from models.positions import sinusoidal
from playground.concept import Figure, History
from playground.concepts.transformer.experiment import TransformerExperiment
from playground.concepts.transformer.inspection import TITLES, ForwardPass, Head, example_pass, main_kind, sharpest
from playground.concepts.transformer.measures import KINDS
from playground.concepts.transformer.pattern_grid import PatternGrid
from playground.data.strings import period
from playground.figures.base import figure, rounded
from playground.figures.charts import LEGEND_ABOVE, RIGHT, STEP_AXIS, curve, heatmap, note, path, thin, two_charts
from playground.palette import CLASS_COLOURS, HIGHLIGHT, NOTES, STANDARD

ROOM = 10
"""Pixels that a cell must have for its axis to have letters."""


def maps(experiment: TransformerExperiment, history: History) -> Figure:
    """Every layer's and head's map of the example, side by side, a row for each kind and layer.

    Each map is a trace of its own, so that the pointer can say whose it is; letters come from the axes' ticks.
    """
    shown = example_pass(experiment)
    grid = PatternGrid(shown)
    height, width = grid.size
    y_at, y_text = [], []
    for kind, _, line in grid.rows:
        tokens = shown.queries(kind)
        y_at += [line + i for i in range(len(tokens))]
        y_text += tokens
    names = [
        {"text": f"{TITLES[kind]} {layer + 1}", "x": -0.5, "xanchor": "left", "y": line - 0.6, "yanchor": "bottom",
         "showarrow": False, "font": {"size": 11, "color": NOTES}} for kind, layer, line in grid.rows
    ]  # fmt: skip
    axis: dict[str, Any] = {"range": [-0.7, width - 0.3], "showgrid": False, "zeroline": False, "tickangle": 0,
                            "tickfont": {"size": 11}, "ticks": ""}  # fmt: skip
    traces = [_grid_map(grid, *row, head) for row in grid.rows for head in range(grid.heads)]
    above, below = (_keys(grid, decoder) for decoder in (False, True))
    return figure(
        traces, f"maps-{height}-{width}", annotations=names, margin={"l": 20, "r": 6, "t": 26, "b": 22},
        meta={"room": ROOM}, xaxis={**axis, "side": "top", **_ticks(above)},
        **({"xaxis2": {**axis, "overlaying": "x", "side": "bottom", "matches": "x", **_ticks(below)}} if below else {}),
        yaxis={"range": [height - 0.3, -0.03 * height - 0.6], "tickvals": y_at, "ticktext": y_text,
               "tickfont": {"size": 11}, "showgrid": False, "zeroline": False, "ticks": ""},
    )  # fmt: skip


def _grid_map(grid: PatternGrid, kind: str, layer: int, line: int, head: int) -> dict[str, Any]:
    name = f"{TITLES[kind]} {layer + 1}, head {head + 1}"
    return heatmap(
        grid.forward_pass.patterns[kind][layer, head], "heat", x0=head * grid.stride, dx=1, y0=line, dy=1,
        xaxis="x2" if kind == "decoder" else "x", zmin=0, zmax=1, name=name,
        hovertemplate=f"{name}: “%{{y}}” attends to “%{{x}}” with %{{z:.2f}}<extra></extra>",
    )  # fmt: skip


def _keys(grid: PatternGrid, decoder: bool) -> list[tuple[int, str]]:
    """(column, letter) of every head's keys: of the decoder's own attention, or of the others."""
    kinds = [kind for kind, _, _ in grid.rows if (kind == "decoder") is decoder]
    letters = grid.forward_pass.keys(kinds[0]) if kinds else []
    return [(grid.stride * head + i, letter) for head in range(grid.heads) for i, letter in enumerate(letters)]


def _ticks(pairs: list[tuple[int, str]]) -> dict[str, Any]:
    return {"tickvals": [at for at, _ in pairs], "ticktext": [text for _, text in pairs]}


def enlarged(experiment: TransformerExperiment, history: History) -> Figure:
    """The map of the head with the lowest entropy, with its tokens."""
    shown = example_pass(experiment)
    return one_map(shown, sharpest(shown), "enlarged", written_rows(experiment, shown))


def written_rows(experiment: TransformerExperiment, shown: ForwardPass) -> slice:
    """Rows of the enlarged map, few enough to have letters: a decoder alone reads its text before it writes.

    Of a repeated segment: its second copy, which can look at the first.
    """
    if experiment.config.task == "repeat":
        n = period(shown.source)
        return slice(n, 2 * n)
    return slice(shown.first if main_kind(shown) == "decoder" else 0, None)


def one_map(shown: ForwardPass, head: Head, key: str, rows: slice = slice(None)) -> Figure:
    """One head: from each query (down) to its keys (across)."""
    kind, layer, index = head
    queries = shown.queries(kind)[rows]
    keys = shown.keys(kind)
    if kind == "decoder":
        keys = keys[: rows.stop]
    z = shown.patterns[kind][layer, index, rows, : len(keys)]
    text = [[f"{q} attends to {k}" for k in keys] for q in queries]
    return figure(
        [heatmap(z, "heat", zmin=0, zmax=1, text=text, hovertemplate="%{text}: %{z:.2f}<extra></extra>")],
        f"{key}-{kind}",
        annotations=[{"text": f"{TITLES[kind].split(': ')[1]} {layer + 1}, head {index + 1}", "xref": "paper",
                      "yref": "paper", "x": 0, "y": 1, "yshift": 15, "yanchor": "bottom", "xanchor": "left",
                      "showarrow": False, "font": {"color": NOTES, "size": 11}}],
        margin={"l": 8, "r": 8, "t": 33, "b": 4}, meta={"links": True, "room": ROOM},
        xaxis={"tickvals": list(range(len(keys))), "ticktext": keys, "side": "top", "showgrid": False, "ticks": "",
               "tickfont": {"size": 11}, "tickangle": 0, "zeroline": False, "range": [-0.5, len(keys) - 0.5]},
        yaxis={"tickvals": list(range(len(queries))), "ticktext": queries, "showgrid": False, "zeroline": False,
               "tickfont": {"size": 11}, "ticks": "", "range": [len(queries) - 0.5, -0.5]},
    )  # fmt: skip


def answer(experiment: TransformerExperiment, history: History) -> Figure:
    """Token by token: what is written, its probability, and what the decoder attended to (mean over heads)."""
    return written(example_pass(experiment), "answer")


def written(shown: ForwardPass, key: str) -> Figure:
    """A row for each written token: its probability as a bar, the last layer's mean attention as a heat map."""
    kind = main_kind(shown)
    z = shown.patterns[kind][-1].mean(0)[shown.first :]  # (queries, keys)
    keys = shown.keys(kind)
    pairs = list(zip(shown.queries(kind), shown.outputs, strict=True))[shown.first :]
    rows = [w if kind == "cross" else f"{q} → {w}" for q, w in pairs]
    text = [[f"for {w} it attended to {k}" for k in keys] for _, w in pairs]
    probability = shown.probabilities.max(-1)[shown.first :]
    y = {"tickvals": list(range(len(rows))), "ticktext": rows, "range": [len(rows) - 0.5, -0.5], "showgrid": False,
         "zeroline": False, "ticks": ""}  # fmt: skip
    return figure(
        [heatmap(z, "heat", zmin=0, zmax=1, text=text, hovertemplate="%{text}: %{z:.2f}<extra></extra>"),
         {"type": "bar", "orientation": "h", "x": rounded(probability), "y": list(range(len(rows))), "xaxis": "x2",
          "yaxis": "y", "marker": {"color": STANDARD}, "hovertemplate": "probability %{x:.0%}<extra></extra>"}],
        f"{key}-{kind}", margin={"l": 8, "r": 8, "t": 26, "b": 6}, bargap=0.25,
        meta={"links": True, "room": ROOM},
        xaxis={"domain": [0, 0.76], "tickvals": list(range(len(keys))), "ticktext": keys, "side": "top",
               "range": [-0.5, len(keys) - 0.5], "showgrid": False, "ticks": "", "tickangle": 0, "zeroline": False},
        xaxis2={"domain": [0.8, 1], "range": [0, 1], "side": "top", "tickvals": [0, 1], "ticktext": ["0", "1"],
                "anchor": "y"},
        yaxis=y,
    )  # fmt: skip


def progress(experiment: TransformerExperiment, history: History) -> Figure:
    """Loss on the left; exactly right held-out answers, and the task's own measure, on the right."""
    left = [curve(history, "train/loss", "train", STANDARD, width=1),
            curve(history, "heldout/loss", "held-out", NOTES, width=2.5)]  # fmt: skip
    right = [curve(history, "heldout/sequence_accuracy", "exactly right", NOTES, width=2.5)]
    for metric, name in (("heldout/antidiagonal", "anti-diagonal"), ("induction_score", "induction")):
        if metric in history:
            right.append(curve(history, metric, name, HIGHLIGHT, width=2))
    for trace in right:
        trace |= RIGHT
    return figure(
        [*left, *right], f"progress-{experiment.config.task}", showlegend=True,
        **two_charts("loss, nats a token", "share, held out", yaxis={"rangemode": "tozero"},
                     yaxis2={"range": [0, 1.03]}),
    )  # fmt: skip


def entropies(experiment: TransformerExperiment, history: History) -> Figure:
    """Every head's mean entropy over training: ln(keys) spreads evenly, 0 picks one key."""
    if not experiment.entropies:
        return figure([], "entropies", annotations=[note("Nothing measured yet.")])
    steps, traces = [step for step, _ in experiment.entropies], []
    for row, (name, (kind, layer)) in enumerate(attentions(experiment).items()):
        for head in range(experiment.config.heads):
            values = [found[name + ".hook_pattern"][head] for _, found in experiment.entropies]
            traces.append({
                **path(*thin(steps, values), CLASS_COLOURS[row % 10], width=1.5, dash="dot" if row >= 10 else "solid"),
                "legendgroup": str(row), "showlegend": head == 0, "name": f"{kind} {layer + 1}",
                "hovertemplate": f"{kind} {layer + 1}, head {head + 1}: %{{y:.2f}} nats<extra></extra>",
            })  # fmt: skip
    return figure(
        traces, f"entropies-{experiment.config.task}", showlegend=True,
        legend=LEGEND_ABOVE,
        xaxis=STEP_AXIS,
        yaxis={"title": {"text": "entropy of a row, nats"}, "rangemode": "tozero"},
    )  # fmt: skip


def attentions(experiment: TransformerExperiment) -> dict[str, tuple[str, int]]:
    """Name of every attention in the model → (kind, layer)."""
    modules, layers = dict(experiment.model.named_modules()), range(experiment.config.layers)
    named = {name.format(layer): (kind, layer) for kind, name in KINDS.items() for layer in layers}
    return {name: which for name, which in named.items() if modules.get(name) is not None}


def positions(experiment: TransformerExperiment, history: History) -> Figure:
    """The code of every position."""
    config, longest = experiment.config, experiment.model.config.max_tokens
    if config.positions == "none":
        return figure([], "positions", annotations=[note("No positions: tokens are a bag.")])
    if experiment.model.positions is not None:
        code = experiment.model.positions.weight.detach().numpy()
    else:
        width = config.d_k if config.positions == "rotary" else config.heads * config.d_k
        code = sinusoidal(longest, width).numpy()
    words = "angle of each pair, as sin and cos (rotary)" if config.positions == "rotary" else "numbers of the code"
    return figure(
        [heatmap(code, "diverging", zmid=0, hovertemplate="position %{y}, number %{x}: %{z:.2f}<extra></extra>")],
        f"positions-{config.positions}", xaxis={"title": {"text": words}},
        yaxis={"title": {"text": "position"}, "autorange": "reversed"},
    )  # fmt: skip
