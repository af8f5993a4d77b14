"""Where a token stands: attention alone can't tell. Sinusoidal and rotary codes."""

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


def rotate(
    x: Float[Tensor, "*batch tokens d_k"], begin: int = 0
) -> Float[Tensor, "*batch tokens d_k"]:
    """Turns each pair of numbers by position · frequency. Su et al. 2021, eq. 15.

    The product of a rotated query and key depends on their distance alone.
    begin: position of the first token
    """
    tokens, d_k = x.shape[-2:]
    angle = (begin + torch.arange(tokens))[:, None] * frequencies(d_k // 2)
    a, b = x[..., 0::2], x[..., 1::2]  # (…, tokens, pairs)
    turned = a * angle.cos() - b * angle.sin(), a * angle.sin() + b * angle.cos()
    return torch.stack(turned, dim=-1).flatten(-2)
