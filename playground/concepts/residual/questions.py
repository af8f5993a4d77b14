"""What a visitor may ask of two live networks."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, field_validator

from playground.concept import Question, thumbnails
from playground.concepts.residual.texts import say
from playground.data.mnist import sprite_in_use

Arm = Literal["plain", "residual"]
Block = Annotated[int, Field(ge=1, le=31)]
"""Counted from the input."""
Example = Annotated[int, Field(ge=0, le=499)]
"""Of the held-out examples."""
Digit = Annotated[int, Field(ge=0, le=499, json_schema_extra=thumbnails(sprite_in_use()))]
"""Of the held-out digits."""
BlockNumbers = Annotated[str, Field(max_length=120)]
"""Numbers of blocks with blanks between them, such as "3 12"."""


def block_numbers(text: str) -> list[int]:
    """The numbers in a text such as "3 12", each once and in order; raises ValueError with a sentence."""
    try:
        return sorted({int(word) for word in text.replace(",", " ").split()})
    except ValueError:
        raise ValueError(say("refusals.no_block_numbers")) from None


class Cut(Question):
    words = say.part("questions.cut")

    plain: BlockNumbers = ""
    residual: BlockNumbers = ""

    @field_validator("plain", "residual")
    @classmethod
    def _are_numbers(cls, text: str) -> str:
        return " ".join(map(str, block_numbers(text)))


class Lesions(Question):
    words = say.part("questions.lesions")

    block: Block = 1


class Swap(Question):
    words = say.part("questions.swap")

    block: Block = 1


class Follow(Question):
    words = say.part("questions.follow")

    example: Digit = 0


class FollowPoint(Question):
    words = say.part("questions.follow_point")

    example: Example = 0


class Jacobian(Question):
    words = say.part("questions.jacobian")

    block: Block = 1
    example: Example = 0


class Landscape(Question):
    words = say.part("questions.landscape")

    reach: Annotated[float, Field(ge=0.05, le=2)] = 1.0
    directions: Annotated[int, Field(ge=0, le=999)] = 0
