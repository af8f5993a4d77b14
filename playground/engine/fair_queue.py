"""Whose request a host serves next: fair shares between owners, what is in sight before what is hidden.

Start-time fair queuing (Goyal et al. 1996): the next request is that of the owner who has used the least of the host's
CPU time.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import Enum

MAX_IN_FLIGHT = 2
"""Requests that a host has at once, so that it need not wait for the next while the last answer is on its way."""
NEXT_SLICE_GAP = 0.005
"""Seconds in which a run that was served may ask again before the free place of a busy host goes to another one; else
an owner of many runs, of which one is always waiting, would come before an owner of a single one."""
ANSWER_CREDIT = 0.2
"""CPU seconds by which a request that a visitor waits for comes before others' training; less than the largest debt, so
that questions without end don't stop the others."""
HIDDEN_GAP = 0.03
"""Seconds without a request in sight after which hidden runs are served."""
HIDDEN_PATIENCE = 1.0
"""Seconds after which one hidden request is served in any case."""


MAX_DEBT = 0.25
"""CPU seconds by which an owner can have used more than the others: with thirty visitors it is then silent for a few
seconds at most, whatever a single request has cost."""


class Urgency(Enum):
    ANSWER = "somebody waits for it"
    IN_SIGHT = "training that somebody watches"
    HIDDEN = "training in a hidden tab"


@dataclass(eq=False)
class Turn:
    """A request that waits, or has the host."""

    owner: str
    urgency: Urgency
    estimate: float
    granted: asyncio.Future[None]
    cost: float = 0.0
    """CPU seconds that the host has charged for it; whoever has the turn says so."""


class FairQueue:
    """The queue before one host."""

    def __init__(self) -> None:
        self.waiting: list[Turn] = []
        self.in_flight: list[Turn] = []
        self.used: dict[str, float] = {}
        """Owner → virtual time at which its last request ends."""
        self.virtual_time = 0.0
        self.last_in_sight = self.last_hidden = time.monotonic()
        self.alarm: asyncio.TimerHandle | None = None

    @asynccontextmanager
    async def turn(self, owner: str, urgency: Urgency, estimate: float) -> AsyncIterator[Turn]:
        """Waits for the owner's turn; the host belongs to it inside the block.

        estimate: CPU seconds that it will probably take
        """
        request = Turn(owner, urgency, estimate, asyncio.get_running_loop().create_future())
        self.waiting.append(request)
        self._grant()
        try:
            await request.granted
        except asyncio.CancelledError:
            self._withdraw(request)
            raise
        try:
            yield request
        finally:
            self._end(request)

    def _grant(self) -> None:
        while self.waiting and len(self.in_flight) < MAX_IN_FLIGHT:
            chosen = self._next()
            if chosen is None:
                return
            self.waiting.remove(chosen)
            self.in_flight.append(chosen)
            # The rank, not the start: on credit an owner gets ahead of the others, who must not lose their claim by it.
            start, self.virtual_time = self._start(chosen), max(self.virtual_time, self._rank(chosen))
            self.used[chosen.owner] = start + chosen.estimate
            if chosen.urgency is Urgency.HIDDEN:
                self.last_hidden = time.monotonic()
            if not chosen.granted.done():
                chosen.granted.set_result(None)

    def _start(self, request: Turn) -> float:
        """Virtual time at which it may begin: now, or when its owner has paid for what it had."""
        return max(self.virtual_time, self.used.get(request.owner, 0.0))

    def _rank(self, request: Turn) -> float:
        return self._start(request) - (ANSWER_CREDIT if request.urgency is Urgency.ANSWER else 0.0)

    def _next(self) -> Turn | None:
        in_sight = [r for r in self.waiting if r.urgency is not Urgency.HIDDEN]
        hidden = [r for r in self.waiting if r.urgency is Urgency.HIDDEN]
        now = time.monotonic()
        if hidden:
            idle = not in_sight and not self.in_flight and now - self.last_in_sight >= HIDDEN_GAP
            if idle or now - self.last_hidden >= HIDDEN_PATIENCE:
                return min(hidden, key=self._rank)
            if not self.in_flight:
                self._wake_in(HIDDEN_GAP)
        return min(in_sight, key=self._rank) if in_sight else None

    def _end(self, request: Turn) -> None:
        now = time.monotonic()
        used = self.used.get(request.owner, self.virtual_time) + request.cost - request.estimate
        self.used[request.owner] = min(used, self.virtual_time + MAX_DEBT)
        if request.urgency is Urgency.HIDDEN:
            self.last_hidden = now
        else:
            self.last_in_sight = now
        self.in_flight.remove(request)
        self.used = {owner: end for owner, end in self.used.items() if end > self.virtual_time}
        if self.in_flight:
            self._wake_in(NEXT_SLICE_GAP)
        else:
            self._grant()

    def _withdraw(self, request: Turn) -> None:
        if request in self.waiting:
            self.waiting.remove(request)
        else:
            self._end(request)

    def _wake_in(self, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        if self.alarm is not None and self.alarm.when() > loop.time() + seconds:
            self.alarm.cancel()
            self.alarm = None
        if self.alarm is None:
            self.alarm = loop.call_later(seconds, self._wake)

    def _wake(self) -> None:
        self.alarm = None
        self._grant()
