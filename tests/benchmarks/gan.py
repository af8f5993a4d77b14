"""The GAN tab's numbers, on one core: `taskset -c 0 python -m tests.benchmarks.gan`; about ten minutes.

Training time only, without drawing, until the first measurement that reaches the mark.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping
from typing import Any

import torch
from rich.console import Console
from rich.table import Table

from playground.engine.run import Run
from tests.benchmarks.learning import concept_of, preset

Reached = Callable[[Mapping[str, float]], bool]


def when(config: dict[str, Any], reached: Reached, seconds: float) -> tuple[float | None, Run, float]:
    """(seconds of training until reached, the run at that time or at the end of `seconds`, the slowest step)"""
    concept = concept_of("gan")
    run = Run(concept, concept.config(**{"steps": 100_000, **config}))
    spent = slowest = 0.0
    while spent < seconds and not run.error:
        began = time.thread_time()
        run.advance(0, max_steps=1)
        took = time.thread_time() - began
        spent, slowest = spent + took, max(slowest, took)
        if reached(run.latest):
            return spent, run, slowest
    return None, run, slowest


def ring(m: Mapping[str, float]) -> bool:
    return m.get("modes_covered", 0) >= 8 and m.get("high_quality", 0) >= 0.9


def grid(m: Mapping[str, float]) -> bool:
    return m.get("modes_covered", 0) >= 22


def digits(m: Mapping[str, float]) -> bool:
    return m.get("high_quality", 0) >= 0.65 and m.get("modes_covered", 0) >= 10 and m["largest_mode_share"] < 0.5


def styles(table: Table) -> None:
    """CAN beside the same with λ = 0 and a GAN without a style head: means of the last ten measurements."""
    for seed in range(3):
        found = []
        for config in (preset("gan", "can-3"), preset("gan", "can-0"), preset("gan", "can-3") | {"model": "GAN"}):
            _, run, _ = when({**config, "seed": seed}, lambda m: False, 11)
            found.append({n: sum(run.history[n][1][-10:]) / 10 for n in ("style_entropy", "in_distribution")})
        can, zero, headless = (one["style_entropy"] for one in found)
        shown = (
            f"{can:.3f}: {can / zero:.0f} × λ = 0 ({zero:.4f}), {can / headless:.0f} × without a head ({headless:.4f})"
        )
        table.add_row(f"CAN λ = 3, seed {seed}", "entropy ≥ 20 × the GAN's, in distribution ≥ 0.5",
                      f"{shown}; {found[0]['in_distribution']:.2f} in distribution")  # fmt: skip


def main() -> None:
    torch.set_num_threads(1)
    table = Table("what", "at least", "measured", title="GAN on one core")
    rows: list[tuple[str, dict[str, Any], Reached, float, int]] = [
        ("ring: 8 modes, 90 % good", {}, ring, 25, 5),
        ("grid: 22 of 25 modes", {"data": "grid"}, grid, 40, 3),
        ("digits: sure of 65 %, ten classes", preset("gan", "digits"), digits, 60, 3),
    ]
    only = sys.argv[1] if len(sys.argv) > 1 else ""
    for what, config, reached, seconds, seeds in rows:
        for seed in range(seeds if only in what else 0):
            at, run, slowest = when({**config, "seed": seed}, reached, seconds)
            shown = ", ".join(f"{n} {run.latest[n]:.3g}" for n in ("modes_covered", "high_quality"))
            reached_at = "never" if at is None else f"{at:.1f} s"
            measured = f"{reached_at} ({shown}), slowest step {1000 * slowest:.0f} ms"
            table.add_row(f"{what}, seed {seed}", f"within {seconds:g} s", measured)
    if only in "CAN":
        styles(table)
    Console(width=150).print(table)


if __name__ == "__main__":
    main()
