"""What a visitor may ask of a generator of digits."""

from typing import Annotated

from pydantic import Field

from playground.concept import Question
from playground.concepts.gan.texts import say

Sample = Annotated[int, Field(ge=0, le=99)]
"""A digit of the sheet, counted row by row."""


class Neighbours(Question):
    words = say.part("questions.nearest")
    sample: Sample = 0


class Walk(Question):
    words = say.part("questions.walk")
    first: Sample = 0
    last: Sample = 1
