"""One training run: a VQ-VAE or dVAE, and then a prior over its frozen codes."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from models import quantiser
from models.vqvae import DVAE, VQVAE, gumbel_softmax, kl_to_uniform
from playground.concepts.vqvae.config import VQVAEConfig
from playground.concepts.vqvae.data import examples
from playground.concepts.vqvae.prior.code_prior import CodePrior
from playground.concepts.vqvae.projection import Projection
from playground.concepts.vqvae.restart_log import RestartLog

MEASURE_EVERY = 50
"""Steps between two measurements on held-out examples."""
RECENT = 8
"""Batches over which perplexity and used codes are counted."""
INIT_EXAMPLES = {True: 256, False: 4000}
"""Images or points whose vectors a codebook can start from."""
COLDEST = 1 / 16
CHUNK = 128
"""Examples whose vectors are compared with all codes at once: a larger table of distances takes twice as long."""


class VQVAEExperiment:
    """Trains with Adam on batches drawn with replacement."""

    def __init__(self, config: VQVAEConfig) -> None:
        self.config = config
        self.examples = examples(config.data)
        images = self.examples.images
        self.model: VQVAE | DVAE
        if config.model == "dVAE":
            self.model = DVAE(config.codes, config.dim, images)
        else:
            self.model = VQVAE(config.codes, config.dim, images, config.similarity == "cosine")
        self.begin_codebook()
        trained = [p for p in self.model.parameters() if p.requires_grad]
        self.optimiser = torch.optim.Adam(trained, lr=config.lr, fused=True)
        self.counts = torch.ones(config.codes)
        """N: running mean of how many vectors of a batch chose each code."""
        self.sums = self.model.codebook.detach().clone()
        """m: running mean of the sum of these vectors."""
        self.recent = torch.zeros(RECENT, config.codes)
        self.steps_taken = self.restarts = 0
        self.projection, self.restart_log = Projection(config.dim), RestartLog(config.codes)
        self.prior: CodePrior | None = None
        if config.stage == "prior":
            self.begin_prior()

    @torch.no_grad()
    def begin_codebook(self) -> None:
        config, codebook = self.config, self.model.codebook
        if config.init == "normal":
            codebook.normal_()
        elif config.init == "uniform":
            codebook.uniform_(-1 / config.codes, 1 / config.codes)
        elif isinstance(self.model, VQVAE):
            z = self.model.encode(self.examples.train[: INIT_EXAMPLES[self.examples.images]]).flatten(0, 1)
            chosen = z[torch.randint(len(z), (config.codes,))]
            codebook.copy_(quantiser.k_means(z, config.codes) if config.init == "k-means" else chosen)
        if isinstance(self.model, VQVAE):
            self.model.normalise_codebook()
            codebook.requires_grad_(config.update == "vq-loss")

    def step(self) -> dict[str, float]:
        if self.prior is not None:
            return self.prior.step()
        for group in self.optimiser.param_groups:
            group["lr"] = self.config.lr
        chosen = torch.randint(len(self.examples.train), (self.config.batch,))
        x = self.examples.train[chosen]  # (batch, 784) or (batch, 2)
        self.steps_taken += 1
        if isinstance(self.model, DVAE):
            metrics, k = self.dvae_step(self.model, x)
        else:
            metrics, k = self.vqvae_step(self.model, x)
        metrics |= self.count(k)
        if self.steps_taken == 1 or self.steps_taken % MEASURE_EVERY == 0:
            metrics |= self.heldout_metrics()
        return metrics

    def vqvae_step(self, model: VQVAE, x: Tensor) -> tuple[dict[str, float], Tensor]:
        config = self.config
        z = model.encode(x)  # (batch, places, D)
        k = quantiser.nearest_code(z, model.codebook.detach())  # (batch, places)
        e = model.codebook[k]  # (batch, places, D)
        z_q = quantiser.straight_through(z, e) if config.straight_through else e

        reconstruction = F.mse_loss(model.decode(z_q), x) / self.examples.variance
        vq = quantiser.vq_loss(z, e)  # without effect where the codebook is updated by EMA
        commitment = quantiser.commitment_loss(z, e)
        loss = reconstruction + vq + config.beta * commitment

        self.optimiser.zero_grad()
        loss.backward()
        self.optimiser.step()
        self.update_codebook(model, z.detach().flatten(0, 1), k.flatten())
        metrics = {"train/reconstruction": reconstruction, "train/vq": vq, "train/commitment": commitment}
        return {name: value.item() for name, value in metrics.items()}, k

    @torch.no_grad()
    def update_codebook(self, model: VQVAE, z: Tensor, k: Tensor) -> None:
        """z: (batch · places, D) vectors; k: (batch · places,) the codes that they chose."""
        config, codebook = self.config, model.codebook
        if config.update == "ema":
            quantiser.ema_update(self.counts, self.sums, codebook, z, k, config.decay)
        else:
            self.counts.lerp_(quantiser.uses(k, config.codes), 1 - config.decay)
            if config.update == "centroid-ema":
                quantiser.centroid_ema_update(codebook, z, k, config.decay)
        if config.restart != "off":
            self.revive_unused(model, z)
        model.normalise_codebook()
        self.restart_log.note_codebook(self.steps_taken, codebook)
        self.projection.update(self.steps_taken, z)

    def revive_unused(self, model: VQVAE, z: Tensor) -> None:
        config, codebook = self.config, model.codebook
        dead = self.under_threshold()
        count = int(dead.sum())
        if not count:
            return
        new = (
            z[torch.randint(len(z), (count,))] if config.restart == "encoder-output" else torch.randn(count, config.dim)
        )
        if model.cosine:
            new = F.normalize(new, dim=1)  # noise is not on the sphere
        self.restart_log.note_restarts(self.steps_taken, dead, codebook[dead], new)
        reset_to = max(1.0, 2 * config.threshold) if config.reset_statistics else None
        quantiser.revive(dead, new, codebook, self.counts, self.sums, reset_to)
        moments = self.optimiser.state.get(codebook)
        if moments and config.reset_statistics:  # Adam's, which know the old place
            moments["exp_avg"][dead] = 0
            moments["exp_avg_sq"][dead] = 0
        self.restarts += count

    @property
    def has_cells(self) -> bool:
        """Whether the plane shows which code is nearest where (a dVAE has no nearest code)."""
        return self.projection.exact and isinstance(self.model, VQVAE)

    def under_threshold(self) -> Tensor:
        """(K,) True for the codes that are to be re-initialised."""
        return self.counts < self.config.threshold

    def unused(self) -> Tensor:
        """(K,) True for the codes that nothing in the last batches chose."""
        return self.recent.sum(0) == 0

    def dvae_step(self, model: DVAE, x: Tensor) -> tuple[dict[str, float], Tensor]:
        logits = model.encode(x)  # (batch, places, K)
        u = torch.rand_like(logits).clamp(1e-9, 1 - 1e-7)
        gumbel = -torch.log(-torch.log(u))
        y = gumbel_softmax(logits, gumbel, self.temperature())  # (batch, places, K)
        z_q = y @ model.codebook  # (batch, places, D)

        reconstruction = F.mse_loss(model.decode(z_q), x) / self.examples.variance
        kl = kl_to_uniform(logits).mean()
        loss = reconstruction + self.kl_weight() * kl

        self.optimiser.zero_grad()
        loss.backward()
        self.optimiser.step()
        k = logits.detach().argmax(-1)  # (batch, places)
        self.counts.lerp_(quantiser.uses(k.flatten(), self.config.codes), 1 - self.config.decay)
        self.restart_log.note_codebook(self.steps_taken, model.codebook.detach())
        self.projection.update(self.steps_taken, z_q.detach().flatten(0, 1))
        return {"train/reconstruction": reconstruction.item(), "train/kl": kl.item(),
                "temperature": self.temperature()}, k  # fmt: skip

    def temperature(self) -> float:
        """From 1 to 1/16, by the same factor each step (DALL-E)."""
        return float(COLDEST ** min(1.0, self.steps_taken / self.config.anneal))

    def kl_weight(self) -> float:
        """From 0 to its full weight, while the temperature falls."""
        return self.config.kl_weight * min(1.0, self.steps_taken / self.config.anneal)

    def count(self, k: Tensor) -> dict[str, float]:
        """How many codes the last batches used, and how evenly."""
        self.recent[self.steps_taken % RECENT] = quantiser.uses(k.flatten(), self.config.codes)
        used = self.recent.sum(0)
        return {
            "perplexity": quantiser.perplexity(used).item(), "codes_used": float((used > 0).sum()),
            "restarts": float(self.restarts),
        }  # fmt: skip

    @torch.no_grad()
    def heldout_metrics(self) -> dict[str, float]:
        x = self.examples.heldout
        z, k = self.vectors(x)
        e = self.model.codebook[k]
        metrics = {"heldout/nmse": self.examples.nmse(x, self.model.decode(e))}
        if isinstance(self.model, VQVAE):
            spread = (z - z.mean((0, 1))).pow(2).sum().clamp(min=1e-12)
            metrics["heldout/quantisation"] = ((z - e).pow(2).sum() / spread).item()
        return metrics

    @torch.no_grad()
    def vectors(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """(n, ·) examples → their vectors (n, places, D) and codes (n, places).

        Of a dVAE, whose encoder makes no vector, the mean code under q(k|x).
        """
        encoded, codebook = self.model.encode(x), self.model.codebook
        parts = encoded.split(CHUNK)
        if isinstance(self.model, DVAE):
            return torch.cat([part.softmax(-1) @ codebook for part in parts]), encoded.argmax(-1)
        return encoded, torch.cat([quantiser.nearest_code(part, codebook) for part in parts])

    @torch.no_grad()
    def codes(self, x: Tensor) -> Tensor:
        """(n, ·) examples → their codes (n, places)."""
        return torch.cat([self.model.codes(part) for part in x.split(CHUNK)])

    @torch.no_grad()
    def decode_codes(self, k: Tensor) -> Tensor:
        """(n, places) codes → (n, 784) grey values in [0, 1], or (n, 2) points."""
        x = self.model.decode(self.model.codebook[k])
        return x.clamp(0, 1) if self.examples.images else x

    @torch.no_grad()
    def begin_prior(self) -> None:
        """Freezes the codes as they are: the prior learns to write them."""
        data = self.examples
        self.prior = CodePrior(data.train, data.heldout, self.config.codes, self.codes, self.decode_codes)

    def update_live(self, config: VQVAEConfig) -> None:
        self.config = config
        if config.stage == "codes":
            self.prior = None
        elif self.prior is None:
            self.begin_prior()

    def state_dict(self) -> dict[str, Any]:
        return {
            "model": self.model.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "counts": self.counts,
            "sums": self.sums,
            "recent": self.recent,
            "steps_taken": self.steps_taken,
            "restarts": self.restarts,
            "projection": self.projection.state_dict(),
            "restart_log": self.restart_log.state_dict(),
            "prior": self.prior.state_dict() if self.prior else None,
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.model.load_state_dict(state["model"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.counts, self.sums, self.recent = state["counts"], state["sums"], state["recent"]
        self.steps_taken, self.restarts = state["steps_taken"], state["restarts"]
        self.projection.load_state_dict(state["projection"])
        self.restart_log.load_state_dict(state["restart_log"])
        self.prior = None
        if state["prior"] is not None:
            self.begin_prior()
            assert self.prior is not None
            self.prior.load_state_dict(state["prior"])
