"""New digits of a live prior."""

from __future__ import annotations

import torch

from playground.concept import Figure, Refused
from playground.concepts.vqvae.experiment import VQVAEExperiment
from playground.concepts.vqvae.prior.filling import filling
from playground.concepts.vqvae.prior.questions import Sample
from playground.concepts.vqvae.texts import say

DRAWN = 12
"""New digits at a time."""


def sample(experiment: VQVAEExperiment, question: Sample) -> Figure:
    """New digits, code by code."""
    if not experiment.examples.images:
        raise Refused(say("refusals.only_digits"))
    if experiment.prior is None:
        raise Refused(say("refusals.no_prior"))
    k = experiment.prior.sample(DRAWN, torch.Generator().manual_seed(question.noise), question.temperature)
    return filling(experiment, k)
