"""The knobs of the Autoencoder tab."""

from typing import Annotated, Literal

from pydantic import Field

from playground.knobs import Config, Knob


class AutoencoderConfig(Config):
    """An autoencoder of 28×28 digits."""

    model: Annotated[Literal["AE", "VAE", "CVAE"], Field(title="Model"), Knob(costly=True)] = "VAE"
    """Plain, variational, or variational with the class given."""
    network: Annotated[Literal["mlp", "conv"], Field(title="Network"), Knob(costly=True)] = "mlp"
    """Two hidden layers of 256, or two strided convolutions (slower)."""
    latent: Annotated[int, Field(ge=1, le=32, title="Latent size"), Knob(symbol="d", costly=True)] = 2
    """Dimensions of z."""
    beta: Annotated[float, Field(ge=0, le=50, title="KL weight"), Knob(symbol="β", live=True)] = 1.0
    """1 is the ELBO; more squeezes the latent space, 0 lets it go."""
    lr: Annotated[float, Field(ge=1e-5, le=10, title="Learning rate"), Knob(symbol="η", live=True, log=True)] = 2e-3
    """Adam's step size."""
    batch: Annotated[int, Field(ge=8, le=512, title="Batch size"), Knob(costly=True)] = 128
    """Images a step."""
    likelihood: Annotated[Literal["Bernoulli", "Gaussian"], Field(title="Likelihood")] = "Bernoulli"
    """What p(x|z) says of a pixel."""
    warmup: Annotated[int, Field(ge=0, le=5000, title="KL warm-up"), Knob(advanced=True)] = 0
    """Steps over which the KL weight rises from 0 to β."""
    free_bits: Annotated[float, Field(ge=0, le=2, title="Free bits"), Knob(symbol="λ", advanced=True)] = 0.0
    """Nats of KL that each dimension has for free."""
    input_dropout: Annotated[
        float, Field(ge=0, le=0.8, title="Input dropout"), Knob(advanced=True, aliases=("hidden_pixels",))
    ] = 0.2
    """Share of pixels hidden from the encoder in training; the others are scaled up. It overfits less."""
    steps: Annotated[int, Field(ge=1, le=100_000, title="Steps"), Knob(live=True, advanced=True)] = 3000
    """The run stops after so many optimiser steps; raise it and the run goes on."""
    schedule: Annotated[int, Field(ge=1, le=100_000, title="Schedule length"), Knob(advanced=True, follows="steps")] = (
        3000
    )
    """Steps in which the learning rate falls from η to a tenth, where it stays; longer: it stays high for longer."""
