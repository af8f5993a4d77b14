"""A concept that the page has never heard of, with a medium of its own: no shared file knows it."""

from __future__ import annotations

import subprocess
from typing import Any

import pytest
from playwright.sync_api import Page, Response, Route, expect

from tests.browser.conftest import Pages
from tests.browser.tab import Tab, below, button, field, fill
from tests.serving import ROOT

TAB = Tab("toy", ("curve", "dial"))
SLOW = Tab("slow-toy", ("curve", "dial"))
PARTS = [3, 30, 300]
"""Points of the answer "landscape_at", part by part."""

WATCH = """(box) => {
    window.drawn = [];
    const note = () => {
        const [trace] = box.querySelector(".chart").data;
        window.drawn.push({ points: trace.x.length, from: trace.x[0], to: trace.x.at(-1) });
    };
    new MutationObserver(note).observe(box, { attributeFilter: ["data-draws"] });
}"""
"""Notes in the page what a box draws from now on: how many points, and between which ends."""

DRAWN_IN_PARTS = """(parts) => {
    const starts = window.drawn.map(({ from }) => from);
    const points = (start) => window.drawn.filter(({ from }) => from === start).map((drawn) => drawn.points);
    const isInParts = (seen) =>
        seen.length > 1 && seen.at(-1) === parts.at(-1) && seen.join() === parts.filter((n) => seen.includes(n)).join();
    return starts.find((start) => isInParts([...new Set(points(start))]));
}"""
"""Where an answer starts of which every part was drawn, in order."""

DELAY = """() => {
    const { fetch } = window;
    window.fetch = async (address, how) => {
        const isLater = how?.body?.includes('"kind":"continue"');
        if (isLater) await new Promise((done) => setTimeout(done, 400));
        return fetch(address, how);
    };
}"""
"""Lets every later part of an answer come late enough for the one before to be drawn."""


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


def test_an_arm_that_diverges_is_said_and_the_other_trains_on(toy_page: Pages) -> None:
    page = toy_page.open("?tab=toy&networks=two&steps=60")
    TAB.wait_state(page, "ready")
    frozen = page.locator(".frozen-arms:visible")
    expect(frozen).to_have_count(0)
    button(page, "train").click()
    TAB.wait_step(page, 8)
    said = "wild diverged at step 8 and is frozen there; the others train on."
    expect(frozen).to_have_text(said)
    TAB.wait_state(page, "done")
    assert TAB.step(page) == 60
    ends = """(box) => {
        const curves = document.querySelector(`${box} .chart`)?.data ?? [];
        return curves.map(({ name, x }) => `${name} ${x.at(-1)}`).join() === "steady 60,wild 7";
    }"""
    page.wait_for_function(ends, arg=TAB.selector("both"))
    toy_page.reload(page)
    TAB.wait_state(page, "done")
    expect(frozen).to_have_text(said)
    button(page, "reset").click()
    TAB.wait_state(page, "ready")
    expect(frozen).to_have_count(0)


def test_two_numbers_have_pictures_of_their_own(toy_page: Pages) -> None:
    page = toy_page.open("?tab=toy")
    TAB.wait_state(page, "ready")
    one, two = ("curve", "dial"), ("both",)
    expect_in_sight(page, one, two)
    page.get_by_role("radiogroup", name="Numbers").get_by_text("two").click()
    expect_in_sight(page, two, one)
    button(page, "step-button").click()
    TAB.view(page, "both").locator(".main-svg").first.wait_for()
    page.get_by_role("radiogroup", name="Numbers").get_by_text("one").click()
    expect_in_sight(page, two, one)  # those of the run, until there is a new one
    button(page, "reset").click()
    expect_in_sight(page, one, two)


def expect_in_sight(page: Page, shown: tuple[str, ...], hidden: tuple[str, ...]) -> None:
    for name in shown:
        expect(TAB.view(page, name)).to_be_visible()
    for name in hidden:
        expect(TAB.view(page, name)).to_be_hidden()


@pytest.mark.parametrize(
    ("query", "control", "shown", "address"),
    [
        ("&noise=Gauss' noise", "[data-field=noise] :checked", "normal", "?tab=toy&noise=normal"),
        ("&speed_of_learning=0.3", "[data-field=rate] input", "0.3", "?tab=toy&rate=0.3"),
    ],
)
def test_old_links_still_lead_there(toy_page: Pages, query: str, control: str, shown: str, address: str) -> None:
    page = toy_page.open(f"?tab=toy{query}")
    TAB.wait_state(page, "ready")
    expect(page.locator(control).locator("visible=true")).to_have_value(shown)
    page.wait_for_function("address => location.search === address", arg=address)
    expect(page.locator(".complaint:visible")).to_have_count(0)


def test_progress_that_an_older_page_stored_under_titles_counts(toy_page: Pages) -> None:
    page = toy_page.open("?tab=toy")
    TAB.wait_state(page, "ready")
    button(page, "step-button").click()
    TAB.wait_step(page, 1)
    expect(page.locator(".challenge-count:visible")).to_contain_text("0/2")
    page.evaluate("""localStorage.setItem("playground-solved", JSON.stringify({ toy: ["Settle"] }))""")
    toy_page.reload(page)
    expect(page.locator(".challenge-count:visible")).to_contain_text("1/2")
    below(page, "Presets and challenges")
    solved = page.locator(".challenges:visible li.solved")
    expect(solved).to_have_count(1)
    expect(solved).to_contain_text("Settle")


def test_an_answer_comes_in_parts_of_one_step(toy_page: Pages) -> None:
    page = toy_page.open("?tab=slow-toy&steps=100000")
    SLOW.wait_state(page, "ready")
    SLOW.train(page, 5)
    answers = landscape_answers(page)
    page.evaluate(DELAY)
    ask_landscape(page)
    assert_parts(page, answers)
    button(page, "train").click()
    SLOW.wait_step(page, SLOW.step(page) + 50)
    answers.clear()
    page.evaluate("window.drawn.length = 0")
    button(page, "ask").click()
    assert_parts(page, answers)
    SLOW.wait_state(page, "training")


def ask_landscape(page: Page) -> None:
    """Asks for the first time, and watches what is drawn."""
    below(page, "Ask the model", "Loss around θ")
    page.locator(SLOW.selector("probe-landscape_at")).evaluate(WATCH)
    button(page, "ask").click()


def landscape_answers(page: Page) -> list[dict[str, Any]]:
    """Fills up with the parts of answers that the server gives."""
    answers: list[dict[str, Any]] = []

    def note(response: Response) -> None:
        if '"landscape_at"' in (response.request.post_data or ""):
            said = [message["answers"] for message in response.json()["messages"]]
            answers.extend(parts["landscape_at"] for parts in said if "landscape_at" in parts)

    page.on("response", note)
    return answers


def wait_points(page: Page, box: str, points: int) -> None:
    condition = "([box, n]) => document.querySelector(`${box} .chart`)?.data?.[0].x.length === n"
    page.wait_for_function(condition, arg=[box, points])


def assert_parts(page: Page, answers: list[dict[str, Any]]) -> None:
    """An answer is drawn part by part, coarse first, around one θ, and all its parts are of one step.

    All parts come from the server; on a busy machine a part that a better one follows at once need not be drawn.
    """
    start = page.wait_for_function(DRAWN_IN_PARTS, arg=PARTS).json_value()
    parts: dict[int, int] = {}
    while PARTS[-1] not in parts:
        page.wait_for_timeout(50)  # replies are read side by side with what is drawn
        xs = [(part["figure"]["data"][0]["x"], part["step"]) for part in answers]
        parts = {len(x): step for x, step in xs if x[0] == start}
    assert list(parts) == PARTS and len(set(parts.values())) == 1


def test_a_newer_question_ends_an_older_one(toy_page: Pages) -> None:
    page = toy_page.open("?tab=slow-toy&steps=100000")
    SLOW.wait_state(page, "ready")
    SLOW.train(page, 5)
    late: list[tuple[Route, Any]] = []

    def hold(route: Route) -> None:
        """Keeps the second part of the first answer back."""
        is_late = not late and '"kind":"continue"' in (route.request.post_data or "")
        if is_late:
            late.append((route, route.fetch()))
        else:
            route.continue_()

    page.route("**/playground/wire", hold)
    ask_landscape(page)
    box = SLOW.selector("probe-landscape_at")
    wait_points(page, box, 3)
    page.wait_for_timeout(300)
    assert len(late) == 1
    fill(page, "reach", "5")
    button(page, "ask").click()
    wait_points(page, box, 300)
    page.evaluate("window.drawn.length = 0")
    late[0][0].fulfill(response=late[0][1])
    page.wait_for_timeout(500)
    assert all(figure["to"] - figure["from"] > 9 for figure in page.evaluate("window.drawn"))
    wait_points(page, box, 300)
    expect(page.locator(box).locator(".complaint:visible")).to_have_count(0)


def test_a_picture_comes_in_parts_and_is_whole_after_a_pause(toy_page: Pages) -> None:
    page = toy_page.open("?tab=slow-toy&steps=100000", height=1600)  # with all pictures in sight: no others are drawn
    SLOW.wait_state(page, "ready")
    below(page, "More pictures")
    SLOW.train(page, 50)
    wait_whole(page)
    step = SLOW.step(page)
    button(page, "step-button").click()
    SLOW.wait_step(page, step + 1)
    wait_whole(page)
    expect(SLOW.view(page, "landscape").locator(".age:visible")).to_have_count(0)


def wait_whole(page: Page) -> None:
    """Until the landscape has all its points, around the θ that the dial shows."""
    condition = """(box) => {
        const x = document.querySelector(`${box} .chart`)?.data?.[0].x ?? [];
        const theta = Number(document.querySelector(".in-front .needle").textContent);
        return x.length === 30 && Math.abs((x[0] + x.at(-1)) / 2 - theta) < 6e-4;
    }"""
    page.wait_for_function(condition, arg=SLOW.selector("landscape"))
