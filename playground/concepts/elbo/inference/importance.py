"""Importance sampling with q: weights of its draws, and the bound that K of them give (Burda et al. 2016)."""

from __future__ import annotations

import math
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import numpy as np
import torch
from torch import Tensor

from models import elbo
from models.elbo import Model, Q
from playground.concept import Figure, History
from playground.concepts.elbo.exact import log_evidence, posterior
from playground.concepts.elbo.inference.estimators import drawn, evenly
from playground.concepts.elbo.inference.experiment import POOL, InferenceExperiment
from playground.concepts.elbo.inference.views import COLOURS
from playground.concepts.elbo.questions import Importance
from playground.concepts.elbo.texts import say
from playground.figures.base import figure, rounded
from playground.figures.charts import LEGEND_ABOVE, RIGHT, ellipses, level, path, two_charts
from playground.palette import LIGHT, NEUTRAL

SHOWN = 60
"""Draws that are drawn, of all arms together."""
KS = tuple(2**i for i in range(11))
"""Numbers of draws, 1 to POOL, each of which is half of the next one."""
TICKS = (1, 10, 100, 1000)
K_AXIS = {
    "type": "log", "title": {"text": "K"}, "tickvals": TICKS, "ticktext": [f"{k:,}" for k in TICKS], "tickangle": 0,
}  # fmt: skip
AT_ONCE = 50
"""Pools that are drawn for one part of an answer."""
REACH, PLACES = 4.0, 201
"""The line of z in the picture goes from −REACH to REACH."""
LARGEST, USUAL = 26.0, 7.0
"""Pixels across: of the largest point of the plane at most, and of one whose weight is p(x)."""


@torch.no_grad()
def samples(experiment: InferenceExperiment, history: History) -> Figure:
    """Draws of each arm's q with w / p(x), whose mean over all of q is 1: sticks along z, or points of the plane."""
    places, ratios = {}, {}
    each = SHOWN // len(experiment.arms)
    evidence = log_evidence(experiment.model, experiment.config.x)
    for arm, fit in experiment.arms.items():
        z = drawn(fit.q, experiment.pool, evenly(POOL))
        log_w = elbo.log_weights(experiment.model, experiment.config.x, fit.q, z)
        places[arm], ratios[arm] = z[:each].numpy(), (log_w[:each] - evidence).exp().numpy()
    return (sticks if experiment.model.size == 1 else bubbles)(experiment, places, ratios)


def effective(experiment: InferenceExperiment, arm: str) -> str:
    """How many of the pool's draws count, and the mean of w / p(x) over all of them."""
    log_w = experiment.log_weights(experiment.arms[arm].q)
    count = elbo.effective_samples(log_w).item()
    mean = (elbo.iwae_bound(log_w) - log_evidence(experiment.model, experiment.config.x)).exp().item()
    return say("figures.samples.effective", q=named(experiment, arm), count=f"{count:,.0f}", mean=f"{mean:.2f}")


def named(experiment: InferenceExperiment, arm: str) -> str:
    return say(f"arms.{arm}") if len(experiment.arms) > 1 else "q"


def heading(experiment: InferenceExperiment) -> dict[str, Any]:
    text = "<br>".join(effective(experiment, arm) for arm in experiment.arms)
    place = {"x": 0, "xref": "container", "y": 1, "yref": "container", "yanchor": "top", "pad": {"l": 8, "t": 12}}
    return {"text": text, "font": {"size": 11}, **place}


def sticks(experiment: InferenceExperiment, places: dict[str, Any], ratios: dict[str, Any]) -> Figure:
    """A stick at each draw; q and the posterior, faint, have an axis of densities of their own."""
    words = say.part("figures.samples")
    z = torch.linspace(-REACH, REACH, PLACES, dtype=torch.float64)
    model, x = experiment.model, experiment.config.x
    exact = (model.log_joint(x, z[:, None]) - log_evidence(model, x)).exp()
    faint = {"yaxis": "y2", "opacity": 0.45, "hoverinfo": "skip"}
    traces = [path(rounded(z, 2), rounded(exact), LIGHT["ink-soft"], width=1.5) | faint | {"name": "p(z|x)"}]
    for arm, fit in experiment.arms.items():
        density = fit.q.log_prob(z[:, None]).exp()
        traces.append(path(rounded(z, 2), rounded(density), COLOURS[arm], width=1.5) | faint | {"name": "q(z)"})
    for arm, at in places.items():
        gap = np.full(len(at), np.nan)
        feet = np.stack([at[:, 0], at[:, 0], gap], 1).ravel()
        tops = np.stack([np.zeros(len(at)), ratios[arm], gap], 1).ravel()
        traces.append(path(rounded(feet, 3), rounded(tops, 4), COLOURS[arm], width=2)
                      | {"name": named(experiment, arm), "hovertemplate": words("hover")})  # fmt: skip
    highest = max(1.0, *(float(ratio.max()) for ratio in ratios.values()))
    return figure(
        traces, "samples", title=heading(experiment), shapes=[level(1, NEUTRAL, "x domain", width=1.5)],
        margin={"l": 8, "r": 8, "t": 12 + 16 * len(places), "b": 6},
        xaxis={"title": {"text": "z"}, "range": [-REACH, REACH], "zeroline": False},
        yaxis={"title": {"text": words("y")}, "range": [0, 1.08 * highest]},
        yaxis2={"overlaying": "y", "side": "right", "visible": False, "rangemode": "tozero"},
    )  # fmt: skip


def bubbles(experiment: InferenceExperiment, places: dict[str, Any], ratios: dict[str, Any]) -> Figure:
    """Points whose areas are the weights, over the posterior (grey) and the ellipses of each q at one and two σ."""
    words = say.part("figures.samples")
    exact = posterior(experiment.model, experiment.config.x)
    side = math.isqrt(len(exact.z))
    heights = exact.weight.view(side, side)[::4, ::4].T.numpy()  # rows are z₂
    axis = rounded(exact.z.view(side, side, 2)[::4, 0, 0], 3)
    clear = [[0.0, "rgba(91,102,118,0)"], [1.0, "rgba(91,102,118,0.55)"]]
    traces: list[dict[str, Any]] = [{
        "type": "heatmap", "x": axis, "y": axis, "z": rounded(heights / heights.max(), 2), "colorscale": clear,
        "zsmooth": "best", "showscale": False, "hoverinfo": "skip", "name": "p(z|x)",
    }]  # fmt: skip
    scale = min(USUAL, LARGEST / math.sqrt(max(1e-12, *(float(ratio.max()) for ratio in ratios.values()))))
    for arm, at in places.items():
        across, up = outline(experiment.arms[arm].q)
        traces.append(path(across, up, COLOURS[arm], width=1) | {"hoverinfo": "skip", "opacity": 0.6})
        traces.append({
            "type": "scatter", "mode": "markers", "x": rounded(at[:, 0]), "y": rounded(at[:, 1]),
            "marker": {"color": COLOURS[arm], "size": rounded(np.maximum(scale * np.sqrt(ratios[arm]), 1), 2),
                       "opacity": 0.75, "line": {"width": 0}},
            "customdata": rounded(ratios[arm], 4), "name": named(experiment, arm),
            "hovertemplate": words("hover_plane"),
        })  # fmt: skip
    return figure(
        traces, "samples", title=heading(experiment),
        margin={"l": 8, "r": 8, "t": 12 + 16 * len(places), "b": 6},
        xaxis={"title": {"text": "z₁"}, "range": [-REACH, REACH], "zeroline": False, "constrain": "domain"},
        yaxis={"title": {"text": "z₂"}, "range": [-REACH, REACH], "zeroline": False, "scaleanchor": "x"},
    )  # fmt: skip


def outline(q: Q) -> tuple[list[Any], list[Any]]:
    """Ellipses of a Gaussian of the plane at one and at two σ, as one broken line."""
    x, y = ellipses(np.zeros((2, 2)), np.array([[1.0, 1.0], [2.0, 2.0]]), corners=40)
    circle = np.array([x, y], dtype=float)  # None is NaN
    turned = q.mean[0].detach().numpy()[:, None] + q.root[0].detach().numpy() @ circle
    return rounded(turned[0]), rounded(turned[1])


@torch.no_grad()
def more_samples(experiment: InferenceExperiment, history: History) -> Figure:
    """log (1/K Σ w), the mean over all groups of K weights of the pool: never lower at 2 K than at K (Jensen)."""
    words = say.part("figures.more_samples")
    evidence = log_evidence(experiment.model, experiment.config.x)
    traces, lines = [], [level(evidence, LIGHT["ink"], "x domain", width=1.5)]
    for arm, fit in experiment.arms.items():
        mean, error = zip(*map(averaged, nested(experiment.log_weights(fit.q))), strict=True)
        name = named(experiment, arm)
        traces.append(
            path(list(KS), rounded(mean, 4), COLOURS[arm], width=2)
            | {"mode": "lines+markers", "name": name, "error_y": bars_of(error), "customdata": beside(mean, evidence),
               "hovertemplate": words("hover", q=name)}
        )  # fmt: skip
        lines.append(level(elbo.elbo(experiment.model, experiment.config.x, fit.q).item(), COLOURS[arm], "x domain"))
    labels = [{"text": "log p(x)", "xref": "paper", "x": 0, "xanchor": "left", "y": evidence, "yanchor": "bottom",
               "showarrow": False}]  # fmt: skip
    return figure(
        traces, "more_samples", shapes=lines, annotations=labels, showlegend=len(traces) > 1, legend=LEGEND_ABOVE,
        xaxis=K_AXIS, yaxis={"title": {"text": words("y")}},
    )  # fmt: skip


def nested(log_w: Tensor) -> list[Tensor]:
    """(…, POOL) → for each K of KS, the bounds of all groups of K weights; two groups are one of the next size."""
    levels = [log_w]
    while levels[-1].shape[-1] > 1:
        pairs = levels[-1].unflatten(-1, (-1, 2))
        levels.append(elbo.iwae_bound(pairs))
    return [level.flatten() for level in levels]


def averaged(values: Tensor) -> tuple[float, float]:
    """The mean, and its standard error: NaN of a single value."""
    spread = values.std().item() if values.numel() > 1 else math.nan
    return values.mean().item(), spread / math.sqrt(values.numel())


def bars_of(errors: Any) -> dict[str, Any]:
    known = [None if math.isnan(error) else round(error, 4) for error in errors]
    return {"type": "data", "array": known, "thickness": 1, "width": 3}


def beside(mean: Any, evidence: float) -> list[float]:
    """How far below log p(x)."""
    return rounded(evidence - np.array(mean), 4)


def importance(experiment: InferenceExperiment, question: Importance) -> Iterator[Figure]:
    """Independent pools of 1,024 draws: the bound with its spread (left), and how many draws count (right).

    Each part has more pools than the last one.
    """
    evidence = log_evidence(experiment.model, experiment.config.x)
    model, x = experiment.model, experiment.config.x
    qs = {arm: deepcopy(fit.q) for arm, fit in experiment.arms.items()}
    names = {arm: named(experiment, arm) for arm in qs}
    own = torch.Generator().manual_seed(question.seed)
    found: dict[str, list[Tensor]] = {arm: [] for arm in qs}
    for first in range(0, question.draws, AT_ONCE):
        count = min(AT_ONCE, question.draws - first)
        for arm, log_w in pools(model, x, qs, count, own).items():
            found[arm].append(log_w)
        yield repeated({arm: torch.cat(parts) for arm, parts in found.items()}, evidence, names)


@torch.no_grad()
def pools(model: Model, x: float, qs: dict[str, Q], count: int, own: torch.Generator) -> dict[str, Tensor]:
    """(count, POOL) log weights of each q, all of the same noise."""
    noise = torch.randn(count * POOL, model.size, generator=own, dtype=torch.float64)
    place = torch.rand(count * POOL, generator=own)
    return {arm: elbo.log_weights(model, x, q, drawn(q, noise, place)).view(count, POOL) for arm, q in qs.items()}


def repeated(log_w: dict[str, Tensor], evidence: float, names: dict[str, str]) -> Figure:
    words = say.part("figures.importance")
    traces = []
    for arm, of_pools in log_w.items():
        traces += [*spread(of_pools, evidence, COLOURS[arm], names[arm]), counted(of_pools, COLOURS[arm], names[arm])]
    all_count = path([1, POOL], [1, POOL], NEUTRAL, width=1.5, dash="dot")
    traces.append(all_count | RIGHT | {"name": words("all_count"), "hoverinfo": "skip"})
    layout = two_charts(
        words("bound"), words("effective"), xaxis=K_AXIS, xaxis2=K_AXIS, yaxis2={**K_AXIS, "title": {"text": ""}},
    )  # fmt: skip
    line = level(evidence, LIGHT["ink"], "x domain", width=1.5)
    return figure(traces, "importance", shapes=[line], showlegend=True, **layout)


def spread(log_w: Tensor, evidence: float, colour: str, name: str) -> list[dict[str, Any]]:
    """The mean bound of K weights with its standard error, and the band that holds 80 % of single ones."""
    bounds = nested(log_w)
    mean, error = zip(*map(averaged, bounds), strict=True)
    low, high = zip(*(np.quantile(values.numpy(), [0.1, 0.9]) for values in bounds), strict=True)
    band = path([*KS, *KS[::-1]], rounded([*low, *high[::-1]]), colour, width=0)
    hover = say("figures.importance.hover", q=name)
    return [
        band | {"fill": "toself", "opacity": 0.25, "hoverinfo": "skip", "name": say("figures.importance.band", q=name)},
        path(list(KS), rounded(mean, 4), colour, width=2)
        | {"mode": "lines+markers", "name": name, "error_y": bars_of(error), "customdata": beside(mean, evidence),
           "hovertemplate": hover},
    ]  # fmt: skip


def counted(log_w: Tensor, colour: str, name: str) -> dict[str, Any]:
    """Mean effective samples of the first K weights of each pool, with standard errors."""
    found = []
    for k in KS:
        some = log_w[:, :k]
        found.append(averaged((2 * some.logsumexp(-1) - (2 * some).logsumexp(-1)).exp()))
    mean, error = zip(*found, strict=True)
    line = path(list(KS), rounded(mean, 4), colour, width=2)
    more = {"mode": "lines+markers", "name": name, "showlegend": False, "error_y": bars_of(error)}
    return line | RIGHT | more | {"hovertemplate": say("figures.importance.hover_effective", q=name)}
