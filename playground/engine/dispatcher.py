"""Brings requests to hosts, each in its owner's turn; a dead host is replaced, and its runs are opened again."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

from playground.engine.checkpoints import CheckpointStore
from playground.engine.fair_queue import FairQueue, Turn, Urgency
from playground.engine.frame import Answer
from playground.engine.hosts import Host, HostDied
from playground.engine.places import Gone, Placement
from playground.engine.requests import CloseRun, ContinueAnswer, OpenPreTrained, OpenRun, Ping, RunRequest

ATTEMPTS = 5
T = TypeVar("T")


class Dispatcher:
    def __init__(
        self, hosts: list[Host], store: CheckpointStore, is_open: Callable[[Placement], bool],
        is_busy: Callable[[int], bool],
    ) -> None:  # fmt: skip
        """
        is_open: whether a run has not been closed or parked meanwhile
        is_busy: whether a host (by its index) has more than one busy run
        """
        self.hosts, self.store, self.is_open, self.is_busy = hosts, store, is_open, is_busy
        self.queues = [FairQueue() for _ in hosts]
        self.asked_at = time.monotonic()
        """When a host was asked last."""

    async def open(self, placement: Placement, urgency: Urgency) -> None:
        """Opens a run before its first request comes; raises Gone, HostDied, and what its experiment's build does."""
        await self._serve(placement, urgency, 0.0, None)

    async def request(self, placement: Placement, request: RunRequest[T], urgency: Urgency, estimate: float = 0.0) -> T:
        """The host's answer. A question ends the slices before it early where they are long: no other run waits.

        estimate: CPU seconds that it will probably take
        """
        host = self.hosts[placement.host]
        hurries = request.is_question and not self.is_busy(placement.host)
        host.hurry(int(hurries))
        try:
            answer = await self._serve(placement, urgency, estimate, request)
        finally:
            host.hurry(-int(hurries))
        assert answer is not None
        return answer

    async def _serve(
        self, placement: Placement, urgency: Urgency, estimate: float, request: RunRequest[T] | None
    ) -> T | None:
        """The host's answer; None where the run was only to be opened. A dead host is replaced; the new one goes on
        from the run's newest checkpoint."""
        host = self.hosts[placement.host]
        for _ in range(ATTEMPTS):
            async with self._turn(placement, urgency, estimate) as turn:
                if not self.is_open(placement):  # closed while this request waited
                    raise Gone
                generation = host.generation  # read in its turn: while it waited, the host may have been replaced
                try:
                    await self._make_open(host, placement, generation)
                    if request is None:
                        await host.call(Ping())
                        return None
                    config = placement.config  # read in its turn: the newest, also for a slice asked for in advance
                    reply = await host.call(request.with_config(config.model_dump()) if config else request)
                    turn.cost = reply.cost
                    if reply.answer is not None:
                        return reply.answer
                    if generation == host.generation:  # closed while the host served others
                        raise Gone
                except HostDied:
                    host.replace(generation)
        raise HostDied

    async def continue_answer(self, placement: Placement, request: ContinueAnswer) -> Answer | None:
        """The next part of an answer; None where that has ended, such as with the host that has begun it."""
        host, begun_on = self.hosts[placement.host], placement.generation
        async with self._turn(placement, Urgency.ANSWER, 0.0) as turn:
            if begun_on != host.generation or placement.generation != begun_on:
                return None
            try:
                reply = await host.call(request)
            except HostDied:
                host.replace(begun_on)
                return None
            turn.cost = reply.cost
            return reply.answer

    @asynccontextmanager
    async def _turn(self, placement: Placement, urgency: Urgency, estimate: float) -> AsyncIterator[Turn]:
        async with self.queues[placement.host].turn(placement.owner, urgency, estimate) as turn:
            self.asked_at = time.monotonic()
            yield turn

    async def _make_open(self, host: Host, placement: Placement, generation: int) -> None:
        """Opens a run where this generation of its host does not have it yet."""
        async with placement.lock:  # two requests for it may be on their way
            if placement.generation == generation:
                return
            run_id, config = placement.run_id, placement.config
            if config is None:
                await host.call(OpenPreTrained(run_id, placement.slug, placement.setting))
            else:
                opened = await host.call(OpenRun(run_id, placement.slug, config.model_dump(), self.store))
                placement.resumed_from = None if placement.generation == -1 else opened.answer
            placement.generation = generation
        if not self.is_open(placement):  # closed while it was being opened
            await self.close(placement)
            raise Gone

    async def close(self, placement: Placement) -> None:
        """Ends a run on its host, and deletes its checkpoints: after that the host writes no others."""
        host = self.hosts[placement.host]
        if placement.generation == host.generation:
            try:
                await host.call(CloseRun(placement.run_id))
            except HostDied:
                host.replace(placement.generation)
        self.store.delete(placement.run_id)
