"""Runs of the ELBO tab's q, and the two-mode model as numpy integrates it: for several files of tests."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch

from models.elbo import Q
from playground.concepts.elbo.config import ElboConfig
from playground.concepts.elbo.inference.experiment import InferenceExperiment

Z = np.linspace(-9, 9, 180_001)
STEP = Z[1] - Z[0]


def run(seed: int = 0, **config: Any) -> InferenceExperiment:
    torch.manual_seed(seed)
    return InferenceExperiment(ElboConfig(**config))


def trained(steps: int, **config: Any) -> InferenceExperiment:
    experiment = run(**config)
    for _ in range(steps):
        experiment.step()
    return experiment


def only(experiment: InferenceExperiment) -> Q:
    (fit,) = experiment.arms.values()
    return fit.q


def normal(x: Any, mean: Any, sigma: Any) -> Any:
    return -0.5 * ((x - mean) / sigma) ** 2 - np.log(sigma) - 0.5 * math.log(2 * math.pi)


def joint(z: np.ndarray, x: float = 1.0) -> np.ndarray:
    """log p(x, z) of the two-mode model."""
    return normal(x, 0.5 * z**2 + 0.15 * z, 0.25) + normal(z, 0, 1)


EVIDENCE = math.log(np.exp(joint(Z)).sum() * STEP)
