"""The knobs of the Transformer tab."""

from typing import Annotated, Literal, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator

from playground.concept import Config, Knob

MAX_MODEL, MAX_STEP = 65_536, 8_388_608
"""Bounds on layers · width² and on that · batch: a step of the largest takes about 0.3 s on one core."""


class TransformerConfig(Config):
    """A transformer on endless strings whose right attention is known."""

    task: Annotated[Literal["dates", "reverse", "sort", "brackets", "repeat"], Field(title="Task")] = "dates"
    """Rewrite a date as ISO; reverse or sort letters; find each bracket's partner; go on with a repeated segment."""
    architecture: Annotated[Literal["auto", "encoder-decoder", "decoder", "encoder"], Field(title="Architecture")] = (
        "auto"
    )
    """auto: an encoder for brackets, a decoder for repeats, else both. A decoder alone reads and writes one text."""
    layers: Annotated[int, Field(ge=1, le=4, title="Layers")] = 1
    """Of the encoder and of the decoder (repeat: at least two make an induction head)."""
    heads: Annotated[int, Field(ge=1, le=8, title="Heads"), Knob(symbol="h")] = 4
    """Attention maps side by side, each with projections of its own."""
    d_k: Annotated[int, Field(ge=4, le=64, multiple_of=2, title="Width of a head"), Knob(symbol="d_k")] = 16
    """Numbers in a query or key; the tokens are h · d_k wide."""
    positions: Annotated[Literal["none", "sinusoidal", "learned", "rotary"], Field(title="Positions")] = "learned"
    """How a token knows where it stands (rotary: in self-attention only)."""
    norm: Annotated[Literal["pre", "post"], Field(title="Norm")] = "pre"
    """Before each sublayer, or after the sum (Vaswani's original)."""
    lr: Annotated[float, Field(ge=1e-5, le=1, title="Learning rate"), Knob(symbol="η", live=True, log=True)] = 3e-3
    """AdamW's step size, after a short warm-up."""
    dropout: Annotated[float, Field(ge=0, le=0.5, title="Dropout"), Knob(live=True)] = 0.0
    """Share of each sublayer's output that is zeroed in training."""
    scaled: Annotated[bool, Field(title="Scaling by 1/√d_k")] = True
    """Off: the scores grow with the width of a head."""
    causal: Annotated[bool, Field(title="Causal mask")] = True
    """Off: the decoder sees the answer while it learns to give it."""
    residual: Annotated[bool, Field(title="Residual connections"), Knob(advanced=True)] = True
    """Off: each sublayer replaces its input."""
    layer_norm: Annotated[bool, Field(title="Layer norm"), Knob(advanced=True)] = True
    """Off: nothing keeps the tokens' size."""
    batch: Annotated[int, Field(ge=8, le=256, title="Batch size"), Knob(advanced=True)] = 64
    """Strings a step."""
    steps: Annotated[int, Field(ge=1, le=100_000, title="Steps"), Knob(advanced=True)] = 1200
    """Budget of the run, in optimiser steps: it stops there."""

    @field_validator("architecture")
    @classmethod
    def _can_do_the_task(cls, architecture: str, info: ValidationInfo) -> str:
        task = info.data.get("task")
        if task == "repeat" and architecture not in ("auto", "decoder"):
            raise ValueError("a text that goes on (task repeat) takes a decoder")
        if task == "dates" and architecture == "encoder":
            raise ValueError("an encoder labels each character, and a date is longer than some texts")
        return architecture

    @model_validator(mode="after")
    def _leaves_room_for_others(self) -> Self:
        width = self.heads * self.d_k
        size = self.layers * width**2
        if size > MAX_MODEL:
            raise ValueError(
                f"layers {self.layers} × (heads {self.heads} × d_k {self.d_k})² = {size:,} is too large for a shared "
                f"machine, {MAX_MODEL:,} is the most: lower d_k, heads or layers."
            )
        if size * self.batch > MAX_STEP:
            raise ValueError(
                f"batch {self.batch} is too large for this model, {MAX_STEP // size} is the most with layers "
                f"{self.layers}, heads {self.heads} and d_k {self.d_k}: lower batch, or one of them."
            )
        return self

    @property
    def resolved_architecture(self) -> Literal["encoder-decoder", "decoder", "encoder"]:
        """The architecture that "auto" stands for."""
        if self.architecture != "auto":
            return self.architecture
        return {"brackets": "encoder", "repeat": "decoder"}.get(self.task, "encoder-decoder")  # type: ignore[return-value]
