"""The knobs of the GAN tab."""

from typing import Annotated, Any, Literal

from pydantic import Field, ValidationInfo, field_validator

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

    limits = (
        Limit(
            lower=("d_steps", "batch"),
            factors=("batch", "d_steps"),
            most=256,
            when="for digits",
            applies_to=is_digits,
        ),
        Limit(
            lower=("d_steps", "batch"),
            factors=("batch", "d_steps"),
            most=192,
            when="for digits with WGAN-GP",
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
        Field(title="Real data"),
        Knob(costly=("drawn", "styles", "digits")),
    ] = "ring"
    """Points in the plane (eight Gaussians, 25 of them, two curves, what you draw, four wide Gaussians), or digits."""
    model: Annotated[Literal["GAN", "CAN"], Field(title="Model"), Knob(costly=True)] = "GAN"
    """CAN's discriminator also names the style (which Gaussian, which digit), and its generator avoids having one."""
    ambiguity: Annotated[
        float, Field(ge=0, le=5, title="Style ambiguity"), Knob(symbol="λ", live=True, applies_to=is_can)
    ] = 1.0
    """Weight of the generator's wish that its style can't be named; 0 makes it a GAN."""
    loss: Annotated[
        Literal["minimax", "non-saturating", "least squares", "hinge", "WGAN-GP"],
        Field(title="Loss"),
        Knob(costly=("non-saturating", "WGAN-GP")),
    ] = "non-saturating"
    """Of both players; minimax is the first paper's, whose generator stalls where the discriminator is sure."""
    r1: Annotated[float, Field(ge=0, le=2, title="R1"), Knob(symbol="γ", live=True)] = 0.1
    """Weight of the squared gradient of D at real points: it calms the duel."""
    d_steps: Annotated[int, Field(ge=1, le=10, title="D steps a step"), Knob(live=True, costly=True)] = 1
    """Steps of the discriminator for each one of the generator."""
    lr_g: Annotated[
        float, Field(ge=1e-6, le=0.1, title="Generator's rate"), Knob(symbol="η_G", live=True, log=True)
    ] = 1e-3
    """Adam's step size."""
    lr_d: Annotated[
        float, Field(ge=1e-6, le=0.1, title="Discriminator's rate"), Knob(symbol="η_D", live=True, log=True)
    ] = 1e-3
    """Adam's step size."""
    noise: Annotated[int, Field(ge=1, le=64, title="Noise size"), Knob(symbol="z")] = 2
    """Numbers that a sample is made of: with two, the grid shows how they fold into it."""
    form: Annotated[
        Literal["softmax", "paper"], Field(title="Ambiguity loss"), Knob(advanced=True, applies_to=is_can)
    ] = "softmax"
    """Cross-entropy with equal shares, or the paper's sum over classes one by one."""
    smoothing: Annotated[
        float, Field(ge=0, le=0.5, title="Style smoothing"), Knob(live=True, advanced=True, applies_to=is_can)
    ] = 0.05
    """Part of a style's label that all styles share: without it the head grows so sure that D is no match for it."""
    penalty: Annotated[
        float, Field(ge=0, le=100, title="Gradient penalty"), Knob(live=True, advanced=True, applies_to=is_wasserstein)
    ] = 0.1
    """Weight of the wish that D's gradient has the length 1 between real and generated samples (10 in the paper)."""
    average: Annotated[
        float, Field(ge=0, le=0.999, title="Average"), Knob(live=True, advanced=True, applies_to=is_plane)
    ] = 0.99
    """How much of the generator's running average each step keeps: the average is measured; 0: the generator itself."""
    spectral_norm: Annotated[
        bool, Field(title="Spectral norm"), Knob(advanced=True, costly=(True,), applies_to=is_plane)
    ] = False
    """Divides each matrix of the discriminator by its largest singular value."""
    width: Annotated[
        int, Field(ge=8, le=256, multiple_of=8, title="Width"), Knob(advanced=True, costly=True, applies_to=is_plane)
    ] = 128
    """Of the hidden layers, in the plane."""
    batch: Annotated[
        int, Field(ge=16, le=512, multiple_of=16, title="Batch size"), Knob(advanced=True, costly=True)
    ] = 128
    """Real and generated samples a step."""
    steps: Annotated[int, Field(ge=1, le=100_000, title="Steps"), Knob(live=True, advanced=True)] = 6000
    """The run stops after so many steps of the generator; raise it and the run goes on."""
    drawing: Annotated[str, Field(title="Drawing"), Knob(live=True, in_picture=True)] = HEART
    """The real data that you drew: 24 × 24 cells as hexadecimal digits."""

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
            raise ValueError(f"the real data {data!r} has no styles to name; {', '.join(WITH_STYLES)} have")
        return model
