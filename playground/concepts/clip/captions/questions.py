"""What a visitor may ask of live encoders of digits and captions."""

from typing import Annotated

from pydantic import Field

from playground.concept import Drawing, Question, thumbnails
from playground.concepts.clip.texts import say
from playground.data.captions import EXAMPLE
from playground.data.mnist import sprite_in_use

HeldoutDigit = Annotated[int, Field(ge=0, le=499, json_schema_extra=thumbnails(sprite_in_use()))]


class FindDigits(Question):
    words = say.part("questions.find_digits")

    caption: Annotated[str, Field(max_length=100)] = EXAMPLE


class FindCaptions(Question):
    words = say.part("questions.find_captions")

    drawing: Drawing = ""
    digit: HeldoutDigit = 0
