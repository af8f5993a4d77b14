"""A run belongs to its page, whatever happens to connections: outages, impatient proxies, reloads, many windows."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import shown
from tests.browser.tab import Tab, below, button, fill
from tests.lossy_proxy import LossyProxy
from tests.serving import SHOTS, Server

TAB = Tab("autoencoder", ("latents",))
HERO = TAB.selector("latents") + " .chart"


@pytest.fixture
def proxy(server: Server) -> Iterator[LossyProxy]:
    made = LossyProxy(server.port)
    yield made
    made.close()


@pytest.fixture
def page(browser: Browser, proxy: LossyProxy) -> Iterator[Page]:
    """Behind the proxy; failed requests are logged by the browser, which is no fault of the page."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    made = context.new_page()
    made.goto(proxy.url + "/?tab=autoencoder")
    TAB.wait_drawn(made)
    yield made
    context.close()


def trained(page: Page) -> int:
    TAB.train(page, 60)
    return TAB.step(page)


def test_two_seconds_without_a_connection_lose_nothing_while_nothing_trains(page: Page, proxy: LossyProxy) -> None:
    at = trained(page)
    proxy.cut()
    time.sleep(2)
    proxy.heal()
    page.locator(HERO).click(position={"x": 260, "y": 240})
    inset = TAB.view(page, "inset-decode")
    expect(inset.locator(".main-svg").first).to_be_visible()
    expect(inset.locator(".age")).to_be_hidden()  # it would say "pre-trained", or another step
    assert TAB.step(page) == at
    TAB.wait_state(page, "paused")
    button(page, "train").click()
    TAB.wait_step(page, at + 20)
    TAB.pause(page)
    at = TAB.step(page)
    page.reload(wait_until="commit")
    shown(page)
    TAB.wait_state(page, "paused")
    assert TAB.step(page) == at


def test_a_click_made_while_the_connection_is_away_is_not_forgotten(page: Page, proxy: LossyProxy) -> None:
    at = trained(page)
    proxy.cut()
    button(page, "step-button").click()
    expect(page.get_by_text("Reconnecting…")).to_be_visible()
    page.screenshot(path=SHOTS / "reconnecting-1440-light.png")
    time.sleep(1)
    proxy.heal()
    TAB.wait_step(page, at + 1)
    expect(page.get_by_text("Reconnecting…")).to_be_hidden()
    page.wait_for_timeout(1500)
    assert TAB.step(page) == at + 1, "it acted once"


def test_training_goes_on_through_an_outage_and_the_page_heals_without_a_reload(page: Page, proxy: LossyProxy) -> None:
    page.evaluate("window.neverReloaded = true")
    button(page, "train").click()
    TAB.wait_step(page, 30)
    proxy.cut()
    expect(page.get_by_text("Reconnecting…")).to_be_visible()
    at = TAB.step(page)
    time.sleep(3)
    assert TAB.step(page) == at
    proxy.heal()
    TAB.wait_step(page, at + 60, 10)
    TAB.wait_draws(page, "latents", 2)
    expect(page.get_by_text("Reconnecting…")).to_be_hidden()
    TAB.pause(page)
    assert page.evaluate("window.neverReloaded")
    below(page, "Log")
    expect(page.locator(".log li").filter(has_text="new run")).to_have_count(1)


def test_a_proxy_that_cuts_every_connection_after_a_second_does_no_harm(browser: Browser, server: Server) -> None:
    proxy = LossyProxy(server.port, longest=1.0)
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    try:
        page = context.new_page()
        page.goto(proxy.url + "/?tab=autoencoder")
        TAB.wait_drawn(page)
        button(page, "train").click()
        TAB.wait_step(page, 400)
        TAB.pause(page)
        at = TAB.step(page)
        page.wait_for_timeout(8000)  # idle for longer than the server's timeout of 6 seconds
        button(page, "step-button").click()
        TAB.wait_step(page, at + 1)
        assert TAB.step(page) == at + 1
    finally:
        context.close()
        proxy.close()


def test_a_step_back_within_the_timeout_finds_the_run(page: Page, proxy: LossyProxy) -> None:
    at = trained(page)
    page.goto("about:blank")
    page.wait_for_timeout(1000)
    page.go_back()
    TAB.wait_state(page, "paused")
    assert TAB.step(page) == at
    button(page, "step-button").click()
    TAB.wait_step(page, at + 1)


def test_a_page_that_was_away_for_too_long_finds_its_run_on_disk(page: Page, proxy: LossyProxy) -> None:
    at = trained(page)
    proxy.cut()
    time.sleep(14)  # the server's timeout is 6 seconds
    proxy.heal()
    button(page, "train").click()
    TAB.wait_step(page, at + 20)
    TAB.pause(page)
    below(page, "Log")
    expect(page.locator(".log li").filter(has_text="new run")).to_have_count(1)


def test_a_copied_browser_tab_gets_a_run_of_its_own(page: Page) -> None:
    at = trained(page)
    stored = page.evaluate("Object.entries(sessionStorage)")
    copy = page.context.new_page()
    copy.goto(page.url.split("?")[0])
    copy.evaluate("entries => entries.forEach(([k, v]) => sessionStorage.setItem(k, v))", stored)
    copy.goto(page.url)
    copy.evaluate("entries => entries.forEach(([k, v]) => sessionStorage.setItem(k, v))", stored)
    copy.reload()
    TAB.wait_state(copy, "ready")
    assert TAB.step(copy) == 0
    button(copy, "step-button").click()
    TAB.wait_step(copy, 1)
    assert TAB.step(page) == at
    button(page, "step-button").click()
    TAB.wait_step(page, at + 1)
    page.reload()
    TAB.wait_state(page, "paused")
    assert TAB.step(page) == at + 1 and TAB.step(copy) == 1


@pytest.mark.alone
def test_eight_windows_of_one_browser_train_and_answer(browser: Browser, server: Server) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 720})
    pages = [context.new_page() for _ in range(8)]
    try:
        for page in pages:
            page.goto(f"{server.url}/?tab=autoencoder&steps=100000")
            TAB.wait_state(page, "ready", 60)
            button(page, "train").click()
        for page in pages:
            TAB.wait_step(page, 5)
        at = [TAB.step(page) for page in pages]
        for page, step in zip(pages, at, strict=True):
            TAB.wait_step(page, step + 5)
        began = time.monotonic()
        button(pages[-1], "train").click()
        TAB.wait_state(pages[-1], "paused")
        assert time.monotonic() - began < 10
    finally:
        context.close()


def test_a_finished_run_offers_more_steps_and_a_reset_can_be_undone(page: Page) -> None:
    fill(page, "steps", "60") if page.locator('.field[data-field="steps"]:visible').count() else page.goto(
        page.url.split("?")[0] + "?tab=autoencoder&steps=60"
    )
    TAB.wait_state(page, "ready")
    button(page, "train").click()
    TAB.wait_state(page, "done", 60)
    expect(button(page, "train")).to_have_text("▶ Train 1,000 more steps")
    page.screenshot(path=SHOTS / "done-1440-light.png")
    page.wait_for_timeout(700)  # a click right after the end is taken for a late pause
    button(page, "train").click()
    TAB.wait_step(page, 90)
    TAB.pause(page)
    at = TAB.step(page)
    assert "steps=1060" in page.evaluate("location.search")
    button(page, "reset").click()
    TAB.wait_state(page, "ready")
    page.get_by_role("button", name="Undo").locator("visible=true").click()
    TAB.wait_state(page, "paused")
    assert TAB.step(page) == at
    button(page, "step-button").click()
    TAB.wait_step(page, at + 1)
