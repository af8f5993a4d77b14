"""Many visitors at once, by the page's protocol: `python -m tests.benchmarks.visitors [N] [SECONDS]`, quiet machine.

N visitors spread over all tabs with default knobs. Bare: one process per core, both running, each interleaving the same
mix of configs; its CPU time per step is what a step costs without a playground around it.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import statistics
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from playground.concept import Concept
from playground.concepts import CONCEPTS
from playground.ui.events import Play, Reset
from playground.ui.messages import Message
from tests.benchmarks.engine import jain
from tests.serving import Server
from tests.visitor import Visitor

VISITORS, SECONDS = 30, 30.0
BUDGET = 100_000
TURN = 0.05
"""CPU seconds for which a bare loop stays with one of its runs, as a worker does."""
CLICKS = 12
AFTER_KILL = 15.0
"""Seconds for which frames are awaited after a worker's death."""


def bare_costs(slugs: list[str], seconds: float) -> dict[str, tuple[float, int]]:
    """Tab → (CPU seconds, steps) of a plain loop that interleaves runs of these tabs, on one thread."""
    from playground.engine.worker import bind_to_one_thread

    bind_to_one_thread()
    by_slug = {c.slug: c for c in CONCEPTS}
    made = [(slug, by_slug[slug].build(by_slug[slug].config(steps=BUDGET, seed=i))) for i, slug in enumerate(slugs)]
    for _, experiment in made:
        experiment.step()
    spent = {slug: (0.0, 0) for slug in slugs}
    began = time.perf_counter()
    while time.perf_counter() - began < seconds:
        for slug, experiment in made:
            start, steps = time.thread_time(), 0
            while time.thread_time() - start < TURN:
                experiment.step()
                steps += 1
            cpu, before = spent[slug]
            spent[slug] = cpu + time.thread_time() - start, before + steps
    return spent


def bare_step_costs(slugs: list[str], seconds: float) -> dict[str, float]:
    """Tab → CPU seconds of a bare step, while every core runs such a loop."""
    cores = os.cpu_count() or 1
    shares = [slugs[core::cores] for core in range(cores)]
    with multiprocessing.get_context("spawn").Pool(cores) as pool:
        found = pool.starmap(bare_costs, [(share, seconds) for share in shares])
    total = {slug: [sum(part) for part in zip(*(f[slug] for f in found if slug in f), strict=True)] for slug in slugs}
    return {slug: cpu / steps for slug, (cpu, steps) in total.items()}


def cpu_seconds(pids: list[int]) -> float:
    """CPU time that these processes have used."""
    ticks = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


@dataclass
class Seen:
    """What one visitor has seen of its run."""

    concept: Concept
    steps: int = 0
    moved: float = field(default_factory=time.monotonic)
    """When its step grew last."""
    drawn: dict[str, float] = field(default_factory=dict)
    """View → when its newest figure came."""
    silence: float = 0.0
    oldest: dict[str, float] = field(default_factory=dict)
    """View → the age that its picture has reached at most."""

    def begin(self) -> None:
        now = time.monotonic()
        self.first = self.steps
        self.moved, self.silence, self.oldest = now, 0.0, {}
        self.drawn = dict.fromkeys(self.drawn, now)

    def take(self, message: Message) -> None:
        now = time.monotonic()
        if message["step"] != self.steps:
            self.silence, self.moved = max(self.silence, now - self.moved), now
            self.steps = message["step"]
        for view in message["figures"]:
            if view in self.drawn:
                self.oldest[view] = max(self.oldest.get(view, 0.0), now - self.drawn[view])
            self.drawn[view] = now

    def end(self) -> None:
        now = time.monotonic()
        self.silence = max(self.silence, now - self.moved)
        live = {v.name for v in self.concept.views if v.while_training}
        self.oldest = {v: max(self.oldest.get(v, 0.0), now - at) for v, at in self.drawn.items() if v in live}


async def crowd(server: Server, count: int, seconds: float) -> dict[str, Any]:
    visitors = [Visitor(server.url, CONCEPTS[i % len(CONCEPTS)]) for i in range(count)]
    seen = [Seen(visitor.concept) for visitor in visitors]
    for visitor, one in zip(visitors, seen, strict=True):
        visitor.on_message = one.take
    over = False

    async def come(number: int, visitor: Visitor) -> None:
        await asyncio.sleep(0.1 * number)
        await visitor.arrive()
        await visitor.play(steps=BUDGET, seed=number)
        while not over:
            await visitor.watch(1.0)

    watching = [asyncio.ensure_future(come(i, visitor)) for i, visitor in enumerate(visitors)]
    await asyncio.sleep(0.1 * count + 8)
    servers, workers = [server.process.pid], server.workers()
    for one in seen:
        one.begin()
    before = cpu_seconds(servers), cpu_seconds(workers)
    began = time.monotonic()
    await asyncio.sleep(seconds)
    spent = time.monotonic() - began
    after = cpu_seconds(servers), cpu_seconds(workers)
    for one in seen:
        one.end()
    steps = [one.steps - one.first for one in seen]
    result: dict[str, Any] = {
        "steps": steps, "seconds": spent, "server": after[0] - before[0], "workers": after[1] - before[1],
        "silence": max((one.silence, one.concept.slug) for one in seen),
        "silences": [one.silence for one in seen],
        "oldest": max((max(one.oldest.values(), default=0.0), one.concept.slug) for one in seen),
        "ages": sorted(age for one in seen for age in one.oldest.values()),
    }  # fmt: skip
    result["clicks"] = [await click(visitor, i) for i, visitor in enumerate(visitors[:CLICKS])]
    result |= await kill(server, seen)
    over = True
    await asyncio.gather(*watching)
    for visitor in visitors:
        visitor.leave()
    return result


async def click(visitor: Visitor, number: int) -> float:
    """A click on Reset, then on Train: seconds from the second to the first trained frame, as its watcher sees it."""
    knobs = {**visitor.concept.config().model_dump(), "steps": BUDGET, "seed": number}
    await visitor.send(Reset(knobs=knobs))
    await asyncio.sleep(0.5)
    began = time.monotonic()
    await visitor.send(Play(run=visitor.state["run"], knobs=knobs))
    while visitor.state["step"] == 0:
        await asyncio.sleep(0.01)
    return time.monotonic() - began


async def kill(server: Server, seen: list[Seen]) -> dict[str, float]:
    """kill −9 of a worker: seconds until a frame of one of its runs comes again, and of the last of them.

    Its runs are those whose step falls back to a checkpoint, or that stand still for the first moments after it.
    """
    os.kill(server.workers()[0], signal.SIGKILL)
    killed = time.monotonic()
    again: dict[int, float] = {}
    stood = {i: one.steps for i, one in enumerate(seen)}
    fell: set[int] = set()
    while time.monotonic() - killed < AFTER_KILL:
        await asyncio.sleep(0.02)
        for i, one in enumerate(seen):
            if one.steps < stood[i] and i not in fell:
                fell.add(i)
                again[i] = time.monotonic() - killed
            stood[i] = max(stood[i], one.steps) if i not in fell else stood[i]
    waits = list(again.values())
    return {"first_again": min(waits, default=float("nan")), "all_again": max(waits, default=float("nan")),
            "killed_runs": len(waits)}  # fmt: skip


def report(count: int, bare: dict[str, float], found: dict[str, Any]) -> None:
    slugs = [CONCEPTS[i % len(CONCEPTS)].slug for i in range(count)]
    work = [steps * bare[slug] for steps, slug in zip(found["steps"], slugs, strict=True)]
    used = found["workers"] + found["server"]
    table = Table("what", "measured", "bound", title=f"{count} visitors on all tabs for {found['seconds']:.0f} s")
    (age, slug), (silence, quiet) = found["oldest"], found["silence"]
    rows = [
        ("bare-step CPU / (workers' + server's)", f"{sum(work) / used:.2f}", "≥ 0.70, on the way to 0.85"),
        ("the same / workers' alone", f"{sum(work) / found['workers']:.2f}", ""),
        ("server's CPU, of one core", f"{found['server'] / found['seconds']:.2f}", ""),
        ("workers' CPU, of one core", f"{found['workers'] / found['seconds']:.2f}", ""),
        ("Jain index of the work", f"{jain(work):.3f}", "≥ 0.97"),
        ("longest silence", f"{silence:.1f} s ({quiet})", "≤ 3 s"),
        ("longest silence of each, median", f"{statistics.median(found['silences']):.1f} s", ""),
        ("oldest picture", f"{age:.1f} s ({slug})", "≤ 5 s with 30, ≤ 10 s with 64"),
        ("oldest pictures, median over views", f"{statistics.median(found['ages']):.1f} s", ""),
        ("click → trained frame, median", f"{statistics.median(found['clicks']):.2f} s", "≤ 1.5 s"),
        ("click → trained frame, longest", f"{max(found['clicks']):.2f} s", ""),
        ("kill −9 of a worker → a frame of its runs", f"{found['first_again']:.2f} s", "≤ 1.5 s"),
        (f"kill −9 of a worker → of all its {found['killed_runs']:.0f} runs", f"{found['all_again']:.2f} s", ""),
    ]
    for row in rows:
        table.add_row(*row)
    Console(width=110).print(table)


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else VISITORS
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else SECONDS
    slugs = [CONCEPTS[i % len(CONCEPTS)].slug for i in range(count)]
    bare = bare_step_costs(slugs, seconds / 2)
    server = Server(PLAYGROUND_MAX_RUNS=str(max(64, count)))
    try:
        server.wait()
        time.sleep(10)
        found = asyncio.run(crowd(server, count, seconds))
    finally:
        server.stop()
    after = bare_step_costs(slugs, seconds / 2)
    report(count, {slug: (bare[slug] + after[slug]) / 2 for slug in bare}, found)


if __name__ == "__main__":
    main()
