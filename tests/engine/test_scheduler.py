"""Runs on hosts: placement, fairness, caps, failing openings, and the death of a host."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from playground.concepts import CONCEPTS
from playground.engine.places import Full, Gone
from playground.engine.requests import CpuSeconds, NumericThreads, OpenRun, Ping, Prepare
from playground.engine.run import Run
from playground.engine.scheduler import Scheduler
from tests.engine.toys import built
from tests.simulation import InProcessHost, only_host
from tests.toy import TOY, TOYS, ToyConfig

AUTOENCODER = next(c for c in CONCEPTS if c.slug == "autoencoder")
HERE = "tests.engine.test_scheduler"


def no_data(config: ToyConfig) -> Any:
    raise OSError("The data set is not here.")


WITH_BROKEN = (*TOYS, built(replace(TOY, slug="broken"), no_data))


async def kill_worker(scheduler: Scheduler) -> None:
    os.kill((await scheduler.hosts[0].call(Ping())).answer, signal.SIGKILL)


def test_the_numbers_are_those_of_a_run_without_workers(run_on: Any) -> None:
    async def job(scheduler: Scheduler) -> Any:
        run = await scheduler.open("autoencoder", AUTOENCODER.config(seed=4), "me")
        found = []
        for steps in (1, 4, 3):
            found += (await scheduler.advance(run, max_steps=steps, views=("latents",), draw_all=True)).rows
        return found

    alone = Run(AUTOENCODER, AUTOENCODER.config(seed=4)).advance(600, max_steps=8).rows
    assert run_on(job, "playground.concepts:CONCEPTS") == alone


def test_a_killed_worker_is_replaced_and_the_run_goes_on_from_its_checkpoint(run_on: Any) -> None:
    async def job(scheduler: Scheduler) -> Any:
        run = await scheduler.open("slow-toy", ToyConfig(steps=100_000), "me")
        folder = scheduler.folder.path / run
        before = await scheduler.advance(run, 0.3)
        while not list(folder.glob("*.pt")):
            before = await scheduler.advance(run, 0.3)
        saved = max(int(path.stem) for path in folder.glob("*.pt"))
        await kill_worker(scheduler)
        return before, saved, await scheduler.advance(run, max_steps=10), await scheduler.advance(run, max_steps=1)

    before, saved, frame, after = run_on(job)
    assert before.resumed_from is None and frame.resumed_from == saved and after.resumed_from is None
    assert frame.step == saved + 10
    alone = Run(TOY, ToyConfig(steps=100_000))
    alone.advance(600, max_steps=frame.step)
    assert frame.latest == alone.latest


def test_workers_compute_on_one_thread_in_every_library(run_on: Any) -> None:
    """torch.set_num_threads does not bind the BLAS under numpy."""

    async def job(scheduler: Scheduler) -> Any:
        scheduler.start()
        return (await scheduler.hosts[0].call(NumericThreads())).answer

    threads = run_on(job)
    assert threads["torch"] == 1 and any("openblas" in name for name in threads), threads
    assert set(threads.values()) == {1}, threads


def test_workers_have_loaded_what_a_first_run_needs(run_on: Any) -> None:
    async def job(scheduler: Scheduler) -> float:
        scheduler.start()
        await scheduler.hosts[0].call(Ping())
        run = await scheduler.open("autoencoder", AUTOENCODER.config(), "me")
        began = (await scheduler.hosts[0].call(CpuSeconds())).answer
        views = tuple(view.name for view in AUTOENCODER.views)
        await scheduler.advance(run, max_steps=1, views=views, draw_all=True)
        return (await scheduler.hosts[0].call(CpuSeconds())).answer - began

    assert run_on(job, "playground.concepts:CONCEPTS") < 0.5, "torch._dynamo alone takes a second or more"


def test_three_deaths_in_a_row_fail_no_run(run_on: Any) -> None:
    async def job(scheduler: Scheduler) -> None:
        runs = [await scheduler.open("slow-toy", ToyConfig(seed=i, steps=100_000), f"owner {i}") for i in range(6)]
        deaths = asyncio.ensure_future(kill_thrice(scheduler))
        steps = dict.fromkeys(runs, 0)

        async def train(run: str) -> None:
            while not deaths.done() or steps[run] == 0:
                steps[run] = (await scheduler.advance(run, 0.02)).step

        await asyncio.gather(*[train(run) for run in runs], deaths)
        assert all(steps.values())

    async def kill_thrice(scheduler: Scheduler) -> None:
        for _ in range(3):
            await asyncio.sleep(0.5)
            await kill_worker(scheduler)

    run_on(job)


def test_a_worker_killed_before_the_first_checkpoint_starts_the_run_anew(run_on: Any) -> None:
    async def job(scheduler: Scheduler) -> Any:
        run = await scheduler.open("toy", ToyConfig(), "me")
        await scheduler.advance(run, max_steps=20)
        await kill_worker(scheduler)
        return await scheduler.advance(run, max_steps=5)

    frame = run_on(job)
    assert frame.step == 5 and frame.resumed_from == 0


def test_a_live_knob_outlives_the_worker(run_on: Any) -> None:
    async def job(scheduler: Scheduler) -> Any:
        run = await scheduler.open("toy", ToyConfig(), "me")
        await scheduler.advance(run, max_steps=3, config=ToyConfig(rate=0.0))
        await kill_worker(scheduler)
        first = await scheduler.advance(run, max_steps=1)
        second = await scheduler.advance(run, max_steps=9)
        return first.latest["theta"], second.latest["theta"]

    first, second = run_on(job)
    assert first == second  # rate 0: nothing moves


def test_a_knob_set_after_the_checkpoint_outlives_the_host(run_on: Any) -> None:
    async def job(scheduler: Scheduler) -> None:
        run = await scheduler.open("toy", ToyConfig(), "me")
        host = only_host(scheduler)
        await scheduler.advance(run, max_steps=3)
        host.runs[run].busy = 1e9  # long enough for a checkpoint
        await scheduler.advance(run, max_steps=1)
        await scheduler.advance(run, max_steps=1, config=ToyConfig(rate=0.0))
        host.die()
        first = await scheduler.advance(run, max_steps=1)
        assert first.resumed_from == 4
        assert (await scheduler.advance(run, max_steps=9)).latest["theta"] == first.latest["theta"]

    run_on(job, new_host=InProcessHost)


def test_no_run_is_lost_when_the_host_of_many_dies(run_on: Any) -> None:
    async def job(scheduler: Scheduler) -> None:
        runs = [await scheduler.open("toy", ToyConfig(seed=i), f"owner {i}") for i in range(6)]
        await asyncio.gather(*[scheduler.advance(run, max_steps=3) for run in runs])
        only_host(scheduler).die()
        frames = await asyncio.gather(*[scheduler.advance(run, max_steps=2) for run in runs])
        assert [f.resumed_from for f in frames] == [0] * 6 and [f.step for f in frames] == [2] * 6
        assert only_host(scheduler).generation == 1, "it was replaced once"

    run_on(job, new_host=InProcessHost)


def test_the_next_frame_says_it_even_when_a_question_was_the_first_to_see_the_host_dead(run_on: Any) -> None:
    async def job(scheduler: Scheduler) -> None:
        run = await scheduler.open("toy", ToyConfig(), "me")
        await scheduler.advance(run, max_steps=3)
        only_host(scheduler).die()
        assert (await scheduler.ask(run, "ask", {})).step == 0
        assert (await scheduler.advance(run, max_steps=1)).resumed_from == 0
        assert (await scheduler.advance(run, max_steps=1)).resumed_from is None

    run_on(job, new_host=InProcessHost)


def test_a_full_playground_says_so(run_on: Any) -> None:
    async def job(scheduler: Scheduler) -> None:
        runs = [await scheduler.open("toy", ToyConfig(seed=i), "me") for i in range(3)]
        with pytest.raises(Full, match="holds 3 models") as full:
            await scheduler.open("toy", ToyConfig(), "you")
        assert full.value.most == 3
        await scheduler.close(runs[0])
        await scheduler.open("toy", ToyConfig(), "you")

    run_on(job, max_runs=3)


@pytest.mark.parametrize("options", [{}, {"new_host": InProcessHost}], ids=["worker", "in process"])
def test_a_run_that_can_not_be_opened_keeps_no_place(run_on: Any, options: dict[str, Any]) -> None:
    async def job(scheduler: Scheduler) -> Any:
        with pytest.raises(OSError, match="not here"):
            await scheduler.open("broken", ToyConfig(), "me")
        assert not scheduler.runs
        run = await scheduler.open("toy", ToyConfig(), "me")
        return await scheduler.advance(run, max_steps=2)

    assert run_on(job, f"{HERE}:WITH_BROKEN", max_runs=1, **options).step == 2


def test_an_owner_that_leaves_while_its_run_is_being_opened_keeps_no_place(run_on: Any) -> None:
    async def job(scheduler: Scheduler) -> None:
        scheduler.start()
        opening = asyncio.ensure_future(scheduler.open("broken", ToyConfig(), "me"))
        only_host(scheduler).before = lambda request: scheduler.close_all("me")
        with pytest.raises(OSError, match="not here"):
            await opening
        assert not scheduler.runs

    run_on(job, f"{HERE}:WITH_BROKEN", new_host=InProcessHost)


def test_a_closed_run_is_gone_and_so_are_its_checkpoints(run_on: Any) -> None:
    async def job(scheduler: Scheduler) -> None:
        kept, closed = [await scheduler.open("toy", ToyConfig(), owner) for owner in ("stays", "leaves")]
        host, folder = only_host(scheduler), scheduler.folder.path / closed
        host.runs[closed].busy = 1e9  # long enough for a checkpoint
        await scheduler.advance(closed, max_steps=1)
        assert list(folder.glob("*.pt"))
        await scheduler.close_all("leaves")
        assert set(host.runs) == {kept} and not folder.exists()
        for late in (scheduler.advance(closed, max_steps=1), scheduler.ask(closed, "ask", {})):
            with pytest.raises(Gone):
                await late
        await scheduler.advance(kept, max_steps=1)

    run_on(job, new_host=InProcessHost)


def test_a_run_that_is_closed_while_a_new_host_opens_it_is_left_nowhere(run_on: Any) -> None:
    async def job(scheduler: Scheduler) -> None:
        run = await scheduler.open("toy", ToyConfig(), "me")
        await scheduler.advance(run, max_steps=0)
        host = only_host(scheduler)
        host.die()
        host.before = lambda request: scheduler.close(run) if isinstance(request, OpenRun) else asyncio.sleep(0)
        with pytest.raises(Gone):
            await scheduler.advance(run, max_steps=3)
        assert not host.runs and not (scheduler.folder.path / run).exists()

    run_on(job, new_host=InProcessHost)


@pytest.mark.parametrize("host_dies", [False, True])
def test_a_run_closed_while_its_request_waits_is_gone(run_on: Any, host_dies: bool) -> None:
    async def job(scheduler: Scheduler) -> None:
        run = await scheduler.open("toy", ToyConfig(), "me")
        slices = [asyncio.ensure_future(scheduler.advance(run, max_steps=1)) for _ in range(3)]
        await asyncio.sleep(0)
        if host_dies:
            only_host(scheduler).die()
        await scheduler.close(run)
        found = await asyncio.gather(*slices, return_exceptions=True)
        assert isinstance(found[-1], Gone) and not only_host(scheduler).runs

    run_on(job, new_host=InProcessHost)


@pytest.mark.alone
def test_many_runs_share_the_workers_fairly(run_on: Any) -> None:
    async def job(scheduler: Scheduler) -> list[int]:
        runs = [await scheduler.open("slow-toy", ToyConfig(seed=i, steps=100_000), f"owner {i}") for i in range(8)]
        assert [scheduler.runs[r].host for r in runs] == [0, 1] * 4
        counts, enough = dict.fromkeys(runs, 0), asyncio.Event()

        async def keep_going(run: str) -> None:
            while not enough.is_set():
                await scheduler.advance(run, 0.01)
                counts[run] += 1
                if sum(counts.values()) >= 400:
                    enough.set()

        await asyncio.gather(*[keep_going(run) for run in runs])
        return list(counts.values())

    counts = run_on(job, hosts=2)
    assert min(counts) > 3
    for half in (counts[::2], counts[1::2]):  # turns are fair on each worker, however loaded the machine is
        jain = sum(half) ** 2 / (len(half) * sum(c * c for c in half))
        assert jain > 0.95, counts


def test_probes_are_answered_between_slices(run_on: Any) -> None:
    async def job(scheduler: Scheduler) -> Any:
        run = await scheduler.open("toy", ToyConfig(), "me")
        return await asyncio.gather(
            scheduler.advance(run, max_steps=3), scheduler.ask(run, "ask", {"times": 3}),
            scheduler.ask(run, "ask", {"times": 7}), scheduler.ask(run, "nothing", {}),
        )  # fmt: skip

    frame, answer, declined, unknown = run_on(job)
    assert frame.step == 3 and '"bar"' in answer.figure and answer.step == 3
    assert declined.error == "Not seven times." and "there are: ask" in unknown.error


def test_a_question_ends_the_long_slices_of_a_lone_run_early(run_on: Any) -> None:
    async def job(scheduler: Scheduler) -> Any:
        run = await scheduler.open("slow-toy", ToyConfig(steps=100_000), "me")
        await scheduler.advance(run, max_steps=1)
        slices = [asyncio.ensure_future(scheduler.advance(run, 1.0)) for _ in range(2)]
        await asyncio.sleep(0.2)
        began = time.monotonic()
        answer = await scheduler.ask(run, "ask", {"times": 3})
        waited = time.monotonic() - began
        first, second = await asyncio.gather(*slices)
        after = await scheduler.advance(run, 0.2)
        return waited, answer, first, second, after

    waited, answer, first, second, after = run_on(job)
    assert waited < 0.5, "two slices of a second were ahead of it"
    assert answer.step == second.step == first.step + 1, "it is answered in its turn, by the model of that moment"
    assert len(after.rows) > 20, "the next slice is whole again"


def test_slices_asked_for_in_advance_come_in_order_and_open_the_run_once(run_on: Any) -> None:
    async def job(scheduler: Scheduler) -> Any:
        run = await scheduler.open("toy", ToyConfig(), "me")
        await scheduler.advance(run, max_steps=1)
        host = only_host(scheduler)
        host.die()
        frames = await asyncio.gather(*[scheduler.advance(run, max_steps=n) for n in (2, 3)])
        assert [type(request) for request in host.served].count(OpenRun) == 2
        return [frame.step for frame in frames], [frame.resumed_from for frame in frames]

    assert run_on(job, new_host=InProcessHost) == ([2, 5], [0, None])


def test_a_question_that_is_prepared_waits_in_another_process(run_on: Any) -> None:
    async def job(scheduler: Scheduler) -> Any:
        run = await scheduler.open("toy", ToyConfig(), "me")
        answers = [await scheduler.ask(run, "letters", {"word": word}) for word in ("seven", "", "x" * 21)]
        host, preparer = only_host(scheduler), scheduler.preparer.host
        assert isinstance(preparer, InProcessHost)
        assert [type(request) for request in preparer.served] == [Prepare] * 3
        assert Prepare not in [type(request) for request in host.served]
        preparer.die()
        lost = await scheduler.ask(run, "letters", {})
        return *answers, lost, await scheduler.ask(run, "letters", {})

    five, empty, long, lost, again = run_on(job, new_host=InProcessHost)
    assert json.loads(five.figure)["data"][0]["y"][0] == 5 and json.loads(again.figure)["data"][0]["y"][0] == 3
    assert empty.error == "The word is empty." and "word" in long.error and "too much" in lost.error


def test_what_does_not_apply_to_a_config_is_neither_drawn_nor_asked(run_on: Any) -> None:
    async def job(scheduler: Scheduler) -> Any:
        run = await scheduler.open("toy", ToyConfig(noise="normal"), "me")
        views = ("curve", "dial", "spread")
        frame = await scheduler.advance(run, max_steps=1, views=views, draw_all=True)
        other = await scheduler.open("toy", ToyConfig(), "me")
        plain = await scheduler.advance(other, max_steps=1, views=views, draw_all=True)
        return set(frame.figures), set(plain.figures), (await scheduler.ask(run, "letters", {})).error

    normal, uniform, refused = run_on(job, new_host=InProcessHost)
    assert normal == {"curve", "dial", "spread"} and uniform == {"curve", "dial"}
    assert "no probe 'letters'" in refused


ORPHANING = """
import asyncio, os, signal
from playground.engine.requests import Ping
from playground.engine.scheduler import Scheduler
from tests.toy import ToyConfig

async def main():
    scheduler = Scheduler("tests.toy:TOYS", hosts=1)
    await scheduler.open("toy", ToyConfig(), "me")
    print((await scheduler.hosts[0].call(Ping())).answer, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)

if __name__ == "__main__":
    asyncio.run(main())
"""


def test_a_killed_server_leaves_no_worker_behind(tmp_path: Path) -> None:
    script = tmp_path / "orphaning.py"
    script.write_text(ORPHANING)
    root = Path(__file__).resolve().parents[2]
    out = subprocess.run(
        [sys.executable, str(script)], env={**os.environ, "PYTHONPATH": str(root), "TMPDIR": str(tmp_path)},
        capture_output=True, text=True,
    )  # fmt: skip
    worker = Path("/proc") / out.stdout.strip()
    deadline = time.monotonic() + 10
    while worker.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert out.stdout.strip().isdigit() and not worker.exists()
