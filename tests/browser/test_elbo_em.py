"""EM in the ELBO tab as a visitor uses it: both halves by hand, before a run and while it trains."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Pages
from tests.browser.tab import Tab, button

TAB = Tab("elbo", ("mixture",))
NUMBERS = re.compile(r"log-likelihood (−[\d.]+), bound (−[\d.]+), gap ([\d.]+) nats")


def opened(open_page: Pages, steps: int) -> Page:
    page = open_page.open(f"?tab=elbo&model=mixture&steps={steps}")
    TAB.wait_state(page, "ready", 60)
    expect(half(page, "e")).to_be_visible()
    return page


def half(page: Page, name: str) -> Locator:
    return TAB.view(page, "mixture").locator(f'button[data-half="{name}"]')


def numbers(page: Page, arm: int) -> tuple[float, float, float]:
    """Log-likelihood, bound and gap, as an arm's panel says them."""
    found = NUMBERS.search(TAB.view(page, "mixture").locator(".mixture-title").nth(arm).inner_text())
    assert found
    likelihood, bound, gap = (float(number.replace("−", "-")) for number in found.groups())
    assert abs(likelihood - bound - gap) < 2e-4
    return likelihood, bound, gap


def is_due(page: Page, name: str, halves: int) -> None:
    room = TAB.view(page, "mixture").locator(f'.mixture[data-due="{name}"][data-halves="{halves}"]')
    expect(room).to_have_count(1)


def test_both_halves_by_hand_before_a_run(open_page: Pages) -> None:
    page = opened(open_page, 60)
    half(page, "e").click()
    is_due(page, "m", 1)
    assert TAB.step(page) == 0
    start, exact, restricted = numbers(page, 0)[0], numbers(page, 0), numbers(page, 1)
    assert exact[2] == 0 and restricted[2] > 0.01 and restricted[0] == start
    half(page, "m").click()
    is_due(page, "e", 2)
    assert numbers(page, 0)[0] > start and numbers(page, 0)[2] > 0
    half(page, "m").click()  # not due
    half(page, "e").click()
    is_due(page, "m", 3)
    assert numbers(page, 0)[2] == 0 and TAB.step(page) == 0
    button(page, "step-button").click()
    TAB.wait_step(page, 1)
    is_due(page, "e", 4)


def test_a_half_by_hand_while_it_trains(open_page: Pages) -> None:
    page = opened(open_page, 100_000)
    page.locator("select.speed:visible").select_option("1 step/s")
    button(page, "train").click()
    TAB.wait_step(page, 2)
    for _ in range(3):  # one of the two is due at any time
        half(page, "e").click()
        half(page, "m").click()
    TAB.pause(page)
    more = (
        "([s, m]) => Number(document.querySelector(m).dataset.halves) > Number(document.querySelector(s).dataset.step)"
    )
    page.wait_for_function(more, arg=[TAB.status, TAB.selector("mixture") + " .mixture"])  # by hand is no step
    assert numbers(page, 1)[2] > 0.01
