"""One episode by a policy, from a chosen start, with what the critic thought of every step."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import torch
from torch import Tensor

from models.actor_critic import ActorCritic, act, discounted_return, generalised_advantage, td_target
from playground.concepts.actor_critic.config import ActorCriticConfig
from playground.concepts.actor_critic.environments import ENVS, make_env, observe
from playground.concepts.actor_critic.texts import say


@dataclass(frozen=True)
class Episode:
    """`states` is one longer than the rest."""

    states: np.ndarray  # (steps + 1, variables)
    policy: np.ndarray  # (steps, actions)
    action: np.ndarray  # (steps,)
    value: np.ndarray  # (steps,)
    advantage: np.ndarray  # (steps,)
    reward: np.ndarray  # (steps,)
    terminated: bool


@torch.no_grad()
def play_episode(
    model: ActorCritic, config: ActorCriticConfig, rule: str, start: np.ndarray | None = None,
    sample: bool | None = None,
    nudge: Callable[[int], np.ndarray | None] = lambda step: None,
) -> Episode:  # fmt: skip
    """Plays one episode, always from the same start unless one is given.

    start: state to begin in; sample: draw actions, or take the best (default: as in training)
    nudge: step → what is added to the state before it, if anything
    """
    name, rng = config.environment, torch.Generator().manual_seed(1)
    env = rendering_env(name)
    env.reset(seed=1)
    own = env.unwrapped
    if start is not None:
        own.state = np.asarray(start, dtype=np.float64)
    draws = config.action == "sample" if sample is None else sample
    states, observations = [np.array(own.state)], [observe(name, np.array(own.state))]
    log_pi: list[Tensor] = []
    actions: list[Tensor] = []
    rewards: list[float] = []
    terminated = truncated = False
    while not (terminated or truncated):
        push = nudge(len(actions))
        if push is not None:
            own.state = np.asarray(own.state) + push
            states[-1], observations[-1] = np.array(own.state), observe(name, np.array(own.state))
        log_pi.append(model.policy(torch.from_numpy(observations[-1])[None]))
        actions.append(act(log_pi[-1], draws, rng))
        seen, reward, terminated, truncated, _ = env.step(int(actions[-1]))
        rewards.append(float(reward))
        states.append(np.array(own.state))
        observations.append(seen)
    value = model.value(torch.from_numpy(np.stack(observations)))  # (steps + 1,)
    reward = torch.tensor(rewards)
    return Episode(
        np.stack(states), torch.cat(log_pi).exp().numpy(), torch.cat(actions).numpy(), value[:-1].numpy(),
        advantages(config, rule, value, reward, terminated).numpy(), reward.numpy(), terminated,
    )  # fmt: skip


def advantages(config: ActorCriticConfig, rule: str, value: Tensor, reward: Tensor, terminated: bool) -> Tensor:
    """The advantage of every step of one episode, by the rule it is trained with. value (steps + 1,) → (steps,)"""
    v, next_v = value[:-1], value[1:]
    if rule == "reinforce":
        reward = reward.clone()
        reward[-1] += 0 if terminated else config.gamma * next_v[-1]  # cut off, it would have gone on
        return discounted_return(reward[:, None], config.gamma, config.reward_to_go)[:, 0] - v
    ends = torch.zeros(len(reward), dtype=torch.bool)
    ends[-1] = terminated
    td_error = td_target(reward, next_v, ends, config.gamma, config.terminal_mask) - v
    if rule == "td":
        return td_error
    return generalised_advantage(td_error[:, None], ends[:, None], config.gamma, config.lam)[:, 0]


@cache
def rendering_env(name: str) -> Any:
    """An environment of our own to play in, which renders without a display."""
    os.environ.setdefault("SDL_VIDEODRIVER", "dummy")
    os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
    env = make_env(name, render_mode="rgb_array")
    own = env.unwrapped
    own.screen_width, own.screen_height = ENVS[name].screen
    own.SCREEN_DIM = own.screen_width  # Acrobot's name for both
    return env


def max_value(config: ActorCriticConfig) -> float:
    """The greatest possible V: a reward for ever, or none to pay."""
    return 1 / (1 - config.gamma) if ENVS[config.environment].reward > 0 else 0.0


def ending(config: ActorCriticConfig, episode: Episode) -> str:
    """How it ended, in words."""
    count = len(episode.action)
    if ENVS[config.environment].reward > 0:
        fell, still_up = say("figures.endings.fell", steps=count), say("figures.endings.still_up", steps=count)
        return fell if episode.terminated else still_up
    there, not_there = say("figures.endings.there", steps=count), say("figures.endings.not_there", steps=count)
    return there if episode.terminated else not_there
