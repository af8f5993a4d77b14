"""The figures of a live transformer: pure functions of (experiment, history)."""

from __future__ import annotations

from typing import Any

from models.positions import sinusoidal
from playground.concept import Figure, History
from playground.concepts.transformer.experiment import TransformerExperiment
from playground.concepts.transformer.inspection import ForwardPass, Head, example_pass, main_kind, sharpest
from playground.concepts.transformer.measures import KINDS
from playground.concepts.transformer.pattern_grid import PatternGrid
from playground.concepts.transformer.texts import say
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
        {"text": say("figures.maps.row", attention=attention(kind), layer=layer + 1), "x": -0.5, "xanchor": "left",
         "y": line - 0.6, "yanchor": "bottom", "showarrow": False, "font": {"size": 11, "color": NOTES}}
        for kind, layer, line in grid.rows
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
    name = say("figures.maps.name", attention=attention(kind), layer=layer + 1, head=head + 1)
    return heatmap(
        grid.forward_pass.patterns[kind][layer, head], "heat", x0=head * grid.stride, dx=1, y0=line, dy=1,
        xaxis="x2" if kind == "decoder" else "x", zmin=0, zmax=1, name=name,
        hovertemplate=say("figures.maps.hover", name=name) + "<extra></extra>",
    )  # fmt: skip


def attention(kind: str) -> str:
    """What a kind of attention is called above a map."""
    return say(f"figures.attention.{kind}")


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


def one_map(shown: ForwardPass, head: Head, name: str, rows: slice = slice(None)) -> Figure:
    """One head: from each query (down) to its keys (across)."""
    kind, layer, index = head
    queries = shown.queries(kind)[rows]
    keys = shown.keys(kind)
    if kind == "decoder":
        keys = keys[: rows.stop]
    z = shown.patterns[kind][layer, index, rows, : len(keys)]
    text = [[say("figures.one_map.cell", query=query, key=key) for key in keys] for query in queries]
    headline = say("figures.one_map.headline", attention=say(f"figures.attention_short.{kind}"), layer=layer + 1,
                   head=index + 1)  # fmt: skip
    return figure(
        [heatmap(z, "heat", zmin=0, zmax=1, text=text, hovertemplate="%{text}: %{z:.2f}<extra></extra>")],
        f"{name}-{kind}",
        annotations=[{"text": headline, "xref": "paper", "yref": "paper", "x": 0, "y": 1, "yshift": 15,
                      "yanchor": "bottom", "xanchor": "left", "showarrow": False,
                      "font": {"color": NOTES, "size": 11}}],
        margin={"l": 8, "r": 8, "t": 33, "b": 4}, meta={"room": ROOM},
        xaxis={"tickvals": list(range(len(keys))), "ticktext": keys, "side": "top", "showgrid": False, "ticks": "",
               "tickfont": {"size": 11}, "tickangle": 0, "zeroline": False, "range": [-0.5, len(keys) - 0.5]},
        yaxis={"tickvals": list(range(len(queries))), "ticktext": queries, "showgrid": False, "zeroline": False,
               "tickfont": {"size": 11}, "ticks": "", "range": [len(queries) - 0.5, -0.5]},
    )  # fmt: skip


def answer(experiment: TransformerExperiment, history: History) -> Figure:
    """Token by token: what is written, its probability, and what the decoder attended to (mean over heads)."""
    return written(example_pass(experiment), "answer")


def written(shown: ForwardPass, name: str) -> Figure:
    """A row for each written token: its probability as a bar, the last layer's mean attention as a heat map."""
    kind = main_kind(shown)
    z = shown.patterns[kind][-1].mean(0)[shown.first :]  # (queries, keys)
    keys = shown.keys(kind)
    pairs = list(zip(shown.queries(kind), shown.outputs, strict=True))[shown.first :]
    rows = [w if kind == "cross" else f"{q} → {w}" for q, w in pairs]
    text = [[say("figures.answer.cell", output=output, key=key) for key in keys] for _, output in pairs]
    probability = shown.probabilities.max(-1)[shown.first :]
    y = {"tickvals": list(range(len(rows))), "ticktext": rows, "range": [len(rows) - 0.5, -0.5], "showgrid": False,
         "zeroline": False, "ticks": ""}  # fmt: skip
    return figure(
        [heatmap(z, "heat", zmin=0, zmax=1, text=text, hovertemplate="%{text}: %{z:.2f}<extra></extra>"),
         {"type": "bar", "orientation": "h", "x": rounded(probability), "y": list(range(len(rows))), "xaxis": "x2",
          "yaxis": "y", "marker": {"color": STANDARD},
          "hovertemplate": say("figures.answer.probability") + "<extra></extra>"}],
        f"{name}-{kind}", margin={"l": 8, "r": 8, "t": 26, "b": 6}, bargap=0.25,
        meta={"room": ROOM},
        xaxis={"domain": [0, 0.76], "tickvals": list(range(len(keys))), "ticktext": keys, "side": "top",
               "range": [-0.5, len(keys) - 0.5], "showgrid": False, "ticks": "", "tickangle": 0, "zeroline": False},
        xaxis2={"domain": [0.8, 1], "range": [0, 1], "side": "top", "tickvals": [0, 1], "ticktext": ["0", "1"],
                "anchor": "y"},
        yaxis=y,
    )  # fmt: skip


def progress(experiment: TransformerExperiment, history: History) -> Figure:
    """Loss on the left; exactly right held-out answers, and the task's own measure, on the right."""
    words = say.part("figures.progress")
    left = [curve(history, "train/loss", words("train"), STANDARD, width=1),
            curve(history, "heldout/loss", words("heldout"), NOTES, width=2.5)]  # fmt: skip
    right = [curve(history, "heldout/sequence_accuracy", words("exactly_right"), NOTES, width=2.5)]
    for metric, name in (("heldout/antidiagonal", "antidiagonal"), ("induction_score", "induction")):
        if metric in history:
            right.append(curve(history, metric, words(name), HIGHLIGHT, width=2))
    for trace in right:
        trace |= RIGHT
    return figure(
        [*left, *right],
        f"progress-{experiment.config.task}",
        showlegend=True,
        **two_charts(words("loss"), words("share"), yaxis={"rangemode": "tozero"}, yaxis2={"range": [0, 1.03]}),
    )


def entropies(experiment: TransformerExperiment, history: History) -> Figure:
    """Every head's mean entropy over training: ln(keys) spreads evenly, 0 picks one key."""
    if not experiment.entropies:
        return figure([], "entropies", annotations=[note(say("figures.entropies.nothing_yet"))])
    steps, traces = [step for step, _ in experiment.entropies], []
    for row, (name, (kind, layer)) in enumerate(attentions(experiment).items()):
        called = {"kind": say(f"figures.entropies.kind.{kind}"), "layer": layer + 1}
        for head in range(experiment.config.heads):
            values = [found[name + ".hook_pattern"][head] for _, found in experiment.entropies]
            traces.append({
                **path(*thin(steps, values), CLASS_COLOURS[row % 10], width=1.5, dash="dot" if row >= 10 else "solid"),
                "legendgroup": str(row), "showlegend": head == 0, "name": say("figures.entropies.attention", **called),
                "hovertemplate": say("figures.entropies.hover", **called, head=head + 1) + "<extra></extra>",
            })  # fmt: skip
    return figure(
        traces, f"entropies-{experiment.config.task}", showlegend=True,
        legend=LEGEND_ABOVE,
        xaxis=STEP_AXIS,
        yaxis={"title": {"text": say("figures.entropies.y")}, "rangemode": "tozero"},
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
        return figure([], "positions", annotations=[note(say("figures.positions.none"))])
    if experiment.model.positions is not None:
        code = experiment.model.positions.weight.detach().numpy()
    else:
        width = config.d_k if config.positions == "rotary" else config.heads * config.d_k
        code = sinusoidal(longest, width).numpy()
    numbers = "figures.positions.angles" if config.positions == "rotary" else "figures.positions.numbers"
    return figure(
        [heatmap(code, "diverging", zmid=0, hovertemplate=say("figures.positions.hover") + "<extra></extra>")],
        f"positions-{config.positions}", xaxis={"title": {"text": say(numbers)}},
        yaxis={"title": {"text": say("figures.positions.y")}, "autorange": "reversed"},
    )  # fmt: skip
