"""Which views of a run are drawn now, so that drawing takes a small share of its time and no view starves another."""

from __future__ import annotations

import time
from dataclasses import dataclass

from playground.concept import View

DRAWING_SHARE, EXPENSIVE_SHARE = 0.05, 0.04
"""Share of a run's busy time that its figures may take; the expensive ones have a share of their own."""
EXPENSIVE_SECONDS = 0.1
"""From which a figure is expensive: it always waits until its share of the time has come round."""
FIRST_GUESS = 0.02
"""Seconds that a figure is thought to cost at most until it has been drawn twice."""
MAX_STALE_SECONDS = 0.5
"""After which one figure is drawn even if the share is used up, so that they move where many runs share a worker."""


@dataclass
class _Drawn:
    """What is known of a view that was drawn."""

    busy: float
    """The run's busy time when it was drawn last."""
    step: int
    at: float
    cost: float
    """Seconds that its next figure will probably take."""
    spent: float = 0.0
    """Seconds that its figures have taken so far, but for the first."""

    @property
    def is_expensive(self) -> bool:
        return self.cost >= EXPENSIVE_SECONDS


class FigureBudget:
    def __init__(self) -> None:
        self.drawn: dict[str, _Drawn] = {}
        self.last_drawn = time.monotonic()

    def in_turn(self, views: list[View]) -> list[View]:
        """The one drawn longest ago comes first, so that an expensive one can't starve the others."""
        return sorted(views, key=lambda view: self.drawn[view.name].busy if view.name in self.drawn else -1.0)

    def is_due(self, view: View, step: int, busy: float) -> bool:
        known = self.drawn.get(view.name)
        if known is None:
            return True
        if not view.while_training or time.monotonic() - known.at < view.rest or step - known.step < view.every:
            return False
        spent = sum(other.spent for other in self.drawn.values() if other.is_expensive == known.is_expensive)
        share = EXPENSIVE_SHARE if known.is_expensive else DRAWING_SHARE
        return spent + known.cost <= share * (busy + known.cost)

    def is_stale(self) -> bool:
        """Nothing was drawn for so long that one figure should be, whatever the share."""
        return time.monotonic() - self.last_drawn > MAX_STALE_SECONDS

    def may_jump(self, view: View) -> bool:
        """Whether a view may be the one that is drawn because all are stale."""
        known = self.drawn.get(view.name)
        rested = known is None or time.monotonic() - known.at >= view.rest
        return view.while_training and rested and not (known and known.is_expensive)

    def note(self, view: View, step: int, busy: float, seconds: float) -> float:
        """A figure was drawn; answers the seconds that count as its price."""
        now = self.last_drawn = time.monotonic()
        known = self.drawn.get(view.name)
        if known is None:  # the first drawing also pays for lazy imports and warm-up: it tells little
            self.drawn[view.name] = _Drawn(busy, step, now, cost=min(seconds, FIRST_GUESS))
            return 0.0
        known.busy, known.step, known.at = busy, step, now
        known.cost = 0.7 * min(known.cost, 4 * seconds) + 0.3 * seconds
        known.spent += seconds
        return seconds
