"""One training run in the plane: a generator and a discriminator, each the other's teacher."""

from __future__ import annotations

import copy
import math
from typing import Any

import torch
from torch import Tensor, nn

from models import gan
from models.gan_networks import Discriminator, Generator
from playground.concepts.gan.belief import beliefs
from playground.concepts.gan.config import GanConfig
from playground.concepts.gan.plane import measures
from playground.concepts.gan.plane.real import NEAR, real_points

MEASURE_EVERY = 25
"""Steps between two measurements of the generated points."""
MEASURED, SHOWN = 1000, 250
"""Generated points that are measured, always from the same noise, and the first of them that are shown."""
COLLAPSED = 0.8
"""Share of the generated points in one mode from which on the generator counts as collapsed."""
BETAS = (0.5, 0.99)
"""Adam's β₁ and β₂."""


class PlaneExperiment:
    def __init__(self, config: GanConfig) -> None:
        self.config = config
        self.real = real_points(config)
        styles = len(self.real.mixture.centres) if config.model == "CAN" and self.real.mixture else 0
        self.generator = Generator(config.noise, config.width)
        self.discriminator = Discriminator(config.width, styles, config.spectral_norm)
        self.optimisers = {
            "generator": torch.optim.Adam(self.generator.parameters(), config.lr_g, BETAS, fused=True),
            "discriminator": torch.optim.Adam(self.discriminator.parameters(), config.lr_d, BETAS, fused=True),
        }
        self.average = copy.deepcopy(self.generator).requires_grad_(False)
        """Of the last steps' generators, which is measured: the two players circle around where they would rest."""
        self.fixed_noise = torch.randn(MEASURED, config.noise)
        self.before = self.weights()
        """Of both players before the last step, for those who watch its halves."""
        self.has_collapsed = False
        self.steps_taken = 0

    def step(self) -> dict[str, float]:
        self.steps_taken += 1
        for name, rate in (("generator", self.config.lr_g), ("discriminator", self.config.lr_d)):
            self.optimisers[name].param_groups[0]["lr"] = rate
        self.before = self.weights()

        for _ in range(self.config.d_steps):
            metrics = self.discriminator_half()
        metrics |= self.generator_half()

        if self.steps_taken == 1 or self.steps_taken % MEASURE_EVERY == 0:
            metrics |= self.measured()
        return metrics

    def discriminator_half(self) -> dict[str, float]:
        """The discriminator's step: the generator stays as it is."""
        config, D = self.config, self.discriminator
        chosen = torch.randint(len(self.real.points), (config.batch,))
        x, style = self.real.points[chosen], self.real.style[chosen]  # (batch, 2), (batch,)
        with torch.no_grad():
            fake = self.generator(self.new_noise())  # (batch, 2)

        real_logits, fake_logits = D(x), D(fake)  # (batch,) logits
        loss = gan.discriminator_loss(config.loss, real_logits, fake_logits)
        penalised = loss
        if config.loss == "WGAN-GP":
            penalised = penalised + config.penalty * gan.gradient_penalty(D, x, fake, torch.rand(config.batch))
        if config.r1:
            penalised = penalised + config.r1 * gan.r1_penalty(D, x)
        if D.style is not None:
            penalised = penalised + gan.style_loss(D.logit_and_style(x)[1], style, config.smoothing)
        self.optimisers["discriminator"].zero_grad()
        penalised.backward()
        self.optimisers["discriminator"].step()
        return {"discriminator/loss": loss.item()} | beliefs(config.loss, real_logits, fake_logits)

    def generator_half(self) -> dict[str, float]:
        """The generator's step: gradients flow through the discriminator, which stays as it is."""
        config, D = self.config, self.discriminator
        D.requires_grad_(False)
        fake = self.generator(self.new_noise())  # (batch, 2)
        loss = self.generator_objective(fake)
        self.optimisers["generator"].zero_grad()
        loss.backward()
        self.optimisers["generator"].step()
        D.requires_grad_(True)
        gan.average_weights(
            self.average, self.generator, min(config.average, self.steps_taken / (self.steps_taken + 9))
        )
        norms = torch.stack([p.grad.norm() for p in self.generator.parameters() if p.grad is not None])
        return {"generator/loss": loss.item(), "generator/gradient": norms.norm().item()}

    def generator_objective(self, fake: Tensor) -> Tensor:
        """What the generator minimises: that its points (batch, 2) pass for real, and in a CAN for no style."""
        if self.discriminator.style is None:
            return gan.generator_loss(self.config.loss, self.discriminator(fake))
        fake_logits, style = self.discriminator.logit_and_style(fake)
        passes = gan.generator_loss(self.config.loss, fake_logits)
        return passes + self.config.ambiguity * gan.ambiguity_loss(style, self.config.form)

    def new_noise(self) -> Tensor:
        return torch.randn(self.config.batch, self.config.noise)

    def weights(self) -> dict[str, dict[str, Tensor]]:
        """Copies of both players' weights and buffers."""
        players: dict[str, nn.Module] = {"generator": self.generator, "discriminator": self.discriminator}
        return {player: {name: x.clone() for name, x in net.state_dict().items()} for player, net in players.items()}

    @torch.no_grad()
    def generated(self) -> Tensor:
        """(MEASURED, 2) of the averaged generator, from the fixed noise."""
        return self.average(self.fixed_noise)

    def measure(self) -> dict[str, float]:
        """What a drawing that has been changed changes at once: it is what the generated points are judged by."""
        return self.measured() if self.config.data == "drawn" else {}

    def measured(self) -> dict[str, float]:
        """Judged by the real distribution, never by the discriminator."""
        points, real = self.generated().double().numpy(), self.real.points[:2000].double().numpy()
        if not math.isfinite(points.sum()):
            return {"high_quality": math.nan}
        mixture = self.real.mixture
        if mixture is None:
            return {"high_quality": measures.share_near(points, real, NEAR),
                    "coverage": measures.share_near(real, points, NEAR)}  # fmt: skip
        where = mixture.centres, mixture.sigma
        largest = measures.largest_mode_share(points, *where)
        self.has_collapsed |= largest >= COLLAPSED
        return {
            "high_quality": measures.high_quality(points, *where),
            "modes_covered": measures.modes_covered(points, *where),
            "largest_mode_share": largest,
            "has_collapsed": float(self.has_collapsed),
            "style_entropy": measures.style_entropy(points, *where),
            "in_distribution": measures.in_distribution(points, real, *where),
        }

    def update_live(self, config: GanConfig) -> None:
        drawing, self.config = self.config.drawing, config
        if config.drawing != drawing and config.data == "drawn":
            self.real = real_points(config)

    def state_dict(self) -> dict[str, Any]:
        return {
            "generator": self.generator.state_dict(),
            "discriminator": self.discriminator.state_dict(),
            "average": self.average.state_dict(),
            "optimiser": {name: optimiser.state_dict() for name, optimiser in self.optimisers.items()},
            "fixed_noise": self.fixed_noise,
            "before": self.before,
            "has_collapsed": self.has_collapsed,
            "steps_taken": self.steps_taken,
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        for name in ("generator", "discriminator", "average"):
            getattr(self, name).load_state_dict(state[name])
        for name, optimiser in self.optimisers.items():
            optimiser.load_state_dict(state["optimiser"][name])
        self.fixed_noise, self.before = state["fixed_noise"], state["before"]
        self.has_collapsed, self.steps_taken = state["has_collapsed"], state["steps_taken"]
