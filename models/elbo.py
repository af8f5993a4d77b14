"""The evidence lower bound: log p(x) = ELBO(q) + KL(q(z) ‖ p(z|x)), for every q.

Jordan et al. 1999; reparameterised gradients after Kingma & Welling 2014 (1312.6114),
score-function gradients after Ranganath et al. 2014 (1401.0118), the importance-
weighted bound after Burda et al. 2016 (1509.00519). All numbers are in nats.
"""

import math
from typing import Literal

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

Gradient = Literal["exact", "reparameterised", "score", "score-baseline"]


class Model(nn.Module):
    """z ~ N(0, I) of one or two numbers, and one observed x | z ~ N(f(z), s²).

    f(z) = a z₁² + b z₁, and + z₂ where there is a second number. With a = 0 the model
    is linear-Gaussian; otherwise two places of z₁ may explain the same x.
    """

    def __init__(self, a: float, b: float, s: float, size: int = 1) -> None:
        super().__init__()
        self.a, self.b, self.s, self.size = a, b, s, size

    def mean(self, z: Float[Tensor, "*draws size"]) -> Float[Tensor, "*draws"]:
        """f(z)."""
        bent = self.a * z[..., 0] ** 2 + self.b * z[..., 0]
        return bent if self.size == 1 else bent + z[..., 1]

    def log_prior(self, z: Float[Tensor, "*draws size"]) -> Float[Tensor, "*draws"]:
        return log_normal(z, 0.0, 1.0).sum(-1)

    def log_likelihood(
        self, x: float, z: Float[Tensor, "*draws size"]
    ) -> Float[Tensor, "*draws"]:
        return log_normal(self.mean(z), x, self.s)

    def log_joint(
        self, x: float, z: Float[Tensor, "*draws size"]
    ) -> Float[Tensor, "*draws"]:
        """log p(x, z) = log p(x|z) + log p(z)."""
        return self.log_likelihood(x, z) + self.log_prior(z)


class Q(nn.Module):
    """q(z) = Σ_k w_k N(z; m_k, L_k L_kᵀ): one Gaussian, or a mixture of several.

    Where `correlated` is false, the numbers of z are independent (mean field).
    """

    def __init__(
        self,
        mean: Float[Tensor, "parts size"],
        sigma: Float[Tensor, "parts size"],
        weight: Float[Tensor, " parts"],
        correlation: float | None = None,
    ) -> None:
        super().__init__()
        self.correlated = correlation is not None
        self.mean = nn.Parameter(mean.double())
        self.log_sigma = nn.Parameter(sigma.double().log())
        self.logit = nn.Parameter(weight.double().log(), len(weight) > 1)
        angle = math.atanh(correlation or 0.0)
        self.skew = nn.Parameter(
            torch.tensor(angle, dtype=torch.float64), self.correlated
        )

    @property
    def weight(self) -> Float[Tensor, " parts"]:
        return self.logit.softmax(0)

    @property
    def root(self) -> Float[Tensor, "parts size size"]:
        """L_k, with which z = m_k + L_k ε."""
        diagonal = torch.diag_embed(self.log_sigma.exp())
        if self.mean.shape[1] == 1:
            return diagonal
        r, (one, two) = self.skew.tanh(), self.log_sigma.exp().unbind(1)  # (parts,)
        nothing = torch.zeros_like(one)
        top = torch.stack([one, nothing], -1)
        return torch.stack(
            [top, torch.stack([r * two, (1 - r**2).sqrt() * two], -1)], 1
        )

    def sample(
        self, noise: Float[Tensor, "*draws size"]
    ) -> Float[Tensor, "parts *draws size"]:
        """z = m + L ε of each part: where the noise stays, z moves with m and L."""
        moved = torch.einsum("kij,...j->k...i", self.root, noise)
        return self.mean.view(len(moved), *[1] * (noise.dim() - 1), -1) + moved

    def log_prob(self, z: Float[Tensor, "*draws size"]) -> Float[Tensor, "*draws"]:
        away = z[..., None, :] - self.mean  # (*draws, parts, size)
        root = self.root.expand(*away.shape[:-1], -1, -1)
        noise = torch.linalg.solve_triangular(root, away[..., None], upper=False)
        heights = log_normal(noise[..., 0], 0.0, 1.0).sum(-1)  # (*draws, parts)
        heights = heights - self.log_sigma.sum(-1) - self.log_slant
        return (heights + F.log_softmax(self.logit, 0)).logsumexp(-1)

    @property
    def log_slant(self) -> Tensor:
        """log √(1 − r²): how much less room a correlated Gaussian has."""
        return 0.5 * torch.log1p(-(self.skew.tanh() ** 2))


def reconstruction(model: Model, x: float, q: Q) -> Float[Tensor, ""]:
    """E_q[log p(x|z)], in closed form, because f is a polynomial of degree two."""
    m1, sigma = q.mean[:, 0], q.root @ q.root.mT  # (parts,), (parts, size, size)
    miss = x - model.mean(q.mean)
    slope = torch.ones_like(q.mean)  # ∂f/∂z at the mean of each part
    slope[:, 0] = 2 * model.a * m1 + model.b
    turned = torch.einsum("ki,kij,kj->k", slope, sigma, slope)
    v = sigma[:, 0, 0]
    square = miss**2 - 2 * miss * model.a * v + turned + 3 * model.a**2 * v**2
    log_scale = math.log(model.s) + 0.5 * math.log(2 * math.pi)
    return (q.weight * (-square / (2 * model.s**2) - log_scale)).sum()


def kl_to_prior(q: Q, nodes: int = 1601, reach: float = 8.0) -> Float[Tensor, ""]:
    """KL(q(z) ‖ p(z)), in closed form; a mixture's entropy on nodes of each part."""
    sigma = q.root @ q.root.mT
    size = q.mean.shape[1]
    square = q.mean.pow(2).sum(1) + sigma.diagonal(dim1=1, dim2=2).sum(1)  # E |z|²
    cross = (q.weight * square).sum() / 2 + size / 2 * math.log(2 * math.pi)
    if len(q.mean) == 1:
        entropy = size / 2 * math.log(2 * math.pi * math.e) + q.log_sigma.sum()
        return cross - entropy - (q.log_slant if size > 1 else 0)
    t = torch.linspace(-reach, reach, nodes, dtype=torch.float64)
    share = log_normal(t, 0.0, 1.0).softmax(0)
    heights = q.log_prob(q.sample(t[:, None]))  # (parts, nodes)
    return cross + (q.weight * (share * heights).sum(1)).sum()


def elbo(model: Model, x: float, q: Q) -> Float[Tensor, ""]:
    """E_q[log p(x|z)] − KL(q(z) ‖ p(z))."""
    return reconstruction(model, x, q) - kl_to_prior(q)


def log_weights(
    model: Model, x: float, q: Q, z: Float[Tensor, "*draws size"]
) -> Float[Tensor, "*draws"]:
    """log w = log p(x, z) − log q(z); the mean of log w over z ~ q is the ELBO."""
    return model.log_joint(x, z) - q.log_prob(z)


def iwae_bound(log_w: Float[Tensor, "*draws k"]) -> Float[Tensor, "*draws"]:
    """log (1/K Σ w_k): K = 1 gives the ELBO; its mean rises with K towards log p(x)."""
    return log_w.logsumexp(-1) - math.log(log_w.shape[-1])


def effective_samples(log_w: Float[Tensor, " k"]) -> Float[Tensor, ""]:
    """(Σ w)² / Σ w²: as many equal weights would be worth as much (Kong 1992)."""
    return (2 * log_w.logsumexp(0) - (2 * log_w).logsumexp(0)).exp()


def surrogate(
    model: Model, x: float, q: Q, noise: Float[Tensor, "draws size"], how: Gradient
) -> Float[Tensor, ""]:
    """What has, on average over the noise, the gradient of the ELBO in q's parameters.

    reparameterised: the gradient flows through z = m + L ε
    score: z is fixed, and log w · ∂ log q(z) is averaged; with a baseline, log w is
        taken less its mean over the other draws of all parts, which leaves the average
        as it is: ∂ log q(z) has the mean 0 over q, but not over one part of it
    """
    if how == "exact":
        return elbo(model, x, q)
    z = q.sample(noise)  # (parts, draws, size)
    if how == "reparameterised":
        return (q.weight * log_weights(model, x, q, z).mean(1)).sum()
    z = z.detach()
    log_w = log_weights(model, x, q, z).detach()  # (parts, draws)
    if how == "score-baseline":
        average = q.weight.detach() @ log_w  # (draws,)
        log_w = log_w - (average.sum() - average) / (len(average) - 1)
    return (q.weight.detach() * (log_w * q.log_prob(z)).mean(1)).sum()


def log_normal(x: Tensor, mean: Tensor | float, sigma: Tensor | float) -> Tensor:
    sigma = torch.as_tensor(sigma, dtype=torch.float64)
    return -0.5 * ((x - mean) / sigma) ** 2 - sigma.log() - 0.5 * math.log(2 * math.pi)
