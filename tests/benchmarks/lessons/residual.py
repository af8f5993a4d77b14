"""What the lesson, captions and presets of the Residual tab state, on three seeds each."""

from __future__ import annotations

import math

import numpy as np
import torch

from playground.concepts.residual.jacobian import branch_jacobian
from playground.concepts.residual.norms import ACTIVATION, gradient_ratio
from playground.engine.run import Run
from tests.benchmarks.lessons.rows import RES, Measured, opened, row, trained

SEEDS = (0, 1, 2)
ARMS = ("plain", "residual")


def mean_loss(run: Run, arm: str, steps: int = 50) -> float:
    return float(np.mean(run.history[f"{arm}/train/loss"][1][-steps:]))


def at_start(run: Run, arm: str) -> torch.Tensor:
    found: torch.Tensor = run.experiment.arms[arm].log.at_start  # type: ignore[attr-defined]
    return found


@row(RES, "At depth 56, the best of three rates leaves the plain network above 1.8 nats after 1,000 steps",
     "each seed: best of 0.01, 0.05, 0.2 > 1.8; residual at 0.05 < 0.2")  # fmt: skip
def best_of_three_rates() -> Measured:
    found = []
    for seed in SEEDS:
        runs = {lr: trained(RES, lr=lr, seed=seed, steps=1000) for lr in (0.01, 0.05, 0.2)}
        found += [min(mean_loss(run, "plain") for run in runs.values()), mean_loss(runs[0.05], "residual")]
    return found, min(found[::2]) > 1.8 and max(found[1::2]) < 0.2


@row(RES, "At step 0 the plain network's gradient at the first block is over 10,000 times that at the last one; "
     "in the residual network under 100 times", "plain > 1e4, residual < 100")  # fmt: skip
def exploding_gradients() -> Measured:
    ratios = {
        arm: [gradient_ratio(at_start(opened(RES, seed=seed), arm))["gradient_ratio"] for seed in SEEDS] for arm in ARMS
    }
    return [*ratios["plain"], *ratios["residual"]], min(ratios["plain"]) > 1e4 and max(ratios["residual"]) < 100


@row(RES, "With batch norm the plain network's activations stay even", "largest / smallest < 2")
def even_activations() -> Measured:
    found = [at_start(opened(RES, seed=seed), "plain")[ACTIVATION] for seed in SEEDS]
    ratios = [(norms.max() / norms.min()).item() for norms in found]
    return ratios, max(ratios) < 2


@row(RES, "Without normalisation the residual network's activations grow from block to block and it explodes",
     "diverged at ≤ 50 steps, activations × ≥ 1,000; plain ≥ 2.2 nats")  # fmt: skip
def no_normalisation() -> Measured:
    found, holds = [], True
    for seed in SEEDS:
        run = opened(RES, "no-norm", seed=seed)
        run.advance(math.inf, max_steps=50)
        norms = at_start(run, "residual")[ACTIVATION]
        found += [float(run.frozen["residual"]), (norms[-1] / norms[0]).item(), mean_loss(run, "plain", 10)]
        holds = holds and found[-3] <= 50 and found[-2] >= 1000 and found[-1] >= 2.2
    return found, holds


@row(RES, "Zero branches: a residual network of depth 56 learns even without a norm; the plain one can't",
     "residual accuracy ≥ 0.85, plain ≤ 0.15")  # fmt: skip
def zero_branches() -> Measured:
    runs = [trained(RES, "zero-start-no-norm", seed=seed, steps=600) for seed in SEEDS]
    found = {arm: [run.latest[f"{arm}/heldout/accuracy"] for run in runs] for arm in ARMS}
    return [*found["residual"], *found["plain"]], min(found["residual"]) >= 0.85 and max(found["plain"]) <= 0.15


@row(RES, "A cut hardly costs the residual network of depth 56, and breaks the plain one of depth 20",
     "residual drop < 0.02; plain drop > 0.6")  # fmt: skip
def cuts() -> Measured:
    deep = [trained(RES, seed=seed, steps=1000).latest["residual/lesion_drop"] for seed in SEEDS]
    shallow = [trained(RES, seed=seed, depth=20, steps=1000).latest["plain/lesion_drop"] for seed in SEEDS]
    return [*deep, *shallow], max(deep) < 0.02 and min(shallow) > 0.6


@row(RES, "Half a shortcut: the network learns far more slowly", "loss at step 600: > 5 × that of pre-activation")
def half_a_shortcut() -> Measured:
    found = []
    for seed in SEEDS:
        losses = [mean_loss(trained(RES, name, seed=seed, steps=600), "residual")
                  for name in ("half-shortcut", "pre-activation")]  # fmt: skip
        found.append(losses[0] / losses[1])
    return [*found, 0.5**27], min(found) > 5


@row(RES, "Stochastic depth: the network does without single blocks even better", "drop at depth 20: lower")
def stochastic_depth() -> Measured:
    found = {p: [trained(RES, seed=seed, depth=20, survival=p, steps=1500).latest["residual/lesion_drop"]
                 for seed in SEEDS] for p in (0.5, 1.0)}  # fmt: skip
    return [*found[0.5], *found[1.0]], all(a < b for a, b in zip(found[0.5], found[1.0], strict=True))


@row(RES, "Depth 8: both networks learn", "plain accuracy ≥ 0.88")
def depth_8() -> Measured:
    found = [trained(RES, "depth-8", seed=seed, steps=1000).latest["plain/heldout/accuracy"] for seed in SEEDS]
    return found, min(found) >= 0.88


@row(RES, "Four depths: the deeper plain networks stay behind the shallow ones, the residual ones do not",
     "plain 8 < 20 < 32 < 56; residual 56 < 0.2")  # fmt: skip
def degradation() -> Measured:
    found, holds = [], True
    for seed in SEEDS:
        run = trained(RES, "degradation", seed=seed, steps=600)
        plain = [mean_loss(run, f"plain-{depth}") for depth in (8, 20, 32, 56)]
        found += [*plain, mean_loss(run, "residual-56")]
        holds = holds and plain == sorted(plain) and found[-1] < 0.2
    return found, holds


@row(RES, "Two moons: both networks solve it, but only one survives a cut", "both ≥ 0.99; drops > 0.3 and < 0.05")
def moons() -> Measured:
    found, holds = [], True
    for seed in SEEDS:
        latest = trained(RES, "moons", seed=seed, steps=1000).latest
        found += [latest[f"{arm}/{what}"] for arm in ARMS for what in ("heldout/accuracy", "lesion_drop")]
        holds = holds and min(found[-4], found[-2]) >= 0.99 and found[-3] > 0.3 and found[-1] < 0.05
    return found, holds


@row(RES, "Singular values of I + J_F lie around 1, those of J_F do not", "medians: 0.5 to 2; < 0.5")
def singular_values() -> Measured:
    found = []
    for seed in SEEDS:
        run = trained(RES, "pre-activation", seed=seed, steps=600)
        x = run.experiment.data.heldout_x[0]  # type: ignore[attr-defined]
        branch = branch_jacobian(run.experiment.arms["residual"], x, block=14)  # type: ignore[attr-defined]
        whole = torch.eye(len(branch)) + branch
        found += [torch.linalg.svdvals(matrix).median().item() for matrix in (whole, branch)]
    return found, all(0.5 < x < 2 for x in found[::2]) and all(x < 0.5 for x in found[1::2])
