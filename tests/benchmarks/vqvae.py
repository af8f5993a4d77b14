"""The VQ-VAE tab's numbers on one core: `taskset -c 0 python -m tests.benchmarks.vqvae [seed …]`.

How fast the codebook lives, dies and is revived, what the prior learns, and the quantiser's pace beside
vector-quantize-pytorch's.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import torch
from rich.console import Console
from rich.table import Table
from vector_quantize_pytorch import VectorQuantize

from models import quantiser
from playground.engine.run import Run
from tests.benchmarks.learning import concept_of, preset

ROUNDS, CALLS = 30, 20
SIZES = ((64 * 49, 128, 16), (64 * 49, 512, 64), (256 * 49, 128, 16))
"""(vectors, K, D)"""


class Timed:
    """A run, and the seconds that it has trained."""

    def __init__(self, seed: int, config: dict[str, Any]) -> None:
        concept = concept_of("vqvae")
        self.run = Run(concept, concept.config(**{"steps": 100_000, "seed": seed} | config))
        self.spent = 0.0

    def train(self, seconds: float, until: Callable[[dict[str, float]], bool] = lambda latest: False) -> float | None:
        """For so long, or until something holds → the seconds that it took, None for never."""
        began = self.spent
        while self.spent - began < seconds:
            start = time.perf_counter()
            self.run.advance(0.05)
            self.spent += time.perf_counter() - start
            if until(self.run.latest):
                return self.spent - began
        return None

    def turn(self, **live: Any) -> None:
        self.run.update_live(self.run.config.model_copy(update=live))

    def words(self, *names: str) -> str:
        return ", ".join(f"{name.rpartition('/')[2]} {self.run.latest[name]:.3g}" for name in names)


def lived(seed: int) -> dict[str, str]:
    """What → what was measured with this seed."""
    found: dict[str, str] = {}
    default = Timed(seed, {})
    when = default.train(15, lambda m: m["codes_used"] >= 115 and m["perplexity"] >= 65)
    found["default: ≥ 115 used and perplexity ≥ 65, within 15 s"] = f"{when:.1f} s" if when else "not reached"
    default.train(15 - default.spent)
    found["default at 15 s: ≥ 115, ≥ 65, NMSE ≤ 0.10"] = default.words("codes_used", "perplexity", "heldout/nmse")

    default.turn(stage="prior")
    default.train(40)
    found["its prior after 40 s: ≤ 1.6 nats, ≥ 0.60 recognised"] = default.words(
        "prior/heldout_loss", "recognised/samples"
    )
    found["to compare with"] = default.words("recognised/real", "recognised/reconstructions", "recognised/independent")

    collapsed = Timed(seed, preset("vqvae", "collapse"))
    collapsed.train(15)
    found["preset collapse at 15 s: ≤ 30 used"] = collapsed.words("codes_used", "perplexity")
    collapsed.turn(restart="encoder-output")
    collapsed.train(5)
    found["then revived, after 5 s: ≥ 115 used"] = collapsed.words("codes_used", "perplexity")
    return found


def seconds(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    for _ in range(CALLS):
        call()
    return (time.perf_counter() - began) / CALLS


def pace(vectors: int, codes: int, dim: int) -> tuple[float, float]:
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
    seeds = [int(a) for a in sys.argv[1:]] or [0, 1]
    columns = [lived(seed) for seed in seeds]
    table = Table("what", *(f"seed {seed}" for seed in seeds), title="A codebook's life on one core")
    for what in columns[0]:
        table.add_row(what, *(column[what] for column in columns))
    Console(width=150).print(table)
    table = Table("vectors", "K", "D", "ours", "vector-quantize-pytorch", "ours / theirs", title="Quantise and update")
    for size in SIZES:
        ours, theirs = pace(*size)
        table.add_row(*map(str, size), f"{1e3 * ours:.2f} ms", f"{1e3 * theirs:.2f} ms", f"{ours / theirs:.2f}")
    Console(width=120).print(table)


if __name__ == "__main__":
    main()
