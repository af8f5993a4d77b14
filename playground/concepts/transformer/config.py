"""The knobs of the Transformer tab."""

from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator

from playground.concept import Config, Knob


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
    heads: Annotated[int, Field(ge=1, le=8, title="Heads"), Knob("h")] = 4
    """Each looks in its own way."""
    d_k: Annotated[int, Field(ge=4, le=64, multiple_of=2, title="Width of a head"), Knob("d_k")] = 16
    """Numbers in a query or key; the tokens are h · d_k wide."""
    positions: Annotated[Literal["none", "sinusoidal", "learned", "rotary"], Field(title="Positions")] = "learned"
    """How a token knows where it stands (rotary: in self-attention only)."""
    norm: Annotated[Literal["pre", "post"], Field(title="Norm")] = "pre"
    """Before each part, or after the sum (Vaswani's original)."""
    lr: Annotated[float, Field(ge=1e-5, le=1, title="Learning rate"), Knob("η", live=True, log=True)] = 3e-3
    """AdamW's step size, after a short warm-up."""
    dropout: Annotated[float, Field(ge=0, le=0.5, title="Dropout"), Knob(live=True)] = 0.0
    """Share of each part's output that is hidden in training."""
    scaled: Annotated[bool, Field(title="Scaling by 1/√d_k")] = True
    """Off: the scores grow with the width of a head."""
    causal: Annotated[bool, Field(title="Causal mask")] = True
    """Off: the decoder sees the answer while it learns to give it."""
    residual: Annotated[bool, Field(title="Residual connections"), Knob(advanced=True)] = True
    """Off: each part replaces its input."""
    layer_norm: Annotated[bool, Field(title="Layer norm"), Knob(advanced=True)] = True
    """Off: nothing keeps the tokens' size."""
    batch: Annotated[int, Field(ge=8, le=256, title="Batch size"), Knob(advanced=True)] = 64
    """Strings a step."""
    steps: Annotated[int, Field(ge=1, le=100_000, title="Steps"), Knob(advanced=True)] = 1200
    """Budget of the run, in optimiser steps: it stops there."""

    @field_validator("architecture")
    @classmethod
    def _fits(cls, architecture: str, info: ValidationInfo) -> str:
        task = info.data.get("task")
        if task == "repeat" and architecture not in ("auto", "decoder"):
            raise ValueError("a text that goes on (task repeat) takes a decoder")
        if task == "dates" and architecture == "encoder":
            raise ValueError("an encoder labels each character, and a date is longer than some texts")
        return architecture

    @property
    def parts(self) -> Literal["encoder-decoder", "decoder", "encoder"]:
        """The architecture that "auto" stands for."""
        if self.architecture != "auto":
            return self.architecture
        return {"brackets": "encoder", "repeat": "decoder"}.get(self.task, "encoder-decoder")  # type: ignore[return-value]
