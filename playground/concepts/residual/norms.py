"""How large activations and gradients are between the blocks, and how that changes over training."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

ACTIVATION, GRADIENT = 0, 1
"""Rows of what `norms` gives."""
MOST_KEPT = 120
"""Steps that a log keeps; when there are more, every other one is dropped."""


def norms(states: list[Tensor]) -> Tensor:
    """(2, states): the length of an example's activations, and of the gradient of its loss in them.

    states: activations of a batch, each with the gradient of the batch's mean loss; lengths are root mean squares over
    the examples of the batch
    """
    examples = len(states[0])
    activations = torch.stack(torch._foreach_norm([h.detach() for h in states])) / math.sqrt(examples)
    gradients = torch.stack(torch._foreach_norm([gradient_of(h) for h in states])) * math.sqrt(examples)
    return torch.stack([activations, gradients])


def gradient_of(state: Tensor) -> Tensor:
    return torch.zeros_like(state) if state.grad is None else state.grad


def gradient_ratio(norms: Tensor) -> dict[str, float]:
    """The gradient at the input of the first block over that at the input of the last one, where there is such."""
    first, last = norms[GRADIENT, 0].item(), norms[GRADIENT, -2].item()
    ratio = first / last if last > 0 else math.nan
    return {"gradient_ratio": ratio} if math.isfinite(ratio) else {}


class NormLog:
    """Norms at step 0, at the newest step, and at some steps between them."""

    def __init__(self, at_start: Tensor) -> None:
        """at_start: (2, states)"""
        self.steps, self.rows, self.every = [0], [at_start], 1
        self.newest_step, self.newest = 0, at_start

    @property
    def at_start(self) -> Tensor:
        return self.rows[0]

    def add(self, step: int, row: Tensor) -> None:
        self.newest_step, self.newest = step, row
        if step % self.every == 0:
            self.steps.append(step)
            self.rows.append(row)
        if len(self.steps) > MOST_KEPT:
            self.steps, self.rows, self.every = self.steps[::2], self.rows[::2], 2 * self.every

    def state_dict(self) -> dict[str, Any]:
        return {
            "steps": list(self.steps),
            "rows": torch.stack(self.rows),
            "every": self.every,
            "newest_step": self.newest_step,
            "newest": self.newest,
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.steps, self.rows, self.every = list(state["steps"]), list(state["rows"].unbind()), state["every"]
        self.newest_step, self.newest = state["newest_step"], state["newest"]
