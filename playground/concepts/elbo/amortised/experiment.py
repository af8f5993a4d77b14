"""One training run: an encoder learns to answer every x of the two-mode model with a Gaussian."""

from __future__ import annotations

from typing import Any

import torch

from models.amortised import Encoder, bounds, draw_x
from playground.concepts.elbo.amortised.best import best_at, best_gaussians
from playground.concepts.elbo.config import ElboConfig
from playground.concepts.elbo.exact import log_evidence, model_of

HELDOUT, HELDOUT_SEED = 40, 20_141_312
"""How many x ~ p(x) the amortisation gap is the mean over, and the seed of their own generator, the same for all."""


class AmortisedExperiment:
    def __init__(self, config: ElboConfig) -> None:
        self.config = config
        self.model = model_of(config)
        self.encoder = Encoder(config.width)
        self.optimiser = torch.optim.Adam(self.encoder.parameters(), config.lr)
        self.heldout = draw_x(self.model, HELDOUT, torch.Generator().manual_seed(HELDOUT_SEED))
        self.best_heldout = bounds(self.model, self.heldout, *best_gaussians(self.model, self.heldout))
        self.steps_taken = 0

    def step(self) -> dict[str, float]:
        self.steps_taken += 1
        for group in self.optimiser.param_groups:
            group["lr"] = self.config.lr
        x = draw_x(self.model, self.config.batch)
        mean, log_sigma = self.encoder(x)
        loss = -bounds(self.model, x, mean, log_sigma).mean()
        self.optimiser.zero_grad()
        loss.backward()
        self.optimiser.step()
        return {"objective": -loss.item()} | self.measure()

    @torch.no_grad()
    def measure(self) -> dict[str, float]:
        """At the x of the picture, and over held-out x."""
        heldout = bounds(self.model, self.heldout, *self.encoder(self.heldout))
        here = torch.tensor([self.config.x], dtype=torch.float64)
        return {
            "log_evidence": log_evidence(self.model, self.config.x),
            "amortised_elbo": bounds(self.model, here, *self.encoder(here)).item(),
            "best_elbo": bounds(self.model, here, *best_at(self.model, self.config.x)).item(),
            "amortisation_gap": (self.best_heldout - heldout).mean().item(),
        }

    def update_live(self, config: ElboConfig) -> None:
        self.config = config

    def state_dict(self) -> dict[str, Any]:
        return {
            "encoder": self.encoder.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "steps_taken": self.steps_taken,
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.encoder.load_state_dict(state["encoder"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.steps_taken = state["steps_taken"]
