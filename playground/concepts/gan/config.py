"""The knobs of the GAN tab."""

from typing import Annotated, Any, Literal

from pydantic import Field, ValidationInfo, field_validator

from playground.concepts.gan.texts import say
from playground.data.drawn import HEART, inked
from playground.knobs import Config, Knob, Limit

WITH_STYLES = ("ring", "grid", "styles", "digits")
"""Real data that is made of several kinds, which a CAN can name."""


def is_digits(config: Any) -> bool:
    return bool(config.data == "digits")


def is_plane(config: Any) -> bool:
    return not is_digits(config)


def is_can(config: Any) -> bool:
    return bool(config.model == "CAN")


def is_wasserstein(config: Any) -> bool:
    return bool(config.loss == "WGAN-GP")


class GanConfig(Config):
    """A generator and a discriminator, and what they are trained on."""

    words = say.part("knobs")
    limits = (
        Limit(
            lower=("d_steps", "batch"),
            factors=("batch", "d_steps"),
            most=256,
            when=say("limits.digits"),
            applies_to=is_digits,
        ),
        Limit(
            lower=("d_steps", "batch"),
            factors=("batch", "d_steps"),
            most=192,
            when=say("limits.digits_wasserstein"),
            applies_to=lambda c: is_digits(c) and is_wasserstein(c),
        ),
        Limit(
            lower=("d_steps", "batch", "width"),
            factors=("batch", "d_steps", "width"),
            most=1_048_576,
            applies_to=is_plane,
        ),
    )

    data: Annotated[
        Literal["ring", "grid", "spiral", "moons", "drawn", "styles", "digits"],
        Knob(costly=("drawn", "styles", "digits")),
    ] = "ring"
    model: Annotated[Literal["GAN", "CAN"], Knob(costly=True)] = "GAN"
    ambiguity: Annotated[float, Field(ge=0, le=5), Knob(symbol="λ", live=True, applies_to=is_can)] = 1.0
    loss: Annotated[
        Literal["minimax", "non-saturating", "least-squares", "hinge", "WGAN-GP"],
        Knob(costly=("non-saturating", "WGAN-GP"), value_aliases={"least squares": "least-squares"}),
    ] = "non-saturating"
    r1: Annotated[float, Field(ge=0, le=2), Knob(symbol="γ", live=True)] = 0.1
    d_steps: Annotated[int, Field(ge=1, le=10), Knob(live=True, costly=True)] = 1
    lr_g: Annotated[float, Field(ge=1e-6, le=0.1), Knob(symbol="η_G", live=True, log=True)] = 1e-3
    lr_d: Annotated[float, Field(ge=1e-6, le=0.1), Knob(symbol="η_D", live=True, log=True)] = 1e-3
    noise: Annotated[int, Field(ge=1, le=64), Knob(symbol="z")] = 2
    form: Annotated[Literal["softmax", "paper"], Knob(advanced=True, applies_to=is_can)] = "softmax"
    smoothing: Annotated[float, Field(ge=0, le=0.5), Knob(live=True, advanced=True, applies_to=is_can)] = 0.05
    penalty: Annotated[float, Field(ge=0, le=100), Knob(live=True, advanced=True, applies_to=is_wasserstein)] = 0.1
    average: Annotated[float, Field(ge=0, le=0.999), Knob(live=True, advanced=True, applies_to=is_plane)] = 0.99
    spectral_norm: Annotated[bool, Knob(advanced=True, costly=(True,), applies_to=is_plane)] = False
    width: Annotated[int, Field(ge=8, le=256, multiple_of=8), Knob(advanced=True, costly=True, applies_to=is_plane)] = (
        128
    )
    batch: Annotated[int, Field(ge=16, le=512, multiple_of=16), Knob(advanced=True, costly=True)] = 128
    steps: Annotated[int, Field(ge=1, le=100_000), Knob(live=True, advanced=True)] = 6000
    drawing: Annotated[str, Knob(live=True, in_picture=True)] = HEART

    @field_validator("drawing")
    @classmethod
    def _drawing_is_one(cls, text: str) -> str:
        inked(text)
        return text

    @field_validator("model")
    @classmethod
    def _can_needs_styles(cls, model: str, info: ValidationInfo) -> str:
        data = info.data.get("data", "ring")
        if model == "CAN" and data not in WITH_STYLES:
            raise ValueError(say("refusals.no_styles", data=data, others=", ".join(WITH_STYLES)))
        return model
