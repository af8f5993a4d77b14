"""What a visitor may ask of a live pair of encoders."""

from typing import Annotated, Literal

from pydantic import Field

from playground.concept import Question

Who = Annotated[Literal["main", "the notes'"], Field(title="Whose answer")]


class Pair(Question):
    dance: Annotated[int, Field(ge=0, le=63, title="Dance")] = 0
    """Of the 64 held-out clips; a click in the matrix chooses both."""
    music: Annotated[int, Field(ge=0, le=63, title="Music")] = 0
    """Of the 64 held-out clips; the same number belongs together."""
    model: Who = "main"
    """The model of the knobs, or the notes' beside it."""


class FindDance(Question):
    music: Annotated[int, Field(ge=0, le=63, title="Music")] = 0
    """Of the 64 held-out clips."""
    model: Who = "main"
    """The model of the knobs, or the notes' beside it."""


class FindMusic(Question):
    dance: Annotated[int, Field(ge=0, le=63, title="Dance")] = 0
    """Of the 64 held-out clips."""
    model: Who = "main"
    """The model of the knobs, or the notes' beside it."""
