"""A concept that the page has never heard of, with a medium of its own: no shared file knows it."""

from __future__ import annotations

import subprocess

from playwright.sync_api import expect

from tests.browser.conftest import Pages
from tests.browser.tab import Tab, below, button, field, fill
from tests.serving import ROOT

TAB = Tab("toy", ("curve", "dial"))


def test_it_trains_shows_and_answers(toy_page: Pages) -> None:
    page = toy_page.open("?tab=toy")
    TAB.wait_state(page, "ready")
    button(page, "step-button").click()
    dial = TAB.view(page, "dial").locator(".needle")
    expect(dial).to_contain_text("0.")
    button(page, "train").click()
    TAB.wait_step(page, 50)
    page.wait_for_selector(TAB.selector("curve") + " .main-svg")
    TAB.wait_state(page, "done")
    below(page, "Ask the model")
    dial.click()
    expect(field(page, "times")).to_have_value("3")
    page.wait_for_selector(TAB.selector("probe-ask") + " .main-svg")
    fill(page, "times", "7")
    expect(TAB.refusal(page)).to_have_text("Not seven times.")
    below(page, "Lesson")
    expect(page.locator(".code-panel:visible")).to_contain_text("self.theta += self.config.rate")


def test_what_the_server_sends_is_text_not_markup(toy_page: Pages) -> None:
    page = toy_page.open("?tab=%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E")
    expect(TAB.refusal(page)).to_have_text("This link asks for a tab “<img src=x onerror=alert(1)>” that isn't here.")
    below(page, "Log")
    expect(page.locator(".log:visible")).to_contain_text("“<img src=x onerror=alert(1)>”")
    assert page.locator("img[src=x]").count() == 0


def test_no_shared_file_names_a_tabs_thing() -> None:
    words = "autoencoder|transformer|actor.?critic|rollout|cartpole|gymnasium|toy|dial"
    shared = ["playground/ui", "playground/engine", "playground/session", "playground/figures", "playground/concept.py",
              "playground/capture.py", "playground/source.py", "playground/wording.py", "playground/export.py",
              "playground/palette.py"]  # fmt: skip
    options = [
        "-rniwE",
        "--include=*.py",
        "--include=*.js",
        "--include=*.css",
        "--include=*.json",
        "--exclude-dir=vendor",
    ]
    found = subprocess.run(["grep", *options, words, *shared], cwd=ROOT, capture_output=True, text=True)
    assert found.stdout == ""
