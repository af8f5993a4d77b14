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
from playground.training.once import forget, once_per_step
from playground.training.schedules import cosine

MEASURE_EVERY = 50
"""Steps between two measurements on whole training and held-out digits."""


class AutoencoderExperiment:
    """Trains with Adam; each epoch visits the digits in a new order."""

    def __init__(self, config: AutoencoderConfig) -> None:
        self.config = config
        self.digits = load_digits()
        self.x, self.c = torch.from_numpy(self.digits.train_images), torch.from_numpy(self.digits.train_labels)
        self.heldout_x = torch.from_numpy(self.digits.heldout_images)
        self.heldout_c = torch.from_numpy(self.digits.heldout_labels)
        same = len(self.heldout_x)  # as many of the training digits, measured alike
        self.measured = {"train": (self.x[:same], self.c[:same]), "heldout": (self.heldout_x, self.heldout_c)}
        self.model = Autoencoder(config.latent, config.network, conditional=config.model == "CVAE")
        self.optimiser = torch.optim.Adam(self.model.parameters(), lr=config.lr, fused=True)
        self.order = torch.randperm(len(self.x))
        self.position = self.steps_taken = 0

    @property
    def variational(self) -> bool:
        return self.config.model != "AE"

    def step(self) -> dict[str, float]:
        x, c = self.next_batch()  # (batch, 784), (batch,)
        self.steps_taken += 1
        for group in self.optimiser.param_groups:
            group["lr"] = self.config.lr * self.lr_decay()

        # Denoising (Vincent et al. 2008): 4,500 digits are overfitted far less. Dropout also
        # divides the pixels that it keeps by 1 − p, so that their mean stays.
        noisy_x = F.dropout(x, self.config.input_dropout)
        mu, log_var = self.model.encode(noisy_x, c)
        eps = torch.randn_like(mu)
        z = reparameterise(mu, log_var, eps) if self.variational else mu
        logits = self.model.decode(z, c)

        reconstruction = reconstruction_loss(logits, x, self.config.likelihood)  # (batch,)
        kl = gaussian_kl(mu, log_var)  # (batch, latent)
        if self.variational:
            loss = negative_elbo(reconstruction, kl, self.beta(), self.config.free_bits)
        else:
            loss = reconstruction.mean()

        self.optimiser.zero_grad()
        loss.backward()
        self.optimiser.step()

        metrics = self.metrics("batch", reconstruction, kl)
        if self.steps_taken == 1 or self.steps_taken % MEASURE_EVERY == 0:
            for split, (images, classes) in self.measured.items():
                metrics |= self.measure_split(split, images, classes)
        return metrics

    def next_batch(self) -> tuple[Tensor, Tensor]:
        if self.position + self.config.batch > len(self.x):
            self.order, self.position = torch.randperm(len(self.x)), 0
        chosen = self.order[self.position : self.position + self.config.batch]
        self.position += self.config.batch
        return self.x[chosen], self.c[chosen]

    def beta(self) -> float:
        """The KL's weight in this step, risen from 0 over the warm-up."""
        config = self.config
        return config.beta * min(1.0, self.steps_taken / config.warmup) if config.warmup else config.beta

    def lr_decay(self) -> float:
        """Cosine from 1 down to a tenth over the schedule: small last steps average out the gradient's noise."""
        return cosine(self.steps_taken, self.config.schedule, end=0.1)

    def metrics(self, split: str, reconstruction: Tensor, kl: Tensor) -> dict[str, float]:
        """−ELBO with β = 1, whatever weight the objective has; an AE has none: its reconstruction alone."""
        fit = reconstruction.mean().item()
        if not self.variational:
            return {f"{split}/reconstruction": fit}
        cost = kl.sum(1).mean().item()
        return {f"{split}/neg_elbo": fit + cost, f"{split}/reconstruction": fit, f"{split}/kl": cost}

    @torch.no_grad()
    def measure_split(self, split: str, x: Tensor, c: Tensor) -> dict[str, float]:
        """On whole images: nothing is hidden from the encoder."""
        mu, log_var = self.model.encode(x, c)
        # The same noise every time, from a generator of its own: only the model changes between two
        # measurements, and the run's random state does not notice them.
        eps = torch.randn(mu.shape, generator=torch.Generator().manual_seed(0))
        z = reparameterise(mu, log_var, eps) if self.variational else mu
        reconstruction = reconstruction_loss(self.model.decode(z, c), x, self.config.likelihood)
        return self.metrics(split, reconstruction, gaussian_kl(mu, log_var))

    def update_live(self, config: AutoencoderConfig) -> None:
        self.config = config

    def state_dict(self) -> dict[str, Any]:
        return {
            "model": self.model.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "order": self.order,
            "position": self.position,
            "steps_taken": self.steps_taken,
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.model.load_state_dict(state["model"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.order, self.position, self.steps_taken = state["order"], state["position"], state["steps_taken"]
        forget(self)

    @once_per_step
    @torch.no_grad()
    def heldout_posterior(self) -> tuple[np.ndarray, np.ndarray]:
        """(μ, log σ²) of the 500 held-out digits, (500, d) each."""
        mu, log_var = self.model.encode(self.heldout_x, self.heldout_c)
        return mu.numpy(), log_var.numpy()

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
