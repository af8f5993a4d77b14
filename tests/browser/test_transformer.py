"""The Transformer tab as a visitor uses it: a date edited in place, pointing, a click into a map, a bad character."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Pages
from tests.browser.tab import SIZES, Tab, ask, below, button, field, fill
from tests.serving import SHOTS

TAB = Tab("transformer", ("reading", "enlarged", "progress"))
opened, view, wait_state, wait_step = TAB.opened, TAB.view, TAB.wait_state, TAB.wait_step


def train_until(page: Page, metric: str, least: float, seconds: float = 120) -> None:
    button(page, "train").click()
    TAB.wait_metric(page, metric, least, seconds)
    TAB.pause(page)


def test_everything_is_on_one_screen_at_1440(open_page: Pages) -> None:
    page = opened(open_page)
    for box in (view(page, name).bounding_box() for name in TAB.views):
        assert box and box["y"] >= 0 and box["y"] + box["height"] <= 900 and box["x"] + box["width"] <= 1440
    expect(view(page, "reading").locator(".age")).to_have_text("pre-trained")
    page.screenshot(path=SHOTS / "transformer-open-1440-light.png")


def test_a_typed_date_is_rewritten_and_its_map_shown(open_page: Pages) -> None:
    page = opened(open_page)
    train_until(page, "heldout/sequence_accuracy", 1.0)
    page.screenshot(path=SHOTS / "transformer-trained-1440-light.png")
    below(page, "Ask the model", "Type a text")
    fill(page, "text", "March 3, 2021")
    answer = view(page, "probe-write")
    expect(answer).to_contain_text("march 3, 2021 → 2021-03-03")
    expect(answer.locator(".letter.right")).to_have_text([*"2021-03-03⊣"])
    page.screenshot(path=SHOTS / "transformer-write-1440-light.png", full_page=True)
    fill(page, "text", "März 3")
    expect(TAB.refusal(page)).to_contain_text("ä can't be read here; this task takes a written date")
    fill(page, "text", "x" * 40)
    expect(TAB.refusal(page)).to_contain_text("40 characters, 18 is the most")
    expect(answer).to_contain_text("2021-03-03")


def hero(page: Page) -> Locator:
    return view(page, "reading")


def point(page: Page, letter: Locator) -> None:
    """Moves the pointer onto a character of the hero's picture."""
    box = letter.bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


def test_the_text_is_edited_in_place_and_the_model_of_this_moment_answers(open_page: Pages) -> None:
    page = opened(open_page)
    text, example = hero(page).locator("input"), hero(page).locator("input").input_value()
    text.select_text()
    text.press_sequentially("march 3, 2021", delay=50)  # answered letter by letter
    expect(hero(page).locator(".back")).to_be_visible()
    expect(hero(page).locator(".written")).to_have_text("2021-03-03")  # the pre-trained model's
    expect(hero(page).locator(".verdict")).to_have_text("✓ right")
    expect(hero(page).locator(".letter.read")).to_have_text([*"march 3, 2021"])
    page.screenshot(path=SHOTS / "transformer-own-1440-light.png")
    TAB.train(page, 20)  # another model: it is asked the same
    expect(hero(page).locator(".written")).not_to_have_text("2021-03-03")
    expect(hero(page).locator(".back")).to_be_visible()
    assert text.input_value() == "march 3, 2021"
    expect(hero(page).locator(".verdict.wrong")).to_contain_text("wrong")
    train_until(page, "heldout/sequence_accuracy", 1.0)
    expect(hero(page).locator(".written")).to_have_text("2021-03-03")
    hero(page).get_by_role("button", name="back to the example").click()
    expect(hero(page).locator(".back")).to_be_hidden()
    assert text.input_value() == example
    expect(hero(page).locator(".letter.read")).to_have_text([*example])


def test_a_text_that_cannot_be_read_is_left_to_be_corrected(open_page: Pages) -> None:
    page = opened(open_page)
    text, example = hero(page).locator("input"), hero(page).locator("input").input_value()
    text.fill("März 3")
    text.press("Enter")
    expect(TAB.refusal(page)).to_contain_text("ä can't be read here; this task takes a written date")
    assert text.input_value() == "März 3"
    expect(text).to_have_attribute("aria-invalid", "true")
    expect(hero(page).locator(".letter.read")).to_have_text([*example])
    text.fill("3.3.2021")
    text.press("Enter")
    expect(TAB.refusal(page)).to_be_hidden()
    expect(hero(page).locator(".written")).to_have_text("2021-03-03")
    text.fill("")
    text.press("Enter")
    expect(hero(page).locator(".letter.read")).to_have_text([*example])


def test_pointing_at_a_character_draws_its_lines_and_says_what_it_attended_to(open_page: Pages) -> None:
    page = opened(open_page)
    lines, words = hero(page).locator(".lines path"), hero(page).locator(".reading-words")
    expect(words).to_contain_text("Lines: what each character of the answer attended to")
    everything = lines.count()
    letters = hero(page).locator(".letter:not(.read)")
    point(page, letters.nth(5))  # the month's first digit
    expect(hero(page).locator(".lines.pointed")).to_be_visible()
    expect(words).to_contain_text(f"For {letters.nth(5).text_content()} (")
    expect(words).to_contain_text("september")
    assert 0 < lines.count() < everything
    page.screenshot(path=SHOTS / "transformer-pointed-1440-light.png")
    hero(page).locator(".heads button", has_text="◆").click()
    expect(words).to_contain_text("the sharpest")
    hero(page).locator(".reading-stage").focus()
    page.keyboard.press("ArrowRight")
    expect(words).to_contain_text(f"For {letters.nth(0).text_content()} (")
    page.keyboard.press("ArrowUp")
    expect(words).to_contain_text("was attended to")
    page.keyboard.press("Escape")
    expect(hero(page).locator(".lines.pointed")).to_have_count(0)


def test_wrong_characters_are_framed_with_the_right_one_above(open_page: Pages) -> None:
    page = opened(open_page)
    TAB.train(page, 40)
    expect(view(page, "reading").locator(".age")).to_be_hidden()
    wrong = hero(page).locator(".letter.wrong")
    expect(wrong.first).to_be_visible()
    counted = """frame => ['.letter.wrong', 'rect.wrong', '.target'].map((s) => frame.querySelectorAll(s).length)
        .concat(frame.querySelector('.verdict').textContent)
        .concat(['.target', '.letter.wrong'].map((s) => frame.querySelector(s).getBoundingClientRect().toJSON()))"""
    letters, frames, targets, verdict, above, below_it = hero(page).evaluate(counted)  # at one moment: it is redrawn
    assert letters == frames == targets > 0 and verdict == f"✗ {letters} wrong"
    assert above["y"] < below_it["y"] and above["height"] >= 11


def test_on_a_projector_hero_transport_and_the_letters_of_the_maps_can_be_read(open_page: Pages) -> None:
    page = opened(open_page, width=1280, height=720)
    for part in (view(page, "reading"), view(page, "enlarged"), page.locator("button.train:visible")):
        box = part.bounding_box()
        assert box and box["y"] >= 0 and box["y"] + box["height"] <= 720 and box["x"] + box["width"] <= 1280
    keys = "p => [...p.querySelectorAll('.xtick text')].map((t) => t.textContent).join('')"
    queries = "p => [...p.querySelectorAll('.ytick text')].map((t) => t.textContent).join('')"
    example = hero(page).locator("input").input_value()
    enlarged, grid = (TAB.selector(name) + " .chart" for name in ("enlarged", "maps"))
    assert page.eval_on_selector(enlarged, keys).replace(" ", "") == example.replace(" ", "")
    assert page.eval_on_selector(enlarged, queries)[:3] == "⊢19"
    below(page, "More pictures")
    expect(view(page, "maps").and_(page.locator(".drawn"))).to_be_visible()
    assert example.replace(" ", "") * 4 in page.eval_on_selector(grid, keys).replace(" ", "")
    assert page.eval_on_selector(grid, queries).startswith(example[:9])
    view(page, "maps").scroll_into_view_if_needed()
    page.screenshot(path=SHOTS / "transformer-maps-1280-light.png")
    small = """() => [...document.querySelectorAll('.tab-panel.in-front *')].filter((e) => e.checkVisibility?.()
        && [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim())
        && parseFloat(getComputedStyle(e).fontSize) < 11).map((e) => `${e.tagName} ${e.textContent}`)"""
    assert page.evaluate(small) == []


def test_a_cell_of_the_grid_says_whose_it_is_and_a_click_looks_inside(open_page: Pages) -> None:
    page = opened(open_page)
    below(page, "More pictures")
    chart = view(page, "maps").locator(".chart")
    expect(view(page, "maps").and_(page.locator(".drawn"))).to_be_visible()
    chart.scroll_into_view_if_needed()
    at = """p => { const { xaxis, yaxis, _size } = p._fullLayout; const t = p.data[5];
        return { x: _size.l + xaxis.d2p(t.x0 + 2), y: _size.t + yaxis.d2p(t.y0 + 1) }; }"""  # of cross 1, head 2
    place = chart.evaluate(at)
    tokens = chart.evaluate("p => [p.layout.yaxis.ticktext[19], p.layout.xaxis.ticktext[2]]")
    chart.hover(position=place)
    said = f"decoder: cross 1, head 2: “{tokens[0]}” attends to “{tokens[1]}” with "
    expect(chart.locator(".hoverlayer")).to_contain_text(said)
    chart.click(position=place)
    inset = view(page, "inset-inside")
    expect(inset).to_be_in_viewport(timeout=20_000)
    expect(inset).to_contain_text(f"decoder: cross 1, head 2: what does “{tokens[0]}” attend to?")


def test_a_click_in_a_map_shows_the_numbers_inside(open_page: Pages) -> None:
    page = opened(open_page)
    button(page, "step-button").click()
    wait_step(page, 1)
    below(page, "Ask the model", "Inside a head")
    view(page, "enlarged").locator(".chart").click(position={"x": 150, "y": 150})
    expect(view(page, "inset-inside").locator(".main-svg").first).to_be_visible(timeout=20_000)
    expect(view(page, "probe-inside")).to_contain_text("softmax")
    tokens = page.eval_on_selector(TAB.selector("enlarged") + " .chart", "p => p.layout.yaxis.ticktext")
    row = int(field(page, "row").input_value())  # the click's
    assert row > 1
    expect(view(page, "probe-inside")).to_contain_text(f"what does “{tokens[row - 1]}” attend to?")
    fill(page, "row", "1")
    expect(view(page, "probe-inside")).to_contain_text(f"what does “{tokens[0]}” attend to?")
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
