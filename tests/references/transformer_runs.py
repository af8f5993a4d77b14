"""Runs of the transformer's experiment on strings that several tests ask about."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import torch

from playground.concepts.transformer.config import TransformerConfig
from playground.concepts.transformer.experiment import TransformerExperiment

REPEAT = {"task": "repeat", "layers": 2}
REVERSE = {"task": "reverse", "heads": 2, "lr": 8e-3}
LEARNS: list[tuple[dict[str, Any], bool]] = [
    ({"task": "reverse", "heads": 2, "layers": 2, "lr": 8e-3, "steps": 120}, True),
    ({"task": "reverse", "heads": 2, "layers": 2, "lr": 8e-3, "steps": 200, "architecture": "decoder"}, True),
    ({"task": "repeat", "heads": 1, "layers": 2, "d_k": 64, "positions": "rotary", "lr": 6e-3, "batch": 32,
      "steps": 200}, True),
    ({"task": "reverse", "heads": 2, "lr": 8e-3, "steps": 300, "causal": False}, False),
    ({"task": "reverse", "heads": 2, "lr": 8e-3, "steps": 300, "causal": False, "architecture": "decoder"}, False),
]  # fmt: skip
"""Long enough that some held-out answers are right and some are wrong; without the mask, that the loss is small."""


def experiment(**knobs: Any) -> TransformerExperiment:
    torch.manual_seed(0)
    return TransformerExperiment(TransformerConfig(**TransformerConfig.with_followers(knobs)))


@cache
def _trained(knobs: str) -> tuple[TransformerExperiment, dict[str, float]]:
    run = experiment(**json.loads(knobs))
    latest: dict[str, float] = {}
    for _ in range(run.config.steps):
        latest |= run.step()
    return run, latest


def trained(**knobs: Any) -> TransformerExperiment:
    """After all its steps. Tests share it: what they change, they put back."""
    return _trained(json.dumps(knobs))[0]


def metrics(**knobs: Any) -> dict[str, float]:
    return _trained(json.dumps(knobs))[1]
