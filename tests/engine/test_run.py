"""One run: its slices, its own random state, its budget for drawing, its divergence, its checkpoints."""

from __future__ import annotations

import random
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from playground.concept import Metric, View
from playground.concepts import CONCEPTS
from playground.concepts.autoencoder.config import AutoencoderConfig
from playground.engine import run as run_module
from playground.engine.checkpoints import FolderStore
from playground.engine.run import Run
from tests.engine.toys import drawing
from tests.toy import SLOW, TOY, Toy, ToyConfig, compute, curve

AUTOENCODER = next(c for c in CONCEPTS if c.slug == "autoencoder")


def rows(run: Run, steps: int) -> list[Any]:
    return run.advance(600, max_steps=steps).rows


def test_interleaved_runs_get_the_numbers_they_get_alone() -> None:
    configs = [AutoencoderConfig(seed=s, latent=d) for s, d in ((1, 2), (2, 3), (3, 5))]
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
    run = Run(AUTOENCODER, AutoencoderConfig(seed=8))
    rows(run, 3)
    run.render(AUTOENCODER.all_views[0])
    Run.restore(AUTOENCODER, run.save())
    assert (torch.rand(3).tolist(), np.random.rand(3).tolist(), random.random()) == expected


def test_a_diverged_run_says_where_and_keeps_its_last_good_numbers() -> None:
    run = Run(TOY, ToyConfig(rate=1e9))
    frame = run.advance(600, views=("curve",))
    assert frame.error.startswith(f"diverged at step {run.step + 1}: loss = inf")
    assert not frame.figures and frame.step == len(run.history["loss"][0])
    assert run.advance(1).rows == []


def test_a_failing_step_is_a_sentence_and_a_log_entry(caplog: Any) -> None:
    run = Run(TOY, ToyConfig())
    run.experiment.step = lambda: 1 / 0  # type: ignore
    frame = run.advance(1)
    assert frame.error == "stopped at step 1: ZeroDivisionError: division by zero"
    assert "Traceback" in caplog.text


def test_a_failing_figure_leaves_the_run_alone(caplog: Any) -> None:
    broken = View(name="broken", title="Broken", caption="Nothing.", draw=lambda toy, history: 1 / 0)  # type: ignore
    run = Run(drawing(TOY, *TOY.all_views, broken), ToyConfig())
    frame = run.advance(600, max_steps=5, views=("curve", "broken"), draw_all=True)
    assert set(frame.figures) == {"curve"} and not frame.error
    assert "drawing toy/broken failed" in caplog.text


def expensive(toy: Toy, history: Any) -> dict[str, Any]:
    compute(0.02)
    return curve(toy, history)


def test_drawing_takes_a_tenth_of_the_time_at_most_and_starves_no_view() -> None:
    views = (
        View(name="expensive", title="Expensive", caption="Slow.", draw=expensive),
        View(name="cheap", title="Cheap", caption="Fast.", draw=curve, place="hero"),
    )
    run = Run(drawing(SLOW, *views), ToyConfig(steps=100_000))
    frames = [run.advance(0.02, views=("expensive", "cheap")) for _ in range(120)]
    assert sum(drawn.spent for drawn in run.drawings.budget.drawn.values()) < 0.1 * run.busy
    drawn = [sum(name in f.figures for f in frames) for name in ("expensive", "cheap")]
    assert drawn[0] >= 3 and drawn[1] > 2 * drawn[0]


def test_only_visible_views_are_drawn() -> None:
    run = Run(AUTOENCODER, AutoencoderConfig())
    assert run.advance(600, max_steps=1).figures == {}
    assert set(run.advance(600, max_steps=1, views=("losses",)).figures) == {"losses"}


def test_the_budget_ends_a_run_with_all_its_visible_figures() -> None:
    run = Run(TOY, ToyConfig(steps=7))
    frame = run.advance(600, views=("curve", "dial"))
    assert frame.done and frame.step == 7 and set(frame.figures) == {"curve", "dial"}
    assert run.advance(600).rows == []


def test_the_shapes_of_the_shown_sources_tensors_come_with_the_first_frame_only() -> None:
    config = AutoencoderConfig(latent=3)
    run = Run(AUTOENCODER, config)
    first, second = (run.advance(600, max_steps=1) for _ in range(2))
    (step,) = (shapes for name, shapes in first.shapes.items() if name.endswith(":AutoencoderExperiment.step"))
    assert step["mu"] == step["z"] == (config.batch, 3)
    assert second.shapes == {}, "nothing has changed"


def test_checkpoints_come_at_intervals_not_with_every_slice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_module, "CHECKPOINT_SECONDS", 0.2)
    run = Run.open(SLOW, ToyConfig(steps=100_000), "run", FolderStore(tmp_path))
    written: list[float] = []
    monkeypatch.setattr(FolderStore, "write", lambda store, run_id, step, saved: written.append(run.busy))
    while run.busy < 1.0:
        run.advance(0.02)
        run.checkpoint_if_due()
    gaps = np.diff([0.0, *written])
    assert written and (gaps >= 0.2).all()


def test_a_run_without_a_folder_of_its_own_writes_no_checkpoints() -> None:
    run = Run(TOY, ToyConfig())
    run.busy = 1e9
    run.checkpoint_if_due()
    assert run.store is None


def test_a_run_opened_on_its_checkpoints_goes_on_to_the_bit(tmp_path: Path) -> None:
    config = AutoencoderConfig(seed=6)
    run = Run.open(AUTOENCODER, config, "run", FolderStore(tmp_path))
    rows(run, 4)
    run.busy = 1e9  # long enough for a checkpoint
    run.checkpoint_if_due()
    expected = rows(run, 5)
    again = Run.open(AUTOENCODER, config, "run", FolderStore(tmp_path))
    assert again.step == 4 and rows(again, 5) == expected
    assert again.history == run.history


def test_a_slow_first_drawing_does_not_stop_the_second() -> None:
    """It also pays for imports: the view is not expensive for that."""
    calls: list[float] = []

    def slow_once(toy: Toy, history: Any) -> dict[str, Any]:
        if not calls:
            compute(0.4)
        calls.append(time.monotonic())
        return curve(toy, history)

    one = View(name="one", title="One", caption="Slow once.", draw=slow_once)
    run = Run(drawing(SLOW, one), ToyConfig(steps=100_000))
    while run.busy < 1.0:
        run.advance(0.02, views=("one",))
    assert len(calls) > 2


def test_the_moment_follows_a_run_into_a_stage_that_measures_other_things() -> None:
    run = Run(TOY, ToyConfig())
    measured = iter([{"loss": 1.0, "estimate": 2.0}, {"loss": 0.5}, {"rate": 3.0}])
    run.declared = {name: Metric(name=name) for name in ("loss", "estimate", "rate")}
    run.shown = set(run.declared)
    run.experiment.step = lambda: next(measured)  # type: ignore[method-assign]
    moments = []
    for _ in range(3):
        run.advance(600, max_steps=1)
        moments.append(run.moment)
    assert moments == [(1, {"loss": 1.0, "estimate": 2.0}), (1, {"loss": 1.0, "estimate": 2.0}), (3, {"rate": 3.0})]


def test_hidden_metrics_that_are_measured_rarely_hold_up_no_moment() -> None:
    """Nor do hidden ones that are measured on every step replace those that are shown."""
    run = Run(TOY, ToyConfig())
    measured = iter([{"loss": 1.0, "batch": 2.0, "variance": 3.0}, {"loss": 0.5, "batch": 1.0}, {"batch": 0.5}])
    run.declared = {name: Metric(name=name, hidden=name != "loss") for name in ("loss", "batch", "variance")}
    run.shown = {"loss"}
    run.experiment.step = lambda: next(measured)  # type: ignore[method-assign]
    moments = []
    for _ in range(3):
        run.advance(600, max_steps=1)
        moments.append(run.moment[0])
    assert moments == [1, 2, 2]


def test_a_run_whose_arms_have_all_diverged_ends_and_says_so() -> None:
    run = Run(TOY, ToyConfig(networks="two", rate=1.0))
    for arm in run.experiment.arms.values():  # type: ignore[attr-defined]
        arm.growth = 1e4
    while not run.error:
        frame = run.advance(600, max_steps=1)
    assert frame.frozen.keys() == {"steady", "wild"} and "diverged at step" in run.error
    assert frame.step == max(frame.frozen.values()) - 1
