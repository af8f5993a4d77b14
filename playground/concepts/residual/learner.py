"""One network with its optimiser, and how large activations and gradients are in it."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from playground.concepts.residual.config import ResidualConfig
from playground.concepts.residual.examples import Examples
from playground.concepts.residual.networks import batch_statistics, build_net, set_live
from playground.concepts.residual.norms import NormLog, gradient_ratio, norms

OPTIMISERS = {
    "sgd": lambda parameters, lr: torch.optim.SGD(parameters, lr, fused=True),
    "momentum": lambda parameters, lr: torch.optim.SGD(parameters, lr, momentum=0.9, fused=True),
    "adam": lambda parameters, lr: torch.optim.Adam(parameters, lr, fused=True),
}


class Learner:
    """An arm: a network of some depth, with shortcuts or without."""

    def __init__(self, config: ResidualConfig, data: Examples, depth: int, has_shortcut: bool) -> None:
        self.config = config
        self.net = build_net(config, data, depth, has_shortcut)
        set_live(self.net, config)
        self.optimiser = OPTIMISERS[config.optimiser](self.net.parameters(), config.lr)
        self.steps_taken = 0
        self.log = NormLog(self.norms_on(data.x[: config.batch], data.y[: config.batch]))

    @property
    def trained(self) -> torch.nn.Module:
        return self.net

    @property
    def has_shortcut(self) -> bool:
        return self.net.blocks[0].design.has_shortcut

    def step(self, x: Tensor, y: Tensor, draws: Tensor) -> dict[str, float]:
        """x, y: a batch and its classes; draws: (blocks,), 0 to 1: a block is dropped where it is above its survival"""
        self.steps_taken += 1
        for group in self.optimiser.param_groups:
            group["lr"] = self.config.lr
        dropped = {k for k, block in enumerate(self.net.blocks) if draws[k] > block.survival}

        h = self.net.states(x, cut=dropped)  # blocks + 1 times (batch, width)
        for state in h:
            state.retain_grad()
        loss = F.cross_entropy(self.net.head(h[-1]), y)  # (batch, classes) logits, (batch,)
        self.optimiser.zero_grad()
        loss.backward()
        self.optimiser.step()

        self.log.add(self.steps_taken, norms(h))
        return {"train/loss": loss.item()} | gradient_ratio(self.log.newest)

    def norms_on(self, x: Tensor, y: Tensor) -> Tensor:
        """(2, blocks + 1) norms of a batch with which nothing is trained."""
        with batch_statistics(self.net), torch.enable_grad():
            h = self.net.states(x)
            for state in h:
                state.retain_grad()
            F.cross_entropy(self.net.head(h[-1]), y).backward()
            found = norms(h)
            self.net.zero_grad()
        return found

    def update_live(self, config: ResidualConfig) -> None:
        self.config = config
        set_live(self.net, config)

    def state_dict(self) -> dict[str, Any]:
        return {
            "net": self.net.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "steps_taken": self.steps_taken,
            "log": self.log.state_dict(),
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.net.load_state_dict(state["net"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.steps_taken = state["steps_taken"]
        self.log.load_state_dict(state["log"])
