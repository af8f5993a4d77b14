"""How long an owner's runs live: as long as it is here or a use is in flight, and for a grace after that."""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from playground.engine.scheduler import Scheduler


class Leases:
    """One lease per owner. All methods are called from within the event loop."""

    def __init__(self, scheduler: Scheduler, grace: float | None = None) -> None:
        """grace: seconds from the last use until the runs are freed (PLAYGROUND_GRACE, else 30)"""
        self.scheduler = scheduler
        self.grace = float(os.environ.get("PLAYGROUND_GRACE", 30)) if grace is None else grace
        self.held: set[str] = set()
        self.uses: Counter[str] = Counter()
        self.timers: dict[str, asyncio.TimerHandle] = {}
        self.listeners: list[Callable[[str], None]] = []
        """Called with the owner when a lease has ended."""

    def hold(self, owner: str) -> None:
        """The owner is here: its page is open."""
        self.held.add(owner)
        self._stop_timer(owner)

    def release(self, owner: str) -> None:
        """The owner went away; it may come back within the grace."""
        self.held.discard(owner)
        self._start_timer(owner)

    @contextmanager
    def use(self, owner: str) -> Iterator[None]:
        """Keeps the owner's runs while the block runs; the grace begins anew after it."""
        self.uses[owner] += 1
        self._stop_timer(owner)
        try:
            yield
        finally:
            self.uses[owner] -= 1
            if not self.uses[owner]:
                del self.uses[owner]
            self._start_timer(owner)

    def _start_timer(self, owner: str) -> None:
        self._stop_timer(owner)
        if owner not in self.held and owner not in self.uses:
            loop = asyncio.get_running_loop()
            self.timers[owner] = loop.call_later(self.grace, lambda: loop.create_task(self._end(owner)))

    def _stop_timer(self, owner: str) -> None:
        timer = self.timers.pop(owner, None)
        if timer:
            timer.cancel()

    async def _end(self, owner: str) -> None:
        if self.timers.pop(owner, None) is None or owner in self.held or owner in self.uses:
            return  # it came back before this task began
        for listener in self.listeners:
            listener(owner)
        await self.scheduler.close_all(owner)
