"""Vector quantisation step by step: nearest code, gradient, losses, update, revival.

Van den Oord, Vinyals & Kavukcuoglu 2017 (arXiv 1711.00937), §3 and appendix A.1; codes
that are hardly used are revived after Dhariwal et al. 2020 (Jukebox). Knows no network.
"""

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float, Int
from torch import Tensor


def nearest_code(
    z: Float[Tensor, "*places dim"], codebook: Float[Tensor, "codes dim"]
) -> Int[Tensor, "*places"]:
    """k = argmin ‖z − e_k‖. ‖z‖² is the same for all codes and left out."""
    distance = codebook.pow(2).sum(1) - 2 * z @ codebook.T  # (*places, codes)
    return distance.argmin(-1)


def straight_through(
    z: Float[Tensor, "*places dim"], e: Float[Tensor, "*places dim"]
) -> Float[Tensor, "*places dim"]:
    """e in the forward pass; in the backward pass its gradient goes to z unchanged.

    argmin has no gradient: without this line none of the reconstruction's reaches the
    encoder. Bengio et al. 2013.
    """
    return z + (e - z).detach()


def vq_loss(z: Tensor, e: Tensor) -> Float[Tensor, ""]:
    """‖sg[z] − e‖², the mean: moves the codes to the vectors."""
    return F.mse_loss(e, z.detach())


def commitment_loss(z: Tensor, e: Tensor) -> Float[Tensor, ""]:
    """‖z − sg[e]‖², the mean: keeps the vectors near their codes."""
    return F.mse_loss(z, e.detach())


def uses(k: Int[Tensor, " places"], codes: int) -> Float[Tensor, " codes"]:
    """How many vectors chose each code: n."""
    return torch.bincount(k, minlength=codes).float()


def assigned(
    z: Float[Tensor, "places dim"], k: Int[Tensor, " places"], codes: int
) -> tuple[Float[Tensor, " codes"], Float[Tensor, "codes dim"]]:
    """How many vectors chose each code, and their sum: n and Σz."""
    total = z.new_zeros(codes, z.shape[1]).index_add_(0, k, z)
    return uses(k, codes), total


def ema_update(
    counts: Float[Tensor, " codes"],
    sums: Float[Tensor, "codes dim"],
    codebook: Float[Tensor, "codes dim"],
    z: Float[Tensor, "places dim"],
    k: Int[Tensor, " places"],
    decay: float,
) -> None:
    """N ← γN + (1−γ)n, m ← γm + (1−γ)Σz, e ← m / N, in place; instead of the VQ loss.

    A code that nobody chooses stays: N and m shrink alike.
    """
    n, total = assigned(z, k, len(codebook))
    counts.lerp_(n, 1 - decay)
    sums.lerp_(total, 1 - decay)
    known = counts > 1e-6  # of an unused code with γ near 0, both are 0
    codebook[known] = sums[known] / counts[known, None]


def centroid_ema_update(
    codebook: Float[Tensor, "codes dim"],
    z: Float[Tensor, "places dim"],
    k: Int[Tensor, " places"],
    decay: float,
) -> None:
    """The notes' update: e ← γe + (1−γ) z̄, with z̄ the mean of the vectors that chose e.

    A code moves as far for one vector as for a thousand; z̄ of an unused one is 0 / 0.
    """
    n, total = assigned(z, k, len(codebook))
    used = n > 0
    codebook[used] = codebook[used].lerp(total[used] / n[used, None], 1 - decay)


def revive(
    dead: Bool[Tensor, " codes"],
    new: Float[Tensor, "dead dim"],
    codebook: Float[Tensor, "codes dim"],
    counts: Float[Tensor, " codes"],
    sums: Float[Tensor, "codes dim"],
    reset_to: float | None,
) -> None:
    """Moves dead codes to new places, in place.

    reset_to: their new count; the sum goes with it. None keeps both, as Jukebox does:
    then m / N is still the old place, and the next EMA update pulls the code back.
    """
    codebook[dead] = new
    if reset_to is not None:
        counts[dead] = reset_to
        sums[dead] = reset_to * new


def perplexity(counts: Float[Tensor, " codes"]) -> Float[Tensor, ""]:
    """exp(H) of the codes' use: 1 if one does everything, K if all do alike."""
    p = counts / counts.sum()
    return torch.special.entr(p).sum().exp()


def k_means(
    z: Float[Tensor, "places dim"], codes: int, iterations: int = 10
) -> Float[Tensor, "codes dim"]:
    """Lloyd's algorithm from random vectors; a centroid that loses all stays."""
    centroids = z[torch.randperm(len(z))[:codes]].clone()
    for _ in range(iterations):
        n, total = assigned(z, nearest_code(z, centroids), codes)
        centroids = torch.where(
            n[:, None] > 0, total / n[:, None].clamp(min=1), centroids
        )
    return centroids
