"""How a rate or a weight changes with the step: each function gives the factor by which it is multiplied."""

from __future__ import annotations

import math


def linear(step: int, steps: int, end: float) -> float:
    """From 1 at step 0 to `end` at step `steps`, in a straight line; `end` afterwards."""
    return 1 - (1 - end) * min(1.0, step / steps)


def cosine(step: int, steps: int, end: float) -> float:
    """From 1 at step 0 to `end` at step `steps`, along half a cosine; `end` afterwards."""
    middle, half = (1 + end) / 2, (1 - end) / 2
    return middle + half * math.cos(math.pi * min(1.0, step / steps))


def warm_up_and_cosine(step: int, warm_up: int, steps: int, end: float) -> float:
    """Rises in a straight line over `warm_up` steps, while half a cosine falls from 1 to `end` over `steps` steps."""
    return min(1.0, step / warm_up) * cosine(step, steps, end)


def warm_up_then_cosine(step: int, warm_up: int, steps: int, end: float) -> float:
    """Rises in a straight line until step `warm_up`, and is on the falling cosine from there on."""
    return step / warm_up if step < warm_up else cosine(step, steps, end)


def inverse(step: int, since: int) -> float:
    """1 up to step `since`, then since / step."""
    return min(1.0, since / step)
