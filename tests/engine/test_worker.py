"""What a worker process is asked, and what it charges for its answers."""

from __future__ import annotations

import gc
import inspect
from dataclasses import fields
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest

from playground.concept import View
from playground.engine import requests
from playground.engine.checkpoints import FolderStore
from playground.engine.frame import Slice
from playground.engine.requests import (
    Advance,
    Ask,
    CloseRun,
    CollectionSeconds,
    ContinueAnswer,
    OpenRun,
    ParkRun,
    Ping,
    Request,
    RunRequest,
)
from playground.engine.worker import Worker
from tests.engine.toys import drawing
from tests.toy import SLOW, TOY, Toy, compute, curve


def slow_curve(toy: Toy, history: Any) -> dict[str, Any]:
    compute(0.1)
    return curve(toy, history)


DRAWN = drawing(SLOW, View(name="curve", title="Curve", caption="Something.", draw=slow_curve))


@pytest.fixture
def worker() -> Worker:
    return Worker((TOY, DRAWN))


def opened(worker: Worker, slug: str, folder: Path, **config: Any) -> int:
    return worker.serve(OpenRun("run", slug, config, FolderStore(folder))).answer


def requested() -> list[type[Request[Any]]]:
    """Every request that there is."""
    found = [kind for _, kind in inspect.getmembers(requests, inspect.isclass) if issubclass(kind, Request)]
    return [kind for kind in found if kind not in (Request, RunRequest)]


@pytest.mark.parametrize("kind", requested(), ids=lambda kind: kind.__name__)
def test_every_request_is_served_with_the_answer_that_it_declares(kind: type[Request[Any]]) -> None:
    (base,) = kind.__orig_bases__  # type: ignore[attr-defined]
    (declared,) = get_args(base)
    served = vars(Worker)["answer"].dispatcher.registry
    assert kind in served, f"no worker serves {kind.__name__}"
    found = get_type_hints(served[kind])["return"]
    assert found == (declared | None if issubclass(kind, RunRequest) else declared or type(None))
    assert not fields(kind) or fields(kind)[0].name in ("run_id", "slug")


def test_what_is_no_request_is_refused(worker: Worker) -> None:
    class Unheard(Request[int]):
        pass

    with pytest.raises(TypeError, match="Unheard is no request"):
        worker.serve(Unheard())


def test_training_and_answers_are_charged_and_only_a_question_hurries_others() -> None:
    assert {kind for kind in requested() if kind.is_charged} == {Advance, Ask, ContinueAnswer}
    assert {kind for kind in requested() if kind.is_question} == {Ask}


def test_what_every_first_frame_needs_is_charged_to_nobody(worker: Worker, tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    assert worker.serve(OpenRun("run", "slow-toy", {"steps": 100_000}, store)).cost == 0
    slice_ = Slice(600, max_steps=1, views=("curve",), draw_all=True)
    first = worker.serve(Advance("run", slice_))
    assert first.cost < 0.05, "the step whose shapes are recorded, and the first drawing"
    second = worker.serve(Advance("run", slice_))
    assert second.cost > 0.1, "the second drawing is the visitor's"
    assert worker.serve(Ask("run", "ask", {})).cost > 0
    assert worker.serve(ParkRun("run")).cost == 0 and worker.serve(Ping()).cost == 0


def test_a_slice_is_of_cpu_time_but_others_wait_no_longer_than_twice_that(worker: Worker, tmp_path: Path) -> None:
    opened(worker, "slow-toy", tmp_path, steps=100_000)
    worker.serve(Advance("run", Slice(600, max_steps=1)))
    frame = worker.serve(Advance("run", Slice(0.1))).answer
    assert frame and 10 <= len(frame.rows) <= 105, "a step computes for a millisecond; a busy machine gives fewer"


def test_a_parked_run_leaves_the_worker_and_comes_back_from_its_store(worker: Worker, tmp_path: Path) -> None:
    opened(worker, "toy", tmp_path)
    before = worker.serve(Advance("run", Slice(600, max_steps=5))).answer
    assert worker.serve(ParkRun("run")).answer and not worker.runs
    assert worker.serve(Advance("run", Slice(600))).answer is None and worker.serve(ParkRun("run")).answer is None
    assert opened(worker, "toy", tmp_path) == 5
    after = worker.serve(Advance("run", Slice(600, max_steps=0))).answer
    assert before and after and after.latest == before.latest and after.step == 5


def test_a_worker_never_deletes_what_it_wrote(worker: Worker, tmp_path: Path) -> None:
    opened(worker, "toy", tmp_path)
    worker.serve(Advance("run", Slice(600, max_steps=5)))
    worker.serve(ParkRun("run"))
    opened(worker, "toy", tmp_path)
    worker.serve(CloseRun("run"))
    worker.serve(CloseRun("run"))
    assert not worker.runs and FolderStore(tmp_path).steps("run") == [5]


def test_garbage_collections_do_not_look_through_what_stays(run_on: Any) -> None:
    """With torch loaded, one takes 0.2 seconds, and some visitor's slice would pay for it."""

    async def job(scheduler: Any) -> Any:
        scheduler.start()
        return (await scheduler.hosts[0].call(CollectionSeconds())).answer

    assert gc.get_freeze_count() == 0, "only workers do"
    assert run_on(job, "playground.concepts:CONCEPTS") < 0.05
