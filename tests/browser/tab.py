"""One concept's tab in a page, as its visitor sees it: what the browser tests of all tabs share."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Locator, Page

from tests.serving import SHOTS

HEIGHTS = {"1440": 900, "1280": 720, "390": 844}
SIZES = ("1440-light", "1440-dark", "1280-light", "390-light", "390-dark")


def button(page: Page, name: str) -> Locator:
    """Of the tab that is open."""
    return page.locator(f"button.{name}:visible")


def below(page: Page, *titles: str) -> None:
    """Opens a tab in the strip below the pictures, and one within it."""
    for title in titles:
        page.get_by_role("tab", name=title).locator("visible=true").click()


def ask(page: Page, probe: str) -> None:
    below(page, "Ask the model", probe)
    button(page, "ask").click()


def field(page: Page, name: str) -> Locator:
    """The control of a knob or of a question's field, the last of its inputs (of a slider: the number)."""
    return page.locator(f'.field[data-field="{name}"]:visible').locator("input, select").last


def fill(page: Page, name: str, value: str) -> None:
    field(page, name).fill(value)
    field(page, name).press("Enter")


class Tab:
    """slug: of the concept; views: names of those that are in sight when it opens"""

    def __init__(self, slug: str, views: tuple[str, ...]) -> None:
        self.slug, self.views = slug, views
        self.status = f'.status[data-concept="{slug}"]'

    def opened(self, open_page: Callable[..., Page], query: str = "", **how: object) -> Page:
        """The page with this tab in front, once its server is ready and its pictures are drawn."""
        page = open_page(f"?tab={self.slug}{query}", **how)
        self.wait_drawn(page)
        return page

    def wait_drawn(self, page: Page) -> None:
        """Until its server is ready and its pictures are drawn."""
        self.wait_state(page, "ready", 60)
        for name in self.views:
            self.view(page, name).and_(page.locator(".drawn")).wait_for()

    def selector(self, name: str) -> str:
        """Selector of a view."""
        return f'.figure-box[data-concept="{self.slug}"][data-view="{name}"]'

    def view(self, page: Page, name: str) -> Locator:
        return page.locator(self.selector(name))

    def refusal(self, page: Page) -> Locator:
        """Why the last wish could not be met, in the bar or in an answer."""
        return page.locator('.complaint[role="alert"]:visible')

    def step(self, page: Page) -> int:
        return int(page.locator(self.status).get_attribute("data-step") or 0)

    def train(self, page: Page, steps: int) -> None:
        """At least so many, then a pause."""
        button(page, "train").click()
        self.wait_step(page, steps)
        self.pause(page)

    def pause(self, page: Page) -> None:
        button(page, "train").click()
        self.wait_state(page, "paused")

    def wait_step(self, page: Page, least: int, seconds: float = 60) -> None:
        condition = "([s, n]) => Number(document.querySelector(s).dataset.step) >= n"
        page.wait_for_function(condition, arg=[self.status, least], timeout=seconds * 1000)

    def place(self, page: Page, view: str, x: float, y: float, number: str = "") -> tuple[float, float]:
        """Where a place of a chart is on the screen, in its axes' units. number: "2" for the second one of two"""
        left, top = page.eval_on_selector(
            f"{self.selector(view)} .chart",
            "(p, [x, y, n]) => { const { [`xaxis${n}`]: xaxis, [`yaxis${n}`]: yaxis } = p._fullLayout;"
            " const box = p.getBoundingClientRect();"
            " return [box.left + xaxis._offset + xaxis.d2p(x), box.top + yaxis._offset + yaxis.d2p(y)]; }",
            [x, y, number],
        )  # fmt: skip
        return left, top

    def looks(self, page: Page, name: str, *sizes: str) -> None:
        """Screenshots of the tab in sizes such as "390-dark"; it must not scroll sideways in any."""
        for size in sizes:
            width, _, scheme = size.partition("-")
            page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
            page.evaluate("dark => document.body.classList.toggle('dark', dark)", scheme == "dark")
            page.set_viewport_size({"width": int(width), "height": HEIGHTS[width]})
            page.evaluate("scrollTo(0, 0)")
            page.evaluate("new Promise((done) => setTimeout(done, 700))")  # figures are drawn again in turn
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{size} scrolls sideways"
            page.screenshot(path=SHOTS / f"{name}-{size}.png")
            page.screenshot(path=SHOTS / f"{name}-{size}-full.png", full_page=True)

    def wait_draws(self, page: Page, view: str, more: int) -> None:
        """Until a view was drawn so often again."""
        draws = int(page.get_attribute(self.selector(view), "data-draws") or 0)
        condition = "([s, n]) => Number(document.querySelector(s).dataset.draws) >= n"
        page.wait_for_function(condition, arg=[self.selector(view), draws + more], timeout=60_000)

    def wait_state(self, page: Page, state: str, seconds: float = 30) -> None:
        page.wait_for_selector(f'{self.status}[data-state="{state}"]', timeout=seconds * 1000)

    def wait_metric(self, page: Page, metric: str, least: float, seconds: float = 90) -> None:
        """Until the number in the bar above the pictures has come to `least`."""
        page.wait_for_function(
            "([m, n]) => { const b = document.querySelector(`[data-metric='${m}'] b`);"
            " return b && Number(b.textContent.replace(',', '')) >= n; }",
            arg=[metric, least], timeout=seconds * 1000,
        )  # fmt: skip
