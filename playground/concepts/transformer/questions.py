"""What a visitor may ask of a live transformer."""

from typing import Annotated, Literal

from pydantic import Field

from playground.concept import Question
from playground.concepts.transformer.texts import say

Text = Annotated[str, Field(max_length=80)]


class Write(Question):
    words = say.part("questions.write")
    text: Text = ""


class HeadQuestion(Question):
    words = say.part("questions.head")
    text: Text = ""
    kind: Literal["auto", "encoder", "cross", "decoder"] = "auto"
    layer: Annotated[int, Field(ge=1, le=4)] = 1
    head: Annotated[int, Field(ge=1, le=8)] = 1


class Inside(HeadQuestion):
    words = say.part("questions.inside")
    row: Annotated[int, Field(ge=1, le=40)] = 1


class Shuffle(Question):
    words = say.part("questions.shuffle")
    text: Text = ""
    order: Annotated[int, Field(ge=0, le=9999)] = 0


class Edit(Question):
    words = say.part("questions.edit")
    text: Text = ""
    position: Annotated[int, Field(ge=1, le=32)] = 1
    character: Annotated[str, Field(max_length=1)] = "a"
