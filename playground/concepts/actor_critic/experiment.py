"""One training run: a learner, or one for each rule side by side, on the same seeds."""

from __future__ import annotations

from typing import Any

import torch

from models.actor_critic import ActorCritic
from playground.concepts.actor_critic.config import ActorCriticConfig
from playground.concepts.actor_critic.learner import Learner

ALBUM = 12
"""The most policies that are kept from the past; when there are more, every other one goes."""


class ActorCriticExperiment:
    """Steps its learners in turn; each takes the same number of environment steps."""

    def __init__(self, config: ActorCriticConfig) -> None:
        self.config = config
        self.learners = {rule: Learner(config, rule) for rule in config.rules}
        self.taken, self.apart = 0, 1
        self.album: list[tuple[int, dict[str, torch.Tensor]]] = []
        """(step, the first learner's weights after it) at even distances, for the gallery."""
        self._keep()

    @property
    def first(self) -> Learner:
        return next(iter(self.learners.values()))

    def step(self) -> dict[str, float]:
        self.taken += 1
        found: dict[str, float] = {}
        for rule, learner in self.learners.items():
            prefix = f"{rule}/" if len(self.learners) > 1 else ""
            found |= {prefix + name: value for name, value in learner.step().items()}
        if self.taken % self.apart == 0:
            self._keep()
        return found

    def _keep(self) -> None:
        weights = {name: tensor.clone() for name, tensor in self.first.model.state_dict().items()}
        self.album.append((self.taken, weights))
        if len(self.album) > ALBUM:
            self.album, self.apart = self.album[::2], 2 * self.apart

    def past(self, step: int) -> tuple[int, ActorCritic]:
        """The first learner's model as it was around a step of the past."""
        at, weights = min(self.album, key=lambda kept: abs(kept[0] - step))
        copies = self.first.copies
        with torch.random.fork_rng(devices=[]):
            model = ActorCritic(copies.observation_size, copies.action_count)
        model.load_state_dict(weights)
        return at, model

    def tune(self, config: ActorCriticConfig) -> None:
        self.config = config
        for learner in self.learners.values():
            learner.config = config

    def state_dict(self) -> dict[str, Any]:
        return {
            "learners": {rule: learner.state_dict() for rule, learner in self.learners.items()},
            "taken": self.taken,
            "apart": self.apart,
            "album": self.album,
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        for rule, learner in self.learners.items():
            learner.load_state_dict(state["learners"][rule])
        self.taken, self.apart = state["taken"], state["apart"]
        self.album = [(step, dict(weights)) for step, weights in state["album"]]

    def shapes(self) -> dict[str, tuple[int, ...]]:
        return self.first.shapes()
