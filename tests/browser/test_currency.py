"""What stands on the page belongs to the model one looks at, or says of which step it is."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import Pages
from tests.browser.tab import Tab, below, button, fill

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


def test_captions_are_those_of_the_config(open_page: Pages) -> None:
    page = TAB.opened(open_page)
    caption = TAB.view(page, "latents").locator(".caption")
    expect(caption).to_contain_text("pull apart")
    page.get_by_label("CVAE").check(force=True)
    button(page, "step-button").click()
    expect(caption).to_contain_text("mix")
