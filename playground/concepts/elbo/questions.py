"""What a visitor may ask of a live q."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from playground.concept import Question
from playground.concepts.elbo.texts import say


class Importance(Question):
    words = say.part("questions.importance")

    draws: Annotated[int, Field(ge=2, le=200)] = 50
    seed: Annotated[int, Field(ge=0, le=9999)] = 0


class Estimates(Question):
    words = say.part("questions.gradients")

    samples: Annotated[int, Field(ge=2, le=256)] = 16
    seed: Annotated[int, Field(ge=0, le=9999)] = 0
