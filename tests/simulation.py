"""Stand-ins for tests: a clock that jumps from event to event, and a host in this very process."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar
from unittest.mock import patch

from playground.concept import Concept
from playground.engine.answers import prepare
from playground.engine.catalogue import catalogue
from playground.engine.checkpoints import ready_made_path
from playground.engine.frame import Prepared, Reply, Slice
from playground.engine.hosts import HostDied
from playground.engine.ready_made import load
from playground.engine.run import Run
from playground.engine.scheduler import Scheduler
from playground.engine.worker import advance_run

T = TypeVar("T")
STEPS_A_SLICE = 10
"""The most steps that a simulated host trains at once, however long its slices are."""


class _JumpingSelector(selectors.SelectSelector):
    """Instead of waiting for a timer, puts the clock forward to it."""

    now = 1000.0

    def select(self, timeout: float | None = None) -> Any:
        ready = super().select(0)
        if not ready and timeout is None:
            raise RuntimeError("everybody waits for something that can't happen")
        self.now += 0.0 if ready else max(0.0, timeout or 0.0)
        return ready


class _JumpingLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self.clock = _JumpingSelector()
        super().__init__(self.clock)

    def time(self) -> float:
        return self.clock.now


def simulate(job: Coroutine[Any, Any, T]) -> T:
    """Runs a coroutine to its end without waiting: its sleeps, timers and `time.monotonic` share a simulated clock."""
    with asyncio.Runner(loop_factory=_JumpingLoop) as runner:
        loop = runner.get_loop()
        with patch("time.monotonic", loop.time):
            return runner.run(job)


class InProcessHost:
    """A host without a process; `die` ends it, as a killed worker would end."""

    def __init__(self, dotted: str) -> None:
        self.concepts: dict[str, Concept] = {c.slug: c for c in catalogue(dotted)}
        self.generation = 0
        self.runs: dict[str, Run] = {}
        self.dead = False
        self.served: list[tuple[str, str]] = []
        """(request, run) of every request that was served."""
        self.one_at_a_time = asyncio.Lock()
        self.before: Callable[[str], Awaitable[Any]] | None = None
        """Called with the name of every request before it is served."""

    def start(self, first: str = "ping") -> None:
        pass

    def stop(self) -> None:
        self.die()

    def die(self) -> None:
        self.dead = True
        self.runs = {}

    def hurry(self, by: int) -> None:
        pass

    def replace(self, generation: int) -> None:
        if generation == self.generation:
            self.generation += 1
            self.dead = False

    async def call(self, request: str, *args: Any) -> Reply:
        async with self.one_at_a_time:
            generation = self.generation
            if self.before:
                await self.before(request)
            seconds = args[1].seconds if request == "advance" else 0.0
            await asyncio.sleep(seconds)
            if self.dead or generation != self.generation:
                raise HostDied
            self.served.append((request, str(args[0]) if args else ""))
            return Reply(getattr(self, f"_{request}")(*args), seconds)

    def _ping(self) -> int:
        return 0

    def _open_run(self, run_id: str, slug: str, config: dict[str, Any], folder: str) -> int:
        concept = self.concepts[slug]
        self.runs[run_id] = Run.open(concept, concept.config(**config), run_id, Path(folder))
        return self.runs[run_id].step

    def _open_ready_made(self, run_id: str, slug: str) -> int:
        self.runs[run_id] = load(self.concepts[slug], ready_made_path(slug), run_id)
        return self.runs[run_id].step

    def _advance(self, run_id: str, slice_: Slice) -> Any:
        run = self.runs.get(run_id)
        steps = STEPS_A_SLICE if slice_.max_steps is None else slice_.max_steps
        return None if run is None else advance_run(run, replace(slice_, seconds=600, max_steps=steps))

    def _park_run(self, run_id: str) -> bool:
        if run_id not in self.runs or not self.runs[run_id].checkpoint():
            return False
        del self.runs[run_id]
        return True

    def _ask(self, run_id: str, *question: Any) -> Any:
        return self.runs[run_id].ask(*question) if run_id in self.runs else None

    def _prepare(self, slug: str, probe: str, question: dict[str, Any]) -> Prepared:
        return prepare(self.concepts[slug], probe, question)

    def _close_run(self, run_id: str) -> None:
        run = self.runs.pop(run_id, None)
        if run and run.timeline:
            run.timeline.delete()


def only_host(scheduler: Scheduler) -> InProcessHost:
    """The host of a scheduler that has one, in this process."""
    (host,) = scheduler.hosts
    assert isinstance(host, InProcessHost)
    return host
