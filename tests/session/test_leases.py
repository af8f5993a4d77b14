"""How long a page's runs live, and which page a browser finds when it comes back."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from playground.engine.scheduler import Gone
from playground.session.store import SessionStore
from tests.simulation import only_host
from tests.toy import ToyConfig

GRACE = 30
"""Seconds, as in the fixture."""


async def open_run(store: SessionStore, owner: str) -> str:
    return await store.scheduler.open("toy", ToyConfig(), owner)


def test_released_runs_are_freed_after_the_grace_and_not_before(with_store: Any) -> None:
    async def job(store: SessionStore) -> None:
        kept, left = await open_run(store, "stays"), await open_run(store, "leaves")
        store.leases.hold("stays")
        store.leases.release("leaves")
        await asyncio.sleep(GRACE - 0.1)
        assert set(store.scheduler.runs) == {kept, left}
        await asyncio.sleep(0.2)
        assert set(store.scheduler.runs) == set(only_host(store.scheduler).runs) == {kept}
        with pytest.raises(Gone):
            await store.scheduler.advance(left, max_steps=1)

    with_store(job)


def test_who_is_here_is_never_freed_however_long_nothing_is_used(with_store: Any) -> None:
    async def job(store: SessionStore) -> None:
        run = await open_run(store, "me")
        store.leases.hold("me")
        with store.leases.use("me"):
            pass
        await asyncio.sleep(100 * GRACE)
        assert run in store.scheduler.runs

    with_store(job)


def test_who_comes_back_within_the_grace_keeps_its_runs(with_store: Any) -> None:
    async def job(store: SessionStore) -> None:
        run = await open_run(store, "me")
        store.leases.hold("me")
        store.leases.release("me")
        await asyncio.sleep(GRACE - 0.1)
        store.leases.hold("me")
        await asyncio.sleep(10 * GRACE)
        assert run in store.scheduler.runs

    with_store(job)


def test_who_comes_back_in_the_moment_in_which_the_grace_ends_keeps_its_runs(with_store: Any) -> None:
    async def job(store: SessionStore) -> None:
        run = await open_run(store, "me")
        store.leases.release("me")
        asyncio.get_running_loop().call_later(GRACE, store.leases.hold, "me")
        await asyncio.sleep(2 * GRACE)
        assert run in store.scheduler.runs

    with_store(job)


def test_a_use_in_flight_keeps_the_runs_however_long_it_takes(with_store: Any) -> None:
    async def job(store: SessionStore) -> None:
        run = await open_run(store, "me")
        store.leases.hold("me")
        with store.leases.use("me"):
            await asyncio.sleep(GRACE)
            store.leases.release("me")
            with store.leases.use("me"):  # a second one that ends first
                await asyncio.sleep(1)
            await asyncio.sleep(5 * GRACE)
            assert run in store.scheduler.runs
        await asyncio.sleep(GRACE - 0.1)
        assert run in store.scheduler.runs, "the grace begins anew after a use"
        await asyncio.sleep(0.2)
        assert not store.scheduler.runs

    with_store(job)


def test_the_grace_begins_anew_after_every_use(with_store: Any) -> None:
    async def job(store: SessionStore) -> None:
        run = await open_run(store, "never held, as the owner of a run that was asked for through the API")
        owner = store.scheduler.runs[run].owner
        for _ in range(5):
            with store.leases.use(owner):
                await store.scheduler.advance(run, max_steps=1)
            await asyncio.sleep(0.9 * GRACE)
        assert run in store.scheduler.runs
        await asyncio.sleep(0.2 * GRACE)
        assert not store.scheduler.runs

    with_store(job)


def test_a_use_that_fails_ends_as_well(with_store: Any) -> None:
    async def job(store: SessionStore) -> None:
        await open_run(store, "me")
        with pytest.raises(ZeroDivisionError), store.leases.use("me"):
            1 / 0  # noqa: B018
        await asyncio.sleep(GRACE + 0.1)
        assert not store.scheduler.runs

    with_store(job)


# The store: a browser that reloads within the grace gets its old page back.


def test_a_reload_in_time_finds_its_page_a_late_one_does_not(with_store: Any) -> None:
    async def job(store: SessionStore) -> None:
        page = store.arrive("session 1", "")
        tab = page.tabs["toy"]
        await tab.ensure_run()
        await tab.advance(max_steps=3)
        store.leave("session 1")
        await asyncio.sleep(GRACE - 0.1)
        assert store.arrive("session 2", page.token) is page
        await asyncio.sleep(2 * GRACE)
        assert (await tab.advance(max_steps=1)).step == 4
        store.leave("session 2")
        await asyncio.sleep(GRACE + 0.1)
        assert not store.scheduler.runs
        late = store.arrive("session 3", page.token)
        assert late is not page and late.token != page.token

    with_store(job)


def test_the_old_session_that_ends_after_the_reload_takes_nothing_away(with_store: Any) -> None:
    async def job(store: SessionStore) -> None:
        page = store.arrive("session 1", "")
        await page.tabs["toy"].ensure_run()
        store.arrive("session 2", page.token)
        store.leave("session 1")
        await asyncio.sleep(2 * GRACE)
        assert store.tab("session 2", "toy") is page.tabs["toy"] and store.scheduler.runs

    with_store(job)


def test_two_pages_are_strangers(with_store: Any) -> None:
    async def job(store: SessionStore) -> None:
        one, two = store.arrive("session 1", ""), store.arrive("session 2", "")
        assert one is not two and one.token != two.token
        assert store.tab("session 1", "toy") is one.tabs["toy"] is store.tab_of(one.token, "toy")
        assert store.arrive("session 3", "a guess") not in (one, two)
        assert store.tab_of("a guess", "toy") is None and not store.knows("session 4")

    with_store(job)
