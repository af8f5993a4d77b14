"""What the rows of the table share: how a sentence is filed with what measures it, and trained runs."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from playground.engine.run import Run
from tests.benchmarks.learning import concept_of, preset

Measured = tuple[Sequence[float], bool]
"""What was found, in the order in which it is stated, and whether it is that within noise."""
ROWS: list[tuple[str, str, str, Callable[[], Measured]]] = []
"""(tab, sentence, what it states, what measures it)"""
RES, AE, ELBO, VQ, TF = "residual", "autoencoder", "elbo", "vqvae", "transformer"
CLIP, GAN, AC = "clip", "gan", "actor-critic"
ACCURACY, ENTROPY, MEAN = "heldout/sequence_accuracy", "attention/entropy", "return/mean20"


def row(tab: str, sentence: str, stated: str) -> Callable[[Callable[[], Measured]], None]:
    return lambda measure: ROWS.append((tab, sentence, stated, measure))


def opened(slug: str, name: str = "", **knobs: Any) -> Run:
    """A run at step 0, of a preset and with other knobs."""
    concept = concept_of(slug)
    return Run(concept, concept.config(**concept.config.with_followers((preset(slug, name) if name else {}) | knobs)))


@cache
def trained(slug: str, name: str = "", **knobs: Any) -> Run:
    """A run at the end of its budget."""
    run = opened(slug, name, **knobs)
    run.advance(math.inf)
    return run


def experiment(slug: str, name: str = "", **knobs: Any) -> Any:
    return trained(slug, name, **knobs).experiment


def first_step(run: Run, metric: str, bound: float) -> float:
    """The step of the first measurement that reaches the bound; infinite: there is none."""
    return next((s for s, v in zip(*run.history[metric], strict=True) if v >= bound), math.inf)
