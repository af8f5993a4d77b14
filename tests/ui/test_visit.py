"""What the server remembers of a page, and the knobs drawn from a declaration."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from playground.concepts import CONCEPTS
from playground.engine.scheduler import Scheduler
from playground.ui import assets, transport
from playground.ui.controls import control, rungs, value_of
from playground.ui.page import follow
from playground.ui.visit import Desk
from playground.wording import parse_config
from tests.toy import TOYS, ToyConfig


@pytest.fixture
def at_desk() -> Iterator[Callable[..., Any]]:
    """at_desk(job, **options): runs an async job with a desk over the toys."""
    made: list[Scheduler] = []

    def go(job: Any, **options: Any) -> Any:
        scheduler = Scheduler("tests.toy:TOYS", hosts=1, **options)
        made.append(scheduler)
        return asyncio.run(job(Desk(TOYS, scheduler)))

    yield go
    for scheduler in made:
        scheduler.stop()


def test_a_reload_in_time_finds_its_run_a_late_one_does_not(at_desk: Any) -> None:
    async def job(desk: Desk) -> None:
        page = desk.arrive("session-1", "")
        visit = page.visits["toy"]
        await visit.ensure()
        await visit.advance(max_steps=3)
        desk.leave("session-1")
        assert desk.arrive("session-2", page.token) is page
        await asyncio.sleep(0.5)
        assert (await visit.advance(max_steps=1)).step == 4
        desk.leave("session-2")
        await asyncio.sleep(1.6)
        assert desk.arrive("session-3", page.token) is not page
        assert not desk.scheduler.runs

    at_desk(job, grace=0.3)


def test_two_pages_are_strangers(at_desk: Any) -> None:
    async def job(desk: Desk) -> None:
        one, two = desk.arrive("s1", ""), desk.arrive("s2", "")
        assert one is not two and desk.visit("s1", "toy") is one.visits["toy"]
        assert desk.arrive("s3", "a-guess") not in (one, two)

    at_desk(job)


def test_a_reset_in_full_flight_never_shows_an_old_frame(at_desk: Any) -> None:
    async def job(desk: Desk) -> None:
        visit = desk.arrive("s", "").visits["slow-toy"]
        await visit.ensure()
        seen: list[int] = []
        visit.playing = True

        async def watch() -> None:
            async for frame in visit.play():
                seen.append(frame.step)

        watching = asyncio.create_task(watch())
        await asyncio.sleep(0.6)
        visit.playing = False
        await visit.restart()
        await watching
        assert seen and visit.last is None
        assert (await visit.advance(max_steps=2)).step == 2

    at_desk(job)


def test_live_knobs_reach_the_run_and_newest_wins(at_desk: Any) -> None:
    async def job(desk: Desk) -> None:
        visit = desk.arrive("s", "").visits["toy"]
        await visit.ensure()
        await visit.advance(max_steps=2)
        for rate in (0.5, 0.3, 0.0):
            visit.turn(ToyConfig(rate=rate))
        before = (await visit.advance(max_steps=1)).latest["theta"]
        assert (await visit.advance(max_steps=5)).latest["theta"] == before
        visit.turn(ToyConfig(rate=0.0, noise="normal"))
        assert visit.waiting() == ["noise"] and "noise: takes effect on the next start" in transport.status(visit)

    at_desk(job)


def test_the_budget_and_challenges_are_noted(at_desk: Any) -> None:
    async def job(desk: Desk) -> None:
        visit = desk.arrive("s", "").visits["toy"]
        visit.turn(ToyConfig(steps=30))
        await visit.ensure()
        await visit.advance(max_steps=5)
        assert not visit.solved, "an untrained model solves nothing"
        visit.playing = True
        async for _ in visit.play():
            pass
        assert visit.over and visit.solved == {"Settle"}
        assert any("budget of 30 steps is spent" in line for line in visit.log)
        assert "solved" in transport.challenges(visit) and "Budget spent" in transport.status(visit)

    at_desk(job)


def test_slow_motion_takes_single_steps(at_desk: Any) -> None:
    async def job(desk: Desk) -> list[int]:
        visit = desk.arrive("s", "").visits["toy"]
        visit.speed, found = "25 steps/s", []
        await visit.ensure()
        visit.playing = True
        async for frame in visit.play():
            found.append(frame.step)
            visit.playing = len(found) < 5
        return found

    assert at_desk(job)[:5] == [1, 2, 3, 4, 5]


def test_links_set_knobs_and_bad_ones_are_complained_about(at_desk: Any) -> None:
    async def job(desk: Desk) -> None:
        page = desk.arrive("s", "")
        assert follow(page, "?tab=toy&rate=0.5&seed=3&__theme=dark") == ("toy", "")
        assert page.visits["toy"].config == ToyConfig(rate=0.5, seed=3)
        assert "rate: '-1' is refused" in follow(page, "?tab=toy&rate=-1")[1]
        assert "rat: there is no such setting; did you mean rate" in follow(page, "?tab=toy&rat=1")[1]
        assert "“toi”" in follow(page, "?tab=toi")[1]
        assert follow(page, "") == ("", "")

    at_desk(job)


def test_every_field_gets_its_control() -> None:
    for concept in (*CONCEPTS, *TOYS):
        for name, field in concept.config.model_fields.items():
            made = control(name, field)
            assert made.value == field.default, name
            assert value_of(field, made.value) == field.default
            parse_config(concept.config, {name: value_of(field, str(made.value))})


def test_ladders_climb_by_one_two_five() -> None:
    assert [v for _, v in rungs(1e-3, 0.1, 0.003)] == [0.001, 0.002, 0.003, 0.005, 0.01, 0.02, 0.05, 0.1]


def test_a_page_needs_no_network() -> None:
    head = assets.head()
    assert "http" not in head
    for path in assets.served():
        assert path.exists()
