"""Both networks as columns: how large gradients and activations are at the input of each block, and the losses."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from playground.concept import Figure, History
from playground.concepts.residual.experiment import PairExperiment
from playground.concepts.residual.learner import Learner
from playground.concepts.residual.norms import ACTIVATION, GRADIENT
from playground.concepts.residual.texts import say
from playground.figures.charts import thin

KINDS = {"gradients": GRADIENT, "activations": ACTIVATION}


def columns(experiment: PairExperiment, history: History) -> Figure:
    """The state of both networks; the medium lets the visitor cut blocks of them."""
    return columns_of(experiment, history)


def columns_of(experiment: PairExperiment, history: History, **more: Any) -> Figure:
    """more: what the columns show besides, such as the accuracies with blocks cut"""
    arms = [_arm(experiment, name, history) for name in experiment.arms]
    rows = [row for learner in experiment.arms.values() for row in (*learner.log.rows, learner.log.newest)]
    norms = torch.stack(rows)[:, :, :-1]  # (steps of both, 2, blocks): the last state is the input of no block
    scale = {kind: decades(norms[:, index]) for kind, index in KINDS.items()}
    return {"columns": {"arms": arms, "scale": scale, **more}}


def _arm(experiment: PairExperiment, name: str, history: History) -> dict[str, Any]:
    learner = experiment.arms[name]
    steps, losses = thin(*history.get(f"{name}/train/loss", ([], [])))
    measured_at, accuracies = history.get(f"{name}/heldout/accuracy", ([], []))
    return {
        "name": name,
        "title": say(f"arms.{name}"),
        "hasShortcut": learner.has_shortcut,
        "step": learner.log.newest_step,
        "frozen": experiment.arms.diverged_at.get(name),
        "accuracy": {"value": accuracies[-1], "step": measured_at[-1]} if accuracies else None,
        "losses": {"steps": steps, "values": losses},
        **{kind: _norms(learner, index) for kind, index in KINDS.items()},
    }


def _norms(learner: Learner, index: int) -> dict[str, list[float | None]]:
    """Of the input of each block, the first block first."""
    return {"start": significant(learner.log.at_start[index, :-1]), "now": significant(learner.log.newest[index, :-1])}


def significant(values: Tensor, digits: int = 3) -> list[float | None]:
    """Numbers with few significant digits; None where one is not finite."""
    return [float(f"{value:.{digits}g}") if math.isfinite(value) else None for value in values.tolist()]


def decades(values: Tensor) -> list[int]:
    """The exponents of the powers of ten, at least one apart, between which all positive finite values lie."""
    found = values[torch.isfinite(values) & (values > 0)]
    if not len(found):
        return [0, 1]
    low, high = math.floor(math.log10(found.min().item())), math.ceil(math.log10(found.max().item()))
    return [low, max(high, low + 1)]
