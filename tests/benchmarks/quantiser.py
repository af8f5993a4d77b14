"""Our quantiser's forward pass and EMA step against vector-quantize-pytorch's: `python -m tests.benchmarks.quantiser`."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import torch
from rich.console import Console
from rich.table import Table
from vector_quantize_pytorch import VectorQuantize

from models import quantiser

ROUNDS, CALLS = 30, 20
SIZES = ((64 * 49, 128, 16), (64 * 49, 512, 64), (256 * 49, 128, 16))
"""(vectors, K, D)"""


def seconds(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    for _ in range(CALLS):
        call()
    return (time.perf_counter() - began) / CALLS


def pair(vectors: int, codes: int, dim: int) -> tuple[float, float]:
    """Median seconds of a forward pass with its EMA update: ours and theirs, in turn."""
    torch.manual_seed(0)
    z, codebook = torch.randn(1, vectors, dim), torch.randn(codes, dim)
    counts, sums = torch.ones(codes), codebook.clone()
    theirs = VectorQuantize(dim=dim, codebook_size=codes, decay=0.99, rotation_trick=False, commitment_weight=0.25)
    theirs._codebook.initted.data.fill_(True)
    theirs.train()

    def ours() -> None:
        k = quantiser.nearest_code(z, codebook)
        e = codebook[k]
        quantiser.straight_through(z, e)
        quantiser.commitment_loss(z, e)
        quantiser.ema_update(counts, sums, codebook, z.flatten(0, 1), k.flatten(), 0.99)

    with torch.no_grad():
        rounds = [(seconds(ours), seconds(lambda: theirs(z))) for _ in range(ROUNDS)]
    return statistics.median(a for a, _ in rounds), statistics.median(b for _, b in rounds)


def main() -> None:
    torch.set_num_threads(1)
    table = Table("vectors", "K", "D", "ours", "vector-quantize-pytorch", "ours / theirs", title="Quantise and update")
    for size in SIZES:
        ours, theirs = pair(*size)
        table.add_row(*map(str, size), f"{1e3 * ours:.2f} ms", f"{1e3 * theirs:.2f} ms", f"{ours / theirs:.2f}")
    Console(width=120).print(table)


if __name__ == "__main__":
    main()
