"""The CLIP tab as a visitor uses it: the diagonal lights up, a dance is seen and heard to a music."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import soundfile
from playwright.sync_api import expect

from playground.data.dance import music, piece
from playground.data.sound import RATE
from tests.browser.conftest import Pages
from tests.browser.tab import SIZES, Tab, below, fill
from tests.serving import SHOTS

TAB = Tab("clip", ("clip_matrix", "frame_matrix", "projection", "progress"))
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
    inset = TAB.view(page, "inset-pair")
    page.mouse.click(*TAB.place(page, "clip_matrix", 50, 3))
    expect(inset.locator(".sounds button")).to_contain_text("music 50:")
    expect(inset.locator(".dance-floor")).to_have_attribute("aria-label", re.compile("dance 3:"))
    TAB.looks(page, "clip", *SIZES)
    page.mouse.click(*TAB.place(page, "clip_matrix", 7, 20))
    expect(inset.locator(".sounds button")).to_contain_text("music 7:")
    floor = inset.locator(".dance-floor")
    expect(floor).to_have_attribute("aria-label", re.compile("dance 20:"))
    before = floor.get_attribute("data-frame")
    page.wait_for_function("([s, f]) => document.querySelector(s).dataset.frame !== f",
                           arg=[TAB.selector("inset-pair") + " .dance-floor", before])  # fmt: skip
    assert inset.get_attribute("data-sounding") != "true", "nothing sounds before a click"
    inset.locator(".play").click()
    expect(inset).to_have_attribute("data-sounding", "true")
    inset.locator(".play").click()
    expect(inset).to_have_attribute("data-sounding", "false")
    inset.locator(".play").click()
    inset.locator(".close").click()
    expect(inset).to_have_attribute("data-sounding", "false")  # what is closed is silent


def sound_file(folder: Path, name: str, samples: np.ndarray, rate: int = RATE) -> Path:
    path = folder / name
    soundfile.write(path, samples, rate)
    return path


def test_a_visitors_own_music_finds_dances_and_what_is_none_a_sentence(open_page: Pages, tmp_path: Path) -> None:
    page = TAB.opened(open_page, "&steps=60&with_frame_objective=false")
    page.locator("button.train:visible").click()
    TAB.wait_state(page, "done", 90)
    below(page, "Ask the model", "Find dances for a music")
    chooser, answer = page.locator(".sound-picker:visible input"), TAB.view(page, "probe-find_dance")
    bad = tmp_path / "letter.wav"
    bad.write_text("a letter")
    chooser.set_input_files(bad)
    expect(TAB.refusal(page)).to_contain_text("not a sound that can be read")
    chooser.set_input_files(sound_file(tmp_path, "hour.flac", np.zeros(8000 * 3600), 8000))
    expect(TAB.refusal(page)).to_contain_text("3,600 s; 30 s are the most")
    chooser.set_input_files(sound_file(tmp_path, "large.wav", np.zeros(6_000_000)))
    expect(page.locator(".sound-picker:visible")).to_contain_text("12.0 MB; 10 MB are the most")
    chooser.set_input_files(sound_file(tmp_path, "mine.mp3", music(piece(300), after=2)))
    expect(answer.locator(".sounds button")).to_contain_text("your music, from", timeout=60_000)
    expect(page.locator(".sound-picker:visible")).to_contain_text("mine.mp3")
    expect(TAB.refusal(page)).to_have_count(0)
    page.screenshot(path=SHOTS / "clip-upload-1440-light.png", full_page=True)
    page.get_by_role("button", name="Remove").locator("visible=true").click()
    expect(answer.locator(".sounds button")).to_contain_text("music 0:")


def test_digits_have_pictures_and_questions_of_their_own(open_page: Pages) -> None:
    page = TAB.opened(open_page)
    page.select_option("#clip-preset", "captions")
    expect(TAB.view(page, "digit_matrix")).to_be_visible()
    expect(TAB.view(page, "clip_matrix")).to_be_hidden()
    expect(page.locator('.field[data-field="frames"]')).to_be_hidden()
    TAB.wait_step(page, 250)
    TAB.pause(page)
    below(page, "Ask the model")
    expect(page.get_by_role("tab", name="A dance to a music")).to_be_hidden()
    fill(page, "caption", "this is an eight")
    expect(TAB.view(page, "probe-find_digits")).to_contain_text("eights")
    fill(page, "caption", "x" * 40)
    expect(TAB.refusal(page)).to_contain_text("40 characters; 32 are the most")
    TAB.view(page, "digit_matrix").scroll_into_view_if_needed()
    page.mouse.click(*TAB.place(page, "digit_matrix", 2, 13))
    expect(TAB.view(page, "inset-find_captions").and_(page.locator(".drawn"))).to_be_visible()
    page.screenshot(path=SHOTS / "clip-digits-1440-light.png", full_page=True)
