"""Slow work for questions, such as reading a sound, in a process that holds no runs."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from playground.engine.frame import Prepared
from playground.engine.hosts import Host, HostDied
from playground.engine.requests import Prepare, WarmUp
from playground.words import say

IDLE_SECONDS = 6.0
"""Without a request to any worker, after which what takes long on its first call is done in advance."""


class Preparer:
    def __init__(self, host: Host, idle_since: Callable[[], float]) -> None:
        """idle_since: the time by the monotonic clock at which a worker was asked last"""
        self.host, self.idle_since = host, idle_since
        self.wanted = threading.Event()
        """Set when the warm-up should no longer wait for an idle machine."""
        self.stopped = False

    def start(self) -> None:
        threading.Thread(target=self._warm_up_when_idle, name="warm-up", daemon=True).start()

    def _warm_up_when_idle(self) -> None:
        while not self.wanted.wait(1.0) and time.monotonic() - self.idle_since() < IDLE_SECONDS:
            pass
        if not self.stopped:
            self.host.start(WarmUp())

    def warm_up_now(self) -> None:
        """A tab whose questions need it is shown."""
        self.wanted.set()

    async def prepare(self, slug: str, probe: str, question: dict[str, Any]) -> Prepared:
        generation = self.host.generation
        try:
            return (await self.host.call(Prepare(slug, probe, question))).answer
        except HostDied:
            self.host.replace(generation)
            return Prepared(error=say("engine.unprepared"))

    def stop(self) -> None:
        self.stopped = True
        self.wanted.set()
        self.host.stop()
