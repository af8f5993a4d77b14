"""One training run: q, set by the visitor's hand, climbs towards the posterior of one x; each objective has its own."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from models import elbo
from models.elbo import Q
from playground.concepts.elbo.config import OBJECTIVES, ElboConfig, has_two_parts, is_curved
from playground.concepts.elbo.exact import log_evidence, model_of, posterior
from playground.concepts.elbo.inference.estimators import drawn, evenly, gradient_variance
from playground.training.arms import Arms

POOL = 1024
"""Draws of the fixed noise on which importance sampling is measured."""
MEASURE_EVERY = 25
"""Steps between two measurements of the gradient's variance."""
ENDLESS = 1e12
"""An objective beyond it has no bound: the run is stopped."""
HAND = ("mean", "sigma", "mean2", "sigma2", "weight", "correlation", "moves")
"""Knobs that the visitor's hand sets in the picture."""


class Fit:
    """An arm: q with what trains it."""

    def __init__(self, config: ElboConfig, objective: str) -> None:
        self.objective = objective
        self.q = q_of(config)
        self.optimiser = torch.optim.Adam([p for p in self.q.parameters() if p.requires_grad], config.lr)

    @property
    def trained(self) -> Q:
        return self.q

    def state_dict(self) -> dict[str, Any]:
        return {"q": self.q.state_dict(), "optimiser": self.optimiser.state_dict()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.q.load_state_dict(state["q"])
        self.optimiser.load_state_dict(state["optimiser"])


def q_of(config: ElboConfig) -> Q:
    """q as the hand has set it."""
    mean = torch.tensor([config.mean, config.mean2], dtype=torch.float64)
    sigma = torch.tensor([config.sigma, config.sigma2], dtype=torch.float64)
    if is_curved(config):
        correlation = config.correlation if config.covariance == "full" else None
        return Q(mean[None], sigma[None], torch.ones(1), correlation)
    if has_two_parts(config):
        weight = torch.tensor([config.weight, 1 - config.weight], dtype=torch.float64)
        return Q(mean[:, None], sigma[:, None], weight)
    return Q(mean[None, :1], sigma[None, :1], torch.ones(1))


class InferenceExperiment:
    def __init__(self, config: ElboConfig) -> None:
        self.config = config
        self.model = model_of(config)
        objectives = OBJECTIVES if config.objective == "all" else (config.objective,)
        self.arms = Arms({objective: Fit(config, objective) for objective in objectives})
        self.pool = torch.randn(POOL, self.model.size, dtype=torch.float64)
        self.steps_taken = 0

    def step(self) -> dict[str, float]:
        self.steps_taken += 1
        noise = torch.randn(self.config.samples, self.model.size, dtype=torch.float64)
        more = torch.randn(self.config.samples, self.config.k, self.model.size, dtype=torch.float64)
        metrics = self.arms.step(self.steps_taken, lambda fit: self.train(fit, noise, more))
        if self.steps_taken == 1 or self.steps_taken % MEASURE_EVERY == 0:
            metrics |= self.arms.each(self.gradient_variance)
        return metrics | self.measure()

    def train(self, fit: Fit, noise: Tensor, more: Tensor) -> dict[str, float]:
        """noise: (samples, size), and more: (samples, K, size) for IWAE: the same for all arms"""
        for group in fit.optimiser.param_groups:
            group["lr"] = self.config.lr
        loss = -self.objective(fit, noise, more)
        fit.optimiser.zero_grad()
        loss.backward()
        fit.optimiser.step()
        return {"objective": -loss.item() if abs(loss.item()) < ENDLESS else math.inf}

    def objective(self, fit: Fit, noise: Tensor, more: Tensor) -> Tensor:
        """What is maximised; its value is known only up to noise, and its gradient is right on average."""
        config, q, x = self.config, fit.q, self.config.x
        if fit.objective == "forward_kl":  # −KL(p(z|x) ‖ q), up to the entropy of the posterior
            exact = posterior(self.model, x)
            return (exact.weight * q.log_prob(exact.z)).sum()
        if fit.objective == "iwae":
            z = q.sample(more)[0]  # (samples, K, size)
            return elbo.iwae_bound(elbo.log_weights(self.model, x, q, z)).mean()
        if config.sign == "plus":  # as in the notes' second derivation
            return elbo.reconstruction(self.model, x, q) + kl_of_prior(q)
        return elbo.surrogate(self.model, x, q, noise, config.gradient)

    def gradient_variance(self, fit: Fit) -> dict[str, float]:
        """Of the estimator of the ELBO's gradient that is chosen, at an arm's q."""
        config = self.config
        return {"gradient_variance": gradient_variance(self.model, config.x, fit.q, config.gradient, config.samples)}

    @torch.no_grad()
    def measure(self) -> dict[str, float]:
        """Of x and q as they stand; importance sampling on the same noise every time."""
        evidence = log_evidence(self.model, self.config.x)
        return {"log_evidence": evidence} | self.arms.each(lambda fit: self.measured(fit.q, evidence))

    def measured(self, q: Q, evidence: float) -> dict[str, float]:
        reconstruction = elbo.reconstruction(self.model, self.config.x, q).item()
        kl_to_prior = elbo.kl_to_prior(q).item()
        bound = reconstruction - kl_to_prior
        log_w = self.log_weights(q)
        return {
            "elbo": bound,
            "kl_gap": evidence - bound,
            "reconstruction": reconstruction,
            "kl_to_prior": kl_to_prior,
            "iwae": elbo.iwae_bound(log_w).item(),
            "effective_samples": elbo.effective_samples(log_w).item(),
        }

    @torch.no_grad()
    def log_weights(self, q: Q) -> Tensor:
        """(POOL,) log w of draws from q, made of the fixed noise; of a mixture, parts are drawn by their weights."""
        z = drawn(q, self.pool, evenly(POOL))
        return elbo.log_weights(self.model, self.config.x, q, z)

    def update_live(self, config: ElboConfig) -> None:
        """A hand that moves sets q of all arms; optimisers forget where they were going."""
        was_moved = any(getattr(config, name) != getattr(self.config, name) for name in HAND)
        self.config = config
        if was_moved:
            for name, fit in self.arms.items():
                moved = Fit(config, name)
                fit.q.load_state_dict(moved.q.state_dict())
                fit.optimiser.load_state_dict(moved.optimiser.state_dict())

    def state_dict(self) -> dict[str, Any]:
        return {"arms": self.arms.state_dict(), "pool": self.pool, "steps_taken": self.steps_taken}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.arms.load_state_dict(state["arms"])
        self.pool, self.steps_taken = state["pool"], state["steps_taken"]


def kl_of_prior(q: Q) -> Tensor:
    """KL(p(z) ‖ q(z)) of one Gaussian: it grows without limit as q becomes narrow, so that it can't be maximised."""
    covariance = (q.root @ q.root.mT)[0]
    inverse = torch.linalg.inv(covariance)
    mean = q.mean[0]
    return 0.5 * (inverse.trace() + mean @ inverse @ mean - len(mean) + covariance.logdet())
