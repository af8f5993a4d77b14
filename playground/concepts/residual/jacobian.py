"""Singular values of one block's Jacobian: J_F, and beside it what the shortcut makes of it, α·I + J_F."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.func import jacrev

from models.residual import Block
from playground.capture import evaluating
from playground.concept import Figure, Refused
from playground.concepts.residual.experiment import PairExperiment
from playground.concepts.residual.learner import Learner
from playground.concepts.residual.questions import Jacobian
from playground.concepts.residual.texts import say
from playground.concepts.residual.views import COLOURS
from playground.figures.base import figure
from playground.figures.charts import LEGEND_ABOVE, level, path
from playground.palette import NEUTRAL

SMALLEST = 1e-5
"""Singular values below it are drawn like it: ReLUs that are off make some of them 0, which has no logarithm."""


def jacobian(experiment: PairExperiment, question: Jacobian) -> Figure:
    """Singular values, the largest first: of both networks' J_F, and of the residual network's α·I + J_F."""
    x = experiment.data.heldout_x[question.example]
    plain, residual = (branch_jacobian(experiment.arms[arm], x, question.block) for arm in ("plain", "residual"))
    alpha = experiment.arms["residual"].net.blocks[question.block - 1].alpha
    found = {
        "plain": singular_values(plain),
        "branch": singular_values(residual),
        "residual": singular_values(alpha * torch.eye(len(residual), dtype=residual.dtype) + residual),
    }
    return spectra(found, alpha)


def branch_jacobian(learner: Learner, x: Tensor, block: int) -> Tensor:
    """(out, into): ∂F/∂h where the example x goes into a block, as the network is evaluated. block: counted from 1"""
    with evaluating(learner.net):
        h = learner.net.states(x[None])[block - 1][0]  # (width,)
    return jacobian_of_branch(learner.net.blocks[block - 1], h)


def jacobian_of_branch(block: Block, h: Tensor) -> Tensor:
    """(out, into): of the block's output before a ReLU, without the shortcut; float64, so that zeros can be told."""
    exact = copy.deepcopy(block).double().eval()
    return jacrev(lambda state: exact.survival * exact.F(state[None])[0])(h.double()).detach()


def singular_values(matrix: Tensor) -> np.ndarray:
    """The largest first; 0 where it can't be told from rounding, as in `torch.linalg.matrix_rank`."""
    if not matrix.isfinite().all():
        raise Refused(say("refusals.no_jacobian"))
    values = torch.linalg.svdvals(matrix).numpy()
    return np.where(values > values[0] * len(values) * np.finfo(np.float64).eps, values, 0.0)


def name_of_sum(alpha: float) -> str:
    if alpha == 1:
        return say("figures.jacobian.sum", arm=say("arms.residual"))
    return say("figures.jacobian.scaled_sum", arm=say("arms.residual"), alpha=alpha)


def spectra(found: dict[str, np.ndarray], alpha: float) -> Figure:
    """found: singular values of the plain network's J_F, of the residual one's branch J_F, of the residual block"""
    words = say.part("figures.jacobian")
    names = {
        "plain": words("plain", arm=say("arms.plain")),
        "branch": words("branch", arm=say("arms.residual")),
        "residual": name_of_sum(alpha),
    }
    styles = {"plain": (COLOURS["plain"], "solid"), "branch": (COLOURS["residual"], "dot"),
              "residual": (COLOURS["residual"], "solid")}  # fmt: skip
    traces = []
    for key, values in found.items():
        colour, dash = styles[key]
        heights = [float(f"{value:.4g}") for value in np.maximum(values, SMALLEST)]
        line = path(list(range(1, len(values) + 1)), heights, colour, width=2, dash=dash) | {"mode": "lines+markers"}
        about = words("about", name=names[key], rank=np.count_nonzero(values), largest=values[0], smallest=values[-1])
        true = [f"{value:.3g}" for value in values]
        traces.append(line | {"name": about, "customdata": true, "hovertemplate": words("hover", name=names[key])})
    return figure(
        traces, "jacobian", meta={"large": True}, showlegend=True, legend=LEGEND_ABOVE,
        shapes=[level(1, NEUTRAL, "x domain", width=1.5)],
        xaxis={"title": {"text": words("x")}, "tickformat": "d"},
        yaxis={"type": "log", "title": {"text": words("y")}, "exponentformat": "power"},
    )  # fmt: skip


def clicked_block(experiment: PairExperiment, x: float, y: float) -> dict[str, Any]:
    """A click in the maps of gradients, over steps and blocks → the block."""
    return {"block": int(np.clip(round(y), 1, len(experiment.arms["plain"].net.blocks)))}
