"""What the Residual tab costs on one core: `taskset -c 0 python -m tests.benchmarks.residual`.

Steps of a pair of networks and of eight, the loss landscape part by part, accuracies with blocks cut. Ends with an
error when a limit is missed.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from rich.console import Console
from rich.table import Table

from playground.concepts.residual import measures
from playground.concepts.residual.config import ResidualConfig, blocks_of
from playground.concepts.residual.degradation.experiment import DegradationExperiment
from playground.concepts.residual.experiment import PairExperiment
from playground.concepts.residual.jacobian import jacobian
from playground.concepts.residual.landscape import STRIDES, landscape
from playground.concepts.residual.questions import Jacobian, Landscape

ROUNDS = 200
COARSE = len(range(0, 25, STRIDES[0])) ** 2
"""Points of each network in the first complete picture."""


@dataclass(frozen=True)
class Result:
    what: str
    found: float
    unit: str
    limit: float | None = None

    @property
    def is_missed(self) -> bool:
        return self.limit is not None and self.found > self.limit

    def row(self) -> tuple[str, str, str]:
        limit = "" if self.limit is None else f"≤ {self.limit:g}{' MISSED' if self.is_missed else ''}"
        return self.what, f"{self.found:.3g} {self.unit}", limit


def seconds(call: Callable[[], object]) -> float:
    """CPU time of this thread."""
    began = time.thread_time()
    call()
    return time.thread_time() - began


def median(call: Callable[[], object], rounds: int = ROUNDS) -> float:
    return statistics.median(seconds(call) for _ in range(rounds))


def pair(**config: Any) -> PairExperiment:
    torch.manual_seed(0)
    return PairExperiment(ResidualConfig(**config))


def of_steps() -> list[Result]:
    """The two networks' steps in turn, so that what else the machine does touches both alike."""
    experiment = pair()
    x, y = experiment.data.x[:128], experiment.data.y[:128]
    luck = torch.zeros(blocks_of(56))
    plain, residual = experiment.arms["plain"], experiment.arms["residual"]
    rounds = [(seconds(lambda: plain.step(x, y, luck)), seconds(lambda: residual.step(x, y, luck)))
              for _ in range(ROUNDS)]  # fmt: skip
    of_plain, of_residual = (statistics.median(times) for times in zip(*rounds, strict=True))
    torch.manual_seed(0)
    eight = DegradationExperiment(ResidualConfig(networks="depths"))
    return [
        Result("step of the plain network, depth 56", 1e3 * of_plain, "ms"),
        Result("step of the residual network", 1e3 * of_residual, "ms"),
        Result("residual / plain", of_residual / of_plain, "", 1.1),
        Result("step of the pair, with its measures now and then", 1e3 * median(pair().step), "ms"),
        Result("step of the eight", 1e3 * median(eight.step, ROUNDS // 5), "ms"),
    ]


def of_landscape(name: str, limits: bool, **config: Any) -> list[Result]:
    """Of both networks, from the question to the first complete picture and to the last one."""
    experiment = pair(**config)
    parts, coarse = [], 0.0
    answer = landscape(experiment, Landscape())
    began = time.thread_time()
    for figure in answer:
        parts.append(time.thread_time() - began)
        computed = int(figure["layout"]["title"]["text"].split()[0])
        if not coarse and computed >= COARSE:
            coarse = sum(parts)
        began = time.thread_time()
    return [
        Result(f"landscape, {name}: 5 × 5 of both", coarse, "s", 2 if limits else None),
        Result(f"landscape, {name}: 25 × 25 of both, in {len(parts)} parts", sum(parts), "s", 20 if limits else None),
        Result(f"landscape, {name}: longest part", max(parts), "s", 0.1),
    ]


def of_questions(name: str, **config: Any) -> list[Result]:
    """What is asked of a network at once."""
    experiment = pair(**config)
    x, y = measures.cut_examples(experiment.data)
    net = experiment.arms["residual"].net
    found = [
        Result(f"each block cut once, {name}", median(lambda: measures.accuracies_with_cut(net, x, y), 5), "s"),
        Result(f"each pair swapped, {name}", median(lambda: measures.accuracies_with_swap(net, x, y), 5), "s"),
    ]
    if config.get("data") != "images":
        asked = Jacobian(block=1)
        found.append(Result(f"Jacobian of a block, {name}", median(lambda: jacobian(experiment, asked), 5), "s", 0.1))
    return found


def main() -> None:
    torch.set_num_threads(1)
    large, images = {"depth": 64, "width": 64}, {"data": "images", "depth": 32, "channels": 8}
    results = [
        *of_steps(),
        *of_landscape("default", True),
        *of_landscape("depth 64, width 64", False, **large),
        *of_landscape("images, depth 32, 8 channels", False, **images),
        *of_questions("default"),
        *of_questions("depth 64, width 64", **large),
        *of_questions("images, depth 32, 8 channels", **images),
    ]
    table = Table("what", "CPU time", "limit", title="The Residual tab on one core")
    for result in results:
        table.add_row(*result.row())
    Console(width=120).print(table)
    sys.exit(any(result.is_missed for result in results))


if __name__ == "__main__":
    main()
