"""Position codes: attention alone can't tell where a token stands."""

import torch
from jaxtyping import Float
from torch import Tensor

BASE = 10_000.0


def frequencies(pairs: int) -> Float[Tensor, " pairs"]:
    """Radians a position, 1 down to nearly 1 / 10,000. Vaswani et al. 2017, §3.5."""
    return BASE ** (-torch.arange(pairs) / pairs)


def sinusoidal(tokens: int, width: int) -> Float[Tensor, "tokens width"]:
    """sin and cos of position · frequency, in turn along the width."""
    angle = torch.arange(tokens)[:, None] * frequencies(width // 2)  # (tokens, pairs)
    return torch.stack([angle.sin(), angle.cos()], dim=-1).flatten(1)


def rotate(x: Float[Tensor, "*batch tokens d_k"]) -> Float[Tensor, "*batch tokens d_k"]:
    """Rotates each pair of numbers by position · frequency. Su et al. 2021.

    Positions then enter the product of a query and a key only through their distance.
    """
    tokens, d_k = x.shape[-2:]
    angle = torch.arange(tokens)[:, None] * frequencies(d_k // 2)  # (tokens, pairs)
    a, b = x[..., 0::2], x[..., 1::2]  # (…, tokens, pairs)
    cos, sin = angle.cos(), angle.sin()
    return torch.stack([a * cos - b * sin, a * sin + b * cos], dim=-1).flatten(-2)
