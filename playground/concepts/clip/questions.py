"""What a visitor may ask of a live pair of encoders."""

from typing import Annotated, Literal

from pydantic import Field

from playground.concept import Drawing, Question, Sound, thumbnails
from playground.data.mnist import sprite_in_use

Who = Annotated[Literal["main", "the notes'"], Field(title="Whose answer")]

HeldoutDigit = Annotated[int, Field(ge=0, le=499, json_schema_extra=thumbnails(sprite_in_use()))]


class Pair(Question):
    dance: Annotated[int, Field(ge=0, le=63, title="Dance")] = 0
    """Of the held-out clips; a click in the matrix chooses both."""
    music: Annotated[int, Field(ge=0, le=63, title="Music")] = 0
    """Of the held-out clips; the same number belongs together."""
    model: Who = "main"
    """The model of the knobs, or the notes' beside it."""


class FindDance(Question):
    music: Annotated[int, Field(ge=0, le=63, title="Music")] = 0
    """Of the held-out clips."""
    sound: Annotated[Sound, Field(title="Your own music")] = ""
    """A wav, mp3, flac or ogg of 3.2 to 30 seconds, in the other one's place; it is not kept."""
    model: Who = "main"
    """The model of the knobs, or the notes' beside it."""


class FindMusic(Question):
    dance: Annotated[int, Field(ge=0, le=63, title="Dance")] = 0
    """Of the held-out clips."""
    model: Who = "main"
    """The model of the knobs, or the notes' beside it."""


class FindDigits(Question):
    caption: Annotated[str, Field(max_length=100, title="Caption")] = "a handwritten seven"
    """Any words of at most 32 characters."""


class FindCaptions(Question):
    drawing: Annotated[Drawing, Field(title="Draw a digit")] = ""
    """Or take a picture of one."""
    digit: Annotated[HeldoutDigit, Field(title="Held-out digit")] = 0
    """Used while nothing is drawn; a click in the matrix chooses it."""
