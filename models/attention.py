"""Scaled dot-product attention, one module for self, causal and cross attention.

Vaswani et al. 2017, §3.2. Masks say True where a query MAY look (as PyTorch's
scaled_dot_product_attention has it; nn.MultiheadAttention means the opposite).
"""

import math

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float
from torch import Tensor, nn

from models.positions import rotate

Cache = tuple[Tensor, Tensor]
"""Keys and values of the tokens so far, (batch, heads, keys, d_k) each."""


def attend(
    q: Float[Tensor, "batch heads queries d_k"],
    k: Float[Tensor, "batch heads keys d_k"],
    v: Float[Tensor, "batch heads keys d_v"],
    mask: Bool[Tensor, "*any #queries keys"] | None = None,
    scaled: bool = True,
) -> tuple[
    Float[Tensor, "batch heads queries d_v"], Float[Tensor, "batch heads queries keys"]
]:
    """softmax(Q Kᵀ / √d_k) V and the weights. Vaswani et al. 2017, eq. 1.

    Unscaled, the scores of wide heads are large and the softmax nearly picks one key.
    """
    if scaled:
        q = q / math.sqrt(q.shape[-1])  # there are fewer of these than of scores
    scores = q @ k.mT  # (batch, heads, queries, keys)
    if mask is not None:
        scores = scores + torch.where(mask, 0.0, -math.inf)  # a weight of exactly 0
    weights = scores.softmax(-1)
    return weights @ v, weights


def causal_mask(queries: int, keys: int) -> Bool[Tensor, "queries keys"]:
    """A token may look at itself and what came before; the last query is last key."""
    return torch.ones(queries, keys, dtype=torch.bool).tril(keys - queries)


class Attention(nn.Module):
    """Multi-head attention. Self: x looks at itself; cross: at what an encoder made.

    width: of tokens going in and out; each of the heads works in width / heads of it
    rotary: turns queries and keys by their positions (Su et al. 2021)
    """

    def __init__(
        self, width: int, heads: int, scaled: bool = True, rotary: bool = False
    ) -> None:
        super().__init__()
        if width % heads:
            raise ValueError(f"width {width} is not a multiple of heads {heads}")
        self.heads, self.scaled, self.rotary = heads, scaled, rotary
        self.to_qkv = nn.Linear(width, 3 * width)  # three maps, one matrix product
        self.to_out = nn.Linear(width, width)

    def forward(
        self,
        x: Float[Tensor, "batch queries width"],
        memory: Float[Tensor, "batch keys width"] | None = None,
        mask: Bool[Tensor, "*any #queries all_keys"] | None = None,
        past: Cache | None = None,
        gate: Float[Tensor, " heads"] | None = None,
    ) -> tuple[
        Float[Tensor, "batch queries width"],
        Float[Tensor, "batch heads queries all_keys"],
        Cache,
    ]:
        """Tokens after attention, every head's weights, and keys and values so far.

        memory: what is looked at, None: x itself
        past: keys and values of earlier tokens, before those of memory
        gate: one number a head, 0 switches it off
        """
        q, k, v = self.project(x, memory, past[0].shape[2] if past else 0)
        if past:
            k, v = torch.cat([past[0], k], dim=2), torch.cat([past[1], v], dim=2)
        out, weights = attend(q, k, v, mask, self.scaled)
        if gate is not None:
            out = out * gate[:, None, None]
        return self.to_out(out.transpose(1, 2).flatten(2)), weights, (k, v)

    def project(
        self,
        x: Float[Tensor, "batch queries width"],
        memory: Float[Tensor, "batch keys width"] | None = None,
        begin: int = 0,
    ) -> tuple[
        Float[Tensor, "batch heads queries d_k"],
        Float[Tensor, "batch heads keys d_k"],
        Float[Tensor, "batch heads keys d_k"],
    ]:
        """Queries of x, keys and values of memory; `begin` is the first one's place."""
        if memory is None:
            q, k, v = self.split(self.to_qkv(x))
        else:
            width = x.shape[-1]
            weight, bias = self.to_qkv.weight, self.to_qkv.bias
            (q,) = self.split(F.linear(x, weight[:width], bias[:width]))
            k, v = self.split(F.linear(memory, weight[width:], bias[width:]))
        if self.rotary:
            q, k = rotate(q, begin), rotate(k, begin)
        return q, k, v

    def split(
        self, x: Float[Tensor, "batch tokens parts_of_width"]
    ) -> tuple[Float[Tensor, "batch heads tokens d_k"], ...]:
        """One to three parts of `width` numbers, each as its heads."""
        d_k = self.to_out.in_features // self.heads
        parts = x.unflatten(-1, (-1, self.heads, d_k)).permute(2, 0, 3, 1, 4)
        return parts.contiguous().unbind()
