"""What the lesson and presets of the autoencoder tab state."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import torch

from playground.concepts.autoencoder import measures as bounds
from playground.concepts.autoencoder.probes import gradients
from playground.concepts.autoencoder.questions import Reparameterise
from tests.benchmarks.lessons.rows import (
    AE,
    Measured,
    experiment,
    opened,
    row,
    trained,
)


@row(AE, "β = 40, from the start or turned in mid-run: one spot; β = 0: σ shrinks, the KL explodes, they run away",
     "KL, spread, σ: 0, 0, 1; 0, 0, 1; ≫ 5, ≫ 1, ≪ 1; > 10, > 1, ≪ 1")  # fmt: skip
def beta() -> Measured:
    found: list[float] = []
    for weight, name in ((40.0, "posterior-collapse"), (0.0, "beta-zero")):
        turned = opened(AE)
        turned.advance(math.inf, max_steps=1500)
        turned.update_live(turned.config.model_copy(update={"beta": weight}))
        turned.advance(math.inf)
        for run in (trained(AE, name), turned):
            mu, log_var = run.experiment.heldout_posterior()  # type: ignore[attr-defined]
            found += [run.latest["heldout/kl"], mu.std(), np.exp(0.5 * log_var).mean()]
    collapsed, free = np.array(found).reshape(2, 2, 3)
    away = (free > [[40, 3, 0], [10, 1.3, 0]]).all() and (free[:, 2] < 0.1).all()
    return found, bool((collapsed[:, :2] < 0.2).all() and away)


@row(AE, "Without the trick exactly zero; score function: right on average, 64 draws lie far apart", "0, < 3, ≫ 1")
def reparameterisation() -> Measured:
    made = gradients(experiment(AE), Reparameterise())
    path, score = made["path"], made["score"]
    spread = [float(np.linalg.norm(g.std(0))) for g in (path, score)]
    standard_errors = np.linalg.norm(score.mean(0) - path.mean(0)) / (spread[1] / math.sqrt(len(score)))
    found = [np.abs(made["detached"]).max(), standard_errors, spread[1] / spread[0]]
    return found, bool(found[0] == 0 and found[1] < 3 and found[2] > 3)


@row(AE, "The bound and what it bounds (in the picture of the pre-trained model): −log p(x), −ELBO", "144.8, 150.9")
def gap() -> Measured:
    run = experiment(AE)
    x = run.heldout_x[:100]
    found = [bounds.neg_log_evidence(run.model, x, 2).mean().item(), bounds.neg_elbo(run.model, x).mean().item()]
    return found, np.allclose(found, [144.8, 150.9], rtol=0, atol=1.5)


@row(AE, "4,500 digits of 784; a fifth hidden, others brighter by a quarter; at 0: overfits", "4500, 784, 0.2, 1.25; >")
def input_dropout() -> Measured:
    runs = [trained(AE, input_dropout=0.0), trained(AE)]
    noisy = torch.nn.functional.dropout(torch.ones(100_000), runs[1].config.input_dropout)  # type: ignore[attr-defined]
    found = [*experiment(AE).digits.train_images.shape, (noisy == 0).float().mean().item(), noisy.max().item()]
    apart = [run.latest["heldout/neg_elbo"] - run.latest["train/neg_elbo"] for run in runs]
    return [*found, *apart], np.allclose(found, [4500, 784, 0.2, 1.25], atol=0.01) and apart[0] > apart[1] + 3


@row(
    AE, "… fill the prior's circles (1σ, 2σ); a step of 0.25 changes the digit only a little", "most within 2σ; ≪ 100 %"
)
def circles() -> Measured:
    run, rng = experiment(AE), np.random.default_rng(0)
    mu, log_var = run.heldout_posterior()
    z = mu + np.exp(0.5 * log_var) * rng.standard_normal(mu.shape)
    here, beside = run.decode_mean(mu), run.decode_mean(mu + np.array([0.25, 0], np.float32))
    step = np.abs(beside - here).mean() / np.abs(rng.permutation(here) - here).mean()
    found = [100 * float(part) for part in (*((np.linalg.norm(z, axis=1) < r).mean() for r in (1, 2)), step)]
    return found, abs(found[0] - 39) < 12 and found[1] > 65 and found[2] < 35


@row(AE, "A small latent space swaps 4s and 9s", "the commonest swap: 4, 9")
def fours_and_nines() -> Measured:
    run = experiment(AE)
    drawn = torch.from_numpy(run.decode_mean(run.heldout_posterior()[0]))
    seen = run.c[torch.cdist(drawn, run.x).argmin(1)].tolist()
    swaps = Counter((min(pair), max(pair)) for pair in zip(run.heldout_c.tolist(), seen, strict=True))
    (pair, _), *_ = [(pair, count) for pair, count in swaps.most_common() if pair[0] != pair[1]]
    return pair, pair == (4, 9)


@row(AE, "CVAE: the KL is lower; sixteen: a much better bound; free bits: one nat a dimension", "KL <; −ELBO ≪; KL 2")
def other_presets() -> Measured:
    usual, cvae, sixteen, free = (trained(AE, name).latest for name in ("", "cvae", "sixteen", "free-bits"))
    kl, bound = "heldout/kl", "heldout/neg_elbo"
    found = [cvae[kl], usual[kl], sixteen[bound], usual[bound], free[kl]]
    return found, found[0] < found[1] - 1 and found[2] < found[3] - 20 and abs(found[4] - 2) < 0.4
