"""Pages over the toys, on a simulated host."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import orjson
import pytest

from playground.engine.scheduler import Scheduler
from playground.session.leases import Leases
from playground.session.store import SessionStore
from playground.session.tab_session import TabSession
from playground.ui.events import Event, Frames, Hello, Sender
from playground.ui.messages import Message, Reply
from playground.ui.wire import Wire, reply
from tests.simulation import InProcessHost
from tests.toy import TOYS
from tests.ui.wire_types import conform


@pytest.fixture
def wire() -> Iterator[Wire]:
    scheduler = Scheduler("tests.toy:TOYS", hosts=1, new_host=InProcessHost)
    yield Wire(SessionStore(TOYS, scheduler, Leases(30)))
    scheduler.stop()


class Visitor:
    """One document in a browser, which speaks to the server as `wire.js` does."""

    def __init__(self, wire: Wire, document: str = "document", token: str = "") -> None:
        self.wire, self.document, self.token = wire, document, token
        self.numbers = itertools.count(1)
        self.since = 0

    async def send(self, event: Event, *, slug: str = "toy", number: int = 0) -> Any:
        """The newest message that answers an event; with `number`, an event that is sent once more."""
        answer = await self.raw(event, slug=slug, number=number)
        return answer["messages"][-1] if answer["messages"] else {}

    async def raw(self, event: Event, *, slug: str = "toy", number: int = 0) -> Reply:
        sender = Sender(token=self.token, document=self.document, id=number or next(self.numbers), tab=slug)
        answer: Reply = orjson.loads(reply(await self.wire.serve(sender, event)).body)
        conform(answer, Reply)
        for message in answer["messages"]:
            self.token = message["token"] or self.token
        return answer

    async def hello(self, query: str = "", *, slug: str = "toy", alone: bool | None = True) -> Any:
        return await self.send(Hello(query=query, alone=alone), slug=slug)

    async def frames(self) -> list[Message]:
        """Messages that are new since this was asked last."""
        answer = await self.raw(Frames(since=self.since))
        self.since = answer["since"]
        return answer["messages"]

    async def until(self, state: str) -> list[Message]:
        """Messages until the toy's tab is in a state."""
        found: list[Message] = []
        while not found or found[-1]["state"] != state:
            found += [message for message in await self.frames() if message["tab"] == "toy"]
            assert len(found) < 1000, found[-1]
        return found

    def tab(self, slug: str = "toy") -> TabSession:
        page = self.wire.store.page(self.token)
        assert page is not None
        return page.tabs[slug]
