"""The knobs of the Transformer tab."""

from typing import Annotated, Any, Literal

from pydantic import Field, ValidationInfo, field_validator

from playground.concepts.transformer.texts import say
from playground.knobs import Config, Knob, Limit

SIZE, WRITTEN_SIZE = ("layers", "heads", "d_k", "heads", "d_k"), "{layers} × ({heads} × {d_k})²"
"""How the number of a model's weights grows."""
WIDTHS = ("layers", "heads", "d_k")
"""How the number of the numbers grows in which it holds a token."""


def has_no_causal_mask(config: Any) -> bool:
    return not config.causal and config.resolved_architecture != "encoder"


def without_mask(*lower: str, factors: tuple[str, ...], most: int) -> Limit:
    """Held-out answers are then written token by token, each with a pass through the whole decoder."""
    when = say("limits.no_causal_mask")
    return Limit(lower=lower, factors=factors, most=most, when=when, applies_to=has_no_causal_mask)


class TransformerConfig(Config):
    """A transformer on endless strings whose right attention is known."""

    words = say.part("knobs")
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
        Knob(costly=("dates", "brackets", "repeat")),
    ] = "dates"
    architecture: Annotated[
        Literal["auto", "encoder-decoder", "decoder", "encoder"],
        Knob(costly=("encoder-decoder", "decoder", "encoder")),
    ] = "auto"
    layers: Annotated[int, Field(ge=1, le=4), Knob(costly=True)] = 1
    heads: Annotated[int, Field(ge=1, le=8), Knob(symbol="h", costly=True)] = 4
    d_k: Annotated[int, Field(ge=4, le=64, multiple_of=2), Knob(symbol="d_k", costly=True)] = 16
    positions: Annotated[Literal["none", "sinusoidal", "learned", "rotary"], Knob(costly=("rotary",))] = "learned"
    norm: Literal["pre", "post"] = "pre"
    lr: Annotated[float, Field(ge=1e-5, le=1), Knob(symbol="η", live=True, log=True)] = 3e-3
    dropout: Annotated[float, Field(ge=0, le=0.5), Knob(live=True)] = 0.0
    scaled: bool = True
    causal: Annotated[bool, Knob(costly=True)] = True
    residual: Annotated[bool, Knob(advanced=True)] = True
    layer_norm: Annotated[bool, Knob(advanced=True)] = True
    batch: Annotated[int, Field(ge=8, le=256), Knob(advanced=True, costly=True)] = 64
    steps: Annotated[int, Field(ge=1, le=100_000), Knob(live=True, advanced=True)] = 1200
    schedule: Annotated[int, Field(ge=1, le=100_000), Knob(advanced=True, follows="steps")] = 1200

    @field_validator("architecture")
    @classmethod
    def _can_do_the_task(cls, architecture: str, info: ValidationInfo) -> str:
        task = info.data.get("task")
        if task == "repeat" and architecture not in ("auto", "decoder"):
            raise ValueError(say("refusals.repeat_takes_a_decoder"))
        if task == "dates" and architecture == "encoder":
            raise ValueError(say("refusals.dates_take_a_decoder"))
        return architecture

    @property
    def resolved_architecture(self) -> Literal["encoder-decoder", "decoder", "encoder"]:
        """The architecture that "auto" stands for."""
        if self.architecture != "auto":
            return self.architecture
        return {"brackets": "encoder", "repeat": "decoder"}.get(self.task, "encoder-decoder")  # type: ignore[return-value]
