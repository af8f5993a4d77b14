"""A drawing or an answer that comes in parts, with training going on between two of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import orjson
import torch

from playground.concept import Drawn, Figure
from playground.engine.frame import Stamp
from playground.engine.random_state import preserved_random_state


class Parts:
    """The figures of one drawing or answer, each better than the last, all of the state at which it was begun.

    A part changes neither the global random state nor torch's gradient mode, wherever it stops.
    """

    def __init__(self, begin: Callable[[], Drawn], stamp: Stamp) -> None:
        """begin: draws the only figure, or makes the iterator of several"""
        self.begin, self.stamp = begin, stamp
        self.figures: Iterator[Figure] | None = None
        self.more = True
        """Whether there may be another part: of several figures, the last one is known only when a next is missing."""

    def next(self) -> str | None:
        """The next part as JSON text; None when there is none. Raises what the drawing raises, and then is at its
        end."""
        assert self.more, "there are no more parts"
        self.more = False
        with preserved_random_state(), torch.set_grad_enabled(torch.is_grad_enabled()):
            if self.figures is None:
                drawn = self.begin()
                if not isinstance(drawn, Iterator):
                    return _text(drawn)
                self.figures = drawn
            figure = next(self.figures, None)
        if figure is None:
            return None
        text = _text(figure)
        self.more = True
        return text

    def last(self) -> str | None:
        """Draws to the end: the last part that there is."""
        text = None
        while self.more:
            text = self.next() or text
        return text

    def close(self) -> None:
        """No more parts are wanted."""
        self.more = False
        with preserved_random_state(), torch.set_grad_enabled(torch.is_grad_enabled()):
            if (close := getattr(self.figures, "close", None)) is not None:
                close()


def _text(figure: Figure) -> str:
    return orjson.dumps(figure, option=orjson.OPT_SERIALIZE_NUMPY).decode()
