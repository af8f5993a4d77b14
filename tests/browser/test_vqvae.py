"""The VQ-VAE tab as a visitor uses it: a codebook collapses and is revived, codes are swapped, a prior draws digits."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Pages
from tests.browser.tab import Tab, below, button
from tests.serving import SHOTS, Server

TAB = Tab("vqvae", ("vectors", "maps", "usage", "progress"))
COLLAPSE = "&update=VQ%20loss&restart=off&lr=0.001&beta=1"
view, wait_metric = TAB.view, TAB.wait_metric
SIZES = ("1440-light", "1280-dark", "390-light")


def pick(page: Page, knob: str, choice: str) -> None:
    """Of a knob whose choices stand side by side."""
    page.locator(f'.field[data-field="{knob}"]:visible').get_by_label(choice, exact=True).check(force=True)


def metric(page: Page, name: str) -> float:
    return float(page.locator(f"[data-metric='{name}'] b").inner_text().replace(",", ""))


def wait_trace(page: Page, name: str, trace: str) -> None:
    """Until a trace of a chart has points."""
    page.wait_for_function(
        "([s, t]) => document.querySelector(s).data.find((one) => one.name === t)?.x.length > 0",
        arg=[TAB.selector(name) + " .chart", trace], timeout=60_000,
    )  # fmt: skip


def click_at(page: Page, name: str, x: float, y: float) -> None:
    """A click in a chart, in its axes' units."""
    view(page, name).scroll_into_view_if_needed()
    page.mouse.click(*TAB.place(page, name, x, y))


def codes_in_plane(page: Page) -> list[tuple[int, float, float]]:
    return page.eval_on_selector(
        TAB.selector("vectors") + " .chart",
        "p => { const t = p.data.find((one) => one.name === 'codes');"
        " return t.customdata.map((c, i) => [c[0], t.x[i], t.y[i]]); }",
    )  # fmt: skip


class Map:
    """A digit's map of codes, in the picture or in an answer."""

    def __init__(self, page: Page, name: str) -> None:
        self.page, self.box = page, view(page, name)
        self.words, self.grid, self.book = (self.box.locator(s) for s in (".code-words", ".grid", ".book"))
        self.after, self.undo = self.box.locator("img.after"), self.box.locator(".undo")

    def source(self, picture: str) -> str:
        return self.box.locator(f"img.{picture}").get_attribute("src") or ""

    def choose(self, place: int) -> None:
        box = self.grid.bounding_box()
        assert box
        row, column = divmod(place, 7)
        self.grid.click(position={"x": box["width"] * (column + 0.5) / 7, "y": box["height"] * (row + 0.5) / 7})
        expect(self.words).to_contain_text(f"Row {row + 1}, column {column + 1}:")

    def wait_after(self, src: str) -> None:
        expect(self.after).to_have_attribute("src", src)

    def wait_other_than(self, src: str) -> None:
        expect(self.after).not_to_have_attribute("src", src)


@pytest.fixture(scope="module")
def revived(server: Server, browser: Browser) -> Iterator[tuple[Page, dict[str, float]]]:
    """A page whose codebook has collapsed and then been revived, paused; and how many codes were in use before."""
    pages = Pages(browser, server)
    page = pages.open("?tab=vqvae" + COLLAPSE)
    page.wait_for_selector(TAB.status + "[data-settled]", timeout=60_000)  # the knobs of the link have come
    button(page, "train").click()
    TAB.wait_step(page, 300, 120)
    seen = {"collapsed": metric(page, "codes_used"), "restarts": metric(page, "restarts")}
    page.screenshot(path=SHOTS / "vqvae-collapsed-1440-light.png")
    TAB.pause(page)
    at = TAB.step(page)
    pick(page, "restart", "encoder output")
    button(page, "step-button").click()  # draws every picture, where training draws those that it can afford
    TAB.wait_step(page, at + 1)
    wait_trace(page, "vectors", "re-initialised")
    page.screenshot(path=SHOTS / "vqvae-jumps-1440-light.png")
    button(page, "train").click()
    TAB.wait_step(page, at + 250)  # many of those revived first die again
    wait_metric(page, "codes_used", 100)
    seen["revived"] = metric(page, "codes_used")
    TAB.wait_draws(page, "progress", 1)
    TAB.pause(page)
    yield page, seen
    pages.close()


@pytest.fixture
def page(revived: tuple[Page, dict[str, float]]) -> Page:
    return revived[0]


@pytest.fixture
def swaps(page: Page) -> Map:
    """The first digit's map, its middle chosen and nothing swapped."""
    page.evaluate("scrollTo(0, 0)")
    click_at(page, "maps", 0.5, 1.5)
    found = Map(page, "inset-swap")
    expect(found.words).to_contain_text("Row 4, column 4: code ")
    expect(found.words).not_to_contain_text("swapped")
    return found


def test_a_codebook_collapses_and_is_revived_while_it_trains(revived: tuple[Page, dict[str, float]]) -> None:
    page, seen = revived
    assert seen["collapsed"] <= 40 and seen["restarts"] == 0
    assert seen["revived"] >= 100 and metric(page, "restarts") > 0
    wait_trace(page, "progress", "re-initialised")
    assert "update=vq-loss" in page.url and "restart" not in page.url, "it is as by default again"


def test_everything_is_on_one_screen_at_1440(page: Page) -> None:
    page.evaluate("scrollTo(0, 0)")
    for box in (view(page, name).bounding_box() for name in TAB.views):
        assert box and box["y"] >= 0 and box["y"] + box["height"] <= 900 and box["x"] + box["width"] <= 1440


def test_a_code_is_swapped_by_mouse_and_all_is_undone(page: Page, swaps: Map) -> None:
    before = swaps.source("before")
    assert swaps.source("after") == before != swaps.source("x")
    expect(swaps.undo).to_be_hidden()
    swaps.book.hover(position={"x": 60, "y": 30})  # a preview only
    swaps.wait_other_than(before)
    expect(swaps.words).to_contain_text("swapped for")
    page.mouse.move(5, 5)
    swaps.wait_after(before)
    expect(swaps.words).not_to_contain_text("swapped for")
    swaps.book.click(position={"x": 60, "y": 30})
    page.mouse.move(5, 5)
    swaps.wait_other_than(before)
    swaps.choose(30)
    swaps.book.click(position={"x": 120, "y": 50})
    expect(swaps.words).to_contain_text("Row 5, column 3: code ")
    assert swaps.source("before") == before
    page.screenshot(path=SHOTS / "vqvae-swapped-1440-light.png")
    swaps.undo.click()
    swaps.wait_after(before)
    expect(swaps.undo).to_be_hidden()


def test_codes_are_swapped_by_keys(page: Page, swaps: Map) -> None:
    before = swaps.source("before")
    swaps.grid.focus()
    for key, where in (("ArrowRight", "Row 4, column 5:"), ("ArrowDown", "Row 5, column 5:"),
                       ("ArrowLeft", "Row 5, column 4:"), ("ArrowUp", "Row 4, column 4:")):  # fmt: skip
        page.keyboard.press(key)
        expect(swaps.words).to_contain_text(where)
    swaps.book.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    swaps.wait_other_than(before)
    page.keyboard.press("Enter")
    expect(swaps.words).to_contain_text("swapped for")
    swaps.undo.click()
    swaps.wait_after(before)


def test_a_code_pointed_at_in_the_plane_or_the_bars_is_swapped_in(page: Page, swaps: Map) -> None:
    before = swaps.source("before")
    own = int((re.search(r"code (\d+)", swaps.words.inner_text()) or ["", "-1"])[1])
    code, x, y = next(one for one in codes_in_plane(page) if one[0] != own)
    click_at(page, "vectors", x, y)
    expect(swaps.words).to_contain_text(f"Row 4, column 4: code {own} swapped for {code},")
    swaps.wait_other_than(before)
    bar = 77 if own != 77 else 78
    click_at(page, "usage", bar, 1)
    expect(swaps.words).to_contain_text(f"code {own} swapped for {bar},")
    swaps.choose(31)
    expect(swaps.words).not_to_contain_text("swapped")
    swaps.choose(24)
    expect(swaps.words).to_contain_text(f"swapped for {bar},")  # it stayed
    swaps.undo.click()
    swaps.wait_after(before)


def test_looks(page: Page, swaps: Map) -> None:
    swaps.book.click(position={"x": 60, "y": 30})
    expect(swaps.words).to_contain_text("swapped for")
    TAB.looks(page, "vqvae", *SIZES)
    box = swaps.grid.bounding_box()
    assert box and abs(box["width"] - box["height"]) < 1, "a map is square on a phone too"
    swaps.box.locator(".close").click()
    TAB.looks(page, "vqvae-plain", *SIZES[1:], "1440-light")  # as it was, for other tests


def test_a_drawn_digit_is_written_in_codes(page: Page) -> None:
    below(page, "Ask the model", "Draw a digit")
    canvas = page.locator(".draw-pad canvas:visible")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] * 0.2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y + box["height"] * 0.6, steps=7)
    page.mouse.up()
    drawn = Map(page, "probe-draw")
    expect(drawn.words).to_contain_text("Row 4, column 4: code ")
    drawn.choose(3)
    drawn.book.click(position={"x": 60, "y": 30})
    drawn.wait_other_than(drawn.source("before"))
    page.screenshot(path=SHOTS / "vqvae-draw-1440-light.png", full_page=True)


def test_the_prior_learns_the_codes_and_draws_digits(page: Page) -> None:
    page.evaluate("scrollTo(0, 0)")
    below(page, "More pictures")
    samples = view(page, "samples")
    expect(samples.locator(".no-prior")).to_be_visible()
    at = TAB.step(page)
    pick(page, "stage", "prior")
    button(page, "train").click()
    TAB.wait_step(page, at + 60, 120)
    samples.scroll_into_view_if_needed()
    for places in (1, 20, 49):
        condition = "([s, n]) => Number(document.querySelector(s).dataset.filled) >= n"
        page.wait_for_function(condition, arg=[TAB.selector("samples") + " .filling", places], timeout=60_000)
    expect(samples.locator(".no-prior")).to_be_hidden()
    button(page, "train").click()
    page.wait_for_selector(TAB.selector("prior_progress") + ".drawn")
    page.screenshot(path=SHOTS / "vqvae-prior-1440-light.png", full_page=True)
    wait_metric(page, "prior/heldout_loss", 0.1, 10)


def test_no_serious_accessibility_violation(page: Page) -> None:
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page, context={"include": [[".tab-box"]]}).response["violations"]
    assert not [(v["id"], [n["html"] for n in v["nodes"]]) for v in found if v["impact"] in ("critical", "serious")]
