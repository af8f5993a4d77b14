"""Swaps of codes as a visitor writes them: place:code, with blanks between."""

from __future__ import annotations

import re

from playground.concepts.vqvae.texts import say

PLACES = 49


def parse_edits(edits: str) -> dict[int, int]:
    """ "24:17 25:3" → {24: 17, 25: 3}; raises ValueError with a sentence."""
    found: dict[int, int] = {}
    for pair in edits.split():
        match = re.fullmatch(r"(\d{1,2}):(\d{1,3})", pair)
        if not match or int(match[1]) >= PLACES or int(match[2]) > 511:
            raise ValueError(say("refusals.edits", pair=pair))
        found[int(match[1])] = int(match[2])
    return found
