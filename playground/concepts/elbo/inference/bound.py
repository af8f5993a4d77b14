"""q beside the posterior, and the terms of the bound; a pure function of the experiment."""

from __future__ import annotations

from typing import Any

import torch

from models import elbo
from models.elbo import Model, Q
from playground.concept import Figure, History
from playground.concepts.elbo.exact import log_evidence
from playground.concepts.elbo.inference.experiment import InferenceExperiment
from playground.concepts.elbo.texts import say

COLOURS = {"reverse_kl": "standard", "forward_kl": "notes", "iwae": "highlight"}
"""Arm → name of its colour in the palette."""


def bound(experiment: InferenceExperiment, history: History) -> Figure:
    """q of each arm; the medium draws the curves and the terms, also those of a q that the hand holds."""
    model, x = experiment.model, experiment.config.x
    arms = [
        arm_of(model, x, fit.q, name=name, title=say(f"arms.{name}"), colour=COLOURS[name])
        for name, fit in experiment.arms.items()
    ]
    return bound_of(model, x, arms, moves=experiment.config.moves)


def bound_of(model: Model, x: float, arms: list[dict[str, Any]], moves: int = 0, fixed: bool = False) -> Figure:
    """arms: as `arm_of` makes them; the handles are those of the first one

    moves: how often the hand had moved q when this was drawn
    fixed: whether only x can be moved by hand
    """
    about = {"a": model.a, "b": model.b, "s": model.s, "size": model.size}
    evidence = log_evidence(model, x)
    return {
        "bound": {"model": about, "x": x, "logEvidence": evidence, "moves": moves, "fixed": fixed, "arms": arms}
    }  # fmt: skip


@torch.no_grad()
def arm_of(model: Model, x: float, q: Q, *, name: str, title: str, colour: str) -> dict[str, Any]:
    """q with its terms in nats.

    colour: name of a colour in the palette
    → mean, sigma: (parts, size) · weight: (parts,) · correlation: None in a mean-field family and where z is one number
    """
    reconstruction = elbo.reconstruction(model, x, q).item()
    kl_to_prior = elbo.kl_to_prior(q).item()
    return {
        "name": name, "title": title, "colour": colour, "mean": q.mean.tolist(), "sigma": q.log_sigma.exp().tolist(),
        "weight": q.weight.tolist(), "correlation": q.skew.tanh().item() if q.correlated else None,
        "elbo": reconstruction - kl_to_prior, "reconstruction": reconstruction, "klToPrior": kl_to_prior,
    }  # fmt: skip
