"""What a host sends back of a run: plain data that crosses a process boundary."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

Row = tuple[int, dict[str, float]]
"""(step, metrics measured on it)."""

Click = tuple[str, float, float]
"""(view, x, y) in the view's own axes."""


class Stamp(NamedTuple):
    """Which state of its model a figure shows."""

    step: int
    version: int
    """Grows with every live knob that was changed, and tells states of the same step apart."""


@dataclass(frozen=True)
class Slice:
    """How far a run is to be trained, and what of it is drawn then."""

    seconds: float
    """CPU seconds of training."""
    max_steps: int | None = None
    """Optimiser steps, if they come first; with 0 it is only drawn."""
    views: tuple[str, ...] = ()
    """Names of the views in sight; those that are due are drawn."""
    draw_all: bool = False
    """All of them are drawn."""
    max_age: float = 2.5
    """Seconds that a picture in sight may reach."""
    config: dict[str, Any] | None = None
    """The run's newest config, whose live knobs act from the first step on; None: as it is."""


@dataclass(frozen=True)
class DrawnFigure:
    """A view's figure, and the state of the model that it shows."""

    step: int
    text: str
    """JSON."""
    version: int = 0


@dataclass(frozen=True)
class Frame:
    """One slice of one run."""

    run_id: str
    step: int
    """Optimiser steps taken so far."""
    budget: int
    version: int = 0
    """Grows with every change of live knobs: with it the model has changed though the step may be the same."""
    rows: list[Row] = field(default_factory=list)
    """Metrics since the last frame."""
    latest: dict[str, float] = field(default_factory=dict)
    """Newest value of every metric measured so far."""
    moment: Row = (0, {})
    """The newest step on which as many metrics were measured together as ever, and these."""
    figures: dict[str, DrawnFigure] = field(default_factory=dict)
    """View name → its figure, for the views drawn in this slice."""
    unfinished: tuple[str, ...] = ()
    """Names of the views in sight whose drawing may have more parts: the next slices, also those of no step, draw
    them."""
    frozen: dict[str, int] = field(default_factory=dict)
    """Arm → the step at which it diverged; the other arms train on."""
    shapes: dict[str, dict[str, tuple[int, ...]]] = field(default_factory=dict)
    """"module:function" → local tensor → its shape, for the shown source; empty when nothing has changed."""
    done: bool = False
    """The budget is spent."""
    error: str = ""
    """Why the run stopped, as a sentence; empty when all is well."""
    notices: tuple[str, ...] = ()
    """What the run's owner must know, as keys of the catalogue of sentences; each comes once."""
    uncharged: float = 0.0
    """CPU seconds of this slice that nobody owes, because every visitor's first frames need them."""
    resumed_from: int | None = None
    """The step of the checkpoint from which a new worker went on, in the first frame after the old one died."""


@dataclass(frozen=True)
class Answer:
    """What a probe answered: a figure, or the sentence in which it declined."""

    figure: str = ""
    """As JSON text."""
    question: dict[str, Any] = field(default_factory=dict)
    """As asked, where a click filled in some of its fields; else empty."""
    step: int = 0
    """Of the model that answered, when it was asked."""
    version: int = 0
    """Of that model (`Frame.version`)."""
    more: bool = False
    """There may be more parts, each a better figure; the last one comes with False."""
    number: int = 0
    """Of the question, by which its next part is asked for; all parts have the same."""
    error: str = ""
    pre_trained: bool = False
    """The model that answered was trained beforehand (`engine/pre_trained.py`)."""
    needs_preparation: bool = False
    """`Probe.prepare` must run first, outside the worker that trains."""


@dataclass(frozen=True)
class Prepared:
    """What `Probe.prepare` made of a question, or the sentence in which it declined."""

    value: Any = None
    error: str = ""
