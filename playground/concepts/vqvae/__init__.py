"""The VQ-VAE tab: a codebook that lives, dies and is revived. The declaration; loads no torch."""

from __future__ import annotations

from functools import partial

from playground.concept import Challenge, Concept, Metric, Preset, Probe, Symbol, View, lazy
from playground.concepts.vqvae import questions
from playground.concepts.vqvae.config import VQVAEConfig
from playground.concepts.vqvae.diagram import diagram
from playground.concepts.vqvae.media import CODE_FILLING, CODE_MAP

_lazy = partial(lazy, __name__)

METRICS = (
    Metric(name="codes_used", title="codes used", unit="codes", better="higher",
           explain="Codes that some vector of the last 8 batches chose."),
    Metric(name="perplexity", title="perplexity", unit="codes", better="higher",
           explain="exp(entropy) of their use: as if so many codes were used evenly. One code says empty paper and has "
           "a large share, so that it stays well under K."),
    Metric(name="restarts", title="re-initialised", unit="codes",
           explain="How often a code was re-initialised since the start."),
    Metric(name="heldout/nmse", title="held-out NMSE", unit="share", better="lower",
           explain="Squared error on 500 examples never trained on, as a share of what their mean alone would leave."),
    Metric(name="heldout/quantisation", title="quantisation error", unit="share", better="lower", hidden=True,
           explain="‖z − e‖² as a share of the vectors' variance, on the held-out examples."),
    Metric(name="train/reconstruction", title="train reconstruction", unit="share", better="lower", hidden=True,
           explain="Mean squared error of the batch, divided by the variance of the data."),
    Metric(name="train/vq", title="VQ loss", better="lower", hidden=True,
           explain="‖sg[z] − e‖², the mean: how far the codes are from the vectors that chose them."),
    Metric(name="train/commitment", title="commitment loss", better="lower", hidden=True,
           explain="‖z − sg[e]‖², the mean: the same value, with the other gradient."),
    Metric(name="train/kl", title="KL to uniform", unit="nats a place", hidden=True,
           explain="(dVAE) log K − H(q): how sure the encoder is of its code."),
    Metric(name="temperature", title="temperature τ", hidden=True, explain="(dVAE) How soft the choice of a code is."),
    Metric(name="prior/heldout_loss", title="prior, held-out", unit="nats a code", better="lower",
           explain="Cross-entropy of the prior on 200 maps never trained on."),
    Metric(name="prior/train_loss", title="prior, train", unit="nats a code", better="lower", hidden=True,
           explain="Cross-entropy of the prior on its batch."),
    Metric(name="recognised/samples", title="new digits recognised", unit="share", better="higher",
           explain="Of the newest 64 digits of the prior, those of which the fixed classifier is at least 0.8 sure."),
    *(
        Metric(name=f"recognised/{name}", title=f"{title} recognised", unit="share", hidden=True,
               explain="The same share, to compare with.")
        for name, title in (("real", "real digits"), ("reconstructions", "reconstructions"),
                            ("independent", "codes drawn place by place"))
    ),
)  # fmt: skip


def _of_plane(config: VQVAEConfig) -> str:
    if config.model == "dVAE":
        return "Small: the mean code of each place. No code is nearest here, so a dVAE revives none. Click a code."
    cells = "Lines bound the cell of each code." if config.dim == 2 else "Dots are codes, sized by use."
    revival = "arrows are re-initialisations" if config.restart != "off" else "nothing revives the hollow, unused ones"
    return f"Small: what the encoder says of held-out examples. {cells} Watch: {revival}. Click a code to swap it in."


def _of_maps(config: VQVAEConfig) -> str:
    if config.data != "digits":
        return "Points in the colour of their code; diamonds: what each code is decoded to."
    return "A digit, its 7×7 codes (near codes look alike), its reconstruction. Click a place to swap its code."


VIEWS = (
    View(
        name="plane", title="Vectors and codes", draw=_lazy("views", "plane"), place="hero", every=2, caption=_of_plane,
    ),
    View(
        name="maps", title="Written in codes", draw=_lazy("views", "maps"), every=10, caption=_of_maps,
    ),
    View(
        name="usage", title="Use of every code", draw=_lazy("views", "usage_bars"), every=5,
        caption="Rings on the floor are unused codes; dotted: all alike. Click a bar to swap its code in.",
    ),
    View(
        name="progress", title="A codebook's life", draw=_lazy("views", "progress"), every=10, place="wide",
        caption="Bars are codes re-initialised. Perplexity stays under K: one code says empty paper.",
    ),
    View(
        name="samples", title="New digits, code by code", draw=_lazy("prior_views", "samples"), rest=2.0,
        place="more", medium=CODE_FILLING,
        caption="Drawn by the prior, left to right and down; what is not drawn yet shows the most used code.",
    ),
    View(
        name="prior_progress", title="What the prior has learned", draw=_lazy("prior_views", "prior_progress"),
        every=20, place="more",
        caption="Right: digits of which the fixed classifier is at least 0.8 sure, of four kinds.",
    ),
    View(
        name="codebook", title="The codebook, decoded", draw=_lazy("views", "codebook"), every=20, place="more",
        caption="What is decoded where a code stands, the mean over held-out digits. Click one to see where.",
    ),
    View(
        name="losses", title="The terms of the loss", draw=_lazy("views", "losses"), every=20, place="more",
        caption="VQ and commitment lie on one another: the same value with different gradients.",
    ),
)  # fmt: skip


def _codes(config: VQVAEConfig) -> dict[str, tuple[int, int]]:
    """No code beyond the codebook; −1 leaves the encoder's."""
    return {"code": (-1, config.codes - 1)}


PROBES = (
    Probe(
        name="swap", title="Swap codes", question=questions.SwapInDigit, bounds=_codes,
        ask=_lazy("probes", "swap"), medium=CODE_MAP,
        clicks={"maps": _lazy("probes", "clicked_digit"), "plane": _lazy("probes", "clicked_in_plane"),
                "usage": _lazy("probes", "clicked_bar")},
        caption="Choose a place, then point at a code below: the decoding changes with it.",
    ),
    Probe(
        name="draw", title="Draw a digit", question=questions.SwapInDrawing, bounds=_codes, ask=_lazy("probes", "draw"),
        medium=CODE_MAP, caption="Your digit in codes, and back. Choose a place and point at a code to swap it.",
    ),
    Probe(
        name="fires", title="What a code says", question=questions.Fires, bounds=_codes, ask=_lazy("probes", "fires"),
        clicks={"codebook": _lazy("probes", "clicked_patch")},
        caption="Held-out digits that use the code, the places framed.",
    ),
    Probe(
        name="sample", title="New digits", question=questions.Sample, ask=_lazy("probes", "sample"),
        medium=CODE_FILLING, live=False, button="Draw digits",
        caption="Of the prior, at a temperature of your choice: cold digits look alike, hot ones fall apart.",
    ),
)  # fmt: skip

SYMBOLS = (
    Symbol(name="x", glyph="x", meaning="the batch, 784 pixels each", code=("x",), views=("maps",)),
    Symbol(name="z", glyph="z", meaning="the encoder's vectors", code=("z",), views=("plane",)),
    Symbol(name="k", glyph="k", meaning="which code is nearest to each vector", code=("k",), views=("maps", "usage")),
    Symbol(name="e", glyph="e", meaning="the codes", code=("e", "codebook"), views=("plane", "codebook")),
    Symbol(name="z_q", glyph="z_q", meaning="what the decoder gets", code=("z_q",)),
    Symbol(name="beta", glyph="β", meaning="weight of the commitment", code=("beta",)),
    Symbol(name="N", glyph="N", meaning="running mean of how many vectors chose a code", code=("counts", "n"),
           views=("usage",)),
    Symbol(name="m", glyph="m", meaning="running mean of their sum", code=("sums", "total")),
    Symbol(name="gamma", glyph="γ", meaning="how much of the running means each step keeps", code=("decay",)),
    Symbol(name="y", glyph="y", meaning="(dVAE) a softened choice of a code", code=("y",)),
    Symbol(name="logits", glyph="log q", meaning="(dVAE) what the encoder thinks of every code", code=("logits",)),
    Symbol(name="gumbel", glyph="g", meaning="(dVAE) noise that turns logits into a draw", code=("gumbel",)),
    Symbol(name="tau", glyph="τ", meaning="(dVAE) temperature: how soft the choice is", code=("temperature",)),
)  # fmt: skip

COLLAPSE = {"update": "VQ loss", "restart": "off", "lr": 5e-4}
PRESETS = (
    Preset(name="collapse", title="A codebook collapses", config=COLLAPSE,
           why="All codes start in one spot; the few that are chosen first follow the vectors, the rest never move. "
           "Switch re-initialisation on while it trains: it is live, and takes seconds."),
    Preset(name="notes", title="The notes' variant",
           config={"init": "normal", "update": "notes' EMA", "restart": "noise", "reset_statistics": False},
           why="A code moves as far for one vector as for a thousand, and one revived by noise lands where no vector "
           "is."),
    Preset(name="jukebox", title="Revived, and pulled back", config={"reset_statistics": False},
           why="As in Jukebox a revived code keeps its old sum and count, and the next update pulls it back: it takes "
           "several jumps."),
    Preset(name="cells", title="Two dimensions, exact", config={"data": "spiral", "dim": 2, "codes": 32},
           why="Each point has one code, and the plane is the space of the vectors, with the cell of every code."),
    Preset(name="no-gradient", title="No straight-through", config={"straight_through": False},
           why="The encoder hears only from the commitment loss, which is least where all vectors are alike."),
    Preset(name="dvae", title="The dVAE", config={"model": "dVAE", "init": "normal"},
           why="Codes are drawn, not found nearby: soft at first, then colder. Nothing is revived; the KL keeps the "
           "choice open."),
)  # fmt: skip

CHALLENGES = (
    Challenge(name="a-perplexity-of-84", title="A perplexity of 84", hint="The default stays under it. How many numbers does a code need?",
              solved=lambda m: m.get("perplexity", 0) >= 84, applies_to=lambda c: c.codes <= 128),
    Challenge(name="collapse-to-six-codes", title="Collapse to six codes", hint="At step 300 or later, of 128 codes and on digits. What keeps codes "
              "from following the vectors?", from_step=300,
              solved=lambda m: m.get("codes_used", 999) <= 6,
              applies_to=lambda c: c.codes >= 128 and c.data == "digits"),
    Challenge(name="revive-a-dead-codebook", title="Revive a dead codebook", hint="The preset that collapses, and a live knob: 115 codes in use.",
              solved=lambda m: m.get("codes_used", 0) >= 115 and m.get("restarts", 0) >= 20,
              applies_to=lambda c: c.update == "VQ loss" and c.codes == 128),
    Challenge(name="lose-only-5", title="Lose only 5 %", hint="A held-out NMSE of 0.05 on digits: more codes help, wider ones don't.",
              solved=lambda m: m.get("heldout/nmse", 9) <= 0.05, applies_to=lambda c: c.data == "digits"),
    Challenge(name="digits-of-its-own", title="Digits of its own", hint="Train the codes for a while, then Stage = prior: 60 % recognised.",
              solved=lambda m: m.get("recognised/samples", 0) >= 0.6),
    Challenge(name="a-dvae-with-60-codes", title="A dVAE with 60 codes", hint="The preset, and a KL that keeps the choice open.",
              solved=lambda m: m.get("codes_used", 0) >= 60, applies_to=lambda c: c.model == "dVAE", from_step=100),
)  # fmt: skip

VQ_VAE = Concept(
    package=__name__,
    slug="vqvae",
    title="VQ-VAE",
    tagline="A codebook that lives, dies and is revived",
    config=VQVAEConfig,
    experiment=_lazy("experiment", "VQVAEExperiment"),
    metrics=METRICS,
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
        "prior:CodePrior.step",
        "prior:CodePrior.sample",
    ),
    probes=PROBES,
    presets=PRESETS,
    challenges=CHALLENGES,
    symbols=SYMBOLS,
    diagram=diagram,
    preload=("probes", "views", "prior_views"),
)
