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
    "Get under 160 nats in the plane": Solution(),
    "Get under 152 nats in the plane": Solution(),
    "Get under 116 nats": Solution({"latent": 16}),
    "Make the posterior collapse": Solution(live={500: {"beta": 40.0}}),
    "Explode the KL past 40 nats": Solution({"beta": 0.0}),
    "Two latents, under 140 nats, on a code of 4.5": Solution({"model": "CVAE"}),
}
TRANSFORMER = {
    "Write 99 % of the dates right": Solution(),
    "Find the anti-diagonal": Solution({"task": "reverse"}),
    "Grow an induction head": Solution(preset("transformer", "induction")),
    "A perfect loss and useless answers": Solution({"causal": False}),
    "Saturate the attention": Solution(preset("transformer", "no-scaling")),
}
ACTOR_CRITIC = {
    "Balance for 200 steps on average": Solution(),
    "Solve CartPole: 475": Solution(),
    "Solve it within 50,000 environment steps": Solution({"actor_lr": 3e-3, "horizon": 8}),
    "Solve it by whole episodes": Solution({"rule": "origin", "steps": 6000, "actor_lr": 3e-3}),
    "Drive V past what is possible": Solution({"terminal_mask": False, "detach": False, "normalise": False}),
    "Swing the Acrobot up in under 90 steps": Solution(preset("actor-critic", "acrobot")),
}
VQ_VAE = {
    "A perplexity of 84": Solution({"dim": 4}),
    "Collapse to six codes": Solution(preset("vqvae", "collapse")),
    "Revive a dead codebook": Solution(preset("vqvae", "collapse"), live={800: {"restart": "encoder output"}}),
    "Lose only 5 %": Solution({"codes": 512, "dim": 4}),
    "Digits of its own": Solution(live={2000: {"stage": "prior"}}),
    "A dVAE with 60 codes": Solution(preset("vqvae", "dvae")),
}
CLIP = {
    "Nine of ten clips": Solution(),
    "Nine of ten moments": Solution({"contrast": "frames", "scale": "linear"}),
    "Without a classifier": Solution(preset("clip", "captions")),
    "Against the floor": Solution(preset("clip", "fixed")),
}
GAN = {
    "Cover all 8 modes": Solution(),
    "Collapse, and recover without a reset": Solution(
        preset("gan", "collapse"), live={500: {"r1": 0.1, "d_steps": 1, "lr_g": 1e-3, "lr_d": 1e-3}}
    ),
    "22 modes of 25": Solution({"data": "grid"}),
    "Make the gradient vanish": Solution(preset("gan", "vanishing")),
    "Nobody's style": Solution(preset("gan", "can-3")),
    "Digits that a judge believes": Solution(preset("gan", "digits")),
}
SOLUTIONS = {
    "gan": GAN,
    "clip": CLIP,
    "autoencoder": AUTOENCODER,
    "vqvae": VQ_VAE,
    "transformer": TRANSFORMER,
    "actor-critic": ACTOR_CRITIC,
}
"""Slug → title of a challenge → how it is solved."""


def check_entries() -> None:
    """Ends with a sentence unless there is one entry for each challenge."""
    wanted = {(concept.slug, challenge.title) for concept in CONCEPTS for challenge in concept.challenges}
    there = {(slug, title) for slug, solutions in SOLUTIONS.items() for title in solutions}
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
            solution = SOLUTIONS[concept.slug][challenge.title]
            solved, steps, seconds = solve(concept, challenge, solution)
            table.add_row(
                concept.slug, challenge.title, str(solution), f"{steps:,}" if solved else "NOT SOLVED", f"{seconds:.1f}"
            )
            all_solved = all_solved and solved
    Console(width=150).print(table)
    sys.exit(not all_solved)


if __name__ == "__main__":
    main()
