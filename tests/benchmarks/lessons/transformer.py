"""What the lesson and presets of the transformer tab state."""

from __future__ import annotations

import math
import statistics
from typing import Any

import numpy as np
import torch

from models.attention import attention_weights
from playground.capture import capture, evaluating
from playground.concepts.transformer.experiment import answer_or_text, held_out
from playground.concepts.transformer.inspection import example
from playground.concepts.transformer.measures import KINDS
from playground.data.strings import PAD, TASKS
from tests.benchmarks.lessons.rows import (
    ACCURACY,
    ENTROPY,
    TF,
    Measured,
    experiment,
    first_step,
    opened,
    row,
    trained,
)


def shares(run: Any, kind: str, layer: int = 0) -> torch.Tensor:
    """The attention (texts, heads, queries, keys) on the held-out texts."""
    with evaluating(run.model), capture(run.model, "*.hook_pattern") as captured:
        run.predict(*run.heldout)
    return captured[KINDS[kind].format(layer) + ".hook_pattern"]


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
