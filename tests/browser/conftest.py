"""A real Chromium on the page; it must log no error and ask no other origin."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.serving import Server

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
         "--disable-sync", "--no-first-run", "--disable-quic"]  # fmt: skip


@pytest.fixture(scope="module")  # while Playwright runs, no other test of the process can run an event loop
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM") or shutil.which("chromium"), args=FLAGS
        )
        yield chromium
        chromium.close()


expect.set_options(timeout=20_000)  # a busy machine is slow; what does not come fails all the same


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.parent == Path(__file__).parent:
            item.add_marker(pytest.mark.browser)


class Watched:
    """What a page must not do: log an error, or ask another origin."""

    def __init__(self, page: Page, origin: str) -> None:
        self.errors: list[str] = []
        self.leaving = False
        """Whether the page is being left: what its broken connections say then is not of interest."""
        self.foreign: list[str] = []
        page.on("console", lambda m: self._said(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda e: self._said(str(e)))
        page.on("request", lambda r: self._asked(r.url, origin))

    def _said(self, text: str) -> None:
        if not self.leaving:
            self.errors.append(text)

    def _asked(self, url: str, origin: str) -> None:
        if re.match(r"https?:", url) and not url.startswith(origin):
            self.foreign.append(url)


def shown(page: Page) -> None:
    """Waits for the first figure of the tab that is open (others may be on the page, unseen)."""
    page.locator(".figure-box.drawn").locator("visible=true").first.wait_for(timeout=60_000)


class Pages:
    """Opens pages of a server, each in a fresh browser context."""

    def __init__(self, browser: Browser, server: Server) -> None:
        self.browser, self.server = browser, server
        self.made: list[tuple[BrowserContext, Watched]] = []

    def __call__(
        self, query: str = "", width: int = 1440, height: int = 900, dark: bool = False, touch: bool = False
    ) -> Page:  # fmt: skip
        page = self.open(query, width, height, dark, touch)
        shown(page)
        return page

    def open(
        self, query: str = "", width: int = 1440, height: int = 900, dark: bool = False, touch: bool = False
    ) -> Page:  # fmt: skip
        """Without waiting for a figure.

        touch: as a phone's browser behaves
        """
        context = self.browser.new_context(
            viewport={"width": width, "height": height}, color_scheme="dark" if dark else "light", has_touch=touch,
            is_mobile=touch,
        )  # fmt: skip
        page = context.new_page()
        self.made.append((context, Watched(page, self.server.url)))
        page.goto(self.server.url + "/" + query)
        return page

    def reload(self, page: Page) -> None:
        watched = self._watched(page)
        watched.leaving = True
        page.reload(wait_until="commit")
        watched.leaving = False
        shown(page)

    def goto(self, page: Page, query: str) -> None:
        watched = self._watched(page)
        watched.leaving = True
        page.goto(self.server.url + "/" + query, wait_until="commit")
        watched.leaving = False
        shown(page)

    def _watched(self, page: Page) -> Watched:
        return next(watched for context, watched in self.made if context is page.context)

    def close(self) -> None:
        for context, _ in self.made:
            context.close()
        for _, watched in self.made:
            assert not watched.errors, watched.errors
            assert not watched.foreign, watched.foreign


@pytest.fixture
def open_page(server: Server, browser: Browser) -> Iterator[Pages]:
    """open_page(query="", width=1440, height=900, dark=False, touch=False)"""
    pages = Pages(browser, server)
    yield pages
    pages.close()


@pytest.fixture
def toy_page(toy_server: Server, browser: Browser) -> Iterator[Pages]:
    """The same over the toys alone."""
    pages = Pages(browser, toy_server)
    yield pages
    pages.close()
