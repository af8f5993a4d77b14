"""The knobs of the CLIP tab."""

from typing import Annotated, Any, Literal

from pydantic import Field

from playground.concepts.clip.texts import say
from playground.knobs import Config, Knob, Limit


def is_dance(config: Any) -> bool:
    return bool(config.data == "dance")


def trains_two_transformers(config: Any) -> bool:
    return is_dance(config) and config.network == "transformer" and bool(config.with_frame_objective)


class ClipConfig(Config):
    """Two encoders that learn what belongs together."""

    words = say.part("knobs")
    limits = (
        Limit(
            lower=("batch", "frames", "feature_dim"),
            factors=("batch", "frames", "feature_dim"),
            most=327_680,
            when=say("limits.two_transformers"),
            applies_to=trains_two_transformers,
        ),
    )

    data: Annotated[Literal["dance", "digits"], Knob(costly=True)] = "dance"
    contrast: Annotated[Literal["clips", "frames"], Knob(applies_to=is_dance)] = "clips"
    loss: Literal["InfoNCE", "sigmoid"] = "InfoNCE"
    scale: Annotated[Literal["exponential", "linear", "fixed"], Knob(symbol="t")] = "exponential"
    with_frame_objective: Annotated[bool, Knob(costly=True, applies_to=is_dance, aliases=("beside",))] = True
    network: Annotated[Literal["mlp", "conv", "transformer"], Knob(costly=True, applies_to=is_dance)] = "conv"
    feature_dim: Annotated[int, Field(ge=8, le=256, multiple_of=8), Knob(symbol="d", costly=True)] = 64
    lr: Annotated[float, Field(ge=1e-5, le=1), Knob(symbol="η", live=True, log=True)] = 2e-3
    frames: Annotated[int, Field(ge=8, le=32), Knob(symbol="S", costly=True, applies_to=is_dance)] = 32
    batch: Annotated[int, Field(ge=4, le=64), Knob(symbol="N", advanced=True, costly=True)] = 32
    input_dropout: Annotated[float, Field(ge=0, le=0.9), Knob(live=True, advanced=True, applies_to=is_dance)] = 0.5
    steps: Annotated[int, Field(ge=1, le=100_000), Knob(live=True, advanced=True)] = 1500
