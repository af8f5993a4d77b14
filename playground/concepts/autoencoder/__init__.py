"""The Autoencoder tab: AE, VAE and CVAE on 28×28 digits. The declaration; loads no torch."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from playground.concept import Challenge, Concept, Metric, Preset, Probe, Symbol, View, late
from playground.concepts.autoencoder import questions
from playground.concepts.autoencoder.config import AutoencoderConfig

_late = partial(late, __name__)


def _metrics() -> tuple[Metric, ...]:
    kinds = (
        ("neg_elbo", "−ELBO", "lower", "Reconstruction plus KL, β = 1: an upper bound on −log p(x)."),
        ("reconstruction", "reconstruction", "lower", "E[−log p(x|z)]: what the decoder fails to explain."),
        ("kl", "KL", "", "KL(q(z|x) ‖ p(z)): how much z says about x."),
    )
    where = (("heldout", "held-out"), ("train", "train"))
    return tuple(
        Metric(f"{place}/{name}", f"{words} {title}", "nats per image", better, explain)  # type: ignore[arg-type]
        for place, words in where
        for name, title, better, explain in kinds
    )


def _views() -> tuple[View, ...]:
    return (
        View("latents", "Latent space: 500 held-out digits", "Watch the classes pull apart and fill the prior's "
             "circles (1σ, 2σ); hover for a digit and its σ, click to decode a spot, or switch some σ on.",
             _late("views", "latents"), 1, "hero"),
        View("manifold", "What the decoder draws", "Every cell decodes one code: neighbours should morph, "
             "not jump.", _late("views", "manifold"), 20),
        View("reconstructions", "In and out again", "Blur shows what the code could not carry; a small latent "
             "space swaps 4s and 9s.", _late("views", "reconstructions"), 20),
        View("losses", "The two halves of the loss", "Held-out above train is overfitting; reconstruction falls "
             "as KL rises: the code starts to speak.", _late("views", "losses"), 30, "wide"),
        View("kl_per_dimension", "KL of each latent dimension", "A bar at zero is a dimension that the model "
             "has switched off.", _late("views", "kl_per_dimension"), 10, "more"),
        View("aggregated_posterior", "All codes together, against the prior", "Where the dotted prior has mass but "
             "q(z) has none, samples from the prior fall into holes.", _late("views", "aggregated_posterior"), 10,
             "more"),
    )  # fmt: skip


def _probes() -> tuple[Probe, ...]:
    return (
        Probe("draw", "Draw a digit", "Bars are μ, whiskers σ, diamonds samples z = μ + σ ⊙ ε; a steady digit has "
              "small whiskers.", questions.Draw, _late("probes", "draw")),
        Probe("decode", "Decode a point", "A step of 0.25 to the left or right should change the digit only a little.",
              questions.Decode, _late("probes", "decode"), pointer="latents"),
        Probe("interpolate", "Walk between two digits", "Latents pass through plausible digits; pixels only fade.",
              questions.Interpolate, _late("probes", "interpolate")),
        Probe("style", "Keep the style, change the class", "Slant and weight stay, the digit changes: z no longer "
              "codes the class.", questions.Style, _late("probes", "style")),
        Probe("reparameterise", "The reparameterisation trick", "ε never moves, z does; without the trick "
              "no gradient reaches μ, and the score-function estimate drowns in its spread.",
              questions.Reparameterise, _late("probes", "reparameterise_live")),
    )  # fmt: skip


SYMBOLS = (
    Symbol("x", "x", "the images of the batch, 784 pixels each", ("x",), ("reconstructions",)),
    Symbol("c", "c", "their classes, which only the CVAE sees", ("c", "with_class", "one_hot"), ("manifold",)),
    Symbol("mu", "μ", "mean of q(z|x)", ("mu",), ("latents",)),
    Symbol("log_var", "log σ²", "log variance of q(z|x)", ("log_var", "sigma"), ("latents",)),
    Symbol("eps", "ε", "noise from N(0, I), drawn outside the graph", ("eps",), ()),
    Symbol("z", "z", "the code", ("z",), ("latents", "manifold")),
    Symbol("logits", "logits", "the decoder's answer, before the sigmoid", ("logits",), ("reconstructions",)),
    Symbol("kl", "KL", "how far q(z|x) is from the prior", ("kl", "gaussian_kl", "kl_per_dimension"), ("losses",)),
    Symbol("reconstruction", "−log p(x|z)", "what the decoder fails to explain",
           ("reconstruction", "reconstruction_loss"), ("losses", "reconstructions")),
    Symbol("beta", "β", "weight of the KL", ("beta",), ("losses",)),
)  # fmt: skip

PRESETS = (
    Preset("posterior-collapse", "Posterior collapse", {"beta": 40.0},
           "β = 40 makes every nat of code forty times as dear: the KL falls to nothing, all digits share one spot."),
    Preset("beta-zero", "No KL at all", {"beta": 0.0},
           "β = 0 frees the codes: σ shrinks, the KL explodes, and the prior's samples mean nothing."),
    Preset("ae-holes", "AE: holes in latent space", {"model": "AE"},
           "A plain autoencoder reconstructs, but between its clusters lies no-man's-land: click there."),
    Preset("cvae", "CVAE: class and style", {"model": "CVAE"},
           "Told the class, z is free for style: the KL is lower, and each row of the grid is one digit."),
    Preset("sixteen", "Sixteen dimensions", {"latent": 16},
           "Room for detail: sharper digits and a much better bound than in the plane."),
    Preset("free-bits", "Rescue by free bits", {"beta": 40.0, "free_bits": 1.0},
           "The same β = 40, but one nat for each dimension is free: the code survives."),
)  # fmt: skip

CHALLENGES = (
    Challenge("Get under 160 nats in the plane", "Two latents, β near 1: train the default for a few seconds.",
              lambda m: m.get("heldout/neg_elbo", 1e9) < 160, where=lambda c: c.latent == 2 and c.model == "VAE"),
    Challenge("Get under 152 nats in the plane", "Let it finish, or find a better rate: the noise must settle.",
              lambda m: m.get("heldout/neg_elbo", 1e9) < 152, where=lambda c: c.latent == 2 and c.model == "VAE"),
    Challenge("Get under 116 nats", "More latent dimensions carry more detail, at a price in KL.",
              lambda m: m.get("heldout/neg_elbo", 1e9) < 116, where=lambda c: c.model != "AE"),
    Challenge("Make the posterior collapse", "Turn one live knob until the held-out KL is under 1 nat.",
              lambda m: m.get("heldout/kl", 1e9) < 1.0, where=lambda c: c.model != "AE", after=500),
    Challenge("Explode the KL past 40 nats", "What keeps the codes near the prior? Take it away.",
              lambda m: m.get("heldout/kl", 0.0) > 40, where=lambda c: c.model != "AE"),
    Challenge("Two latents, under 140 nats, on a code of 4.5", "If somebody tells the class, z need not say it.",
              lambda m: m.get("heldout/neg_elbo", 1e9) < 140 and m.get("heldout/kl", 1e9) < 4.5,
              where=lambda c: c.latent <= 2 and c.model != "AE"),
)  # fmt: skip

AUTOENCODER = Concept(
    slug="autoencoder",
    title="Autoencoder",
    tagline="AE, VAE and CVAE on handwritten digits",
    lesson=(Path(__file__).parent / "lesson.md").read_text(encoding="utf-8"),
    config=AutoencoderConfig,
    experiment=_late("experiment", "AutoencoderExperiment"),
    metrics=_metrics(),
    views=_views(),
    code=tuple(
        f"models.autoencoder.{name}"
        for name in ("reparameterise", "gaussian_kl", "reconstruction_loss", "negative_elbo", "Autoencoder")
    ),
    probes=_probes(),
    presets=PRESETS,
    challenges=CHALLENGES,
    symbols=SYMBOLS,
    preload="playground.concepts.autoencoder.probes",
)
