"""The GAN tab: a generator and a discriminator, and a CAN's that avoids all styles. The declaration; loads no torch."""

from __future__ import annotations

from functools import partial

from playground.concept import Challenge, Concept, Metric, Preset, Symbol, View, lazy
from playground.concepts.gan.config import GanConfig, is_can, is_digits, is_plane
from playground.concepts.gan.digits import DIGITS, DIGITS_CONFIG
from playground.concepts.gan.plane import PLANE

_lazy = partial(lazy, __name__)

METRICS = (
    Metric(name="modes_covered", better="higher"),
    Metric(name="high_quality", better="higher"),
    Metric(name="discriminator/on_real"),
    Metric(name="discriminator/on_generated"),
    Metric(name="generator/gradient"),
    Metric(name="generator/loss", hidden=True),
    Metric(name="discriminator/loss", hidden=True),
    Metric(name="coverage", better="higher", hidden=True),
    Metric(name="largest_mode_share", hidden=True),
    Metric(name="has_collapsed", hidden=True),
    Metric(name="style_entropy"),
    Metric(name="in_distribution", hidden=True),
)

VIEWS = (View(name="beliefs", draw=_lazy("views", "beliefs"), every=10, place="wide"),)

SYMBOLS = (
    Symbol(name="D", glyph="D", code=("D",), views=("points", "beliefs")),
    Symbol(name="G", glyph="G", code=("generator",), views=("points", "samples")),
    Symbol(name="x", glyph="x", code=("x",), views=("points",)),
    Symbol(name="fake", glyph="G(z)", code=("fake",), views=("points", "samples")),
    Symbol(name="gamma", glyph="γ", code=("r1",)),
    Symbol(name="ambiguity", glyph="λ", code=("ambiguity",), views=("style",)),
    Symbol(name="K", glyph="K", code=("K",), views=("style",)),
)

STRONG = {"r1": 0.0, "d_steps": 5}
STYLES = {"data": "styles", "model": "CAN", "r1": 0.02, "noise": 8, "steps": 3000}
PRESETS = (
    Preset(name="draw", config={"data": "drawn"}),
    Preset(name="grid", config={"data": "grid", "noise": 8}),
    Preset(name="collapse", config={**STRONG, "lr_g": 1e-4, "lr_d": 1e-2}),
    Preset(name="vanishing", config={**STRONG, "loss": "minimax", "lr_g": 1e-4}),
    Preset(name="too-strong", config={"r1": 0.0, "d_steps": 10, "lr_d": 5e-3}),
    Preset(name="oscillation", config={"loss": "hinge", "r1": 0.0, "lr_g": 5e-3, "lr_d": 1e-4}),
    Preset(name="can-0", config={**STYLES, "ambiguity": 0.0}),
    Preset(name="can-1", config={**STYLES, "ambiguity": 1.0}),
    Preset(name="can-3", config={**STYLES, "ambiguity": 3.0}),
    Preset(name="digits", config=DIGITS_CONFIG),
    Preset(name="can-digits", config={**DIGITS_CONFIG, "model": "CAN", "ambiguity": 0.3}),
)

CHALLENGES = (
    Challenge(
        name="all-modes",
        formerly=("Cover all 8 modes",),
        solved=lambda m: m.get("modes_covered", 0) >= 8 and m.get("high_quality", 0) >= 0.9,
        applies_to=lambda c: c.data == "ring",
    ),
    Challenge(
        name="recovery",
        formerly=("Collapse, and recover without a reset",),
        solved=lambda m: m.get("has_collapsed", 0) == 1 and m.get("modes_covered", 0) >= 8,
        applies_to=lambda c: c.data == "ring",
    ),
    Challenge(
        name="grid",
        formerly=("22 modes of 25",),
        solved=lambda m: m.get("modes_covered", 0) >= 22,
        applies_to=lambda c: c.data == "grid",
    ),
    Challenge(
        name="vanishing-gradient",
        formerly=("Make the gradient vanish",),
        solved=lambda m: m.get("generator/gradient", 1) < 1e-6,
        from_step=100,
        applies_to=is_plane,
    ),
    Challenge(
        name="no-style",
        formerly=("Nobody's style",),
        solved=lambda m: m.get("style_entropy", 0) >= 0.2 and m.get("in_distribution", 0) >= 0.5,
        applies_to=lambda c: c.data == "styles",
        from_step=1000,
    ),
    Challenge(
        name="believable-digits",
        formerly=("Digits that a judge believes",),
        solved=lambda m: m.get("high_quality", 0) >= 0.65 and m.get("modes_covered", 0) >= 10,
        applies_to=lambda c: is_digits(c) and not is_can(c),
        from_step=100,
    ),
)

GAN = Concept(
    package=__name__,
    slug="gan",
    config=GanConfig,
    settings=(PLANE, DIGITS),
    metrics=METRICS,
    views=VIEWS,
    code=(
        "models.gan:discriminator_loss",
        "models.gan:generator_loss",
        "models.gan:r1_penalty",
        "models.gan:gradient_penalty",
        "models.gan:style_loss",
        "models.gan:ambiguity_loss",
    ),
    presets=PRESETS,
    challenges=CHALLENGES,
    symbols=SYMBOLS,
    preload=("plane.field", "plane.probes", "plane.views", "digits.probes", "digits.views", "views"),
)
