"""What the lesson and presets of the actor_critic tab state."""

from __future__ import annotations

import math
import statistics

import numpy as np

from tests.benchmarks.lessons.rows import (
    AC,
    MEAN,
    Measured,
    experiment,
    opened,
    row,
    trained,
)


@row(AC, "128 steps an update; rates fall to a fiftieth; cut off after 500; V ≤ 100; actor's loss 0",
     "128, 0.02, 500, ≤ 100, 0")  # fmt: skip
def default_run() -> Measured:
    history, learner = trained(AC).history, experiment(AC).arms.first
    found = [learner.config.envs * learner.config.horizon, learner.lr_decay(), learner.vector_env.limit]
    found += [max(history["value/mean"][1]), statistics.mean(history["loss/actor"][1])]
    return found, np.allclose(found[:3], [128, 0.02, 500]) and 90 < found[3] <= 100.5 and abs(found[4]) < 0.05


@row(AC, "GAE first, usually by far; TD, whole episodes later (updates to a mean of 100, medians)", "least; more; more")
def three_rules() -> Measured:
    found = []
    for rule in ("gae", "td", "reinforce"):
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
