"""What a visitor may ask of a live transformer."""

from typing import Annotated, Literal

from pydantic import Field

from playground.concept import Question

Text = Annotated[str, Field(max_length=80, title="Text")]


class Write(Question):
    text: Text = ""
    """Such as march 3, 2021 (letters: fadcbe, brackets: ([]{}), repeat: abcdeabc); empty: a held-out example."""


class HeadQuestion(Question):
    text: Text = ""
    """What the model reads; empty: a held-out example."""
    kind: Annotated[Literal["auto", "encoder", "cross", "decoder"], Field(title="Attention")] = "auto"
    """The encoder's, the decoder's to the encoder, or the decoder's own; auto: to the encoder where there is one."""
    layer: Annotated[int, Field(ge=1, le=4, title="Layer")] = 1
    """The first is 1."""
    head: Annotated[int, Field(ge=1, le=8, title="Head")] = 1
    """The first is 1."""


class Inside(HeadQuestion):
    row: Annotated[int, Field(ge=1, le=40, title="Row")] = 1
    """Of the map: the query. A click in a map sets all of these."""


class Shuffle(Question):
    text: Text = ""
    """What the model reads; empty: a held-out example."""
    order: Annotated[int, Field(ge=0, le=9999, title="Order")] = 0
    """Another number, another shuffle."""


class Edit(Question):
    text: Text = ""
    """What the model reads; empty: a held-out example."""
    position: Annotated[int, Field(ge=1, le=32, title="Position")] = 1
    """Of the character to replace; the first is 1."""
    character: Annotated[str, Field(max_length=1, title="By")] = "a"
    """What stands there instead."""
