"""Swaps of codes as a visitor writes them: place:code, with blanks between."""

from __future__ import annotations

import re

PLACES = 49


def parse_edits(edits: str) -> dict[int, int]:
    """ "24:17 25:3" → {24: 17, 25: 3}; raises ValueError with a sentence."""
    found: dict[int, int] = {}
    for pair in edits.split():
        match = re.fullmatch(r"(\d{1,2}):(\d{1,3})", pair)
        if not match or int(match[1]) >= PLACES or int(match[2]) > 511:
            raise ValueError(f"{pair!r} is no place:code with a place of 0 to 48 and a code of 0 to 511")
        found[int(match[1])] = int(match[2])
    return found
