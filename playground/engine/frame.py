"""What one slice of training sends back: plain data that crosses a process boundary."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Row = tuple[int, dict[str, float]]
"""(step, metrics measured on it)."""


@dataclass(frozen=True)
class Frame:
    """One slice of one run."""

    run_id: str
    step: int
    """Optimiser steps taken so far."""
    budget: int
    rows: list[Row] = field(default_factory=list)
    """Metrics since the last frame."""
    latest: dict[str, float] = field(default_factory=dict)
    """Newest value of every metric measured so far."""
    pictures: dict[str, str] = field(default_factory=dict)
    """View name → Plotly figure as JSON text, for the views drawn in this slice."""
    shapes: dict[str, tuple[int, ...]] = field(default_factory=dict)
    """Symbol name → shape of its live tensor."""
    steps_per_second: float = 0.0
    """Of the training itself, while it had the core."""
    done: bool = False
    """The budget is spent."""
    error: str = ""
    """Why the run stopped, as a sentence; empty when all is well."""
    notice: str = ""
    """What the owner should know, such as a restarted worker."""
    checkpoint: bytes | None = field(default=None, repr=False)
    """The run's whole state, now and then."""


@dataclass(frozen=True)
class Answer:
    """What a probe answered: a picture, or the sentence in which it declined."""

    picture: str = ""
    """Plotly figure as JSON text."""
    question: dict[str, Any] = field(default_factory=dict)
    """The fields that a click answered."""
    error: str = ""
