"""One actor-critic that lives and learns by one rule. It has its own random numbers, so company changes nothing."""

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
from playground.concepts.actor_critic.memory import Memory
from playground.concepts.actor_critic.worlds import Copies


@dataclass
class Rollout:
    """What the copies lived through; time first, `s` is one step longer than the rest."""

    s: Tensor  # (steps + 1, envs, observation)
    action: Tensor  # (steps, envs)
    reward: Tensor
    terminated: Tensor
    done: Tensor
    real: Tensor
    """False on the dummy steps of a reset, from which there is nothing to learn."""

    def __add__(self, later: Rollout) -> Rollout:
        rest = {f.name: torch.cat([getattr(self, f.name), getattr(later, f.name)]) for f in fields(self)[1:]}
        return Rollout(torch.cat([self.s[:-1], later.s]), **rest)


@dataclass
class Estimate:
    """What the critic thinks of the steps to learn from, flat."""

    s: Tensor  # (batch, observation)
    action: Tensor  # (batch,)
    value: Tensor
    target: Tensor
    advantage: Tensor
    td_error: Tensor


class Learner:
    """Collects a rollout, learns from it, forgets it (on-policy)."""

    def __init__(self, config: ActorCriticConfig, rule: str) -> None:
        self.config, self.rule = config, rule
        self.copies = Copies(config.environment, config.envs, config.seed)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(config.seed)
            self.model = ActorCritic(self.copies.observation_size, self.copies.action_count)
        self.rng = torch.Generator().manual_seed(config.seed)
        groups = [{"params": self.model.actor.parameters()}, {"params": self.model.critic.parameters()}]
        self.optimiser = torch.optim.Adam(groups, lr=config.actor_lr, fused=True)
        self.memory = Memory(self.copies)
        self.waiting: Rollout | None = None
        """(origin) What was lived through since the last update."""
        self.taken = 0
        self.last: Estimate | None = None

    def step(self) -> dict[str, float]:
        """One rollout, and an update if there is something to learn from."""
        self.taken += 1
        rollout = self._live()
        metrics = self.memory.metrics()
        estimate = self._whole_episodes(rollout) if self.rule == "origin" else self._bootstrapped(rollout)
        if estimate is not None:
            metrics |= self._learn(estimate)
        return metrics

    @torch.no_grad()
    def _live(self) -> Rollout:
        s, rows = [torch.from_numpy(self.copies.seen)], []
        for _ in range(self.config.horizon):
            action = act(self.model.policy(s[-1]), self.config.action == "sample", self.rng)  # (envs,)
            before = self.copies.seen
            reward, terminated, truncated, dummy = self.copies.step(action.numpy())
            self.memory.keep(before, reward, terminated, truncated, dummy)
            rows.append((action, *map(torch.from_numpy, (reward, terminated, terminated | truncated, ~dummy))))
            s.append(torch.from_numpy(self.copies.seen))
        return Rollout(torch.stack(s), *(torch.stack(column) for column in zip(*rows, strict=True)))

    def _bootstrapped(self, rollout: Rollout) -> Estimate:
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
        return self._flat(rollout, rollout.real, v, target, advantage, td_error)

    def _whole_episodes(self, rollout: Rollout) -> Estimate | None:
        """The return of a whole episode, minus V(s). Waits until every copy has ended one."""
        rollout = self.waiting + rollout if self.waiting else rollout
        ended = rollout.done.int().cumsum(0)  # (steps, envs)
        if not ended[-1].all():
            self.waiting = rollout
            return None
        self.waiting = None
        self.copies.reset()
        self.memory.reset()
        first = (ended - rollout.done.int()) == 0  # the steps of every copy's first episode
        G = discounted_return(rollout.reward * first, self.config.gamma, self.config.reward_to_go)
        v = self.model.value(rollout.s[:-1])
        return self._flat(rollout, first, v, G, G - v, G - v)

    def _flat(self, rollout: Rollout, chosen: Tensor, *columns: Tensor) -> Estimate:
        return Estimate(rollout.s[:-1][chosen], rollout.action[chosen], *(column[chosen] for column in columns))

    def _learn(self, e: Estimate) -> dict[str, float]:
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
            group["lr"] = rate * self._decay()
        self.optimiser.zero_grad()
        loss.backward()
        self.optimiser.step()
        self.last = Estimate(*(getattr(e, f.name).detach() for f in fields(e)))
        return {
            "loss/actor": L_actor.item(),
            "loss/critic": L_critic.item(),
            "entropy": H.item(),
            "value/mean": e.value.mean().item(),
        }

    def _decay(self) -> float:
        return 1 - 0.98 * min(1.0, self.taken / self.config.steps) if self.config.anneal else 1.0

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Symbol name → shape of that tensor in the last update."""
        if self.last is None:
            return {}
        names = {"s": "s", "a": "action", "V": "value", "target": "target", "A": "advantage", "delta": "td_error"}
        return {symbol: tuple(getattr(self.last, name).shape) for symbol, name in names.items()}

    def state_dict(self) -> dict[str, Any]:
        return {
            "model": self.model.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "copies": self.copies.state_dict(),
            "memory": self.memory.state_dict(),
            "random": self.rng.get_state(),
            "waiting": vars(self.waiting) if self.waiting else None,
            "taken": self.taken,
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.model.load_state_dict(state["model"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.copies.load_state_dict(state["copies"])
        self.memory.load_state_dict(state["memory"])
        self.rng.set_state(state["random"])
        self.waiting = Rollout(**state["waiting"]) if state["waiting"] else None
        self.taken = state["taken"]
