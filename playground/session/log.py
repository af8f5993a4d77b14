"""What happened in a tab, as keys of the page's catalogue of sentences and the values to fill in."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any, TypedDict

LENGTH = 60


class Note(TypedDict):
    """A line of the log."""

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
        self.notes.append(Note(number=self.count, time=time.strftime("%H:%M:%S"), key=key, values=values))

    def newest(self, count: int = LENGTH) -> list[Note]:
        """Oldest first."""
        return list(self.notes)[-count:]
