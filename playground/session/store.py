"""The browser pages that the server knows, each by its token."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any

from playground.concept import Concept
from playground.engine.scheduler import Scheduler
from playground.session.absence import come_back, notice_what_is_gone, put_away
from playground.session.leases import Leases
from playground.session.news import News
from playground.session.tab_session import TabSession

AWAY_PAGES, AWAY_SECONDS = 150, 3600.0
"""Most pages that are remembered after their lease has ended, and for how long."""
EVENTS, ANSWERS = 64, 4
"""Newest events of a page that are known again when they come twice, and those of them whose answers are kept."""


@dataclass
class BrowserPage:
    """One page in a browser: its tabs by slug."""

    token: str
    """Secret between page and server; also the owner of its runs."""
    document: str
    """The loaded document that shows it; a reload is another one."""
    tabs: dict[str, TabSession] = field(default_factory=dict)
    news: News = field(default_factory=News)
    events: OrderedDict[tuple[str, int], asyncio.Task[Any] | None] = field(default_factory=OrderedDict)
    """(document, number) of an event → the work that ends in its answer, None when that is not kept any more."""
    is_here: bool = True
    """It has not said that it leaves, and its lease has not ended."""
    away_since: float = 0.0

    def note_event(self, document: str, number: int, work: asyncio.Task[Any]) -> None:
        self.events[document, number] = work
        while len(self.events) > EVENTS:
            self.events.popitem(last=False)
        for key, older in list(self.events.items())[:-ANSWERS]:
            if older is not None and older.done():
                self.events[key] = None


class SessionStore:
    def __init__(self, concepts: tuple[Concept, ...], scheduler: Scheduler, leases: Leases) -> None:
        self.concepts, self.scheduler, self.leases = concepts, scheduler, leases
        self.pages: dict[str, BrowserPage] = {}
        """Token → page."""
        self.documents: dict[str, str] = {}
        """Document → token of its page: several tabs may say hello before the first one has its answer."""

    def arrive(self, document: str, token: str = "", alone: bool | None = None) -> BrowserPage:
        """The page of a document that has just been loaded: the one whose token it brings, or a new one.

        alone: whether no other page of this browser answered that it uses the token; None: it can't tell. A copied
        browser tab brings the token of a page that is still there, and gets a page of its own.
        """
        page = self.pages.get(token) or self.pages.get(self.documents.get(document, ""))
        is_others = page is not None and page.document != document and page.is_here and not alone
        if page is None or is_others or (alone is False and page.document != document):
            page = BrowserPage(secrets.token_urlsafe(12), document)
            page.tabs = {c.slug: self.new_tab(c, page) for c in self.concepts}
            self.pages[page.token] = page
        self.documents.pop(page.document, None)
        self.documents[document] = page.token
        page.document = document
        self.hear(page)
        return page

    def new_tab(self, concept: Concept, page: BrowserPage | None = None) -> TabSession:
        """A tab in which nothing has happened."""
        tab = TabSession(concept, self.scheduler, page.token if page else "", concept.config())
        if page is not None:
            tab.on_change = lambda views: page.news.note(concept.slug, views)
        return tab

    def page(self, token: str) -> BrowserPage | None:
        """The page that knows this token, if the server knows it."""
        return self.pages.get(token)

    def hear(self, page: BrowserPage, *, hidden: bool = False) -> None:
        """The page has said something: it is there, and its runs go on."""
        page.is_here = True
        if page.away_since:
            page.away_since = 0.0
            for tab in page.tabs.values():
                come_back(tab)
        self.leases.renew(page.token, lambda: self._put_away(page), hidden=hidden)

    def leave(self, page: BrowserPage, document: str) -> None:
        """A document is being left. Its page's lease runs on, so that a reload or a step back finds its runs."""
        if page.document == document:
            page.is_here = False

    async def _put_away(self, page: BrowserPage) -> None:
        """Nobody renewed the page's lease: its runs are written to disk, where it finds them when it comes back."""
        page.is_here, page.away_since = False, time.monotonic()
        for tab in page.tabs.values():
            put_away(tab)
        await self.scheduler.park_all(page.token)
        for tab in page.tabs.values():
            notice_what_is_gone(tab)
        await self._forget_the_oldest()

    async def _forget_the_oldest(self) -> None:
        away = sorted((p for p in self.pages.values() if not p.is_here), key=lambda page: page.away_since)
        now = time.monotonic()
        old = [p for p in away if p.away_since and now - p.away_since > AWAY_SECONDS]
        for page in {p.token: p for p in old + away[: max(0, len(away) - AWAY_PAGES)]}.values():
            if page.token in self.leases.ends:
                continue  # it is being left, and may be reloading
            del self.pages[page.token]
            self.documents.pop(page.document, None)
            await self.scheduler.close_all(page.token)
