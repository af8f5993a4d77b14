"""One concept's tab in a page, as its visitor sees it: what the browser tests of all tabs share."""

from __future__ import annotations

from playwright.sync_api import Locator, Page


def button(page: Page, name: str) -> Locator:
    """Of the tab that is open."""
    return page.locator(f"button.{name}:visible")


class Tab:
    """slug: of the concept; views: names of those that are in sight when it opens"""

    def __init__(self, slug: str, views: tuple[str, ...]) -> None:
        self.slug, self.views = slug, views
        self.status = f'[data-concept="{slug}"][data-part="status"] .status'

    def opened(self, open_page, query: str = "", **how) -> Page:
        """The page with this tab in front, once its server is ready and its pictures are drawn."""
        page = open_page(f"?tab={self.slug}{query}", **how)
        self.wait_state(page, "ready", 60)
        for name in self.views:
            self.view(page, name).and_(page.locator(".drawn")).wait_for()
        return page

    def plot(self, name: str) -> str:
        """Selector of a view."""
        return f'.live-plot[data-concept="{self.slug}"][data-view="{name}"]'

    def view(self, page: Page, name: str) -> Locator:
        return page.locator(self.plot(name))

    def step(self, page: Page) -> int:
        return int(page.locator(self.status).get_attribute("data-step") or 0)

    def wait_step(self, page: Page, least: int, seconds: float = 60) -> None:
        condition = "([s, n]) => Number(document.querySelector(s).dataset.step) >= n"
        page.wait_for_function(condition, arg=[self.status, least], timeout=seconds * 1000)

    def wait_state(self, page: Page, state: str, seconds: float = 30) -> None:
        page.wait_for_selector(f'{self.status}[data-state="{state}"]', timeout=seconds * 1000)

    def wait_metric(self, page: Page, metric: str, least: float, seconds: float = 90) -> None:
        """Until the number in the bar above the pictures has come to `least`."""
        page.wait_for_function(
            "([m, n]) => { const b = document.querySelector(`[data-metric='${m}'] b`);"
            " return b && Number(b.textContent.replace(',', '')) >= n; }",
            arg=[metric, least], timeout=seconds * 1000,
        )  # fmt: skip
