"""Autoencoders whose nets are rules written by hand, so that what they measure and show is known in closed form."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from playground.concepts.autoencoder.config import AutoencoderConfig
from playground.concepts.autoencoder.experiment import AutoencoderExperiment
from playground.data.mnist import load_digits

Figure = dict[str, Any]

Rule = Callable[[Tensor], Tensor]

MU = np.random.default_rng(1).normal(0, 2, (500, 2)).astype(np.float32)
WIDE = np.tile(np.log([4.0, 0.25]), (500, 1))  # σ = (2, ½)
AROUND_MU = np.hstack([MU, WIDE])
SHADE = [1.0, 0.3]  # Weights of a decoder that gets brighter to the right and, less so, upwards
CLASSES = [0.25 * c - 1.0 for c in range(10)]
GREY = 2 / 255


class ByHand(torch.nn.Module):
    """A rule in a net's place. No optimiser knows `zero`: steps do not change it, but its gradient can be read."""

    def __init__(self, rule: Rule, out: int) -> None:
        super().__init__()
        self.rule = rule
        self.zero = torch.nn.Parameter(torch.zeros(out))
        self.seen: list[Tensor] = []
        """Everything that the net was given, call by call."""

    def forward(self, given: Tensor) -> Tensor:
        self.seen.append(given.detach().clone())
        return self.rule(given).to(torch.float32) + self.zero


def by_hand(encode: Rule, decode: Rule, **knobs: Any) -> AutoencoderExperiment:
    """encode: (batch, 784 [+ 10]) → (batch, 2 · latent), μ before log σ²; decode: (batch, latent [+ 10]) → logits."""
    torch.manual_seed(0)
    made = AutoencoderExperiment(AutoencoderConfig(**knobs))
    made.model.encoder = ByHand(encode, 2 * made.config.latent)
    made.model.decoder = ByHand(decode, 784)
    return made


def always(*numbers: float) -> Rule:
    """The same output whatever is given: a net whose weights are 0, with these biases."""
    row = torch.tensor(numbers)
    return lambda given: row.expand(len(given), -1)


def table(rows: np.ndarray) -> Rule:
    """One row for each held-out digit, in their order; a single image is given the first."""
    kept = torch.as_tensor(rows, dtype=torch.float32)
    return lambda given: kept[: len(given)]


def flat(weights: list[float], bias: float = 0.0) -> Rule:
    """Images of one grey: logit = weights · (z, one-hot class) + bias in every pixel."""
    kept = torch.tensor(weights)
    return lambda given: (given @ kept + bias)[:, None].expand(-1, 784)


def with_flat_digits(made: AutoencoderExperiment) -> np.ndarray:
    """Gives the experiment held-out digits of one grey each, class 0 to 9 in turn but for 100 shuffled; the greys."""
    rng = np.random.default_rng(5)
    greys = rng.uniform(0.1, 0.9, 500).astype(np.float32)
    labels = np.concatenate([rng.permutation(np.arange(100) % 10), np.arange(400) % 10])
    images = np.repeat(greys[:, None], 784, 1)
    made.digits = replace(load_digits(), heldout_images=images, heldout_labels=labels)
    made.heldout_x, made.heldout_c = torch.from_numpy(images), torch.from_numpy(labels)
    made.measured["heldout"] = (made.heldout_x, made.heldout_c)
    return greys


def shaded(rows: np.ndarray = AROUND_MU, **knobs: Any) -> AutoencoderExperiment:
    """Held-out digits at known places, of one grey each; a decoder whose grey names the code (and the class)."""
    latent = knobs.get("latent", 2)
    classes = CLASSES if knobs.get("model") == "CVAE" else []
    made = by_hand(table(rows), flat([*(SHADE + [0.0] * latent)[:latent], *classes]), **knobs)
    with_flat_digits(made)
    return made


def ticks(figure: Figure, axis: str) -> list[tuple[float, str]]:
    about = figure["layout"][axis]
    return list(zip(about["tickvals"], about["ticktext"], strict=True))


def sigmoid(x: Any) -> Any:
    return 1 / (1 + np.exp(-np.asarray(x, dtype=np.float64)))


def log_normal(x: Any, mu: float | np.ndarray = 0.0, sigma: float = 1.0) -> np.ndarray:
    """log N(x; μ, σ²)"""
    return np.asarray(-0.5 * ((np.asarray(x) - mu) / sigma) ** 2 - math.log(sigma) - 0.5 * math.log(2 * math.pi))
