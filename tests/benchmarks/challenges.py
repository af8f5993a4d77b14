"""Every challenge solved the way its hint says, on one core: `python -m tests.benchmarks.challenges [slug …]`."""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from rich.console import Console
from rich.table import Table

from playground.concept import Challenge, Concept
from playground.concepts import CONCEPTS
from playground.engine.run import Run
from tests.benchmarks.learning import preset


@dataclass(frozen=True)
class Solution:
    config: Mapping[str, Any] = field(default_factory=dict)
    """Overrides of the defaults."""
    live: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)
    """Step → live knobs that are turned after it."""

    def __str__(self) -> str:
        turns = [f"at step {step}: {_words(knobs)}" for step, knobs in self.live.items()]
        return "; ".join([_words(self.config) or "default", *turns])


def _words(knobs: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in knobs.items())


AUTOENCODER = {
    "under-160-nats": Solution(),
    "under-152-nats": Solution(),
    "under-116-nats": Solution({"latent": 16}),
    "collapse": Solution(live={500: {"beta": 40.0}}),
    "explode": Solution({"beta": 0.0}),
    "short-code": Solution({"model": "CVAE"}),
}
TRANSFORMER = {
    "dates": Solution(),
    "anti-diagonal": Solution({"task": "reverse"}),
    "induction-head": Solution(preset("transformer", "induction")),
    "useless-answers": Solution({"causal": False}),
    "saturation": Solution(preset("transformer", "no-scaling")),
}
ACTOR_CRITIC = {
    "balance-200": Solution(),
    "solve-cartpole": Solution(),
    "solve-in-50k": Solution({"actor_lr": 3e-3, "horizon": 8}),
    "solve-by-episodes": Solution({"rule": "reinforce", "steps": 6000, "actor_lr": 3e-3}),
    "v-past-maximum": Solution({"terminal_mask": False, "detach": False, "normalise": False}),
    "acrobot-90": Solution(preset("actor-critic", "acrobot")),
}
VQ_VAE = {
    "perplexity-84": Solution({"dim": 4}),
    "six-codes": Solution(preset("vqvae", "collapse")),
    "revive": Solution(preset("vqvae", "collapse"), live={800: {"restart": "encoder-output"}}),
    "lose-5-percent": Solution({"codes": 512, "dim": 4}),
    "own-digits": Solution(live={2000: {"stage": "prior"}}),
    "dvae-60-codes": Solution(preset("vqvae", "dvae")),
}
CLIP = {
    "nine-clips": Solution(),
    "nine-moments": Solution({"contrast": "frames", "scale": "linear"}),
    "zero-shot": Solution(preset("clip", "captions")),
    "loss-floor": Solution(preset("clip", "fixed")),
}
GAN = {
    "all-modes": Solution(),
    "recovery": Solution(preset("gan", "collapse"), live={500: {"r1": 0.1, "d_steps": 1, "lr_g": 1e-3, "lr_d": 1e-3}}),
    "grid": Solution({"data": "grid"}),
    "vanishing-gradient": Solution(preset("gan", "vanishing")),
    "no-style": Solution(preset("gan", "can-3")),
    "believable-digits": Solution(preset("gan", "digits")),
}
RESIDUAL = {
    "train-56-layers": Solution(),
    "no-difference": Solution({"depth": 8, "steps": 3000}),
    "one-survives": Solution({"depth": 20, "steps": 3000}),
    "no-norm": Solution({"norm": "none", "start": "zero", "steps": 3000}),
    "spare-blocks": Solution({"depth": 20, "survival": 0.5, "steps": 5000}),
    "degradation": Solution({"networks": "depths"}),
    "deep-and-plain": Solution({"depth": 32, "lr": 0.1, "steps": 6000}),
}
ELBO = {
    "close-by-hand": Solution({"model": "linear", "x": 1.5, "mean": 0.6667, "sigma": 0.3333, "moves": 1}),
    "one-mode": Solution(),
    "rescued": Solution({"objective": "forward_kl"}),
    "cover-both": Solution(preset("elbo", "two-gaussians")),
    "seek-and-cover": Solution(preset("elbo", "three-objectives")),
    "bent": Solution({"model": "curved", "mean2": 0.0, "gradient": "exact"}),
    "touch": Solution(preset("elbo", "em")),
    "amortise": Solution(preset("elbo", "amortised")),
}
SOLUTIONS = {
    "elbo": ELBO,
    "residual": RESIDUAL,
    "gan": GAN,
    "clip": CLIP,
    "autoencoder": AUTOENCODER,
    "vqvae": VQ_VAE,
    "transformer": TRANSFORMER,
    "actor-critic": ACTOR_CRITIC,
}
"""Slug → name of a challenge → how it is solved."""


def check_entries() -> None:
    """Ends with a sentence unless there is one entry for each challenge."""
    wanted = {(concept.slug, challenge.name) for concept in CONCEPTS for challenge in concept.challenges}
    there = {(slug, name) for slug, solutions in SOLUTIONS.items() for name in solutions}
    if wanted != there:
        sys.exit(f"SOLUTIONS lacks {sorted(wanted - there)} and has too many: {sorted(there - wanted)}")


def solve(concept: Concept, challenge: Challenge, solution: Solution) -> tuple[bool, int, float]:
    """(whether it was solved, steps, seconds of training)"""
    config = concept.config(**concept.config.with_followers(solution.config))
    began = time.perf_counter()
    run = Run(concept, config)
    while not (run.done or run.error):
        run.advance(math.inf, max_steps=1)
        if run.step in solution.live:
            run.update_live(run.config.model_copy(update=dict(solution.live[run.step])))
        counts = run.step >= challenge.from_step and challenge.applies_to(run.config)
        if counts and challenge.solved(run.latest):
            return True, run.step, time.perf_counter() - began
    return False, run.step, time.perf_counter() - began


def main() -> None:
    torch.set_num_threads(1)
    check_entries()
    slugs, all_solved = sys.argv[1:], True
    table = Table("tab", "challenge", "config", "steps", "seconds", title="Challenges on one core")
    for concept in [c for c in CONCEPTS if not slugs or c.slug in slugs]:
        for challenge in concept.challenges:
            solution = SOLUTIONS[concept.slug][challenge.name]
            solved, steps, seconds = solve(concept, challenge, solution)
            table.add_row(
                concept.slug, challenge.title, str(solution), f"{steps:,}" if solved else "NOT SOLVED", f"{seconds:.1f}"
            )
            all_solved = all_solved and solved
    Console(width=150).print(table)
    sys.exit(not all_solved)


if __name__ == "__main__":
    main()
