"""What happened in a tab, as keys of the page's catalogue of sentences and the values to fill in."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import asdict, dataclass, field
from typing import Any

LENGTH = 60


@dataclass(frozen=True)
class Note:
    number: int
    """Grows from note to note, so that a browser knows which ones it has."""
    time: str
    key: str
    values: dict[str, Any]


@dataclass
class Log:
    notes: deque[Note] = field(default_factory=lambda: deque(maxlen=LENGTH))
    count: int = 0

    def add(self, key: str, **values: Any) -> None:
        self.count += 1
        self.notes.append(Note(self.count, time.strftime("%H:%M:%S"), key, values))

    def newest(self, count: int = LENGTH) -> list[dict[str, Any]]:
        """Oldest first."""
        return [asdict(note) for note in list(self.notes)[-count:]]
