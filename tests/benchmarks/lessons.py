"""Measures what lessons and presets state as results: `python -m tests.benchmarks.lessons [--only WORD]`."""

from __future__ import annotations

import argparse
import math
import statistics
from collections import Counter
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import numpy as np
import torch
from rich.console import Console
from rich.table import Table

from models.attention import attention_weights
from playground.capture import capture, evaluating
from playground.concepts import CONCEPTS
from playground.concepts.autoencoder import measures as bounds
from playground.concepts.autoencoder.probes import gradients
from playground.concepts.autoencoder.questions import Reparameterise
from playground.concepts.transformer.experiment import answer_or_text, held_out
from playground.concepts.transformer.inspection import example
from playground.concepts.transformer.measures import KINDS
from playground.data.strings import PAD, TASKS
from playground.engine.run import Run
from tests.benchmarks.learning import preset

Measured = tuple[Sequence[float], bool]
"""What was found, in the order in which it is stated, and whether it is that within noise."""
ROWS: list[tuple[str, str, str, Callable[[], Measured]]] = []
"""(tab, sentence, what it states, what measures it)"""
AE, TF, AC = "autoencoder", "transformer", "actor-critic"
ACCURACY, ENTROPY, MEAN = "heldout/sequence_accuracy", "attention/entropy", "return/mean20"


def row(tab: str, sentence: str, stated: str) -> Callable[[Callable[[], Measured]], None]:
    return lambda measure: ROWS.append((tab, sentence, stated, measure))


def opened(slug: str, name: str = "", **knobs: Any) -> Run:
    """A run at step 0, of a preset and with other knobs."""
    concept = next(c for c in CONCEPTS if c.slug == slug)
    return Run(concept, concept.config(**(preset(slug, name) if name else {}) | knobs))


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
    path, score = made["with the trick"], made["score function"]
    spread = [float(np.linalg.norm(g.std(0))) for g in (path, score)]
    standard_errors = np.linalg.norm(score.mean(0) - path.mean(0)) / (spread[1] / math.sqrt(len(score)))
    found = [np.abs(made["without it"]).max(), standard_errors, spread[1] / spread[0]]
    return found, bool(found[0] == 0 and found[1] < 3 and found[2] > 3)


@row(AE, "The bound and what it bounds (in the ready-made picture): −log p(x), −ELBO", "144.8, 150.9")
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


@row(TF, "16 keys, d_k = 512: entropy 0.14 instead of 2.37 (2.77); spread √d_k", "0.14, 2.37, 2.77, 22.63")
def entropies() -> Measured:
    q, k = (torch.randn(16, 16, n, 512, generator=torch.Generator().manual_seed(n)) for n in (256, 16))
    weights = [attention_weights(q, k, scaled=scaled) for scaled in (False, True)]
    found = [-(w * w.clamp_min(1e-30).log()).sum(-1).mean().item() for w in weights]
    found += [math.log(16), (q @ k.mT).std().item()]
    return found, np.allclose(found, [0.14, 2.37, 2.77, math.sqrt(512)], rtol=0.01, atol=0.01)


@row(TF, "Without scaling: less entropy at first, then saturates, learns late", "0.8, 0.12 at 200; 1.9; late")
def no_scaling() -> Measured:
    off, on = trained(TF, "no-scaling"), trained(TF, "no-scaling", scaled=True)
    (steps, values), begins = off.history[ENTROPY], on.history[ENTROPY][1][0]
    late = [first_step(run, ACCURACY, 0.5) for run in (off, on)]
    found = [values[0], values[steps.index(200)], begins, *late]
    return found, found[0] < 0.6 * begins and found[1] < 0.3 and late[0] > 1.5 * late[1]


@row(TF, "No mask: the loss falls to nothing, answers are garbage; no positions: as bad, not one code moves",
     "0, 0; 0, 0")  # fmt: skip
def no_mask_no_positions() -> Measured:
    peeking, run = trained(TF, "no-mask").latest, experiment(TF, "no-positions")
    tokens, order = torch.tensor([example(run)]), torch.randperm(len(example(run)))
    with evaluating(run.model):
        moved = (run.model.encode(tokens[:, order]) - run.model.encode(tokens)[:, order]).abs().max().item()
    found = [peeking["train/loss"], peeking[ACCURACY], trained(TF, "no-positions").latest[ACCURACY], moved]
    return found, max(found[:3]) < 0.05 and moved < 1e-4


@row(TF, "A tenth of all answers is never trained on; the 128 counted all differ", "0.1 (each task), 128")
def heldout_answers() -> Measured:
    found = []
    for name in TASKS:
        run: Any = opened(TF, task=name).experiment
        texts = {answer_or_text(run.task.pair(run.rng)) for _ in range(5000)}
        found.append(statistics.mean(held_out(("", text)) for text in texts))
    differ = len({answer_or_text(pair) for pair in run.heldout_pairs})
    return [*found, differ], max(abs(share - 0.1) for share in found) < 0.02 and differ == 128


def shares(run: Any, kind: str, layer: int = 0) -> torch.Tensor:
    """The attention (texts, heads, queries, keys) on the held-out texts."""
    with evaluating(run.model), capture(run.model, "*.hook_pattern") as captured:
        run.predict(*run.heldout)
    return captured[KINDS[kind].format(layer) + ".hook_pattern"]


@row(TF, "Accuracy stays at 0 at first and then jumps; for the month's digits it looks at the month's name",
     "steps of 5 %, 90 %: close together; most of a head")  # fmt: skip
def dates() -> Measured:
    run = experiment(TF)
    found = [first_step(trained(TF), ACCURACY, bound) for bound in (0.05, 0.9)]
    texts = [text.ljust(run.heldout[0].shape[1]) for text, _ in run.heldout_pairs]
    letters = torch.tensor([[c.isalpha() for c in text] for text in texts])  # (texts, keys)
    given = (shares(run, "cross")[:, :, 5:7] * letters[:, None, None]).sum(-1)[letters.any(1)]
    found.append(given.mean((0, 2)).max().item())
    return found, found[0] > 50 and found[1] - found[0] <= 100 and found[2] > 0.75


@row(TF, "reverse: anti-diagonal; a decoder alone does dates; brackets: the partner",
     "most, ≥ 0.99; ≥ 0.99; most, ≥ 0.9")  # fmt: skip
def other_tasks() -> Measured:
    reverse, alone, found = (trained(TF, name) for name in ("reverse", "alone", "brackets"))
    run = experiment(TF, "brackets")
    _, target = run.predict(*run.heldout)
    partner = (target - run.task.encode("a")[0]).clamp_min(0)[:, None, :, None].expand(-1, run.config.heads, -1, -1)
    given = [shares(run, "encoder", layer).gather(3, partner)[..., 0].transpose(1, 2) for layer in (0, 1)]
    best = [reverse.latest["heldout/antidiagonal"], max(g[target != PAD].mean(0).max().item() for g in given)]
    right = [one.latest[ACCURACY] for one in (reverse, alone, found)]
    return [best[0], *right[:2], best[1], right[2]], min(best) > 0.55 and min(right[:2]) >= 0.99 and right[2] >= 0.9


@row(TF, "repeat: a head looks one token back, one is an induction head; it takes two layers", "≫ 0, ≥ 0.8; ≪ 0.8")
def induction() -> Measured:
    back = shares(experiment(TF, "induction"), "decoder").diagonal(-1, 2, 3).mean((0, 2)).max().item()
    scores = [trained(TF, "induction", layers=layers).latest["induction_score"] for layers in (2, 1)]
    return [back, *scores], back > 0.5 and scores[0] >= 0.8 and scores[1] < 0.4


@row(AC, "128 steps an update; rates fall to a fiftieth; cut off after 500; V ≤ 100; actor's loss 0",
     "128, 0.02, 500, ≤ 100, 0")  # fmt: skip
def default_run() -> Measured:
    history, learner = trained(AC).history, experiment(AC).first
    found = [learner.config.envs * learner.config.horizon, learner.lr_decay(), learner.vector_env.limit]
    found += [max(history["value/mean"][1]), statistics.mean(history["loss/actor"][1])]
    return found, np.allclose(found[:3], [128, 0.02, 500]) and 90 < found[3] <= 100.5 and abs(found[4]) < 0.05


@row(AC, "GAE first, usually by far; TD, whole episodes later (updates to a mean of 100, medians)", "least; more; more")
def three_rules() -> Measured:
    found = []
    for rule in ("gae", "td", "origin"):
        runs = [opened(AC, rule=rule, seed=seed) for seed in range(5)]
        for run in runs:
            while run.latest.get(MEAN, 0) < 100 and not run.done:
                run.advance(math.inf, max_steps=1)
        found.append(statistics.median(run.step for run in runs))
    return found, 1.5 * found[0] < min(found[1:])


@row(AC, "Top-1: on ten seeds out of ten it ended at about 9 steps", "9 (least, most)")
def top_1() -> Measured:
    ends = [trained(AC, "top-1", steps=500, seed=seed).latest["return/mean100"] for seed in range(10)]
    return [min(ends), max(ends)], min(ends) > 8.5 and max(ends) < 10.5


@row(AC, "(With an entropy bonus top-1 may learn all the same)", "≫ 9 on some of three seeds")
def top_1_with_a_bonus() -> Measured:
    found = [max(trained(AC, action="top-1", seed=seed, steps=1000).history[MEAN][1]) for seed in range(3)]
    return found, max(found) > 100


@row(AC, "No mask: V heads for 100, undetached 135; poles fall after 20; γ = 0: 1 + ln 2 / 2", "100, 135, 20; 1.3466")
def unmasked_and_undetached() -> Measured:
    mask, both = (trained(AC, "unmasked", detach=detach).latest for detach in (True, False))
    still = statistics.mean(trained(AC, "undetached").history["value/mean"][1][-100:])
    found = [mask["value/mean"], both["value/mean"], both["return/mean100"], still]
    return found, np.allclose(found, [100, 135, 20, 1.3466], rtol=0, atol=[3, 3, 5, 0.005])


@row(AC, "Acrobot: most seeds are there within 400 updates, some need the whole budget", "> half of 6, all")
def acrobot() -> Measured:
    steps = []
    for seed in range(6):
        run = opened(AC, "acrobot", seed=seed)
        while run.latest.get(MEAN, -500) < -100 and not run.done:
            run.advance(math.inf, max_steps=1)
        steps.append(run.step)
    found = [sum(step <= 400 for step in steps), sum(step < run.config.steps for step in steps)]
    return found, found[0] > 3 and found[1] == 6


@row(AC, "MountainCar: every episode returns −200", "−200 (least, most)")
def mountain_car() -> Measured:
    returns = trained(AC, "mountain-car").history[MEAN][1]
    return [min(returns), max(returns)], min(returns) == max(returns) == -200


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", default="", metavar="WORD", help="rows whose tab, name or sentence has it")
    word = parser.parse_args().only
    torch.set_num_threads(1)
    table = Table("tab", "sentence", "stated", "measured", "within tolerance?", title="What the lessons state")
    for tab, sentence, stated, measure in ROWS:
        if word in f"{tab} {measure.__name__} {sentence}":
            found, holds = measure()
            cells = ", ".join(f"{x:.4g}" for x in found), "yes" if holds else "NO"
            table.add_row(tab, sentence, stated, *cells)
            print(measure.__name__, *cells, sep=": ", flush=True)
    Console(width=170).print(table)


if __name__ == "__main__":
    main()
