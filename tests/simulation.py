"""Stand-ins for tests: a clock that jumps from event to event, and a host in this very process."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import replace
from typing import Any, TypeVar
from unittest.mock import patch

from playground.engine.catalogue import catalogue
from playground.engine.hosts import HostDied
from playground.engine.requests import Advance, Ping, Reply, Request
from playground.engine.run import Run
from playground.engine.scheduler import Scheduler
from playground.engine.worker import Worker

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
        self.worker = Worker(catalogue(dotted))
        self.generation = 0
        self.dead = False
        self.served: list[Request[Any]] = []
        self.one_at_a_time = asyncio.Lock()
        self.before: Callable[[Request[Any]], Awaitable[Any]] | None = None
        """Called with every request before it is served."""

    @property
    def runs(self) -> dict[str, Run]:
        return self.worker.runs

    def start(self, first: Request[Any] = Ping()) -> None:  # noqa: B008 it is frozen
        pass

    def stop(self) -> None:
        self.die()

    def die(self) -> None:
        self.dead = True
        self.worker.runs = {}

    def hurry(self, by: int) -> None:
        pass

    def replace(self, generation: int) -> None:
        if generation == self.generation:
            self.generation += 1
            self.dead = False

    async def call(self, request: Request[T]) -> Reply[T]:
        async with self.one_at_a_time:
            generation = self.generation
            if self.before:
                await self.before(request)
            seconds = request.slice_.seconds if isinstance(request, Advance) else 0.0
            await asyncio.sleep(seconds)
            if self.dead or generation != self.generation:
                raise HostDied
            self.served.append(request)
            return Reply(self.worker.answer(simulated(request)), seconds)


def simulated(request: Request[Any]) -> Request[Any]:
    """The request with slices of a number of steps, whatever time they take."""
    if not isinstance(request, Advance):
        return request
    steps = STEPS_A_SLICE if request.slice_.max_steps is None else request.slice_.max_steps
    return replace(request, slice_=replace(request.slice_, seconds=600, max_steps=steps))


def only_host(scheduler: Scheduler) -> InProcessHost:
    """The host of a scheduler that has one, in this process."""
    (host,) = scheduler.hosts
    assert isinstance(host, InProcessHost)
    return host
