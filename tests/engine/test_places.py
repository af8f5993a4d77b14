"""How many runs there may be: of the server, of one page, of all callers of the API; and what is parked on disk."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

from playground.engine.places import PARKED_OF_OWNER, PARKED_SECONDS, Full, Gone, Placement, Places
from playground.engine.scheduler import Scheduler
from tests.simulation import InProcessHost, only_host
from tests.toy import ToyConfig


def placement(number: int, owner: str, group: str = "") -> Placement:
    return Placement(f"run {number}", "toy", ToyConfig(), owner, group, host=0)


def test_one_page_can_not_take_all_places() -> None:
    places = Places(64, most_of_owner=16)
    for number in range(16):
        places.take(placement(number, "greedy"))
    with pytest.raises(Full, match="This page already holds 16 models") as full:
        places.take(placement(16, "greedy"))
    assert full.value.whose == "page" and full.value.most == 16
    places.take(placement(17, "another"))


def test_callers_of_the_api_together_hold_a_quarter() -> None:
    places = Places(64)
    for number in range(16):
        places.take(placement(number, f"api-{number}", "api"))
    with pytest.raises(Full, match="Callers of the API already hold 16") as full:
        places.take(placement(16, "api-16", "api"))
    assert full.value.whose == "api"
    for number in range(48):
        places.take(placement(100 + number, f"page {number}"))
    with pytest.raises(Full, match="holds 64 models") as full:
        places.take(placement(200, "page 48"))
    assert full.value.whose == "server"


def test_the_limit_of_a_page_can_be_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLAYGROUND_RUNS_PER_PAGE", "2")
    places = Places(64)
    for number in range(2):
        places.take(placement(number, "me"))
    with pytest.raises(Full, match="holds 2 models"):
        places.take(placement(2, "me"))


def test_parked_runs_are_bounded_for_each_owner_and_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    places = Places(1000, most_of_owner=1000)
    now = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    for number in range(PARKED_OF_OWNER + 1):
        places.take(placement(number, "me"))
        dropped = places.park(f"run {number}")
        now[0] += 1
    assert [p.run_id for p in dropped] == ["run 0"] and len(places.parked) == PARKED_OF_OWNER
    now[0] += PARKED_SECONDS
    places.take(placement(100, "another"))
    assert len(places.park("run 100")) == PARKED_OF_OWNER and set(places.parked) == {"run 100"}


def test_a_parked_run_takes_a_place_again_if_there_is_one() -> None:
    places = Places(1)
    places.take(placement(0, "me"))
    places.park("run 0")
    places.take(placement(1, "you"))
    with pytest.raises(Full):
        places.find("run 0")
    assert "run 0" in places.parked, "it is not lost"
    places.remove("run 1")
    assert places.find("run 0").run_id == "run 0" and not places.parked
    with pytest.raises(Gone):
        places.find("run 1")


def test_a_parked_run_goes_on_to_the_bit_on_whichever_host(run_on: Any) -> None:
    async def job(scheduler: Scheduler) -> None:
        alone = await scheduler.open("toy", ToyConfig(seed=3), "alone")
        expected = (await scheduler.advance(alone, max_steps=9)).latest
        run = await scheduler.open("toy", ToyConfig(seed=3), "me")
        await scheduler.advance(run, max_steps=5)
        assert await scheduler.park(run) and await scheduler.park(run), "twice is the same"
        assert run not in only_host(scheduler).runs and scheduler.knows(run) and run not in scheduler.runs
        frame = await scheduler.advance(run, max_steps=4)
        assert frame.latest == expected and frame.resumed_from is None
        await scheduler.park(run)
        await scheduler.close(run)
        assert not scheduler.knows(run) and not (scheduler.folder.path / run).exists()

    run_on(job, new_host=InProcessHost)


def test_a_run_is_parked_between_two_slices(run_on: Any) -> None:
    async def job(scheduler: Scheduler) -> None:
        run = await scheduler.open("toy", ToyConfig(), "me")
        slices = [asyncio.ensure_future(scheduler.advance(run, max_steps=1)) for _ in range(2)]
        await asyncio.sleep(0)
        assert await scheduler.park(run)
        frames = await asyncio.gather(*slices, return_exceptions=True)
        assert [f.step if hasattr(f, "step") else type(f) for f in frames] == [1, 2]
        assert (await scheduler.advance(run, max_steps=1)).step == 3

    run_on(job, new_host=InProcessHost)
