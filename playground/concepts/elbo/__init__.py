"""The ELBO tab: one bound on log p(x), and three uses of it. The declaration; loads no torch."""

from __future__ import annotations

from playground.concept import Concept, Metric, Symbol, of_arms
from playground.concepts.elbo.amortised import AMORTISED
from playground.concepts.elbo.challenges import CHALLENGES
from playground.concepts.elbo.config import OBJECTIVES, ElboConfig
from playground.concepts.elbo.em import ARMS as EM_ARMS
from playground.concepts.elbo.em import EM
from playground.concepts.elbo.inference import INFERENCE
from playground.concepts.elbo.presets import PRESETS

OF_Q = (
    Metric(name="elbo", better="higher"),
    Metric(name="kl_gap", better="lower"),
    Metric(name="effective_samples", better="higher"),
    Metric(name="iwae", better="higher", hidden=True),
    Metric(name="reconstruction", hidden=True),
    Metric(name="kl_to_prior", hidden=True),
    Metric(name="objective", hidden=True),
    Metric(name="gradient_variance", hidden=True),
)
OF_EM = (Metric(name="log_likelihood", better="higher"), Metric(name="bound", better="higher"))
METRICS = (
    Metric(name="log_evidence"),
    *OF_Q,
    *of_arms(OF_Q, OBJECTIVES, shown={"elbo", "kl_gap"}),
    *of_arms(OF_EM, EM_ARMS, shown={"log_likelihood", "bound"}),
    Metric(name="amortised_elbo", better="higher"),
    Metric(name="best_elbo", better="higher"),
    Metric(name="amortisation_gap", better="lower"),
)

SYMBOLS = (
    Symbol(name="x", glyph="x", code=("x",), views=("bound",)),
    Symbol(name="z", glyph="z", code=("z",), views=("bound",)),
    Symbol(name="q", glyph="q", code=("q", "Q"), views=("bound", "climb")),
    Symbol(name="w", glyph="w", code=("log_w",), views=("samples", "more_samples")),
    Symbol(name="noise", glyph="ε", code=("noise",)),
    Symbol(name="elbo", glyph="ℒ", code=("elbo",), views=("bound", "climb")),
    Symbol(name="r", glyph="r", code=("r",), views=("mixture",)),
)

ELBO = Concept(
    package=__name__,
    slug="elbo",
    config=ElboConfig,
    settings=(INFERENCE, EM, AMORTISED),
    metrics=METRICS,
    arms=(*OBJECTIVES, *EM_ARMS),
    presets=PRESETS,
    challenges=CHALLENGES,
    symbols=SYMBOLS,
    preload=(
        "exact", "inference.experiment", "inference.bound", "inference.views", "inference.importance",
        "inference.gradients", "inference.derivation", "em.experiment", "em.views", "amortised.experiment",
        "amortised.views",
    ),
)  # fmt: skip
