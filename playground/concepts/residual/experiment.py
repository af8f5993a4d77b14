"""One training run: two networks of one depth, one without shortcuts and one with, on the same batches."""

from __future__ import annotations

from typing import Any

import torch

from playground.concepts.residual import measures
from playground.concepts.residual.config import ResidualConfig, blocks_of
from playground.concepts.residual.examples import load_examples
from playground.concepts.residual.learner import Learner
from playground.training.arms import Arms

MEASURE_EVERY, CUT_EVERY = 25, 100
"""Steps between two measurements of the held-out accuracy, and of what it loses when a block is cut."""


class PairExperiment:
    def __init__(self, config: ResidualConfig) -> None:
        self.config = config
        self.data = load_examples(config)
        self.arms = Arms(
            {
                "plain": Learner(config, self.data, config.depth, has_shortcut=False),
                "residual": Learner(config, self.data, config.depth, has_shortcut=True),
            }
        )
        self.steps_taken = 0

    def step(self) -> dict[str, float]:
        self.steps_taken += 1
        chosen = torch.randint(len(self.data.x), (self.config.batch,))
        x, y = self.data.x[chosen], self.data.y[chosen]  # (batch, inputs), (batch,)
        draws = torch.rand(blocks_of(self.config.depth))  # which blocks are dropped
        metrics = self.arms.step(self.steps_taken, lambda learner: learner.step(x, y, draws))

        if self.steps_taken == 1 or self.steps_taken % MEASURE_EVERY == 0:
            metrics |= self.arms.each(self.heldout_accuracy)
        if self.steps_taken % CUT_EVERY == 0:
            metrics |= self.arms.each(self.lesion_drop)
        return metrics

    def heldout_accuracy(self, learner: Learner) -> dict[str, float]:
        return {"heldout/accuracy": measures.accuracy(learner.net, self.data.heldout_x, self.data.heldout_y)}

    def lesion_drop(self, learner: Learner) -> dict[str, float]:
        """What held-out accuracy loses when a block is cut: the median over the blocks."""
        x, y = measures.cut_examples(self.data)
        whole = measures.accuracy(learner.net, x, y)
        return {"lesion_drop": whole - measures.accuracies_with_cut(learner.net, x, y).median().item()}

    def update_live(self, config: ResidualConfig) -> None:
        self.config = config
        for learner in self.arms.values():
            learner.update_live(config)

    def state_dict(self) -> dict[str, Any]:
        return {"arms": self.arms.state_dict(), "steps_taken": self.steps_taken}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.arms.load_state_dict(state["arms"])
        self.steps_taken = state["steps_taken"]
