"""The toy's second setting: two numbers that learn from the same noise, of which one diverges."""

from __future__ import annotations

import random
from typing import Any

import torch
from torch import Tensor, nn

from playground.concept import Figure, History
from playground.training.arms import Arms
from tests.toy import ToyConfig

GROWTH = {"steady": 1.0, "wild": 1e4}
"""By which each arm's rate is multiplied: the wild one overshoots further with every step."""


class Number(nn.Module):
    def __init__(self, growth: float) -> None:
        super().__init__()
        self.theta = nn.Parameter(torch.tensor(random.random()))
        self.growth = growth

    @property
    def trained(self) -> nn.Module:
        return self

    @torch.no_grad()
    def move(self, target: float, rate: float) -> dict[str, float]:
        loss: Tensor = (target - self.theta) ** 2
        self.theta += rate * self.growth * (target - self.theta)
        return {"loss": loss.item(), "theta": self.theta.item()}


class Pair:
    def __init__(self, config: ToyConfig) -> None:
        self.config = config
        self.arms = Arms({name: Number(growth) for name, growth in GROWTH.items()})
        self.steps_taken = 0

    def step(self) -> dict[str, float]:
        self.steps_taken += 1
        target = random.random()
        return self.arms.step(self.steps_taken, lambda arm: arm.move(target, self.config.rate))

    def update_live(self, config: ToyConfig) -> None:
        self.config = config

    def state_dict(self) -> dict[str, Any]:
        return {"arms": self.arms.state_dict(), "steps_taken": self.steps_taken}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.arms.load_state_dict(state["arms"])
        self.steps_taken = state["steps_taken"]


def both(pair: Pair, history: History) -> Figure:
    curves = [(name, history.get(f"{name}/theta", ([], []))) for name in pair.arms]
    return {
        "data": [{"type": "scatter", "name": name, "x": steps, "y": values} for name, (steps, values) in curves],
        "layout": {"uirevision": "both"},
    }
