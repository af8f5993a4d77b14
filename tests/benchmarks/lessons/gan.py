"""What the lesson and presets of the GAN tab state."""

from __future__ import annotations

import math

from tests.benchmarks.lessons.rows import GAN, Measured, experiment, opened, row, trained

GRADIENT, SURE = "generator/gradient", "discriminator/on_real"


@row(GAN, "When p = q, D is ½ everywhere and its loss 2 ln 2 ≈ 1.386", "1.386 ± 0.03, 0.5 ± 0.02")
def at_rest() -> Measured:
    latest = trained(GAN, steps=3000).latest
    found = [latest["discriminator/loss"], latest[SURE]]
    return found, abs(found[0] - 2 * math.log(2)) < 0.03 and abs(found[1] - 0.5) < 0.02


@row(GAN, "A quick, steep discriminator and a slow generator: all noise becomes one mode", "1 mode, ≥ 0.8 in it")
def collapse() -> Measured:
    run = trained(GAN, "collapse", steps=400)
    found = [run.latest["modes_covered"], max(run.history["largest_mode_share"][1])]
    return found, found[0] <= 2 and found[1] >= 0.8


@row(
    GAN,
    "Minimax is flat where D is sure: the generator's gradient falls below a millionth",
    "< 1e-6; non-saturating: > 1",
)
def vanishing() -> Measured:
    found = [trained(GAN, "vanishing", loss=loss, steps=400).latest[GRADIENT] for loss in ("minimax", "non-saturating")]
    return found, found[0] < 1e-6 and found[1] > 1


@row(GAN, "Ten steps of D for each of G: all points in one mode, and arrows that point anywhere",
     "≥ 0.8 in one mode; G's gradient > 5")  # fmt: skip
def too_strong() -> Measured:
    latest = trained(GAN, "too-strong", steps=250).latest
    found = [latest["largest_mode_share"], latest[GRADIENT]]
    return found, found[0] >= 0.8 and found[1] > 5


@row(GAN, "The points rush to where the discriminator was deceived last",
     "their middle moves in 25 steps: > 1; by default < 0.2")  # fmt: skip
def oscillation() -> Measured:
    found = [_motion("oscillation"), _motion("")]
    return found, found[0] > 1 and found[1] < 0.2


def _motion(name: str) -> float:
    """How far the mean of the generated points moves in 25 steps, on average over 40 times after step 1000."""
    run = opened(GAN, name)
    run.advance(math.inf, max_steps=1000)
    moved, last = 0.0, None
    for _ in range(40):
        run.advance(math.inf, max_steps=25)
        players = run.experiment
        mean = players.generator(players.fixed_noise).detach().mean(0)  # type: ignore[attr-defined]
        moved += 0.0 if last is None else (mean - last).norm().item()
        last = mean
    return moved / 39


@row(GAN, "CAN: λ = 0, every point has a plain style; 1, most still pass; 3, far more have none and fewer pass",
     "style entropy < 0.05 < … < …; in distribution > 0.9, > 0.8, ≥ 0.5")  # fmt: skip
def ambiguity() -> Measured:
    runs = [trained(GAN, f"can-{weight}") for weight in (0, 1, 3)]
    entropy, inside = ([_tail(run, name) for run in runs] for name in ("style_entropy", "in_distribution"))
    held = entropy[0] < 0.05 and entropy[0] < entropy[1] < entropy[2] and inside[0] > 0.9 and inside[2] >= 0.5
    return [*entropy, *inside], held and inside[1] > 0.8


def _tail(run: object, name: str) -> float:
    """Mean of the last 20 measurements."""
    values = run.history[name][1][-20:]  # type: ignore[attr-defined]
    return sum(values) / len(values)


@row(
    GAN,
    "Modes are found one after the other; with eight numbers of noise soon all of them",
    "modes at steps 500, 1500, 5000 rise to ≥ 22",
)
def grid() -> Measured:
    steps, values = trained(GAN, "grid").history["modes_covered"]
    found = [values[steps.index(at)] for at in (500, 1500, 5000)]
    return found, found[0] < found[2] and found[2] >= 22


@row(GAN, "A CAN whose styles are the ten classes draws strokes that are no digit in particular",
     "the judge's entropy, CAN and GAN: more than 1.4 times")  # fmt: skip
def between_digits() -> Measured:
    found = [trained(GAN, name, steps=1000).latest["style_entropy"] for name in ("can-digits", "digits")]
    return found, found[0] > 1.4 * found[1]


@row(
    GAN,
    "The judge is sure of real digits more often than of any that are generated",
    "≥ 0.94 of real ones; more than generated",
)
def real_digits() -> Measured:
    run = trained(GAN, "digits", steps=1000)
    found = [experiment(GAN, "digits", steps=1000).real_quality, run.latest["high_quality"]]
    return found, found[0] >= 0.94 and found[0] > found[1]
