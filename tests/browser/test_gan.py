"""The GAN tab as a visitor uses it: the duel, its half-steps, a distribution that is drawn and followed, digits."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.conftest import Pages
from tests.browser.tab import SIZES, Tab, button

TAB = Tab("gan", ("points", "noise_map", "quality", "beliefs"))
CANVAS = "canvas.duel"


def at(page: Page, x: float, y: float) -> tuple[float, float]:
    """A place of the plane, which is shown from −3 to 3, on the screen."""
    box = page.locator(CANVAS).bounding_box()
    assert box
    scale = min(box["width"], box["height"]) / 6
    return box["x"] + box["width"] / 2 + x * scale, box["y"] + box["height"] / 2 - y * scale


def draw_a_line(page: Page) -> None:
    """A level stroke low in the plane, with the pencil."""
    page.mouse.move(*at(page, -2.5, -2.2))
    page.mouse.down()
    for x in range(-5, 6):
        page.mouse.move(*at(page, x / 2, -2.2))
    page.mouse.up()


def test_the_default_covers_all_modes_and_a_click_cuts_through_the_plane(open_page: Pages) -> None:
    page = TAB.opened(open_page)
    button(page, "train").click()
    TAB.wait_metric(page, "modes_covered", 8)
    TAB.pause(page)
    page.mouse.click(*at(page, 0.5, 1.4))
    cut = TAB.view(page, "inset-cut").and_(page.locator(".drawn"))
    expect(cut).to_contain_text("y = 1.4")
    cut.locator(".close").click()
    page.mouse.move(*at(page, 0, 0))
    expect(page.locator(".duel-words")).to_contain_text("D = 0.")
    button(page, "train").click()
    TAB.looks(page, "gan", *SIZES)


def test_one_step_shows_its_halves_in_their_order(open_page: Pages) -> None:
    page = TAB.opened(open_page)
    page.evaluate(
        "s => { window.phases = [];"
        " new MutationObserver(() => { const { phase } = document.querySelector(s).dataset;"
        " if (phase !== window.phases.at(-1)) window.phases.push(phase); })"
        ".observe(document.querySelector(s), { attributes: true, attributeFilter: ['data-phase'] }); }",
        CANVAS,
    )  # fmt: skip
    button(page, "step-button").click()
    TAB.wait_step(page, 1)
    page.wait_for_function("window.phases.at(-1) === 'whole' && window.phases.length > 3", timeout=10_000)
    assert page.evaluate("window.phases.slice(-4)") == ["discriminator", "gradients", "generator", "whole"]


def test_a_drawing_before_any_run_opens_one_at_step_0(open_page: Pages) -> None:
    page = TAB.opened(open_page, "&data=drawn")
    page.locator(".pencil:visible").click()
    draw_a_line(page)
    page.wait_for_function("location.search.includes('drawing=')")
    TAB.wait_state(page, "ready")
    assert TAB.step(page) == 0
    expect(TAB.view(page, "points").locator(".age")).to_be_hidden()  # it would say "pre-trained"


def test_the_generator_moves_to_where_a_visitor_draws(open_page: Pages) -> None:
    page = TAB.opened(open_page, "&data=drawn")
    button(page, "train").click()
    TAB.wait_metric(page, "high_quality", 0.7)
    page.locator(".pencil").click()
    draw_a_line(page)
    page.locator(".pencil").click()
    page.wait_for_function("location.search.includes('drawing=')")
    # All real points lie in the stroke now, far below the heart: only there is a generated one good.
    page.wait_for_function(
        "(m) => Number(document.querySelector(`[data-metric='${m}'] b`).textContent) < 0.5", arg="high_quality"
    )
    TAB.wait_metric(page, "high_quality", 0.8)
    drawn = page.evaluate("location.search")
    TAB.pause(page)
    page.screenshot(path="screenshots/gan-drawn-1440-light.png")
    other = TAB.opened(open_page, drawn.partition("tab=gan")[2])
    expect(other.locator('.field[data-field="data"] select')).to_have_value("drawn")
    assert drawn.partition("drawing=")[2][:60] in other.evaluate("location.search"), "a link has the drawing"


def test_a_preset_runs_digits_and_a_click_on_one_shows_its_nearest(open_page: Pages) -> None:
    page = TAB.opened(open_page)
    page.select_option("#gan-preset", "digits")
    TAB.wait_step(page, 20)
    expect(TAB.view(page, "samples")).to_be_visible()
    expect(TAB.view(page, "points")).to_be_hidden()
    TAB.pause(page)
    TAB.view(page, "samples").locator(".chart").click(position={"x": 200, "y": 200})
    expect(TAB.view(page, "inset-nearest").and_(page.locator(".drawn"))).to_contain_text("nearest training digits")
    TAB.looks(page, "gan-digits", "1440-dark", "1280-light")
