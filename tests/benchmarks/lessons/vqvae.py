"""What the lesson and presets of the VQ-VAE tab state."""

from __future__ import annotations

import math

from tests.benchmarks.lessons.rows import VQ, Measured, opened, row, trained

LATER = 1500
"""Steps after which a preset is looked at."""


@row(VQ, "49 of 128 codes are 343 bits; the pixels had 6,272", "343, 6272")
def bits() -> Measured:
    run = opened(VQ)
    x = run.experiment.examples.heldout[:1]  # type: ignore[attr-defined]
    places = run.experiment.model.codes(x).numel()  # type: ignore[attr-defined]
    found = [places * math.log2(run.config.codes), x.numel() * math.log2(256)]  # type: ignore[attr-defined]
    return found, found == [343, 6272]


@row(VQ, "A codebook that starts in one spot loses nearly all of its codes at once; re-initialisation saves it",
     "codes used at step 100: few; at 400: ≥ 115")  # fmt: skip
def one_spot() -> Measured:
    run = opened(VQ)
    found = []
    for steps in (100, 300):
        run.advance(math.inf, max_steps=steps)
        found.append(run.latest["codes_used"])
    return found, found[0] <= 25 and found[1] >= 115


@row(VQ, "One code says empty paper and has a large share, so that the perplexity stays well under K",
     "share of the most used code ≫ 1/128; perplexity < 100")  # fmt: skip
def empty_paper() -> Measured:
    run = trained(VQ, steps=LATER)
    used = run.experiment.recent.sum(0)  # type: ignore[attr-defined]
    found = [(used.max() / used.sum()).item(), run.latest["perplexity"]]
    return found, found[0] > 4 / 128 and found[1] < 100


@row(VQ, "Preset collapse: the few codes chosen first follow the vectors, the rest never move; reviving takes seconds",
     "codes used ≤ 30; then ≥ 115 within 300 steps")  # fmt: skip
def collapse() -> Measured:
    run = opened(VQ, "collapse")
    run.advance(math.inf, max_steps=LATER)
    found = [run.latest["codes_used"]]
    run.update_live(run.config.model_copy(update={"restart": "encoder-output"}))
    run.advance(math.inf, max_steps=300)
    found.append(run.latest["codes_used"])
    return found, found[0] <= 30 and found[1] >= 115


@row(VQ, "The notes' variant: fewer codes, used less evenly, whatever is revived", "perplexity: much less than default")
def notes() -> Measured:
    found = [trained(VQ, name, steps=LATER).latest["perplexity"] for name in ("notes", "")]
    return found, found[0] < 0.5 * found[1]


@row(VQ, "Jukebox: a code that keeps its statistics takes several jumps", "re-initialised: more than in the default")
def jukebox() -> Measured:
    found = [trained(VQ, name, steps=LATER).latest["restarts"] for name in ("jukebox", "")]
    return found, found[0] > 1.1 * found[1]


@row(VQ, "No straight-through: the encoder is least troubled where all vectors are alike", "NMSE near 1; default 0.1")
def no_gradient() -> Measured:
    found = [trained(VQ, name, steps=LATER).latest["heldout/nmse"] for name in ("no-gradient", "")]
    return found, found[0] > 0.8 and found[1] < 0.1


@row(VQ, "The classifier is at least 0.8 sure of most real digits; codes drawn place by place less often",
     "real > 0.9; new > place by place")  # fmt: skip
def recognised() -> Measured:
    run = opened(VQ)
    run.advance(math.inf, max_steps=LATER)
    run.update_live(run.config.model_copy(update={"stage": "prior"}))
    run.advance(math.inf, max_steps=1000)
    found = [run.latest[f"recognised/{name}"] for name in ("real", "samples", "independent")]
    return found, found[0] > 0.9 and found[1] > found[2]
