"""Places runs on hosts, shares the hosts' time between visitors, and brings runs back when a host dies.

Trains nothing and imports no torch: the server process stays light. Knows no concept by name.
"""

from __future__ import annotations

import asyncio
import atexit
import itertools
import os
import secrets
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from playground.concept import Config
from playground.engine.checkpoints import Timeline, ready_made_path
from playground.engine.fair_queue import FairQueue, Urgency
from playground.engine.frame import Answer, Click, Frame, Prepared
from playground.engine.hosts import Host, HostDied, LocalHost

SLICE_SOLO, SLICE_SHARED = 0.12, 0.05
"""Seconds of a slice when a host has one busy run, and when it has more."""
BUSY_SECONDS = 3.0
"""After its last request a run still counts as busy."""
ATTEMPTS = 3


class Full(RuntimeError):
    """No room for another run."""

    def __init__(self, most: int) -> None:
        super().__init__(f"The playground is full: {most} models are open, more than that it does not hold.")
        self.most = most


class Gone(LookupError):
    """The run is not there any more."""

    def __init__(self) -> None:
        super().__init__("This run is not on the server any more.")


@dataclass
class Placement:
    """A run and the host it is on."""

    run_id: str
    slug: str
    config: Config
    owner: str
    host: int
    generation: int = -1
    """Of the host that has it open; another one must reopen it."""
    ready_made: bool = False
    """It is a tab's ready-made model, which everybody may ask."""
    used: float = 0.0
    """When it last asked for something."""
    resumed_from: int | None = None
    """The step from which it went on after its host died, until a frame says so."""
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class Scheduler:
    """All runs of this server."""

    def __init__(
        self, catalogue: str, *, hosts: int | None = None, max_runs: int | None = None,
        new_host: Callable[[str], Host] = LocalHost,
    ) -> None:  # fmt: skip
        """
        catalogue: "package.module:NAME" of the tuple of concepts, resolved by the hosts
        hosts: how many (PLAYGROUND_WORKERS, else one per core)
        max_runs: cap on open runs (PLAYGROUND_MAX_RUNS, else 64)
        """
        self.catalogue, self.new_host = catalogue, new_host
        self.host_count = hosts or int(os.environ.get("PLAYGROUND_WORKERS", 0)) or os.cpu_count() or 1
        self.max_runs = max_runs or int(os.environ.get("PLAYGROUND_MAX_RUNS", 64))
        self.runs: dict[str, Placement] = {}
        self.ready_made: dict[str, Placement] = {}
        """Slug → its ready-made model, which counts for no cap."""
        self.hosts: list[Host] = []
        self.queues: list[FairQueue] = []
        self.numbers = itertools.count(1)

    def start(self) -> None:
        """Starts the hosts in the background; the first run then finds them ready."""
        if not self.hosts:
            self.folder = tempfile.TemporaryDirectory(prefix="playground-", ignore_cleanup_errors=True)
            self.hosts = [self.new_host(self.catalogue) for _ in range(self.host_count)]
            self.queues = [FairQueue() for _ in self.hosts]
            for host in self.hosts:
                host.start()
            self.preparer = self.new_host(self.catalogue)
            self.preparer.start("warm_up")
            atexit.register(self.stop)

    async def open(self, slug: str, config: Config, owner: str) -> str:
        """Opens a run on the least loaded host; raises Full, and OSError when its data is missing."""
        self.start()
        if len(self.runs) >= self.max_runs:
            raise Full(self.max_runs)
        load = [sum(r.host == i for r in self.runs.values()) for i in range(len(self.hosts))]
        run_id = f"{slug}-{next(self.numbers)}-{secrets.token_hex(4)}"
        placement = self.runs[run_id] = Placement(run_id, slug, config, owner, load.index(min(load)))
        try:
            async with placement.lock:
                await self._request(placement, Urgency.ANSWER, 0.1, "ping")
        except BaseException:
            self.runs.pop(run_id, None)  # its owner may have left meanwhile
            raise
        return run_id

    async def advance(
        self, run_id: str, seconds: float | None = None, *, max_steps: int | None = None,
        views: tuple[str, ...] = (), draw_all: bool = False, live: Config | None = None,
        urgency: Urgency = Urgency.IN_SIGHT,
    ) -> Frame:  # fmt: skip
        """The next slice of a run; one at a time per run, in its owner's turn among the others. Raises Gone.

        views: those to draw; live: the config with new live knobs
        """
        placement = self._placement(run_id)
        async with placement.lock:
            if live is not None:
                placement.config = live
            slice_ = self._slice(placement) if seconds is None else seconds
            knobs = live.model_dump() if live else None
            answer = await self._request(
                placement, urgency, slice_, "advance", slice_, max_steps, views, draw_all, knobs
            )
            frame: Frame = replace(answer, resumed_from=placement.resumed_from)
            placement.resumed_from = None
            return frame

    async def ask(self, run_id: str, probe: str, question: dict[str, Any], click: Click | None = None) -> Answer:
        """Puts a question to a live run; between two of its slices when it trains. Raises Gone."""
        return await self._ask(self._placement(run_id), probe, question, click)

    def has_ready_made(self, slug: str) -> bool:
        return ready_made_path(slug).exists()

    async def open_ready_made(self, slug: str, config: Config) -> None:
        """Opens a tab's ready-made model before its first question comes."""
        if self.has_ready_made(slug):
            placement = self._ready_made(slug, config)
            async with placement.lock:
                await self._request(placement, Urgency.HIDDEN, 0.1, "ping")

    def _ready_made(self, slug: str, config: Config) -> Placement:
        self.start()
        if slug not in self.ready_made:
            host = len(self.ready_made) % len(self.hosts)
            self.ready_made[slug] = Placement(f"{slug}-ready-made", slug, config, "", host, ready_made=True)
        return self.ready_made[slug]

    async def ask_ready_made(
        self, slug: str, config: Config, probe: str, question: dict[str, Any], click: Click | None = None
    ) -> Answer:  # fmt: skip
        """Puts a question to a tab's ready-made model, which is opened on its first one.

        config: the one that it was trained with
        """
        answer = await self._ask(self._ready_made(slug, config), probe, question, click)
        return replace(answer, ready_made=True)

    async def _ask(self, placement: Placement, probe: str, question: dict[str, Any], click: Click | None) -> Answer:
        async with placement.lock:
            answer: Answer = await self._request(placement, Urgency.ANSWER, 0.05, "ask", probe, question, click, None)
        if not answer.needs_preparation:
            return answer
        prepared = await self._prepare(placement.slug, probe, question)
        async with placement.lock:
            answer = await self._request(placement, Urgency.ANSWER, 0.05, "ask", probe, {}, None, prepared)
        return answer

    async def _prepare(self, slug: str, probe: str, question: dict[str, Any]) -> Prepared:
        """Slow work for a question, in a process that holds no runs."""
        generation = self.preparer.generation
        try:
            prepared: Prepared = await self.preparer.call("prepare", slug, probe, question)
        except HostDied:
            self.preparer.replace(generation)
            self.preparer.start("warm_up")
            return Prepared(error="That could not be read: it took too much of the machine.")
        return prepared

    async def close(self, run_id: str) -> None:
        placement = self.runs.pop(run_id, None)
        if placement is None:
            return
        host = self.hosts[placement.host]
        if placement.generation == host.generation:
            try:
                await host.call("close_run", run_id)
            except HostDied:
                host.replace(placement.generation)
        Timeline(self._folder_of(placement)).delete()

    async def close_all(self, owner: str) -> None:
        for run_id in [r.run_id for r in self.runs.values() if r.owner == owner]:
            await self.close(run_id)

    def _placement(self, run_id: str) -> Placement:
        if run_id not in self.runs:
            raise Gone
        placement = self.runs[run_id]
        placement.used = time.monotonic()
        return placement

    def _folder_of(self, placement: Placement) -> Path:
        return Path(self.folder.name) / placement.run_id

    def _slice(self, placement: Placement) -> float:
        now = time.monotonic()
        busy = sum(r.host == placement.host and now - r.used < BUSY_SECONDS for r in self.runs.values())
        return SLICE_SOLO if busy <= 1 else SLICE_SHARED

    async def _request(
        self, placement: Placement, urgency: Urgency, estimate: float, request: str, *args: Any
    ) -> Any:  # fmt: skip
        """The host's answer. A dead host is replaced; the new one goes on from the run's newest checkpoint."""
        host, queue = self.hosts[placement.host], self.queues[placement.host]
        for attempt in range(ATTEMPTS):
            async with queue.turn(placement.owner, urgency, estimate):
                if not placement.ready_made and placement.run_id not in self.runs:  # closed while this request waited
                    raise Gone
                generation = host.generation  # read in its turn: while it waited, the host may have been replaced
                try:
                    if placement.generation != generation:
                        step = await self._open(host, placement)
                        placement.resumed_from = None if placement.generation == -1 else step
                        placement.generation = generation
                    if request == "ping":
                        return await host.call("ping")
                    answer = await host.call(request, placement.run_id, *args)
                    if answer is not None:
                        return answer
                    if generation == host.generation:  # closed while the host served others
                        raise Gone
                except HostDied:
                    host.replace(generation)
                    if attempt == ATTEMPTS - 1:
                        raise
        raise HostDied

    async def _open(self, host: Host, placement: Placement) -> int:
        """Opens a run on its host; answers the step it is at."""
        if placement.ready_made:
            step: int = await host.call("open_ready_made", placement.run_id, placement.slug)
            return step
        config, folder = placement.config.model_dump(), str(self._folder_of(placement))
        step = await host.call("open_run", placement.run_id, placement.slug, config, folder)
        return step

    def stop(self) -> None:
        if self.hosts:
            for host in (*self.hosts, self.preparer):
                host.stop()
            self.folder.cleanup()
        self.hosts, self.queues, self.ready_made = [], [], {}
