"""What attention maps have learned, as numbers: their entropy, and how near they are to the map that is right."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

KINDS = {
    "encoder": "encoder.{}.self_attention",
    "cross": "decoder.{}.cross_attention",
    "decoder": "decoder.{}.self_attention",
}
"""Kind of attention → name of its module in layer {} of `models.transformer.Transformer`."""


def by_kind(captured: Mapping[str, Tensor]) -> dict[str, list[Tensor]]:
    """The patterns of `capture(model, "*.hook_pattern")`: kind → a (batch, heads, queries, keys) tensor a layer."""
    found: dict[str, list[Tensor]] = {}
    for kind, name in KINDS.items():
        names = (f"{name.format(layer)}.hook_pattern" for layer in range(len(captured)))
        found[kind] = [captured[n] for n in names if n in captured]
    return {kind: layers for kind, layers in found.items() if layers}


def entropy(weights: Tensor, real: Tensor | None = None) -> Tensor:
    """Mean entropy of each head's rows in nats: (batch, heads, queries, keys) → (heads,).

    real: (batch, queries), False where only padding asks; None: every row counts
    """
    rows = -(weights * weights.clamp_min(1e-30).log()).sum(-1).transpose(0, 1)  # (heads, batch, queries)
    return rows.flatten(1).mean(1) if real is None else rows[:, real].mean(1)


def antidiagonal(layers: list[Tensor], lengths: list[int], answer_follows: bool) -> float:
    """What the best head gives the letter that is to be written next when a text is reversed, mean over texts.

    layers: (batch, heads, queries, keys) each; lengths: letters of each text
    answer_follows: the queries go on after the text (a decoder alone) instead of beginning with the answer
    """
    best = 0.0
    for weights in layers:
        found = []
        for row, n in zip(weights, lengths, strict=True):
            queries = torch.arange(n) + (n if answer_follows else 0)
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
