"""Autoencoder, variational and conditional VAE: one encoder, one decoder, three losses.

AE    z = μ(x); trained on the reconstruction alone.
VAE   Kingma & Welling 2014 (arXiv 1312.6114): z = μ + σ ⊙ ε, trained on −ELBO.
CVAE  Sohn, Lee & Yan 2015: both nets also see the class c; the prior stays
      p(z|c) = N(0, I).

Knows no data set, optimiser or page.
"""

import math

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from models.networks import decoder, encoder


def reparameterise(
    mu: Float[Tensor, "batch latent"],
    log_var: Float[Tensor, "batch latent"],
    eps: Float[Tensor, "batch latent"],
) -> Float[Tensor, "batch latent"]:
    """z = μ + σ ⊙ ε, ε ~ N(0, I): the noise comes from outside, so gradients reach μ.

    Kingma & Welling 2014, §2.4. The nets emit log σ²: any real number gives a σ > 0.
    """
    sigma = torch.exp(0.5 * log_var)  # (batch, latent)
    return mu + sigma * eps


def gaussian_kl(
    mu: Float[Tensor, "batch latent"], log_var: Float[Tensor, "batch latent"]
) -> Float[Tensor, "batch latent"]:
    """KL(N(μ, σ²) ‖ N(0, 1)) of each dimension, in nats: ½(μ² + σ² − 1 − log σ²).

    Kingma & Welling 2014, appendix B.
    """
    return 0.5 * (mu**2 + log_var.exp() - 1 - log_var)


def reconstruction_loss(
    logits: Float[Tensor, "batch pixels"],
    x: Float[Tensor, "batch pixels"],
    likelihood: str = "Bernoulli",
) -> Float[Tensor, " batch"]:
    """−log p(x|z) in nats an image.

    Bernoulli: each grey value x in [0, 1] as a probability of ink (cross-entropy; for
    grey values it is no normalised likelihood).
    Gaussian: N(x; sigmoid(logits), σₓ²) with fixed σₓ = 0.25, its constant included.
    """
    if likelihood == "Bernoulli":
        return F.binary_cross_entropy_with_logits(logits, x, reduction="none").sum(1)
    residual = (x - torch.sigmoid(logits)) / PIXEL_SIGMA
    constant = math.log(PIXEL_SIGMA) + 0.5 * math.log(2 * math.pi)
    return (0.5 * residual**2 + constant).sum(1)


PIXEL_SIGMA = 0.25


def negative_elbo(
    reconstruction: Float[Tensor, " batch"],
    kl: Float[Tensor, "batch latent"],
    beta: float = 1.0,
    free_bits: float = 0.0,
) -> Float[Tensor, ""]:
    """E_q[−log p(x|z)] + β · KL(q(z|x) ‖ p(z)), mean over the batch, in nats an image.

    With β = 1 and no free bits it is −ELBO ≥ −log p(x); another β makes it the β-VAE's
    objective (Higgins et al. 2017). Free bits (Kingma et al. 2016): a dimension
    whose mean KL is under `free_bits` nats is not pushed further down.
    """
    kl_per_dimension = kl.mean(0)  # (latent,)
    return reconstruction.mean() + beta * kl_per_dimension.clamp(min=free_bits).sum()


class Autoencoder(nn.Module):
    """x → (μ, log σ²) → z → logits of x; `conditional` lets both nets see the class."""

    def __init__(
        self,
        latent: int,
        network: str = "mlp",
        conditional: bool = False,
        classes: int = 10,
    ) -> None:
        """
        latent: dimensions of z
        network: "mlp" or "conv"
        conditional: CVAE
        """
        super().__init__()
        self.conditional, self.classes = conditional, classes
        extra = classes if conditional else 0
        self.encoder = encoder(network, 2 * latent, extra)
        self.decoder = decoder(network, latent + extra)

    def encode(
        self, x: Float[Tensor, "batch pixels"], c: Tensor | None = None
    ) -> tuple[Float[Tensor, "batch latent"], Float[Tensor, "batch latent"]]:
        """q(z|x) or q(z|x,c) → its mean and log variance."""
        mu, log_var = self.encoder(self.with_class(x, c)).chunk(2, dim=1)
        return mu, log_var

    def decode(
        self, z: Float[Tensor, "batch latent"], c: Tensor | None = None
    ) -> Float[Tensor, "batch pixels"]:
        """p(x|z) or p(x|z,c) → logits of the pixels."""
        return self.decoder(self.with_class(z, c))

    def with_class(self, value: Tensor, c: Tensor | None) -> Tensor:
        """Appends the class as a one-hot code where the model is conditional."""
        if not self.conditional:
            return value
        if c is None:
            raise ValueError("a conditional model needs the class c of every image")
        return torch.cat([value, F.one_hot(c, self.classes).to(value)], dim=1)
