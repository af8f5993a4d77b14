"""Scaled dot-product attention: one module for self-, causal and cross-attention.

Vaswani et al. 2017, §3.2. Masks are True where a query MAY attend, as PyTorch's
scaled_dot_product_attention has it; nn.MultiheadAttention means the opposite.
"""

import math

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

from models.positions import rotate


def attention_weights(
    q: Float[Tensor, "batch heads queries d_k"],
    k: Float[Tensor, "batch heads keys d_k"],
    mask: Bool[Tensor, "*any #queries keys"] | None = None,
    scaled: bool = True,
) -> Float[Tensor, "batch heads queries keys"]:
    """softmax(Q Kᵀ / √d_k): every row sums to 1. Vaswani et al. 2017, eq. 1.

    Unscaled, the scores of wide heads are large and the softmax nearly picks one key.
    """
    scores = q @ k.mT  # (batch, heads, queries, keys)
    if scaled:
        scores = scores / math.sqrt(q.shape[-1])
    if mask is not None:
        scores = scores.masked_fill(~mask, -math.inf)  # a weight of exactly 0
    return scores.softmax(-1)


def causal_mask(tokens: int) -> Bool[Tensor, "tokens tokens"]:
    """A token may attend to itself and to what came before it."""
    return torch.ones(tokens, tokens, dtype=torch.bool).tril()


class Attention(nn.Module):
    """Multi-head attention. Self: of x to itself; cross: to an encoder's memory.

    width: of the tokens going in and out; each head works in d_k = width / heads of it
    rotary: rotates queries and keys by their positions (Su et al. 2021)

    The nn.Identity modules compute nothing: they are named points where hooks can
    look at a tensor or change it (as in TransformerLens).
    """

    def __init__(
        self, width: int, heads: int, scaled: bool = True, rotary: bool = False
    ) -> None:
        super().__init__()
        if width % heads:
            raise ValueError(f"width {width} is not a multiple of heads {heads}")
        self.heads, self.scaled, self.rotary = heads, scaled, rotary
        self.to_q = nn.Linear(width, width)
        self.to_kv = nn.Linear(width, 2 * width)
        self.to_out = nn.Linear(width, width)
        self.hook_q, self.hook_k, self.hook_v = (nn.Identity() for _ in range(3))
        self.hook_pattern, self.hook_z = nn.Identity(), nn.Identity()

    def forward(
        self,
        x: Float[Tensor, "batch queries width"],
        memory: Float[Tensor, "batch keys width"] | None = None,
        mask: Bool[Tensor, "*any #queries all_keys"] | None = None,
    ) -> Float[Tensor, "batch queries width"]:
        """Every token of x with what it found in the memory (None: in x itself)."""
        k, v = self.to_kv(x if memory is None else memory).chunk(2, dim=-1)
        q, k, v = map(self.split_heads, (self.to_q(x), k, v))
        if self.rotary:
            q, k = rotate(q), rotate(k)
        q, k, v = self.hook_q(q), self.hook_k(k), self.hook_v(v)

        weights = self.hook_pattern(attention_weights(q, k, mask, self.scaled))
        z = self.hook_z(weights @ v)  # (batch, heads, queries, d_k)
        return self.to_out(z.transpose(1, 2).flatten(2))

    def split_heads(
        self, x: Float[Tensor, "batch tokens width"]
    ) -> Float[Tensor, "batch heads tokens d_k"]:
        return x.unflatten(-1, (self.heads, -1)).transpose(1, 2)
