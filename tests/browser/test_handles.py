"""A handle in a picture sets a live knob: by mouse, touch and keys, before a run, paused, and while it trains."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.conftest import Pages
from tests.browser.tab import Tab, ask, button
from tests.serving import SHOTS

TAB = Tab("toy", ("curve", "dial"))
SLOW = Tab("slow-toy", ("curve", "dial"))

HANDLE = {"name": "mean", "label": "mean of the noise", "x": {"at": 0}, "y": {"knob": "mean"}}
PREVIEW = {
    "data": [{"type": "scatter", "x": [0, 100], "y": [0.2, 0.5]}],
    "layout": {"uirevision": "toy", "meta": {"handles": [HANDLE]}, "yaxis": {"range": [-1, 2]}},
}
"""What the toy's curve would look like with a pre-trained model: it has none of its own."""

WATCH = """(handle) => {
    window.watched = { lags: [], jumps: [], moved: 0, answered: 0 };
    const middle = () => { const { top, height } = handle.getBoundingClientRect(); return top + height / 2; };
    let from = null;
    addEventListener("pointerdown", ({ clientY }) => { from = middle() - clientY; }, true);
    addEventListener("pointerup", () => { from = null; }, true);
    addEventListener("pointermove", ({ clientY }) => {
        if (from === null) return;
        const began = window.watched.moved = performance.now();
        requestAnimationFrame(() => {
            window.watched.lags.push(performance.now() - began);
            window.watched.jumps.push(middle() - clientY - from);
        });
    }, true);
    const dial = document.querySelector("[data-view=dial]");
    new MutationObserver(() => { window.watched.answered = performance.now(); })
        .observe(dial, { attributeFilter: ["data-draws"] });
}"""
"""Notes in the page, at the frame after each move of the pointer, how far the handle is from the pointer."""


IN_ITS_PLACE = """([view, mean]) => {
    const plot = document.querySelector(`${view} .chart`);
    const { top, height } = plot.querySelector(".handle").getBoundingClientRect();
    const { _offset, d2p } = plot._fullLayout.yaxis;
    return Math.abs(top + height / 2 - plot.getBoundingClientRect().top - _offset - d2p(mean)) < 1;
}"""


def handle_of(page: Page) -> Locator:
    return page.locator('.handle[data-handle="mean"]:visible')


def middle(handle: Locator) -> tuple[float, float]:
    box = handle.bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def stands_at(page: Page, tab: Tab, mean: float) -> None:
    """The handle is where the axes have this value, to the pixel, and says so."""
    handle = handle_of(page)
    expect(handle).to_have_attribute("aria-valuenow", f"{mean:g}")
    expect(handle).to_have_attribute("aria-valuetext", f"Mean: {mean:g}")
    page.wait_for_function(IN_ITS_PLACE, arg=[tab.selector("curve"), mean])


def drag(page: Page, tab: Tab, mean: float) -> None:
    """By mouse, from where the handle is to a value of the vertical axis."""
    left, top = middle(handle_of(page))
    end = tab.place(page, "curve", 0, mean)[1]
    page.mouse.move(left + 3, top + 3)  # not quite in its middle
    page.mouse.down()
    page.mouse.move(left + 3, (top + end) / 2 + 3)
    page.mouse.move(left + 3, end + 3)
    page.mouse.up()


def wait_address(page: Page, query: str) -> None:
    page.wait_for_function("query => location.search === query", arg=query)


def value(page: Page) -> float:
    """Of the knob, as the handle says it."""
    return float(handle_of(page).get_attribute("aria-valuenow") or "nan")


def theta(page: Page) -> float:
    return float(page.locator(".needle:visible").inner_text())


def opened(pages: Pages, query: str = "", tab: Tab = TAB, **how: Any) -> Page:
    """A run at step 0, with its handle in sight."""
    page = pages.open(f"?tab={tab.slug}{query}", **how)
    tab.wait_state(page, "ready")
    button(page, "reset").click()
    handle_of(page).wait_for()
    return page


def with_preview(pages: Pages) -> Page:
    """A page that has not begun a run, over the figure of a pre-trained model."""
    page = pages.open("")

    def about(route: Route) -> None:
        response = route.fetch()
        told = response.json()
        knobs = {knob["name"]: knob["value"] for knob in told["knobs"]}
        told["pre_trained"] = {"": {"path": "preview-of-the-toy.json", "knobs": knobs}}
        route.fulfill(response=response, json=told)

    page.route("**/about/toy.json*", about)
    preview = {"step": 100, "figures": {"curve": PREVIEW}}
    page.route("**/preview-of-the-toy.json*", lambda route: route.fulfill(json=preview))
    pages.goto(page, "?tab=toy")
    TAB.wait_state(page, "ready")
    handle_of(page).wait_for()
    return page


def test_dragged_before_a_run_it_opens_one_at_step_0(toy_page: Pages) -> None:
    page = with_preview(toy_page)
    stands_at(page, TAB, 0.5)
    expect(page.locator(".needle")).to_have_text("")
    drag(page, TAB, 1.25)
    assert value(page) == pytest.approx(1.25, abs=0.02)
    stands_at(page, TAB, value(page))
    expect(page.locator(".needle")).to_contain_text("0.")
    TAB.wait_state(page, "ready")
    assert TAB.step(page) == 0
    wait_address(page, f"?tab=toy&mean={value(page):g}")
    expect(page.locator('[data-metric="distance"] b')).to_have_text(f"{abs(theta(page) - value(page)):.3g}")


def test_a_challenge_is_judged_before_any_training(toy_page: Pages) -> None:
    page = opened(toy_page, "&mean=-1")
    expect(page.locator(".challenge-count:visible")).to_have_text(re.compile("0/2"))
    drag(page, TAB, theta(page))
    expect(page.locator(".challenge-count:visible")).to_have_text(re.compile("1/2"))
    expect(page.locator(".challenge-news:visible")).to_contain_text("Touch")
    TAB.wait_state(page, "ready")
    assert TAB.step(page) == 0


def test_keys_move_it_and_say_where_it_is(toy_page: Pages) -> None:
    page = opened(toy_page)
    handle = handle_of(page)
    expect(handle).to_have_accessible_name("mean of the noise")
    handle.focus()
    for key, mean in (
        ("ArrowUp", 0.51), ("ArrowRight", 0.52), ("ArrowDown", 0.51), ("Shift+ArrowUp", 0.61), ("PageDown", 0.51),
        ("Home", -1), ("End", 2), ("ArrowUp", 2), ("ArrowLeft", 1.99), ("Delete", 0.5),
    ):  # fmt: skip
        page.keyboard.press(key)
        stands_at(page, TAB, mean)
    expect(handle).to_be_focused()
    page.keyboard.press("Shift+ArrowDown")
    wait_address(page, "?tab=toy&mean=0.4")
    handle.dblclick()
    stands_at(page, TAB, 0.5)
    wait_address(page, "?tab=toy")


def test_a_finger_drags_it_and_scrolls_no_page(toy_page: Pages) -> None:
    page = opened(toy_page, width=390, height=844, touch=True)
    handle = handle_of(page)
    handle.scroll_into_view_if_needed()
    scrolled = page.evaluate("scrollY")
    left, top = middle(handle)
    top += 20  # the finger's target is larger than what is seen of the handle
    end = TAB.place(page, "curve", 0, 1.4)[1] + 20
    cdp = page.context.new_cdp_session(page)

    def touch(kind: str, *points: tuple[float, float]) -> None:
        cdp.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y} for x, y in points]})

    touch("touchStart", (left, top))
    for i in range(1, 9):
        touch("touchMove", (left, top + (end - top) * i / 8))
    touch("touchEnd")
    wait_address(page, f"?tab=toy&mean={value(page):g}")
    assert value(page) == pytest.approx(1.4, abs=0.02)
    stands_at(page, TAB, value(page))
    assert page.evaluate("scrollY") == scrolled


def test_paused_pictures_and_answers_follow(toy_page: Pages) -> None:
    page = opened(toy_page, "&steps=100000", SLOW)
    SLOW.train(page, 20)
    ask(page, "Loss around θ")
    answer = SLOW.selector("probe-landscape_at")
    page.wait_for_selector(f"{answer} .main-svg")
    page.evaluate("scrollTo(0, 0)")
    page.wait_for_timeout(1000)  # until the dial shows the last step
    step, before = SLOW.step(page), theta(page)
    drag(page, SLOW, 1.5)
    mean = value(page)
    distance = abs(before - mean)
    shown = f"{distance:.3f}" if distance < 1 else f"{distance:.2f}"
    expect(page.locator('[data-metric="distance"]:visible b')).to_have_text(shown)
    page.locator(answer).scroll_into_view_if_needed()
    page.wait_for_function(LOWEST, arg=[answer, mean])
    assert (SLOW.step(page), theta(page)) == (step, before)
    SLOW.wait_state(page, "paused")


LOWEST = """([answer, mean]) => {
    const [{ x, y }] = document.querySelector(`${answer} .chart`).data;
    return x.length === 300 && x.every((at, i) => Math.abs((at - mean) ** 2 - y[i]) < 1e-9);
}"""
"""Whether the answer's curve is the loss for this mean."""


def test_while_it_trains_it_stays_under_the_hand(toy_page: Pages) -> None:
    page = opened(toy_page, "&steps=100000", SLOW)
    button(page, "train").click()
    SLOW.wait_step(page, 20)
    handle = handle_of(page)
    left, top = middle(handle)
    end = SLOW.place(page, "curve", 0, 1.5)[1]
    page.mouse.move(left, top)
    page.mouse.down()
    page.mouse.move(left, end, steps=4)
    step = SLOW.step(page)
    assert tops(handle, 60) == [pytest.approx(end, abs=1)] * 60
    SLOW.wait_draws(page, "curve", 2)
    SLOW.wait_step(page, step + 50)
    page.mouse.up()
    assert tops(handle, 60) == [pytest.approx(end, abs=1)] * 60
    step = SLOW.step(page)
    SLOW.wait_step(page, step + 200)
    SLOW.wait_state(page, "training")
    assert theta(page) > 1  # it learns what the hand has set
    stands_at(page, SLOW, value(page))


def tops(handle: Locator, frames: int) -> list[float]:
    """Where it stands, at each of so many of the browser's frames."""
    follow = """async (handle, frames) => {
        const found = [];
        while (found.push(handle.getBoundingClientRect()) < frames) await new Promise(requestAnimationFrame);
        return found.map(({ top, height }) => top + height / 2);
    }"""
    found: list[float] = handle.evaluate(follow, frames)
    return found


def test_it_stays_put_after_a_reload(toy_page: Pages) -> None:
    page = opened(toy_page)
    button(page, "step-button").click()
    TAB.wait_step(page, 1)
    drag(page, TAB, -0.5)
    mean, at = value(page), theta(page)
    wait_address(page, f"?tab=toy&mean={mean:g}")
    toy_page.reload(page)
    handle_of(page).wait_for()
    stands_at(page, TAB, mean)
    assert (TAB.step(page), theta(page)) == (1, at)


@pytest.mark.alone
def test_it_moves_with_the_pointer_and_its_effect_comes_soon(toy_page: Pages) -> None:
    page = opened(toy_page)
    handle_of(page).evaluate(WATCH)
    times = []
    for mean in (1.0, 0.2, 1.4, -0.3, 0.8):
        drag(page, TAB, mean)
        page.wait_for_timeout(1000)  # until its last effect is drawn
        times.append(page.evaluate("window.watched.answered - window.watched.moved"))
    lags, jumps = page.evaluate("[window.watched.lags, window.watched.jumps]")
    assert len(jumps) >= 10
    assert max(map(abs, jumps)) <= 1.5, "at the frame after a move it is under the pointer"
    print("milliseconds to the next frame", max(lags), "and from the last move to its effect", sorted(times))
    assert 0 < sorted(times)[len(times) // 2] <= 150


def test_it_is_large_enough_and_seen_in_every_light(toy_page: Pages) -> None:
    page = opened(toy_page)
    handle = handle_of(page)
    box = handle.bounding_box()
    assert box and box["width"] >= 24 and box["height"] >= 24
    left, top = middle(handle)
    for x, y in ((-21.5, 0), (21.5, 0), (0, -21.5), (0, 21.5)):  # a finger's target: 44 pixels
        hit = "([x, y]) => document.elementFromPoint(x, y).matches('.handle')"
        assert page.evaluate(hit, [left + x, top + y]), (x, y)
    handle.focus()
    TAB.looks(page, "handle", "1440-light", "1440-dark", "390-light")
    stands_at(page, TAB, 0.5)
    page.set_viewport_size({"width": 1440, "height": 900})
    page.emulate_media(forced_colors="active", color_scheme="dark")
    page.wait_for_timeout(700)
    page.screenshot(path=SHOTS / "handle-1440-forced.png")
    ink, card = handle.evaluate("e => [getComputedStyle(e).borderTopColor, getComputedStyle(e).backgroundColor]")
    assert ink != card
