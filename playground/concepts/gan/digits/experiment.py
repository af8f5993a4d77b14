"""One training run on handwritten digits: a DCGAN, or a CAN whose styles are the ten classes."""

from __future__ import annotations

import copy
import math
from typing import Any

import torch
from torch import Tensor

from models import gan
from models.dcgan import DigitDiscriminator, DigitGenerator, random_shift
from models.digit_classifier import DigitClassifier
from playground.concepts.gan.belief import beliefs
from playground.concepts.gan.config import GanConfig
from playground.data.digit_classifier import classifier_weights
from playground.data.mnist import load_digits
from playground.training.once import forget, once_per_step
from playground.training.schedules import inverse

MEASURE_EVERY, MEASURED = 50, 512
"""Steps between two measurements, and generated digits that are measured, always from the same noise."""
BETAS = (0.0, 0.99)
FULL_RATE = 1000
"""Steps after which the learning rates fall as 1 / step."""
R1_EVERY = 16
"""Steps between two times that R1 is added, with as many times its weight: it is as dear as the rest of a step."""
AVERAGE, REACH = 0.998, 2
"""How much of the generator's running average each step keeps, and pixels by which D sees images moved."""
SURE, LEAST_SHARE = 0.8, 0.03
"""The judge is sure of a digit from that probability on, and has seen a class in that share of the digits."""
CHANNELS = 32


class DigitsExperiment:
    def __init__(self, config: GanConfig) -> None:
        self.config = config
        self.data = load_digits()
        self.images, self.labels = torch.from_numpy(self.data.train_images), torch.from_numpy(self.data.train_labels)
        self.judge = DigitClassifier.fixed(classifier_weights())
        """Trained on real digits only."""
        self.generator, self.discriminator = DigitGenerator(config.noise, CHANNELS), DigitDiscriminator(CHANNELS, 10)
        self.average = copy.deepcopy(self.generator).eval()
        self.optimisers = {
            "generator": torch.optim.Adam(self.generator.parameters(), config.lr_g, BETAS, fused=True),
            "discriminator": torch.optim.Adam(self.discriminator.parameters(), config.lr_d, BETAS, fused=True),
        }
        self.fixed_noise = torch.randn(MEASURED, config.noise)
        self.steps_taken = 0
        self.real_quality = self.judged(torch.from_numpy(self.data.heldout_images))["high_quality"]
        """Of held-out real digits, beside which the generated ones are shown."""

    def step(self) -> dict[str, float]:
        self.steps_taken += 1
        slower = inverse(self.steps_taken, FULL_RATE)
        for name, rate in (("generator", self.config.lr_g), ("discriminator", self.config.lr_d)):
            self.optimisers[name].param_groups[0]["lr"] = rate * slower

        for _ in range(self.config.d_steps):
            metrics = self.discriminator_half()
        metrics |= self.generator_half()
        gan.average_weights(self.average, self.generator, min(AVERAGE, self.steps_taken / (self.steps_taken + 9)))

        if self.steps_taken == 1 or self.steps_taken % MEASURE_EVERY == 0:
            metrics |= self.judged(self.samples())
        return metrics

    def discriminator_half(self) -> dict[str, float]:
        """The discriminator's step, on images that are moved by a pixel or two."""
        config, D = self.config, self.discriminator
        chosen = torch.randint(len(self.images), (config.batch,))
        x = random_shift(self.images[chosen], REACH)  # (batch, 784)
        with torch.no_grad():
            fake = random_shift(self.generator(self.new_noise()), REACH)

        (real_logits, style), (fake_logits, _) = D(x), D(fake)
        loss = gan.discriminator_loss(config.loss, real_logits, fake_logits)
        penalised = loss
        if config.loss == "WGAN-GP":
            eps = torch.rand(config.batch)
            penalised = penalised + config.penalty * gan.gradient_penalty(lambda x: D(x)[0], x, fake, eps)
        if config.r1 and self.steps_taken % R1_EVERY == 1:
            penalised = penalised + R1_EVERY * config.r1 * gan.r1_penalty(lambda x: D(x)[0], x)
        if config.model == "CAN":
            penalised = penalised + gan.style_loss(style, self.labels[chosen], config.smoothing)
        self.optimisers["discriminator"].zero_grad()
        penalised.backward()
        self.optimisers["discriminator"].step()
        return {"discriminator/loss": loss.item()} | beliefs(config.loss, real_logits, fake_logits)

    def generator_half(self) -> dict[str, float]:
        """The generator's step: the discriminator stays as it is."""
        config, D = self.config, self.discriminator
        D.requires_grad_(False)
        fake_logits, style = D(random_shift(self.generator(self.new_noise()), REACH))
        loss = gan.generator_loss(config.loss, fake_logits)
        if config.model == "CAN":
            loss = loss + config.ambiguity * gan.ambiguity_loss(style, config.form)
        self.optimisers["generator"].zero_grad()
        loss.backward()
        self.optimisers["generator"].step()
        D.requires_grad_(True)
        norms = torch.stack([p.grad.norm() for p in self.generator.parameters() if p.grad is not None])
        return {"generator/loss": loss.item(), "generator/gradient": norms.norm().item()}

    def new_noise(self) -> Tensor:
        return torch.randn(self.config.batch, self.config.noise)

    @once_per_step
    @torch.no_grad()
    def samples(self) -> Tensor:
        """(MEASURED, 784) of the averaged generator, the same for all pictures of a step."""
        samples: Tensor = self.average(self.fixed_noise)
        return samples

    @torch.no_grad()
    def judged(self, images: Tensor) -> dict[str, float]:
        """What the fixed classifier makes of images (n, 784)."""
        p = self.judge(images).softmax(1)  # (n, 10)
        sure, found = p.max(1)
        shares = found.bincount(minlength=10) / len(images)
        entropy = -(p * p.clamp_min(1e-12).log()).sum(1).mean()
        if not math.isfinite(entropy.item()):
            return {"high_quality": math.nan}
        return {
            "high_quality": (sure >= SURE).double().mean().item(),
            "modes_covered": float((shares >= LEAST_SHARE).sum()),
            "largest_mode_share": shares.max().item(),
            "style_entropy": entropy.item(),
        }

    def update_live(self, config: GanConfig) -> None:
        self.config = config

    def state_dict(self) -> dict[str, Any]:
        return {
            "players": {"generator": self.generator.state_dict(), "discriminator": self.discriminator.state_dict()},
            "average": self.average.state_dict(),
            "optimiser": {name: optimiser.state_dict() for name, optimiser in self.optimisers.items()},
            "fixed_noise": self.fixed_noise,
            "steps_taken": self.steps_taken,
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.generator.load_state_dict(state["players"]["generator"])
        self.discriminator.load_state_dict(state["players"]["discriminator"])
        self.average.load_state_dict(state["average"])
        for name, optimiser in self.optimisers.items():
            optimiser.load_state_dict(state["optimiser"][name])
        self.fixed_noise, self.steps_taken = state["fixed_noise"], state["steps_taken"]
        forget(self)
