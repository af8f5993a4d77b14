"""What stands on the page belongs to the model one looks at, or says of which step it is."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import Pages
from tests.browser.tab import Tab, below, button, field, fill
from tests.serving import SHOTS

TAB = Tab("autoencoder", ("latents", "manifold", "reconstructions", "losses"))
HERO = TAB.selector("latents") + " .chart"
TRANSFORMER = Tab("transformer", ("reading",))


def source(page: Page, view: str) -> str:
    """The picture in an answer."""
    return str(page.eval_on_selector(TAB.selector(view) + " .chart", "p => p.layout.images[0].source"))


def test_a_clicked_point_is_decoded_again_as_the_model_trains_on(open_page: Pages) -> None:
    page = TAB.opened(open_page)
    TAB.train(page, 50)
    page.locator(HERO).click(position={"x": 260, "y": 240})
    inset = TAB.view(page, "inset-decode")
    expect(inset.locator(".main-svg").first).to_be_visible()
    before = source(page, "inset-decode")
    draws = int(inset.get_attribute("data-draws") or 0)
    button(page, "train").click()
    page.wait_for_function("([s, n]) => Number(document.querySelector(s).dataset.draws) > n",
                           arg=[TAB.selector("inset-decode"), draws])  # fmt: skip
    TAB.pause(page)
    expect(inset).not_to_have_class(re.compile("stale"))
    expect(inset.locator(".age")).to_be_hidden()
    assert source(page, "inset-decode") != before


def test_a_reset_clears_answers_and_no_old_picture_stays(open_page: Pages) -> None:
    page = TAB.opened(open_page)
    TAB.train(page, 50)
    page.locator(HERO).click(position={"x": 260, "y": 240})
    expect(TAB.view(page, "inset-decode").locator(".main-svg").first).to_be_visible()
    below(page, "Ask the model", "Decode a point")
    answer = TAB.view(page, "probe-decode")
    expect(answer.locator(".main-svg").first).to_be_visible()
    below(page, "More pictures")
    bars = TAB.view(page, "kl_per_dimension")
    expect(bars.locator(".main-svg").first).to_be_visible()
    below(page, "Ask the model")
    button(page, "reset").click()
    TAB.wait_state(page, "ready")
    expect(TAB.view(page, "inset-decode")).to_be_hidden()
    expect(answer.locator(".main-svg").first).to_be_hidden()
    expect(answer.locator(".empty")).to_be_visible()
    for view in TAB.views:
        expect(TAB.view(page, view).locator(".main-svg").first).to_be_visible()
        expect(TAB.view(page, view).locator(".age")).to_be_hidden()


def test_an_answer_that_is_not_asked_again_is_greyed_with_its_step(open_page: Pages) -> None:
    tab = Tab("actor-critic", ("agent",))
    page = tab.opened(open_page)
    button(page, "step-button").click()
    tab.wait_step(page, 1)
    below(page, "Ask the model", "Let it play")
    button(page, "ask").click()
    answer = tab.view(page, "probe-let_it_play")
    expect(answer.locator("video")).to_be_visible()
    tab.train(page, 30)
    expect(answer).to_have_class(re.compile("stale"))
    expect(answer.locator(".age")).to_have_text("step 1")
    button(page, "ask").click()
    expect(answer).not_to_have_class(re.compile("stale"))
    expect(answer.locator(".age")).to_be_hidden()


def test_a_typed_text_is_answered_by_the_model_of_this_moment(open_page: Pages) -> None:
    page = TRANSFORMER.opened(open_page)
    button(page, "step-button").click()
    TRANSFORMER.wait_step(page, 1)
    below(page, "Ask the model", "Type a text")
    fill(page, "text", "march 3, 2021")
    answer = TRANSFORMER.view(page, "probe-write")
    expect(answer).to_contain_text("march 3, 2021 →")
    untrained = answer.text_content()
    TRANSFORMER.train(page, 120)  # scrolls up to the button: what is out of sight is not asked
    expect(answer.locator(".age")).to_have_text("step 1")
    answer.scroll_into_view_if_needed()
    expect(answer.locator(".age")).to_be_hidden()
    assert answer.text_content() != untrained


def test_the_strip_shows_values_of_one_moment(open_page: Pages) -> None:
    page = TAB.opened(open_page)
    TAB.train(page, 60)
    at = TAB.step(page)
    if at % 50 == 0:  # everything was measured at this very step
        button(page, "step-button").click()
        at += 1
        TAB.wait_step(page, at)
    expect(page.locator(".metrics .moment")).to_have_text(f"at step {at // 50 * 50}:")
    assert (
        page.locator('[data-metric="heldout/neg_elbo"]').count()
        == page.locator('[data-metric="heldout/kl"]').count()
        == 1
    )


def test_pre_trained_pictures_say_of_which_knobs_they_are(open_page: Pages) -> None:
    page = open_page("?tab=autoencoder&model=CVAE")
    age = TAB.view(page, "latents").locator(".age")
    expect(age).to_have_text("pre-trained with the default knobs")
    usual = TAB.opened(open_page)
    expect(TAB.view(usual, "latents").locator(".age")).to_have_text("pre-trained")


def figure(page: Page, tab: Tab, view: str) -> str:
    """What a chart shows, once it has been drawn."""
    tab.view(page, view).and_(page.locator(".drawn:not(.cleared)")).wait_for()
    return str(page.eval_on_selector(f"{tab.selector(view)} .chart", "p => JSON.stringify(p.data)"))


def expect_pre_trained(page: Page, tab: Tab, views: tuple[str, ...], words: str) -> None:
    for view in views:
        expect(tab.view(page, view).and_(page.locator(".drawn:not(.cleared)"))).to_be_visible()
        expect(tab.view(page, view).locator(".age")).to_have_text(words)


def test_the_gans_digits_have_pre_trained_pictures_before_a_run(open_page: Pages) -> None:
    tab = Tab("gan", ("points", "noise_map", "quality", "beliefs"))
    digits = ("samples", "judged", "digit_quality", "beliefs")
    page = tab.opened(open_page)
    expect_pre_trained(page, tab, tab.views, "pre-trained")
    of_points = figure(page, tab, "beliefs")
    field(page, "data").select_option("digits")
    expect_pre_trained(page, tab, digits, "pre-trained with other knobs")
    page.wait_for_function("([s, before]) => JSON.stringify(document.querySelector(s).data) !== before",
                           arg=[tab.selector("beliefs") + " .chart", of_points])  # fmt: skip
    expect(tab.view(page, "points")).to_be_hidden()
    tab.view(page, "samples").locator(".chart").click(position={"x": 200, "y": 200})
    inset = tab.view(page, "inset-nearest").and_(page.locator(".drawn"))
    expect(inset).to_contain_text("nearest training digits")
    expect(inset.locator(".age")).to_have_text("pre-trained with other knobs")
    page.screenshot(path=SHOTS / "gan-digits-pre-trained-1440-light.png")
    field(page, "data").select_option("ring")
    expect_pre_trained(page, tab, tab.views, "pre-trained")
    expect(tab.view(page, "samples")).to_be_hidden()
    expect(inset).to_be_hidden()
    page.wait_for_function("([s, before]) => JSON.stringify(document.querySelector(s).data) === before",
                           arg=[tab.selector("beliefs") + " .chart", of_points])  # fmt: skip
    field(page, "data").select_option("digits")
    expect_pre_trained(page, tab, digits, "pre-trained with other knobs")
    button(page, "train").click()
    expect(inset).to_be_hidden()
    tab.wait_step(page, 5)
    tab.pause(page)
    for view in digits:
        expect(tab.view(page, view).locator(".age")).to_be_hidden()


def test_clips_captions_have_pre_trained_pictures_before_a_run(open_page: Pages) -> None:
    tab = Tab("clip", ("clip_matrix", "frame_matrix", "projection", "progress"))
    captions = ("digit_matrix", "confusion", "caption_projection", "caption_progress")
    page = tab.opened(open_page)
    expect_pre_trained(page, tab, tab.views, "pre-trained")
    page.locator('.field[data-field="data"]:visible input[value="digits"]').check(force=True)
    expect_pre_trained(page, tab, captions, "pre-trained")
    expect(tab.view(page, "clip_matrix")).to_be_hidden()
    page.mouse.click(*tab.place(page, "digit_matrix", 2, 13))
    inset = tab.view(page, "inset-find_captions").and_(page.locator(".drawn"))
    expect(inset).to_be_visible()
    expect(inset.locator(".age")).to_have_text("pre-trained")
    page.screenshot(path=SHOTS / "clip-captions-pre-trained-1440-light.png")
    page.locator('.field[data-field="data"]:visible input[value="dance"]').check(force=True)
    expect_pre_trained(page, tab, tab.views, "pre-trained")
    expect(inset).to_be_hidden()
    button(page, "train").click()
    tab.wait_step(page, 2)
    tab.pause(page)
    for view in tab.views:
        expect(tab.view(page, view).locator(".age")).to_be_hidden()


def test_a_link_to_a_setting_opens_on_its_own_pictures_and_a_reload_with_a_run_on_the_runs(open_page: Pages) -> None:
    tab = Tab("gan", ("samples", "judged", "digit_quality", "beliefs"))
    page = tab.opened(open_page, "&data=digits&noise=64&lr_g=0.004&lr_d=0.004&batch=32&steps=2500&schedule=2500")
    expect_pre_trained(page, tab, tab.views, "pre-trained")
    button(page, "step-button").click()
    tab.wait_step(page, 1)
    open_page.reload(page)
    tab.wait_step(page, 1)
    for view in tab.views:
        expect(tab.view(page, view).locator(".age")).to_be_hidden()


def test_captions_are_those_of_the_config(open_page: Pages) -> None:
    page = TAB.opened(open_page)
    caption = TAB.view(page, "latents").locator(".caption")
    expect(caption).to_contain_text("pull apart")
    page.get_by_label("CVAE").check(force=True)
    button(page, "step-button").click()
    expect(caption).to_contain_text("mix")
