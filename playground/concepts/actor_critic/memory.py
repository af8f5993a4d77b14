"""What is remembered of the episodes: their returns, and the newest ones step by step."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from playground.concepts.actor_critic.worlds import Copies

RECENT = 8


@dataclass(frozen=True)
class Episode:
    s: np.ndarray  # (steps, observation)
    reward: np.ndarray  # (steps,)
    truncated: bool
    """Cut off by the step limit: it would have gone on."""


class Memory:
    """Keeps account of the copies' episodes while they are lived through."""

    def __init__(self, copies: Copies) -> None:
        envs = self.envs = np.arange(copies.count)
        self.s = np.zeros((len(envs), copies.limit, copies.observation_size), np.float32)
        self.reward = np.zeros((len(envs), copies.limit), np.float32)
        self.age = np.zeros(len(envs), np.int64)
        self.recent: deque[Episode] = deque(maxlen=RECENT)
        self.returns: deque[float] = deque(maxlen=100)
        self.env_steps = 0
        self.fresh = False

    def reset(self) -> None:
        """The episodes under way were given up."""
        self.age[:] = 0

    def keep(
        self, s: np.ndarray, reward: np.ndarray, terminated: np.ndarray, truncated: np.ndarray, dummy: np.ndarray
    ) -> None:
        """One step of all copies, from observations `s` (envs, observation)."""
        real = self.envs[~dummy]
        self.s[real, self.age[real]], self.reward[real, self.age[real]] = s[real], reward[real]
        self.age[real] += 1
        self.env_steps += len(real)
        for env in np.flatnonzero(terminated | truncated):
            lived = self.age[env]
            self.recent.append(
                Episode(self.s[env, :lived].copy(), self.reward[env, :lived].copy(), not bool(terminated[env]))
            )
            self.returns.append(float(self.reward[env, :lived].sum()))
            self.age[env] = 0
            self.fresh = True

    def metrics(self) -> dict[str, float]:
        """What the episodes that ended since the last call brought; means once there are enough of them."""
        found: dict[str, float] = {"env_steps": self.env_steps}
        if self.fresh:
            self.fresh = False
            returns = list(self.returns)
            found["return/last"] = returns[-1]
            for count in (20, 100):
                if len(returns) >= count:
                    found[f"return/mean{count}"] = sum(returns[-count:]) / count
        return found

    def state_dict(self) -> dict[str, Any]:
        return {
            "s": torch.from_numpy(self.s),
            "reward": torch.from_numpy(self.reward),
            "age": torch.from_numpy(self.age),
            "recent": [(torch.from_numpy(e.s), torch.from_numpy(e.reward), e.truncated) for e in self.recent],
            "returns": list(self.returns),
            "env_steps": self.env_steps,
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.s, self.reward, self.age = (state[name].numpy().copy() for name in ("s", "reward", "age"))
        self.recent.extend(Episode(s.numpy(), reward.numpy(), truncated) for s, reward, truncated in state["recent"])
        self.returns.extend(state["returns"])
        self.env_steps = state["env_steps"]
