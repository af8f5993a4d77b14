"""What the lesson, captions and presets of the ELBO tab state about training, on three seeds each."""

from __future__ import annotations

import numpy as np

from tests.benchmarks.lessons.rows import ELBO, Measured, opened, row, trained

SEEDS = (0, 1, 2)


def spread(objective: str, k: int, seed: int) -> float:
    """Mean of σ over the last 200 of 1,000 steps on the two-mode model."""
    run, found = opened(ELBO, objective=objective, k=k, seed=seed), []
    for step in range(1000):
        run.advance(60.0, max_steps=1)
        if step >= 800:
            found.append(run.experiment.arms[objective].q.log_sigma.exp().item())  # type: ignore[attr-defined]
    return float(np.mean(found))


@row(ELBO, "Reverse KL falls into the mode that is nearer", "gaps 0.53 from (0, 0.5) and 0.93 from (−0.3, 0.5), ± 0.03")
def two_starts() -> Measured:
    right = [trained(ELBO, seed=seed).latest["kl_gap"] for seed in SEEDS]
    left = [trained(ELBO, "left-mode", seed=seed).latest["kl_gap"] for seed in SEEDS]
    return [*right, *left], max(abs(g - 0.53) for g in right) < 0.03 and max(abs(g - 0.93) for g in left) < 0.03


@row(ELBO, "Reverse KL seeks one mode; forward KL covers both, as IWAE does from K = 4 on",
     "σ < 0.25 of reverse KL and of IWAE with K = 1, 2; σ > 1 of the others")  # fmt: skip
def seek_and_cover() -> Measured:
    narrow = [spread("reverse_kl", 1, seed) for seed in SEEDS]
    narrow += [spread("iwae", k, seed) for k in (1, 2) for seed in SEEDS]
    wide = [spread("forward_kl", 1, 0)] + [spread("iwae", k, seed) for k in (4, 16, 64) for seed in SEEDS]
    return [*narrow, *wide], max(narrow) < 0.25 and min(wide) > 1


@row(ELBO, "A mixture of two covers both modes, and its gap nearly closes", "gap < 0.1")
def two_gaussians() -> Measured:
    found = [trained(ELBO, "two-gaussians", seed=seed).latest["kl_gap"] for seed in SEEDS]
    return found, max(found) < 0.1


@row(ELBO, "With independent numbers, q can't follow a slope: its gap is larger than with a full covariance",
     "mean field − full > 0.05")  # fmt: skip
def mean_field() -> Measured:
    found = [
        trained(ELBO, name, seed=seed).latest["kl_gap"] for name in ("curved", "curved-mean-field") for seed in SEEDS
    ]
    return found, min(found[3:]) - max(found[:3]) > 0.05


@row(ELBO, "The flipped sign has no maximum: the run is stopped", "before its last step, σ < 0.001")
def flipped_sign() -> Measured:
    found, holds = [], True
    for seed in SEEDS:
        run = trained(ELBO, "flipped-sign", seed=seed)
        sigma = run.experiment.arms["reverse_kl"].q.log_sigma.exp().item()  # type: ignore[attr-defined]
        found += [run.step, sigma]
        holds = holds and bool(run.error) and sigma < 0.001
    return found, holds


@row(ELBO, "The network's gap shrinks in training", "from > 2 nats to < 0.3 at step 1,000")
def amortised() -> Measured:
    start = [opened(ELBO, "amortised", seed=seed).experiment.measure()["amortisation_gap"]  # type: ignore[attr-defined]
             for seed in SEEDS]  # fmt: skip
    end = [trained(ELBO, "amortised", seed=seed).latest["amortisation_gap"] for seed in SEEDS]
    return [*start, *end], min(start) > 2 and max(end) < 0.3
