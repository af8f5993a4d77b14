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
from typing import Any

from playground.concept import Config
from playground.engine.checkpoints import FolderStore, pre_trained_path
from playground.engine.dispatcher import Dispatcher
from playground.engine.fair_queue import Urgency
from playground.engine.frame import Answer, Click, Frame, Slice
from playground.engine.hosts import Host, HostDied, LocalHost
from playground.engine.places import Gone, Placement, Places
from playground.engine.preparer import Preparer
from playground.engine.requests import Advance, Ask, ContinueAnswer, ParkRun
from playground.engine.server_folder import ServerFolder

SLICE_SOLO, SLICE_SHARED = 0.12, 0.05
"""CPU seconds of a slice when a host has one busy run, and when it has more."""
BUSY_SECONDS = 3.0
"""After its last request a run still counts as busy."""
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
        self.pre_trained: dict[tuple[str, str], Placement] = {}
        """(slug, setting) → its pre-trained model, which counts for no cap."""
        self.hosts: list[Host] = []
        self.numbers = itertools.count(1)
        self.is_stopped = False
        """The server ends: what its hosts' ends look like is no fault of theirs."""

    @property
    def runs(self) -> dict[str, Placement]:
        """Those that are open, by their names."""
        return self.places.open

    def start(self) -> None:
        """Starts the hosts in the background; the first run then finds them ready."""
        if not self.hosts:
            self.folder = ServerFolder()
            self.hosts = [self.new_host(self.catalogue) for _ in range(self.host_count)]
            self.store = FolderStore(self.folder.path)
            self.dispatcher = Dispatcher(
                self.hosts, self.store, lambda p: p.pre_trained or p.run_id in self.runs,
                lambda host: self._busy_runs(host) > 1,
            )  # fmt: skip
            for host in self.hosts:
                host.start()
            self.preparer = Preparer(self.new_host(self.catalogue), lambda: self.dispatcher.asked_at)
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
            await self.dispatcher.open(placement, Urgency.ANSWER)
        except BaseException:
            self.runs.pop(run_id, None)  # its owner may have left meanwhile
            raise
        return run_id

    def _least_loaded(self) -> int:
        load = [sum(r.host == i for r in self.runs.values()) for i in range(len(self.hosts))]
        return load.index(min(load))

    async def advance(
        self, run_id: str, seconds: float | None = None, *, max_steps: int | None = None,
        views: tuple[str, ...] = (), draw_all: bool = False, config: Config | None = None,
        urgency: Urgency = Urgency.IN_SIGHT,
    ) -> Frame:  # fmt: skip
        """The next slice of a run, in its owner's turn among the others; several are served in the order in which they
        were asked for. Raises Gone, Full, HostDied.

        views: those to draw
        config: the run's newest, whose live knobs act from the next step on; None: as it was
        """
        placement = self._placement(run_id, config)
        busy = self._busy_runs(placement.host)
        usual = SLICE_SOLO if busy <= 1 else SLICE_SHARED
        slice_ = Slice(
            usual if seconds is None else seconds, max_steps, views, draw_all,
            max_age=min(OLDEST_AGE, max(YOUNGEST_AGE, AGE_A_RUN * busy)),
        )  # fmt: skip
        estimate = 0.0 if max_steps == 0 else slice_.seconds
        answer = await self.dispatcher.request(placement, Advance(run_id, slice_), urgency, estimate)
        frame = replace(answer, resumed_from=placement.resumed_from)
        placement.resumed_from = None
        return frame

    def is_alone(self, run_id: str) -> bool:
        """Whether no other run is busy on a run's host."""
        placement = self.runs.get(run_id)
        return placement is not None and self._busy_runs(placement.host) <= 1

    def _busy_runs(self, host: int) -> int:
        now = time.monotonic()
        return sum(r.host == host and now - r.used < BUSY_SECONDS for r in self.runs.values())

    async def ask(
        self, run_id: str, probe: str, question: dict[str, Any], click: Click | None = None,
        config: Config | None = None,
    ) -> Answer:  # fmt: skip
        """Puts a question to a live run; between two of its slices when it trains. Where the answer has `more` parts,
        `continue_answer` gives the next one. Raises Gone, HostDied.

        config: the run's newest, whose live knobs the model that answers has; None: as it was
        """
        return await self._ask(self._placement(run_id, config), Ask(run_id, probe, question, click))

    async def continue_answer(self, run_id: str, probe: str, number: int) -> Answer | None:
        """The next part of an answer, while the run may train on; None where a newer question to the probe, or the end
        of the host, has ended it.

        number: `Answer.number` of the parts before
        """
        placement = self.runs.get(run_id)
        if placement is None:
            return None
        placement.used = time.monotonic()
        return await self.dispatcher.continue_answer(placement, ContinueAnswer(run_id, probe, number))

    def has_pre_trained(self, slug: str, setting: str = "") -> bool:
        return pre_trained_path(slug, setting).exists()

    async def open_pre_trained(self, slug: str, setting: str = "") -> None:
        """Opens a pre-trained model before its first question comes."""
        if self.has_pre_trained(slug, setting):
            placement = self._pre_trained(slug, setting)
            await self.dispatcher.open(placement, Urgency.HIDDEN)

    def _pre_trained(self, slug: str, setting: str) -> Placement:
        self.start()
        if (slug, setting) not in self.pre_trained:
            host, run_id = len(self.pre_trained) % len(self.hosts), f"{slug}-{setting}-pre-trained"
            made = Placement(run_id, slug, None, "", "", host, pre_trained=True, setting=setting)
            self.pre_trained[slug, setting] = made
        return self.pre_trained[slug, setting]

    async def ask_pre_trained(
        self, slug: str, setting: str, probe: str, question: dict[str, Any], click: Click | None = None, owner: str = ""
    ) -> Answer:  # fmt: skip
        """Puts a question to the pre-trained model of a tab's setting, which is opened on its first one.

        owner: who asks; a newer question of the same owner to the same probe ends an answer that has more parts
        """
        placement = self._pre_trained(slug, setting)
        answer = await self._ask(placement, Ask(placement.run_id, probe, question, click, asker=owner))
        return replace(answer, pre_trained=True)

    async def continue_pre_trained(
        self, slug: str, setting: str, probe: str, number: int, owner: str = ""
    ) -> Answer | None:  # fmt: skip
        """The next part of a pre-trained model's answer, as `continue_answer`."""
        placement = self._pre_trained(slug, setting)
        request = ContinueAnswer(placement.run_id, probe, number, asker=owner)
        answer = await self.dispatcher.continue_answer(placement, request)
        return answer and replace(answer, pre_trained=True)

    async def _ask(self, placement: Placement, request: Ask) -> Answer:
        answer = await self.dispatcher.request(placement, request, Urgency.ANSWER)
        if not answer.needs_preparation:
            return answer
        prepared = await self.preparer.prepare(placement.slug, request.probe, request.question)
        request = replace(request, question={}, click=None, prepared=prepared)
        return await self.dispatcher.request(placement, request, Urgency.ANSWER)

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
            is_written = await self.dispatcher.request(placement, ParkRun(run_id), Urgency.ANSWER)
        except (HostDied, Gone, OSError):
            return False
        if is_written and run_id in self.runs:
            placement.generation = -1
            for dropped in self.places.park(run_id):
                self.store.delete(dropped.run_id)
        return is_written

    async def close(self, run_id: str) -> None:
        placement = self.places.remove(run_id)
        if placement is not None:
            await self.dispatcher.close(placement)

    async def close_all(self, owner: str) -> None:
        for run_id in self.places.of(owner):
            await self.close(run_id)

    async def park_all(self, owner: str) -> None:
        """Frees the owner's places; what can't be written to disk is closed."""
        for run_id in [run_id for run_id in self.places.of(owner) if run_id in self.runs]:
            if not await self.park(run_id):
                await self.close(run_id)

    def _placement(self, run_id: str, config: Config | None) -> Placement:
        """Of an open run; one that was parked takes a place again. Raises Gone, Full.

        config: the run's newest, with which it would be opened again; None: as it was
        """
        placement = self.places.find(run_id)
        if placement.generation == -1:
            placement.host = self._least_loaded()
        placement.used = time.monotonic()
        if config is not None:
            placement.config = config
        return placement

    def stop(self) -> None:
        self.is_stopped = True
        if self.hosts:
            for host in self.hosts:
                host.stop()
            self.preparer.stop()
            self.folder.remove()
        self.hosts, self.pre_trained = [], {}
