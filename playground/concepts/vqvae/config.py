"""The knobs of the VQ-VAE tab."""

from typing import Annotated, Any, Literal

from pydantic import Field

from playground.concepts.vqvae.texts import say
from playground.knobs import Config, Knob, Limit

OLD_UPDATES = {"EMA": "ema", "VQ loss": "vq-loss", "notes' EMA": "centroid-ema"}
OLD_RESTARTS = {"encoder output": "encoder-output"}


def visits_every_code(config: Any) -> bool:
    return bool(config.model == "dVAE" or config.init == "k-means")


class VQVAEConfig(Config):
    """A VQ-VAE, or a dVAE, on digits or on points of the plane; then a prior over its codes."""

    words = say.part("knobs")
    limits = (
        Limit(
            lower=("dim", "codes"),
            factors=("codes", "dim"),
            most=16_384,
        ),
        Limit(
            lower=("codes",),
            factors=("codes",),
            most=320,
            when=say("limits.every_code"),
            applies_to=visits_every_code,
        ),
    )

    stage: Annotated[Literal["codes", "prior"], Knob(live=True, costly=True)] = "codes"
    model: Annotated[Literal["VQ-VAE", "dVAE"], Knob(costly=True)] = "VQ-VAE"
    data: Annotated[Literal["digits", "ring", "spiral", "moons"], Knob(costly=("digits", "ring"))] = "digits"
    codes: Annotated[int, Field(ge=2, le=512), Knob(symbol="K", costly=True)] = 128
    dim: Annotated[int, Field(ge=2, le=64), Knob(symbol="D", costly=True)] = 16
    init: Annotated[
        Literal["normal", "uniform", "data", "k-means"], Knob(costly=("uniform", "k-means"))
    ] = "uniform"  # fmt: skip
    update: Annotated[Literal["ema", "vq-loss", "centroid-ema"], Knob(value_aliases=OLD_UPDATES)] = "ema"
    decay: Annotated[float, Field(ge=0, le=0.9999), Knob(symbol="γ", live=True)] = 0.99
    restart: Annotated[
        Literal["off", "encoder-output", "noise"], Knob(live=True, value_aliases=OLD_RESTARTS)
    ] = "encoder-output"  # fmt: skip
    threshold: Annotated[float, Field(ge=0, le=20), Knob(live=True, advanced=True)] = 0.15
    reset_statistics: Annotated[bool, Knob(live=True)] = True
    beta: Annotated[float, Field(ge=0, le=10), Knob(symbol="β", live=True)] = 0.25
    straight_through: Annotated[bool, Knob(live=True)] = True
    similarity: Annotated[Literal["Euclidean", "cosine"], Knob(advanced=True)] = "Euclidean"
    lr: Annotated[float, Field(ge=1e-5, le=1), Knob(symbol="η", live=True, log=True)] = 3e-3
    kl_weight: Annotated[float, Field(ge=0, le=1), Knob(live=True, advanced=True)] = 0.1
    anneal: Annotated[int, Field(ge=1, le=10_000), Knob(symbol="τ", advanced=True)] = 800
    batch: Annotated[int, Field(ge=8, le=256), Knob(advanced=True, costly=True)] = 64
    steps: Annotated[int, Field(ge=1, le=100_000), Knob(live=True, advanced=True)] = 8000
