"""The Autoencoder tab: AE, VAE and CVAE on 28×28 digits. The declaration; loads no torch."""

from __future__ import annotations

from functools import partial

from playground.concept import Challenge, Concept, Metric, Preset, Probe, Symbol, View, as_xy, lazy
from playground.concepts.autoencoder import questions
from playground.concepts.autoencoder.config import AutoencoderConfig
from playground.concepts.autoencoder.diagram import diagram
from playground.concepts.autoencoder.media import LATENT_PLANE
from playground.concepts.autoencoder.texts import say

_lazy = partial(lazy, __name__)

METRICS = tuple(
    Metric(name=f"{split}/{name}", better="lower" if name != "kl" else "", hidden=split == "batch")
    for split in ("heldout", "train", "batch")
    for name in ("neg_elbo", "reconstruction", "kl")
)


def _of_manifold(config: AutoencoderConfig) -> str:
    return say(f"views.manifold.caption.{'with_class' if config.model == 'CVAE' else 'without_class'}")


VIEWS = (
    View(
        name="latents", draw=_lazy("views", "latents"), place="hero", medium=LATENT_PLANE,
        caption=lambda config: say(f"views.latents.caption.{config.model}"),
    ),
    View(name="manifold", draw=_lazy("views", "manifold"), every=20, caption=_of_manifold),
    View(name="reconstructions", draw=_lazy("views", "reconstructions"), every=20),
    View(name="losses", draw=_lazy("views", "losses"), every=30, place="wide"),
    View(name="gap", draw=_lazy("views", "gap"), every=100, place="more"),
    View(name="kl_per_dimension", draw=_lazy("views", "kl_per_dimension"), every=10, place="more"),
    View(name="aggregated_posterior", draw=_lazy("views", "aggregated_posterior"), every=10, place="more"),
)  # fmt: skip

PROBES = (
    Probe(name="draw", question=questions.Draw, ask=_lazy("probes", "draw")),
    Probe(
        name="decode", question=questions.Decode, ask=_lazy("probes", "decode"),
        clicks={"latents": as_xy}, drags=frozenset({"latents"}),
    ),
    Probe(name="interpolate", question=questions.Interpolate, ask=_lazy("probes", "interpolate")),
    Probe(
        name="style", question=questions.Style, ask=_lazy("probes", "style"),
        applies_to=lambda config: config.model == "CVAE",
    ),
    Probe(
        name="reparameterise", question=questions.Reparameterise, ask=_lazy("probes", "reparameterise_live"),
        applies_to=lambda config: config.model != "AE",
    ),
)  # fmt: skip

SYMBOLS = (
    Symbol(name="x", glyph="x", code=("x",), views=("reconstructions",)),
    Symbol(name="c", glyph="c", code=("c", "with_class", "one_hot"), views=("manifold",)),
    Symbol(name="mu", glyph="μ", code=("mu",), views=("latents",)),
    Symbol(name="log_var", glyph="log σ²", code=("log_var", "sigma"), views=("latents",)),
    Symbol(name="eps", glyph="ε", code=("eps",)),
    Symbol(name="z", glyph="z", code=("z",), views=("latents", "manifold")),
    Symbol(name="logits", glyph="logits", code=("logits",), views=("reconstructions",)),
    Symbol(name="kl", glyph="KL", code=("kl", "gaussian_kl", "kl_per_dimension"), views=("losses",)),
    Symbol(
        name="reconstruction", glyph="−log p(x|z)", code=("reconstruction", "reconstruction_loss"),
        views=("losses", "reconstructions"),
    ),
    Symbol(name="beta", glyph="β", code=("beta",), views=("losses",)),
)  # fmt: skip

PRESETS = (
    Preset(name="posterior-collapse", config={"beta": 40.0}),
    Preset(name="beta-zero", config={"beta": 0.0}),
    Preset(name="ae-holes", config={"model": "AE"}),
    Preset(name="cvae", config={"model": "CVAE"}),
    Preset(name="sixteen", config={"latent": 16}),
    Preset(name="free-bits", config={"beta": 40.0, "free_bits": 1.0}),
)


def _bernoulli(config: AutoencoderConfig) -> bool:
    """Nats of a Gaussian are others: no number of theirs can be compared."""
    return config.likelihood == "Bernoulli"


CHALLENGES = (
    Challenge(
        name="under-160-nats", formerly=("Get under 160 nats in the plane",),
        solved=lambda m: m.get("heldout/neg_elbo", 1e9) < 160,
        applies_to=lambda c: _bernoulli(c) and c.latent == 2 and c.model == "VAE",
    ),
    Challenge(
        name="under-152-nats", formerly=("Get under 152 nats in the plane",),
        solved=lambda m: m.get("heldout/neg_elbo", 1e9) < 152,
        applies_to=lambda c: _bernoulli(c) and c.latent == 2 and c.model == "VAE",
    ),
    Challenge(
        name="under-116-nats", formerly=("Get under 116 nats",),
        solved=lambda m: m.get("heldout/neg_elbo", 1e9) < 116,
        applies_to=lambda c: _bernoulli(c) and c.model != "AE",
    ),
    Challenge(
        name="collapse", formerly=("Make the posterior collapse",),
        solved=lambda m: m.get("heldout/kl", 1e9) < 1.0, applies_to=lambda c: c.model != "AE", from_step=500,
    ),
    Challenge(
        name="explode", formerly=("Explode the KL past 40 nats",),
        solved=lambda m: m.get("heldout/kl", 0.0) > 40, applies_to=lambda c: c.model != "AE",
    ),
    Challenge(
        name="short-code", formerly=("Two latents, under 140 nats, on a code of 4.5",),
        solved=lambda m: m.get("heldout/neg_elbo", 1e9) < 140 and m.get("heldout/kl", 1e9) < 4.5,
        applies_to=lambda c: _bernoulli(c) and c.latent <= 2 and c.model != "AE",
    ),
)  # fmt: skip

AUTOENCODER = Concept(
    package=__name__,
    slug="autoencoder",
    config=AutoencoderConfig,
    experiment=_lazy("experiment", "AutoencoderExperiment"),
    metrics=METRICS,
    views=VIEWS,
    code=(
        "experiment:AutoencoderExperiment.step",
        "models.autoencoder:reparameterise",
        "models.autoencoder:gaussian_kl",
        "models.autoencoder:reconstruction_loss",
        "models.autoencoder:negative_elbo",
        "models.autoencoder:Autoencoder",
    ),
    probes=PROBES,
    presets=PRESETS,
    challenges=CHALLENGES,
    symbols=SYMBOLS,
    diagram=diagram,
    preload=("probes", "views"),
)
