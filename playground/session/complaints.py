"""Why what a visitor asked for could not be done: a key of the catalogue of sentences, and the values to fill in."""

from __future__ import annotations

from typing import Any

from playground.engine.hosts import HostDied
from playground.engine.places import Full, Gone

FULL_KEYS = {"server": "full", "page": "full_page"}


class NoRun(RuntimeError):
    """The question needs a run of the visitor's own."""


class WouldDiverge(RuntimeError):
    """The same knobs have just ended in a divergence, and a run is the same every time."""

    def __init__(self, remedies: list[str]) -> None:
        super().__init__()
        self.remedies = remedies
        """Knobs to turn first, each with its usual value."""


EXPECTED = (Full, Gone, HostDied, NoRun, WouldDiverge)
"""What a visitor can run into although nothing is wrong with the program."""


def complaint(error: Exception, step: int = 0) -> tuple[str, dict[str, Any]]:
    """The sentence for one of the expected errors.

    step: of the run that was asked for
    """
    if isinstance(error, Full):
        return FULL_KEYS[error.whose], {"most": error.most}
    if isinstance(error, WouldDiverge):
        return "would_diverge", {"knobs": error.remedies}
    if isinstance(error, HostDied):
        return "host_died", {"step": step}
    return ("gone" if isinstance(error, Gone) else "no_run"), {}
