"""The Residual tab: why depth needs a shortcut. The declaration; loads no torch."""

from __future__ import annotations

from playground.concept import Concept, Metric, Symbol, of_arms
from playground.concepts.residual.challenges import CHALLENGES
from playground.concepts.residual.config import ResidualConfig
from playground.concepts.residual.degradation import ARMS as DEPTH_ARMS
from playground.concepts.residual.degradation import DEGRADATION
from playground.concepts.residual.pair import CHARTS, CHARTS_BELOW, HERO, MORE, pair_setting
from playground.concepts.residual.plane import VIEWS as PLANE_VIEWS
from playground.concepts.residual.presets import PRESETS

PAIR_ARMS = ("plain", "residual")
EVERY_ARM = (
    Metric(name="train/loss", better="lower"),
    Metric(name="heldout/accuracy", better="higher"),
    Metric(name="gradient_ratio"),
)
METRICS = (
    *of_arms(EVERY_ARM, PAIR_ARMS, shown={"train/loss", "heldout/accuracy", "gradient_ratio"}),
    *of_arms([Metric(name="lesion_drop", better="lower")], PAIR_ARMS),
    *of_arms(EVERY_ARM, DEPTH_ARMS, shown={"train/loss"}),
)

SETTINGS = (
    pair_setting("digits", {}, "deep_mlp", (HERO, *CHARTS, *MORE)),
    pair_setting("images", {"depth": 20}, "deep_conv", (HERO, *CHARTS, *MORE)),
    pair_setting("spirals", {"depth": 20}, "deep_mlp", (HERO, *PLANE_VIEWS, *CHARTS_BELOW, *MORE)),
    pair_setting("moons", {"depth": 20}, "deep_mlp", (HERO, *PLANE_VIEWS, *CHARTS_BELOW, *MORE)),
    DEGRADATION,
)

SYMBOLS = (
    Symbol(name="x", glyph="x", code=("x",), views=("columns",)),
    Symbol(name="F", glyph="F", code=("F",), views=("branches",)),
    Symbol(name="y", glyph="y", code=("y",)),
    Symbol(name="h", glyph="h", code=("h", "state"), views=("activations", "flow")),
    Symbol(name="alpha", glyph="α", code=("alpha",), views=("branches",)),
    Symbol(name="loss", glyph="ℒ", code=("loss",), views=("losses",)),
    Symbol(name="p", glyph="p", code=("survival",)),
)

RESIDUAL = Concept(
    package=__name__,
    slug="residual",
    config=ResidualConfig,
    settings=SETTINGS,
    metrics=METRICS,
    arms=(*PAIR_ARMS, *DEPTH_ARMS),
    presets=PRESETS,
    challenges=CHALLENGES,
    symbols=SYMBOLS,
    preload=(
        "experiment", "columns", "cutting", "views", "lesions", "following", "jacobian", "landscape", "plane.views",
        "plane.flow", "degradation.experiment", "degradation.views",
    ),
)  # fmt: skip
