"""The CLIP tab as a visitor uses it: the diagonal lights up, a dance is seen and heard to a music."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.conftest import Pages
from tests.browser.tab import Tab
from tests.serving import SHOTS

TAB = Tab("clip", ("clip_matrix", "frame_matrix", "plane", "progress"))
MATRIX = TAB.selector("clip_matrix") + " .chart"
DIAGONAL = """([s, least]) => {
  const rows = document.querySelector(s)?.data?.find((one) => one.type === "heatmap")?.z;
  return rows && rows.filter((row, i) => row[i] === Math.max(...row)).length >= least * rows.length;
}"""


def test_the_diagonal_lights_up_and_a_pair_is_seen_and_heard(open_page: Pages) -> None:
    page = TAB.opened(open_page, "&steps=150")
    page.locator("button.train:visible").click()
    TAB.wait_state(page, "done", 90)
    page.wait_for_function(DIAGONAL, arg=[MATRIX, 0.9])  # of the rows have their greatest cosine on the diagonal
    at = page.eval_on_selector(
        MATRIX,
        "p => { const { xaxis, yaxis } = p._fullLayout;"
        " return { x: xaxis._offset + xaxis.d2p(7), y: yaxis._offset + yaxis.d2p(20) }; }",
    )  # fmt: skip
    page.locator(MATRIX).click(position=at)
    inset = TAB.view(page, "inset-pair")
    expect(inset.locator(".sounds button")).to_contain_text("music 7:")
    floor = inset.locator(".dance-floor")
    before = floor.get_attribute("data-frame")
    page.wait_for_function("([s, f]) => document.querySelector(s).dataset.frame !== f",
                           arg=[TAB.selector("inset-pair") + " .dance-floor", before])  # fmt: skip
    assert inset.get_attribute("data-sounding") != "true", "nothing sounds before a click"
    inset.locator(".play").click()
    expect(inset).to_have_attribute("data-sounding", "true")
    inset.locator(".play").click()
    expect(inset).to_have_attribute("data-sounding", "false")
    page.screenshot(path=SHOTS / "clip-1440-light.png")
