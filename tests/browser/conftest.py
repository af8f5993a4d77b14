"""A real Chromium on the page; it must log no error and ask no other origin."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.serving import Server


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
             "--disable-sync", "--no-first-run", "--disable-quic"]  # fmt: skip
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM") or shutil.which("chromium"), args=flags
        )
        yield chromium
        chromium.close()


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
    """Waits for the first picture of the tab that is open (others may be on the page, unseen)."""
    page.locator(".live-plot.drawn").locator("visible=true").first.wait_for(timeout=60_000)


@pytest.fixture
def open_page(server: Server, browser: Browser):
    """Opens a page in a fresh browser context: open_page(query="", width=1440, height=900, dark=False)."""
    made = []

    def make(query: str = "", width: int = 1440, height: int = 900, dark: bool = False) -> Page:
        scheme = "dark" if dark else "light"
        context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
        page = context.new_page()
        watched = Watched(page, server.url)
        made.append((context, watched))
        page.goto(server.url + "/" + query)
        shown(page)
        return page

    def reload(page: Page) -> None:
        watched = next(w for context, w in made if context is page.context)
        watched.leaving = True
        page.reload(wait_until="commit")
        watched.leaving = False
        shown(page)

    def follow(page: Page, query: str) -> None:
        watched = next(w for context, w in made if context is page.context)
        watched.leaving = True
        page.goto(server.url + "/" + query, wait_until="commit")
        watched.leaving = False
        shown(page)

    make.goto = follow  # type: ignore[attr-defined]
    make.reload = reload  # type: ignore[attr-defined]
    yield make
    for context, _ in made:
        context.close()
    for _, watched in made:
        assert not watched.errors, watched.errors
        assert not watched.foreign, watched.foreign
