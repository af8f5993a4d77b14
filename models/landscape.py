"""The loss around a trained network, along two random directions of its weights.

Li et al. 2018 (arXiv 1712.09913). Directions are normalised filter by filter: with a
norm behind it, a filter of twice the size computes the same, and a step of one length
would change it half as much.
"""

from collections.abc import Mapping

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.func import functional_call, vmap

Direction = Mapping[str, Tensor]
"""Name of a weight tensor → as many numbers; parameters without a direction stay."""


@torch.no_grad()
def filter_normalised(net: nn.Module, generator: torch.Generator) -> Direction:
    """A Gaussian direction whose filters have the norms of those in the net.

    d_ij ← d_ij / ‖d_ij‖ · ‖θ_ij‖. A filter is what makes one output: a row of a linear
    layer, an output channel of a convolution. Biases, and what belongs to a norm, stay.
    """
    direction = {}
    for name, weight in net.named_parameters():
        if weight.dim() > 1:
            d = torch.randn(weight.shape, generator=generator)
            direction[name] = d / filter_norms(d) * filter_norms(weight)
    return direction


def filter_norms(weight: Float[Tensor, "*weight"]) -> Float[Tensor, "*norms"]:
    norms = weight.flatten(1).norm(dim=1)
    return norms.view(-1, *[1] * (weight.dim() - 1))


def moved(
    net: nn.Module,
    a: Float[Tensor, ""],
    first: Direction,
    b: Float[Tensor, ""],
    second: Direction,
) -> dict[str, Tensor]:
    """The weights of the net at θ + a·δ + b·η; those in the net stay as they are."""
    weights = dict(net.named_parameters())
    return {name: weights[name] + a * first[name] + b * second[name] for name in first}


@torch.no_grad()
def losses(
    net: nn.Module,
    a: Float[Tensor, " places"],
    first: Direction,
    b: Float[Tensor, " places"],
    second: Direction,
    x: Float[Tensor, " examples *inputs"],
    y: Int[Tensor, " examples"],
) -> Float[Tensor, " places"]:
    """Mean cross-entropy of the net at some places θ + a·δ + b·η."""

    def loss(a: Tensor, b: Tensor) -> Tensor:
        logits = functional_call(net, moved(net, a, first, b, second), (x,))
        return F.cross_entropy(logits, y)

    return vmap(loss)(a, b)  # all places at once
