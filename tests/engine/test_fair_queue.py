"""Whose request a host serves next, on a simulated host and clock."""

from __future__ import annotations

import asyncio
import itertools
import time
from typing import Any

import pytest

from playground.engine.fair_queue import (
    ANSWER_CREDIT,
    HIDDEN_GAP,
    HIDDEN_PATIENCE,
    MAX_DEBT,
    FairQueue,
    Urgency,
)
from tests.simulation import simulate

ANSWER, IN_SIGHT, HIDDEN = Urgency.ANSWER, Urgency.IN_SIGHT, Urgency.HIDDEN


class Host:
    """Serves one request after the other, and notes what it served."""

    def __init__(self) -> None:
        self.queue = FairQueue()
        self.one_at_a_time = asyncio.Lock()
        self.served: list[tuple[float, str]] = []
        """(when it began, the owner's name)"""

    async def request(
        self, owner: str, urgency: Urgency, seconds: float = 0.05, estimate: float = 0.05, cost: float | None = None
    ) -> None:
        """cost: CPU seconds that the host charges, if not those that it takes by the clock"""
        async with self.queue.turn(owner, urgency, estimate) as turn, self.one_at_a_time:
            self.served.append((time.monotonic(), owner))
            await asyncio.sleep(seconds)
            turn.cost = seconds if cost is None else cost

    async def train(self, owner: str, urgency: Urgency, seconds: float = 0.05, estimate: float = 0.05) -> None:
        """Slice after slice, for ever."""
        while True:
            await self.request(owner, urgency, seconds, estimate)

    def counts(self) -> dict[str, int]:
        owners = [owner for _, owner in self.served]
        return {owner: owners.count(owner) for owner in owners}


async def for_seconds(seconds: float, *jobs: Any) -> None:
    """Lets the jobs run for a time, then cancels them."""
    tasks = [asyncio.ensure_future(job) for job in jobs]
    await asyncio.sleep(seconds)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def test_an_answer_comes_before_waiting_training() -> None:
    async def job() -> list[str]:
        host = Host()
        training = [host.request(owner, IN_SIGHT) for owner in ("a", "b", "c", "d")]
        await asyncio.gather(*training, host.request("visitor", ANSWER))
        return [owner for _, owner in host.served]

    assert simulate(job()) == ["a", "b", "visitor", "c", "d"], "a and b were in flight before it was asked"


def test_answers_without_end_do_not_stop_anothers_training() -> None:
    async def job() -> dict[str, int]:
        host = Host()
        asking = [host.train("asks", ANSWER) for _ in range(6)]
        await for_seconds(20, *asking, host.train("trains", IN_SIGHT))
        return host.counts()

    counts = simulate(job())
    assert counts["asks"] - counts["trains"] <= ANSWER_CREDIT / 0.05 + 3, "the credit is used up once"


def test_training_in_sight_comes_before_hidden_training() -> None:
    async def job() -> list[str]:
        host = Host()
        hidden = [host.request("hidden", HIDDEN) for _ in range(2)]
        await asyncio.gather(*hidden, *[host.request(f"in sight {i}", IN_SIGHT) for i in range(4)])
        return [owner for _, owner in host.served]

    assert simulate(job())[-2:] == ["hidden", "hidden"]


def test_hidden_training_is_served_when_nothing_in_sight_is_asked_for() -> None:
    async def job() -> list[tuple[float, str]]:
        host = Host()
        await for_seconds(5, host.train("hidden", HIDDEN), host.train("also hidden", HIDDEN))
        return host.served

    served = simulate(job())
    begins = [when for when, _ in served]
    assert max(b - a for a, b in itertools.pairwise(begins)) <= 0.05 + HIDDEN_GAP, "the host is not idle in between"
    owners = [owner for _, owner in served]
    assert abs(owners.count("hidden") - owners.count("also hidden")) <= 1


@pytest.mark.parametrize("in_sight", [1, 2, 5])
def test_hidden_training_is_served_once_in_a_while_in_any_case(in_sight: int) -> None:
    async def job() -> tuple[list[tuple[float, str]], float, float]:
        host, began = Host(), time.monotonic()
        watched = [host.train(f"in sight {i}", IN_SIGHT) for i in range(in_sight)]
        await for_seconds(20, host.train("hidden", HIDDEN), *watched)
        return host.served, began, time.monotonic()

    served, began, end = simulate(job())
    hidden = [when for when, owner in served if owner == "hidden"]
    gaps = [b - a for a, b in itertools.pairwise([began, *hidden, end])]
    most = HIDDEN_PATIENCE + 5 * 0.05  # what is in flight and its own slice come on top
    assert max(gaps) <= most
    assert len(hidden) <= 20 / HIDDEN_PATIENCE + 1, "what is in sight has the rest"


@pytest.mark.parametrize("few", [1, 2, 5])
def test_owners_with_unequal_numbers_of_runs_get_equal_time(few: int) -> None:
    async def job() -> dict[str, int]:
        host = Host()
        many = [host.train("many", IN_SIGHT) for _ in range(5)]
        await for_seconds(20, *many, *[host.train("few", IN_SIGHT) for _ in range(few)])
        return host.counts()

    counts = simulate(job())
    assert abs(counts["many"] - counts["few"]) <= 4, counts


def test_what_counts_is_the_time_that_was_used_not_what_was_estimated() -> None:
    async def job() -> dict[str, int]:
        host = Host()
        slow = [host.train("slow", IN_SIGHT, seconds=0.2) for _ in range(3)]
        await for_seconds(40, *slow, *[host.train("quick", IN_SIGHT, seconds=0.05) for _ in range(3)])
        return host.counts()

    counts = simulate(job())
    assert counts["quick"] / counts["slow"] == pytest.approx(4, rel=0.1)


def test_who_was_away_has_saved_nothing_up() -> None:
    async def job() -> dict[str, int]:
        host = Host()
        await for_seconds(10, *[host.train("first", IN_SIGHT) for _ in range(3)])
        host.served.clear()
        both = [host.train(owner, IN_SIGHT) for owner in ("first", "second") for _ in range(3)]
        await for_seconds(10, *both)
        return host.counts()

    counts = simulate(job())
    assert abs(counts["first"] - counts["second"]) <= 4, counts


@pytest.mark.parametrize("urgency", Urgency)
def test_a_cancelled_request_does_not_block_the_queue(urgency: Urgency) -> None:
    async def job() -> list[str]:
        host = Host()
        others = [asyncio.ensure_future(host.request(owner, IN_SIGHT)) for owner in ("a", "b", "c")]
        given_up = asyncio.ensure_future(host.request("given up", urgency))
        await asyncio.sleep(0.01)
        given_up.cancel()
        await asyncio.gather(*others)
        await host.request("later", urgency)
        assert given_up.cancelled() and not host.queue.waiting and not host.queue.in_flight
        return [owner for _, owner in host.served]

    assert simulate(job()) == ["a", "b", "c", "later"]


def test_a_request_cancelled_in_the_moment_of_its_turn_does_not_block_the_queue() -> None:
    async def job() -> list[str]:
        host = Host()
        holding = asyncio.Event()

        async def hold() -> None:
            async with host.queue.turn("a", IN_SIGHT, 0.05):
                await holding.wait()

        first, second = asyncio.ensure_future(hold()), asyncio.ensure_future(hold())
        await asyncio.sleep(0)
        given_up = asyncio.ensure_future(host.request("given up", IN_SIGHT))
        await asyncio.sleep(0)
        given_up.cancel()
        holding.set()
        await asyncio.gather(first, second)
        await asyncio.gather(*[host.request("later", IN_SIGHT) for _ in range(3)])
        assert given_up.cancelled() and not host.queue.waiting and not host.queue.in_flight
        return [owner for _, owner in host.served]

    assert simulate(job()) == ["later"] * 3


def silences(host: Host, owner: str) -> list[float]:
    begins = [when for when, who in host.served if who == owner]
    return [b - a for a, b in itertools.pairwise(begins)]


def test_a_debt_is_capped_one_expensive_request_silences_nobody_for_long() -> None:
    async def job() -> Host:
        host = Host()

        async def unlucky() -> None:
            await host.request("unlucky", IN_SIGHT, seconds=2.0)
            await host.train("unlucky", IN_SIGHT)

        await for_seconds(60, unlucky(), *[host.train(f"other {i}", IN_SIGHT) for i in range(14)])
        return host

    host = simulate(job())
    assert silences(host, "unlucky")[0] <= 2.0 + 15 * (MAX_DEBT + 0.05) + 0.1
    counts = host.counts()
    assert counts["unlucky"] >= 0.75 * counts["other 1"]


def test_what_is_charged_is_cpu_time_others_on_the_machine_cost_nothing() -> None:
    """A slice that took long by the clock, because another program had the core, costs its owner no turn."""

    async def job() -> dict[str, int]:
        host = Host()

        async def interrupted() -> None:
            while True:
                await host.request("interrupted", IN_SIGHT, seconds=0.3, cost=0.05)

        await for_seconds(60, interrupted(), host.train("other", IN_SIGHT))
        return host.counts()

    counts = simulate(job())
    assert abs(counts["interrupted"] - counts["other"]) <= 3, counts
