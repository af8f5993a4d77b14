"""A visitor without a browser: speaks the page's protocol as `wire.js` does, and costs little CPU time itself."""

from __future__ import annotations

import asyncio
import itertools
import secrets
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import orjson

from playground.concept import Concept
from playground.ui.events import Event, Frames, Hello, Look, Play, Sender
from playground.ui.messages import Message, Reply
from playground.ui.wire import PATH


class Connection:
    """One connection over HTTP/1.1, opened again when it was lost."""

    def __init__(self, url: str) -> None:
        at = urlsplit(url)
        self.host, self.port = at.hostname or "127.0.0.1", at.port or 80
        self.streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self.lock = asyncio.Lock()

    async def post(self, event: dict[str, Any]) -> Reply:
        body = orjson.dumps(event)
        head = f"POST {PATH} HTTP/1.1\r\nHost: {self.host}:{self.port}\r\nContent-Type: application/json\r\n"
        request = f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body
        async with self.lock:
            for attempt in (1, 2):
                try:
                    if self.streams is None:
                        self.streams = await asyncio.open_connection(self.host, self.port, limit=2**24)
                    reader, writer = self.streams
                    writer.write(request)
                    return await self._answer(reader)
                except (ConnectionError, asyncio.IncompleteReadError):  # the server closes connections that rest
                    self.close()
                    if attempt == 2:
                        raise
        raise AssertionError("not reached")

    async def _answer(self, reader: asyncio.StreamReader) -> Reply:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        (length,) = (int(line.split(":")[1]) for line in head.split("\r\n") if line.startswith("content-length:"))
        answer: Reply = orjson.loads(await reader.readexactly(length))
        if not head.startswith("http/1.1 200"):
            raise RuntimeError(f"{head.splitlines()[0]}: {answer}")
        return answer

    def close(self) -> None:
        if self.streams is not None:
            self.streams[1].close()
        self.streams = None


@dataclass
class Visitor:
    """One page with one tab in front."""

    url: str
    concept: Concept
    token: str = ""
    state: Any = field(default_factory=dict)
    """The newest message of the tab; empty before the first one."""
    on_message: Callable[[Message], None] = lambda message: None
    views: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        self.document = secrets.token_hex(8)
        self.numbers = itertools.count(1)
        self.since = 0
        self.events, self.frames_line = Connection(self.url), Connection(self.url)
        if not self.views:
            config = self.concept.config()
            self.views = tuple(v.name for v in self.concept.views_for(config) if v.place != "more")

    async def send(self, event: Event) -> Any:
        """The tab's message that answers an event."""
        line = self.frames_line if isinstance(event, Frames) else self.events
        about = Sender(token=self.token, document=self.document, id=next(self.numbers), tab=self.concept.slug)
        answer = await line.post({**about.model_dump(), **event.model_dump()})
        if answer.get("unknown"):
            raise RuntimeError("the server does not know this page any more")
        for message in answer["messages"]:
            self.token = message["token"] or self.token
            self.state = message
            self.on_message(message)
        self.since = answer.get("since", self.since)
        return self.state

    async def arrive(self) -> None:
        """Opens the page and says which pictures are in sight."""
        await self.send(Hello(query="", alone=True))
        await self.send(Look(views=self.views, in_sight=True))

    async def play(self, **knobs: Any) -> None:
        await self.send(Play(run=self.state.get("run", 0), knobs={**self.concept.config().model_dump(), **knobs}))

    async def watch(self, seconds: float, until: Callable[[], bool] = lambda: False) -> None:
        """Asks for frames for so long, or until something is so."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and not until():
            await self.send(Frames(since=self.since))

    async def click_to_trained_frame(self, begin: Callable[[], Awaitable[Any]]) -> float:
        """Seconds from an event that begins a run until its first trained frame is here."""
        began = time.monotonic()
        await begin()
        await self.watch(60, lambda: self.state["step"] > 0)
        assert self.state["step"] > 0, "no frame in 60 s"
        return time.monotonic() - began

    def leave(self) -> None:
        self.events.close()
        self.frames_line.close()
