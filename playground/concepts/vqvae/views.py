"""The pictures of a live codebook: pure functions of (experiment, history)."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from playground.concept import Figure, History
from playground.concepts.vqvae.colours import code_colours, css
from playground.concepts.vqvae.experiment import VQVAEExperiment
from playground.concepts.vqvae.sheets import BANK, COLUMNS, map_sheets, patches
from playground.concepts.vqvae.texts import say
from playground.figures.base import figure, rounded, tiles
from playground.figures.charts import (
    HIDDEN,
    LEGEND_ABOVE,
    RIGHT,
    STEP_AXIS,
    bars,
    bounds,
    curve,
    extent,
    image,
    invisible,
    level,
    note,
    two_charts,
)
from playground.palette import CLASS_COLOURS, HIGHLIGHT, NEUTRAL, NOTES, PATH, STANDARD

VECTORS = 700
"""Held-out vectors in the plane."""
CELLS = 300
"""Pixels to a side of the picture of Voronoi cells."""
AT_ONCE = 512
"""Places whose distances from all codes are computed together."""
FLOOR = 0.01
"""Per cent, where the axis of the usage begins."""


@torch.no_grad()
def vectors(experiment: VQVAEExperiment, history: History) -> Figure:
    """Vectors of held-out examples, and the codes: sized by use, with trails, and jumps of those that were revived."""
    projection, colours = experiment.projection, css(code_colours(experiment))
    z, k = (t.flatten(0, 1) for t in experiment.vectors(experiment.examples.heldout[:100]))
    some = np.random.default_rng(0).permutation(len(z))[:VECTORS]
    points, chosen = projection.project(z[some]), k[some].tolist()
    codes = projection.project(experiment.model.codebook)
    old, new = _jump_ends(experiment)
    everything = np.concatenate([points, codes, new])
    reach = extent(everything)
    traces = [
        {
            "type": "scatter", "mode": "markers", "name": say("figures.vectors.vectors"), "x": rounded(points[:, 0]),
            "y": rounded(points[:, 1]), "hoverinfo": "skip",
            "marker": {"size": 4, "opacity": 0.45, "color": [colours[c] for c in chosen]},
        },
        _trails(experiment), _jumps(old, new), *_codes(experiment, codes, colours),
    ]  # fmt: skip
    images = [image(_cells(experiment, reach), (-reach, reach), (-reach, reach))] if experiment.has_cells else []
    low, high = ([-reach] * 2, [reach] * 2) if projection.exact else bounds(everything)
    x_axis, y_axis = ({"range": [low[i], high[i]], "zeroline": False, "automargin": False} for i in (0, 1))
    return figure(
        traces, "vectors-exact" if projection.exact else "vectors", images=images, showlegend=True,
        legend={**LEGEND_ABOVE, "x": 0}, margin={"l": 40, "r": 8, "t": 26, "b": 38},
        xaxis={**x_axis, "title": {"text": projection.titles[0]}},
        yaxis={**y_axis, "title": {"text": projection.titles[1]}, "scaleanchor": "x"},
    )  # fmt: skip


def _codes(experiment: VQVAEExperiment, points: np.ndarray, colours: list[str]) -> list[dict[str, Any]]:
    """Used codes as dots whose area grows with their use, unused ones as hollow rings."""
    unused, share = experiment.unused().numpy(), usage(experiment)
    found = []
    used = np.flatnonzero(~unused)
    filled = {
        "size": rounded(6 + 60 * np.sqrt(share[used])), "color": [colours[i] for i in used],
        "line": {"width": 1.2, "color": "#ffffff"}, "opacity": 0.95,
    }  # fmt: skip
    hollow = {"symbol": "circle-open", "size": 7, "color": NEUTRAL}
    for name, at, marker in (
        (say("figures.vectors.unused"), np.flatnonzero(unused), hollow),
        (say("figures.vectors.codes"), used, filled),
    ):
        found.append({
            "type": "scatter", "mode": "markers", "name": name, "x": rounded(points[at, 0]),
            "y": rounded(points[at, 1]), "marker": marker,
            "customdata": [[int(i), round(100 * float(share[i]), 2)] for i in at],
            "hovertemplate": say("figures.vectors.hover"),
        })  # fmt: skip
    return found


def _trails(experiment: VQVAEExperiment) -> dict[str, Any]:
    """Where every code came from in the last steps, since its last jump: one broken line through all of them."""
    log = experiment.restart_log
    steps = np.array([step for step, _ in log.trail] + [experiment.steps_taken])
    books = torch.stack([book for _, book in log.trail] + [experiment.model.codebook.detach()])  # (times, K, D)
    paths = experiment.projection.project(books).transpose(1, 0, 2)  # (K, times, 2)
    known = steps >= log.revived.numpy()[:, None]  # (K, times)
    known &= known.sum(1, keepdims=True) > 1
    # After each path a gap, of those that have one.
    paths = np.concatenate([paths, np.full((len(paths), 1, 2), np.nan)], 1)
    known = np.concatenate([known, known.any(1, keepdims=True)], 1)
    x, y = ([None if value != value else value for value in rounded(axis)] for axis in paths[known].T)
    return {"type": "scatter", "mode": "lines", "name": say("figures.vectors.trails"), "x": x, "y": y,
            "hoverinfo": "skip", "showlegend": False, "line": {"color": NEUTRAL, "width": 1}}  # fmt: skip


def _jump_ends(experiment: VQVAEExperiment) -> tuple[np.ndarray, np.ndarray]:
    """(jumps, 2) where the codes that were revived of late had been, and where they came to."""
    jumps, nowhere = experiment.restart_log.jumps, np.empty((0, 2))
    if not jumps:
        return nowhere, nowhere
    old, new = (experiment.projection.project(torch.stack([jump[i] for jump in jumps])) for i in (2, 3))
    return old, new


def _jumps(old: np.ndarray, new: np.ndarray) -> dict[str, Any]:
    """From the old place of every code that was revived of late to its new one, an arrow at its end; (n, 2) both."""
    gaps = np.full(len(old), np.nan)
    return {
        "type": "scatter", "mode": "lines+markers", "name": say("figures.vectors.revived"), "hoverinfo": "skip",
        "opacity": 0.7,
        "x": rounded(np.stack([old[:, 0], new[:, 0], gaps], 1).ravel()),
        "y": rounded(np.stack([old[:, 1], new[:, 1], gaps], 1).ravel()), "line": {"color": PATH, "width": 1},
        "marker": {"symbol": "arrow", "angleref": "previous", "color": PATH, "size": [0, 8, 0] * len(old)},
    }  # fmt: skip


def _cells(experiment: VQVAEExperiment, reach: float) -> np.ndarray:
    """(CELLS, CELLS, 4) the cell of each code in its colour, pale; seen from above, y upwards."""
    ticks = np.linspace(-reach, reach, CELLS, dtype=np.float32)
    x, y = np.meshgrid(ticks, ticks[::-1])
    places = np.stack([x.ravel(), y.ravel()], 1)
    # On the sphere as well: the nearest code is that of the smallest angle.
    k = nearest_of_many(places, experiment.model.codebook.detach().numpy()).reshape(CELLS, CELLS)
    edge = np.zeros_like(k, dtype=bool)
    edge[:, 1:] |= k[:, 1:] != k[:, :-1]
    edge[1:] |= k[1:] != k[:-1]
    alpha = np.where(edge, 150, 36).astype(np.uint8)
    return np.dstack([code_colours(experiment)[k], alpha])


def nearest_of_many(places: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """(n, D), (K, D) → (n,) what `nearest_code` says: here for 90,000 places at a twentieth of its time.

    ‖e‖² − 2 z·e is one product of (z, 1) and (−2e, ‖e‖²). A few places at a time stay in the cache, and numpy's argmin
    compares several numbers at once.
    """
    ones = np.hstack([places, np.ones((len(places), 1), np.float32)])
    table = np.hstack([-2 * codes, (codes**2).sum(1, keepdims=True)]).T  # (D + 1, K)
    parts = [(ones[i : i + AT_ONCE] @ table).argmin(1) for i in range(0, len(ones), AT_ONCE)]
    return np.concatenate(parts)


def usage(experiment: VQVAEExperiment) -> np.ndarray:
    """(K,) share of the last batches' vectors that chose each code."""
    used = experiment.recent.sum(0).numpy()
    return used / max(used.sum(), 1)


def usage_bars(experiment: VQVAEExperiment, history: History) -> Figure:
    """How much each code is used, in the order of the codebook; one not chosen of late has a ring on the floor."""
    share, dead = 100 * usage(experiment), np.flatnonzero(experiment.unused().numpy())
    count = len(share)
    top = bars(list(range(count)), np.maximum(share, FLOOR), STANDARD, say("figures.usage.hover"),
               name=say("figures.usage.use"), marker={"color": css(code_colours(experiment))})  # fmt: skip
    rings = {"type": "scatter", "mode": "markers", "name": say("figures.usage.unused"), "x": dead.tolist(),
             "y": [FLOOR * 1.4] * len(dead), "hoverinfo": "skip",
             "marker": {"symbol": "circle-open", "size": 5, "color": NOTES}}  # fmt: skip
    return figure(
        [top, rings], f"usage-{count}", bargap=0.1, shapes=[level(100 / count, NEUTRAL)],
        xaxis={"title": {"text": say("figures.usage.code")}, "range": [-0.5, count - 0.5]},
        yaxis={"title": {"text": say("figures.usage.share")}, "type": "log", "range": [float(np.log10(FLOOR)), 2],
               "tickvals": [0.01, 0.1, 1, 10, 100]},
    )  # fmt: skip


def progress(experiment: VQVAEExperiment, history: History) -> Figure:
    """Codes in use, perplexity, and how many codes were re-initialised since the bar before."""
    count = experiment.config.codes
    steps, total = history.get("restarts", ([], []))
    size = max(1, -(-len(steps) // 60))
    ends = list(range(size - 1, len(steps), size))
    jumps = np.diff([0.0, *(total[i] for i in ends)])
    at = [i for i, jump in zip(ends, jumps, strict=True) if jump]
    marks = {
        "type": "bar", "name": say("figures.progress.revived"), "x": [steps[i] for i in at],
        "y": [j for j in jumps if j],
        "width": [max(size, len(steps) / 120)] * len(at), "marker": {"color": PATH, "opacity": 0.6},
        "hovertemplate": say("figures.progress.revived_hover"),
    }  # fmt: skip
    return figure(
        [marks, curve(history, "codes_used", say("figures.progress.used"), STANDARD, width=2.5),
         curve(history, "perplexity", say("figures.progress.perplexity"), HIGHLIGHT, width=2.5)],
        "progress", shapes=[level(count, NEUTRAL)], showlegend=True, legend=LEGEND_ABOVE,
        xaxis=STEP_AXIS,
        yaxis={"title": {"text": say("figures.progress.codes")}, "range": [0, 1.05 * count]},
    )  # fmt: skip


def maps(experiment: VQVAEExperiment, history: History) -> Figure:
    """Held-out digits, the codes of their 7×7 places, and what the decoder makes of them."""
    if not experiment.examples.images:
        return _points(experiment)
    sheet = tiles(map_sheets(experiment), BANK)
    rows = sheet.shape[0] // 28
    return figure(
        [invisible((0, BANK), (0, rows))], "maps", images=[image(sheet, (0, BANK), (rows, 0))],
        xaxis={**HIDDEN, "range": [0, BANK]},
        yaxis={"range": [rows, 0], "tickvals": [i + 0.5 for i in range(rows)],
               "ticktext": ["x", say("figures.maps.codes"), "x̂"] * 2,
               "showgrid": False, "zeroline": False, "fixedrange": True},
    )  # fmt: skip


@torch.no_grad()
def _points(experiment: VQVAEExperiment) -> Figure:
    """Points in the colour of their code, and where each code is decoded to."""
    colours, x = css(code_colours(experiment)), experiment.examples.heldout
    _, k = experiment.vectors(x)
    decoded = experiment.decode_codes(torch.arange(experiment.config.codes)[:, None]).numpy()
    reach = extent(x.numpy())
    used = np.flatnonzero(~experiment.unused().numpy())
    axis = {"range": [-reach, reach], "zeroline": False}
    return figure(
        [
            {"type": "scatter", "mode": "markers", "name": "x", "x": rounded(x[:, 0]), "y": rounded(x[:, 1]),
             "marker": {"size": 5, "opacity": 0.7, "color": [colours[c] for c in k.flatten().tolist()]},
             "hoverinfo": "skip"},
            {"type": "scatter", "mode": "markers", "name": say("figures.maps.decoded"), "x": rounded(decoded[used, 0]),
             "y": rounded(decoded[used, 1]), "customdata": used.tolist(),
             "marker": {"size": 9, "symbol": "diamond", "color": [colours[i] for i in used],
                        "line": {"width": 1.2, "color": "#ffffff"}},
             "hovertemplate": say("figures.maps.decoded_hover")},
        ],
        "points", xaxis={**axis, "title": {"text": "x₁"}}, yaxis={**axis, "title": {"text": "x₂"}, "scaleanchor": "x"},
    )  # fmt: skip


def losses(experiment: VQVAEExperiment, history: History) -> Figure:
    """The terms of the loss on the left; on the right what held-out examples lose."""
    dvae = experiment.config.model == "dVAE"
    left = [curve(history, "train/reconstruction", say("figures.losses.reconstruction"), STANDARD, width=2)]
    if dvae:
        left.append(curve(history, "train/kl", say("figures.losses.kl"), HIGHLIGHT, width=2))
        left.append(curve(history, "temperature", say("figures.losses.temperature"), NEUTRAL, width=2))
    else:
        commitment = say("figures.losses.commitment")
        left.append(curve(history, "train/vq", say("figures.losses.vq"), CLASS_COLOURS[1], width=2))
        left.append(curve(history, "train/commitment", commitment, HIGHLIGHT, width=2, dash="dot"))
    right = [
        curve(history, "heldout/nmse", say("figures.losses.nmse"), NOTES, width=2.5),
        curve(history, "heldout/quantisation", say("figures.losses.quantisation"), CLASS_COLOURS[5], width=2),
    ]
    for trace in right:
        trace |= RIGHT
    return figure(
        [*left, *right], "losses", showlegend=True,
        **two_charts(say("figures.losses.batch"), say("figures.losses.share"), yaxis={"type": "log", "dtick": 1},
                     yaxis2={"rangemode": "tozero"}),
    )  # fmt: skip


def codebook(experiment: VQVAEExperiment, history: History) -> Figure:
    """What is decoded where each code stands, row by row."""
    if not experiment.examples.images:
        return figure([], "codebook", annotations=[note(say("figures.codebook.no_patch"))],
                      xaxis=HIDDEN, yaxis=HIDDEN)  # fmt: skip
    count = experiment.config.codes
    rows = -(-count // COLUMNS)
    sheet = tiles(patches(experiment)[..., None], COLUMNS, gap=1, between=70)
    return figure(
        [invisible((0, COLUMNS), (0, rows))], "codebook", images=[image(sheet[..., 0], (0, COLUMNS), (rows, 0))],
        xaxis={**HIDDEN, "range": [0, COLUMNS], "constrain": "domain"},
        yaxis={"range": [rows, 0], "tickvals": [i + 0.5 for i in range(rows)], "constrain": "domain",
               "ticktext": [str(i * COLUMNS) for i in range(rows)], "title": {"text": say("figures.codebook.code")},
               "showgrid": False, "zeroline": False, "scaleanchor": "x", "fixedrange": True},
    )  # fmt: skip
