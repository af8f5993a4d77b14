"""What an encoder's answers lack, over all x: pure functions of (experiment, history)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from torch import Tensor

from models.amortised import bounds
from models.elbo import Model, Q
from playground.concept import Figure, History
from playground.concepts.elbo.amortised.best import best_at, best_gaussians
from playground.concepts.elbo.amortised.experiment import AmortisedExperiment
from playground.concepts.elbo.exact import log_evidence
from playground.concepts.elbo.inference.bound import arm_of, bound_of
from playground.concepts.elbo.texts import say
from playground.figures.base import figure, rounded
from playground.figures.charts import RIGHT, heatmap, path, two_charts
from playground.figures.meta import Handle
from playground.palette import HIGHLIGHT, NEUTRAL, STANDARD

LEFT, RIGHT_END = -3.0, 4.0
"""Bounds of the knob x."""
USUAL = -1.0
"""From here on x are shown, unless the visitor's x is further left: p(x) is under 0.001 there."""
EVERY = 0.05
"""How far apart the x are at which the lines are computed."""
TALLEST = 2.0
"""Nats to which the axis of the gaps reaches."""
JUMP = 0.5
"""Where the best mean moves further from one x to the next, it changes to another mode: the line is broken."""
Z_REACH, Z_NODES = 3.6, 73
"""The heat map's z go from −Z_REACH to Z_REACH."""
DENSEST = 2.0
"""The density from which on the heat map's colour stays."""
NETWORK, BEST = STANDARD, HIGHLIGHT


@torch.no_grad()
def amortised(experiment: AmortisedExperiment, history: History) -> Figure:
    """The encoder's q for the visitor's x, and the best Gaussian q for it; neither is moved by hand."""
    words, model, x = say.part("figures.amortised"), experiment.model, experiment.config.x
    here = experiment.encoder(torch.tensor([x], dtype=torch.float64))
    shown = (("network", gaussian(*here), "standard"), ("best", gaussian(*best_at(model, x)), "highlight"))
    arms = [arm_of(model, x, q, name=name, title=words(name), colour=colour) for name, q, colour in shown]
    return bound_of(model, x, arms, fixed=True)


def gaussian(mean: Tensor, log_sigma: Tensor) -> Q:
    """(1,), (1,) → q."""
    return Q(mean[:, None], log_sigma[:, None].exp(), torch.ones(1))


@dataclass(frozen=True)
class OverX:
    """What does not depend on the encoder, at a grid of x. All are (n,) but the density."""

    x: Tensor
    evidence: Tensor
    mean: Tensor
    log_sigma: Tensor
    """Of the best q."""
    bound: Tensor
    """Its ELBO."""
    density: Tensor
    """(Z_NODES, n): p(z|x)."""


@lru_cache(maxsize=2)
def over_x(model: Model) -> OverX:
    x = torch.linspace(LEFT, RIGHT_END, round((RIGHT_END - LEFT) / EVERY) + 1, dtype=torch.float64)
    evidence = torch.tensor([log_evidence(model, one) for one in x.tolist()], dtype=torch.float64)
    mean, log_sigma = best_gaussians(model, x)
    z = torch.linspace(-Z_REACH, Z_REACH, Z_NODES, dtype=torch.float64)[:, None, None]
    joint = torch.stack([model.log_joint(one, z)[:, 0] for one in x.tolist()], 1)  # (Z_NODES, n)
    return OverX(x, evidence, mean, log_sigma, bounds(model, x, mean, log_sigma), (joint - evidence).exp())


@torch.no_grad()
def gaps(experiment: AmortisedExperiment, history: History) -> Figure:
    """log p(x) and both ELBOs over x, the room between them filled (left); these gaps on top of each other (right)."""
    words, known = say.part("figures.gaps"), over_x(experiment.model)
    x, bound = known.x, bounds(experiment.model, known.x, *experiment.encoder(known.x))
    family, network = known.evidence - known.bound, known.bound - bound
    shown = known.x >= leftmost(experiment)
    low, high = known.bound[shown].min().item() - 1.0, known.evidence.max().item() + 0.3
    deepest = low - 1.0  # what lies below the axis need not be drawn to its end
    traces = [
        line(x, bound.clamp(min=deepest), NETWORK, words("network")),
        line(x, known.bound, BEST, words("best")) | band(NETWORK),
        line(x, known.evidence, NEUTRAL, words("evidence")) | band(BEST),
        line(x, family, BEST, words("family")) | RIGHT | band(BEST, "tozeroy") | {"showlegend": False},
        line(x, (family + network).clamp(max=2 * TALLEST), NETWORK, words("both"), rounded(network))
        | RIGHT | band(NETWORK) | {"showlegend": False},
    ]  # fmt: skip
    across = {"range": [leftmost(experiment), RIGHT_END], "title": {"text": "x"}}
    layout = two_charts(
        words("bounds"), words("gaps"), xaxis=across, xaxis2=across, yaxis={"range": [low, high]},
        yaxis2={"range": [0, TALLEST]},
    )  # fmt: skip
    marks = [mark(experiment, "x", "y domain"), mark(experiment, "x2", "y2 domain")]
    return figure(
        traces, "gaps", shapes=marks, showlegend=True, meta={"handles": [handle(low + 0.06 * (high - low))]}, **layout
    )


@torch.no_grad()
def answers(experiment: AmortisedExperiment, history: History) -> Figure:
    """The posterior's density over (x, z), and on it mean ± σ of the encoder's q and of the best one."""
    words, known = say.part("figures.answers"), over_x(experiment.model)
    mean, log_sigma = experiment.encoder(known.x)
    apart = (known.mean.diff().abs() > JUMP).nonzero()[:, 0] + 1
    density = heatmap(
        known.density.clamp(max=DENSEST).numpy().round(2), "heat", x0=LEFT, dx=EVERY, y0=-Z_REACH,
        dy=2 * Z_REACH / (Z_NODES - 1), zmin=0, zmax=DENSEST, zsmooth="best", hovertemplate=words("hover"),
    )  # fmt: skip
    traces = [
        density,
        *three_lines(known.x, mean, log_sigma.exp(), NETWORK, words("network")),
        *three_lines(known.x, known.mean, known.log_sigma.exp(), BEST, words("best"), apart.tolist()),
    ]
    plain = {"showgrid": False, "zeroline": False}
    return figure(
        traces, "answers", shapes=[mark(experiment, "x", "y domain")], showlegend=True,
        legend={"orientation": "h", "y": 1, "yanchor": "bottom"},
        meta={"handles": [handle(-0.92 * Z_REACH)]},
        xaxis={**plain, "range": [leftmost(experiment), RIGHT_END], "title": {"text": "x"}},
        yaxis={**plain, "range": [-Z_REACH, Z_REACH], "title": {"text": "z"}},
    )  # fmt: skip


def leftmost(experiment: AmortisedExperiment) -> float:
    return USUAL if experiment.config.x >= USUAL else LEFT


def line(x: Tensor, y: Tensor, colour: str, name: str, said: Any = None) -> dict[str, Any]:
    """said: the values that are told of its points, where they are others than y"""
    told = {} if said is None else {"customdata": said}
    hover = say("figures.gaps.hover" if said is None else "figures.gaps.hover_both", name=name)
    drawn = path(rounded(x, 2), rounded(y), colour, width=2)
    return drawn | told | {"name": name, "hovertemplate": hover}


def band(colour: str, to: str = "tonexty") -> dict[str, Any]:
    """Fills the room between a line and the one before it."""
    return {"fill": to, "fillcolor": faint(colour)}


def faint(colour: str) -> str:
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},0.3)"


def three_lines(
    x: Tensor, mean: Tensor, sigma: Tensor, colour: str, name: str, breaks: list[int] | None = None
) -> list[dict[str, Any]]:
    """The mean, and dotted lines a σ below and above; breaks: places before which the lines are interrupted"""
    found = []
    for away, style in ((0, {"width": 2.5}), (-1, {"width": 1.5, "dash": "dot"}), (1, {"width": 1.5, "dash": "dot"})):
        along, height = (np.insert(v.numpy(), breaks or [], np.nan) for v in (x, mean + away * sigma))
        drawn = path(rounded(along, 2), rounded(height.clip(-2 * Z_REACH, 2 * Z_REACH)), colour, **style)
        found.append(drawn | {"name": name, "showlegend": away == 0, "hoverinfo": "skip"})
    return found


def mark(experiment: AmortisedExperiment, xref: str, yref: str) -> dict[str, Any]:
    """An upright line at the visitor's x."""
    x = experiment.config.x
    return {"type": "line", "xref": xref, "yref": yref, "x0": x, "x1": x, "y0": 0, "y1": 1,
            "line": {"color": NEUTRAL, "width": 1.5, "dash": "dash"}}  # fmt: skip


def handle(height: float) -> Handle:
    return {"name": "x", "label": say("figures.answers.handle"), "symbol": "x", "x": {"knob": "x"}, "y": {"at": height}}
