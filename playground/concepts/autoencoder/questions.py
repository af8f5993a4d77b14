"""What a visitor can ask of a live autoencoder: one model a probe, its fields the controls. Imports no torch."""

from typing import Annotated

from pydantic import Field

from playground.concept import Drawing, Question, thumbnails
from playground.concepts.autoencoder.texts import say
from playground.data.mnist import sprite_in_use

Index = Annotated[int, Field(ge=0, le=499, json_schema_extra=thumbnails(sprite_in_use()))]
Place = Annotated[float, Field(ge=-20, le=20)]


class Draw(Question):
    words = say.part("questions.draw")

    drawing: Drawing = ""
    label: Annotated[int, Field(ge=0, le=9)] = 3


class Decode(Question):
    words = say.part("questions.decode")

    x: Place = 0.0
    y: Place = 0.0


class Interpolate(Question):
    words = say.part("questions.interpolate")

    from_digit: Index = 2
    to_digit: Index = 11


class Style(Question):
    words = say.part("questions.style")

    digit: Index = 7


class Reparameterise(Question):
    words = say.part("questions.reparameterise")

    digit: Index = 7
    mu_shift: Annotated[float, Field(ge=-3, le=3)] = 0.0
    log_sigma_shift: Annotated[float, Field(ge=-3, le=2)] = 0.0
