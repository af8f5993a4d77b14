"""The one route between a page and the server: short requests only, each with the token by which the page is known.

No connection has a meaning: one that is lost loses nothing, and only a page that trains in sight holds one. Gradio's
own events would need an open stream for each of a browser's windows, and know a page by its connection.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any, NotRequired, TypedDict

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from playground.session.store import BrowserPage, SessionStore
from playground.ui.actions import Actions
from playground.ui.events import Act, BadEvent, Event, Frames, Hello, Leave, Renew, Sender, parsed
from playground.ui.message import message
from playground.ui.messages import Refusal

PATH = "/playground/wire"
LARGEST = 20_000_000
"""Bytes of an event: a sound file of 10 MB as text, and some more."""
HOLD_SECONDS = 2.0
"""For which a request for frames is held at most: well under the ten seconds after which proxies give up, and short
enough for windows that share a browser's six connections to take turns."""


class Answered(TypedDict):
    """A Reply before its messages, which are JSON texts, are put into it."""

    messages: list[str]
    since: NotRequired[int]
    unknown: NotRequired[bool]


class Wire:
    def __init__(self, store: SessionStore) -> None:
        self.store, self.actions = store, Actions(store)

    def routes(self) -> list[BaseRoute]:
        return [Route(PATH, self.answer, methods=["POST"])]

    async def answer(self, request: Request) -> Response:
        try:
            sender, event = parsed(await read_object(request))
            return reply(await self.serve(sender, event))
        except BadEvent as error:
            refusal = Refusal(error=str(error))
            return Response(json.dumps(refusal), status_code=400, media_type="application/json")
        except ClientDisconnect:
            return Response(status_code=204)

    async def serve(self, sender: Sender, event: Event) -> Answered:
        """An event's answer. Raises BadEvent."""
        if isinstance(event, Hello):
            return {"messages": [self._hello(sender, event)]}
        page = self.store.page(sender.token)
        if page is None:
            return {"messages": [], "unknown": True}
        if isinstance(event, Leave):
            self.store.leave(page, sender.document)
            return {"messages": []}
        self.store.hear(page, hidden=isinstance(event, Renew) and event.hidden)
        if isinstance(event, Renew):
            return {"messages": []}
        if isinstance(event, Frames):
            return await self._frames(page, event.since)
        return {"messages": [await self._once(page, sender, event)]}

    def _hello(self, sender: Sender, event: Hello) -> str:
        slug = self._slug(sender)
        page = self.store.arrive(sender.document, sender.token, event.alone)
        return self.actions.hello(page, slug, event)

    async def _frames(self, page: BrowserPage, since: int) -> Answered:
        """The tabs that have changed since; waits until there is one."""
        if since > page.news.number:  # it counted on another server, or before the page was forgotten
            since = 0
        await page.news.wait(since, HOLD_SECONDS)
        changed = page.news.since(since)
        return {
            "messages": [message(page.tabs[slug], views) for slug, views in changed.items()],
            "since": page.news.number,
        }

    async def _once(self, page: BrowserPage, sender: Sender, event: Act) -> str:
        """Does what the visitor meant. An event that comes twice, because its answer was lost, acts once."""
        tab, document, number = page.tabs[self._slug(sender)], sender.document, sender.id
        if (document, number) in page.events:
            work = page.events[document, number]
            if work is not None:
                return str(await asyncio.shield(work))
            return message(tab, knobs=True, address=True, whole=True)
        # A task of its own: it goes on when the connection is lost meanwhile.
        work = asyncio.ensure_future(self.actions.act(tab, event))
        page.note_event(document, number, work)
        return await asyncio.shield(work)

    def _slug(self, sender: Sender) -> str:
        if all(concept.slug != sender.tab for concept in self.store.concepts):
            raise BadEvent(f"tab: {sender.tab!r} is not here.")
        return sender.tab


def reply(answered: Answered) -> Response:
    """As JSON; the messages are JSON already."""
    messages = answered["messages"]
    rest = json.dumps({key: value for key, value in answered.items() if key != "messages"})[1:-1]
    content = f'{{"messages":[{",".join(messages)}]{"," + rest if rest else ""}}}'
    return Response(content, media_type="application/json", headers={"Cache-Control": "no-store"})


async def read_object(request: Request) -> dict[str, Any]:
    """The object in a request's body; raises BadEvent."""
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
