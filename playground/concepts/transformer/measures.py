"""What attention maps have learned, as numbers: how decided they are, and how near to the map that is right."""

from __future__ import annotations

import torch
from torch import Tensor

from models.transformer import Maps


def kinds(maps: Maps) -> list[Tensor]:
    """Every layer's weights: the encoder's, the decoder's, the cross-attention's."""
    return [*maps.encoder, *maps.decoder, *maps.cross]


def entropy(weights: Tensor) -> Tensor:
    """Mean entropy of each head's rows in nats: (batch, heads, queries, keys) → (heads,)."""
    return -(weights * weights.clamp_min(1e-30).log()).sum(-1).mean((0, 2))


def antidiagonal(layers: list[Tensor], lengths: list[int], writes_after: bool) -> float:
    """What the best head gives the letter that is to be written next when a text is reversed, mean over texts.

    layers: (batch, heads, queries, keys) each; lengths: letters of each text
    writes_after: queries follow the text itself (a decoder alone) instead of beginning with the answer
    """
    best = 0.0
    for weights in layers:
        found = []
        for row, n in zip(weights, lengths, strict=True):
            queries = torch.arange(n) + (n if writes_after else 0)
            found.append(row[:, queries, n - 1 - torch.arange(n)].mean(1))
        best = max(best, torch.stack(found).mean(0).max().item())
    return best


def induction(layers: list[Tensor], periods: list[int]) -> float:
    """What the best head gives the tokens that followed this one in earlier copies, mean over texts.

    layers: (batch, heads, tokens, tokens) each; periods: length of each text's repeated segment
    """
    best = 0.0
    for weights in layers:
        length = weights.shape[2]
        query, key = torch.meshgrid(torch.arange(length), torch.arange(length), indexing="ij")
        found = []
        for row, n in zip(weights, periods, strict=True):
            followed = ((query - key + 1) % n == 0) & (key <= query - n + 1)  # one, two, … copies back
            found.append((row * followed).sum(-1)[:, n:].mean(1))
        best = max(best, torch.stack(found).mean(0).max().item())
    return best
