"""The right answer to any text, as far as there is one: what a model's answer is compared with."""

from __future__ import annotations

import datetime
import re

from playground.data.strings import MONTHS, Unreadable, partners, period

NUMBERED = {name: i + 1 for i, month in enumerate(MONTHS) for name in (month, month[:3])}
DATES = (
    r"(?P<name>[a-z]+) (?P<day>\d\d?),? (?P<year>\d{4})",
    r"(?P<day>\d\d?)\.? (?P<name>[a-z]+) (?P<year>\d{4})",
    r"(?P<day>\d\d?)\.(?P<month>\d\d?)\.(?P<year>\d{4})",
    r"(?P<year>\d{4})/(?P<month>\d\d?)/(?P<day>\d\d?)",
)


def solution(task: str, text: str) -> str | None:
    """What should be answered (repeat: the text, gone on with for as long again); None where that is not settled."""
    if task == "dates":
        return _iso(text)
    if task == "reverse":
        return text[::-1]
    if task == "sort":
        return "".join(sorted(text))
    if task == "brackets":
        try:
            return partners(text)
        except Unreadable:
            return None
    n = period(text)
    # A letter that comes again may be chance: from the second on it is clear that the segment begins again.
    return (text[:n] * len(text) * 8)[: len(text) + 64] if len(text) >= n + 2 else None


def _iso(text: str) -> str | None:
    for pattern in DATES:
        if found := re.fullmatch(pattern, text):
            parts = found.groupdict()
            month = NUMBERED.get(parts["name"]) if "name" in parts else int(parts["month"])
            try:
                return datetime.date(int(parts["year"]), month or 0, int(parts["day"])).isoformat()
            except ValueError:  # no such day or month
                return None
    return None
