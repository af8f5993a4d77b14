"""An actor on stage: one episode by a policy, what the critic thought of it, and the pictures of it as a film."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import torch
from torch import Tensor

from models.actor_critic import ActorCritic, act, discounted_return, generalised_advantage, td_target
from playground.concept import Figure
from playground.concepts.actor_critic.config import ActorCriticConfig
from playground.concepts.actor_critic.worlds import WORLDS, observe, single
from playground.figures.film import Scene, film

FRAMES = {1: 200, 2: 150, 3: 120}
"""Number of scenes → the most frames of a film: a longer episode skips some."""
ENCORE = 0.8
"""Seconds for which the last frame stays."""


@dataclass(frozen=True)
class Performance:
    """One episode; `states` is one longer than the rest."""

    states: np.ndarray  # (steps + 1, variables)
    policy: np.ndarray  # (steps, actions)
    action: np.ndarray  # (steps,)
    value: np.ndarray  # (steps,)
    advantage: np.ndarray  # (steps,)
    reward: np.ndarray  # (steps,)
    terminated: bool
    nudged: bool = False


@torch.no_grad()
def perform(
    model: ActorCritic, config: ActorCriticConfig, rule: str, start: np.ndarray | None = None,
    sample: bool | None = None,
    nudge: Callable[[int], np.ndarray | None] = lambda step: None,
) -> Performance:  # fmt: skip
    """Plays one episode, always from the same start unless one is given.

    start: state to begin in; sample: draw actions, or take the best (default: as in training)
    nudge: step → what is added to the state before it, if anything
    """
    name, rng = config.environment, torch.Generator().manual_seed(1)
    env = _world(name)
    env.reset(seed=1)
    own = env.unwrapped
    if start is not None:
        own.state = np.asarray(start, dtype=np.float64)
    draws = config.action == "sample" if sample is None else sample
    states, seen = [np.array(own.state)], [observe(name, np.array(own.state))]
    log_pi: list[Tensor] = []
    actions: list[Tensor] = []
    rewards: list[float] = []
    terminated = truncated = False
    while not (terminated or truncated):
        push = nudge(len(actions))
        if push is not None:
            own.state = np.asarray(own.state) + push
            states[-1], seen[-1] = np.array(own.state), observe(name, np.array(own.state))
        log_pi.append(model.policy(torch.from_numpy(seen[-1])[None]))
        actions.append(act(log_pi[-1], draws, rng))
        _, reward, terminated, truncated, _ = env.step(int(actions[-1]))
        rewards.append(float(reward))
        states.append(np.array(own.state))
        seen.append(observe(name, states[-1]))
    value = model.value(torch.from_numpy(np.stack(seen)))  # (steps + 1,)
    reward = torch.tensor(rewards)
    return Performance(
        np.stack(states), torch.cat(log_pi).exp().numpy(), torch.cat(actions).numpy(), value[:-1].numpy(),
        judge(config, rule, value, reward, terminated).numpy(), reward.numpy(), terminated,
    )  # fmt: skip


def judge(config: ActorCriticConfig, rule: str, value: Tensor, reward: Tensor, terminated: bool) -> Tensor:
    """The advantage of every step of one episode, by the rule it is trained with. value (steps + 1,) → (steps,)"""
    v, next_v = value[:-1], value[1:]
    if rule == "origin":
        return discounted_return(reward[:, None], config.gamma, config.reward_to_go)[:, 0] - v
    ends = torch.zeros(len(reward), dtype=torch.bool)
    ends[-1] = terminated
    td_error = td_target(reward, next_v, ends, config.gamma, config.terminal_mask) - v
    if rule == "td":
        return td_error
    return generalised_advantage(td_error[:, None], ends[:, None], config.gamma, config.lam)[:, 0]


@cache
def _world(name: str) -> Any:
    """An environment of our own to play in; with pictures, drawn without a display and in silence."""
    os.environ.setdefault("SDL_VIDEODRIVER", "dummy")
    os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
    env = single(name, render_mode="rgb_array")
    own = env.unwrapped
    own.screen_width, own.screen_height = WORLDS[name].screen
    own.SCREEN_DIM = own.screen_width  # Acrobot's name for both
    return env


def pictures(name: str, states: np.ndarray) -> Iterator[np.ndarray]:
    """Gymnasium's own picture of each state (steps, variables), cut to where things happen."""
    env, (top, bottom) = _world(name).unwrapped, WORLDS[name].rows
    drawn: list[Any] = []
    for state in states:
        if not drawn or not np.array_equal(state, drawn[0]):
            env.state = state
            drawn = [state, env.render()[top:bottom]]
        yield drawn[1]


def show(config: ActorCriticConfig, performances: list[tuple[str, str, Performance]], key: str, caption: str) -> Figure:
    """(title, colour, performance) … → one film of them all, the shorter ones standing still at their end."""
    world, env = WORLDS[config.environment], _world(config.environment)
    rate = env.metadata["render_fps"]
    longest = max(len(p.states) for _, _, p in performances)
    stride = max(3 if rate >= 50 else 1, -(-longest // FRAMES[len(performances)]))
    fps = rate / stride
    ticks = np.append(np.arange(0, longest - 1, stride), longest - 1)
    rows = [pictures(config.environment, p.states[np.minimum(ticks, len(p.states) - 1)]) for _, _, p in performances]

    def frames() -> Iterator[np.ndarray]:
        frame = np.zeros(0)
        for row in zip(*rows, strict=True):
            frame = np.concatenate(row)
            yield frame
        for _ in range(round(ENCORE * fps)):
            yield frame

    scenes = [
        Scene(title, p.policy, p.value, p.advantage, p.action, colour, ending(config, p))
        for title, colour, p in performances
    ]
    return film(frames(), fps, rate, scenes, key, world.actions, bound(config), caption)


def bound(config: ActorCriticConfig) -> float:
    """The greatest possible V: a reward for ever, or none to pay."""
    return 1 / (1 - config.gamma) if WORLDS[config.environment].reward > 0 else 0.0


def ending(config: ActorCriticConfig, p: Performance) -> str:
    count = len(p.action)
    if WORLDS[config.environment].reward > 0:
        return f"fell after {count} steps" if p.terminated else f"still up after {count} steps"
    return f"there after {count} steps" if p.terminated else f"not there after {count} steps"
