"""Which pictures are drawn when: by their CPU time, and never old in sight."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import pytest

from playground.concept import View
from playground.engine.figure_budget import DRAWING_SHARE, MAX_AGE, FigureBudget
from playground.engine.frame import Stamp
from playground.engine.run import Run
from tests.engine.toys import drawing
from tests.toy import SLOW, Toy, ToyConfig, compute, curve

VIEW = View(name="one", title="One", caption="Something.", draw=curve)


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(time, "monotonic", made)
    return made


def drawn(budget: FigureBudget, cost: float, times: int = 3) -> None:
    """The view was drawn so often, at step 10 for the last time."""
    for step in range(11 - times, 11):
        budget.note(VIEW, Stamp(step, 0), cost)


def test_a_picture_is_drawn_as_often_as_its_share_of_the_cpu_allows(clock: Clock) -> None:
    budget = FigureBudget()
    drawn(budget, 0.01, times=11)  # the first one counts for nothing
    assert not budget.is_due(VIEW, Stamp(20, 0), busy=0.1 / DRAWING_SHARE - 0.1, max_age=MAX_AGE)
    assert budget.is_due(VIEW, Stamp(20, 0), busy=0.11 / DRAWING_SHARE, max_age=MAX_AGE)


@pytest.mark.parametrize("rest", [0.0, 60.0])
def test_no_picture_in_sight_grows_old_whatever_it_costs(clock: Clock, rest: float) -> None:
    budget, view = FigureBudget(), replace(VIEW, rest=rest, every=1000)
    drawn(budget, 5.0)
    assert not budget.is_due(view, Stamp(20, 0), busy=1.0, max_age=3.0)
    clock.now += 2.9
    assert not budget.is_due(view, Stamp(20, 0), busy=1.0, max_age=3.0)
    clock.now += 0.1
    assert budget.is_due(view, Stamp(20, 0), busy=1.0, max_age=3.0)
    assert not budget.is_due(view, Stamp(20, 0), busy=1.0, max_age=9.0)
    assert not budget.is_due(view, Stamp(10, 0), busy=1.0, max_age=3.0), "nothing has changed since"
    assert not budget.is_due(replace(view, while_training=False), Stamp(20, 0), busy=1.0, max_age=3.0)


def test_the_time_to_the_next_slice_counts(clock: Clock) -> None:
    budget = FigureBudget()
    budget.begin_slice()
    clock.now += 0.8  # others had the worker
    budget.begin_slice()
    drawn(budget, 5.0)
    clock.now += 2.1
    assert not budget.is_due(VIEW, Stamp(20, 0), busy=1.0, max_age=3.0)
    clock.now += 0.2
    assert budget.is_due(VIEW, Stamp(20, 0), busy=1.0, max_age=3.0), "at the next slice it would be 3.1 seconds old"


def test_a_drawing_is_priced_by_its_own_cpu_time_not_by_the_clock() -> None:
    """On a busy machine a cheap drawing takes long: others have the core meanwhile."""

    def interrupted(toy: Toy, history: Any) -> dict[str, Any]:
        time.sleep(0.05)
        return curve(toy, history)

    view = replace(VIEW, draw=interrupted)
    run = Run(drawing(SLOW, view), ToyConfig(steps=100_000))
    for _ in range(4):
        run.advance(0.01, views=("one",), draw_all=True)
    assert run.drawings.budget.drawn["one"].cost < 0.01 and run.drawings.budget.drawn["one"].spent < 0.03
    frames = [run.advance(0.05, views=("one",)) for _ in range(6)]
    assert sum("one" in frame.figures for frame in frames) >= 5


def test_no_costs_at_first_are_the_visitors(monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(toy: Toy, history: Any) -> dict[str, Any]:
        compute(0.1)
        return curve(toy, history)

    run = Run(drawing(SLOW, replace(VIEW, draw=slow)), ToyConfig(steps=100_000))
    first = run.advance(600, max_steps=1, views=("one",), draw_all=True)
    assert first.uncharged > 0.1, "the first drawing, and the step whose shapes are recorded"
    second = run.advance(600, max_steps=1, views=("one",), draw_all=True)
    assert second.uncharged == 0
    assert run.busy == pytest.approx(0.1, abs=0.05), "the second drawing"
