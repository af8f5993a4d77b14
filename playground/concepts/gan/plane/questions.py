"""What a visitor may ask of players in the plane."""

from typing import Annotated

from pydantic import Field

from playground.concept import Question
from playground.concepts.gan.texts import say


class Cut(Question):
    words = say.part("questions.cut")
    y: Annotated[float, Field(ge=-3, le=3)] = 0.0
