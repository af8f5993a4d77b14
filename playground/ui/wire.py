"""The one route between a page and the server: short requests only, each with the token by which the page is known.

No connection has a meaning: one that is lost loses nothing, and only a page that trains in sight holds one. Gradio's
own events would need an open stream for each of a browser's windows, and know a page by its connection.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from playground.session.store import BrowserPage, SessionStore
from playground.ui.actions import Actions
from playground.ui.event import BadEvent, text, whole
from playground.ui.message import message

PATH = "/playground/wire"
LARGEST = 20_000_000
"""Bytes of an event: a sound file of 10 MB as text, and some more."""
HOLD_SECONDS = 2.0
"""For which a request for frames is held at most: well under the ten seconds after which proxies give up, and short
enough for windows that share a browser's six connections to take turns."""


class Wire:
    def __init__(self, store: SessionStore) -> None:
        self.store, self.actions = store, Actions(store)

    def routes(self) -> list[BaseRoute]:
        return [Route(PATH, self.answer, methods=["POST"])]

    async def answer(self, request: Request) -> Response:
        try:
            event = await read_event(request)
            return reply(**await self.serve(event))
        except BadEvent as error:
            return Response(json.dumps({"error": str(error)}), status_code=400, media_type="application/json")
        except ClientDisconnect:
            return Response(status_code=204)

    async def serve(self, event: dict[str, Any]) -> dict[str, Any]:
        """An event's answer: `messages`, and where they belong `since` or `unknown`. Raises BadEvent."""
        kind, document = text(event, "kind"), text(event, "document")
        if kind == "hello":
            return {"messages": [self._hello(event, document)]}
        page = self.store.page(text(event, "token"))
        if page is None:
            return {"messages": [], "unknown": True}
        if kind == "leave":
            self.store.leave(page, document)
            return {"messages": []}
        self.store.hear(page, hidden=event.get("hidden") is True)
        if kind == "renew":
            return {"messages": []}
        if kind == "frames":
            return await self._frames(page, whole(event, "since"))
        return {"messages": [await self._once(page, document, event)]}

    def _hello(self, event: dict[str, Any], document: str) -> str:
        slug = self._slug(event)
        alone = event.get("alone")
        page = self.store.arrive(document, str(event.get("token", "")), alone if isinstance(alone, bool) else None)
        return self.actions.hello(page, slug, str(event.get("query", "")))

    async def _frames(self, page: BrowserPage, since: int) -> dict[str, Any]:
        """The tabs that have changed since; waits until there is one."""
        if since > page.news.number:  # it counted on another server, or before the page was forgotten
            since = 0
        await page.news.wait(since, HOLD_SECONDS)
        changed = page.news.since(since)
        return {
            "messages": [message(page.tabs[slug], views) for slug, views in changed.items()],
            "since": page.news.number,
        }

    async def _once(self, page: BrowserPage, document: str, event: dict[str, Any]) -> str:
        """Does what the visitor meant. An event that comes twice, because its answer was lost, acts once."""
        if event["kind"] not in self.actions.acts:
            raise BadEvent(f"kind: {event['kind']!r} is no event of a page.")
        tab, at = page.tabs[self._slug(event)], whole(event, "id")
        if (document, at) in page.events:
            work = page.events[document, at]
            if work is not None:
                return str(await asyncio.shield(work))
            return message(tab, knobs=True, address=True, whole=True)
        # A task of its own: it goes on when the connection is lost meanwhile.
        work = asyncio.ensure_future(self.actions.act(tab, event))
        page.note_event(document, at, work)
        return await asyncio.shield(work)

    def _slug(self, event: dict[str, Any]) -> str:
        slug = text(event, "tab")
        if all(concept.slug != slug for concept in self.store.concepts):
            raise BadEvent(f"tab: {slug!r} is not here.")
        return slug


def reply(messages: list[str], **more: Any) -> Response:
    """messages: JSON texts, which stay as they are"""
    rest = json.dumps(more)[1:-1]
    content = f'{{"messages":[{",".join(messages)}]{"," + rest if rest else ""}}}'
    return Response(content, media_type="application/json", headers={"Cache-Control": "no-store"})


async def read_event(request: Request) -> dict[str, Any]:
    """The event in a request's body; raises BadEvent."""
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > LARGEST:
            raise BadEvent(f"An event may have {LARGEST:,} bytes; this one is larger.")
    try:
        event = json.loads(body)
    except (ValueError, RecursionError):
        raise BadEvent("An event is a JSON object; this is not JSON.") from None
    if not isinstance(event, dict):
        raise BadEvent(f"An event is a JSON object; this is {type(event).__name__}.")
    return event
