"""The knobs of the Residual tab."""

from typing import Annotated, Any, Literal

from pydantic import Field, ValidationInfo, field_validator

from playground.concepts.residual.texts import say
from playground.knobs import Config, Knob, Limit

DEPTHS = (8, 20, 32, 56)
"""Of the networks whose training losses make the degradation curve."""


def is_pair(config: Any) -> bool:
    return bool(config.networks == "pair")


def is_images(config: Any) -> bool:
    return bool(config.data == "images")


def is_plane(config: Any) -> bool:
    return config.data in ("spirals", "moons")


def has_alpha(config: Any) -> bool:
    return bool(config.block == "scaled")


def blocks_of(depth: int) -> int:
    """Blocks of a network whose depth counts weight layers: two a block, the first one and the last one."""
    return depth // 2 - 1


class ResidualConfig(Config):
    """Networks with and without shortcuts, and how they are trained."""

    words = say.part("knobs")
    limits = (
        Limit(
            lower=("depth", "channels"),
            factors=("depth", "channels"),
            most=448,
            when=say("limits.images"),
            applies_to=is_images,
        ),
        Limit(
            lower=("batch", "depth", "channels"),
            factors=("batch", "depth", "channels"),
            most=57_344,
            when=say("limits.images"),
            applies_to=is_images,
        ),
    )

    data: Annotated[Literal["digits", "images", "spirals", "moons"], Knob(costly=("images",))] = "digits"
    networks: Annotated[Literal["pair", "depths"], Knob(costly=True)] = "pair"
    depth: Annotated[int, Field(ge=4, le=64, multiple_of=2), Knob(symbol="L", costly=True, applies_to=is_pair)] = 56
    block: Annotated[Literal["post", "pre", "scaled"], Knob()] = "post"
    alpha: Annotated[float, Field(ge=0, le=1.5), Knob(symbol="α", live=True, applies_to=has_alpha)] = 0.5
    norm: Annotated[Literal["batch", "layer", "none"], Knob()] = "batch"
    start: Annotated[Literal["he", "xavier", "zero"], Knob()] = "he"
    lr: Annotated[float, Field(ge=1e-5, le=1), Knob(symbol="η", live=True, log=True)] = 0.05
    optimiser: Annotated[Literal["sgd", "momentum", "adam"], Knob()] = "sgd"
    survival: Annotated[float, Field(ge=0.1, le=1), Knob(symbol="p", live=True)] = 1.0
    width: Annotated[
        int, Field(ge=2, le=64), Knob(advanced=True, costly=True, applies_to=lambda c: not is_images(c))
    ] = 32  # fmt: skip
    channels: Annotated[int, Field(ge=2, le=16), Knob(advanced=True, costly=True, applies_to=is_images)] = 8
    batch: Annotated[int, Field(ge=16, le=256, multiple_of=16), Knob(advanced=True, costly=True)] = 128
    steps: Annotated[int, Field(ge=1, le=100_000), Knob(live=True, advanced=True)] = 2000

    @field_validator("networks")
    @classmethod
    def _depths_need_an_mlp(cls, networks: str, info: ValidationInfo) -> str:
        if networks == "depths" and info.data.get("data") == "images":
            raise ValueError(say("refusals.too_slow_for_depths"))
        return networks
