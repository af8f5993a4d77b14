"""The page as a visitor uses it; every assertion is on what the visitor sees."""

from __future__ import annotations

import os
import re
import signal

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Pages
from tests.browser.tab import SIZES, Tab, ask, below, button, field, fill
from tests.serving import SHOTS, Server

TAB = Tab("autoencoder", ("latents", "manifold", "reconstructions", "losses"))
HERO = TAB.selector("latents") + " .chart"
opened, step, wait_state, wait_step = TAB.opened, TAB.step, TAB.wait_state, TAB.wait_step


def figure(page: Page, selector: str) -> str:
    return str(page.eval_on_selector(selector, "e => JSON.stringify(e.data)"))


def test_opens_on_pre_trained_pictures_marked_as_such(open_page: Pages) -> None:
    page = opened(open_page)
    for view in TAB.views:
        expect(TAB.view(page, view).locator(".main-svg").first).to_be_visible()
        expect(TAB.view(page, view).locator(".age")).to_have_text("pre-trained")
    page.screenshot(path=SHOTS / "open-1440-light.png")


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (1280, 720)])
def test_knobs_transport_and_hero_are_on_one_screen(open_page: Pages, width: int, height: int) -> None:
    page = opened(open_page, width=width, height=height)
    for selector in (".train", TAB.selector("latents"), ".knobs"):
        box = page.locator(selector).first.bounding_box()
        assert box and box["y"] >= 0 and box["x"] + box["width"] <= width, selector
        assert box["y"] + box["height"] <= height, selector


def test_trains_without_remounting_and_pauses(open_page: Pages) -> None:
    page = opened(open_page)
    before = figure(page, HERO)
    page.evaluate("s => { window.firstSvg = document.querySelector(s + ' .main-svg'); }", HERO)
    button(page, "train").click()
    wait_step(page, 60)
    TAB.wait_draws(page, "latents", 4)
    assert figure(page, HERO) != before
    assert page.evaluate("s => window.firstSvg === document.querySelector(s + ' .main-svg')", HERO)
    mounts = page.eval_on_selector_all("[data-mounts]", "es => es.map(e => e.dataset.mounts)")
    assert mounts and set(mounts) == {"1"}
    expect(TAB.view(page, "latents").locator(".age")).to_be_hidden()
    page.screenshot(path=SHOTS / "training-1440-light.png")
    expect(button(page, "train")).to_have_text(re.compile("Pause"))
    TAB.pause(page)
    paused = step(page)
    expect(button(page, "train")).to_have_text(re.compile("Train"))
    button(page, "step-button").click()
    page.wait_for_function("([s, n]) => Number(document.querySelector(s).dataset.step) === n",
                           arg=[TAB.status, paused + 1])  # fmt: skip
    button(page, "reset").click()
    page.wait_for_function("s => Number(document.querySelector(s).dataset.step) === 0", arg=TAB.status)


def test_beta_changes_while_it_trains(open_page: Pages) -> None:
    page = opened(open_page)
    button(page, "train").click()
    wait_step(page, 100)
    fill(page, "beta", "10")
    page.wait_for_function("location.search.includes('beta=10')", timeout=15_000)
    below(page, "Log")
    expect(page.locator(".log")).to_contain_text("beta → 10")
    page.wait_for_function("Number(document.querySelector('[data-metric=\"train/kl\"] b').textContent) < 4",
                           timeout=60_000)  # fmt: skip
    TAB.pause(page)


def test_a_knob_that_is_not_live_says_when_it_takes_effect(open_page: Pages) -> None:
    page = opened(open_page)
    button(page, "step-button").click()
    wait_step(page, 1)
    fill(page, "latent", "5")
    hint = page.locator(".status .hint")
    expect(hint).to_have_text("latent: takes effect in a new run (Train anew)")
    button(page, "reset").click()
    expect(hint).to_be_hidden()


def test_a_bad_value_is_refused_with_a_sentence_and_nothing_is_lost(open_page: Pages) -> None:
    page = opened(open_page)
    button(page, "step-button").click()
    wait_step(page, 1)
    fill(page, "lr", "fast")
    expect(TAB.refusal(page)).to_contain_text("Learning rate (lr): 'fast' is not a number.")
    fill(page, "lr", "0.01")
    expect(TAB.refusal(page)).to_be_hidden()
    assert step(page) == 1


def test_help_shows_beside_what_is_pointed_at(open_page: Pages) -> None:
    page = opened(open_page)
    field(page, "beta").hover()
    expect(page.locator(".tooltip")).to_have_text("1 is the ELBO; more squeezes the latent space, 0 lets it go.")
    page.mouse.move(700, 500)
    expect(page.locator(".tooltip")).to_be_hidden()


def test_a_drawn_digit_is_encoded_and_decoded(open_page: Pages) -> None:
    page = opened(open_page)
    button(page, "train").click()
    wait_step(page, 50)
    below(page, "Ask the model")
    canvas = page.locator(".draw-pad canvas:visible")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + box["height"] * 0.2)
    page.mouse.down()
    for part in range(1, 8):
        page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + box["height"] * (0.2 + 0.08 * part))
    page.mouse.up()
    page.wait_for_selector(TAB.selector("probe-draw") + " .main-svg")
    page.screenshot(path=SHOTS / "probe-draw-1440-light.png", full_page=True)
    page.evaluate("scrollTo(0, 0)")
    TAB.pause(page)


def test_an_empty_drawing_is_refused_with_a_sentence(open_page: Pages) -> None:
    page = opened(open_page)
    ask(page, "Draw a digit")
    expect(TAB.refusal(page)).to_contain_text("The drawing is empty: draw a digit first.")
    page.locator(".draw-pad input").first.set_input_files(
        {"name": "notes.txt", "mimeType": "text/plain", "buffer": b"no picture"}
    )
    expect(TAB.refusal(page)).to_contain_text("not a picture")


def test_a_click_in_the_latent_plane_is_decoded(open_page: Pages) -> None:
    page = opened(open_page)
    TAB.train(page, 50)
    page.locator(HERO).click(position={"x": 260, "y": 240})
    expect(TAB.view(page, "inset-decode").locator(".main-svg").first).to_be_visible(timeout=20_000)
    page.screenshot(path=SHOTS / "click-1440-light.png")
    below(page, "Ask the model", "Decode a point")
    page.wait_for_selector(TAB.selector("probe-decode") + " .main-svg")
    said = TAB.view(page, "probe-decode").text_content() or ""
    (x, y) = (float(v.replace("−", "-")) for v in re.findall(r"\(([−-]?[\d.]+), ([−-]?[\d.]+)\)", said)[0])
    page.locator(HERO).click(position={"x": 300, "y": 240})
    expect(TAB.view(page, "probe-decode")).not_to_contain_text(f"({x:.2f}, {y:.2f})")
    assert float(field(page, "x").input_value()) > x, "further to the right"
    page.screenshot(path=SHOTS / "probe-decode-1440-light.png", full_page=True)


def test_a_reload_finds_its_run_again_and_trains_on(open_page: Pages) -> None:
    page = opened(open_page)
    TAB.train(page, 50)
    at = step(page)
    open_page.reload(page)
    wait_step(page, at, 20)
    assert step(page) == at
    button(page, "train").click()
    wait_step(page, at + 20)
    at = step(page)
    open_page.reload(page)
    wait_step(page, at + 50, 20)
    TAB.pause(page)


def test_a_link_sets_the_knobs_and_a_bad_one_says_why(open_page: Pages) -> None:
    page = open_page("?tab=autoencoder&latent=16&beta=4")
    page.wait_for_function("location.search.includes('latent=16')")
    expect(field(page, "beta")).to_have_value("4")
    bad = open_page("?tab=autoencoder&beta=99")
    expect(TAB.refusal(bad)).to_contain_text("KL weight (beta): '99' is too large; the largest allowed value is 50.")


def test_a_killed_worker_loses_nothing(open_page: Pages, server: Server) -> None:
    page = opened(open_page)
    button(page, "train").click()
    wait_step(page, 300)
    for pid in server.workers():
        os.kill(pid, signal.SIGKILL)
    at = step(page)
    wait_step(page, at + 100)
    TAB.pause(page)
    below(page, "Log")
    expect(page.locator(".log")).to_contain_text("ended and was replaced")


def test_a_diverging_run_stops_with_a_sentence_and_its_last_pictures(open_page: Pages) -> None:
    page = open_page("?tab=autoencoder&lr=10")
    page.wait_for_function("location.search.includes('lr=10')")
    button(page, "train").click()
    wait_state(page, "stopped", 60)
    expect(page.locator(".status .word").first).to_contain_text("diverged")
    expect(page.locator(HERO + " .main-svg").first).to_be_visible()


def test_looks(open_page: Pages) -> None:
    page = opened(open_page)
    TAB.train(page, 200)
    TAB.looks(page, "autoencoder", *SIZES)


def test_no_serious_accessibility_violation(open_page: Pages) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page = opened(open_page)
    page.wait_for_selector(".lesson-text .katex, .lesson-waits")
    # Only what is ours: Gradio's strip of tabs carries an empty aria-controls, its footer has little contrast.
    found = Axe().run(page, context={"include": [[".tab-box"]]}).response["violations"]
    assert not [(v["id"], [n["html"] for n in v["nodes"]]) for v in found if v["impact"] in ("critical", "serious")]


def test_zoom_survives_the_updates(open_page: Pages) -> None:
    page = opened(open_page)
    button(page, "train").click()
    wait_step(page, 30)
    box = page.locator(HERO).bounding_box()
    assert box
    page.locator(HERO).hover()
    page.locator(HERO + ' .modebar-btn[data-title="Zoom"]').click()  # else a drag decodes
    page.mouse.move(box["x"] + 200, box["y"] + 150)
    page.mouse.down()
    page.mouse.move(box["x"] + 330, box["y"] + 280, steps=5)
    page.mouse.up()
    shown = "document.querySelector(s)._fullLayout.xaxis.range"
    page.wait_for_function(f"s => {shown}[1] - {shown}[0] < 4", arg=HERO)
    wide = page.evaluate(f"s => {shown}", HERO)
    TAB.wait_draws(page, "latents", 4)
    assert page.evaluate(f"s => {shown}", HERO) == wide
    page.mouse.dblclick(box["x"] + 200, box["y"] + 250)
    page.wait_for_function(f"s => {shown}[1] - {shown}[0] > 5", arg=HERO)
    TAB.pause(page)


def test_pointing_at_a_code_line_lights_up_symbol_picture_and_shape(open_page: Pages) -> None:
    page = opened(open_page)
    button(page, "step-button").click()
    wait_step(page, 1)
    page.locator(".below").first.scroll_into_view_if_needed()
    page.wait_for_selector(".lesson-text .katex")
    page.locator(".line[data-symbols]", has_text="return mu + sigma * eps").hover()
    expect(page.locator(".code-shapes").first).to_contain_text("mu (128 × 2), sigma (128 × 2), eps (128 × 2) right now")
    expect(page.locator(".symbol-words").first).to_contain_text("μ: mean of q(z|x)")
    assert page.locator(".lesson-text [data-symbol=mu].lit").count() > 0
    assert page.locator(".figure-box[data-view=latents].lit").count() == 1
    page.screenshot(path=SHOTS / "code-1440-light.png")


def test_a_preset_sets_the_knobs_runs_and_solves_its_challenge(open_page: Pages) -> None:
    page = opened(open_page)
    below(page, "Presets and challenges")
    page.get_by_role("button", name="No KL at all").click()
    page.wait_for_function("location.search.includes('beta=0')", timeout=15_000)
    expect(field(page, "beta")).to_have_value("0")
    TAB.wait_state(page, "training")
    page.wait_for_selector(".challenges .solved >> text=Explode the KL", timeout=90_000)
    TAB.pause(page)


def test_a_closed_page_frees_its_run_and_a_full_playground_says_so(browser: Browser) -> None:
    server = Server(PLAYGROUND_GRACE="4", PLAYGROUND_MAX_RUNS="1")  # four seconds without a sign of life
    try:
        server.wait()
        contexts = [browser.new_context() for _ in range(2)]
        pages = [context.new_page() for context in contexts]
        for page in pages:
            page.goto(f"{server.url}?tab=autoencoder")
            wait_state(page, "ready", 60)
        button(pages[0], "train").click()
        wait_step(pages[0], 10)
        button(pages[1], "train").click()
        expect(TAB.refusal(pages[1])).to_contain_text("The playground is full: it holds 1 models at once")
        wait_state(pages[1], "ready")
        contexts[0].close()
        for _ in range(30):
            button(pages[1], "train").click()
            try:
                wait_step(pages[1], 1, 4)  # the untrained model is shown for a while
                break
            except Exception:  # still full
                expect(TAB.refusal(pages[1])).to_contain_text("full")
        wait_step(pages[1], 10)
        contexts[1].close()
    finally:
        server.stop()


def test_a_missing_data_file_is_a_sentence_on_the_page(browser: Browser, tmp_path: object) -> None:
    server = Server(PLAYGROUND_DATA=f"{tmp_path}/gone.npz")
    try:
        server.wait()
        page = browser.new_page()
        page.goto(f"{server.url}?tab=autoencoder")
        wait_state(page, "ready", 60)
        button(page, "train").click()
        expect(TAB.refusal(page)).to_contain_text("gone.npz is missing; get it back with", timeout=30_000)
        wait_state(page, "ready")
        page.close()
    finally:
        server.stop()


def test_works_by_keyboard(open_page: Pages) -> None:
    page = opened(open_page)
    button(page, "train").focus()
    page.keyboard.press("Enter")
    wait_step(page, 5)
    page.keyboard.press("Enter")
    wait_state(page, "paused")
    page.get_by_role("tab", name="Lesson").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tab", name="Ask the model")).to_be_focused()
    expect(page.locator(".draw-pad canvas:visible")).to_be_visible()
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_role("tab", name="Lesson")).to_have_attribute("aria-selected", "true")
