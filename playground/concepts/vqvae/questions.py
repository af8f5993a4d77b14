"""What a visitor may ask of a live codebook."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, field_validator

from playground.concept import Drawing, Question, thumbnails
from playground.concepts.vqvae.places import PLACES, parse_edits
from playground.data.mnist import sprite_in_use

HeldoutDigit = Annotated[int, Field(ge=0, le=499, json_schema_extra=thumbnails(sprite_in_use()))]


class Swap(Question):
    """Which codes of a map are swapped for others."""

    place: Annotated[int, Field(ge=0, le=PLACES - 1, title="Place")] = 24
    """Of 7×7, row by row from 0 to 48; 24 is the middle."""
    code: Annotated[int, Field(ge=-1, le=511, title="Code")] = -1
    """Put there; −1 leaves the encoder's."""
    edits: Annotated[str, Field(max_length=600, title="More swaps")] = ""
    """place:code of every other one, such as 24:17 25:3."""

    @field_validator("edits")
    @classmethod
    def _are_pairs(cls, edits: str) -> str:
        parse_edits(edits)
        return edits


class SwapInDigit(Swap):
    digit: Annotated[HeldoutDigit, Field(title="Held-out digit")] = 0
    """Which of the 500; a click in a map chooses one."""


class SwapInDrawing(Swap):
    drawing: Drawing = ""
    """Draw with mouse or finger; it is centred and scaled as the digits were."""


class Fires(Question):
    code: Annotated[int, Field(ge=0, le=511, title="Code")] = 0
    """Which of the codebook."""


class Sample(Question):
    temperature: Annotated[float, Field(ge=0.05, le=3, title="Temperature")] = 1.0
    """Under 1: only what is probable; over 1: anything goes."""
    noise: Annotated[int, Field(ge=0, le=9999, title="Draw")] = 0
    """Another number, other digits."""
