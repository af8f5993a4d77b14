"""What a visitor gets before training anything, and how soon; presets, challenges and phones."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Pages
from tests.browser.tab import Tab, below, button

AE = Tab("autoencoder", ("latents",))
HERO = AE.selector("latents") + " .chart"
INSET = AE.selector("inset-decode")


def test_a_click_is_answered_before_anything_is_trained(open_page: Pages) -> None:
    page = AE.opened(open_page)
    page.mouse.click(*AE.place(page, "latents", 0.5, 0.5))
    inset = page.locator(INSET).and_(page.locator(".drawn"))
    expect(inset).to_be_visible()
    expect(inset.locator(".age")).to_have_text("pre-trained")
    page.keyboard.press("Escape")
    expect(inset).to_be_hidden()
    page.mouse.click(*AE.place(page, "latents", 0.5, 0.5))
    expect(inset).to_be_visible()
    button(page, "train").click()
    AE.wait_step(page, 1)
    expect(inset).to_be_hidden()  # it was another model's


def test_a_drag_decodes_under_the_pointer(open_page: Pages) -> None:
    page = AE.opened(open_page)
    page.mouse.move(*AE.place(page, "latents", -2, 0))
    page.mouse.down()
    said = set()
    for step in range(12):
        page.mouse.move(*AE.place(page, "latents", -2 + step / 3, 0))
        page.wait_for_timeout(120)
        texts = page.locator(INSET).locator("text").all_text_contents()
        said |= {text for text in texts if text.startswith("(")}
    page.mouse.up()
    assert len(said) >= 4, said
    assert page.eval_on_selector(HERO, "p => p._fullLayout.dragmode") is False


def test_training_begins_with_the_untrained_model(open_page: Pages) -> None:
    page = AE.opened(open_page)
    page.evaluate(
        "s => { window.steps = []; const status = document.querySelector(s);"
        " new MutationObserver(() => window.steps.push([Number(status.dataset.step), performance.now()]))"
        ".observe(status, { attributes: true, attributeFilter: ['data-step', 'data-state'] }); }",
        AE.status,
    )  # fmt: skip
    button(page, "train").click()
    AE.wait_step(page, 1)
    first = page.evaluate("window.steps[0]")
    later = page.evaluate("window.steps.find(([step]) => step > 0)")
    assert first[0] == 0 and later[1] - first[1] > 280


def test_a_preset_runs_at_once_and_start_from_follows_the_knobs(open_page: Pages) -> None:
    page = AE.opened(open_page)
    below(page, "Presets and challenges")
    page.locator(".preset-card button:visible").first.click()
    AE.wait_step(page, 5)
    chosen = page.locator("#autoencoder-preset").input_value()
    assert chosen not in ("", "own")
    expect(AE.view(page, "latents")).to_be_in_viewport()
    AE.pause(page)
    page.locator('.field[data-field="batch"] input[type="number"]').fill("64")
    page.locator('.field[data-field="batch"] input[type="number"]').press("Enter")
    expect(page.locator("#autoencoder-preset")).to_have_value("own")


def test_a_link_to_a_preset_runs(open_page: Pages) -> None:
    page = open_page("?tab=gan&preset=collapse")
    gan = Tab("gan", ("points",))
    gan.wait_step(page, 5)
    assert page.locator("#gan-preset").input_value() == "collapse"
    assert "lr_d=0.01" in page.evaluate("location.search"), "it runs with the preset's knobs"
    expect(page.locator(".status .hint:visible")).to_have_count(0)


def test_a_solved_challenge_is_announced_counted_and_kept(open_page: Pages) -> None:
    page = open_page("?tab=gan")
    gan = Tab("gan", ("points",))
    gan.wait_state(page, "ready", 60)
    count = page.locator(".challenge-count:visible")
    expect(count).to_have_text("⚑ 0/6")
    button(page, "train").click()
    expect(page.locator(".challenge-news:visible")).to_contain_text("Cover all 8 modes", timeout=60_000)
    expect(count).to_have_text("⚑ 1/6")
    open_page.reload(page)
    expect(page.locator(".challenge-count:visible")).to_have_text("⚑ 1/6")
    page.locator(".challenge-count:visible").click()
    expect(page.locator(".challenges .solved:visible")).to_contain_text("Cover all 8 modes")


def test_what_diverged_is_not_repeated(open_page: Pages) -> None:
    page = AE.opened(open_page, "&lr=1&latent=16")
    button(page, "train").click()
    AE.wait_state(page, "stopped", 60)
    button(page, "train").click()
    expect(AE.refusal(page)).to_contain_text("would end the same way again. Turn one first: lr 0.002")


def test_a_held_out_digit_is_chosen_by_its_picture(open_page: Pages) -> None:
    page = AE.opened(open_page)
    below(page, "Ask the model", "Interpolate between two digits")
    page.locator(".thumbnail-opener:visible").first.click()
    page.locator(".thumbnail-sheet:visible").click(position={"x": 28 * 3 + 10, "y": 28 + 10})
    expect(page.locator(".thumbnail-opener:visible").first).to_contain_text("digit 28")
    page.locator(".thumbnail-sheet:visible").press("ArrowRight")
    expect(page.locator(".thumbnail-opener:visible").first).to_contain_text("digit 29")


@pytest.mark.parametrize("slug", ["vqvae", "transformer", "clip", "gan"])
def test_no_serious_accessibility_violation(open_page: Pages, slug: str) -> None:
    """The other tabs' own tests look at theirs."""
    from axe_playwright_python.sync_playwright import Axe

    page = open_page(f"?tab={slug}")
    Tab(slug, ()).wait_state(page, "ready", 60)
    page.locator(".in-front .place-hero.drawn:visible").first.wait_for()
    found = Axe().run(page, context={"include": [[".tab-box"]]}).response["violations"]
    assert not [(v["id"], [n["html"] for n in v["nodes"]]) for v in found if v["impact"] in ("critical", "serious")]


@pytest.mark.parametrize("slug", ["autoencoder", "gan"])
def test_on_a_phone_a_swipe_scrolls_the_bar_stays_and_knobs_open_over_the_pictures(open_page: Pages, slug: str) -> None:
    page = open_page(f"?tab={slug}", width=390, height=844, touch=True)
    tab = Tab(slug, ())
    tab.wait_state(page, "ready", 60)
    hero = page.locator(".in-front .place-hero.drawn:visible").first
    hero.wait_for()
    box = hero.bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + 0.7 * box["height"]
    cdp = page.context.new_cdp_session(page)
    touch = lambda kind, *points: cdp.send(  # noqa: E731
        "Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": at} for at in points]}
    )
    touch("touchStart", y)
    for moved in range(1, 11):
        touch("touchMove", y - 25 * moved)
        page.wait_for_timeout(20)
    touch("touchEnd")
    page.wait_for_function("scrollY > 150")
    page.wait_for_timeout(800)  # while it glides on, a tap only stops it
    bar = page.locator(".in-front .transport").bounding_box()
    assert bar and -1 <= bar["y"] < 60, "the bar stays in reach"
    page.locator(".in-front .knobs-toggle").tap()
    page.locator(".in-front .knobs.open").wait_for()
    sheet = page.locator(".in-front .knobs").bounding_box()
    assert sheet and sheet["y"] > 844 * 0.4, "half of the pictures stays in sight"
    page.screenshot(path=f"screenshots/{slug}-knobs-390-light.png")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
