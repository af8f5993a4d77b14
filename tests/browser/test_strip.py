"""The strip above the pictures, as its visitor sees it: one step in slow motion, phase by phase, line by line."""

from __future__ import annotations

from typing import Literal

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Pages
from tests.browser.tab import Tab, button

TABS = {
    "autoencoder": Tab("autoencoder", ("latents",)),
    "gan": Tab("gan", ("points",)),
}
STRIP = ".step-strip:visible"
LIT_LINE = ".code-panel .line.running"
WATCH = """() => {
  const strip = [...document.querySelectorAll('.step-strip')].find((one) => one.offsetParent);
  window.seen = [];
  new MutationObserver(() => {
    const on = [...strip.querySelectorAll('.strip-network .on')];
    const lines = [...document.querySelectorAll('.code-panel .line.running')].map((line) => line.textContent.trim());
    window.seen.push({
      phase: strip.dataset.phase, lines, code: strip.querySelector('.strip-code').textContent,
      on: on.length, back: on.filter((one) => one.classList.contains('back')).length,
    });
  }).observe(strip, { attributes: true, attributeFilter: ['data-phase'] });
}"""

COUNT_DOTS = """() => {
  window.dots = 0;
  new MutationObserver(() => { dots += 1; }).observe(
    document.querySelector('.step-strip svg'), { subtree: true, attributes: true, attributeFilter: ['cx'] });
}"""


def whole_step(page: Page) -> list[dict[str, object]]:
    """What one step showed, phase by phase."""
    page.evaluate("window.seen = []")
    page.wait_for_function(
        "(() => { const ends = seen.flatMap(({ phase }, i) => (phase === '' ? [i] : []));"
        " return ends.length > 1; })()", timeout=20_000,
    )  # fmt: skip
    first, second = page.evaluate("seen.flatMap(({ phase }, i) => (phase === '' ? [i] : [])).slice(0, 2)")
    return list(page.evaluate("([a, b]) => seen.slice(a + 1, b)", [first, second]))


@pytest.mark.parametrize("slug", TABS)
def test_at_one_step_a_second_its_phases_light_up_in_order_with_their_lines(open_page: Pages, slug: str) -> None:
    tab = TABS[slug]
    page = tab.opened(open_page)
    expect(page.locator(STRIP)).to_have_count(0)
    page.locator("select.speed:visible").select_option("1 step/s")
    expect(page.locator(STRIP)).to_have_count(1)
    page.locator(".lesson-waits:visible").scroll_into_view_if_needed()  # the lesson comes when it is about to be seen
    page.locator(".code-panel:visible").wait_for()
    page.evaluate(WATCH)
    button(page, "train").click()
    tab.wait_step(page, 2)
    seen = whole_step(page)
    titles = page.locator(f"{STRIP} .strip-phases li").count()
    assert [int(str(one["phase"])) for one in seen] == list(range(titles))
    for one in seen:
        assert one["on"], one
        assert one["lines"] == [one["code"]], one
    backward = [one for one in seen if one["back"]]
    assert backward and all("backward()" in str(one["code"]) for one in backward)
    page.locator("select.speed:visible").select_option("Full speed")
    expect(page.locator(STRIP)).to_have_count(0)
    expect(page.locator(LIT_LINE)).to_have_count(0)
    tab.pause(page)


def test_the_button_step_shows_it_for_a_moment_and_full_speed_never(open_page: Pages) -> None:
    tab = TABS["autoencoder"]
    page = tab.opened(open_page)
    page.evaluate(WATCH.replace("find((one) => one.offsetParent)", "at(0)"))  # hidden still
    button(page, "step-button").click()
    page.wait_for_function("seen.at(-1)?.phase === ''", timeout=20_000)
    codes = [one["code"] for one in page.evaluate("seen") if one["back"]]
    assert codes == ["loss.backward()"]
    expect(page.locator(STRIP)).to_have_count(0)
    tab.train(page, 30)
    page.evaluate("window.seen = []")
    tab.train(page, 60)
    assert page.evaluate("seen") == []
    page.locator("select.speed:visible").select_option("5 steps/s")
    expect(page.locator(STRIP)).to_have_count(1)


@pytest.mark.parametrize("motion", ["no-preference", "reduce"])
def test_dots_move_unless_the_visitor_wants_no_motion(
    open_page: Pages, motion: Literal["no-preference", "reduce"]
) -> None:
    page = TABS["autoencoder"].opened(open_page)
    page.emulate_media(reduced_motion=motion)
    page.locator("select.speed:visible").select_option("1 step/s")
    expect(page.locator(f"{STRIP} .dot")).not_to_have_count(0)
    page.evaluate(COUNT_DOTS)
    page.evaluate(WATCH)
    button(page, "step-button").click()
    page.wait_for_function("seen.some(({ phase }) => phase === '')", timeout=20_000)
    assert (page.evaluate("dots") > 0) == (motion == "no-preference")


def test_points_leave_trails_within_a_run(open_page: Pages) -> None:
    tab = TABS["autoencoder"]
    page = tab.opened(open_page)
    page.locator("select.speed:visible").select_option("1 step/s")
    chart = tab.selector("latents") + " .chart"
    trails = f"document.querySelector('{chart}').data.filter((one) => one.mode === 'lines' && !one.name).length"
    for step, count in ((1, 0), (2, 10)):  # the first picture of a run follows those of another model
        button(page, "step-button").click()
        tab.wait_step(page, step)
        expect(tab.view(page, "latents").locator(".age")).to_be_hidden()
        page.wait_for_function(f"{trails} === {count}", timeout=20_000)


def test_it_draws_the_network_of_the_knobs(open_page: Pages) -> None:
    page = TABS["autoencoder"].opened(open_page)
    page.locator("select.speed:visible").select_option("1 step/s")
    expect(page.locator(f"{STRIP} text").filter(has_text="β KL")).to_have_count(1)
    page.locator('.field[data-field="model"]:visible').get_by_text("AE", exact=True).click()
    expect(page.locator(f"{STRIP} text").filter(has_text="β KL")).to_have_count(0)


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (1280, 720)])
def test_the_bar_and_the_large_picture_stay_in_view_together(open_page: Pages, width: int, height: int) -> None:
    page = TABS["autoencoder"].opened(open_page, width=width, height=height)
    hero = page.locator(".place-hero:visible")
    before = hero.bounding_box()
    page.locator("select.speed:visible").select_option("1 step/s")
    expect(page.locator(STRIP)).to_have_count(1)
    strip, after = page.locator(STRIP).bounding_box(), hero.bounding_box()
    assert before and after and strip
    assert 0 < after["y"] - before["y"] <= strip["height"] + 8
    assert after["y"] + after["height"] <= height
    assert strip["height"] <= 106
