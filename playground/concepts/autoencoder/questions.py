"""What a visitor can ask of a live autoencoder: one model a probe, its fields the controls. Imports no torch."""

from typing import Annotated

from pydantic import Field

from playground.concept import Drawing, Question, thumbnails
from playground.data.mnist import sprite_in_use

Index = Annotated[int, Field(ge=0, le=499, json_schema_extra=thumbnails(sprite_in_use()))]
Place = Annotated[float, Field(ge=-20, le=20)]


class Draw(Question):
    drawing: Drawing = ""
    """Draw a digit; the answer comes after each stroke."""
    label: Annotated[int, Field(ge=0, le=9, title="Its class (CVAE only)")] = 3
    """A CVAE is told the class of what it encodes."""


class Decode(Question):
    x: Annotated[Place, Field(title="First coordinate")] = 0.0
    """Or click anywhere in the latent plane."""
    y: Annotated[Place, Field(title="Second coordinate")] = 0.0
    """The second coordinate of the plane."""


class Interpolate(Question):
    from_digit: Annotated[Index, Field(title="From held-out digit")] = 2
    """Its number, 0 to 499."""
    to_digit: Annotated[Index, Field(title="To held-out digit")] = 11
    """Its number, 0 to 499."""


class Style(Question):
    digit: Annotated[Index, Field(title="Held-out digit")] = 7
    """Whose style to keep."""


class Reparameterise(Question):
    digit: Annotated[Index, Field(title="Held-out digit")] = 7
    """The x of q(z|x)."""
    mu_shift: Annotated[float, Field(ge=-3, le=3, title="Move μ₁ by")] = 0.0
    """Slide it: every z moves along, ε stays."""
    log_sigma_shift: Annotated[float, Field(ge=-3, le=2, title="Widen log σ by")] = 0.0
    """Slide it: the cloud of z breathes, ε stays."""
