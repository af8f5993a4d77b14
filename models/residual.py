"""Residual learning: blocks that compute y = F(x) + x, and the same ones without + x.

He et al. 2015 (arXiv 1512.03385); pre-activation after He et al. 2016 (1603.05027);
blocks that are dropped at random after Huang et al. 2016 (1603.09382).
A network's depth counts weight layers: two a block, the first one, the last one.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

Order = Literal["post", "pre"]
Norm = Literal["batch", "layer", "none"]
Start = Literal["he", "xavier", "zero"]


@dataclass(frozen=True)
class Design:
    """What the blocks of a network have in common."""

    has_shortcut: bool
    order: Order = "post"
    """post: ReLU after the sum (He et al. 2015); pre: norm and ReLU before each weight
    layer, and nothing on the way of x (He et al. 2016)."""
    norm: Norm = "batch"


class Block(nn.Module):
    """Two weight layers F(x) with a shortcut around them, or without one.

    layer: makes a weight layer, as `linear` and `conv3x3` do
    """

    alpha = 1.0
    """Factor of x on the shortcut."""
    survival = 1.0
    """Share of the training steps in which F(x) is there."""

    def __init__(
        self, layer: Callable[..., nn.Module], into: int, out: int, design: Design
    ) -> None:
        super().__init__()
        self.design, self.out, self.stride = design, out, 1 if into == out else 2
        first = layer(into, out, self.stride, bias=design.norm == "none")
        second = layer(out, out, 1, bias=design.norm == "none")
        norm = NORMS[design.norm]
        if design.order == "post":
            layers = [first, norm(out), nn.ReLU(), second, norm(out)]
        else:
            layers = [norm(into), nn.ReLU(), first, norm(out), nn.ReLU(), second]
        self.F = nn.Sequential(*layers)

    def forward(self, x: Float[Tensor, "batch into *place"]) -> Tensor:
        y = self.F(x)
        if not self.training:
            y = self.survival * y  # the mean of what was there in training
        if self.design.has_shortcut:
            y = y + self.shortcut(x)
        return F.relu(y) if self.design.order == "post" else y

    def shortcut(self, x: Float[Tensor, "batch into *place"]) -> Tensor:
        """α·x; where the shape changes, every other place and zeros for new channels.

        That is He et al.'s option A: the shortcut has no parameters.
        """
        if self.stride > 1:
            x = x[:, :, :: self.stride, :: self.stride]
            x = F.pad(x, (0, 0, 0, 0, 0, self.out - x.shape[1]))
        return x if self.alpha == 1 else self.alpha * x


class DeepNet(nn.Module):
    """A first layer, blocks, and a last layer that gives logits."""

    def __init__(
        self, stem: nn.Module, blocks: Sequence[Block], head: nn.Module
    ) -> None:
        super().__init__()
        self.stem, self.blocks, self.head = stem, nn.ModuleList(blocks), head

    def forward(
        self, x: Tensor, cut: Collection[int] = (), order: Sequence[int] | None = None
    ) -> Float[Tensor, "batch classes"]:
        return self.head(self.states(x, cut, order)[-1])

    def states(
        self, x: Tensor, cut: Collection[int] = (), order: Sequence[int] | None = None
    ) -> list[Tensor]:
        """The input of each block, and the output of the last one: blocks + 1 states.

        cut: blocks around which x goes on the shortcut, even in a net that has none
        order: blocks in the order in which x goes through them
        """
        h = [self.stem(x)]
        for k in range(len(self.blocks)) if order is None else order:
            block = self.blocks[k]
            h.append(block.shortcut(h[-1]) if k in cut else block(h[-1]))
        return h


def linear(into: int, out: int, stride: int, bias: bool) -> nn.Module:
    return nn.Linear(into, out, bias)


def conv3x3(into: int, out: int, stride: int, bias: bool) -> nn.Module:
    return nn.Conv2d(into, out, 3, stride, padding=1, bias=bias)


def deep_mlp(
    inputs: int, width: int, classes: int, depth: int, design: Design
) -> DeepNet:
    """(batch, inputs) → (batch, classes) logits. depth: even, at least 4"""
    return DeepNet(
        stem(linear(inputs, width, 1, design.norm == "none"), width, design),
        [Block(linear, width, width, design) for _ in range(depth // 2 - 1)],
        nn.Sequential(*before_head(width, design), nn.Linear(width, classes)),
    )


def deep_conv(
    channels: int, width: int, classes: int, depth: int, design: Design
) -> DeepNet:
    """(batch, channels, height, width) → (batch, classes) logits.

    Three stages; at the second and the third, height and width are halved and channels
    doubled. He et al.'s nets for CIFAR have width 16 and depth 6n + 2.
    """
    count = depth // 2 - 1
    widths = [width * 2 ** (3 * k // count) for k in range(count)]
    return DeepNet(
        stem(conv3x3(channels, width, 1, design.norm == "none"), width, design),
        [Block(conv3x3, a, b, design) for a, b in pairwise([width, *widths])],
        nn.Sequential(
            *before_head(widths[-1], design),
            nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(widths[-1], classes),
        ),
    )  # fmt: skip


def stem(first: nn.Module, width: int, design: Design) -> nn.Module:
    if design.order == "pre":
        return first
    return nn.Sequential(first, NORMS[design.norm](width), nn.ReLU())


def before_head(width: int, design: Design) -> list[nn.Module]:
    return [NORMS[design.norm](width), nn.ReLU()] if design.order == "pre" else []


NORMS: dict[Norm, Callable[[int], nn.Module]] = {
    "batch": lambda width: BatchNorm(width),
    "layer": lambda width: nn.GroupNorm(1, width),
    "none": lambda width: nn.Identity(),
}
"""Layer norm is group norm with one group: over all units of an example, or over all
channels and places of an image."""


class BatchNorm(nn.modules.batchnorm._BatchNorm):
    """Of units (batch, units) as of channels (batch, channels, height, width)."""

    def _check_input_dim(self, input: Tensor) -> None:
        pass


@torch.no_grad()
def initialise(net: DeepNet, start: Start) -> None:
    """Draws all weights from normal distributions; biases are zero.

    he: variance 2 / inputs, which keeps the size of activations behind a ReLU
    xavier: variance 2 / (inputs + outputs), which suits linear layers
    zero: as he, and the last layer of each branch is zero, so that F(x) = 0 at first;
        where a norm is last, its scale is zero (Goyal et al. 2017)
    """
    for module in net.modules():
        if isinstance(module, nn.Linear | nn.Conv2d):
            if start == "xavier":
                nn.init.xavier_normal_(module.weight)
            else:
                nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
            if module.bias is not None:
                module.bias.zero_()
    if start == "zero":
        for block in net.blocks:
            last = [m for m in block.F if getattr(m, "weight", None) is not None][-1]
            last.weight.zero_()


def survival(block: int, blocks: int, last: float) -> float:
    """Probability that a block is not dropped: falls in a straight line to `last`.

    block: counted from 1, the one next to the input (Huang et al. 2016, eq. 4)
    """
    return 1 - block / blocks * (1 - last)
