"""Links, reloads, and the browser's history."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.conftest import Pages
from tests.browser.tab import Tab, below, button, field

AUTOENCODER = Tab("autoencoder", ("latents",))
TRANSFORMER = Tab("transformer", ("reading",))


def selected(page: Page) -> str:
    return page.locator('.head-box [role="tab"][aria-selected="true"]').inner_text()


def test_a_link_followed_in_an_old_page_leads_to_its_own_run(open_page: Pages) -> None:
    page = AUTOENCODER.opened(open_page)
    AUTOENCODER.train(page, 20)
    open_page.goto(page, "?tab=autoencoder&latent=5")
    AUTOENCODER.wait_state(page, "ready")
    assert AUTOENCODER.step(page) == 0
    expect(field(page, "latent")).to_have_value("5")
    expect(page.locator(".status .hint")).to_be_hidden()
    below(page, "Log")
    expect(page.locator(".log li")).to_have_count(0)


CLICK_AT_ONCE = """new MutationObserver((_, observer) => {
  const train = document.querySelector(".tab-panel button.train");
  if (train) { observer.disconnect(); train.click(); }
}).observe(document, { subtree: true, childList: true })"""


def test_train_clicked_in_the_first_moment_trains_what_the_link_says(open_page: Pages) -> None:
    page = open_page("")
    page.add_init_script(CLICK_AT_ONCE)
    open_page.goto(page, "?tab=autoencoder&latent=5&steps=60")
    AUTOENCODER.wait_state(page, "done", 60)
    expect(page.locator(".status .hint")).to_be_hidden()
    below(page, "Log")
    expect(page.locator(".log li").filter(has_text="steps 60").filter(has_text="latent 5")).to_have_count(1)


def test_the_same_address_typed_again_begins_anew_and_a_reload_does_not(open_page: Pages) -> None:
    page = AUTOENCODER.opened(open_page)
    AUTOENCODER.train(page, 20)
    at = AUTOENCODER.step(page)
    open_page.reload(page)
    AUTOENCODER.wait_state(page, "paused")
    assert AUTOENCODER.step(page) == at
    open_page.goto(page, "?tab=autoencoder")
    AUTOENCODER.wait_state(page, "ready")
    assert AUTOENCODER.step(page) == 0


def test_back_and_forward_move_between_tabs_and_the_address_follows(open_page: Pages) -> None:
    page = open_page("?tab=autoencoder&beta=4")
    page.wait_for_function("location.search === '?tab=autoencoder&beta=4.0'")
    page.get_by_role("tab", name="Transformer").click()
    assert page.evaluate("location.search") == "?tab=transformer", "at once"
    TRANSFORMER.view(page, "reading").and_(page.locator(".drawn")).wait_for()
    page.get_by_role("tab", name="Actor-critic").click()
    page.go_back()
    assert selected(page) == "Transformer" and page.evaluate("location.search") == "?tab=transformer"
    page.go_back()
    assert selected(page) == "Autoencoder"
    assert page.evaluate("location.search") == "?tab=autoencoder&beta=4.0"
    expect(field(page, "beta")).to_have_value("4")
    page.go_forward()
    assert selected(page) == "Transformer"
    expect(TRANSFORMER.view(page, "reading")).to_be_visible()
    expect(AUTOENCODER.view(page, "latents")).to_be_hidden()


def test_a_hidden_tab_trains_on_and_shows_where_it_is_when_it_comes_back(open_page: Pages) -> None:
    page = AUTOENCODER.opened(open_page)
    button(page, "train").click()
    AUTOENCODER.wait_step(page, 10)
    page.get_by_role("tab", name="Transformer").click()
    at = AUTOENCODER.step(page)
    AUTOENCODER.wait_step(page, at + 50)
    page.get_by_role("tab", name="Autoencoder").click()
    AUTOENCODER.wait_draws(page, "latents", 2)
    AUTOENCODER.pause(page)


def test_bad_keys_are_named_and_the_good_ones_stand(open_page: Pages) -> None:
    page = open_page("?tab=autoencoder&beta=99&latent=16&colour=red")
    expect(field(page, "latent")).to_have_value("16")
    expect(field(page, "beta")).to_have_value("1")
    said = AUTOENCODER.refusal(page)
    expect(said).to_contain_text("KL weight (beta): '99' is too large; the largest allowed value is 50.")
    expect(said).to_contain_text("colour: there is no such setting")
