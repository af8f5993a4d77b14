"""Charts used by several tabs: curves over training, bars, images in the plane, ellipses, PCA."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from playground.figures.base import data_url, rounded
from playground.palette import SCALES
from playground.words import say

POINTS = 250


def thin(steps: list[int], values: list[float]) -> tuple[list[int], list[float]]:
    """At most POINTS points of a curve, the newest always among them; each stands for the mean of its stretch."""
    if len(steps) <= POINTS:
        return list(steps), rounded(values, 3)
    edges = np.linspace(0, len(steps), POINTS + 1).astype(int)
    sums = np.add.reduceat(np.asarray(values, dtype=np.float64), edges[:-1]) / np.diff(edges)
    last = [steps[i - 1] for i in edges[1:]]
    return last, rounded(sums, 3)


def path(x: Sequence[float], y: Sequence[float], colour: str, **line: Any) -> dict[str, Any]:
    """A line through points; a line through one would be invisible, so that is a dot."""
    return {"type": "scatter", "mode": "lines" if len(x) > 1 else "markers", "x": x, "y": y,
            "line": {"color": colour, **line}, "marker": {"color": colour}}  # fmt: skip


def curve(
    history: Mapping[str, tuple[list[int], list[float]]], metric: str, name: str, colour: str, **line: Any
) -> dict[str, Any]:
    """One metric over the steps of training."""
    hover = say("figures.curve", name=name)
    return path(*thin(*history.get(metric, ([], []))), colour, **line) | {"name": name, "hovertemplate": hover}


def image(pixels: np.ndarray, x: tuple[float, float], y: tuple[float, float], **more: Any) -> dict[str, Any]:
    """A layout image filling [x₀, x₁] × [y₀, y₁] of the plane, its top row at y₁."""
    return {
        "source": data_url(pixels), "xref": "x", "yref": "y", "x": x[0], "y": y[1], "sizex": x[1] - x[0],
        "sizey": y[1] - y[0], "sizing": "stretch", "layer": "below", **more,
    }  # fmt: skip


def ellipses(centres: np.ndarray, radii: np.ndarray, corners: int = 20) -> tuple[list[Any], list[Any]]:
    """(n, 2) centres and half-axes → one broken line through all the ellipses, None between two."""
    angle = np.linspace(0, 2 * np.pi, corners)
    x = centres[:, :1] + radii[:, :1] * np.cos(angle)
    y = centres[:, 1:] + radii[:, 1:] * np.sin(angle)
    gap = np.full((len(centres), 1), np.nan)
    return rounded(np.hstack([x, gap]).ravel()), rounded(np.hstack([y, gap]).ravel())


def extent(points: np.ndarray, least: float = 0.0) -> float:
    """Half-width of a square around 0 that holds the points, growing in steps so that the axes do not jitter."""
    widest = max(float(np.nanmax(np.abs(points), initial=0.0)) * 1.06, least, 1e-6)
    step = 10 ** np.floor(np.log10(widest)) / 2
    return float(np.ceil(widest / step) * step)


def bounds(points: np.ndarray) -> tuple[list[float], list[float]]:
    """(n, 2) → the lower and the upper ends of both axes; they go in steps, so that the axes do not jitter."""
    low, high = points.min(0), points.max(0)
    widest = max(float((high - low).max()), 1e-6)
    step = 10 ** np.floor(np.log10(widest)) / 2
    margin = 0.04 * widest
    return (np.floor((low - margin) / step) * step).tolist(), (np.ceil((high + margin) / step) * step).tolist()


def principal_axes(points: np.ndarray, weights: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(n, d) → mean (d,), the two main axes (2, d), the variance share of each (2,).

    weights: (n,) how often each point counts; None: once

    The axes are eigenvectors of the smaller one of XᵀX (d × d) and XXᵀ (n × n): 20 times as fast as the singular value
    decomposition of points that have thousands of numbers each.
    """
    exact = points.astype(np.float64)
    mean = np.average(exact, 0, weights)
    centred = exact - mean if weights is None else (exact - mean) * np.sqrt(weights)[:, None]
    tall = centred.shape[0] >= centred.shape[1]
    values, vectors = np.linalg.eigh(centred.T @ centred if tall else centred @ centred.T)  # the smallest first
    axes = vectors.T[:-3:-1] if tall else vectors.T[:-3:-1] @ centred
    axes = axes / np.maximum(np.linalg.norm(axes, axis=1, keepdims=True), 1e-30)
    share = np.maximum(values[:-3:-1], 0) / max(values.sum(), 1e-12)
    # The sign of an axis is arbitrary: the same points always get the same one here.
    signs = np.sign(axes[np.arange(len(axes)), np.abs(axes).argmax(1)])
    return mean.astype(points.dtype), (axes * signs[:, None]).astype(points.dtype), share


_axes_shown: WeakKeyDictionary[Any, np.ndarray] = WeakKeyDictionary()


def turned_like_before(run: Any, axes: np.ndarray) -> np.ndarray:
    """Main axes (2, d) with the signs that are nearest to those which were asked for last in the same run.

    A sign that follows from the axis itself jumps when two of its numbers change places, and the whole picture with it.
    """
    before = _axes_shown.get(run)
    if before is not None and before.shape == axes.shape:
        axes = axes * np.where((axes * before).sum(1, keepdims=True) < 0, -1, 1).astype(axes.dtype)
    _axes_shown[run] = axes
    return axes


def bars(x: list[Any], y: np.ndarray, colour: str, hover: str, **more: Any) -> dict[str, Any]:
    return {
        "type": "bar", "x": x, "y": rounded(y), "marker": {"color": colour},
        "hovertemplate": hover + "<extra></extra>", **more,
    }  # fmt: skip


def heatmap(z: Any, scale: str, **more: Any) -> dict[str, Any]:
    """Numbers as colours of a scale in the palette, which the page swaps for its own by `meta`; NaN is a gap."""
    return {
        "type": "heatmap", "meta": scale, "colorscale": SCALES[scale], "z": rounded(z), "showscale": False,
        "hoverongaps": False, **more,
    }  # fmt: skip


def level(y: float, colour: str, xref: str = "paper", yref: str = "y", **line: Any) -> dict[str, Any]:
    """A dotted line across the chart at a height; `xref` such as "x2 domain" for one of several charts."""
    return {
        "type": "line", "xref": xref, "yref": yref, "x0": 0, "x1": 1, "y0": y, "y1": y,
        "line": {"color": colour, "dash": "dot", **line},
    }  # fmt: skip


LEGEND_ABOVE = {"orientation": "h", "y": 1, "yanchor": "bottom"}
"""A legend in a row above the chart."""


STEP_AXIS: dict[str, Any] = {"title": {"text": say("figures.step")}, "rangemode": "tozero"}
"""Of what is measured while a model trains."""
SHARE_AXIS: dict[str, Any] = {
    "overlaying": "y", "side": "right", "range": [0, 1.06], "title": {"text": say("figures.share")}, "showgrid": False,
}  # fmt: skip
"""A second y axis on the right, for shares beside another unit."""


RIGHT = {"xaxis": "x2", "yaxis": "y2"}
"""Of a trace in the right one of two charts."""


def two_charts(left: str, right: str, split: float = 0.5, **axes: dict[str, Any]) -> dict[str, Any]:
    """The layout of two charts side by side over steps: a title above each, one legend above both.

    left, right: titles, with the unit
    split: share of the width at which the left one ends
    axes: what their axes have besides, such as yaxis2={"range": [0, 1]}
    """
    above = {"yref": "paper", "y": 1, "yanchor": "bottom", "x": 0, "xanchor": "left", "showarrow": False}
    own = {
        "xaxis": {**STEP_AXIS, "domain": [0, split]}, "yaxis": {},
        "xaxis2": {**STEP_AXIS, "domain": [split + 0.1, 1], "anchor": "y2"}, "yaxis2": {"anchor": "x2"},
    }  # fmt: skip
    return {
        **{name: axis | axes.get(name, {}) for name, axis in own.items()},
        "annotations": [{**above, "text": left, "xref": "x domain"}, {**above, "text": right, "xref": "x2 domain"}],
        "legend": {"orientation": "h", "xref": "container", "x": 0, "yref": "container", "y": 1, "yanchor": "top"},
        "margin": {"l": 8, "r": 16, "t": 44, "b": 6},
    }


def note(text: str, **more: Any) -> dict[str, Any]:
    """A sentence in the middle of an otherwise empty chart."""
    return {"text": text, "xref": "paper", "yref": "paper", "x": 0.5, "y": 0.5, "showarrow": False, **more}


def invisible(x: tuple[float, float], y: tuple[float, float]) -> dict[str, Any]:
    """An invisible trace: Plotly draws layout images only in axes that have a trace."""
    return {
        "type": "scatter", "mode": "markers", "x": list(x), "y": list(y), "marker": {"opacity": 0},
        "hoverinfo": "skip",
    }  # fmt: skip


HIDDEN = {"visible": False, "fixedrange": True}
"""An axis without ticks, for figures made of images."""
