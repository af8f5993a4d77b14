"""The timeline of one run on disk: its newest checkpoints, and older ones at growing distances."""

from __future__ import annotations

import contextlib
import itertools
import shutil
from pathlib import Path

RECENT = 3
"""Checkpoints that are always kept. From each older one the age at most doubles to the next, and at least doubles to
the next but one; the first of the run stays."""


READY_MADE = Path(__file__).resolve().parents[2] / "assets" / "checkpoints"


def ready_made_path(slug: str) -> Path:
    """Where the ready-made model of a tab is, if there is one."""
    return READY_MADE / f"{slug}.safetensors"


class Timeline:
    """Files STEP.pt in a folder of the run's own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def steps(self) -> list[int]:
        """Steps of the checkpoints that there are, oldest first."""
        return sorted(int(path.stem) for path in self.folder.glob("*.pt"))

    def write(self, step: int, saved: bytes) -> None:
        """Raises OSError when the disk is full; nothing is left of the attempt then."""
        self.folder.mkdir(parents=True, exist_ok=True)
        unfinished = self.folder / f"{step}.unfinished"
        try:
            unfinished.write_bytes(saved)
            unfinished.rename(self._path(step))  # a process that dies while it writes leaves no broken checkpoint
        except OSError:
            with contextlib.suppress(OSError):
                unfinished.unlink(missing_ok=True)
            raise
        steps = self.steps()
        for old in set(steps) - set(kept(steps)):
            self._path(old).unlink()

    def read(self, step: int) -> bytes:
        return self._path(step).read_bytes()

    def delete(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    def _path(self, step: int) -> Path:
        return self.folder / f"{step}.pt"


def kept(steps: list[int]) -> list[int]:
    """Which of these steps stay, oldest first."""
    newest_first = steps[::-1]
    found, older = newest_first[:RECENT], newest_first[RECENT:]
    for step, next_older in itertools.pairwise(older):
        # Were it only kept when it is twice as old as the last, none would ever live long enough to become that old.
        if steps[-1] - next_older > 2 * (steps[-1] - found[-1]):
            found.append(step)
    return (found + older[-1:])[::-1]
