"""Where the pictures of the plane show what: reach, held-out points, and two panels on one pair of axes."""

from __future__ import annotations

from playground.palette import CLASS_COLOURS

REACH = 2.5
"""The plane is shown from −REACH to REACH, each way."""
APART = 2 * REACH + 0.4
"""How far to the right of the plain network's panel the residual network's stands, on the same axes."""
SHOWN = 200
"""Held-out points that are shown, and can be clicked."""
CLASSES = (1, 4)
"""The colours of class 0 and of class 1 in the palette: none that an arm has."""
COLOURS = tuple(CLASS_COLOURS[number] for number in CLASSES)


def in_plane(x: float) -> float:
    """A click's place across, in either panel → the same in the plane."""
    return x - APART if x > APART / 2 else x
