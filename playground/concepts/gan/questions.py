"""What a visitor may ask of a live pair of players."""

from typing import Annotated

from pydantic import Field

from playground.concept import Question


class Cut(Question):
    y: Annotated[float, Field(ge=-3, le=3, title="Height of the cut")] = 0.0
    """A click in the plane chooses it."""


class Neighbours(Question):
    sample: Annotated[int, Field(ge=0, le=99, title="Generated digit")] = 0
    """A click in the sheet of digits chooses it."""


class Walk(Question):
    first: Annotated[int, Field(ge=0, le=99, title="From digit")] = 0
    """Of the sheet of digits, counted row by row."""
    last: Annotated[int, Field(ge=0, le=99, title="To digit")] = 1
    """Of the sheet of digits, counted row by row."""
