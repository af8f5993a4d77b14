"""The page as a visitor uses it; every assertion is on what the visitor sees."""

from __future__ import annotations

import os
import re
import signal
import time

import pytest
from playwright.sync_api import Page, expect

from tests.browser.tab import Tab, button
from tests.serving import SHOTS, Server

pytestmark = pytest.mark.browser
TAB = Tab("autoencoder", ("latents", "manifold", "reconstructions", "losses"))
HERO = TAB.plot("latents") + " .plot"
step, wait_state, wait_step = TAB.step, TAB.wait_state, TAB.wait_step


def figure(page: Page, selector: str) -> str:
    return page.eval_on_selector(selector, "e => JSON.stringify(e.data)")


def test_opens_on_ready_made_pictures_marked_as_such(open_page):
    page = open_page()
    for view in TAB.views:
        expect(page.locator(f'.live-plot[data-view="{view}"] .main-svg').first).to_be_visible()
        expect(page.locator(f'.live-plot[data-view="{view}"] .badge')).to_be_visible()
    page.screenshot(path=SHOTS / "open-1440-light.png")


def test_everything_is_on_one_screen_at_1440(open_page):
    page = open_page()
    for selector in (".train", '.live-plot[data-view="losses"]', '.live-plot[data-view="latents"]', ".knobs"):
        box = page.locator(selector).first.bounding_box()
        assert box and box["y"] >= 0 and box["y"] + box["height"] <= 900 and box["x"] + box["width"] <= 1440, selector


def test_trains_without_remounting_and_pauses(open_page):
    page = open_page()
    wait_state(page, "ready")
    before = figure(page, HERO)
    page.evaluate("s => { window.firstSvg = document.querySelector(s + ' .main-svg'); }", HERO)
    button(page, "train").click()
    wait_step(page, 60)
    page.wait_for_function("s => Number(document.querySelector(s).dataset.draws) >= 4", arg=HERO, timeout=30_000)
    assert figure(page, HERO) != before
    assert page.evaluate("s => window.firstSvg === document.querySelector(s + ' .main-svg')", HERO)
    mounts = page.eval_on_selector_all(".live-plot .plot[data-mounts]", "es => es.map(e => e.dataset.mounts)")
    assert mounts and set(mounts) == {"1"}
    expect(page.locator('.live-plot[data-view="latents"] .badge')).to_be_hidden()
    page.screenshot(path=SHOTS / "training-1440-light.png")
    expect(button(page, "train")).to_have_text(re.compile("Pause"))
    button(page, "train").click()
    wait_state(page, "paused")
    paused = step(page)
    time.sleep(1.0)
    assert step(page) == paused
    expect(button(page, "train")).to_have_text(re.compile("Train"))
    button(page, "step-button").click()
    page.wait_for_function("n => Number(document.querySelector('.status').dataset.step) === n", arg=paused + 1)
    button(page, "reset").click()
    page.wait_for_function("Number(document.querySelector('.status').dataset.step) === 0")


def test_beta_is_tuned_while_it_trains(open_page):
    page = open_page()
    wait_state(page, "ready")
    button(page, "train").click()
    wait_step(page, 100)
    field = page.locator(".knobs .block", has_text="β").locator('input[type="number"]').first
    field.fill("10")
    field.press("Tab")
    page.wait_for_function("location.search.includes('beta=10')", timeout=15_000)
    at = step(page)
    page.wait_for_function(
        "n => Number(document.querySelector('.status').dataset.step) > n + 200", arg=at, timeout=60_000
    )
    page.get_by_role("tab", name="Log").click()
    expect(page.locator(".log").first).to_contain_text("beta → 10")
    kl = page.locator('[data-metric="train/kl"] b').first.text_content()
    page.wait_for_function("Number(document.querySelector('[data-metric=\"train/kl\"] b').textContent) < 4",
                           timeout=60_000)  # fmt: skip
    assert kl
    button(page, "train").click()


def test_a_drawn_digit_is_encoded_and_decoded(open_page):
    page = open_page()
    wait_state(page, "ready")
    button(page, "train").click()
    wait_step(page, 50)
    page.get_by_role("tab", name="Ask the model").click()
    canvas = page.locator(".draw-pad canvas").first
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + box["height"] * 0.2)
    page.mouse.down()
    for part in range(1, 8):
        page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + box["height"] * (0.2 + 0.08 * part))
    page.mouse.up()
    page.wait_for_selector('.live-plot[data-view="probe-draw"] .main-svg', timeout=20_000)
    page.screenshot(path=SHOTS / "probe-draw-1440-light.png", full_page=True)
    page.evaluate("scrollTo(0, 0)")
    button(page, "train").click()


def test_empty_drawing_is_refused_with_a_sentence(open_page):
    page = open_page()
    wait_state(page, "ready")
    page.get_by_role("tab", name="Ask the model").click()
    alert = page.locator('.question [role="alert"]').first
    page.locator(".ask").first.click()
    expect(alert).to_contain_text("Press Train or Step first", timeout=20_000)
    button(page, "step-button").click()
    wait_step(page, 1)
    page.locator(".ask").first.click()
    expect(alert).to_contain_text("The drawing is empty: draw a digit first.", timeout=20_000)
    page.locator(".draw-pad input").first.set_input_files(
        {"name": "notes.txt", "mimeType": "text/plain", "buffer": b"no picture"}
    )
    expect(alert).to_contain_text("not a picture", timeout=20_000)


def test_a_click_in_the_latent_plane_is_decoded(open_page):
    page = open_page()
    wait_state(page, "ready")
    button(page, "train").click()
    wait_step(page, 50)
    button(page, "train").click()
    wait_state(page, "paused")
    page.locator(HERO).click(position={"x": 260, "y": 240})
    expect(page.locator('.live-plot[data-view="inset-decode"] .main-svg').first).to_be_visible(timeout=20_000)
    page.screenshot(path=SHOTS / "click-1440-light.png")
    page.get_by_role("tab", name="Ask the model").click()
    page.get_by_role("tab", name=re.compile("Decode", re.I)).first.click()
    page.wait_for_selector('.live-plot[data-view="probe-decode"] .main-svg', timeout=20_000)
    page.screenshot(path=SHOTS / "probe-decode-1440-light.png", full_page=True)


def test_a_reload_finds_its_run_again_and_trains_on(open_page):
    page = open_page()
    wait_state(page, "ready")
    button(page, "train").click()
    wait_step(page, 50)
    button(page, "train").click()
    wait_state(page, "paused")
    at = step(page)
    open_page.reload(page)
    wait_step(page, at, 20)
    assert step(page) == at
    button(page, "train").click()
    wait_step(page, at + 20)
    at = step(page)
    open_page.reload(page)
    wait_step(page, at + 50, 20)
    button(page, "train").click()
    wait_state(page, "paused")


def test_a_link_sets_the_knobs_and_a_bad_one_says_why(open_page):
    page = open_page("?tab=autoencoder&latent=16&beta=4")
    page.wait_for_function("location.search.includes('latent=16')", timeout=20_000)
    assert page.locator(".knobs .block", has_text="β").locator('input[type="number"]').first.input_value() == "4"
    bad = open_page("?tab=autoencoder&beta=99")
    expect(bad.locator('.stage [role="alert"]').first).to_contain_text("beta", timeout=20_000)


def test_a_killed_worker_loses_nothing(open_page, server):
    page = open_page()
    wait_state(page, "ready")
    button(page, "train").click()
    wait_step(page, 300)
    for pid in server.workers():
        os.kill(pid, signal.SIGKILL)
    at = step(page)
    wait_step(page, at + 100)
    button(page, "train").click()
    page.get_by_role("tab", name="Log").click()
    expect(page.locator(".log").first).to_contain_text("worker")


def test_a_diverging_run_stops_with_a_sentence_and_its_last_pictures(open_page):
    page = open_page("?tab=autoencoder&lr=10")
    page.wait_for_function("location.search.includes('lr=10')", timeout=20_000)
    button(page, "train").click()
    wait_state(page, "stopped", 60)
    expect(page.locator(".status .word").first).to_contain_text("diverged")
    expect(page.locator(HERO + " .main-svg").first).to_be_visible()


@pytest.mark.parametrize(("name", "width", "height", "dark"),
                         [("1440-dark", 1440, 900, True), ("1280-light", 1280, 720, False),
                          ("390-light", 390, 844, False), ("390-dark", 390, 844, True)])  # fmt: skip
def test_looks(open_page, name, width, height, dark):
    page = open_page(width=width, height=height, dark=dark)
    wait_state(page, "ready")
    button(page, "train").click()
    wait_step(page, 200)
    button(page, "train").click()
    wait_state(page, "paused")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "scrolls sideways"
    page.screenshot(path=SHOTS / f"{name}.png")
    page.screenshot(path=SHOTS / f"{name}-full.png", full_page=True)


def test_no_serious_accessibility_violation(open_page):
    from axe_playwright_python.sync_playwright import Axe

    page = open_page()
    wait_state(page, "ready")
    page.wait_for_timeout(500)
    found = [
        v for v in Axe().run(page).response["violations"] if v["impact"] in ("critical", "serious")
    ]  # fmt: skip
    ours = [v for v in found if any(".live-plot" in str(n) or "status" in str(n) for n in v["nodes"])]
    assert not ours, [(v["id"], [n["html"] for n in v["nodes"]]) for v in ours]


def test_zoom_survives_the_updates(open_page):
    page = open_page()
    wait_state(page, "ready")
    button(page, "train").click()
    wait_step(page, 30)
    box = page.locator(HERO).bounding_box()
    assert box
    page.mouse.move(box["x"] + 200, box["y"] + 150)
    page.mouse.down()
    page.mouse.move(box["x"] + 330, box["y"] + 280, steps=5)
    page.mouse.up()
    wide = page.evaluate("s => document.querySelector(s)._fullLayout.xaxis.range", HERO)
    draws = int(page.get_attribute(HERO, "data-draws") or 0)
    page.wait_for_function("([s, n]) => Number(document.querySelector(s).dataset.draws) > n + 3", arg=[HERO, draws])
    low, high = page.evaluate("s => document.querySelector(s)._fullLayout.xaxis.range", HERO)
    assert high - low < 4 and [low, high] == wide
    page.mouse.dblclick(box["x"] + 200, box["y"] + 250)
    page.wait_for_function(
        "s => { const [a, b] = document.querySelector(s)._fullLayout.xaxis.range; return b - a > 5; }", arg=HERO
    )
    button(page, "train").click()


def test_hovering_a_code_line_lights_up_symbol_picture_and_shape(open_page):
    page = open_page()
    wait_state(page, "ready")
    button(page, "step-button").click()
    wait_step(page, 1)
    page.wait_for_selector(".lesson-text .katex")
    page.locator(".line[data-symbols]", has_text="return mu + sigma * eps").hover()
    expect(page.locator(".code-shape").first).to_contain_text("(128 × 2) right now")
    assert page.locator(".lesson-text [data-symbol=mu].lit").count() > 0
    assert page.locator(".live-plot[data-view=latents].lit").count() == 1
    page.screenshot(path=SHOTS / "code-1440-light.png")


def test_a_preset_sets_the_knobs_and_solves_its_challenge(open_page):
    page = open_page()
    wait_state(page, "ready")
    page.get_by_role("tab", name="Presets and challenges").click()
    page.get_by_role("button", name="No KL at all").click()
    page.wait_for_function("location.search.includes('beta=0')", timeout=15_000)
    button(page, "train").click()
    page.wait_for_selector(".challenges .solved >> text=Explode the KL", timeout=90_000)
    button(page, "train").click()


def test_a_closed_page_frees_its_run_and_a_full_playground_says_so(browser):
    server = Server(PLAYGROUND_GRACE="1", PLAYGROUND_MAX_RUNS="1")
    try:
        server.wait()
        contexts = [browser.new_context() for _ in range(2)]
        pages = [context.new_page() for context in contexts]
        for page in pages:
            page.goto(server.url)
            wait_state(page, "ready", 60)
        button(pages[0], "train").click()
        wait_step(pages[0], 10)
        button(pages[1], "train").click()
        expect(pages[1].locator('.stage [role="alert"]').first).to_contain_text("The playground is full: 1 models")
        wait_state(pages[1], "ready")
        contexts[0].close()
        pages[1].wait_for_timeout(3000)
        button(pages[1], "train").click()
        wait_step(pages[1], 10)
        contexts[1].close()
    finally:
        server.stop()


def test_a_missing_data_file_is_a_sentence_on_the_page(browser, tmp_path):
    server = Server(PLAYGROUND_DATA=str(tmp_path / "gone.npz"))
    try:
        server.wait()
        page = browser.new_page()
        page.goto(server.url)
        wait_state(page, "ready", 60)
        button(page, "train").click()
        expect(page.locator('.stage [role="alert"]').first).to_contain_text(
            "gone.npz is missing; get it back with", timeout=30_000
        )
        page.close()
    finally:
        server.stop()


def test_works_by_keyboard(open_page):
    page = open_page()
    wait_state(page, "ready")
    button(page, "train").focus()
    page.keyboard.press("Enter")
    wait_step(page, 5)
    page.keyboard.press("Enter")
    wait_state(page, "paused")
    page.get_by_role("tab", name="Lesson").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".draw-pad canvas")).to_be_visible()
