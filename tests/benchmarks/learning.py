"""Learning targets, on one core: `taskset -c 0 python -m tests.benchmarks.learning [slug …] [seed …]`."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from rich.console import Console
from rich.table import Table

from models.clip import loss_floor
from playground.concept import Concept
from playground.concepts import CONCEPTS
from playground.engine.run import Run

Latest = dict[str, float]


@dataclass(frozen=True)
class Target:
    slug: str
    config: dict[str, Any]
    what: str
    reached: Callable[[Latest], bool]
    seconds: float | None
    """None: at the end of the budget, whenever that is."""


def at_least(metric: str, bound: float) -> Callable[[Latest], bool]:
    return lambda latest: latest.get(metric, float("-inf")) >= bound


def under(metric: str, bound: float) -> Callable[[Latest], bool]:
    return lambda latest: latest.get(metric, float("inf")) < bound


def concept_of(slug: str) -> Concept:
    return next(c for c in CONCEPTS if c.slug == slug)


def preset(slug: str, name: str) -> dict[str, Any]:
    return next(p.config for p in concept_of(slug).presets if p.name == name)


CLIP_FLOOR = loss_floor(32, 1.0)
REVERSE, INDUCTION = preset("transformer", "reverse"), preset("transformer", "induction")
SHALLOW = {"depth": 20, "steps": 3000}


def depth_pays(latest: Latest) -> bool:
    """Depth 56 can be trained with shortcuts, and not without."""
    return (
        latest["residual/train/loss"] <= 0.1
        and latest.get("residual/heldout/accuracy", 0) >= 0.9
        and latest["plain/train/loss"] >= 1
        and latest.get("residual/lesion_drop", 1) < 0.02
    )


TARGETS = (
    Target("elbo", {}, "two modes from (0, 0.5): the right one, gap ≤ 0.54", lambda m: m.get("kl_gap", 9) <= 0.54, 10),
    Target("elbo", preset("elbo", "two-gaussians"), "two Gaussians cover both modes: gap ≤ 0.05",
           lambda m: m.get("kl_gap", 9) <= 0.05, 10),
    Target("elbo", preset("elbo", "amortised"), "amortised: mean gap ≤ 0.1 nats",
           lambda m: m.get("amortisation_gap", 9) <= 0.1, 20),
    Target("residual", {}, "depth 56: residual ≤ 0.1 nats, ≥ 90 %, a cut < 2 points; plain ≥ 1 nat", depth_pays, 30),
    Target("residual", {}, "depth 56, plain: ≥ 1 nat at the end", at_least("plain/train/loss", 1), None),
    Target("residual", SHALLOW, "depth 20, plain: ≥ 85 %, and a cut costs ≥ 60 points",
           lambda latest: latest.get("plain/heldout/accuracy", 0) >= 0.85 and latest.get("plain/lesion_drop", 0) >= 0.6,
           30),
    Target("residual", {"networks": "depths"}, "four depths: plain 56 ≥ 1 nat above plain 8, residual 56 ≤ 0.2",
           lambda latest: latest["plain-56/train/loss"] >= 1 + latest["plain-8/train/loss"]
           and latest["residual-56/train/loss"] <= 0.2, 60),
    Target("residual", preset("residual", "spirals"), "spirals: residual ≥ 99 %",
           at_least("residual/heldout/accuracy", 0.99), 10),
    Target("residual", preset("residual", "images"), "convolutions: residual ≥ 93 %",
           at_least("residual/heldout/accuracy", 0.93), 30),
    Target("autoencoder", {}, "VAE, z = 2: held-out −ELBO < 160", under("heldout/neg_elbo", 160), 10),
    Target("autoencoder", {}, "VAE, z = 2: held-out −ELBO < 154", under("heldout/neg_elbo", 154), 30),
    Target("autoencoder", {"latent": 16}, "VAE, z = 16: held-out −ELBO < 116", under("heldout/neg_elbo", 116), 30),
    Target("autoencoder", {"beta": 40.0}, "β = 40: the KL collapses under 1 nat", under("heldout/kl", 1), None),
    Target("autoencoder", {"beta": 0.0}, "β = 0: the KL goes past 40 nats",
           lambda latest: latest.get("heldout/kl", 0) > 40, 30),
    Target("autoencoder", {"model": "CVAE"}, "CVAE: under 140 nats with a KL under 4.5",
           lambda latest: latest.get("heldout/neg_elbo", 1e9) < 140 and latest["heldout/kl"] < 4.5, 30),
    Target("transformer", {}, "dates: ≥ 99 % exactly right", at_least("heldout/sequence_accuracy", 0.99), 30),
    Target("transformer", REVERSE, "reverse: ≥ 99 % exactly right", at_least("heldout/sequence_accuracy", 0.99), 10),
    Target("transformer", REVERSE, "reverse: anti-diagonal ≥ 0.6", at_least("heldout/antidiagonal", 0.6), None),
    Target("transformer", INDUCTION, "repeat: induction score ≥ 0.8", at_least("induction_score", 0.8), 25),
    Target("clip", {}, "clip R@1 of 64 ≥ 0.9", at_least("main/heldout/clip_recall_at_1", 0.9), 30),
    Target("clip", {}, "the notes' frame R@1 of 32 ≥ 0.9", at_least("notes/heldout/frame_recall_at_1", 0.9), 30),
    Target("clip", preset("clip", "fixed"), f"scale 1: loss within 1 % of {CLIP_FLOOR:.3f}",
           under("train/loss", 1.01 * CLIP_FLOOR), None),
    Target("clip", preset("clip", "captions"), "digits: zero-shot ≥ 93 %", at_least("heldout/zero_shot_accuracy", 0.93),
           30),
    Target("actor-critic", {}, "CartPole: mean return of 20 ≥ 475", at_least("return/mean20", 475), 15),
    Target("actor-critic", {}, "CartPole: mean of 100 ≥ 450 at the end", at_least("return/mean100", 450), None),
    Target("actor-critic", {"rule": "td", "action": "top-1", "entropy": 0.0, "normalise": False},
           "top-1 ends under 50", under("return/mean100", 50), None),
    Target("actor-critic", {"rule": "td", "terminal_mask": False, "detach": False, "normalise": False},
           "the notes' TD, no mask: mean V > 110 (possible: 100)", at_least("value/mean", 110), 10),
    Target("actor-critic", {"environment": "Acrobot-v1", "actor_lr": 5e-3, "steps": 1500},
           "Acrobot: mean return of 20 ≥ −100", at_least("return/mean20", -100), 30),
)  # fmt: skip


def measure(target: Target, seed: int) -> tuple[float | None, Latest]:
    """(seconds of training until reached, None if never; the final metrics)"""
    concept = concept_of(target.slug)
    run = Run(concept, concept.config(**concept.config.with_followers(target.config), seed=seed))
    spent, when = 0.0, None
    while not (run.done or run.error):
        began = time.perf_counter()
        run.advance(0.1)
        spent += time.perf_counter() - began
        if when is None and target.reached(run.latest):
            when = spent
            if target.seconds is not None:
                break
        if target.seconds is not None and spent > 2 * target.seconds:
            break
    if target.seconds is None and not target.reached(run.latest):
        when = None
    return when, run.latest


def main() -> None:
    torch.set_num_threads(1)
    slugs = [a for a in sys.argv[1:] if not a.isdigit()]
    seeds = [int(a) for a in sys.argv[1:] if a.isdigit()] or [0, 1]
    table = Table("target", "within", *(f"seed {s}" for s in seeds), title="Learning on one core")
    for target in [t for t in TARGETS if not slugs or t.slug in slugs]:
        cells = []
        for seed in seeds:
            when, latest = measure(target, seed)
            shown = ", ".join(
                f"{n} {v:.4g}" for n, v in latest.items() if any(w in n for w in ("heldout", "return", "induction"))
            )
            cells.append(f"{when:.1f} s" if when is not None else f"not reached ({shown})")
        table.add_row(target.what, f"{target.seconds:g} s" if target.seconds else "its budget", *cells)
    Console(width=140).print(table)


if __name__ == "__main__":
    main()
