"""A mixture of Gaussians in the plane, fitted by EM: the E-step and the M-step raise
the same lower bound on log p(x) in turn.

Dempster, Laird & Rubin 1977; as two maximisations of one bound, over q(k|x) and over
the parameters, after Neal & Hinton 1998. All numbers are in nats, means over points.
"""

import math
from typing import Literal

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

SMALLEST = 0.02
"""The least standard deviation of a Gaussian in any direction. On a single point the
likelihood would grow without limit; in a usual run the limit is never met."""
NOBODY = 1e-9
"""A Gaussian that has less than this of one point keeps its place and its shape."""

Family = Literal["exact", "hard", "shared"]


class GaussianMixture(nn.Module):
    """p(x) = Σ_k π_k N(x; μ_k, L_k L_kᵀ), or many such mixtures at once.

    A Gaussian that has died has π_k = 0, and log π_k = −∞ takes part in nothing.
    """

    def __init__(
        self,
        weight: Float[Tensor, "*many parts"],
        mean: Float[Tensor, "*many parts 2"],
        root: Float[Tensor, "*many parts 2 2"],
    ) -> None:
        super().__init__()
        self.weight = nn.Parameter(weight, requires_grad=False)
        self.mean = nn.Parameter(mean, requires_grad=False)
        self.root = nn.Parameter(root, requires_grad=False)

    def log_joint(
        self, x: Float[Tensor, "points 2"]
    ) -> Float[Tensor, "*many points parts"]:
        """log p(x, k) = log π_k + log N(x; μ_k, L_k L_kᵀ)."""
        away = x.T - self.mean[..., None]  # (*many, parts, 2, points)
        noise = torch.linalg.solve_triangular(self.root, away, upper=False)
        log_area = self.root.diagonal(dim1=-2, dim2=-1).log().sum(-1)
        log_scale = self.weight.log() - log_area - math.log(2 * math.pi)
        return (log_scale[..., None] - noise.pow(2).sum(-2) / 2).mT


def responsibilities(
    x: Float[Tensor, "points 2"], mixture: GaussianMixture, family: Family = "exact"
) -> Float[Tensor, "points parts"]:
    """The E-step: the r = q(k|x) of a family whose bound is the highest.

    exact: any r; the best one is the posterior p(k|x), and the bound touches log p(x)
    hard: each point belongs to one Gaussian
    shared: all points have the same shares
    """
    joint = mixture.log_joint(x)
    if family == "exact":
        return joint.softmax(-1)
    if family == "hard":
        return F.one_hot(joint.argmax(-1), joint.shape[-1]).to(x.dtype)
    return joint.mean(0).softmax(-1).expand_as(joint).clone()


def maximised(
    x: Float[Tensor, "points 2"],
    r: Float[Tensor, "points parts"],
    before: GaussianMixture,
) -> GaussianMixture:
    """The M-step: the parameters with the highest bound for these r.

    before: whose Gaussians stay where they were when they have no points
    """
    count = r.sum(0)  # (parts,)
    mean = (r.T @ x) / count.clamp(min=NOBODY)[:, None]
    away = x[:, None] - mean  # (points, parts, 2)
    spread = torch.einsum("nk,nki,nkj->kij", r, away, away)
    root = root_of(spread / count.clamp(min=NOBODY)[:, None, None])
    lives = count >= NOBODY
    return GaussianMixture(
        count / count.sum(),
        torch.where(lives[:, None], mean, before.mean),
        torch.where(lives[:, None, None], root, before.root),
    )


def root_of(
    covariance: Float[Tensor, "parts 2 2"],
) -> Float[Tensor, "parts 2 2"]:
    """L of L Lᵀ, where no direction is narrower than SMALLEST.

    Of all such Gaussians, the one with the narrow directions widened to the limit has
    the highest likelihood: so the M-step still maximises the bound.
    """
    values, vectors = torch.linalg.eigh(covariance)
    widened = (vectors * values.clamp(min=SMALLEST**2)[:, None]) @ vectors.mT
    narrow = values[:, :1, None] < SMALLEST**2
    return torch.linalg.cholesky(torch.where(narrow, widened, covariance))


def bound(
    x: Float[Tensor, "points 2"],
    mixture: GaussianMixture,
    r: Float[Tensor, "points parts"],
) -> Float[Tensor, "*many"]:
    """The ELBO of r: Σ_k r_k (log p(x, k) − log r_k), where 0 log 0 = 0."""
    terms = r * (mixture.log_joint(x) - r.log())
    return torch.where(r > 0, terms, 0.0).sum(-1).mean(-1)


def log_likelihood(
    x: Float[Tensor, "points 2"], mixture: GaussianMixture
) -> Float[Tensor, "*many"]:
    """log p(x) = log Σ_k p(x, k)."""
    return mixture.log_joint(x).logsumexp(-1).mean(-1)
