"""One actor-critic trained by one rule, with random numbers of its own: other learners beside it change nothing."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import torch
from torch import Tensor

from models.actor_critic import (
    ActorCritic,
    act,
    actor_loss,
    critic_loss,
    discounted_return,
    entropy,
    generalised_advantage,
    td_target,
)
from playground.concepts.actor_critic.config import ActorCriticConfig
from playground.concepts.actor_critic.environments import VectorEnv
from playground.concepts.actor_critic.recorder import EpisodeRecorder
from playground.training.schedules import linear

LEAST_RATE = 0.02
"""Of both rates, what is left at the end of the schedule."""


@dataclass
class Rollout:
    """Steps of all copies; time first, `s` is one step longer than the rest."""

    s: Tensor  # (steps + 1, envs, observation)
    action: Tensor  # (steps, envs)
    reward: Tensor
    terminated: Tensor
    done: Tensor
    valid: Tensor
    """False on the steps that only reset a copy, from which there is nothing to learn."""

    def __add__(self, later: Rollout) -> Rollout:
        rest = {f.name: torch.cat([getattr(self, f.name), getattr(later, f.name)]) for f in fields(self)[1:]}
        return Rollout(torch.cat([self.s[:-1], later.s]), **rest)


@dataclass
class Estimate:
    """What the critic makes of the steps to learn from, flat."""

    s: Tensor  # (batch, observation)
    action: Tensor  # (batch,)
    value: Tensor
    target: Tensor
    advantage: Tensor
    td_error: Tensor


class Learner:
    """Collects a rollout, learns from it, drops it (on-policy)."""

    def __init__(self, config: ActorCriticConfig, rule: str) -> None:
        self.config, self.rule = config, rule
        self.vector_env = VectorEnv(config.environment, config.envs, config.seed)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(config.seed)
            self.model = ActorCritic(self.vector_env.observation_size, self.vector_env.action_count)
        self.rng = torch.Generator().manual_seed(config.seed)
        groups = [{"params": self.model.actor.parameters()}, {"params": self.model.critic.parameters()}]
        self.optimiser = torch.optim.Adam(groups, lr=config.actor_lr, fused=True)
        self.recorder = EpisodeRecorder(self.vector_env)
        self.pending: Rollout | None = None
        """(reinforce) The steps since the last update."""
        self.steps_taken = 0
        self.last_estimate: Estimate | None = None

    @property
    def trained(self) -> ActorCritic:
        return self.model

    def step(self) -> dict[str, float]:
        """One rollout, and an update if there is something to learn from."""
        self.steps_taken += 1
        rollout = self.collect_rollout()
        metrics = self.recorder.metrics()
        estimate = self.whole_episodes(rollout) if self.rule == "reinforce" else self.bootstrap(rollout)
        if estimate is not None:
            metrics |= self.update(estimate)
        return metrics

    @torch.no_grad()
    def collect_rollout(self) -> Rollout:
        s, rows = [torch.from_numpy(self.vector_env.observation)], []
        for _ in range(self.config.horizon):
            action = act(self.model.policy(s[-1]), self.config.action == "sample", self.rng)  # (envs,)
            before = self.vector_env.observation
            reward, terminated, truncated, is_reset_step = self.vector_env.step(action.numpy())
            self.recorder.record(before, reward, terminated, truncated, is_reset_step)
            rows.append((action, *map(torch.from_numpy, (reward, terminated, terminated | truncated, ~is_reset_step))))
            s.append(torch.from_numpy(self.vector_env.observation))
        return Rollout(torch.stack(s), *(torch.stack(column) for column in zip(*rows, strict=True)))

    def bootstrap(self, rollout: Rollout) -> Estimate:
        """The TD error δ = r + γV(s′) − V(s), or its discounted sum over what followed (GAE)."""
        config = self.config
        value = self.model.value(rollout.s)  # (steps + 1, envs)
        v, next_v = value[:-1], value[1:]
        target = td_target(rollout.reward, next_v, rollout.terminated, config.gamma, config.terminal_mask)
        if config.stop_gradient:
            target = target.detach()
        td_error = advantage = target - v
        if self.rule == "gae":
            advantage = generalised_advantage(td_error, rollout.done, config.gamma, config.lam)
            target = advantage + v  # the λ-return
        return self.flatten(rollout, rollout.valid, v, target, advantage, td_error)

    def whole_episodes(self, rollout: Rollout) -> Estimate | None:
        """The return of a whole episode, minus V(s). Waits until every copy has ended one.

        An episode that was cut off would have gone on: its last step is worth V(s′) as well.
        """
        rollout = self.pending + rollout if self.pending else rollout
        ended = rollout.done.int().cumsum(0)  # (steps, envs)
        if not ended[-1].all():
            self.pending = rollout
            return None
        self.pending = None
        self.vector_env.reset()
        self.recorder.reset()
        first = (ended - rollout.done.int()) == 0  # the steps of every copy's first episode
        value = self.model.value(rollout.s)  # (steps + 1, envs)
        v, next_v = value[:-1], value[1:].detach()
        cut = first & rollout.done & ~rollout.terminated
        reward = rollout.reward * first + self.config.gamma * next_v * cut
        G = discounted_return(reward, self.config.gamma, self.config.reward_to_go)
        return self.flatten(rollout, first, v, G, G - v, G - v)

    def flatten(self, rollout: Rollout, chosen: Tensor, *columns: Tensor) -> Estimate:
        return Estimate(rollout.s[:-1][chosen], rollout.action[chosen], *(column[chosen] for column in columns))

    def update(self, e: Estimate) -> dict[str, float]:
        config, A = self.config, e.advantage
        if config.normalise:
            # The 1 keeps the noise small once all is well: divided by a tiny spread it would undo what was learned.
            A = (A - A.mean()) / (1 + A.std(correction=0))
        log_pi = self.model.policy(e.s)
        H = entropy(log_pi)
        L_actor = actor_loss(log_pi, e.action, A, config.detach)
        L_critic = critic_loss(e.value, e.target, config.stop_gradient)
        loss = L_actor + config.critic_weight * L_critic - config.entropy * H

        for group, rate in zip(self.optimiser.param_groups, (config.actor_lr, config.critic_lr), strict=True):
            group["lr"] = rate * self.lr_decay()
        self.optimiser.zero_grad()
        loss.backward()
        self.optimiser.step()
        if loss.isfinite():  # a learner that diverges is shown as it was before
            self.last_estimate = Estimate(*(getattr(e, f.name).detach() for f in fields(e)))
        return {
            "loss/actor": L_actor.item(),
            "loss/critic": L_critic.item(),
            "entropy": H.item(),
            "value/mean": e.value.mean().item(),
        }

    def lr_decay(self) -> float:
        return linear(self.steps_taken, self.config.schedule, LEAST_RATE) if self.config.anneal else 1.0

    def state_dict(self) -> dict[str, Any]:
        return {
            "model": self.model.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "vector_env": self.vector_env.state_dict(),
            "recorder": self.recorder.state_dict(),
            "random": self.rng.get_state(),
            "pending": vars(self.pending) if self.pending else None,
            "last_estimate": vars(self.last_estimate) if self.last_estimate else None,
            "steps_taken": self.steps_taken,
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.model.load_state_dict(state["model"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.vector_env.load_state_dict(state["vector_env"])
        self.recorder.load_state_dict(state["recorder"])
        self.rng.set_state(state["random"])
        self.pending = Rollout(**state["pending"]) if state["pending"] else None
        self.last_estimate = Estimate(**state["last_estimate"]) if state["last_estimate"] else None
        self.steps_taken = state["steps_taken"]
