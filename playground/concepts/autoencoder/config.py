"""The knobs of the Autoencoder tab."""

from typing import Annotated, Literal

from pydantic import Field

from playground.concepts.autoencoder.texts import say
from playground.knobs import Config, Knob


class AutoencoderConfig(Config):
    """An autoencoder of 28×28 digits."""

    words = say.part("knobs")

    model: Annotated[Literal["AE", "VAE", "CVAE"], Knob(costly=True)] = "VAE"
    network: Annotated[Literal["mlp", "conv"], Knob(costly=True)] = "mlp"
    latent: Annotated[int, Field(ge=1, le=32), Knob(symbol="d", costly=True)] = 2
    beta: Annotated[float, Field(ge=0, le=50), Knob(symbol="β", live=True)] = 1.0
    lr: Annotated[float, Field(ge=1e-5, le=10), Knob(symbol="η", live=True, log=True)] = 2e-3
    batch: Annotated[int, Field(ge=8, le=512), Knob(costly=True)] = 128
    likelihood: Literal["Bernoulli", "Gaussian"] = "Bernoulli"
    warmup: Annotated[int, Field(ge=0, le=5000), Knob(advanced=True)] = 0
    free_bits: Annotated[float, Field(ge=0, le=2), Knob(symbol="λ", advanced=True)] = 0.0
    input_dropout: Annotated[float, Field(ge=0, le=0.8), Knob(advanced=True, aliases=("hidden_pixels",))] = 0.2
    steps: Annotated[int, Field(ge=1, le=100_000), Knob(live=True, advanced=True)] = 3000
    schedule: Annotated[int, Field(ge=1, le=100_000), Knob(advanced=True, follows="steps")] = 3000
