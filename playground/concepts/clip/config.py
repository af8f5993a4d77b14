"""The knobs of the CLIP tab."""

from typing import Annotated, Any, Literal

from pydantic import Field

from playground.knobs import Config, Knob, Limit


def of_dance(config: Any) -> bool:
    return bool(config.data == "dance")


def trains_two_transformers(config: Any) -> bool:
    return of_dance(config) and config.network == "transformer" and bool(config.beside)


class ClipConfig(Config):
    """Two encoders that learn what belongs together."""

    limits = (
        Limit(
            lower=("batch", "frames", "feature_dim"),
            factors=("batch", "frames", "feature_dim"),
            most=327_680,
            when="for two models with transformers",
            applies_to=trains_two_transformers,
        ),
    )

    data: Annotated[Literal["dance", "digits"], Field(title="Pairs"), Knob(costly=True)] = "dance"
    """Dance and its music, or handwritten digits and captions such as "a photo of a seven"."""
    contrast: Annotated[Literal["clips", "frames"], Field(title="Contrast"), Knob(applies_to=of_dance)] = "clips"
    """Whole clips across the batch, as CLIP does, or the time steps within each clip, as the notes do."""
    loss: Annotated[Literal["InfoNCE", "sigmoid"], Field(title="Loss")] = "InfoNCE"
    """A softmax over all candidates, or each pair by itself (SigLIP)."""
    scale: Annotated[Literal["exponential", "linear", "fixed"], Field(title="Scale"), Knob(symbol="t")] = "exponential"
    """CLIP's exp(s) from 1/0.07 (SigLIP: from 10), 100 at most; the notes' number from 1.0; or 1 for good."""
    beside: Annotated[bool, Field(title="The notes' beside it"), Knob(costly=True, applies_to=of_dance)] = True
    """Trains a second model on the same batches in the notes' way: frames, InfoNCE, a linear scale from 1.0."""
    network: Annotated[
        Literal["mlp", "conv", "transformer"], Field(title="Encoders"), Knob(costly=True, applies_to=of_dance)
    ] = "conv"
    """What each frame's vector is made of: the frame itself, the few around it, or the whole clip."""
    feature_dim: Annotated[int, Field(ge=8, le=256, multiple_of=8, title="Width"), Knob(symbol="d", costly=True)] = 64
    """Of the space that both share (256 in the notes)."""
    lr: Annotated[float, Field(ge=1e-5, le=1, title="Learning rate"), Knob(symbol="η", live=True, log=True)] = 2e-3
    """AdamW's step size."""
    frames: Annotated[int, Field(ge=8, le=32, title="Frames"), Knob(symbol="S", costly=True, applies_to=of_dance)] = 32
    """Of each clip, a tenth of a second apart; fewer: a stretch at random."""
    batch: Annotated[int, Field(ge=4, le=64, title="Batch size"), Knob(symbol="N", advanced=True, costly=True)] = 32
    """Pairs a step: their number is the number of candidates."""
    input_dropout: Annotated[
        float, Field(ge=0, le=0.9, title="Input dropout"), Knob(live=True, advanced=True, applies_to=of_dance)
    ] = 0.5
    """Share of the features hidden from each clip in training: 256 clips are few, and learned by heart."""
    steps: Annotated[int, Field(ge=1, le=100_000, title="Steps"), Knob(live=True, advanced=True)] = 1500
    """The run stops after so many optimiser steps; raise it and the run goes on."""
