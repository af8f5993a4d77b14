"""The VQ-VAE tab: a codebook that lives, dies and is revived. The declaration; loads no torch."""

from __future__ import annotations

from functools import partial

from playground.concept import Challenge, Concept, Metric, Preset, Probe, Symbol, View, lazy
from playground.concepts.vqvae import prior, questions
from playground.concepts.vqvae.config import VQVAEConfig
from playground.concepts.vqvae.diagram import diagram
from playground.concepts.vqvae.media import CODE_MAP
from playground.concepts.vqvae.texts import say

_lazy = partial(lazy, __name__)

METRICS = (
    Metric(name="codes_used", better="higher"),
    Metric(name="perplexity", better="higher"),
    Metric(name="restarts"),
    Metric(name="heldout/nmse", better="lower"),
    Metric(name="heldout/quantisation", better="lower", hidden=True),
    Metric(name="train/reconstruction", better="lower", hidden=True),
    Metric(name="train/vq", better="lower", hidden=True),
    Metric(name="train/commitment", better="lower", hidden=True),
    Metric(name="train/kl", hidden=True),
    Metric(name="temperature", hidden=True),
)


def _of_vectors(config: VQVAEConfig) -> str:
    if config.model == "dVAE":
        return say("views.vectors.caption.dvae")
    if config.dim == 2:
        revived, kept = say("views.vectors.caption.cells_revived"), say("views.vectors.caption.cells_kept")
    else:
        revived, kept = say("views.vectors.caption.dots_revived"), say("views.vectors.caption.dots_kept")
    return kept if config.restart == "off" else revived


def _of_maps(config: VQVAEConfig) -> str:
    return say("views.maps.caption.digits") if config.data == "digits" else say("views.maps.caption.points")


VIEWS = (
    View(name="vectors", draw=_lazy("views", "vectors"), place="hero", every=2, caption=_of_vectors),
    View(name="maps", draw=_lazy("views", "maps"), every=10, caption=_of_maps),
    View(name="usage", draw=_lazy("views", "usage_bars"), every=5),
    View(name="progress", draw=_lazy("views", "progress"), every=10, place="wide"),
    *prior.VIEWS,
    View(name="codebook", draw=_lazy("views", "codebook"), every=20, place="more"),
    View(name="losses", draw=_lazy("views", "losses"), every=20, place="more"),
)


def _codes(config: VQVAEConfig) -> dict[str, tuple[int, int]]:
    """No code beyond the codebook; −1 leaves the encoder's."""
    return {"code": (-1, config.codes - 1)}


PROBES = (
    Probe(
        name="swap", question=questions.SwapInDigit, bounds=_codes, ask=_lazy("probes", "swap"), medium=CODE_MAP,
        clicks={"maps": _lazy("probes", "clicked_digit"), "vectors": _lazy("probes", "clicked_vector"),
                "usage": _lazy("probes", "clicked_bar")},
    ),
    Probe(
        name="draw", question=questions.SwapInDrawing, bounds=_codes, ask=_lazy("probes", "draw"), medium=CODE_MAP,
    ),
    Probe(
        name="fires", question=questions.Fires, bounds=_codes, ask=_lazy("probes", "fires"),
        clicks={"codebook": _lazy("probes", "clicked_patch")},
    ),
)  # fmt: skip

SYMBOLS = (
    Symbol(name="x", glyph="x", code=("x",), views=("maps",)),
    Symbol(name="z", glyph="z", code=("z",), views=("vectors",)),
    Symbol(name="k", glyph="k", code=("k",), views=("maps", "usage")),
    Symbol(name="e", glyph="e", code=("e", "codebook"), views=("vectors", "codebook")),
    Symbol(name="z_q", glyph="z_q", code=("z_q",)),
    Symbol(name="beta", glyph="β", code=("beta",)),
    Symbol(name="N", glyph="N", code=("counts", "n"), views=("usage",)),
    Symbol(name="m", glyph="m", code=("sums", "total")),
    Symbol(name="gamma", glyph="γ", code=("decay",)),
    Symbol(name="y", glyph="y", code=("y",)),
    Symbol(name="logits", glyph="log q", code=("logits",)),
    Symbol(name="gumbel", glyph="g", code=("gumbel",)),
    Symbol(name="tau", glyph="τ", code=("temperature",)),
)

COLLAPSE = {"update": "vq-loss", "restart": "off", "lr": 5e-4}
NOTES = {"init": "normal", "update": "centroid-ema", "restart": "noise", "reset_statistics": False}
PRESETS = (
    Preset(name="collapse", config=COLLAPSE),
    Preset(name="notes", config=NOTES),
    Preset(name="jukebox", config={"reset_statistics": False}),
    Preset(name="cells", config={"data": "spiral", "dim": 2, "codes": 32}),
    Preset(name="no-gradient", config={"straight_through": False}),
    Preset(name="dvae", config={"model": "dVAE", "init": "normal"}),
)

CHALLENGES = (
    Challenge(
        name="perplexity-84", formerly=("A perplexity of 84",),
        solved=lambda m: m.get("perplexity", 0) >= 84, applies_to=lambda c: c.codes <= 128,
    ),
    Challenge(
        name="six-codes", formerly=("Collapse to six codes",), from_step=300,
        solved=lambda m: m.get("codes_used", 999) <= 6,
        applies_to=lambda c: c.codes >= 128 and c.data == "digits",
    ),
    Challenge(
        name="revive", formerly=("Revive a dead codebook",),
        solved=lambda m: m.get("codes_used", 0) >= 115 and m.get("restarts", 0) >= 20,
        applies_to=lambda c: c.update == "vq-loss" and c.codes == 128,
    ),
    Challenge(
        name="lose-5-percent", formerly=("Lose only 5 %",),
        solved=lambda m: m.get("heldout/nmse", 9) <= 0.05, applies_to=lambda c: c.data == "digits",
    ),
    Challenge(
        name="own-digits", formerly=("Digits of its own",),
        solved=lambda m: m.get("recognised/samples", 0) >= 0.6,
    ),
    Challenge(
        name="dvae-60-codes", formerly=("A dVAE with 60 codes",), from_step=100,
        solved=lambda m: m.get("codes_used", 0) >= 60, applies_to=lambda c: c.model == "dVAE",
    ),
)  # fmt: skip

VQ_VAE = Concept(
    package=__name__,
    slug="vqvae",
    config=VQVAEConfig,
    experiment=_lazy("experiment", "VQVAEExperiment"),
    metrics=(*METRICS, *prior.METRICS),
    views=VIEWS,
    code=(
        "experiment:VQVAEExperiment.step",
        "experiment:VQVAEExperiment.vqvae_step",
        "experiment:VQVAEExperiment.update_codebook",
        "experiment:VQVAEExperiment.revive_unused",
        "models.quantiser:nearest_code",
        "models.quantiser:straight_through",
        "models.quantiser:vq_loss",
        "models.quantiser:commitment_loss",
        "models.quantiser:uses",
        "models.quantiser:assigned",
        "models.quantiser:ema_update",
        "models.quantiser:centroid_ema_update",
        "models.quantiser:revive",
        "models.quantiser:perplexity",
        "experiment:VQVAEExperiment.dvae_step",
        "models.vqvae:gumbel_softmax",
        "models.vqvae:kl_to_uniform",
        "models.vqvae:VQVAE",
        "models.vqvae:ImageEncoder",
        "models.vqvae:ImageDecoder",
        *prior.CODE,
    ),
    probes=(*PROBES, *prior.PROBES),
    presets=PRESETS,
    challenges=CHALLENGES,
    symbols=SYMBOLS,
    diagram=diagram,
    preload=("probes", "views", *prior.PRELOAD),
)
