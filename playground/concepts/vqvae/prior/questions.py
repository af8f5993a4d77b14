"""What a visitor may ask of a live prior."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from playground.concept import Question
from playground.concepts.vqvae.texts import say


class Sample(Question):
    words = say.part("questions.sample")

    temperature: Annotated[float, Field(ge=0.05, le=3)] = 1.0
    noise: Annotated[int, Field(ge=0, le=9999)] = 0
