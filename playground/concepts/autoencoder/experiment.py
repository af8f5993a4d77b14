"""One training run of an AE, VAE or CVAE on digits."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from models.autoencoder import Autoencoder, gaussian_kl, negative_elbo, reconstruction_loss, reparameterise
from playground.concepts.autoencoder.config import AutoencoderConfig
from playground.data.mnist import load_digits

EVERY = 50
"""Steps between two measurements on the held-out digits."""


class AutoencoderExperiment:
    """Trains with Adam; each epoch visits the digits in a new order."""

    def __init__(self, config: AutoencoderConfig) -> None:
        self.config = config
        self.digits = load_digits()
        self.x, self.c = torch.from_numpy(self.digits.train_images), torch.from_numpy(self.digits.train_labels)
        self.heldout_x = torch.from_numpy(self.digits.heldout_images)
        self.heldout_c = torch.from_numpy(self.digits.heldout_labels)
        self.model = Autoencoder(config.latent, config.network, conditional=config.model == "CVAE")
        self.optimiser = torch.optim.Adam(self.model.parameters(), lr=config.lr, fused=True)
        self.order = torch.randperm(len(self.x))
        self.position = self.taken = 0
        self.last: dict[str, tuple[int, ...]] = {}
        self.seen: tuple[Any, ...] = (-1,)

    @property
    def variational(self) -> bool:
        return self.config.model != "AE"

    def step(self) -> dict[str, float]:
        x, c = self._batch()  # (batch, 784), (batch,)
        self.taken += 1
        for group in self.optimiser.param_groups:
            group["lr"] = self.config.lr * self._decay()

        seen = F.dropout(x, self.config.hidden_pixels)  # a denoising encoder overfits 4,500 digits far less
        mu, log_var = self.model.encode(seen, c)
        eps = torch.randn_like(mu)
        z = reparameterise(mu, log_var, eps) if self.variational else mu
        logits = self.model.decode(z, c)

        reconstruction = reconstruction_loss(logits, x, self.config.likelihood)  # (batch,)
        kl = gaussian_kl(mu, log_var)  # (batch, latent)
        if self.variational:
            loss = negative_elbo(reconstruction, kl, self._beta(), self.config.free_bits)
        else:
            loss = reconstruction.mean()

        self.optimiser.zero_grad()
        loss.backward()
        self.optimiser.step()

        tensors = {"x": x, "c": c, "mu": mu, "log_var": log_var, "eps": eps, "z": z, "logits": logits, "kl": kl,
                   "reconstruction": reconstruction}  # fmt: skip
        self.last = {name: tuple(t.shape) for name, t in tensors.items()}
        metrics = self._metrics("train", reconstruction, kl)
        if self.taken == 1 or self.taken % EVERY == 0:
            metrics |= self._heldout()
        return metrics

    def _batch(self) -> tuple[Tensor, Tensor]:
        if self.position + self.config.batch > len(self.x):
            self.order, self.position = torch.randperm(len(self.x)), 0
        chosen = self.order[self.position : self.position + self.config.batch]
        self.position += self.config.batch
        return self.x[chosen], self.c[chosen]

    def _beta(self) -> float:
        return self.config.beta * min(1.0, self.taken / self.config.warmup) if self.config.warmup else self.config.beta

    def _decay(self) -> float:
        """Cosine down to a tenth over the budget: the last steps average the noise out."""
        return 0.55 + 0.45 * float(np.cos(np.pi * min(1.0, self.taken / self.config.steps)))

    def _metrics(self, where: str, reconstruction: Tensor, kl: Tensor) -> dict[str, float]:
        """−ELBO whatever the objective weighs; an AE has none, so it reports the reconstruction alone."""
        fit = reconstruction.mean().item()
        if not self.variational:
            return {f"{where}/reconstruction": fit}
        cost = kl.sum(1).mean().item()
        return {f"{where}/neg_elbo": fit + cost, f"{where}/reconstruction": fit, f"{where}/kl": cost}

    @torch.no_grad()
    def _heldout(self) -> dict[str, float]:
        mu, log_var = self.model.encode(self.heldout_x, self.heldout_c)
        # The same noise every time: what moves is the model, and the run's own random state is left alone.
        eps = torch.randn(mu.shape, generator=torch.Generator().manual_seed(0))
        z = reparameterise(mu, log_var, eps) if self.variational else mu
        logits = self.model.decode(z, self.heldout_c)
        reconstruction = reconstruction_loss(logits, self.heldout_x, self.config.likelihood)
        return self._metrics("heldout", reconstruction, gaussian_kl(mu, log_var))

    def tune(self, config: AutoencoderConfig) -> None:
        self.config = config

    def state_dict(self) -> dict[str, Any]:
        return {
            "model": self.model.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "order": self.order,
            "position": self.position,
            "taken": self.taken,
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.model.load_state_dict(state["model"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.order, self.position, self.taken = state["order"], state["position"], state["taken"]
        self.seen = (-1,)

    def shapes(self) -> dict[str, tuple[int, ...]]:
        return self.last

    @torch.no_grad()
    def heldout_posterior(self) -> tuple[np.ndarray, np.ndarray]:
        """(μ, log σ²) of the 500 held-out digits, (500, d) each; several pictures of a step share it."""
        step, *posterior = self.seen
        if step != self.taken:
            posterior = [t.numpy() for t in self.model.encode(self.heldout_x, self.heldout_c)]
            self.seen = (self.taken, *posterior)
        return posterior[0], posterior[1]

    @torch.no_grad()
    def decode_mean(self, z: np.ndarray, labels: np.ndarray | None = None) -> np.ndarray:
        """(n, d) codes, (n,) classes (CVAE) → (n, 784) grey values in [0, 1]."""
        c = None if labels is None else torch.as_tensor(np.asarray(labels), dtype=torch.long)
        return torch.sigmoid(self.model.decode(torch.as_tensor(z, dtype=torch.float32), c)).numpy()

    @torch.no_grad()
    def encode_image(self, x: np.ndarray, label: int = 0) -> tuple[np.ndarray, np.ndarray]:
        """(784,) image → (μ, log σ²), (d,) each."""
        batch = torch.as_tensor(x, dtype=torch.float32)[None]
        mu, log_var = self.model.encode(batch, torch.tensor([label]))
        return mu[0].numpy(), log_var[0].numpy()
