"""What visitors may try to reach, by hand or by training. What is asked of q is judged after every move."""

from __future__ import annotations

import math

from playground.concept import Challenge, Metrics
from playground.concepts.elbo.config import has_two_parts, is_amortised, is_em

IMPOSSIBLE = math.inf


def gap(metrics: Metrics, arm: str = "") -> float:
    """log p(x) − ELBO of an arm, or of the only q; infinite where it is not measured."""
    return metrics.get(f"{arm}/kl_gap" if arm else "kl_gap", IMPOSSIBLE)


def miss(metrics: Metrics) -> float:
    """How far the importance-weighted bound is from log p(x)."""
    return abs(metrics.get("log_evidence", IMPOSSIBLE) - metrics.get("iwae", -IMPOSSIBLE))


def seeks_and_covers(metrics: Metrics) -> bool:
    """All three have been trained: reverse KL is in a mode, forward KL pays for both, IWAE's bound is tight."""
    reverse, forward = metrics.get("reverse_kl/elbo", -IMPOSSIBLE), metrics.get("forward_kl/elbo", IMPOSSIBLE)
    evidence, weighted = metrics.get("log_evidence", IMPOSSIBLE), metrics.get("forward_kl/iwae", -IMPOSSIBLE)
    return reverse > evidence - 1 and forward < evidence - 5 and abs(evidence - weighted) < 0.1


CHALLENGES = (
    Challenge(
        name="close-by-hand",
        solved=lambda m: gap(m) <= 0.01,
        applies_to=lambda c: c.model == "linear" and c.objective == "reverse_kl" and c.moves > 0,
    ),
    Challenge(
        name="one-mode",
        solved=lambda m: gap(m) <= 0.54,
        applies_to=lambda c: c.model == "modes" and c.family == "gaussian" and c.objective == "reverse_kl",
    ),
    Challenge(
        name="rescued",
        solved=lambda m: m.get("elbo", 0.0) < -10 and miss(m) <= 0.05,
        applies_to=lambda c: c.model == "modes" and c.family == "gaussian",
    ),
    Challenge(
        name="cover-both",
        solved=lambda m: gap(m) <= 0.05,
        applies_to=lambda c: has_two_parts(c) and c.model == "modes" and 0.8 <= c.x <= 1.5,
    ),
    Challenge(
        name="seek-and-cover",
        solved=seeks_and_covers,
        applies_to=lambda c: c.objective == "all" and c.model == "modes",
        from_step=100,
    ),
    Challenge(
        name="bent",
        solved=lambda m: gap(m) <= 0.77,
        applies_to=lambda c: c.model == "curved" and c.x == 1.0,
    ),
    Challenge(
        name="touch",
        solved=lambda m: (
            abs(m.get("exact/log_likelihood", 0.0) - m.get("exact/bound", IMPOSSIBLE)) < 1e-9
            and m.get("restricted/log_likelihood", 0.0) - m.get("restricted/bound", 0.0) > 0.01
        ),
        applies_to=is_em,
        from_step=10,
    ),
    Challenge(
        name="amortise",
        solved=lambda m: m.get("amortisation_gap", IMPOSSIBLE) <= 0.1,
        applies_to=is_amortised,
        from_step=100,
    ),
)
