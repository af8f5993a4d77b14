"""Places runs on worker processes, keeps their checkpoints, and brings them back when a worker dies.

Trains nothing and imports no torch: the server process stays light. Knows no concept by name.
"""

from __future__ import annotations

import asyncio
import atexit
import itertools
import multiprocessing
import os
import secrets
import time
from collections import deque
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field, replace
from importlib import import_module
from typing import Any

from playground.concept import Config
from playground.engine.frame import Answer, Frame

ALONE, SHARED = 0.12, 0.05
"""Seconds of a slice when a worker has one busy run, and when it has more."""
CHECKPOINTS = 3
HOST = "playground.engine.host"


class Full(RuntimeError):
    """No room for another run; the message is a sentence for the visitor."""


class Gone(LookupError):
    """The run is not there any more; the message is a sentence for the visitor."""


@dataclass
class Placed:
    """A run and the worker it is on."""

    run_id: str
    slug: str
    config: Config
    owner: str
    host: int
    generation: int = -1
    """Of the worker process that has it open; another one must reopen it."""
    step: int = 0
    used: float = 0.0
    """When it last asked for a slice."""
    checkpoints: deque[tuple[int, bytes]] = field(default_factory=lambda: deque(maxlen=CHECKPOINTS))
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)


class LocalHost:
    """One worker process, replaced when it dies; its queue serves requests first come first served."""

    def __init__(self, catalogue: str) -> None:
        self.catalogue = catalogue
        self.generation = 0
        self._start()

    def _start(self) -> None:
        self.pool = ProcessPoolExecutor(1, mp_context=_context(), initializer=_begin, initargs=(self.catalogue,))

    def revive(self, generation: int) -> None:
        """Replaces the worker of that generation (once, however many requests saw it die)."""
        if generation == self.generation:
            self.generation += 1
            self.pool.shutdown(wait=False, cancel_futures=True)
            self._start()

    async def call(self, request: str, *args: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self.pool, _serve, request, args)

    def stop(self) -> None:
        self.pool.shutdown(wait=False, cancel_futures=True)
        for process in list((self.pool._processes or {}).values()):
            process.terminate()


def _context() -> multiprocessing.context.ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    # torch is loaded once in the fork server, so that a new worker answers in hundredths of a second.
    context.set_forkserver_preload([HOST])
    return context


def _begin(catalogue: str) -> None:
    import_module(HOST).begin(catalogue)


def _serve(request: str, args: tuple[Any, ...]) -> Any:
    return getattr(import_module(HOST), request)(*args)


class Scheduler:
    """All runs of this server."""

    def __init__(
        self, catalogue: str, *, hosts: int | None = None, max_runs: int | None = None, grace: float | None = None
    ) -> None:
        """
        catalogue: "package.module:NAME" of the tuple of concepts, resolved in the workers
        hosts: worker processes (PLAYGROUND_WORKERS, else one per core)
        max_runs: cap on open runs (PLAYGROUND_MAX_RUNS, else 64)
        grace: seconds until an abandoned run is freed (PLAYGROUND_GRACE, else 30)
        """
        self.catalogue = catalogue
        self.count = hosts or int(os.environ.get("PLAYGROUND_WORKERS", 0)) or os.cpu_count() or 1
        self.max_runs = max_runs or int(os.environ.get("PLAYGROUND_MAX_RUNS", 64))
        self.grace = float(os.environ.get("PLAYGROUND_GRACE", 30)) if grace is None else grace
        self.runs: dict[str, Placed] = {}
        self.hosts: list[LocalHost] = []
        self.farewells: dict[str, asyncio.TimerHandle] = {}
        self.numbers = itertools.count(1)

    def start(self) -> None:
        """Starts the workers in the background; the first run then finds them warm."""
        if not self.hosts:
            self.hosts = [LocalHost(self.catalogue) for _ in range(self.count)]
            for host in self.hosts:
                host.pool.submit(_serve, "ping", ())
            atexit.register(self.stop)

    async def open(self, slug: str, config: Config, owner: str) -> str:
        """Opens a run on the least loaded worker; raises Full."""
        self.start()
        if len(self.runs) >= self.max_runs:
            raise Full(
                f"The playground is full: {len(self.runs)} models are in training, {self.max_runs} is the most. "
                "Try again in a minute; closed pages free their places."
            )
        load = [sum(r.host == i for r in self.runs.values()) for i in range(len(self.hosts))]
        host = load.index(min(load))
        run_id = f"{slug}-{next(self.numbers)}-{secrets.token_hex(4)}"
        placed = self.runs[run_id] = Placed(run_id, slug, config, owner, host)
        async with placed.turn:
            await self._request(placed, "ping")
        return run_id

    async def advance(
        self, run_id: str, seconds: float | None = None, *, max_steps: int | None = None,
        looking: tuple[str, ...] = (), draw_all: bool = False, tune: Config | None = None,
    ) -> Frame:  # fmt: skip
        """The next slice of a run; one at a time per run, waiting its turn among the others. Raises Gone."""
        placed = self._placed(run_id)
        async with placed.turn:
            if tune is not None:
                placed.config = tune
            slice_ = self._slice(placed) if seconds is None else seconds
            before = placed.generation
            frame: Frame = await self._request(
                placed, "advance", slice_, max_steps, looking, draw_all, tune.model_dump() if tune else None
            )
            if frame.checkpoint:
                placed.checkpoints.append((frame.step, frame.checkpoint))
                frame = replace(frame, checkpoint=None)
            if before not in (-1, placed.generation):
                frame = replace(frame, notice=f"A worker was restarted; the run went on from step {placed.step}.")
            placed.step = frame.step
            return frame

    async def ask(
        self, run_id: str, probe: str, question: dict[str, Any], at: tuple[float, float] | None = None
    ) -> Answer:
        """Puts a question to a live run; between two of its slices when it trains."""
        placed = self._placed(run_id)
        async with placed.turn:
            answer: Answer = await self._request(placed, "ask", probe, question, at)
            return answer

    async def close(self, run_id: str) -> None:
        placed = self.runs.pop(run_id, None)
        if placed and placed.generation == self.hosts[placed.host].generation:
            try:
                await self.hosts[placed.host].call("close_run", run_id)
            except BrokenProcessPool:
                self.hosts[placed.host].revive(placed.generation)

    def abandon(self, owner: str) -> None:
        """The owner went away: its runs are freed after the grace. Call from within the event loop."""
        self.reclaim(owner)
        loop = asyncio.get_running_loop()
        self.farewells[owner] = loop.call_later(self.grace, lambda: loop.create_task(self._free(owner)))

    def reclaim(self, owner: str) -> list[str]:
        """The owner is back in time: ids of its runs."""
        farewell = self.farewells.pop(owner, None)
        if farewell:
            farewell.cancel()
        return [r.run_id for r in self.runs.values() if r.owner == owner]

    async def _free(self, owner: str) -> None:
        self.farewells.pop(owner, None)
        for run_id in [r.run_id for r in self.runs.values() if r.owner == owner]:
            await self.close(run_id)

    def _placed(self, run_id: str) -> Placed:
        try:
            placed = self.runs[run_id]
        except KeyError:
            raise Gone("This run is not on the server any more; Train starts a new one.") from None
        placed.used = time.monotonic()
        return placed

    def _slice(self, placed: Placed) -> float:
        now = time.monotonic()
        busy = sum(r.host == placed.host and now - r.used < 3 for r in self.runs.values())
        return ALONE if busy <= 1 else SHARED

    async def _request(self, placed: Placed, request: str, *args: Any) -> Any:
        """A request to the run's worker; a dead worker is replaced and the run reopened from its checkpoint."""
        for attempt in range(3):
            host = self.hosts[placed.host]
            generation = host.generation
            try:
                if placed.generation != generation:
                    step, saved = placed.checkpoints[-1] if placed.checkpoints else (0, None)
                    await host.call("open_run", placed.run_id, placed.slug, placed.config.model_dump(), saved)
                    placed.generation, placed.step = generation, step
                    if saved is not None:
                        await host.call("advance", placed.run_id, 0.0, 0, (), False, placed.config.model_dump())
                if request == "ping":
                    return await host.call("ping")
                return await host.call(request, placed.run_id, *args)
            except BrokenProcessPool:
                host.revive(generation)
                if attempt == 2:
                    raise
        raise AssertionError("unreachable")

    def stop(self) -> None:
        for host in self.hosts:
            host.stop()
        self.hosts = []
