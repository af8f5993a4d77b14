"""One run as a tab shows it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from playground.concept import Challenge, Concept, Config
from playground.engine.frame import DrawnFigure, Frame


@dataclass
class ShownRun:
    """What has been seen of a run; an empty one where the tab has none."""

    number: int = 0
    """Another one for every run of a tab, so that a late frame of an old run is not taken for a newer one's."""
    id: str = ""
    """By which the engine knows it; "" when it is not there (yet, or any more)."""
    config: Config | None = None
    """With which it trains: the knobs with which it was begun, with the live ones as they stand (`TabSession.config`).
    None where it has not begun, or is gone."""
    last: Frame | None = None
    figures: dict[str, DrawnFigure] = field(default_factory=dict)
    """View name → its newest figure."""
    shapes: dict[str, Any] = field(default_factory=dict)
    solved: set[str] = field(default_factory=set)
    """Names of the challenges that it has solved."""

    @property
    def step(self) -> int:
        return self.last.step if self.last else 0

    @property
    def unfinished(self) -> tuple[str, ...]:
        """Names of the views whose pictures come in parts, of which there are more."""
        return self.last.unfinished if self.last else ()

    @property
    def frozen(self) -> dict[str, int]:
        """Arm → the step at which it diverged; the others train on."""
        return self.last.frozen if self.last else {}

    @property
    def is_stopped(self) -> bool:
        """It has diverged or failed."""
        return bool(self.last and self.last.error)

    @property
    def is_done(self) -> bool:
        """All its steps are done; a larger budget lets it go on."""
        if self.last is None or self.is_stopped:
            return False
        return self.step >= self.config.steps if self.config else self.last.done

    @property
    def is_worth_keeping(self) -> bool:
        """Something was trained, and it could go on."""
        return bool(self.id and self.step and not self.is_stopped)

    def take(self, frame: Frame, concept: Concept) -> list[Challenge]:
        """Takes over what a frame brings; answers the challenges that it solves."""
        self.last = frame
        self.figures |= frame.figures
        self.shapes.update(frame.shapes)
        solved = [c for c in concept.challenges if c.name not in self.solved and self._solves(c, frame)]
        self.solved |= {challenge.name for challenge in solved}
        return solved

    def _solves(self, challenge: Challenge, frame: Frame) -> bool:
        counts = self.config and frame.step >= challenge.from_step and challenge.applies_to(self.config)
        return bool(counts and frame.latest and challenge.solved(frame.latest))
