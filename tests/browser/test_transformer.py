"""The Transformer tab as a visitor uses it: a date typed and read, a click into a map, a bad character."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.tab import Tab, button
from tests.serving import SHOTS

pytestmark = pytest.mark.browser
TAB = Tab("transformer", ("maps", "enlarged", "answer", "progress"))
opened, view, wait_state, wait_step = TAB.opened, TAB.view, TAB.wait_state, TAB.wait_step


def train_until(page: Page, metric: str, least: float, seconds: float = 120) -> None:
    button(page, "train").click()
    TAB.wait_metric(page, metric, least, seconds)
    button(page, "train").click()
    wait_state(page, "paused")


def probe(page: Page, name: str) -> None:
    page.get_by_role("tab", name="Ask the model").locator("visible=true").click()
    page.get_by_role("tab", name=name).locator("visible=true").click()


def typed(page: Page, text: str) -> None:
    field = page.locator(".question .block:visible", has_text="Text").locator("textarea, input").first
    field.fill(text)
    field.press("Enter")


def test_everything_is_on_one_screen_at_1440(open_page):
    page = opened(open_page)
    for box in (view(page, name).bounding_box() for name in TAB.views):
        assert box and box["y"] >= 0 and box["y"] + box["height"] <= 900 and box["x"] + box["width"] <= 1440
    expect(view(page, "maps").locator(".badge")).to_be_visible()
    page.screenshot(path=SHOTS / "transformer-open-1440-light.png")


def test_a_typed_date_is_rewritten_and_its_map_shown(open_page):
    page = opened(open_page)
    train_until(page, "heldout/sequence_accuracy", 0.95)
    page.screenshot(path=SHOTS / "transformer-trained-1440-light.png")
    probe(page, "Type a text")
    typed(page, "March 3, 2021")
    answer = view(page, "probe-write")
    expect(answer).to_contain_text("march 3, 2021 → 2021-03-03", timeout=20_000)
    rows = page.eval_on_selector('.live-plot[data-view="probe-write"] .plot', "p => p.layout.yaxis.ticktext.join('')")
    assert rows == "2021-03-03⊣"
    page.screenshot(path=SHOTS / "transformer-write-1440-light.png", full_page=True)
    refusal = page.locator('.question [role="alert"]:visible')
    typed(page, "März 3")
    expect(refusal).to_contain_text("ä can't be read here; this task takes a written date", timeout=20_000)
    typed(page, "x" * 40)
    expect(refusal).to_contain_text("40 characters, 18 is the most", timeout=20_000)
    expect(answer).to_contain_text("2021-03-03")


def test_a_click_in_a_map_shows_the_numbers_inside(open_page):
    page = opened(open_page)
    button(page, "step-button").click()
    wait_step(page, 1)
    view(page, "maps").locator(".plot").click(position={"x": 90, "y": 90})
    expect(view(page, "inset-inside").locator(".main-svg").first).to_be_visible(timeout=20_000)
    probe(page, "Inside a head")
    expect(view(page, "probe-inside")).to_contain_text("softmax", timeout=20_000)
    row = page.locator(".question .block:visible", has_text="Row").locator("input[type=number]").last
    expect(row).to_have_value("4")  # the click's
    row.fill("6")
    row.press("Enter")
    button(page, "ask").click()
    expect(view(page, "probe-inside")).to_contain_text("where does “m” look?", timeout=20_000)
    page.screenshot(path=SHOTS / "transformer-inside-1440-light.png", full_page=True)
    for name, title, said in (
        ("head", "Enlarge a head", "cross 1, head 1"),
        ("off", "Switch a head off", "without cross 1.1"),
        ("edit", "Edit a character", "how far its distribution moved"),
        ("shuffle", "Shuffle the text", "moved by"),
    ):
        probe(page, title)
        button(page, "ask").click()
        expect(view(page, f"probe-{name}")).to_contain_text(said, timeout=20_000)
        page.screenshot(path=SHOTS / f"transformer-{name}-1440-light.png", full_page=True)
    refused = page.locator('.question [role="alert"]:visible')
    probe(page, "Switch a head off")
    head = page.locator(".question .block:visible", has_text="Head").locator("input[type=number]").last
    head.fill("7")
    head.press("Enter")
    button(page, "ask").click()
    expect(refused).to_contain_text("Head: 7 is too many, the last of this model is 4", timeout=20_000)


def test_pointing_at_a_row_draws_lines_to_what_its_token_looks_at(open_page):
    page = opened(open_page)
    plot = view(page, "enlarged").locator(".plot")
    plot.hover(position={"x": 150, "y": 150})
    lines = view(page, "enlarged").locator(".links path")
    expect(lines.first).to_be_visible()
    weights = view(page, "enlarged").locator(".plot").evaluate("p => Array.from(p.data[0].z, z => Array.from(z))")
    assert lines.count() in {sum(w >= 0.02 for w in row) for row in weights}
    page.screenshot(path=SHOTS / "transformer-links-1440-light.png")
    page.mouse.move(5, 5)
    expect(lines.first).to_be_hidden()


LOOKS = [
    ("1440-dark", "&task=reverse&positions=learned&heads=2", 1440, 900, True),
    ("390-light", "", 390, 844, False),
    ("repeat-1280-light", "&task=repeat&layers=2&positions=rotary", 1280, 720, False),
]


@pytest.mark.parametrize(("name", "query", "width", "height", "dark"), LOOKS)
def test_looks(open_page, name, query, width, height, dark):
    page = opened(open_page, query, width=width, height=height, dark=dark)
    button(page, "train").click()
    wait_step(page, 150)
    button(page, "train").click()
    wait_state(page, "paused")
    page.wait_for_timeout(1000)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "scrolls sideways"
    page.screenshot(path=SHOTS / f"transformer-{name}.png")
