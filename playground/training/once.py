"""What is computed at most once between two steps, however many pictures and metrics need it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar


class Stepping(Protocol):
    steps_taken: int


S = TypeVar("S", bound=Stepping)
P = ParamSpec("P")
R = TypeVar("R")
KNOWN = "_known_of_this_step"


def once_per_step(method: Callable[Concatenate[S, P], R]) -> Callable[Concatenate[S, P], R]:
    """A method whose result is kept until the next step, for each of its (hashable) arguments.

    The experiment calls `forget` where its state changes otherwise: when one is loaded, or a live knob acts at once.
    """

    @wraps(method)
    def cached(self: S, *args: P.args, **kwargs: P.kwargs) -> R:
        step, known = self.__dict__.get(KNOWN, (-1, {}))
        if step != self.steps_taken:
            known = {}
            self.__dict__[KNOWN] = (self.steps_taken, known)
        key = (method.__name__, args, tuple(kwargs.items()))
        if key not in known:
            known[key] = method(self, *args, **kwargs)
        result: R = known[key]
        return result

    return cached


def forget(experiment: Any) -> None:
    """Forgets all that was computed for this step."""
    experiment.__dict__.pop(KNOWN, None)
