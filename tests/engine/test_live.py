"""Live knobs: every slice and question carries the run's config, and what a change does shows at once."""

from __future__ import annotations

import asyncio
import json
import random
from typing import Any

import pytest

from playground.concept import View
from playground.engine.frame import Stamp
from playground.engine.requests import Advance, Ask
from playground.engine.run import Run
from playground.engine.scheduler import Scheduler
from tests.engine.toys import built, drawing
from tests.simulation import InProcessHost, only_host
from tests.toy import TOY, Toy, ToyConfig, curve

VIEWS = ("curve", "dial")


def test_a_change_is_measured_and_drawn_at_the_same_step_and_is_no_history() -> None:
    run = Run(TOY, ToyConfig())
    before = run.advance(600, max_steps=3, views=VIEWS)
    assert before.version == 0 and before.moment[0] == 3
    run.update_live(ToyConfig(mean=2.0))
    history = json.dumps(run.history)
    frame = run.advance(600, max_steps=0, views=VIEWS)
    theta = frame.latest["theta"]
    assert (frame.step, frame.version) == (3, 1) and set(frame.figures) == set(VIEWS)
    assert frame.latest == {**before.latest, "distance": 2.0 - theta} != before.latest
    assert frame.moment == (3, {**before.moment[1], "distance": 2.0 - theta})
    assert {(f.step, f.version) for f in frame.figures.values()} == {(3, 1)}
    assert json.dumps(run.history) == history and not frame.rows
    assert run.ask("ask", {}).version == 1
    after = run.advance(600, max_steps=1)
    assert after.version == 1 and after.latest == {name: values[-1] for name, (_, values) in run.history.items()}
    assert after.moment == (4, after.rows[0][1])


def test_before_the_first_step_a_change_is_measured_too() -> None:
    run = Run(TOY, ToyConfig())
    run.update_live(ToyConfig(mean=1.0))
    frame = run.advance(600, max_steps=0)
    assert set(frame.latest) == {"distance"} and frame.moment == (0, frame.latest)


def test_what_has_not_changed_is_no_new_version() -> None:
    run = Run(TOY, ToyConfig())
    run.update_live(ToyConfig())
    frame = run.advance(600, max_steps=0, views=VIEWS)
    assert frame.version == 0 and not frame.latest
    assert not run.advance(600, max_steps=0, views=VIEWS).figures, "nothing has changed since"
    run.update_live(ToyConfig(mean=1.0))
    run.update_live(ToyConfig())
    assert run.advance(600, max_steps=0, views=VIEWS).version == 2


def test_a_change_changes_no_random_number_of_the_run() -> None:
    class Drawing(Toy):
        def measure(self) -> dict[str, float]:
            return {**super().measure(), "theta": random.random()}

    def train(turned: bool) -> Any:
        run = Run(built(TOY, Drawing), ToyConfig())
        run.advance(600, max_steps=3)
        for mean in (0.7, 0.5) if turned else ():
            run.update_live(ToyConfig(mean=mean))
        run.experiment.measure = lambda: {"distance": 0.0}  # type: ignore[attr-defined]
        return run.advance(600, max_steps=5).rows

    assert train(True) == train(False)


def test_what_is_measured_must_be_declared_and_finite(caplog: Any) -> None:
    run = Run(TOY, ToyConfig())
    run.experiment.measure = lambda: {"no/such": 1.0}  # type: ignore[attr-defined]
    with pytest.raises(KeyError, match="no/such"):
        run.update_live(ToyConfig(mean=1.0))
    run.experiment.measure = lambda: {"distance": float("inf")}  # type: ignore[attr-defined]
    run.update_live(ToyConfig(mean=1.5))
    assert run.error == "diverged at step 0: distance = inf" and not run.latest
    failing = Run(TOY, ToyConfig())
    failing.experiment.measure = lambda: 1 / 0  # type: ignore[attr-defined]
    failing.update_live(ToyConfig(mean=1.5))
    assert failing.error == "stopped at step 0: ZeroDivisionError: division by zero" and "Traceback" in caplog.text


def test_a_checkpoint_holds_the_version_and_what_was_measured() -> None:
    run = Run(TOY, ToyConfig())
    run.advance(600, max_steps=3)
    run.update_live(ToyConfig(mean=1.0))
    again = Run.restore(TOY, run.save())
    assert (again.version, again.latest, again.config) == (1, run.latest, run.config)


def test_only_pictures_of_a_run_that_trains_wait_for_its_pause() -> None:
    view = View(name="late", title="Late", caption="Once it pauses.", draw=curve, place="hero", while_training=False)
    run = Run(drawing(TOY, view), ToyConfig())
    run.advance(600, max_steps=1, views=("late",))
    run.update_live(ToyConfig(mean=1.0))
    assert not run.advance(600, max_steps=1, views=("late",)).figures
    assert run.advance(600, max_steps=0, views=("late",)).figures["late"].version == 1


def test_a_picture_is_drawn_after_a_change_however_much_was_drawn_before() -> None:
    run = Run(TOY, ToyConfig())
    run.advance(600, max_steps=1, views=VIEWS)
    budget = run.drawings.budget
    budget.note(TOY.all_views[0], Stamp(1, 0), 50.0)
    budget.begin_slice()
    assert not run.advance(600, max_steps=1, views=("curve",)).figures
    run.update_live(ToyConfig(mean=1.0))
    assert set(run.advance(600, max_steps=1, views=("curve",)).figures) == {"curve"}


def test_a_question_after_a_turned_knob_is_answered_by_the_model_with_that_knob(run_on: Any) -> None:
    async def job(scheduler: Scheduler) -> None:
        run = await scheduler.open("toy", ToyConfig(), "me")
        before = await scheduler.ask(run, "landscape_at", {})
        after = await scheduler.ask(run, "landscape_at", {}, config=ToyConfig(mean=1.5))
        assert (before.version, after.version) == (0, 1)
        thetas = [json.loads(answer.figure)["data"][0] for answer in (before, after)]
        assert [t["y"] == [(x - mean) ** 2 for x in t["x"]] for t, mean in zip(thetas, (0.5, 1.5), strict=True)] == [
            True, True,
        ]  # fmt: skip
        prepared = await scheduler.ask(run, "letters", {}, config=ToyConfig(mean=1.0))
        assert prepared.version == 2 and prepared.figure

    run_on(job, new_host=InProcessHost)


def test_every_slice_and_question_carries_the_newest_config_also_those_asked_for_before(run_on: Any) -> None:
    async def job(scheduler: Scheduler) -> None:
        run = await scheduler.open("toy", ToyConfig(), "me")
        slices = [asyncio.ensure_future(scheduler.advance(run, max_steps=1)) for _ in range(5)]
        await asyncio.sleep(0)
        asked = asyncio.ensure_future(scheduler.ask(run, "ask", {}, config=ToyConfig(mean=1.5)))
        await asyncio.gather(*slices, asked)
        host = only_host(scheduler)
        configs = [request.slice_.config for request in host.served if isinstance(request, Advance)]
        configs += [request.config for request in host.served if isinstance(request, Ask)]
        assert all(configs) and len(configs) == 6
        versions = [future.result().version for future in slices]
        assert versions == sorted(versions) and versions[-1] == 1, "no older slice turns the knob back"
        assert scheduler.runs[run].config == ToyConfig(mean=1.5)

    run_on(job, new_host=InProcessHost)


def test_a_frozen_arm_is_in_every_frame_and_the_other_trains_on() -> None:
    run = Run(TOY, ToyConfig(networks="two", steps=1000))
    assert run.advance(600, max_steps=1).frozen == {}
    run.advance(600, max_steps=300)
    frame = run.advance(600, max_steps=10)
    assert set(frame.frozen) == {"wild"} and 1 < frame.frozen["wild"] < frame.step and not frame.error
    assert [step for step, _ in frame.rows] == list(range(frame.step - 9, frame.step + 1))
    assert frame.frozen is not run.experiment.arms.diverged_at  # type: ignore[attr-defined]
