"""How long a page's runs last, and which page a browser finds when it comes back."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from playground.engine.places import Gone
from playground.session.leases import HIDDEN_FACTOR, Leases
from playground.session.store import BrowserPage, SessionStore
from tests.simulation import only_host, simulate
from tests.toy import ToyConfig

TIMEOUT = 30
"""Seconds, as in the fixture."""


class Ends:
    """Whose leases have ended."""

    def __init__(self) -> None:
        self.owners: list[str] = []

    def of(self, owner: str) -> Any:
        async def end() -> None:
            self.owners.append(owner)

        return end


def test_a_lease_ends_when_nobody_renews_it_and_not_before() -> None:
    async def job() -> None:
        leases, ends = Leases(TIMEOUT), Ends()
        for owner in ("stays", "leaves"):
            leases.renew(owner, ends.of(owner))
        for _ in range(20):
            await asyncio.sleep(leases.renewal)
            leases.renew("stays", ends.of("stays"))
        assert ends.owners == ["leaves"]
        await asyncio.sleep(TIMEOUT - 0.1)
        assert ends.owners == ["leaves"]
        await asyncio.sleep(0.2)
        assert ends.owners == ["leaves", "stays"]

    simulate(job())


def test_two_of_three_renewals_may_be_lost() -> None:
    async def job() -> None:
        leases, ends = Leases(TIMEOUT), Ends()
        for _ in range(5):
            leases.renew("me", ends.of("me"))
            await asyncio.sleep(2.9 * leases.renewal)
        assert not ends.owners

    simulate(job())


def test_the_lease_of_a_hidden_page_is_longer_and_shorter_again_when_it_is_seen() -> None:
    async def job() -> None:
        leases, ends = Leases(TIMEOUT), Ends()
        leases.renew("me", ends.of("me"), hidden=True)
        await asyncio.sleep(HIDDEN_FACTOR * TIMEOUT - 0.1)
        assert not ends.owners
        leases.renew("me", ends.of("me"), hidden=True)
        leases.renew("me", ends.of("me"))
        await asyncio.sleep(TIMEOUT + 0.1)
        assert ends.owners == ["me"]

    simulate(job())


def test_a_use_in_flight_keeps_the_lease_however_long_it_takes() -> None:
    async def job() -> None:
        leases, ends = Leases(TIMEOUT), Ends()
        with leases.use("me", ends.of("me")):
            await asyncio.sleep(TIMEOUT)
            with leases.use("me", ends.of("me")):  # a second one that ends first
                await asyncio.sleep(1)
            await asyncio.sleep(5 * TIMEOUT)
            assert not ends.owners
        await asyncio.sleep(TIMEOUT - 0.1)
        assert not ends.owners, "it is renewed after a use"
        await asyncio.sleep(0.2)
        assert ends.owners == ["me"]

    simulate(job())


def test_a_use_that_fails_ends_as_well() -> None:
    async def job() -> None:
        leases, ends = Leases(TIMEOUT), Ends()
        with pytest.raises(ZeroDivisionError), leases.use("me", ends.of("me")):
            1 / 0  # noqa: B018
        await asyncio.sleep(TIMEOUT + 0.1)
        assert ends.owners == ["me"]

    simulate(job())


# The store: a page is known by its token.


async def trained(page: BrowserPage, steps: int = 3) -> None:
    """A run of the toy's tab, so many steps long."""
    await page.tabs["toy"].ensure_run()
    await page.tabs["toy"].advance(max_steps=steps)


def test_a_page_that_is_heard_of_keeps_its_run_and_one_that_is_not_gives_its_place_back(with_store: Any) -> None:
    async def job(store: SessionStore) -> None:
        here, gone = store.arrive("document 1"), store.arrive("document 2")
        for page in (here, gone):
            await trained(page)
        for _ in range(10):
            await asyncio.sleep(TIMEOUT / 3)
            store.hear(here)
        assert set(store.scheduler.runs) == set(only_host(store.scheduler).runs) == {here.tabs["toy"].run.id}

    with_store(job)


def test_training_that_nobody_renews_ends_by_itself(with_store: Any) -> None:
    async def job(store: SessionStore) -> None:
        tab = store.arrive("document").tabs["toy"]
        tab.set_config(ToyConfig(steps=100_000))
        await tab.ensure_run()
        tab.playing = True
        tab.start()
        await asyncio.sleep(TIMEOUT / 2)
        assert tab.state == "training" and tab.step > 0
        await asyncio.sleep(TIMEOUT)
        assert not tab.playing and tab.state == "paused"
        assert not store.scheduler.runs and not only_host(store.scheduler).runs
        at = tab.step
        await asyncio.sleep(10 * TIMEOUT)
        assert tab.step == at
        store.hear(next(iter(store.pages.values())))  # its laptop was asleep
        await asyncio.sleep(TIMEOUT / 2)
        assert tab.state == "training" and tab.step > at and tab.run.number == 1
        keys = [note["key"] for note in tab.log.newest()]
        assert keys.count("new_run") == keys.count("returned") == 1

    with_store(job)


def test_a_page_that_comes_back_late_finds_its_run_where_it_left_it(with_store: Any) -> None:
    async def job(store: SessionStore) -> None:
        page = store.arrive("document 1")
        await trained(page, 7)
        before = page.tabs["toy"].run.last
        store.leave(page, "document 1")
        await asyncio.sleep(10 * TIMEOUT)
        assert not store.scheduler.runs
        again = store.arrive("document 2", page.token)
        assert again is page and again.tabs["toy"].step == 7
        frame = await again.tabs["toy"].advance(max_steps=0)
        assert before is not None and frame.latest == before.latest and frame.step == 7
        assert frame.resumed_from is None, "no worker died"
        keys = [note["key"] for note in again.tabs["toy"].log.newest()]
        assert keys[-1] == "returned"
        alone = await undisturbed(store, 8)
        assert (await again.tabs["toy"].advance(max_steps=1)).latest == alone

    with_store(job)


async def undisturbed(store: SessionStore, steps: int) -> dict[str, float]:
    run = await store.scheduler.open("toy", ToyConfig(), "somebody else")
    return (await store.scheduler.advance(run, max_steps=steps)).latest


def test_a_page_that_is_remembered_for_too_long_is_forgotten_with_its_runs(with_store: Any) -> None:
    async def job(store: SessionStore) -> None:
        page = store.arrive("document 1")
        await trained(page)
        run = page.tabs["toy"].run.id
        await asyncio.sleep(2 * 3600)
        store.arrive("document 2")
        await asyncio.sleep(2 * TIMEOUT)  # the end of another lease clears up
        assert page.token not in store.pages and not store.scheduler.knows(run)
        assert not list(store.scheduler.folder.path.glob("*.pt")) and not (store.scheduler.folder.path / run).exists()
        assert store.arrive("document 3", page.token) is not page

    with_store(job)


def test_a_run_that_could_not_be_written_is_lost_with_a_note_and_keeps_no_place(
    with_store: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def job(store: SessionStore) -> None:
        page = store.arrive("document")
        await trained(page)
        full = OSError(28, "No space left on device")
        monkeypatch.setattr("playground.engine.checkpoints.FolderStore.write", lambda *_: (_ for _ in ()).throw(full))
        await asyncio.sleep(2 * TIMEOUT)
        assert not store.scheduler.runs and not page.tabs["toy"].run.id
        assert [note["key"] for note in page.tabs["toy"].log.newest()][-1] == "lost"

    with_store(job)


def test_a_reload_finds_its_page(with_store: Any) -> None:
    async def job(store: SessionStore) -> None:
        page = store.arrive("document 1")
        await trained(page)
        store.leave(page, "document 1")
        assert store.arrive("document 2", page.token) is page
        await asyncio.sleep(TIMEOUT / 2)
        store.leave(page, "document 1")  # it comes late, and is not of the document that is there now
        assert page.is_here
        other = store.arrive("document 3", "a guess")
        assert other is not page and other.token != page.token

    with_store(job)


@pytest.mark.parametrize(
    ("has_left", "alone", "keeps"),
    [(True, True, True), (True, None, True), (False, True, True), (False, None, False), (False, False, False)],
)
def test_a_copied_browser_tab_gets_a_page_of_its_own(
    with_store: Any, has_left: bool, alone: bool | None, keeps: bool
) -> None:
    async def job(store: SessionStore) -> None:
        page = store.arrive("document 1")
        await trained(page)
        if has_left:
            store.leave(page, "document 1")
        again = store.arrive("document 2", page.token, alone)
        assert (again is page) == keeps
        assert page.tabs["toy"].step == 3 and again.tabs["toy"].step == (3 if keeps else 0)

    with_store(job)


def test_the_tabs_of_a_document_that_say_hello_at_once_are_one_page(with_store: Any) -> None:
    async def job(store: SessionStore) -> None:
        one, again = store.arrive("document 1"), store.arrive("document 1")
        assert one is again and store.page(one.token) is one
        assert store.arrive("document 2") is not one and store.page("a guess") is None

    with_store(job)


def test_a_closed_run_is_gone(with_store: Any) -> None:
    async def job(store: SessionStore) -> None:
        page = store.arrive("document")
        await trained(page)
        await store.scheduler.close_all(page.token)
        with pytest.raises(Gone):
            await page.tabs["toy"].advance(max_steps=1)

    with_store(job)
