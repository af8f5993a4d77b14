"""Steps a second as the visitor sees them, other visitors' runs included."""

from __future__ import annotations

import time

WINDOW = 2.0
"""Seconds over which the rate is taken."""


class StepRate:
    def __init__(self, step: int) -> None:
        self.marks = [(time.monotonic(), step)]

    def __call__(self, step: int) -> float:
        """The rate, now that the run is at `step`."""
        now = time.monotonic()
        if step < self.marks[-1][1]:  # the run went back to a checkpoint
            self.marks = []
        self.marks.append((now, step))
        while len(self.marks) > 2 and now - self.marks[0][0] > WINDOW:
            self.marks.pop(0)
        began, first = self.marks[0]
        return (step - first) / (now - began) if now > began else 0.0
