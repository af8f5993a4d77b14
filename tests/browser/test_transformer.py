"""The Transformer tab as a visitor uses it: a date typed and read, a click into a map, a bad character."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Pages
from tests.browser.tab import SIZES, Tab, ask, below, button, field, fill
from tests.serving import SHOTS

TAB = Tab("transformer", ("maps", "enlarged", "answer", "progress"))
opened, view, wait_state, wait_step = TAB.opened, TAB.view, TAB.wait_state, TAB.wait_step


def train_until(page: Page, metric: str, least: float, seconds: float = 120) -> None:
    button(page, "train").click()
    TAB.wait_metric(page, metric, least, seconds)
    TAB.pause(page)


def test_everything_is_on_one_screen_at_1440(open_page: Pages) -> None:
    page = opened(open_page)
    for box in (view(page, name).bounding_box() for name in TAB.views):
        assert box and box["y"] >= 0 and box["y"] + box["height"] <= 900 and box["x"] + box["width"] <= 1440
    expect(view(page, "maps").locator(".age")).to_have_text("ready-made")
    page.screenshot(path=SHOTS / "transformer-open-1440-light.png")


def test_a_typed_date_is_rewritten_and_its_map_shown(open_page: Pages) -> None:
    page = opened(open_page)
    train_until(page, "heldout/sequence_accuracy", 1.0)
    page.screenshot(path=SHOTS / "transformer-trained-1440-light.png")
    below(page, "Ask the model", "Type a text")
    fill(page, "text", "March 3, 2021")
    answer = view(page, "probe-write")
    expect(answer).to_contain_text("march 3, 2021 → 2021-03-03")
    rows = page.eval_on_selector(TAB.selector("probe-write") + " .chart", "p => p.layout.yaxis.ticktext.join('')")
    assert rows == "2021-03-03⊣"
    page.screenshot(path=SHOTS / "transformer-write-1440-light.png", full_page=True)
    fill(page, "text", "März 3")
    expect(TAB.refusal(page)).to_contain_text("ä can't be read here; this task takes a written date")
    fill(page, "text", "x" * 40)
    expect(TAB.refusal(page)).to_contain_text("40 characters, 18 is the most")
    expect(answer).to_contain_text("2021-03-03")


def test_a_click_in_a_map_shows_the_numbers_inside(open_page: Pages) -> None:
    page = opened(open_page)
    button(page, "step-button").click()
    wait_step(page, 1)
    below(page, "Ask the model", "Inside a head")
    view(page, "maps").locator(".chart").click(position={"x": 90, "y": 90})
    expect(view(page, "inset-inside").locator(".main-svg").first).to_be_visible(timeout=20_000)
    expect(view(page, "probe-inside")).to_contain_text("softmax")
    tokens = page.eval_on_selector(TAB.selector("maps") + " .chart", "p => p.layout.yaxis.ticktext")
    row = int(field(page, "row").input_value())  # the click's
    assert row > 1
    expect(view(page, "probe-inside")).to_contain_text(f"what does “{tokens[row - 1]}” attend to?")
    fill(page, "row", "6")
    expect(view(page, "probe-inside")).to_contain_text(f"what does “{tokens[5]}” attend to?")
    page.screenshot(path=SHOTS / "transformer-inside-1440-light.png", full_page=True)
    for name, title, said in (
        ("head", "Enlarge a head", "cross 1, head 1"),
        ("off", "Switch a head off", "without cross 1.1"),
        ("edit", "Edit a character", "how far its distribution moved"),
        ("shuffle", "Shuffle the text", "moved by"),
    ):
        ask(page, title)
        expect(view(page, f"probe-{name}")).to_contain_text(said)
        page.screenshot(path=SHOTS / f"transformer-{name}-1440-light.png", full_page=True)
    below(page, "Switch a head off")
    fill(page, "head", "7")
    expect(TAB.refusal(page)).to_contain_text("Head: 7 is too many, the last of this model is 4")


def test_pointing_at_a_row_draws_lines_to_what_its_token_attends_to(open_page: Pages) -> None:
    page = opened(open_page)
    plot = view(page, "enlarged").locator(".chart")
    plot.hover(position={"x": 150, "y": 150})
    lines = view(page, "enlarged").locator(".links path")
    expect(lines.first).to_be_visible()
    weights = view(page, "enlarged").locator(".chart").evaluate("p => Array.from(p.data[0].z, z => Array.from(z))")
    assert lines.count() in {sum(w >= 0.02 for w in row) for row in weights}
    page.screenshot(path=SHOTS / "transformer-links-1440-light.png")
    page.mouse.move(5, 5)
    expect(lines.first).to_be_hidden()


@pytest.mark.parametrize(
    ("name", "query"),
    [("transformer", ""), ("transformer-repeat", "&task=repeat&layers=2&positions=rotary")],
)
def test_looks(open_page: Pages, name: str, query: str) -> None:
    page = opened(open_page, query)
    TAB.train(page, 150)
    TAB.looks(page, name, *(SIZES if not query else SIZES[:3]))
