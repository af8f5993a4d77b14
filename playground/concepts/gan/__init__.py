"""The GAN tab: a generator and a discriminator, and CAN's wish for no style. The declaration; loads no torch."""

from __future__ import annotations

from functools import partial
from typing import Any

from playground.concept import Challenge, Concept, Metric, Preset, Probe, Symbol, View, lazy
from playground.concepts.gan import questions
from playground.concepts.gan.config import GanConfig, is_can, is_digits, is_plane
from playground.concepts.gan.diagram import diagram
from playground.concepts.gan.media import DUEL

_lazy = partial(lazy, __name__)


def _experiment(config: GanConfig) -> Any:
    module, name = ("digits", "DigitsExperiment") if is_digits(config) else ("experiment", "PlaneExperiment")
    return _lazy(module, name)(config)


def _is_plane_can(config: GanConfig) -> bool:
    return is_plane(config) and is_can(config)


def _is_plane_gan(config: GanConfig) -> bool:
    return is_plane(config) and not is_can(config)


def _is_digit_can(config: GanConfig) -> bool:
    return is_digits(config) and is_can(config)


def _is_digit_gan(config: GanConfig) -> bool:
    return is_digits(config) and not is_can(config)


METRICS = (
    Metric(name="modes_covered", title="modes covered", better="higher",
           explain="Gaussians (or digits' classes) that get at least a fifth (or 30 %) of their fair share."),
    Metric(name="high_quality", title="good samples", unit="share", better="higher",
           explain="Within 3 σ of a mode, or near a real point; of digits: the fixed judge is at least 80 % sure."),
    Metric(name="discriminator/on_real", title="D of real",
           explain="Mean belief, 0 to 1, that real samples are real: ½ if it can't tell."),
    Metric(name="discriminator/on_generated", title="D of generated",
           explain="Mean belief, 0 to 1, that generated samples are real."),
    Metric(name="generator/gradient", title="G's gradient",
           explain="Length of the gradient of the generator's loss in its weights: near 0, it learns nothing."),
    Metric(name="generator/loss", title="G's loss", hidden=True, explain="Of the generator's half of the step."),
    Metric(name="discriminator/loss", title="D's loss", hidden=True,
           explain="Of the discriminator's half of the step, without penalties."),
    Metric(name="coverage", title="real ones reached", unit="share", better="higher", hidden=True,
           explain="Share of real points with a generated one nearby, where there are no modes."),
    Metric(name="fullest_mode", title="fullest mode", unit="share", hidden=True,
           explain="Share of the generated samples in the mode (or class) that has most."),
    Metric(name="has_collapsed", title="has collapsed", hidden=True,
           explain="1 once 80 % of the generated points were in one mode."),
    Metric(name="style_entropy", title="style entropy", unit="nats",
           explain="Mean entropy of the style by Bayes' rule (of a digit: by the judge); ln K at most."),
    Metric(name="in_distribution", title="in distribution", unit="share", hidden=True,
           explain="Share of generated points where the mixture is denser than at the sparsest 1 % of real ones."),
)  # fmt: skip

VIEWS = (
    View(
        name="plane", title="The duel", place="hero", draw=_lazy("plane", "duel"), medium=DUEL, applies_to=is_plane,
        caption="Blue: real points, and where D sees such. Orange: generated. Arrows: where the gradient pushes them.",
    ),
    View(
        name="noise_map", title="Where noise goes", draw=_lazy("views", "noise_map"), every=5,
        applies_to=_is_plane_gan, caption="Each place of the noise in the colour of the mode it becomes; grey: none.",
    ),
    View(
        name="style", title="No style in particular", draw=_lazy("views", "style"), every=10,
        applies_to=_is_plane_can, caption="Judged by Bayes' rule. The line is ln K: every style equally likely.",
    ),
    View(
        name="quality", title="Modes and good points", draw=_lazy("views", "quality"), every=10, applies_to=is_plane,
        caption="Of the averaged generator, judged by the real distribution, not by D.",
    ),
    View(
        name="samples", title="The same noise, step by step", place="hero", draw=_lazy("digit_views", "samples"),
        every=2, applies_to=is_digits,
        caption="Digits take shape from fixed noise. Click one to see the training digits nearest to it.",
    ),
    View(
        name="judged", title="What a judge sees", draw=_lazy("digit_views", "judged"), every=25, applies_to=is_digits,
        caption="A classifier trained on real digits only. The line: 3 % is enough to count a class as seen.",
    ),
    View(
        name="digit_quality", title="Digits that are one", draw=_lazy("digit_views", "quality"), every=25,
        applies_to=_is_digit_gan, caption="Blue line: how often the judge is that sure of real digits.",
    ),
    View(
        name="digit_style", title="No digit in particular", draw=_lazy("digit_views", "style"), every=25,
        applies_to=_is_digit_can, caption="The judge's mean entropy. The line is ln 10: all classes at once.",
    ),
    View(
        name="duel", title="Who is ahead", draw=_lazy("views", "duel"), every=10, place="wide",
        caption="Grey: where both would rest, D telling nothing. Losses that stand still are no sign of it.",
    ),
    View(
        name="interpolation", title="From noise to noise", draw=_lazy("digit_views", "interpolation"), every=25,
        place="more", applies_to=is_digits, caption="Each row begins where the last one ended.",
    ),
    View(
        name="neighbours", title="Copies?", draw=_lazy("digit_views", "neighbours"), every=25, place="more",
        applies_to=is_digits, caption="Above: generated. Below each: the training digit nearest to it in pixels.",
    ),
)  # fmt: skip

PROBES = (
    Probe(
        name="cut", title="A cut through the plane", question=questions.Cut, ask=_lazy("probes", "cut"),
        clicks={"plane": _lazy("probes", "clicked_cut")}, applies_to=is_plane, button="Cut",
        caption="D along a level line, and the best that it could be, given both kinds of points.",
    ),
    Probe(
        name="nearest", title="Nearest training digits", question=questions.Neighbours, applies_to=is_digits,
        ask=_lazy("probes", "neighbours"), clicks={"samples": _lazy("probes", "clicked_digit")}, button="Look",
        caption="The first is generated; the others are the training digits nearest to it in pixels.",
    ),
    Probe(
        name="walk", title="From digit to digit", question=questions.Walk, ask=_lazy("probes", "between"),
        applies_to=is_digits, button="Walk", caption="Along the great circle from one noise to the other.",
    ),
)  # fmt: skip

SYMBOLS = (
    Symbol(name="D", glyph="D", meaning="the discriminator's logit of being real", code=("D",),
           views=("plane", "duel")),
    Symbol(name="G", glyph="G", meaning="the generator: noise to sample", code=("generator",),
           views=("plane", "samples")),
    Symbol(name="x", glyph="x", meaning="a real sample", code=("x",), views=("plane",)),
    Symbol(name="fake", glyph="G(z)", meaning="a generated sample", code=("fake",), views=("plane", "samples")),
    Symbol(name="gamma", glyph="γ", meaning="weight of R1", code=("r1",)),
    Symbol(name="ambiguity", glyph="λ", meaning="(CAN) weight of the wish to have no style", code=("ambiguity",),
           views=("style",)),
    Symbol(name="K", glyph="K", meaning="number of styles", code=("K",), views=("style",)),
)  # fmt: skip

STRONG = {"r1": 0.0, "d_steps": 5}
STYLES = {"data": "styles", "model": "CAN", "r1": 0.02, "noise": 8, "steps": 3000}
DIGITS = {"data": "digits", "noise": 64, "lr_g": 4e-3, "lr_d": 4e-3, "batch": 32, "steps": 2500}
PRESETS = (
    Preset(name="draw", title="Draw your own", config={"data": "drawn"},
           why="Draw in the plane while it trains: the generator follows."),
    Preset(name="grid", title="25 modes", config={"data": "grid", "noise": 8},
           why="Modes are found one after the other; with eight numbers of noise soon all of them."),
    Preset(name="collapse", title="Mode collapse", config={**STRONG, "lr_g": 1e-4, "lr_d": 1e-2},
           why="A quick, steep discriminator and a slow generator: all noise becomes one mode."),
    Preset(name="vanishing", title="A gradient that vanishes", config={**STRONG, "loss": "minimax", "lr_g": 1e-4},
           why="Minimax is flat where D is sure: the generator's gradient falls below a millionth, nothing moves."),
    Preset(name="too-strong", title="A discriminator too strong", config={"r1": 0.0, "d_steps": 10, "lr_d": 5e-3},
           why="Ten steps of D for each of G: all points in one mode, and arrows that point anywhere."),
    Preset(name="oscillation", title="Round and round", config={"loss": "hinge", "r1": 0.0, "lr_g": 5e-3, "lr_d": 1e-4},
           why="A quick generator and a slow discriminator: the points rush to where it was deceived last."),
    Preset(name="can-0", title="CAN with λ = 0", config={**STYLES, "ambiguity": 0.0},
           why="A GAN with a second head that names styles: every point has a plain one."),
    Preset(name="can-1", title="CAN with λ = 1", config={**STYLES, "ambiguity": 1.0},
           why="Points move towards the places between styles, and most still pass for real."),
    Preset(name="can-3", title="CAN with λ = 3", config={**STYLES, "ambiguity": 3.0},
           why="Far more of them have no style, and fewer pass for real."),
    Preset(name="digits", title="Handwritten digits", config=DIGITS,
           why="A small DCGAN: digits take shape from the same noise."),
    Preset(name="can-digits", title="Shapes between digits", config={**DIGITS, "model": "CAN", "ambiguity": 0.3},
           why="A CAN whose styles are the ten classes: strokes that are no digit in particular."),
)  # fmt: skip

CHALLENGES = (
    Challenge(name="cover-all-8-modes", title="Cover all 8 modes", hint="And nine of ten points are good: the default gets there.",
              solved=lambda m: m.get("modes_covered", 0) >= 8 and m.get("high_quality", 0) >= 0.9,
              applies_to=lambda c: c.data == "ring"),
    Challenge(name="collapse-and-recover-without-a-reset", title="Collapse, and recover without a reset",
              hint="First 80 % of the points in one mode, then all eight: which knobs are live?",
              solved=lambda m: m.get("has_collapsed", 0) == 1 and m.get("modes_covered", 0) >= 8,
              applies_to=lambda c: c.data == "ring"),
    Challenge(name="22-modes-of-25", title="22 modes of 25", hint="The grid.", solved=lambda m: m.get("modes_covered", 0) >= 22,
              applies_to=lambda c: c.data == "grid"),
    Challenge(name="make-the-gradient-vanish", title="Make the gradient vanish", hint="Under a millionth: a loss that is flat where D is sure.",
              solved=lambda m: m.get("generator/gradient", 1) < 1e-6, from_step=100, applies_to=is_plane),
    Challenge(name="nobody-s-style", title="Nobody's style", hint="Four styles: an entropy of 0.2 nats, half of the points in distribution.",
              solved=lambda m: m.get("style_entropy", 0) >= 0.2 and m.get("in_distribution", 0) >= 0.5,
              applies_to=lambda c: c.data == "styles", from_step=1000),
    Challenge(name="digits-that-a-judge-believes", title="Digits that a judge believes", hint="It is sure of 65 % of them, and sees all ten classes.",
              solved=lambda m: m.get("high_quality", 0) >= 0.65 and m.get("modes_covered", 0) >= 10,
              applies_to=_is_digit_gan, from_step=100),
)  # fmt: skip

GAN = Concept(
    package=__name__,
    slug="gan",
    title="GAN",
    tagline="Two networks, each the other's teacher",
    config=GanConfig,
    experiment=_experiment,
    metrics=METRICS,
    views=VIEWS,
    code=(
        "experiment:PlaneExperiment.step",
        "experiment:PlaneExperiment.discriminator_half",
        "experiment:PlaneExperiment.generator_half",
        "experiment:PlaneExperiment.wish",
        "digits:DigitsExperiment.discriminator_half",
        "digits:DigitsExperiment.generator_half",
        "models.gan:discriminator_loss",
        "models.gan:generator_loss",
        "models.gan:r1_penalty",
        "models.gan:gradient_penalty",
        "models.gan:style_loss",
        "models.gan:ambiguity_loss",
        "models.gan_networks:Generator",
        "models.gan_networks:Discriminator",
        "models.dcgan:DigitGenerator",
        "models.dcgan:DigitDiscriminator",
    ),
    probes=PROBES,
    presets=PRESETS,
    challenges=CHALLENGES,
    symbols=SYMBOLS,
    diagram=diagram,
    preload=("plane", "views", "digit_views", "probes"),
)
