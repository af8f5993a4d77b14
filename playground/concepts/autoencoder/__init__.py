"""The Autoencoder tab: AE, VAE and CVAE on 28×28 digits. The declaration; loads no torch."""

from __future__ import annotations

from functools import partial

from playground.concept import Challenge, Concept, Metric, Preset, Probe, Symbol, View, as_xy, lazy
from playground.concepts.autoencoder import questions
from playground.concepts.autoencoder.config import AutoencoderConfig
from playground.concepts.autoencoder.diagram import diagram

_lazy = partial(lazy, __name__)

SPLITS = (
    ("heldout", "held-out", "On 500 digits never trained on."),
    ("train", "train", "On 500 of the training digits, measured as the held-out ones are."),
    ("batch", "batch", "On the batch that is being learned, some of its pixels hidden from the encoder."),
)
METRICS = tuple(
    Metric(
        name=f"{split}/{name}", title=f"{words} {title}", unit="nats per image", explain=f"{explain} {on}",
        better="lower" if name != "kl" else "", hidden=split == "batch",
    )
    for split, words, on in SPLITS
    for name, title, explain in (
        ("neg_elbo", "−ELBO", "Reconstruction plus KL, whatever β is: with a Gaussian, or black and white under a "
         "Bernoulli, an upper bound on −log p(x). Grey values under a Bernoulli make no normalised likelihood."),
        ("reconstruction", "reconstruction", "E[−log p(x|z)]: what the decoder fails to explain."),
        ("kl", "KL", "KL(q(z|x) ‖ p(z)): how much z says about x."),
    )
)  # fmt: skip


def _of_latents(config: AutoencoderConfig) -> str:
    if config.model == "AE":
        return "Watch the classes pull apart: nothing ties them to a place, so the axes grow. Click to decode a point."
    hover = "Hover for a digit and its σ, click to decode a point."
    if config.model == "CVAE":
        return "Told the class, z need not say it: the colours should mix and fill the prior's circles. " + hover
    return "Watch the classes pull apart and fill the prior's circles (1σ, 2σ). " + hover


def _of_manifold(config: AutoencoderConfig) -> str:
    if config.model == "CVAE":
        return "A digit a row, a style a column: slant and weight should go along with z."
    return "Every cell decodes one code: neighbours should morph, not jump."


VIEWS = (
    View(
        name="latents", title="Latent space: 500 held-out digits", draw=_lazy("views", "latents"), place="hero",
        caption=_of_latents,
    ),
    View(
        name="manifold", title="Decoded grid", draw=_lazy("views", "manifold"), every=20,
        caption=_of_manifold,
    ),
    View(
        name="reconstructions", title="Reconstructions", draw=_lazy("views", "reconstructions"), every=20,
        caption="Blur shows what the code could not carry; a small latent space swaps 4s and 9s.",
    ),
    View(
        name="losses", title="The two terms of the loss", draw=_lazy("views", "losses"), every=30, place="wide",
        caption="Held-out above train is overfitting; reconstruction falls as KL rises: the code starts to speak.",
    ),
    View(
        name="gap", title="The bound and what it bounds", draw=_lazy("views", "gap"), every=100, place="more",
        caption="In the plane −log p(x) is a sum over a grid: the rest of −ELBO is the gap, KL(q(z|x) ‖ p(z|x)).",
    ),
    View(
        name="kl_per_dimension", title="KL of each latent dimension", draw=_lazy("views", "kl_per_dimension"),
        every=10, place="more", caption="A bar at zero is a dimension that the model has switched off.",
    ),
    View(
        name="aggregated_posterior", title="Aggregated posterior against the prior",
        draw=_lazy("views", "aggregated_posterior"), every=10, place="more",
        caption="Where the dotted prior has mass but q(z) has none, samples from the prior fall into holes.",
    ),
)  # fmt: skip

PROBES = (
    Probe(
        name="draw", title="Draw a digit", question=questions.Draw, ask=_lazy("probes", "draw"),
        caption="Bars are μ, whiskers σ, diamonds samples z = μ + σ ⊙ ε; a steady digit has small whiskers.",
    ),
    Probe(
        name="decode", title="Decode a point", question=questions.Decode, ask=_lazy("probes", "decode"),
        clicks={"latents": as_xy}, drags=frozenset({"latents"}),
        caption="A step of 0.25 to the left or right should change the digit only a little.",
    ),
    Probe(
        name="interpolate", title="Interpolate between two digits", question=questions.Interpolate,
        ask=_lazy("probes", "interpolate"), caption="Latents pass through plausible digits; pixels only fade.",
    ),
    Probe(
        name="style", title="Keep the style, change the class", question=questions.Style,
        ask=_lazy("probes", "style"), applies_to=lambda config: config.model == "CVAE",
        caption="Slant and weight stay, the digit changes: z no longer codes the class.",
    ),
    Probe(
        name="reparameterise", title="The reparameterisation trick", question=questions.Reparameterise,
        ask=_lazy("probes", "reparameterise_live"), applies_to=lambda config: config.model != "AE",
        caption="ε never moves, z does. Without the trick nothing reaches μ; the score function's estimates spread "
        "widely.",
    ),
)  # fmt: skip

SYMBOLS = (
    Symbol(name="x", glyph="x", meaning="the images of the batch, 784 pixels each", code=("x",),
           views=("reconstructions",)),
    Symbol(name="c", glyph="c", meaning="their classes, which only the CVAE sees", code=("c", "with_class", "one_hot"),
           views=("manifold",)),
    Symbol(name="mu", glyph="μ", meaning="mean of q(z|x)", code=("mu",), views=("latents",)),
    Symbol(name="log_var", glyph="log σ²", meaning="log variance of q(z|x)", code=("log_var", "sigma"),
           views=("latents",)),
    Symbol(name="eps", glyph="ε", meaning="noise from N(0, I), drawn outside the graph", code=("eps",)),
    Symbol(name="z", glyph="z", meaning="the code", code=("z",), views=("latents", "manifold")),
    Symbol(name="logits", glyph="logits", meaning="the decoder's output, before the sigmoid", code=("logits",),
           views=("reconstructions",)),
    Symbol(name="kl", glyph="KL", meaning="how far q(z|x) is from the prior",
           code=("kl", "gaussian_kl", "kl_per_dimension"), views=("losses",)),
    Symbol(name="reconstruction", glyph="−log p(x|z)", meaning="what the decoder fails to explain",
           code=("reconstruction", "reconstruction_loss"), views=("losses", "reconstructions")),
    Symbol(name="beta", glyph="β", meaning="weight of the KL", code=("beta",), views=("losses",)),
)  # fmt: skip

PRESETS = (
    Preset(name="posterior-collapse", title="Posterior collapse", config={"beta": 40.0},
           why="β = 40 makes every nat of code forty times as expensive: the KL falls to nothing, all digits share one "
           "point."),
    Preset(name="beta-zero", title="No KL at all", config={"beta": 0.0},
           why="β = 0 frees the codes: σ shrinks, the KL explodes, and the prior's samples mean nothing."),
    Preset(name="ae-holes", title="AE: holes in latent space", config={"model": "AE"},
           why="A plain autoencoder reconstructs, but between its clusters lies no-man's-land: click there."),
    Preset(name="cvae", title="CVAE: class and style", config={"model": "CVAE"},
           why="Told the class, z is free for style: the KL is lower, and each row of the grid is one digit."),
    Preset(name="sixteen", title="Sixteen dimensions", config={"latent": 16},
           why="Room for detail: sharper digits and a much better bound than in the plane."),
    Preset(name="free-bits", title="Rescue by free bits", config={"beta": 40.0, "free_bits": 1.0},
           why="The same β = 40, but one nat for each dimension is free: the code survives."),
)  # fmt: skip


def _bernoulli(config: AutoencoderConfig) -> bool:
    """Nats of a Gaussian are others: no number of theirs can be compared."""
    return config.likelihood == "Bernoulli"


CHALLENGES = (
    Challenge(name="get-under-160-nats-in-the-plane", title="Get under 160 nats in the plane",
              hint="Two latents, β near 1: train the default for a few seconds.",
              solved=lambda m: m.get("heldout/neg_elbo", 1e9) < 160,
              applies_to=lambda c: _bernoulli(c) and c.latent == 2 and c.model == "VAE"),
    Challenge(name="get-under-152-nats-in-the-plane", title="Get under 152 nats in the plane",
              hint="Let it finish, or find a better rate: the noise must settle.",
              solved=lambda m: m.get("heldout/neg_elbo", 1e9) < 152,
              applies_to=lambda c: _bernoulli(c) and c.latent == 2 and c.model == "VAE"),
    Challenge(name="get-under-116-nats", title="Get under 116 nats", hint="More latent dimensions carry more detail, at a price in KL.",
              solved=lambda m: m.get("heldout/neg_elbo", 1e9) < 116,
              applies_to=lambda c: _bernoulli(c) and c.model != "AE"),
    Challenge(name="make-the-posterior-collapse", title="Make the posterior collapse", hint="Turn one live knob until the held-out KL is under 1 nat.",
              solved=lambda m: m.get("heldout/kl", 1e9) < 1.0, applies_to=lambda c: c.model != "AE", from_step=500),
    Challenge(name="explode-the-kl-past-40-nats", title="Explode the KL past 40 nats",
              hint="What keeps the codes near the prior? Take it away, from the start.",
              solved=lambda m: m.get("heldout/kl", 0.0) > 40, applies_to=lambda c: c.model != "AE"),
    Challenge(name="two-latents-under-140-nats-on-a-code-of-4-5", title="Two latents, under 140 nats, on a code of 4.5",
              hint="If somebody tells the class, z need not say it.",
              solved=lambda m: m.get("heldout/neg_elbo", 1e9) < 140 and m.get("heldout/kl", 1e9) < 4.5,
              applies_to=lambda c: _bernoulli(c) and c.latent <= 2 and c.model != "AE"),
)  # fmt: skip

AUTOENCODER = Concept(
    package=__name__,
    slug="autoencoder",
    title="Autoencoder",
    tagline="AE, VAE and CVAE on handwritten digits",
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
