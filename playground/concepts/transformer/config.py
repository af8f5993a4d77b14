"""The knobs of the Transformer tab."""

from typing import Annotated, Any, Literal

from pydantic import Field, ValidationInfo, field_validator

from playground.knobs import Config, Knob, Limit

SIZE, WRITTEN_SIZE = ("layers", "heads", "d_k", "heads", "d_k"), "{layers} × ({heads} × {d_k})²"
"""How the number of a model's weights grows."""
WIDTHS = ("layers", "heads", "d_k")
"""How the number of the numbers grows in which it holds a token."""


def has_no_causal_mask(config: Any) -> bool:
    return not config.causal and config.resolved_architecture != "encoder"


def without_mask(*lower: str, factors: tuple[str, ...], most: int) -> Limit:
    """Held-out answers are then written token by token, each with a pass through the whole decoder."""
    when = "without the causal mask"
    return Limit(lower=lower, factors=factors, most=most, when=when, applies_to=has_no_causal_mask)


class TransformerConfig(Config):
    """A transformer on endless strings whose right attention is known."""

    limits = (
        Limit(lower=("d_k", "heads", "layers"), factors=SIZE, written=WRITTEN_SIZE, most=65_536),
        Limit(
            lower=("batch", "d_k", "heads", "layers"),
            factors=("batch", *SIZE),
            written=f"{{batch}} × {WRITTEN_SIZE}",
            most=4_194_304,
        ),
        without_mask("d_k", "heads", factors=("heads", "d_k"), most=64),
        without_mask("heads", "layers", factors=("layers", "heads"), most=8),
        without_mask("d_k", "heads", "layers", factors=WIDTHS, most=128),
        without_mask("batch", "d_k", factors=("batch", *WIDTHS), most=8192),
    )

    task: Annotated[
        Literal["dates", "reverse", "sort", "brackets", "repeat"],
        Field(title="Task"),
        Knob(costly=("dates", "brackets", "repeat")),
    ] = "dates"
    """Rewrite a date as ISO; reverse or sort letters; find each bracket's partner; go on with a repeated segment."""
    architecture: Annotated[
        Literal["auto", "encoder-decoder", "decoder", "encoder"],
        Field(title="Architecture"),
        Knob(costly=("encoder-decoder", "decoder", "encoder")),
    ] = "auto"
    """auto: an encoder for brackets, a decoder for repeats, else both. A decoder alone reads and writes one text."""
    layers: Annotated[int, Field(ge=1, le=4, title="Layers"), Knob(costly=True)] = 1
    """Of the encoder and of the decoder (repeat: at least two make an induction head)."""
    heads: Annotated[int, Field(ge=1, le=8, title="Heads"), Knob(symbol="h", costly=True)] = 4
    """Attention maps side by side, each with projections of its own."""
    d_k: Annotated[int, Field(ge=4, le=64, multiple_of=2, title="Width of a head"), Knob(symbol="d_k", costly=True)] = (
        16
    )
    """Numbers in a query or key; the tokens are h · d_k wide."""
    positions: Annotated[
        Literal["none", "sinusoidal", "learned", "rotary"], Field(title="Positions"), Knob(costly=("rotary",))
    ] = "learned"
    """How a token knows where it stands (rotary: in self-attention only)."""
    norm: Annotated[Literal["pre", "post"], Field(title="Norm")] = "pre"
    """Before each sublayer, or after the sum (Vaswani's original)."""
    lr: Annotated[float, Field(ge=1e-5, le=1, title="Learning rate"), Knob(symbol="η", live=True, log=True)] = 3e-3
    """AdamW's step size, after a short warm-up."""
    dropout: Annotated[float, Field(ge=0, le=0.5, title="Dropout"), Knob(live=True)] = 0.0
    """Share of each sublayer's output that is zeroed in training."""
    scaled: Annotated[bool, Field(title="Scaling by 1/√d_k")] = True
    """Off: the scores grow with the width of a head."""
    causal: Annotated[bool, Field(title="Causal mask"), Knob(costly=True)] = True
    """Off: the decoder sees the answer while it learns to give it."""
    residual: Annotated[bool, Field(title="Residual connections"), Knob(advanced=True)] = True
    """Off: each sublayer replaces its input."""
    layer_norm: Annotated[bool, Field(title="Layer norm"), Knob(advanced=True)] = True
    """Off: nothing keeps the tokens' size."""
    batch: Annotated[int, Field(ge=8, le=256, title="Batch size"), Knob(advanced=True, costly=True)] = 64
    """Strings a step."""
    steps: Annotated[int, Field(ge=1, le=100_000, title="Steps"), Knob(live=True, advanced=True)] = 1200
    """The run stops after so many optimiser steps; raise it and the run goes on."""
    schedule: Annotated[int, Field(ge=1, le=100_000, title="Schedule length"), Knob(advanced=True, follows="steps")] = (
        1200
    )
    """Steps in which the learning rate falls from η to a twentieth, where it stays; longer: it is high for longer."""

    @field_validator("architecture")
    @classmethod
    def _can_do_the_task(cls, architecture: str, info: ValidationInfo) -> str:
        task = info.data.get("task")
        if task == "repeat" and architecture not in ("auto", "decoder"):
            raise ValueError("a text that goes on (task repeat) takes a decoder")
        if task == "dates" and architecture == "encoder":
            raise ValueError("an encoder labels each character, and a date is longer than some texts")
        return architecture

    @property
    def resolved_architecture(self) -> Literal["encoder-decoder", "decoder", "encoder"]:
        """The architecture that "auto" stands for."""
        if self.architecture != "auto":
            return self.architecture
        return {"brackets": "encoder", "repeat": "decoder"}.get(self.task, "encoder-decoder")  # type: ignore[return-value]
