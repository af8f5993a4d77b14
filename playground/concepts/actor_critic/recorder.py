"""Keeps the returns of the training's episodes, and the newest episodes step by step."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from playground.concepts.actor_critic.environments import VectorEnv

RECENT = 8


@dataclass(frozen=True)
class TrainingEpisode:
    s: np.ndarray  # (steps, observation)
    reward: np.ndarray  # (steps,)
    truncated: bool
    """Cut off by the step limit: it would have gone on."""


class EpisodeRecorder:
    """Follows the episodes of all copies while they run."""

    def __init__(self, vector_env: VectorEnv) -> None:
        envs = self.envs = np.arange(vector_env.count)
        self.s = np.zeros((len(envs), vector_env.limit, vector_env.observation_size), np.float32)
        self.reward = np.zeros((len(envs), vector_env.limit), np.float32)
        self.length = np.zeros(len(envs), np.int64)
        self.recent: deque[TrainingEpisode] = deque(maxlen=RECENT)
        self.returns: deque[float] = deque(maxlen=100)
        self.env_steps = 0
        self.has_news = False

    def reset(self) -> None:
        """The episodes under way are dropped."""
        self.length[:] = 0

    def record(
        self,
        s: np.ndarray,
        reward: np.ndarray,
        terminated: np.ndarray,
        truncated: np.ndarray,
        is_reset_step: np.ndarray,
    ) -> None:
        """One step of all copies, from observations `s` (envs, observation)."""
        valid = self.envs[~is_reset_step]
        self.s[valid, self.length[valid]], self.reward[valid, self.length[valid]] = s[valid], reward[valid]
        self.length[valid] += 1
        self.env_steps += len(valid)
        for env in np.flatnonzero(terminated | truncated):
            steps = self.length[env]
            s_steps, rewards = self.s[env, :steps].copy(), self.reward[env, :steps].copy()
            self.recent.append(TrainingEpisode(s_steps, rewards, truncated=not bool(terminated[env])))
            self.returns.append(float(rewards.sum()))
            self.length[env] = 0
            self.has_news = True

    def metrics(self) -> dict[str, float]:
        """What the episodes that ended since the last call brought; means once there are enough of them."""
        found: dict[str, float] = {"env_steps": self.env_steps}
        if self.has_news:
            self.has_news = False
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
            "length": torch.from_numpy(self.length),
            "recent": [(torch.from_numpy(e.s), torch.from_numpy(e.reward), e.truncated) for e in self.recent],
            "returns": list(self.returns),
            "env_steps": self.env_steps,
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.s, self.reward, self.length = (state[name].numpy().copy() for name in ("s", "reward", "length"))
        self.recent.extend(TrainingEpisode(s.numpy(), reward.numpy(), cut) for s, reward, cut in state["recent"])
        self.returns.extend(state["returns"])
        self.env_steps = state["env_steps"]
