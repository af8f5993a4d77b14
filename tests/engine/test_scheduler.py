"""Runs on worker processes: placement, fairness, caps, freeing, and the death of a worker."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from playground.concepts import CONCEPTS
from playground.engine.run import Run
from playground.engine.scheduler import Full, Gone, Scheduler
from tests.toy import TOY, ToyConfig

AUTOENCODER = next(c for c in CONCEPTS if c.slug == "autoencoder")
Job = Callable[[Scheduler], Awaitable[Any]]


@pytest.fixture
def run_on() -> Iterator[Callable[..., Any]]:
    """run_on(job, **options): runs an async job on a scheduler of its own."""
    made: list[Scheduler] = []

    def go(job: Job, catalogue: str = "tests.toy:TOYS", **options: Any) -> Any:
        scheduler = Scheduler(catalogue, **{"hosts": 1, **options})
        made.append(scheduler)
        return asyncio.run(job(scheduler))

    yield go
    for scheduler in made:
        scheduler.stop()


def test_the_numbers_are_those_of_a_run_without_workers(run_on: Any) -> None:
    async def job(scheduler: Scheduler) -> Any:
        run = await scheduler.open("autoencoder", AUTOENCODER.config(seed=4), "me")
        found = []
        for steps in (1, 4, 3):
            found += (await scheduler.advance(run, max_steps=steps, looking=("latents",), draw_all=True)).rows
        return found

    assert (
        run_on(job, "playground.concepts:CONCEPTS")
        == Run(AUTOENCODER, AUTOENCODER.config(seed=4)).advance(600, max_steps=8).rows
    )


def test_a_killed_worker_is_replaced_and_the_run_goes_on(run_on: Any) -> None:
    async def job(scheduler: Scheduler) -> Any:
        run = await scheduler.open("slow-toy", ToyConfig(steps=100_000), "me")
        placed = scheduler.runs[run]
        for _ in range(20):
            await scheduler.advance(run, 0.3)
        saved = placed.checkpoints[-1][0]
        os.kill(await scheduler.hosts[0].call("ping"), signal.SIGKILL)
        frame = await scheduler.advance(run, max_steps=10)
        return saved, frame

    saved, frame = run_on(job)
    assert frame.notice and frame.step == saved + 10
    alone = Run(TOY, ToyConfig(steps=100_000))
    alone.advance(600, max_steps=frame.step)
    assert frame.latest == alone.latest


def test_a_worker_killed_before_the_first_checkpoint_starts_the_run_anew(run_on: Any) -> None:
    async def job(scheduler: Scheduler) -> Any:
        run = await scheduler.open("toy", ToyConfig(), "me")
        await scheduler.advance(run, max_steps=20)
        os.kill(await scheduler.hosts[0].call("ping"), signal.SIGKILL)
        return await scheduler.advance(run, max_steps=5)

    frame = run_on(job)
    assert frame.step == 5 and "worker was restarted" in frame.notice


def test_a_tuned_knob_outlives_the_worker(run_on: Any) -> None:
    async def job(scheduler: Scheduler) -> Any:
        run = await scheduler.open("toy", ToyConfig(), "me")
        await scheduler.advance(run, max_steps=3, tune=ToyConfig(rate=0.0))
        os.kill(await scheduler.hosts[0].call("ping"), signal.SIGKILL)
        first = await scheduler.advance(run, max_steps=1)
        second = await scheduler.advance(run, max_steps=9)
        return first.latest["theta"], second.latest["theta"]

    first, second = run_on(job)
    assert first == second  # rate 0: nothing moves


def test_a_full_playground_says_so(run_on: Any) -> None:
    async def job(scheduler: Scheduler) -> None:
        runs = [await scheduler.open("toy", ToyConfig(seed=i), "me") for i in range(3)]
        with pytest.raises(Full, match="3 models are in training, 3 is the most"):
            await scheduler.open("toy", ToyConfig(), "you")
        await scheduler.close(runs[0])
        await scheduler.open("toy", ToyConfig(), "you")

    run_on(job, max_runs=3)


def test_an_abandoned_run_is_freed_after_the_grace_and_not_before(run_on: Any) -> None:
    async def job(scheduler: Scheduler) -> None:
        kept = await scheduler.open("toy", ToyConfig(), "stays")
        left = await scheduler.open("toy", ToyConfig(), "leaves")
        scheduler.abandon("leaves")
        assert scheduler.reclaim("leaves") == [left]
        await asyncio.sleep(0.4)
        await scheduler.advance(left, max_steps=1)
        scheduler.abandon("leaves")
        await asyncio.sleep(0.6)
        with pytest.raises(Gone, match="Train starts a new one"):
            await scheduler.advance(left, max_steps=1)
        assert (await scheduler.hosts[0].call("advance", left, 0.0, 0, (), False, None)) is None
        await scheduler.advance(kept, max_steps=1)

    run_on(job, grace=0.2)


def test_many_runs_share_the_workers_fairly(run_on: Any) -> None:
    async def job(scheduler: Scheduler) -> list[int]:
        runs = [await scheduler.open("toy", ToyConfig(seed=i, steps=100_000), "me") for i in range(8)]
        assert [scheduler.runs[r].host for r in runs] == [0, 1] * 4
        counts = dict.fromkeys(runs, 0)

        async def keep_going(run: str) -> None:
            for _ in range(1000):
                await scheduler.advance(run, 0.01)
                counts[run] += 1

        tasks = [asyncio.create_task(keep_going(r)) for r in runs]
        await asyncio.sleep(2.0)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return list(counts.values())

    counts = run_on(job, hosts=2)
    assert min(counts) > 3
    for half in (counts[::2], counts[1::2]):  # turns are fair on each worker, however loaded the machine is
        jain = sum(half) ** 2 / (len(half) * sum(c * c for c in half))
        assert jain > 0.95, counts


def test_probes_are_answered_between_slices(run_on: Any) -> None:
    async def job(scheduler: Scheduler) -> Any:
        run = await scheduler.open("toy", ToyConfig(), "me")
        frame, answer, declined, unknown = await asyncio.gather(
            scheduler.advance(run, max_steps=3), scheduler.ask(run, "ask", {"times": 3}),
            scheduler.ask(run, "ask", {"times": 7}), scheduler.ask(run, "nothing", {}),
        )  # fmt: skip
        return frame, answer, declined, unknown

    frame, answer, declined, unknown = run_on(job)
    assert frame.step == 3 and '"bar"' in answer.picture
    assert declined.error == "Not seven times." and "there are: ask" in unknown.error


ORPHANING = """
import asyncio, os, signal
from playground.engine.scheduler import Scheduler
from tests.toy import ToyConfig

async def main():
    scheduler = Scheduler("tests.toy:TOYS", hosts=1)
    await scheduler.open("toy", ToyConfig(), "me")
    print(await scheduler.hosts[0].call("ping"), flush=True)
    os.kill(os.getpid(), signal.SIGKILL)

if __name__ == "__main__":
    asyncio.run(main())
"""


def test_a_killed_server_leaves_no_worker_behind(tmp_path: Path) -> None:
    script = tmp_path / "orphaning.py"
    script.write_text(ORPHANING)
    root = Path(__file__).resolve().parents[2]
    out = subprocess.run(
        [sys.executable, str(script)], env={**os.environ, "PYTHONPATH": str(root)}, capture_output=True, text=True
    )
    worker = Path("/proc") / out.stdout.strip()
    deadline = time.monotonic() + 10
    while worker.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert out.stdout.strip().isdigit() and not worker.exists()
