"""Places runs on hosts, shares the hosts' time between visitors, and brings runs back when a host dies.

Trains nothing and imports no torch: the server process stays light.
"""

from __future__ import annotations

import atexit
import itertools
import os
import secrets
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from playground.concept import Config
from playground.engine.checkpoints import Timeline, ready_made_path
from playground.engine.fair_queue import FairQueue, Urgency
from playground.engine.frame import Answer, Click, Frame, Slice
from playground.engine.hosts import Host, HostDied, LocalHost
from playground.engine.places import Gone, Placement, Places
from playground.engine.preparer import Preparer
from playground.engine.server_folder import ServerFolder

SLICE_SOLO, SLICE_SHARED = 0.12, 0.05
"""CPU seconds of a slice when a host has one busy run, and when it has more."""
BUSY_SECONDS = 3.0
"""After its last request a run still counts as busy."""
ATTEMPTS = 5
YOUNGEST_AGE, OLDEST_AGE, AGE_A_RUN = 2.0, 8.0, 0.2
"""Seconds that a picture in sight may reach: with few busy runs on its host, with very many, and for each of them."""


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
        self.places = Places(max_runs or int(os.environ.get("PLAYGROUND_MAX_RUNS", 64)))
        self.ready_made: dict[str, Placement] = {}
        """Slug → its ready-made model, which counts for no cap."""
        self.hosts: list[Host] = []
        self.queues: list[FairQueue] = []
        self.numbers = itertools.count(1)
        self.is_stopped = False
        """The server ends: what its hosts' ends look like is no fault of theirs."""
        self.asked_at = time.monotonic()
        """When a host was asked last."""

    @property
    def runs(self) -> dict[str, Placement]:
        """Those that are open, by their names."""
        return self.places.open

    def start(self) -> None:
        """Starts the hosts in the background; the first run then finds them ready."""
        if not self.hosts:
            self.folder = ServerFolder()
            self.hosts = [self.new_host(self.catalogue) for _ in range(self.host_count)]
            self.queues = [FairQueue() for _ in self.hosts]
            for host in self.hosts:
                host.start()
            self.preparer = Preparer(self.new_host(self.catalogue), lambda: self.asked_at)
            self.preparer.start()
            atexit.register(self.stop)

    async def open(self, slug: str, config: Config, owner: str, group: str = "") -> str:
        """Opens a run on the least loaded host; raises Full, and OSError when its data is missing.

        group: of owners that share a part of the places, such as the callers of the API
        """
        self.start()
        run_id = f"{slug}-{next(self.numbers)}-{secrets.token_hex(4)}"
        placement = Placement(run_id, slug, config, owner, group, self._least_loaded())
        self.places.take(placement)
        try:
            await self._request(placement, Urgency.ANSWER, 0.0, "ping")
        except BaseException:
            self.runs.pop(run_id, None)  # its owner may have left meanwhile
            raise
        return run_id

    def _least_loaded(self) -> int:
        load = [sum(r.host == i for r in self.runs.values()) for i in range(len(self.hosts))]
        return load.index(min(load))

    async def advance(
        self, run_id: str, seconds: float | None = None, *, max_steps: int | None = None,
        views: tuple[str, ...] = (), draw_all: bool = False, live: Config | None = None,
        urgency: Urgency = Urgency.IN_SIGHT,
    ) -> Frame:  # fmt: skip
        """The next slice of a run, in its owner's turn among the others; several are served in the order in which they
        were asked for. Raises Gone, Full, HostDied.

        views: those to draw; live: the config with new live knobs
        """
        placement = self._placement(run_id)
        if live is not None:
            placement.config = live
        busy = self._busy_runs(placement.host)
        usual = SLICE_SOLO if busy <= 1 else SLICE_SHARED
        slice_ = Slice(
            usual if seconds is None else seconds, max_steps, views, draw_all,
            max_age=min(OLDEST_AGE, max(YOUNGEST_AGE, AGE_A_RUN * busy)), live=live.model_dump() if live else None,
        )  # fmt: skip
        estimate = 0.0 if max_steps == 0 else slice_.seconds
        answer = await self._request(placement, urgency, estimate, "advance", slice_)
        frame: Frame = replace(answer, resumed_from=placement.resumed_from)
        placement.resumed_from = None
        return frame

    def is_alone(self, run_id: str) -> bool:
        """Whether no other run is busy on a run's host."""
        placement = self.runs.get(run_id)
        return placement is not None and self._busy_runs(placement.host) <= 1

    def _busy_runs(self, host: int) -> int:
        now = time.monotonic()
        return sum(r.host == host and now - r.used < BUSY_SECONDS for r in self.runs.values())

    async def ask(self, run_id: str, probe: str, question: dict[str, Any], click: Click | None = None) -> Answer:
        """Puts a question to a live run; between two of its slices when it trains. Raises Gone, HostDied."""
        return await self._ask(self._placement(run_id), probe, question, click)

    def has_ready_made(self, slug: str) -> bool:
        return ready_made_path(slug).exists()

    async def open_ready_made(self, slug: str, config: Config) -> None:
        """Opens a tab's ready-made model before its first question comes."""
        if self.has_ready_made(slug):
            placement = self._ready_made(slug, config)
            await self._request(placement, Urgency.HIDDEN, 0.0, "ping")

    def _ready_made(self, slug: str, config: Config) -> Placement:
        self.start()
        if slug not in self.ready_made:
            host = len(self.ready_made) % len(self.hosts)
            self.ready_made[slug] = Placement(f"{slug}-ready-made", slug, config, "", "", host, ready_made=True)
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
        answer: Answer = await self._request(placement, Urgency.ANSWER, 0.0, "ask", probe, question, click, None)
        if not answer.needs_preparation:
            return answer
        prepared = await self.preparer.prepare(placement.slug, probe, question)
        answer = await self._request(placement, Urgency.ANSWER, 0.0, "ask", probe, {}, None, prepared)
        return answer

    def warm_up(self) -> None:
        """Does now, and no longer when the machine is idle, what makes the first questions of some tabs slow."""
        self.start()
        self.preparer.warm_up_now()

    def knows(self, run_id: str) -> bool:
        """Whether the run is open, or parked on disk."""
        return run_id in self.runs or run_id in self.places.parked

    async def park(self, run_id: str) -> bool:
        """Writes a run to disk and frees its place; it comes back when it is used again. False, and it stays, where it
        can't be written: a full disk, a run that has diverged."""
        placement = self.runs.get(run_id)
        if placement is None:
            return run_id in self.places.parked
        try:
            is_written = await self._request(placement, Urgency.ANSWER, 0.0, "park_run")
        except (HostDied, Gone, OSError):
            return False
        if is_written and run_id in self.runs:
            placement.generation = -1
            for dropped in self.places.park(run_id):
                Timeline(self._folder_of(dropped)).delete()
        return bool(is_written)

    async def close(self, run_id: str) -> None:
        placement = self.places.remove(run_id)
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
        for run_id in self.places.of(owner):
            await self.close(run_id)

    async def park_all(self, owner: str) -> None:
        """Frees the owner's places; what can't be written to disk is closed."""
        for run_id in [run_id for run_id in self.places.of(owner) if run_id in self.runs]:
            if not await self.park(run_id):
                await self.close(run_id)

    def _placement(self, run_id: str) -> Placement:
        """Of an open run; one that was parked takes a place again. Raises Gone, Full."""
        placement = self.places.find(run_id)
        if placement.generation == -1:
            placement.host = self._least_loaded()
        placement.used = time.monotonic()
        return placement

    def _folder_of(self, placement: Placement) -> Path:
        return self.folder.path / placement.run_id

    async def _request(
        self, placement: Placement, urgency: Urgency, estimate: float, request: str, *args: Any
    ) -> Any:  # fmt: skip
        """The host's answer. A question ends the slices before it early where they are long: no other run waits."""
        host = self.hosts[placement.host]
        hurries = request == "ask" and self._busy_runs(placement.host) <= 1
        host.hurry(int(hurries))
        try:
            return await self._serve(placement, urgency, estimate, request, *args)
        finally:
            host.hurry(-int(hurries))

    async def _serve(
        self, placement: Placement, urgency: Urgency, estimate: float, request: str, *args: Any
    ) -> Any:  # fmt: skip
        """The host's answer. A dead host is replaced; the new one goes on from the run's newest checkpoint."""
        host, queue = self.hosts[placement.host], self.queues[placement.host]
        for _ in range(ATTEMPTS):
            async with queue.turn(placement.owner, urgency, estimate) as turn:
                if not placement.ready_made and placement.run_id not in self.runs:  # closed while this request waited
                    raise Gone
                self.asked_at = time.monotonic()
                generation = host.generation  # read in its turn: while it waited, the host may have been replaced
                try:
                    await self._make_open(host, placement, generation)
                    if request == "ping":
                        return (await host.call("ping")).answer
                    reply = await host.call(request, placement.run_id, *args)
                    turn.cost = reply.cost
                    if reply.answer is not None:
                        return reply.answer
                    if generation == host.generation:  # closed while the host served others
                        raise Gone
                except HostDied:
                    host.replace(generation)
        raise HostDied

    async def _make_open(self, host: Host, placement: Placement, generation: int) -> None:
        """Opens a run where this generation of its host does not have it yet."""
        async with placement.lock:  # two requests for it may be on their way
            if placement.generation == generation:
                return
            if placement.ready_made:
                await host.call("open_ready_made", placement.run_id, placement.slug)
            else:
                config, folder = placement.config.model_dump(), str(self._folder_of(placement))
                step: int = (await host.call("open_run", placement.run_id, placement.slug, config, folder)).answer
                placement.resumed_from = None if placement.generation == -1 else step
            placement.generation = generation

    def stop(self) -> None:
        self.is_stopped = True
        if self.hosts:
            for host in self.hosts:
                host.stop()
            self.preparer.stop()
            self.folder.remove()
        self.hosts, self.queues, self.ready_made = [], [], {}
