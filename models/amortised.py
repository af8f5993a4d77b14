"""Amortised inference: one network answers with a Gaussian q(z|x) for every x.

Gershman & Goodman 2014; as the encoder of a VAE: Kingma & Welling 2014 (1312.6114).
What its answers lack of the best q for each x is the amortisation gap (Cremer et al.
2018, 1801.03558). All numbers are in nats.
"""

import math

import torch
from jaxtyping import Float
from torch import Tensor, nn

from models.elbo import Model


class Encoder(nn.Module):
    """x → mean and log σ of q(z|x), of one number z."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(1, width), nn.Tanh(), nn.Linear(width, 2)
        ).double()

    def forward(self, x: Float[Tensor, " n"]) -> Float[Tensor, "2 n"]:
        return self.net(x[:, None]).T


def draw_x(model: Model, n: int, generator: torch.Generator | None = None) -> Tensor:
    """(n,): x ~ p(x), by z ~ p(z) and x | z ~ N(f(z), s²)."""
    z, noise = torch.randn(2, n, dtype=torch.float64, generator=generator)
    return model.mean(z[:, None]) + model.s * noise


def bounds(
    model: Model,
    x: Float[Tensor, "*batch"],
    mean: Float[Tensor, "*batch"],
    log_sigma: Float[Tensor, "*batch"],
) -> Float[Tensor, "*batch"]:
    """ELBO of q = N(mean, σ²) for each x: E_q[log p(x|z)] − KL(q(z) ‖ p(z)).

    In closed form, for z = mean + σ ε: with E ε² = 1 and E ε⁴ = 3, the mean of
    (x − f(z))² is miss² − 2 miss a σ² + slope² σ² + 3 a² σ⁴.
    """
    v = (2 * log_sigma).exp()
    miss = x - model.mean(mean[..., None])
    slope = 2 * model.a * mean + model.b  # f′ at the mean
    square = miss**2 + (slope**2 - 2 * miss * model.a) * v + 3 * model.a**2 * v**2
    log_scale = math.log(model.s) + 0.5 * math.log(2 * math.pi)
    reconstruction = -square / (2 * model.s**2) - log_scale
    return reconstruction - (0.5 * (mean**2 + v - 1) - log_sigma)
