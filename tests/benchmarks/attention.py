"""Our attention against torch.nn.MultiheadAttention, forward and backward, both with the weights of every head.

Ours always makes the weights, since its hook points show them; PyTorch's returns them (need_weights=True,
average_attn_weights=False).

python -m tests.benchmarks.attention [rounds]   on one core: taskset -c 0
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable

import torch

from models.attention import Attention, causal_mask

SIZES = {
    "dates, encoder": (64, 18, 18, 64, 4, "padding"),
    "dates, decoder": (64, 11, 11, 64, 4, "causal"),
    "dates, cross": (64, 11, 18, 64, 4, "padding"),
    "reverse, decoder": (64, 13, 13, 64, 2, "causal"),
    "reverse, cross": (64, 13, 12, 64, 2, "padding"),
    "repeat": (32, 31, 31, 64, 1, "causal"),
    "dates, a decoder alone": (64, 28, 28, 64, 4, "causal"),
    "8 heads of 16": (64, 18, 18, 128, 8, "padding"),
    "2 heads of 16": (64, 13, 13, 32, 2, "causal"),
}
"""(batch, queries, keys, width, heads, mask) as the tab has them."""
PASSES = 30


def contest(
    batch: int, queries: int, keys: int, width: int, heads: int, masked: str
) -> tuple[Callable[[], None], Callable[[], None]]:
    """One forward and backward pass of ours and of PyTorch's."""
    x = torch.randn(batch, queries, width, requires_grad=True)
    memory = None if queries == keys else torch.randn(batch, keys, width, requires_grad=True)
    keys_from = x if memory is None else memory
    ours, theirs = Attention(width, heads), torch.nn.MultiheadAttention(width, heads, batch_first=True)
    if masked == "causal":
        mask = causal_mask(queries)
        blocked = {"attn_mask": ~mask}
    else:
        mask = torch.rand(batch, 1, 1, keys) < 0.8
        mask[..., 0] = True
        blocked = {"key_padding_mask": ~mask[:, 0, 0]}

    def own() -> None:
        ours(x, memory, mask).sum().backward()

    def pytorchs() -> None:
        out, _ = theirs(x, keys_from, keys_from, need_weights=True, average_attn_weights=False, **blocked)
        out.sum().backward()

    return own, pytorchs


def ratio(size: tuple[int, int, int, int, int, str], rounds: int) -> tuple[float, float]:
    """(microseconds of ours, ours / PyTorch's): the two in turn, the median of the rounds' ratios."""
    pair = contest(*size)
    for run in pair * 10:
        run()
    ours, ratios = [], []
    for _ in range(rounds):
        took = []
        for run in pair:
            begun = time.perf_counter()
            for _ in range(PASSES):
                run()
            took.append((time.perf_counter() - begun) / PASSES)
        ours.append(took[0])
        ratios.append(took[0] / took[1])
    return statistics.median(ours) * 1e6, statistics.median(ratios)


def main() -> None:
    torch.set_num_threads(1)
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    for name, size in SIZES.items():
        took, share = ratio(size, rounds)
        print(f"{name:24} {took:7.0f} µs  ours / PyTorch's {share:.2f}", flush=True)


if __name__ == "__main__":
    main()
