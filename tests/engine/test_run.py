"""One run: its slices, its own random state, its budget for drawing, its divergence."""

from __future__ import annotations

import random
import time
from dataclasses import replace
from typing import Any

import numpy as np
import torch

from playground.concept import View
from playground.concepts import CONCEPTS
from playground.engine.run import Run
from tests.toy import SLOW, TOY, Toy, ToyConfig, curve

AUTOENCODER = next(c for c in CONCEPTS if c.slug == "autoencoder")


def rows(run: Run, steps: int) -> list[Any]:
    return run.advance(600, max_steps=steps).rows


def test_interleaved_runs_get_the_numbers_they_get_alone() -> None:
    configs = [AUTOENCODER.config(seed=s, latent=d) for s, d in ((1, 2), (2, 3), (3, 5))]
    alone = [rows(Run(AUTOENCODER, c), 9) for c in configs]
    together: list[list[Any]] = [[], [], []]
    runs = [Run(AUTOENCODER, c) for c in configs]
    toy = Run(TOY, ToyConfig(noise="normal"))
    for sizes in ((1, 4, 2), (5, 1, 6), (3, 4, 1)):
        for found, run, size in zip(together, runs, sizes, strict=True):
            found += rows(run, size)
            rows(toy, 3)
            torch.rand(5), np.random.rand(3), random.random()  # somebody else's noise
    assert together == alone


def test_the_hosts_random_state_is_left_alone() -> None:
    torch.manual_seed(5), np.random.seed(5), random.seed(5)
    expected = (torch.rand(3).tolist(), np.random.rand(3).tolist(), random.random())
    torch.manual_seed(5), np.random.seed(5), random.seed(5)
    run = Run(AUTOENCODER, AUTOENCODER.config(seed=8))
    rows(run, 3)
    run.picture(AUTOENCODER.views[0])
    Run.restore(AUTOENCODER, run.save())
    assert (torch.rand(3).tolist(), np.random.rand(3).tolist(), random.random()) == expected


def test_a_diverged_run_says_where_and_keeps_its_last_good_numbers() -> None:
    run = Run(TOY, ToyConfig(rate=1e9))
    frame = run.advance(10, looking=("curve",))
    assert frame.error.startswith(f"diverged at step {run.step + 1}: loss = inf")
    assert not frame.pictures and frame.step == len(run.history["loss"][0])
    assert run.advance(1).rows == []


def test_a_failing_step_is_a_sentence_and_a_log_entry(caplog: Any) -> None:
    run = Run(TOY, ToyConfig())
    run.experiment.step = lambda: 1 / 0  # type: ignore
    frame = run.advance(1)
    assert frame.error == "stopped at step 1: ZeroDivisionError: division by zero"
    assert "Traceback" in caplog.text


def test_a_failing_picture_leaves_the_run_alone(caplog: Any) -> None:
    broken = View("broken", "Broken", "Nothing.", lambda toy, history: 1 / 0)  # type: ignore
    run = Run(replace(TOY, views=(*TOY.views, broken)), ToyConfig())
    frame = run.advance(0.01, looking=("curve", "broken"), draw_all=True)
    assert set(frame.pictures) == {"curve"} and not frame.error
    assert "drawing toy/broken failed" in caplog.text


def dear(toy: Toy, history: Any) -> dict[str, Any]:
    time.sleep(0.02)
    return curve(toy, history)


def test_drawing_takes_a_tenth_of_the_time_at_most_and_starves_no_view() -> None:
    views = (View("dear", "Dear", "Slow.", dear), View("cheap", "Cheap", "Fast.", curve, 1, "hero"))
    run = Run(replace(SLOW, views=views), ToyConfig(steps=100_000))
    frames = [run.advance(0.02, looking=("dear", "cheap")) for _ in range(120)]
    assert sum(run.spent.values()) < 0.1 * run.busy
    drawn = [sum(name in f.pictures for f in frames) for name in ("dear", "cheap")]
    assert drawn[0] >= 3 and drawn[1] > 2 * drawn[0]


def test_only_what_somebody_looks_at_is_drawn() -> None:
    run = Run(AUTOENCODER, AUTOENCODER.config())
    assert run.advance(0.01).pictures == {}
    assert set(run.advance(0.01, looking=("losses",)).pictures) == {"losses"}


def test_the_budget_ends_a_run_with_all_its_pictures() -> None:
    run = Run(TOY, ToyConfig(steps=7))
    frame = run.advance(10, looking=("curve",))
    assert frame.done and frame.step == 7 and set(frame.pictures) == {"curve"}
    assert run.advance(10).rows == []


def test_checkpoints_come_every_few_seconds_not_with_every_slice() -> None:
    run = Run(SLOW, ToyConfig(steps=100_000))
    frames = [run.advance(0.05, checkpoint=True) for _ in range(50)]
    assert 1 <= sum(f.checkpoint is not None for f in frames) <= 2
