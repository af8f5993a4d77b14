"""How long an owner's runs last: until nobody has renewed their lease for a while. No connection decides it."""

from __future__ import annotations

import asyncio
import os
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

HIDDEN_FACTOR = 5
"""The lease of a hidden page is longer: browsers slow down its timers, to one a minute in the end."""


class Leases:
    """One lease per owner. All methods are called from within the event loop."""

    def __init__(self, timeout: float | None = None) -> None:
        """timeout: seconds from the last renewal to the lease's end (PLAYGROUND_GRACE, else 30)"""
        self.timeout = float(os.environ.get("PLAYGROUND_GRACE", 30)) if timeout is None else timeout
        self.ends: dict[str, float] = {}
        """Owner → time at which its lease ends, by the monotonic clock."""
        self.uses: Counter[str] = Counter()
        self.timers: dict[str, asyncio.TimerHandle] = {}
        self.when_ended: dict[str, Callable[[], Awaitable[None]]] = {}
        """Owner → what is done when its lease has ended."""
        self.tasks: set[asyncio.Task[None]] = set()

    @property
    def renewal(self) -> float:
        """Seconds between two renewals of a page: of three, two may be lost."""
        return min(10.0, self.timeout / 3)

    def renew(self, owner: str, ended: Callable[[], Awaitable[None]], *, hidden: bool = False) -> None:
        """The owner is here.

        ended: what is done when the lease ends
        hidden: its page is not in sight, so that the next renewal may come late
        """
        self.when_ended[owner] = ended
        self.ends[owner] = time.monotonic() + self.timeout * (HIDDEN_FACTOR if hidden else 1)
        timer = self.timers.get(owner)
        if timer is None or timer.when() > asyncio.get_running_loop().time() + self.ends[owner] - time.monotonic():
            self._set_timer(owner)

    @contextmanager
    def use(self, owner: str, ended: Callable[[], Awaitable[None]]) -> Iterator[None]:
        """Keeps the owner's lease while the block runs, and renews it after that."""
        self.uses[owner] += 1
        try:
            yield
        finally:
            self.uses[owner] -= 1
            if not self.uses[owner]:
                del self.uses[owner]
            self.renew(owner, ended)

    def _set_timer(self, owner: str) -> None:
        if owner in self.timers:
            self.timers[owner].cancel()
        loop = asyncio.get_running_loop()
        self.timers[owner] = loop.call_later(self.ends[owner] - time.monotonic(), self._look, owner)

    def _look(self, owner: str) -> None:
        """The lease may have ended: it was often renewed since the timer was set."""
        del self.timers[owner]
        if owner in self.uses:
            return  # it is renewed when the use ends
        if time.monotonic() < self.ends[owner] - 1e-3:
            self._set_timer(owner)
            return
        del self.ends[owner]
        task = asyncio.ensure_future(self.when_ended.pop(owner)())
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
