"""The knobs of the ELBO tab."""

from typing import Annotated, Any, Literal

from pydantic import Field, ValidationInfo, field_validator

from playground.concepts.elbo.texts import say
from playground.knobs import Config, Knob

OBJECTIVES = ("reverse_kl", "forward_kl", "iwae")
"""Names of the arms."""

Place = Annotated[float, Field(ge=-4, le=4)]
Size = Annotated[float, Field(ge=0.05, le=3)]


def is_inference(config: Any) -> bool:
    """Whether q is fitted to one x, by the visitor's hand and by training."""
    return config.model in ("linear", "modes", "curved")


def is_line(config: Any) -> bool:
    return config.model in ("linear", "modes")


def is_curved(config: Any) -> bool:
    return bool(config.model == "curved")


def is_em(config: Any) -> bool:
    return bool(config.model == "mixture")


def is_amortised(config: Any) -> bool:
    return bool(config.model == "amortised")


def has_two_parts(config: Any) -> bool:
    return is_line(config) and bool(config.family == "two-gaussians")


def has_x(config: Any) -> bool:
    return not is_em(config)


def has_gradient(config: Any) -> bool:
    return is_inference(config) and config.objective in ("reverse_kl", "all")


def has_k(config: Any) -> bool:
    return is_inference(config) and config.objective in ("iwae", "all")


class ElboConfig(Config):
    """A model whose evidence is known exactly, and a distribution q that is fitted to its posterior."""

    words = say.part("knobs")

    model: Annotated[Literal["linear", "modes", "curved", "amortised", "mixture"], Knob(costly=True)] = "modes"
    family: Annotated[Literal["gaussian", "two-gaussians"], Knob(costly=True, applies_to=is_line)] = "gaussian"
    covariance: Annotated[Literal["mean-field", "full"], Knob(applies_to=is_curved)] = "full"
    objective: Annotated[
        Literal["reverse_kl", "forward_kl", "iwae", "all"], Knob(costly=True, applies_to=is_inference)
    ] = "reverse_kl"  # fmt: skip
    gradient: Annotated[
        Literal["exact", "reparameterised", "score", "score-baseline"], Knob(costly=True, applies_to=has_gradient)
    ] = "reparameterised"  # fmt: skip
    samples: Annotated[int, Field(ge=2, le=256), Knob(symbol="S", live=True, costly=True, applies_to=is_inference)] = 16
    k: Annotated[int, Field(ge=1, le=256), Knob(symbol="K", live=True, costly=True, applies_to=has_k)] = 16
    lr: Annotated[float, Field(ge=1e-4, le=1), Knob(symbol="η", live=True, log=True, applies_to=has_x)] = 0.05
    sign: Annotated[Literal["minus", "plus"], Knob(advanced=True, applies_to=has_gradient)] = "minus"
    x: Annotated[float, Field(ge=-3, le=4), Knob(symbol="x", live=True, in_picture=True, applies_to=has_x)] = 1.0
    mean: Annotated[Place, Knob(symbol="μ", live=True, in_picture=True, applies_to=is_inference)] = 0.0
    sigma: Annotated[Size, Knob(symbol="σ", live=True, in_picture=True, log=True, applies_to=is_inference)] = 0.5
    mean2: Annotated[Place, Knob(symbol="μ₂", live=True, in_picture=True, applies_to=is_inference)] = 1.0
    sigma2: Annotated[Size, Knob(symbol="σ₂", live=True, in_picture=True, log=True, applies_to=is_inference)] = 0.5
    weight: Annotated[float, Field(ge=0.02, le=0.98), Knob(live=True, in_picture=True, applies_to=has_two_parts)] = 0.5
    correlation: Annotated[
        float, Field(ge=-0.95, le=0.95), Knob(symbol="ρ", live=True, in_picture=True, applies_to=is_curved)
    ] = 0.0  # fmt: skip
    moves: Annotated[int, Field(ge=0, le=1_000_000), Knob(live=True, in_picture=True, applies_to=is_inference)] = 0
    parts: Annotated[int, Field(ge=2, le=5), Knob(symbol="K", costly=True, applies_to=is_em)] = 3
    restricted: Annotated[Literal["hard", "shared"], Knob(applies_to=is_em)] = "hard"
    e_steps: Annotated[int, Field(ge=0, le=1_000_000), Knob(live=True, in_picture=True, applies_to=is_em)] = 0
    m_steps: Annotated[int, Field(ge=0, le=1_000_000), Knob(live=True, in_picture=True, applies_to=is_em)] = 0
    width: Annotated[int, Field(ge=4, le=128), Knob(advanced=True, costly=True, applies_to=is_amortised)] = 32
    batch: Annotated[int, Field(ge=8, le=512), Knob(advanced=True, costly=True, applies_to=is_amortised)] = 64
    steps: Annotated[int, Field(ge=1, le=100_000), Knob(live=True, advanced=True)] = 1000

    @field_validator("objective")
    @classmethod
    def _iwae_needs_one_gaussian(cls, objective: str, info: ValidationInfo) -> str:
        data = info.data
        if objective in ("iwae", "all") and data.get("model") in ("linear", "modes") and data["family"] != "gaussian":
            raise ValueError(say("refusals.iwae_needs_one_gaussian"))
        return objective
