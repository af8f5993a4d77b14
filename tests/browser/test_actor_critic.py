"""The Actor-critic tab as a visitor uses it: the agent at play, videos, the match, a click on the map, presets."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Pages
from tests.browser.tab import SIZES, Tab, ask, below, button, field, fill
from tests.serving import SHOTS

TAB = Tab("actor-critic", ("agent", "value_map", "actor_map", "progress"))
AGENT, VIDEO, GAME = (TAB.selector(name) for name in ("agent", "video", "probe-you_play"))
opened, view, wait_metric, wait_state, wait_step = TAB.opened, TAB.view, TAB.wait_metric, TAB.wait_state, TAB.wait_step


def wait_marks(page: Page, selector: str, condition: str) -> None:
    """Until a condition on the marks of a box, `g`, holds."""
    page.wait_for_function(f"s => {{ const g = document.querySelector(s).dataset; return {condition}; }}", arg=selector)


def mark(page: Page, selector: str, name: str) -> str:
    return page.get_attribute(selector, f"data-{name}") or ""


def test_opens_on_a_trained_agent_that_plays(open_page: Pages) -> None:
    page = opened(open_page)
    expect(view(page, "agent").locator(".age")).to_have_text("pre-trained")
    expect(view(page, "agent").locator(".agent-words")).to_have_text("policy of update 2,000 · grey: of update 0")
    for name in ("value_map", "actor_map", "progress"):
        expect(view(page, name).locator(".main-svg").first).to_be_visible()
    wait_marks(page, AGENT, "Number(g.step) >= 60 || Number(g.episode) > 0")
    page.screenshot(path=SHOTS / "actor-critic-open-1440-light.png")


def test_the_agent_on_screen_is_the_one_that_learns(open_page: Pages) -> None:
    page = opened(open_page)
    button(page, "train").click()
    wait_step(page, 30)
    expect(view(page, "agent").locator(".age")).to_be_hidden()
    wait_marks(page, AGENT, "Number(g.update) > 0 && Number(g.update) < 1900")
    for _ in range(3):
        before = int(mark(page, AGENT, "update"))
        wait_marks(page, AGENT, f"Number(g.update) > {before}")
    wait_metric(page, "return/mean20", 150)
    TAB.pause(page)
    at = TAB.step(page)
    expect(view(page, "agent").locator(".agent-words")).to_contain_text(f"policy of update {at:,}")
    wait_marks(page, AGENT, "Number(g.step) >= 100")
    page.screenshot(path=SHOTS / "actor-critic-paused-1440-light.png")
    below(page, "More pictures")
    expect(view(page, "video").locator(".video-words")).to_contain_text(f"after {at:,} updates")
    mounts = page.eval_on_selector_all("[data-mounts]", "es => es.map(e => e.dataset.mounts)")
    assert set(mounts) == {"1"}


def test_the_agent_can_be_poked_and_stopped(open_page: Pages) -> None:
    page = opened(open_page)
    agent = view(page, "agent")
    agent.locator(".play").click()
    still = mark(page, AGENT, "step")
    agent.locator("canvas").click(position={"x": 100, "y": 120})
    assert mark(page, AGENT, "pokes") == "1" and mark(page, AGENT, "step") == still
    agent.locator(".play").click()
    for _ in range(8):
        agent.locator(".poke").last.click()
    wait_marks(page, AGENT, "g.over === 'true' || Number(g.episode) > 0")


def test_everything_is_on_one_screen_at_1440(open_page: Pages) -> None:
    page = opened(open_page)
    for box in (view(page, name).bounding_box() for name in TAB.views):
        assert box and box["y"] >= 0 and box["y"] + box["height"] <= 900 and box["x"] + box["width"] <= 1440


def test_every_knob_can_be_reached(open_page: Pages) -> None:
    page = opened(open_page)
    page.locator(".more-knobs summary:visible").click()
    for width, height in ((1440, 900), (1280, 720), (390, 844)):
        page.set_viewport_size({"width": width, "height": height})
        if width == 390:
            button(page, "knobs-toggle").click()
        for name in ("stop_gradient", "terminal_mask", "reward_to_go"):
            before = field(page, name).is_checked()
            field(page, name).click()
            expect(field(page, name)).to_be_checked(checked=not before)
        page.wait_for_function("n => location.search.includes('reward_to_go=False') === n", arg=before)


def test_answers_have_room_on_a_phone(open_page: Pages) -> None:
    page = opened(open_page, width=390, height=844)
    ask(page, "You play")
    box = view(page, "probe-you_play").bounding_box()
    assert box and box["width"] > 320


def test_the_video_stops_seeks_and_slows_down(open_page: Pages) -> None:
    page = opened(open_page)
    below(page, "More pictures")
    page.wait_for_selector(VIDEO + ".drawn")
    video = view(page, "video")
    assert page.eval_on_selector(VIDEO + " video", "v => [v.videoWidth, v.videoHeight]") == [420, 166]
    expect(video.locator(".act em").first).to_contain_text("%")
    video.locator(".play").click()
    expect(video.locator(".play")).to_have_attribute("aria-label", "Play the video")
    assert page.eval_on_selector(VIDEO + " video", "v => v.paused")
    still = page.eval_on_selector(VIDEO + " video", "v => v.currentTime")
    video.locator(".lines").click(position={"x": 300, "y": 40})
    page.wait_for_function("([s, t]) => document.querySelector(s + ' video').currentTime !== t", arg=[VIDEO, still])
    here = int(mark(page, VIDEO, "step"))
    video.locator(".lines").focus()
    page.keyboard.press("ArrowRight")
    wait_marks(page, VIDEO, f"Number(g.step) === {here + 1}")
    video.locator("select").select_option("0.25")
    assert page.eval_on_selector(VIDEO + " video", "v => v.playbackRate") == 0.25


def test_a_click_on_the_map_plays_from_there(open_page: Pages) -> None:
    page = opened(open_page)
    button(page, "step-button").click()
    wait_step(page, 1)
    view(page, "value_map").locator(".chart").click(position={"x": 130, "y": 90})
    inset = view(page, "inset-let_it_play")
    expect(inset.locator("video")).to_be_visible(timeout=20_000)
    expect(inset.locator(".video-words")).to_contain_text("from (0.00, 0.00,")
    page.screenshot(path=SHOTS / "actor-critic-click-1440-light.png")
    inset.locator(".close").click()
    expect(inset).to_be_hidden()


def test_let_it_play_from_a_start_and_a_bad_start_is_refused(open_page: Pages) -> None:
    page = opened(open_page)
    ask(page, "Let it play")
    answer = view(page, "probe-let_it_play")
    expect(answer.locator("video")).to_be_visible(timeout=20_000)
    expect(answer.locator(".age")).to_have_text("pre-trained")
    button(page, "step-button").click()
    wait_step(page, 1)
    button(page, "ask").click()
    expect(answer.locator("video")).to_be_visible(timeout=20_000)
    fill(page, "x", "0.9")
    expect(TAB.refusal(page)).to_contain_text(
        "pole angle θ, rad between -0.209 and 0.209, not 0.9", timeout=20_000
    )  # fmt: skip
    expect(answer.locator("video")).to_be_visible()


def test_you_play_by_key_and_the_agent_takes_a_nudge(open_page: Pages) -> None:
    page = opened(open_page)
    button(page, "step-button").click()
    wait_step(page, 1)
    ask(page, "You play")
    game = view(page, "probe-you_play")
    page.wait_for_selector(GAME + ".drawn")
    game.locator(".start").click()
    page.keyboard.down("ArrowRight")
    wait_marks(page, GAME, "Number(g.position) > 0.05")  # pushed to the right, it moves to the right
    page.keyboard.up("ArrowRight")
    expect(game.locator(".score")).to_contain_text("You: fell after")
    wait_marks(page, GAME, "g.running === 'false'")
    page.screenshot(path=SHOTS / "actor-critic-match-1440-light.png", full_page=True)
    page.locator(".game .arena").focus()
    page.keyboard.press("Enter")
    page.keyboard.down("ArrowLeft")
    wait_marks(page, GAME, "Number(g.position) < -0.05")
    page.keyboard.up("ArrowLeft")
    for _ in range(4):
        game.locator(".nudge").last.click()
    expect(game.locator(".score")).to_contain_text("agent: fell after")


def test_the_unmasked_preset_drives_v_past_its_maximum_and_ticks_its_challenge(open_page: Pages) -> None:
    page = opened(open_page)
    below(page, "Presets and challenges")
    page.get_by_role("button", name="V past its maximum").click()
    page.wait_for_function("location.search.includes('terminal_mask=False')")
    page.wait_for_selector(".challenges .solved >> text=Drive V past what is possible", timeout=60_000)
    TAB.pause(page)
    page.evaluate("scrollTo(0, 0)")
    page.screenshot(path=SHOTS / "actor-critic-unmasked-1440-light.png")


@pytest.mark.parametrize(
    ("name", "query", "sizes"),
    [
        ("actor-critic", "", SIZES),
        ("actor-critic-all", "&rule=all", ("1280-light", "390-dark")),
        ("actor-critic-acrobot", "&environment=Acrobot-v1", ("1440-light",)),
        ("actor-critic-car", "&environment=MountainCar-v0", ("1440-dark",)),
    ],
)
def test_looks(open_page: Pages, name: str, query: str, sizes: tuple[str, ...]) -> None:
    page = opened(open_page, query)
    TAB.train(page, 60)
    below(page, "More pictures")
    page.wait_for_selector(TAB.selector("gallery") + ".drawn")
    TAB.looks(page, name, *sizes)


def test_no_serious_accessibility_violation(open_page: Pages) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page = opened(open_page)
    found = Axe().run(page, context={"include": [[".tab-box"]]}).response["violations"]
    assert not [(v["id"], [n["html"] for n in v["nodes"]]) for v in found if v["impact"] in ("critical", "serious")]
