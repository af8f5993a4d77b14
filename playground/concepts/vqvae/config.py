"""The knobs of the VQ-VAE tab."""

from typing import Annotated, Any, Literal

from pydantic import Field

from playground.knobs import Config, Knob, Limit


def visits_every_code(config: Any) -> bool:
    return bool(config.model == "dVAE" or config.init == "k-means")


class VQVAEConfig(Config):
    """A VQ-VAE, or a dVAE, on digits or on points of the plane; then a prior over its codes."""

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
            when="for a dVAE or with k-means",
            applies_to=visits_every_code,
        ),
    )

    stage: Annotated[Literal["codes", "prior"], Field(title="Stage"), Knob(live=True, costly=True)] = "codes"
    """prior: freezes the codes as they are, and trains a causal transformer on them, which then draws new digits."""
    model: Annotated[Literal["VQ-VAE", "dVAE"], Field(title="Model"), Knob(costly=True)] = "VQ-VAE"
    """Nearest code, or a sample of a softmax over all codes (Gumbel)."""
    data: Annotated[
        Literal["digits", "ring", "spiral", "moons"], Field(title="Data"), Knob(costly=("digits", "ring"))
    ] = "digits"
    """Digits as maps of 7×7 codes, or points of the plane with one code each."""
    codes: Annotated[int, Field(ge=2, le=512, title="Codes"), Knob(symbol="K", costly=True)] = 128
    """Size of the codebook."""
    dim: Annotated[int, Field(ge=2, le=64, title="Width of a code"), Knob(symbol="D", costly=True)] = 16
    """Numbers in a code; with 2 the plane below is exact, cells and all."""
    init: Annotated[
        Literal["normal", "uniform", "data", "k-means"],
        Field(title="Codebook's start"),
        Knob(costly=("uniform", "k-means")),
    ] = "uniform"
    """Noise N(0, 1); uniform in ±1/K, as in the paper's code; vectors of the encoder; their k-means."""
    update: Annotated[Literal["EMA", "VQ loss", "notes' EMA"], Field(title="Codebook's update")] = "EMA"
    """Running means of the vectors that chose a code; a gradient; or each code's way to its new centroid."""
    decay: Annotated[float, Field(ge=0, le=0.9999, title="EMA decay"), Knob(symbol="γ", live=True)] = 0.99
    """How much of the running means each step keeps."""
    restart: Annotated[
        Literal["off", "encoder output", "noise"], Field(title="Re-initialise unused"), Knob(live=True)
    ] = "encoder output"
    """A code that is hardly used moves to a vector of the batch, or to N(0, 1) as the notes have it."""
    threshold: Annotated[float, Field(ge=0, le=20, title="Unused means under"), Knob(live=True, advanced=True)] = 0.15
    """Uses a batch, as a running mean with decay γ that starts at 1; a batch of digits has 49 · batch vectors."""
    reset_statistics: Annotated[bool, Field(title="Reset statistics"), Knob(live=True)] = True
    """Off (Jukebox): a revived code keeps its old sum and count, which pull it back."""
    beta: Annotated[float, Field(ge=0, le=10, title="Commitment"), Knob(symbol="β", live=True)] = 0.25
    """Weight of the loss that keeps the encoder's vectors near their codes."""
    straight_through: Annotated[bool, Field(title="Straight-through"), Knob(live=True)] = True
    """Off: the encoder hears nothing of the reconstruction."""
    similarity: Annotated[Literal["Euclidean", "cosine"], Field(title="Nearest by"), Knob(advanced=True)] = "Euclidean"
    """cosine: vectors and codes are kept on the unit sphere."""
    lr: Annotated[float, Field(ge=1e-5, le=1, title="Learning rate"), Knob(symbol="η", live=True, log=True)] = 3e-3
    """Adam's step size."""
    kl_weight: Annotated[float, Field(ge=0, le=1, title="KL weight"), Knob(live=True, advanced=True)] = 0.1
    """(dVAE) Of KL(q(k|x) ‖ uniform), a place; it rises from 0 while the temperature falls."""
    anneal: Annotated[int, Field(ge=1, le=10_000, title="Annealing"), Knob(symbol="τ", advanced=True)] = 800
    """(dVAE) Steps in which the temperature falls from 1 to 1/16."""
    batch: Annotated[int, Field(ge=8, le=256, title="Batch size"), Knob(advanced=True, costly=True)] = 64
    """Digits or points a step."""
    steps: Annotated[int, Field(ge=1, le=100_000, title="Steps"), Knob(live=True, advanced=True)] = 8000
    """The run stops after so many steps, both stages together; raise it and the run goes on."""
