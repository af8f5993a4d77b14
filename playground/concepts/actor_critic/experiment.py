"""One training run: a learner, or one for each rule side by side, on the same seeds."""

from __future__ import annotations

from typing import Any

import torch

from models.actor_critic import ActorCritic
from playground.concepts.actor_critic.config import ActorCriticConfig
from playground.concepts.actor_critic.learner import Learner
from playground.training.arms import Arms

MAX_SNAPSHOTS = 12
"""When there are more, every other one is dropped."""


class ActorCriticExperiment:
    """Its arms are learners, named by their rules; each takes the same number of environment steps."""

    def __init__(self, config: ActorCriticConfig) -> None:
        self.config = config
        self.arms = Arms({rule: Learner(config, rule) for rule in config.rules})
        self.steps_taken, self.snapshot_interval = 0, 1
        self.snapshots: list[tuple[int, dict[str, torch.Tensor]]] = []
        """(step, the first learner's weights after it) at even distances, for the gallery."""
        self._take_snapshot()

    def step(self) -> dict[str, float]:
        self.steps_taken += 1
        found = self.arms.step(self.steps_taken, lambda learner: learner.step())
        if self.steps_taken % self.snapshot_interval == 0:
            self._take_snapshot()
        return found

    def _take_snapshot(self) -> None:
        weights = {name: tensor.clone() for name, tensor in self.arms.first.model.state_dict().items()}
        self.snapshots.append((self.steps_taken, weights))
        if len(self.snapshots) > MAX_SNAPSHOTS:
            self.snapshots, self.snapshot_interval = self.snapshots[::2], 2 * self.snapshot_interval

    def model_at(self, step: int) -> tuple[int, ActorCritic]:
        """The first learner's model at the snapshot nearest to a step: (its step, the model)."""
        at, weights = min(self.snapshots, key=lambda kept: abs(kept[0] - step))
        env = self.arms.first.vector_env
        with torch.random.fork_rng(devices=[]):
            model = ActorCritic(env.observation_size, env.action_count)
        model.load_state_dict(weights)
        return at, model

    def update_live(self, config: ActorCriticConfig) -> None:
        self.config = config
        for learner in self.arms.values():
            learner.config = config

    def state_dict(self) -> dict[str, Any]:
        return {
            "arms": self.arms.state_dict(),
            "steps_taken": self.steps_taken,
            "snapshot_interval": self.snapshot_interval,
            "snapshots": self.snapshots,
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.arms.load_state_dict(state["arms"])
        self.steps_taken, self.snapshot_interval = state["steps_taken"], state["snapshot_interval"]
        self.snapshots = [(step, dict(weights)) for step, weights in state["snapshots"]]
