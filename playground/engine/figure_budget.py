"""Which views of a run are drawn now: drawing takes a small share of its time, and no picture in sight grows old.

All costs are CPU time of the thread: beside other work a cheap drawing takes long by the clock, and is cheap
anyway.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from playground.concept import View
from playground.engine.frame import Stamp

DRAWING_SHARE = 0.05
"""Share of a run's CPU time that its figures may take while all of them are younger than `MAX_AGE`."""
FIRST_GUESS = 0.02
"""CPU seconds that a figure is thought to cost at most until it has been drawn twice."""
MAX_AGE = 2.5
"""Seconds after which a picture in sight is drawn whatever it costs, on a machine with few visitors."""


@dataclass
class _Drawn:
    """What is known of a view that was drawn."""

    stamp: Stamp
    at: float
    cost: float
    """CPU seconds that its next figure, or the next part of one, will probably take."""
    spent: float = 0.0
    """CPU seconds that its figures have taken so far, but for the first."""


class FigureBudget:
    def __init__(self) -> None:
        self.drawn: dict[str, _Drawn] = {}
        self.slice_at = time.monotonic()
        self.gap = 0.0
        """Seconds from the last slice to this one, and so, probably, to the next."""

    def begin_slice(self) -> None:
        now = time.monotonic()
        self.gap, self.slice_at = now - self.slice_at, now

    def in_turn(self, views: list[View]) -> list[View]:
        """The one drawn longest ago comes first, so that an expensive one can't starve the others."""
        return sorted(views, key=lambda view: self.drawn[view.name].at if view.name in self.drawn else -1.0)

    def is_due(self, view: View, stamp: Stamp, busy: float, max_age: float, resting: bool = False) -> bool:
        """Whether a drawing of a view is begun after the slice that ends in the state `stamp`.

        busy: CPU seconds that the run has taken; max_age: seconds that its picture may reach
        resting: nothing trains, so that there is time for whatever is not of this state
        """
        known = self.drawn.get(view.name)
        if known is None:
            return True
        if stamp == known.stamp:
            return False
        if resting:
            return True
        if not view.while_training:
            return False
        if stamp.version != known.stamp.version:  # a knob was turned, and the visitor looks at what it does
            return True
        if self._is_old(known, max_age):
            return True
        if time.monotonic() - known.at < view.rest or stamp.step - known.stamp.step < view.every:
            return False
        return self._is_within_share(known, busy)

    def affords(self, view: View, busy: float, max_age: float) -> bool:
        """Whether the next part of an unfinished drawing is drawn after this slice."""
        known = self.drawn.get(view.name)
        return known is None or self._is_old(known, max_age) or self._is_within_share(known, busy)

    def _is_old(self, known: _Drawn, max_age: float) -> bool:
        """Whether it would be too old at the next slice."""
        return time.monotonic() - known.at + min(self.gap, max_age / 2) >= max_age

    def _is_within_share(self, known: _Drawn, busy: float) -> bool:
        spent = sum(drawn.spent for drawn in self.drawn.values())
        return spent + known.cost <= DRAWING_SHARE * (busy + known.cost)

    def note(self, view: View, stamp: Stamp, seconds: float) -> float:
        """A figure, or a part of one, was drawn in so many CPU seconds; answers those that its run is charged."""
        now = time.monotonic()
        known = self.drawn.get(view.name)
        if known is None:  # the first drawing also pays for lazy imports and warm-up: it tells little
            self.drawn[view.name] = _Drawn(stamp, now, cost=min(seconds, FIRST_GUESS))
            return 0.0
        known.stamp, known.at = stamp, now
        known.cost = 0.7 * min(known.cost, 4 * seconds) + 0.3 * seconds
        known.spent += seconds
        return seconds
