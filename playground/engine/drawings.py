"""The pictures of one run: those that are due are drawn, each whole or part by part."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from playground.concept import Drawn, View
from playground.engine.figure_budget import FigureBudget
from playground.engine.frame import DrawnFigure, Stamp
from playground.engine.parts import Parts

logger = logging.getLogger(__name__)


class Round(NamedTuple):
    """What was drawn after one slice."""

    figures: dict[str, DrawnFigure]
    charged: float
    """CPU seconds that the run's owner pays for."""
    uncharged: float
    """CPU seconds of first drawings, which nobody owes."""


class Drawings:
    def __init__(self, name: str) -> None:
        """name: of the model, for the log"""
        self.name = name
        self.budget = FigureBudget()
        self.open: dict[str, Parts] = {}
        """View name → its drawing that may have more parts."""
        self.charged = self.uncharged = 0.0

    def draw(
        self, views: list[View], begin: Callable[[View], Drawn], stamp: Stamp, busy: float, *,
        everything: bool = False, resting: bool = False, max_age: float,
    ) -> Round:  # fmt: skip
        """Draws of these views what is due, those that are unfinished first: one part of each.

        begin: draws a view of the present state, `stamp`; busy: CPU seconds that the run has taken
        everything: all are drawn anew; resting: nothing trains, so that whatever is not of this state is drawn
        """
        self.charged = self.uncharged = 0.0
        figures: dict[str, DrawnFigure] = {}
        for view in sorted(self.budget.in_turn(views), key=lambda view: view.name not in self.open):
            figure = None
            if view.name in self.open and not everything:
                if not resting and not self.budget.affords(view, busy + self.charged, max_age):
                    continue
                figure = self._next_part(view)
            # When the drawing before has just turned out to be at its end, the next one need not wait for a slice.
            if figure is None and (
                everything or self.budget.is_due(view, stamp, busy + self.charged, max_age, resting)
            ):
                self.end(view.name)
                self.open[view.name] = Parts(partial(begin, view), stamp)
                figure = self._next_part(view)
            if figure is not None:
                figures[view.name] = figure
        return Round(figures, self.charged, self.uncharged)

    def _next_part(self, view: View) -> DrawnFigure | None:
        """The next part of the view's open drawing; None when there is none, or it failed (the log says why)."""
        parts = self.open[view.name]
        began, text = time.thread_time(), None
        try:
            text = parts.next()
        except Exception:
            logger.exception("drawing %s/%s failed", self.name, view.name)
        if not parts.more:
            self.end(view.name)
        if text is None:
            return None
        spent = time.thread_time() - began
        charged = self.budget.note(view, parts.stamp, spent)
        self.charged += charged
        self.uncharged += spent - charged
        return DrawnFigure(parts.stamp.step, text, parts.stamp.version)

    def unfinished(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """Those of these views whose drawing may have more parts."""
        return tuple(name for name in names if name in self.open)

    def end(self, name: str) -> None:
        """The view's drawing gets no more parts."""
        if name in self.open:
            self.open.pop(name).close()

    def end_all(self) -> None:
        for name in list(self.open):
            self.end(name)
