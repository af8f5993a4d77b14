"""The Residual tab as a visitor uses it: two networks train, a block is cut, its price read, and all is restored."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import Pages
from tests.browser.tab import Tab, ask, below, button, field, fill
from tests.serving import SHOTS, Server

TAB = Tab("residual", ("columns", "losses"))
SHAPE = "&data=moons&depth=20&width=16&steps=100000"
SIZES = ("1440-light", "1280-light", "1280-dark", "390-light")
DROP = re.compile(r"Whole ([\d.]+) % → ([\d.]+) % with (\d+) blocks? cut \(([−+]?)([\d.]+) points\)")


class Hero:
    """The columns of blocks, in the picture or in an answer."""

    def __init__(self, page: Page, name: str = "columns") -> None:
        self.page, self.box = page, TAB.view(page, name)
        self.words, self.restore = self.box.locator(".column-words"), self.box.locator("button.restore")
        self.losses = self.box.locator(".column-losses svg").first

    def block(self, arm: str, number: int) -> Locator:
        return self.box.locator(f'[data-arm="{arm}"] .block[data-block="{number}"]')

    def accuracy(self, arm: str) -> Locator:
        return self.box.locator(f'[data-arm="{arm}"] .accuracy')

    def struck(self) -> Locator:
        return self.box.locator('.block[aria-pressed="true"]')

    def kind(self, name: str) -> Locator:
        return self.box.get_by_role("button", name=name, exact=True)

    def shades(self, arm: str) -> list[str]:
        return self.box.locator(f'[data-arm="{arm}"] .block').evaluate_all(
            "blocks => blocks.map((block) => block.style.getPropertyValue('--now'))"
        )

    def drop(self, arm: str) -> tuple[float, float, int]:
        """Accuracies in per cent, whole and with blocks cut, and how many are cut; the change is their difference."""
        expect(self.accuracy(arm)).to_have_text(DROP)
        found = DROP.fullmatch(self.accuracy(arm).inner_text())
        assert found
        whole, cut = float(found[1]), float(found[2])
        change = float(found[5]) * (-1 if found[4] == "−" else 1)
        assert change == pytest.approx(cut - whole, abs=0.11)
        return whole, cut, int(found[3])


@pytest.fixture(scope="module")
def trained(server: Server, browser: Browser) -> Iterator[Page]:
    """Both networks after 100 steps, paused."""
    pages = Pages(browser, server)
    page = pages.open("?tab=residual" + SHAPE)
    page.wait_for_selector(TAB.status + "[data-settled]", timeout=60_000)  # the knobs of the link have come
    TAB.train(page, 100)
    newest = Hero(page).box.locator(".accuracy").filter(has_text=re.compile(r"at step \d\d\d+"))
    expect(newest).to_have_count(2)  # pictures are drawn in turn, after the pause too
    yield page
    pages.close()


@pytest.fixture
def hero(trained: Page) -> Iterator[Hero]:
    trained.evaluate("scrollTo(0, 0)")
    hero = Hero(trained)
    yield hero
    if hero.restore.is_enabled():
        hero.restore.click()
    expect(hero.struck()).to_have_count(0)


def test_each_network_has_a_button_for_each_block_and_both_losses_are_drawn(hero: Hero) -> None:
    for arm in ("plain", "residual"):
        expect(hero.box.locator(f'[data-arm="{arm}"] .block')).to_have_count(9)
        assert (hero.losses.locator(f"path.line.{arm}").get_attribute("d") or "").count("L") > 50
        expect(hero.accuracy(arm)).to_have_text(re.compile(r"Held-out accuracy [\d.]+ % at step \d+"))
    ends = hero.losses.locator(".words").all_text_contents()
    assert [re.sub(r"[\d.]+", "", end) for end in ends] == ["plain ", "residual "]
    first, last = (hero.block("plain", n).bounding_box() for n in (1, 9))
    assert first and last and first["y"] > last["y"], "the input is below"
    expect(hero.restore).to_be_disabled()


def test_the_switch_shows_activations_on_a_scale_of_their_own(hero: Hero) -> None:
    before, legend = hero.shades("plain"), hero.box.locator(".legend")
    expect(legend).to_contain_text("gradient norm")
    hero.kind("Activations").click()
    expect(hero.kind("Activations")).to_have_attribute("aria-pressed", "true")
    expect(hero.kind("Gradients")).to_have_attribute("aria-pressed", "false")
    expect(legend).to_contain_text("activation norm")
    assert hero.shades("plain") != before
    hero.kind("Gradients").click()
    expect(legend).to_contain_text("gradient norm")
    assert hero.shades("plain") == before


def test_a_block_says_its_norms_when_it_is_pointed_at_or_focused(hero: Hero) -> None:
    hero.block("residual", 7).hover()
    expect(hero.words).to_have_text(
        re.compile(
            r"Block 7 of the residual network: gradient \S+ \(\S+ at step 0\), activation \S+ \(\S+ at step 0\)\."
        )
    )
    hero.block("plain", 1).focus()
    ways = {
        "ArrowUp": "Block 2 of the plain",
        "ArrowRight": "Block 2 of the residual",
        "End": "Block 9 of the residual",
    }
    for key, said in ways.items():
        hero.page.keyboard.press(key)
        expect(hero.words).to_contain_text(said)
    expect(hero.box.locator('.block[tabindex="0"]')).to_have_count(2)


def test_a_click_cuts_a_block_and_the_drop_is_read_and_restored(hero: Hero) -> None:
    hero.block("residual", 5).click()
    expect(hero.block("residual", 5)).to_have_attribute("aria-pressed", "true")
    whole, cut, count = hero.drop("residual")
    assert count == 1 and 0 <= cut <= whole + 5
    expect(hero.accuracy("plain")).to_have_text(re.compile(r"Held-out accuracy: [\d.]+ % with all blocks"))
    expect(hero.words).to_contain_text("gradient")  # it is still pointed at
    hero.page.mouse.move(5, 5)
    hero.block("plain", 2).focus()
    hero.page.keyboard.press("Enter")
    hero.page.keyboard.press("ArrowUp")
    hero.page.keyboard.press("Space")
    expect(hero.struck()).to_have_count(3)
    expect(hero.accuracy("plain")).to_contain_text("2 blocks cut")
    assert hero.drop("plain")[2] == 2 and hero.drop("residual") == (whole, cut, 1)
    hero.page.screenshot(path=SHOTS / "residual-cut-1440-light.png")
    hero.block("residual", 5).click()
    expect(hero.accuracy("residual")).to_have_text(f"Held-out accuracy: {whole} % with all blocks")
    hero.restore.click()
    expect(hero.struck()).to_have_count(0)
    expect(hero.restore).to_be_disabled()
    for arm in ("plain", "residual"):
        expect(hero.accuracy(arm)).to_contain_text("Held-out accuracy ")


def test_answers_that_come_late_undo_no_click(hero: Hero) -> None:
    hero.box.evaluate(
        "(box) => { for (const k of [2, 4, 6, 8, 4])"
        " box.querySelector(`[data-arm='residual'] [data-block='${k}']`).click(); }"
    )
    expect(hero.accuracy("residual")).to_have_text(re.compile("Measuring|3 blocks cut"))
    assert hero.drop("residual")[2] == 3
    cut = hero.struck().evaluate_all("blocks => blocks.map((block) => block.dataset.block)")
    assert cut == ["2", "6", "8"]


def test_a_cut_is_measured_again_when_the_network_has_trained_on(hero: Hero) -> None:
    hero.block("plain", 4).click()
    hero.page.mouse.move(5, 5)
    hero.page.evaluate("document.activeElement.blur()")
    step = TAB.step(hero.page)
    expect(hero.words).to_contain_text(f"at step {step}.")
    button(hero.page, "step-button").click()
    expect(hero.words).to_contain_text(f"at step {step + 1}.")
    hero.drop("plain")


def test_cuts_can_be_typed_and_a_block_that_is_not_there_is_refused(hero: Hero) -> None:
    ask(hero.page, "Cut blocks")
    fill(hero.page, "plain", "")  # it has what was cut in the picture last
    fill(hero.page, "residual", "9 3")
    answer = Hero(hero.page, "probe-cut")
    expect(answer.struck()).to_have_count(2)
    assert answer.drop("residual")[2] == 2
    expect(hero.struck()).to_have_count(0)
    fill(hero.page, "residual", "3 10")
    expect(TAB.refusal(hero.page)).to_contain_text("there is no block 10. Choose numbers from 1 to 9.")
    expect(answer.accuracy("residual")).to_have_text("The accuracy with blocks cut was not measured.")
    fill(hero.page, "residual", "3")
    assert answer.drop("residual")[2] == 1
    answer.block("plain", 1).click()
    assert answer.drop("plain")[2] == 1 and answer.drop("residual")[2] == 1
    hero.page.screenshot(path=SHOTS / "residual-cut-answer-1440-light.png", full_page=True)
    answer.restore.click()
    expect(answer.struck()).to_have_count(0)


def test_blocks_that_the_next_run_does_not_have_are_restored(hero: Hero) -> None:
    hero.block("plain", 9).click()
    hero.block("plain", 2).click()
    expect(hero.accuracy("plain")).to_contain_text("2 blocks cut")
    fill(hero.page, "depth", "8")
    button(hero.page, "train").click()
    expect(hero.box.locator('[data-arm="plain"] .block')).to_have_count(3)
    expect(hero.accuracy("plain")).to_contain_text("1 block cut")
    expect(hero.struck()).to_have_count(1)
    expect(hero.box.locator(".complaint:visible")).to_have_count(0)
    TAB.pause(hero.page)


def test_a_network_that_diverged_is_frozen_and_says_so(open_page: Pages) -> None:
    page = open_page.open("?tab=residual&data=moons&depth=56&width=32&norm=none")
    page.wait_for_selector(TAB.status + "[data-settled]", timeout=60_000)
    TAB.train(page, 20)
    column = Hero(page).box.locator('[data-arm="residual"]')
    expect(column).to_contain_text(re.compile(r"diverged at step \d+: frozen"))
    assert "residual diverged at step" in " ".join(Hero(page).losses.locator(".words").all_text_contents())
    page.screenshot(path=SHOTS / "residual-diverged-1440-light.png")


@pytest.mark.parametrize(("number", "block"), [("", 9), ("2", 20)])
def test_a_click_in_either_map_of_gradients_asks_about_that_block(open_page: Pages, number: str, block: int) -> None:
    page = open_page.open("?tab=residual")
    TAB.wait_drawn(page)
    TAB.view(page, "gradients").and_(page.locator(".drawn")).wait_for()
    page.mouse.click(*TAB.place(page, "gradients", 1000, block, number))
    expect(TAB.view(page, "inset-jacobian").and_(page.locator(".drawn"))).to_be_visible()
    below(page, "Ask the model", "Jacobian of a block")
    expect(field(page, "block")).to_have_value(str(block))


def test_with_four_depths_there_is_nothing_to_ask(open_page: Pages) -> None:
    page = open_page.open("?tab=residual&networks=depths")
    TAB.wait_state(page, "ready", 60)
    expect(page.get_by_role("tab", name="Lesson")).to_be_visible()
    expect(page.get_by_role("tab", name="Ask the model")).to_be_hidden()
    expect(page.get_by_role("tab", name="More pictures")).to_be_hidden()


@pytest.mark.parametrize("forced", [False, True])
def test_the_columns_fit_every_screen(hero: Hero, forced: bool) -> None:
    hero.block("residual", 1).click()
    hero.page.emulate_media(forced_colors="active" if forced else "none")
    for size in SIZES:
        TAB.looks(hero.page, "residual-forced" if forced else "residual", size)
        condition = "s => { const e = document.querySelector(s); return e.firstChild.clientWidth === e.clientWidth; }"
        hero.page.wait_for_function(condition, arg=TAB.selector("columns") + " .column-losses")
        spilt = hero.box.evaluate(
            "(box) => { const p = box.querySelector('.plot'); return p.scrollHeight - p.clientHeight; }"
        )
        assert spilt <= 0, f"{size}: the picture is {spilt} pixels too high"
    hero.page.emulate_media(forced_colors="none", color_scheme="light")
    hero.page.evaluate("document.body.classList.remove('dark')")
    hero.page.set_viewport_size({"width": 1440, "height": 900})


def test_no_serious_accessibility_violation(hero: Hero) -> None:
    from axe_playwright_python.sync_playwright import Axe

    hero.block("residual", 1).click()
    found = Axe().run(hero.page, context={"include": [[TAB.selector("columns")]]}).response["violations"]
    assert not [(v["id"], [n["html"] for n in v["nodes"]]) for v in found if v["impact"] in ("critical", "serious")]
