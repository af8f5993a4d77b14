"""The server's folder for checkpoints: removed on every ending; those that killed servers left go at the next start."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from filelock import FileLock, Timeout

PREFIX = "playground-"
LOCK = "server.lock"
"""Held as long as the server of a folder lives: the system lets go of it however that ends."""


class ServerFolder:
    """A temporary folder (PLAYGROUND_FOLDER, else the system's), one for each running server."""

    def __init__(self) -> None:
        base = Path(os.environ.get("PLAYGROUND_FOLDER") or tempfile.gettempdir())
        base.mkdir(parents=True, exist_ok=True)
        remove_stale(base)
        self.path = Path(tempfile.mkdtemp(prefix=PREFIX, dir=base))
        self.lock = FileLock(self.path / LOCK)
        self.lock.acquire(timeout=0)

    def remove(self) -> None:
        self.lock.release()
        shutil.rmtree(self.path, ignore_errors=True)


def remove_stale(base: Path) -> None:
    """Removes the folders of servers that are no more."""
    for folder in base.glob(f"{PREFIX}*"):
        lock = folder / LOCK
        if not lock.exists():  # another program's, or one that is just being made
            continue
        try:
            with FileLock(lock, timeout=0):
                pass
        except (Timeout, OSError):
            continue  # its server lives, or it is another user's
        shutil.rmtree(folder, ignore_errors=True)
