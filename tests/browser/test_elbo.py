"""The ELBO tab's hero: q under the visitor's hand, before a run, paused and while it trains."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Pages
from tests.browser.tab import Tab, below, button
from tests.serving import SHOTS

TAB = Tab("elbo", ())
LINEAR = "&model=linear&x=1.5&mean=0.2&sigma=0.6"
BEST = (2 * 1.5 / 4.5, 1 / 3)
"""Mean and σ of the posterior of the linear model at x = 1.5."""


def opened(pages: Pages, query: str = LINEAR, **how: Any) -> Page:
    page = pages.open(f"?tab=elbo{query}", **how)
    TAB.wait_state(page, "ready", 60)
    handle(page, "x").wait_for()
    return page


def handle(page: Page, name: str) -> Locator:
    return page.locator(f'.elbo-bound .handle[data-handle="{name}"]:visible')


def typed(page: Page, knob: str) -> Locator:
    return page.locator(f'.elbo-bound input[data-knob="{knob}"]:visible')


def value(page: Page, knob: str) -> float:
    return float(typed(page, knob).input_value())


def drawn(page: Page) -> tuple[float, float]:
    """The ELBO and the gap as they are drawn, with all digits."""
    mark = page.locator('.elbo-bound [data-term="elbo"]:visible')
    return float(mark.get_attribute("data-value") or "nan"), float(mark.get_attribute("data-gap") or "nan")


def metric(page: Page, name: str) -> Locator:
    return page.locator(f'[data-metric="{name}"]:visible b')


def middle(of: Locator) -> tuple[float, float]:
    box = of.bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def fill(page: Page, knob: str, text: str) -> None:
    typed(page, knob).fill(text)
    typed(page, knob).press("Enter")


def solved(page: Page, count: str) -> None:
    expect(page.locator(".challenge-count:visible")).to_have_text(re.compile(count))


def close_by_keys(page: Page) -> None:
    """With the arrow keys of both handles, and the numbers in the fields."""
    for name, knob, goal in (("peak0", "mean", BEST[0]), ("flank0", "sigma", BEST[1])):
        handle(page, name).focus()
        for _ in range(200):
            away = goal - value(page, knob)
            if abs(away) < 0.006:
                break
            page.keyboard.press(("Shift+" if abs(away) > 0.11 else "") + ("ArrowRight" if away > 0 else "ArrowLeft"))


def test_keys_close_the_gap_before_anything_was_trained(open_page: Pages) -> None:
    page = opened(open_page)
    assert drawn(page) == pytest.approx((-3.43319, -1.92098 + 3.43319), abs=1e-5)
    close_by_keys(page)
    assert abs(drawn(page)[1]) <= 0.01
    solved(page, "1/")
    expect(page.locator(".challenge-news:visible")).to_be_visible()
    assert TAB.step(page) == 0
    expect(metric(page, "elbo")).to_have_text("-1.92")
    expect(handle(page, "flank0")).to_have_attribute("aria-valuetext", re.compile(r"Width of q: 0\.33"))


def test_one_drag_of_the_peak_closes_the_gap(open_page: Pages) -> None:
    page = opened(open_page)
    left, top = middle(handle(page, "peak0"))
    goal = aim_by_geometry(page, *BEST)
    page.mouse.move(left, top)
    page.mouse.down()
    page.mouse.move((left + goal[0]) / 2, (top + goal[1]) / 2)
    between = drawn(page)[1]
    page.mouse.move(*goal, steps=5)
    page.mouse.up()
    assert 0.01 < between < 1.51
    assert abs(drawn(page)[1]) <= 0.01
    solved(page, "1/")
    assert TAB.step(page) == 0


def aim_by_geometry(page: Page, mean: float, sigma: float) -> tuple[float, float]:
    """Where the peak of N(mean, σ²) would be: units of both axes are taken from the two handles."""
    left, top = middle(handle(page, "peak0"))
    now = value(page, "mean"), value(page, "sigma")
    flank_left, flank_top = middle(handle(page, "flank0"))
    unit = (flank_left - left) / now[1]  # pixels of a unit of z: the flank stands one σ from the peak
    height = (flank_top - top) / (1 - 0.60653)  # pixels of q's peak
    return left + unit * (mean - now[0]), top + height - height * now[1] / sigma


def test_a_finger_closes_the_gap(open_page: Pages) -> None:
    page = opened(open_page, width=390, height=844, touch=True)
    peak = handle(page, "peak0")
    peak.scroll_into_view_if_needed()
    (left, top), goal = middle(peak), aim_by_geometry(page, *BEST)
    touch = page.context.new_cdp_session(page)

    def send(kind: str, *points: tuple[float, float]) -> None:
        places = [{"x": x, "y": y} for x, y in points]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": places})

    before = page.evaluate("scrollY")
    send("touchStart", (left, top))
    for share in (0.25, 0.5, 0.75, 1):
        send("touchMove", (left + share * (goal[0] - left), top + share * (goal[1] - top)))
    send("touchEnd")
    assert page.evaluate("scrollY") == before, "the page stays under the finger"
    assert abs(drawn(page)[1]) <= 0.01
    solved(page, "1/")
    page.screenshot(path=SHOTS / "elbo-390-finger.png")


def test_numbers_can_be_typed_and_bad_ones_lose_nothing(open_page: Pages) -> None:
    page = opened(open_page)
    fill(page, "sigma", "7")
    expect(TAB.refusal(page)).to_contain_text("from 0.05 to 3")
    expect(typed(page, "sigma")).to_have_value("7")
    assert drawn(page)[0] == pytest.approx(-3.43319, abs=1e-5)
    fill(page, "sigma", "0.3333")
    expect(TAB.refusal(page)).to_have_count(0)
    fill(page, "mean", "0.6667")
    assert drawn(page)[1] == pytest.approx(0, abs=1e-6)
    button(page, "bound-reset").click()
    assert drawn(page)[0] == pytest.approx(-3.43319, abs=1e-5)
    assert (value(page, "mean"), value(page, "sigma")) == (0.2, 0.6)
    expect(metric(page, "elbo")).to_have_text("-3.43")
    fill(page, "x", "0")  # with x the mark at log p(x) moves, and q stays
    expect(metric(page, "log_evidence")).to_have_text("-1.67")
    assert (value(page, "mean"), value(page, "sigma")) == (0.2, 0.6)


def test_a_drag_in_mid_run_acts_at_its_step(open_page: Pages) -> None:
    page = opened(open_page, f"{LINEAR}&steps=100000&gradient=exact&lr=0.001")
    button(page, "train").click()
    TAB.wait_step(page, 50)
    left, top = middle(handle(page, "peak0"))
    page.mouse.move(left, top)
    page.mouse.down()
    page.mouse.move(left - 60, top, steps=4)
    page.wait_for_timeout(500)  # the last move is drawn
    held = drawn(page)[0], value(page, "mean")
    TAB.wait_step(page, TAB.step(page) + 40)
    assert (drawn(page)[0], value(page, "mean")) == held, "it does not move under the hand"
    step = TAB.step(page)
    page.mouse.up()
    climbed = "([input, mean]) => Number(document.querySelector(input).value) > mean + 0.02"
    page.wait_for_function(climbed, arg=['.elbo-bound input[data-knob="mean"]', held[1]])
    TAB.wait_step(page, step + 400)
    button(page, "train").click()
    TAB.wait_state(page, "paused")
    shown = json.loads(page.locator(TAB.selector("climb")).locator(".chart").evaluate(
        "plot => JSON.stringify(plot.data.map(({ x, y }) => ({ x: Array.from(x), y: Array.from(y) })))"
    ))  # fmt: skip
    below(page, "Log")
    log = page.locator(".log:visible").inner_text()
    told = re.findall(r"step ([\d,]+): moves → (\d+)", log)
    first, last = (int(told[i][0].replace(",", "")) for i in (-1, 0))
    assert 50 <= first < step and told[-1][1] == "1"
    assert step <= last <= TAB.step(page), "it climbs from where the hand left it, not from what was trained under it"
    elbo = next(dict(zip(line["x"], line["y"], strict=True)) for line in shown if min(line["y"]) < -2)
    before = max(y for x, y in elbo.items() if x < first)
    after = min(y for x, y in elbo.items() if last <= x <= last + 200)
    assert after < before - 0.5, "the curve shows the move"


def test_what_is_drawn_is_what_is_measured(open_page: Pages) -> None:
    for query, start in (
        ("&model=curved&mean2=0&correlation=0.4", "middle"),
        ("&family=two-gaussians&mean=-0.5&mean2=0.5", "peak1"),
        ("", "peak0"),
    ):
        page = opened(open_page, query)
        handle(page, start).focus()
        page.keyboard.press("Shift+ArrowRight")
        page.keyboard.press("ArrowUp")
        elbo, gap = drawn(page)
        for name, drawing in (("elbo", elbo), ("kl_gap", gap)):
            page.wait_for_function(
                "([name, value]) => { const b = document.querySelector(`[data-metric='${name}'] b`);"
                " return b && Math.abs(Number(b.textContent.replace(',', '')) - value) < 0.006; }",
                arg=[name, drawing],
            )  # fmt: skip
        page.context.close()


def test_it_fits_every_screen(open_page: Pages) -> None:
    page = opened(open_page, "&objective=all")
    TAB.train(page, 30)
    TAB.looks(page, "elbo", "1440-light", "1440-dark", "1280-light", "390-light")
    page.set_viewport_size({"width": 1440, "height": 900})
    page.emulate_media(forced_colors="active", color_scheme="dark")
    page.wait_for_timeout(700)
    page.screenshot(path=SHOTS / "elbo-1440-forced.png")
