"""Gymnasium's classic control problems: copies that run in step and can be saved, and what the figures must know."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import gymnasium
import numpy as np
import torch
from gymnasium.vector import AutoresetMode, SyncVectorEnv

from playground.concepts.actor_critic.texts import say

Array = np.ndarray


@dataclass(frozen=True)
class EnvSpec:
    """What is known of an environment beyond Gymnasium's interface."""

    actions: tuple[str, ...]
    mapped: tuple[int, int]
    """The two state variables that maps show; the others are 0."""
    axes: tuple[str, str]
    reach: tuple[tuple[float, float], tuple[float, float]]
    """Range of both in the maps."""
    limits: tuple[tuple[float, float], tuple[float, float]]
    """Range of both in which an episode may begin."""
    variables: int
    """Of the state."""
    reward: float
    """Of every step."""
    solved: float
    """Mean return from which it counts as solved."""
    cap: float
    """The greatest return."""
    screen: tuple[int, int]
    """Width and height that are asked of Gymnasium's renderer."""
    rows: tuple[int, int]
    """The rows of its image that are shown, from the top."""


ENVS = {
    "CartPole-v1": EnvSpec(
        actions=("←", "→"), variables=4, mapped=(2, 3),
        axes=(say("environments.cart_pole.across"), say("environments.cart_pole.along")),
        reach=((-0.24, 0.24), (-2.5, 2.5)), limits=((-0.209, 0.209), (-8, 8)), reward=1, solved=475, cap=500,
        screen=(420, 230), rows=(8, 174),
    ),
    "Acrobot-v1": EnvSpec(
        actions=("↺", "·", "↻"), variables=4, mapped=(0, 2),
        axes=(say("environments.acrobot.across"), say("environments.acrobot.along")),
        reach=((-3.14, 3.14), (-8.0, 8.0)), limits=((-3.2, 3.2), (-8, 8)), reward=-1, solved=-100, cap=0,
        screen=(240, 240), rows=(0, 240),
    ),
    "MountainCar-v0": EnvSpec(
        actions=("←", "·", "→"), variables=2, mapped=(0, 1),
        axes=(say("environments.mountain_car.across"), say("environments.mountain_car.along")),
        reach=((-1.2, 0.6), (-0.07, 0.07)), limits=((-1.2, 0.49), (-0.07, 0.07)), reward=-1, solved=-110, cap=0,
        screen=(420, 280), rows=(60, 280),
    ),
}  # fmt: skip


def make_env(name: str, **more: Any) -> gymnasium.Env:
    """One environment, capped at its number of steps."""
    return gymnasium.make(name, disable_env_checker=True, **more)


def observe(name: str, state: Array) -> Array:
    """What the agent sees of states (…, variables), as the environment itself would say it."""
    if name == "Acrobot-v1":
        a, b, a_dot, b_dot = np.moveaxis(state, -1, 0)
        return np.stack([np.cos(a), np.sin(a), np.cos(b), np.sin(b), a_dot, b_dot], -1).astype(np.float32)
    return np.asarray(state, dtype=np.float32)


class VectorEnv:
    """Copies of one environment that run in step; their whole state can be saved and restored.

    A copy that is done resets itself on the NEXT step, which does nothing else: `is_reset_step` marks it.
    """

    def __init__(self, name: str, count: int, seed: int) -> None:
        self.count = count
        self.vector = SyncVectorEnv(
            [lambda: make_env(name)] * count, copy=False, autoreset_mode=AutoresetMode.NEXT_STEP
        )
        self.observation_size = self.vector.single_observation_space.shape[0]
        self.action_count = int(self.vector.single_action_space.n)
        self.limit: int = self.vector.envs[0].spec.max_episode_steps
        self.observation = self.vector.reset(seed=seed)[0].copy()
        self.is_reset_step = np.zeros(count, dtype=bool)

    def reset(self) -> None:
        """Every copy begins a new episode."""
        self.observation = self.vector.reset()[0].copy()
        self.is_reset_step[:] = False

    def step(self, action: Array) -> tuple[Array, Array, Array, Array]:
        """actions (envs,) → reward, terminated, truncated and whether the step was a mere reset, each (envs,)."""
        is_reset_step = self.is_reset_step
        observation, reward, terminated, truncated, _ = self.vector.step(action)
        self.observation = observation.copy()
        self.is_reset_step = terminated | truncated
        return reward.astype(np.float32), terminated.copy(), truncated.copy(), is_reset_step

    def state_dict(self) -> dict[str, Any]:
        each = [env.unwrapped for env in self.vector.envs]
        return {
            "observation": torch.from_numpy(self.observation),
            "is_reset_step": torch.from_numpy(self.is_reset_step),
            "states": [torch.from_numpy(np.array(env.state)) for env in each],
            "elapsed": [_clock(env)._elapsed_steps for env in self.vector.envs],
            "random": json.dumps([env.np_random.bit_generator.state for env in each]),
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.reset()
        self.observation = state["observation"].numpy().copy()
        self.is_reset_step = state["is_reset_step"].numpy().copy()
        self.vector._autoreset_envs = self.is_reset_step.copy()
        random = json.loads(state["random"])
        for env, own, elapsed, numbers in zip(self.vector.envs, state["states"], state["elapsed"], random, strict=True):
            env.unwrapped.state = own.numpy().copy()
            env.unwrapped.np_random.bit_generator.state = numbers
            _clock(env)._elapsed_steps = elapsed


def _clock(env: Any) -> Any:
    """The wrapper that counts an environment's steps."""
    while not hasattr(env, "_elapsed_steps"):
        env = env.env
    return env
