"""Accuracy of a network on held-out examples: whole, with blocks cut (Veit et al. 2016), with neighbours swapped."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import torch
from torch import Tensor

from models.residual import DeepNet
from playground.capture import evaluating
from playground.concepts.residual.examples import Examples

CUT_IMAGES = 100
"""Held-out images on which cut convolutional networks are measured; the others take all held-out examples."""


def cut_examples(data: Examples) -> tuple[Tensor, Tensor]:
    """Held-out examples, and their classes, for what is measured once for each block."""
    count = CUT_IMAGES if data.x.dim() == 4 else len(data.heldout_x)
    return data.heldout_x[:count], data.heldout_y[:count]


def accuracy(
    net: DeepNet, x: Tensor, y: Tensor, cut: Collection[int] = (), order: Sequence[int] | None = None
) -> float:
    """Share of the examples whose class has the largest logit; `cut` and `order` as in `DeepNet.states`."""
    with evaluating(net):
        return (net(x, cut, order).argmax(1) == y).float().mean().item()


def accuracies_with_cut(net: DeepNet, x: Tensor, y: Tensor) -> Tensor:
    """(blocks,): with the first block cut, with the second one cut, …

    All cut networks go up together: up to its cut, each one is the whole network.
    """
    with evaluating(net):
        whole = net.stem(x)
        cut = whole[:0]
        for block in net.blocks:
            cut = torch.cat([block(cut), block.shortcut(whole)])
            whole = block(whole)
        return shares(net.head(cut), y)


def accuracies_with_swap(net: DeepNet, x: Tensor, y: Tensor) -> Tensor:
    """(blocks − 1,): with the first two blocks swapped, with the second and the third one swapped, …

    NaN where neighbours do not fit in the other order, because one of them changes the shape.
    """
    found = [torch.nan] * (len(net.blocks) - 1)
    with evaluating(net):
        whole = net.states(x)
        swapped, names = whole[0][:0], []
        for k, block in enumerate(net.blocks):
            swapped = block(swapped)
            if k and net.blocks[k - 1].stride == block.stride == 1:
                swapped = torch.cat([swapped, net.blocks[k - 1](block(whole[k - 1]))])
                names.append(k - 1)
        if names:
            for name, share in zip(names, shares(net.head(swapped), y).tolist(), strict=True):
                found[name] = share
    return torch.tensor(found)


def shares(logits: Tensor, y: Tensor) -> Tensor:
    """(networks · batch, classes) logits, (batch,) classes → (networks,) accuracies."""
    return (logits.argmax(1).view(-1, len(y)) == y).float().mean(1)
