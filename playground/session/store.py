"""Finds the browser page of a Gradio session; a reload within the grace gets its old page back."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from playground.concept import Concept
from playground.engine.scheduler import Scheduler
from playground.session.leases import Leases
from playground.session.tab_session import TabSession


@dataclass
class BrowserPage:
    """One page in a browser: its tabs by slug, and the Gradio session that holds it now."""

    token: str
    """Secret between page and server; also the owner of its runs."""
    session: str
    tabs: dict[str, TabSession] = field(default_factory=dict)


class SessionStore:
    def __init__(self, concepts: tuple[Concept, ...], scheduler: Scheduler, leases: Leases) -> None:
        self.concepts, self.scheduler, self.leases = concepts, scheduler, leases
        self.pages: dict[str, BrowserPage] = {}
        """Token → page."""
        self.tokens: dict[str, str] = {}
        """Gradio session → token."""
        leases.listeners.append(self._forget)

    def arrive(self, session: str, token: str) -> BrowserPage:
        """The page of a browser tab that (re)loads with the token it was given, or a new one."""
        known = self.pages.get(self.tokens.get(session, ""))
        page = self.pages.get(token) or known
        if page is None:
            page = BrowserPage(secrets.token_urlsafe(12), session)
            page.tabs = {c.slug: self.new_tab(c, page.token) for c in self.concepts}
            self.pages[page.token] = page
        if known is not None and known is not page:
            self.leases.release(known.token)  # it was made for an event that came before the page told its token
        page.session = session
        self.tokens[session] = page.token
        self.leases.hold(page.token)
        return page

    def new_tab(self, concept: Concept, owner: str = "") -> TabSession:
        """A tab in which nothing has happened."""
        return TabSession(concept, self.scheduler, owner, concept.config())

    def knows(self, session: str) -> bool:
        return session in self.tokens

    def tab(self, session: str, slug: str) -> TabSession:
        token = self.tokens.get(session, "")
        page = self.pages[token] if token in self.pages else self.arrive(session, "")
        return page.tabs[slug]

    def tab_of(self, token: str, slug: str) -> TabSession | None:
        """A tab of the page that knows this token."""
        page = self.pages.get(token)
        return page.tabs.get(slug) if page else None

    def leave(self, session: str) -> None:
        """The browser tab closed: its runs are freed after the grace, unless it comes back."""
        page = self.pages.get(self.tokens.pop(session, ""))
        if page is not None and page.session == session:
            self.leases.release(page.token)

    def _forget(self, token: str) -> None:
        self.pages.pop(token, None)
