"""Which views of a run are drawn now: drawing takes a small share of its time, and no picture in sight grows old.

All costs are CPU time of the thread: beside other work a cheap drawing takes long by the clock, and is cheap
anyway.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from playground.concept import View

DRAWING_SHARE = 0.05
"""Share of a run's CPU time that its figures may take while all of them are younger than `MAX_AGE`."""
FIRST_GUESS = 0.02
"""CPU seconds that a figure is thought to cost at most until it has been drawn twice."""
MAX_AGE = 2.5
"""Seconds after which a picture in sight is drawn whatever it costs, on a machine with few visitors."""


@dataclass
class _Drawn:
    """What is known of a view that was drawn."""

    step: int
    at: float
    cost: float
    """CPU seconds that its next figure will probably take."""
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

    def is_due(self, view: View, step: int, busy: float, max_age: float) -> bool:
        """Whether a view is drawn after the slice that ends at `step`.

        busy: CPU seconds that the run has taken; max_age: seconds that its picture may reach
        """
        known = self.drawn.get(view.name)
        if known is None:
            return True
        if not view.while_training or step == known.step:
            return False
        age = time.monotonic() - known.at
        if age + min(self.gap, max_age / 2) >= max_age:  # at the next slice it would be too old
            return True
        if age < view.rest or step - known.step < view.every:
            return False
        spent = sum(drawn.spent for drawn in self.drawn.values())
        return spent + known.cost <= DRAWING_SHARE * (busy + known.cost)

    def note(self, view: View, step: int, seconds: float) -> float:
        """A figure was drawn in so many CPU seconds; answers those that its run is charged."""
        now = time.monotonic()
        known = self.drawn.get(view.name)
        if known is None:  # the first drawing also pays for lazy imports and warm-up: it tells little
            self.drawn[view.name] = _Drawn(step, now, cost=min(seconds, FIRST_GUESS))
            return 0.0
        known.step, known.at = step, now
        known.cost = 0.7 * min(known.cost, 4 * seconds) + 0.3 * seconds
        known.spent += seconds
        return seconds
