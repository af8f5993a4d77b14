"""One training run: eight networks, of four depths, without shortcuts and with them, on the same batches."""

from __future__ import annotations

from typing import Any

import torch

from playground.concepts.residual import measures
from playground.concepts.residual.config import DEPTHS, ResidualConfig, blocks_of
from playground.concepts.residual.examples import load_examples
from playground.concepts.residual.learner import Learner
from playground.training.arms import Arms

MEASURE_EVERY = 25
"""Steps between two measurements of the held-out accuracy."""


class DegradationExperiment:
    def __init__(self, config: ResidualConfig) -> None:
        self.config = config
        self.data = load_examples(config)
        learners = {}
        for depth in DEPTHS:
            learners[f"plain-{depth}"] = Learner(config, self.data, depth, has_shortcut=False)
            learners[f"residual-{depth}"] = Learner(config, self.data, depth, has_shortcut=True)
        self.arms = Arms(learners)
        self.steps_taken = 0

    def step(self) -> dict[str, float]:
        self.steps_taken += 1
        chosen = torch.randint(len(self.data.x), (self.config.batch,))
        x, y = self.data.x[chosen], self.data.y[chosen]  # (batch, inputs), (batch,)
        draws = torch.rand(blocks_of(max(DEPTHS)))  # which blocks are dropped
        metrics = self.arms.step(self.steps_taken, lambda learner: learner.step(x, y, draws))

        if self.steps_taken == 1 or self.steps_taken % MEASURE_EVERY == 0:
            metrics |= self.arms.each(self.heldout_accuracy)
        return metrics

    def heldout_accuracy(self, learner: Learner) -> dict[str, float]:
        return {"heldout/accuracy": measures.accuracy(learner.net, self.data.heldout_x, self.data.heldout_y)}

    def update_live(self, config: ResidualConfig) -> None:
        self.config = config
        for learner in self.arms.values():
            learner.update_live(config)

    def state_dict(self) -> dict[str, Any]:
        return {"arms": self.arms.state_dict(), "steps_taken": self.steps_taken}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.arms.load_state_dict(state["arms"])
        self.steps_taken = state["steps_taken"]
