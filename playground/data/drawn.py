"""A distribution that a visitor draws: ink in the cells of a square, as a text short enough for an address."""

from __future__ import annotations

import numpy as np

from playground.words import say

CELLS = 24
"""In a row, and in a column."""
REACH = 3.0
"""The square is −REACH to REACH in x and y."""
DIGITS = CELLS * CELLS // 4
"""Hexadecimal digits of the text: one for every four cells, the top row first."""
HEART = (
    "0000000000000fe7f0183c1830000c20000420000460000620000420000420000430000c1000081800180800100c00300600600300c001c3"
    "80006600003c00001800000000000000"
)


def inked(text: str) -> np.ndarray:
    """(CELLS, CELLS) bool, the top row first. Raises ValueError with a sentence for what is no such drawing."""
    try:
        number = bytes.fromhex(text)
    except ValueError:
        raise ValueError(say("drawing.no_digits", text=text[:12])) from None
    if len(text) != DIGITS:
        raise ValueError(say("drawing.wrong_length", length=len(text), digits=DIGITS, cells=CELLS))
    cells = np.unpackbits(np.frombuffer(number, np.uint8)).reshape(CELLS, CELLS).astype(bool)
    if not cells.any():
        raise ValueError(say("drawing.empty"))
    return cells


def draws(text: str, random: np.random.Generator, count: int) -> np.ndarray:
    """(count, 2) points, spread evenly over the ink."""
    rows, columns = np.nonzero(inked(text))
    chosen = random.integers(len(rows), size=count)
    corner = np.stack([columns[chosen], CELLS - 1 - rows[chosen]], 1)  # from the lower left
    return (corner + random.uniform(size=(count, 2))) / CELLS * 2 * REACH - REACH
