"""What a visitor may ask of a live codebook."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, field_validator

from playground.concept import Drawing, Question, thumbnails
from playground.concepts.vqvae.places import PLACES, parse_edits
from playground.concepts.vqvae.texts import say
from playground.data.mnist import sprite_in_use

HeldoutDigit = Annotated[int, Field(ge=0, le=499, json_schema_extra=thumbnails(sprite_in_use()))]


class Swap(Question):
    """Which codes of a map are swapped for others."""

    words = say.part("questions.swap")

    place: Annotated[int, Field(ge=0, le=PLACES - 1)] = 24
    code: Annotated[int, Field(ge=-1, le=511)] = -1
    edits: Annotated[str, Field(max_length=600)] = ""

    @field_validator("edits")
    @classmethod
    def _are_pairs(cls, edits: str) -> str:
        parse_edits(edits)
        return edits


class SwapInDigit(Swap):
    digit: HeldoutDigit = 0


class SwapInDrawing(Swap):
    drawing: Drawing = ""


class Fires(Question):
    words = say.part("questions.fires")

    code: Annotated[int, Field(ge=0, le=511)] = 0
