"""Answers and pictures in parts: coarse first, all of one step, with training going on between them."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import torch

from playground.concept import Figure, Probe, Question, Refused, View
from playground.engine import figure_budget
from playground.engine.frame import Stamp
from playground.engine.parts import Parts
from playground.engine.pre_trained import save
from playground.engine.questions import MOST_OPEN
from playground.engine.requests import Advance, ContinueAnswer
from playground.engine.run import Run
from playground.engine.scheduler import Scheduler
from tests.engine.toys import asking, drawing
from tests.simulation import InProcessHost, only_host
from tests.toy import SLOW, TOY, Toy, ToyConfig, compute

CONFIG = ToyConfig(steps=100_000)


def points(figure: str) -> int:
    return len(json.loads(figure)["data"][0]["x"])


def count(text: str) -> Any:
    """(part, θ at the time of the question, further numbers) of `counting`."""
    return json.loads(text)["data"]


def counting(toy: Toy, *_: Any) -> Iterator[Figure]:
    theta = toy.theta
    for part in (1, 2, 3):
        yield {"data": [part, theta], "layout": {"uirevision": "counting"}}


COUNTING = View(name="counting", title="Counting", caption="One, two, three.", draw=counting, place="hero")
COUNTED = Probe(name="count", title="Count", caption="The same.", question=Question, ask=counting)


# Parts


def test_a_plain_figure_is_the_only_part() -> None:
    parts = Parts(lambda: {"data": []}, Stamp(3, 1))
    assert parts.next() == '{"data":[]}' and not parts.more


@pytest.mark.parametrize("as_list", [False, True], ids=["generator", "iterator"])
def test_several_figures_come_one_by_one(as_list: bool) -> None:
    toy = Toy(ToyConfig())
    parts = Parts(lambda: iter(list(counting(toy))) if as_list else counting(toy), Stamp(0, 0))
    found = [count(parts.next() or "")[0] for _ in range(3)]
    assert found == [1, 2, 3] and parts.more
    assert parts.next() is None and not parts.more
    whole = Parts(lambda: counting(toy), Stamp(0, 0)).last()
    assert whole and count(whole)[0] == 3


def test_no_part_changes_the_random_state_or_the_gradient_mode() -> None:
    def drawn() -> Iterator[Figure]:
        with torch.no_grad():
            for _ in range(3):
                yield {"data": [random.random(), torch.rand(1).item()]}

    parts = Parts(drawn, Stamp(0, 0))
    before = random.getstate(), torch.get_rng_state()
    for act in (parts.next, parts.next, parts.close):
        act()
        assert torch.is_grad_enabled()
        assert random.getstate() == before[0] and torch.equal(torch.get_rng_state(), before[1])


# Answers


def test_an_answer_comes_in_parts_of_one_step_while_training_goes_on() -> None:
    run = Run(TOY, CONFIG)
    run.advance(600, max_steps=4)
    first = run.ask("landscape_at", {"reach": 2})
    assert first.more and first.step == 4 and points(first.figure) == 3
    run.advance(600, max_steps=5)
    second = run.continue_answer("landscape_at", first.number)
    assert second and second.more and second.step == 4 and points(second.figure) == 30
    third = run.continue_answer("landscape_at", first.number)
    last = run.continue_answer("landscape_at", first.number)
    assert third and last and last.figure == third.figure and points(last.figure) == 300
    assert not last.more and {a.number for a in (second, third, last)} == {first.number}
    middles = [json.loads(a.figure)["data"][0]["x"][0] + 2 for a in (first, second, last)]
    assert middles == pytest.approx([run.history["theta"][1][3]] * 3), "θ of the fourth step"
    assert run.continue_answer("landscape_at", first.number) is None, "it has ended"
    assert not run.ask("ask", {}).more


def test_a_newer_question_ends_the_older_one_of_the_same_asker() -> None:
    run = Run(TOY, CONFIG)
    older = run.ask("landscape_at", {})
    others = run.ask("landscape_at", {}, asker="another")
    newer = run.ask("landscape_at", {"reach": 3})
    assert len({older.number, others.number, newer.number}) == 3
    assert run.continue_answer("landscape_at", older.number) is None
    assert run.continue_answer("landscape_at", others.number) is None, "it is another's"
    assert run.continue_answer("landscape_at", others.number, asker="another") is not None
    assert run.continue_answer("landscape_at", newer.number) is not None
    run.ask("landscape_at", {"reach": 99})
    assert run.continue_answer("landscape_at", newer.number) is None, "one that is refused is newer as well"


def test_a_part_that_fails_or_declines_ends_the_answer_with_a_sentence(caplog: Any) -> None:
    def declining(toy: Toy, question: Question) -> Iterator[Figure]:
        yield {"data": []}
        raise Refused("Not further.")

    def failing(toy: Toy, question: Question) -> Iterator[Figure]:
        yield {"data": []}
        raise ZeroDivisionError

    probes = [replace(COUNTED, name=ask.__name__, ask=ask) for ask in (declining, failing)]
    run = Run(asking(TOY, *probes), CONFIG)
    for probe, said in (("declining", "Not further."), ("failing", "log says why")):
        first = run.ask(probe, {})
        answer = run.continue_answer(probe, first.number)
        assert answer and said in answer.error and not answer.figure and not answer.more
        assert run.continue_answer(probe, first.number) is None
    assert "probe toy/failing failed" in caplog.text


def test_answers_that_nobody_continues_are_forgotten() -> None:
    run = Run(TOY, CONFIG)
    asked = [(f"visitor {i}", run.ask("landscape_at", {}, asker=f"visitor {i}").number) for i in range(MOST_OPEN + 3)]
    kept = [run.continue_answer("landscape_at", number, asker=asker) is not None for asker, number in asked]
    assert kept == [False] * 3 + [True] * MOST_OPEN


def test_slices_run_between_the_parts_of_an_answer(run_on: Any) -> None:
    async def job(scheduler: Scheduler) -> None:
        runs = [await scheduler.open("toy", CONFIG, owner) for owner in ("me", "another")]
        asked = asyncio.ensure_future(whole(scheduler, runs[0]))
        steps = dict.fromkeys(runs, 0)

        async def train(run: str) -> None:
            while not asked.done():
                steps[run] = (await scheduler.advance(run)).step

        await asyncio.gather(*[train(run) for run in runs])
        sizes = asked.result()
        assert sizes == [3, 30, 300, 300]
        kinds = [type(request) for request in only_host(scheduler).served]
        at = [i for i, kind in enumerate(kinds) if kind is ContinueAnswer]
        assert len(at) == 3 and all(Advance in kinds[a:b] for a, b in zip(at, at[1:], strict=False))
        assert all(steps.values())

    async def whole(scheduler: Scheduler, run: str) -> list[int]:
        answer = await scheduler.ask(run, "landscape_at", {})
        found, step = [points(answer.figure)], answer.step
        while answer.more:
            further = await scheduler.continue_answer(run, "landscape_at", answer.number)
            assert further and further.step == step
            answer = further
            found.append(points(answer.figure))
        return found

    run_on(job, new_host=InProcessHost)


@pytest.mark.parametrize("end", ["the host dies", "it dies, and the run is opened again", "parked", "closed"])
def test_an_answer_ends_with_the_run_on_its_host(run_on: Any, end: str) -> None:
    async def job(scheduler: Scheduler) -> None:
        run = await scheduler.open("toy", CONFIG, "me")
        number = (await scheduler.ask(run, "landscape_at", {})).number
        if end == "parked":
            await scheduler.park(run)
        elif end == "closed":
            await scheduler.close(run)
        else:
            only_host(scheduler).die()
            if "again" in end:
                await scheduler.advance(run, max_steps=1)
        assert await scheduler.continue_answer(run, "landscape_at", number) is None
        if end != "closed":
            assert (await scheduler.ask(run, "landscape_at", {})).more

    run_on(job, new_host=InProcessHost)


def test_visitors_who_ask_the_same_pre_trained_model_do_not_end_each_others_answers(
    run_on: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("playground.engine.checkpoints.PRE_TRAINED", tmp_path)
    save(Run(TOY, ToyConfig()), tmp_path / "toy.safetensors")

    async def job(scheduler: Scheduler) -> None:
        numbers = {
            owner: (await scheduler.ask_pre_trained("toy", "", "landscape_at", {}, owner=owner)).number
            for owner in ("a", "b")
        }
        for owner, number in numbers.items():
            answer = await scheduler.continue_pre_trained("toy", "", "landscape_at", number, owner=owner)
            assert answer and answer.pre_trained and points(answer.figure) == 30
        assert await scheduler.continue_pre_trained("toy", "", "landscape_at", numbers["b"], owner="a") is None

    run_on(job, new_host=InProcessHost)


# Pictures


def parts_of(run: Run, slices: int, **options: Any) -> list[Any]:
    """(part, step) of the picture in each of so many slices, None where it was not drawn."""
    found: list[Any] = []
    for _ in range(slices):
        figure = run.advance(600, views=("counting",), **options).figures.get("counting")
        found.append(figure and (count(figure.text)[0], figure.step))
    return found


def test_a_picture_goes_on_in_the_next_slices_and_says_of_which_step_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(figure_budget, "DRAWING_SHARE", 1e9)
    run = Run(drawing(TOY, COUNTING), CONFIG)
    frame = run.advance(600, max_steps=2, views=("counting",))
    assert frame.unfinished == ("counting",) and frame.figures["counting"].step == 2
    assert parts_of(run, 4, max_steps=5) == [(2, 2), (3, 2), (1, 17), (2, 17)]
    theta = run.history["theta"][1][16]
    last = run.advance(600, max_steps=5, views=("counting",)).figures["counting"]
    assert count(last.text) == [3, theta], "of the step at which the drawing was begun"


def test_parts_have_their_share_of_the_time_and_no_more() -> None:
    def slow(toy: Toy, history: Any) -> Iterator[Figure]:
        for _ in range(1000):
            compute(0.01)
            yield {"data": [], "layout": {"uirevision": "slow"}}

    run = Run(drawing(SLOW, replace(COUNTING, draw=slow)), CONFIG)
    frames = [run.advance(0.02, views=("counting",)) for _ in range(60)]
    assert 3 <= sum("counting" in frame.figures for frame in frames) <= 20
    assert {frame.figures["counting"].step for frame in frames if frame.figures} == {frames[0].step}


def test_a_run_that_rests_finishes_its_picture() -> None:
    run = Run(drawing(TOY, COUNTING), CONFIG)
    assert parts_of(run, 1, max_steps=3) == [(1, 3)]
    assert parts_of(run, 4, max_steps=0) == [(2, 3), (3, 3), None, None]
    assert run.advance(0.1, max_steps=0, views=("counting",)).unfinished == ()


def test_a_drawing_of_everything_ends_the_one_before() -> None:
    run = Run(drawing(TOY, COUNTING), CONFIG)
    parts_of(run, 2, max_steps=1)
    assert parts_of(run, 2, max_steps=1, draw_all=True) == [(1, 3), (1, 4)]
    assert parts_of(run, 2, max_steps=0) == [(2, 4), (3, 4)]


def test_a_run_that_is_done_is_drawn_to_the_end() -> None:
    run = Run(drawing(TOY, COUNTING), ToyConfig(steps=5))
    parts_of(run, 1, max_steps=3)
    assert parts_of(run, 4) == [(1, 5), (2, 5), (3, 5), None]
    assert not run.advance(600, max_steps=0, views=()).unfinished, "of those in sight"


def test_what_rests_and_is_out_of_date_is_begun_when_the_drawing_before_has_ended() -> None:
    run = Run(drawing(TOY, COUNTING), CONFIG)
    parts_of(run, 1, max_steps=3)
    run.advance(600, max_steps=1)
    found = parts_of(run, 6, max_steps=0)
    assert found == [(2, 3), (3, 3), (1, 4), (2, 4), (3, 4), None]


def test_a_part_that_fails_leaves_the_run_alone(caplog: Any) -> None:
    def failing(toy: Toy, history: Any) -> Iterator[Figure]:
        yield {"data": [1], "layout": {}}
        raise ZeroDivisionError

    run = Run(drawing(TOY, replace(COUNTING, draw=failing)), CONFIG)
    assert parts_of(run, 3, max_steps=0) == [(1, 0), None, None] and not run.error
    assert "drawing toy/counting failed" in caplog.text


def test_a_run_that_stops_has_no_unfinished_pictures() -> None:
    run = Run(drawing(TOY, COUNTING), ToyConfig(rate=1e9))
    assert run.advance(600, max_steps=1, views=("counting",)).unfinished
    frame = run.advance(600, views=("counting",))
    assert frame.error and not frame.figures and not frame.unfinished


def test_what_is_exported_is_the_last_part() -> None:
    run = Run(drawing(TOY, COUNTING), CONFIG)
    assert count(run.render(COUNTING) or "")[0] == 3


def test_parts_change_no_number_of_the_run() -> None:
    alone, watched = Run(TOY, CONFIG), Run(TOY, CONFIG)
    expected = alone.advance(600, max_steps=12).rows
    found = []
    for _ in range(4):
        number = watched.ask("landscape_at", {}).number
        found += watched.advance(600, max_steps=1, views=("landscape",), draw_all=True).rows
        watched.continue_answer("landscape_at", number)
        found += watched.advance(600, max_steps=2, views=("landscape",)).rows
    assert found == expected
