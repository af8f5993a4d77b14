"""What a worker process is asked, and what it charges for its answers."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from playground.concept import View
from playground.engine import worker
from playground.engine.frame import Slice
from tests.toy import SLOW, TOY, Toy, compute, curve


def slow_curve(toy: Toy, history: Any) -> dict[str, Any]:
    compute(0.1)
    return curve(toy, history)


DRAWN = replace(SLOW, views=(View(name="curve", title="Curve", caption="Something.", draw=slow_curve),))


@pytest.fixture
def concepts(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The toys in this very process, as in a worker."""
    monkeypatch.setattr(worker, "_concepts", {c.slug: c for c in (TOY, DRAWN)})
    monkeypatch.setattr(worker, "_runs", {})
    yield


def served(request: str, *args: Any) -> Any:
    return worker.serve(request, args)


def test_what_every_first_frame_needs_is_charged_to_nobody(concepts: None, tmp_path: Path) -> None:
    assert served("open_run", "run", "slow-toy", {"steps": 100_000}, str(tmp_path)).cost == 0
    views = ("curve",)
    first = served("advance", "run", Slice(600, max_steps=1, views=views, draw_all=True))
    assert first.cost < 0.05, "the step whose shapes are recorded, and the first drawing"
    second = served("advance", "run", Slice(600, max_steps=1, views=views, draw_all=True))
    assert second.cost > 0.1, "the second drawing is the visitor's"
    assert served("ask", "run", "ask", {}, None, None).cost > 0
    assert served("park_run", "run").cost == 0 and served("ping").cost == 0


def test_a_slice_is_of_cpu_time_but_others_wait_no_longer_than_twice_that(concepts: None, tmp_path: Path) -> None:
    served("open_run", "run", "slow-toy", {"steps": 100_000}, str(tmp_path))
    served("advance", "run", Slice(600, max_steps=1))
    steps = len(served("advance", "run", Slice(0.1)).answer.rows)
    assert 10 <= steps <= 105, "a step computes for a millisecond; a busy machine gives fewer"


def test_a_parked_run_leaves_the_worker_and_comes_back_from_its_folder(concepts: None, tmp_path: Path) -> None:
    served("open_run", "run", "toy", {}, str(tmp_path))
    before = served("advance", "run", Slice(600, max_steps=5)).answer
    assert served("park_run", "run").answer and not worker._runs
    assert served("advance", "run", Slice(600)).answer is None and not served("park_run", "run").answer
    assert served("open_run", "run", "toy", {}, str(tmp_path)).answer == 5
    after = served("advance", "run", Slice(600, max_steps=0)).answer
    assert after.latest == before.latest and after.step == 5
    served("close_run", "run")
    assert not list(tmp_path.glob("*.pt"))


def test_garbage_collections_do_not_look_through_what_stays(run_on: Any) -> None:
    """With torch loaded, one takes 0.2 seconds, and some visitor's slice would pay for it."""

    async def job(scheduler: Any) -> Any:
        scheduler.start()
        return (await scheduler.hosts[0].call("collection_seconds")).answer

    assert gc.get_freeze_count() == 0, "only workers do"
    assert run_on(job, "playground.concepts:CONCEPTS") < 0.05
