"""Where runs keep their checkpoints: of each run the newest ones, and older ones at growing distances."""

from __future__ import annotations

import contextlib
import itertools
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

RECENT = 3
"""Checkpoints that are always kept. From each older one the age at most doubles to the next, and at least doubles to
the next but one; the first of the run stays."""


PRE_TRAINED = Path(__file__).resolve().parents[2] / "assets" / "checkpoints"


def pre_trained_path(slug: str, setting: str = "") -> Path:
    """Where the pre-trained model of a tab's setting is, if there is one.

    setting: its name; "" of a tab without settings
    """
    return PRE_TRAINED / f"{slug}{setting and '-'}{setting}.safetensors"


class CheckpointStore(Protocol):
    """The checkpoints of all runs, by run and step. Workers write and read; only the scheduler deletes a run's."""

    def steps(self, run_id: str) -> list[int]:
        """Steps of the checkpoints that there are, oldest first."""
        ...

    def write(self, run_id: str, step: int, saved: bytes) -> None:
        """Stores a checkpoint and thins the older ones out; raises OSError where there is no room."""
        ...

    def read(self, run_id: str, step: int) -> bytes: ...

    def delete(self, run_id: str) -> None:
        """Deletes all checkpoints of a run, if there are any."""
        ...


@dataclass(frozen=True)
class FolderStore:
    """Files RUN/STEP.pt in a folder, which may be one that several machines share."""

    folder: Path

    def steps(self, run_id: str) -> list[int]:
        return sorted(int(path.stem) for path in (self.folder / run_id).glob("*.pt"))

    def write(self, run_id: str, step: int, saved: bytes) -> None:
        """Raises OSError when the disk is full; nothing is left of the attempt then."""
        (self.folder / run_id).mkdir(parents=True, exist_ok=True)
        unfinished = self.folder / run_id / f"{step}.unfinished"
        try:
            unfinished.write_bytes(saved)
            unfinished.rename(self._path(run_id, step))  # a process that dies here leaves no broken checkpoint
        except OSError:
            with contextlib.suppress(OSError):
                unfinished.unlink(missing_ok=True)
            raise
        steps = self.steps(run_id)
        for old in set(steps) - set(kept(steps)):
            self._path(run_id, old).unlink()

    def read(self, run_id: str, step: int) -> bytes:
        return self._path(run_id, step).read_bytes()

    def delete(self, run_id: str) -> None:
        shutil.rmtree(self.folder / run_id, ignore_errors=True)

    def _path(self, run_id: str, step: int) -> Path:
        return self.folder / run_id / f"{step}.pt"


def kept(steps: list[int]) -> list[int]:
    """Which of these steps stay, oldest first."""
    newest_first = steps[::-1]
    found, older = newest_first[:RECENT], newest_first[RECENT:]
    for step, next_older in itertools.pairwise(older):
        # Were it only kept when it is twice as old as the last, none would ever live long enough to become that old.
        if steps[-1] - next_older > 2 * (steps[-1] - found[-1]):
            found.append(step)
    return (found + older[-1:])[::-1]
