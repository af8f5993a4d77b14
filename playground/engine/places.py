"""Which runs are open, which are parked on disk, and how many of them there may be."""

from __future__ import annotations

import asyncio
import os
import time
from dataclasses import dataclass, field

from playground.concept import Config
from playground.words import say

PARKED_SECONDS = 3600.0
"""For which a run whose page has gone is kept on disk."""
PARKED_RUNS, PARKED_OF_OWNER = 100, 24
"""Most parked runs, of all owners and of one."""
GROUP_SHARE = 4
"""A group of owners holds at most one of so many places."""


class Full(RuntimeError):
    """No room for another run."""

    def __init__(self, most: int, whose: str = "server") -> None:
        """whose: "server", "page" or "api", whichever limit was reached"""
        super().__init__(say(f"engine.full_{whose}", most=most))
        self.most, self.whose = most, whose


class Gone(LookupError):
    """The run is not there any more."""

    def __init__(self) -> None:
        super().__init__(say("engine.gone"))


@dataclass
class Placement:
    """A run and the host it is on."""

    run_id: str
    slug: str
    config: Config | None
    """With which it would be opened again; None of a pre-trained model, whose file holds it."""
    owner: str
    group: str
    """Owners of a named group together hold a part of the places only."""
    host: int
    generation: int = -1
    """Of the host that has it open; another one must reopen it. −1: none has."""
    pre_trained: bool = False
    """It is a pre-trained model, which everybody may ask."""
    setting: str = ""
    """The name of a pre-trained model's setting."""
    used: float = 0.0
    """When it last asked for something."""
    resumed_from: int | None = None
    """The step from which it went on after its host died, until a frame says so."""
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held while its host opens it."""


class Places:
    def __init__(self, most: int, most_of_owner: int | None = None) -> None:
        """
        most: open runs of this server
        most_of_owner: open runs of one page (PLAYGROUND_RUNS_PER_PAGE, else 16)
        """
        self.most = most
        self.most_of_owner = most_of_owner or int(os.environ.get("PLAYGROUND_RUNS_PER_PAGE", 16))
        self.open: dict[str, Placement] = {}
        self.parked: dict[str, Placement] = {}
        """Oldest first; `used` says since when."""

    def take(self, placement: Placement) -> None:
        """Gives a run a place; raises Full."""
        placements = self.open.values()
        if placement.group:
            most = max(1, self.most // GROUP_SHARE)
            if sum(p.group == placement.group for p in placements) >= most:
                raise Full(most, placement.group)
        elif sum(p.owner == placement.owner for p in placements) >= self.most_of_owner:
            raise Full(self.most_of_owner, "page")
        if len(self.open) >= self.most:
            raise Full(self.most)
        self.open[placement.run_id] = placement

    def park(self, run_id: str) -> list[Placement]:
        """Frees a run's place; answers those parked before that are dropped for it."""
        placement = self.open.pop(run_id)
        placement.used = time.monotonic()
        self.parked[run_id] = placement
        dropped = self._too_many(placement.owner)
        for old in dropped:
            del self.parked[old.run_id]
        return dropped

    def _too_many(self, owner: str) -> list[Placement]:
        parked = list(self.parked.values())
        old = [p for p in parked if time.monotonic() - p.used > PARKED_SECONDS]
        own = [p for p in parked if p.owner == owner and p not in old]
        others = [p for p in parked if p not in old]
        excess = own[: max(0, len(own) - PARKED_OF_OWNER)] + others[: max(0, len(others) - PARKED_RUNS)]
        return list({p.run_id: p for p in old + excess}.values())

    def find(self, run_id: str) -> Placement:
        """An open run; one that was parked takes a place. Raises Gone, Full."""
        if run_id in self.parked:
            self.take(self.parked[run_id])
            del self.parked[run_id]
        if run_id not in self.open:
            raise Gone
        return self.open[run_id]

    def remove(self, run_id: str) -> Placement | None:
        return self.open.pop(run_id, None) or self.parked.pop(run_id, None)

    def of(self, owner: str) -> list[str]:
        """Names of an owner's runs, open and parked."""
        return [p.run_id for p in (*self.open.values(), *self.parked.values()) if p.owner == owner]
