"""Pages over the toys, on a simulated host."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from typing import Any

import pytest

from playground.engine.scheduler import Scheduler
from playground.session.leases import Leases
from playground.session.store import SessionStore
from playground.session.tab_session import TabSession
from playground.ui.wire import Wire
from tests.simulation import InProcessHost
from tests.toy import TOYS


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

    async def send(self, kind: str, *, slug: str = "toy", number: int = 0, **data: Any) -> dict[str, Any]:
        """The newest message that answers an event; with `number`, an event that is sent once more."""
        answer = await self.raw(kind, slug=slug, number=number, **data)
        return answer["messages"][-1] if answer["messages"] else {}

    async def raw(self, kind: str, *, slug: str = "toy", number: int = 0, **data: Any) -> dict[str, Any]:
        event = {"token": self.token, "document": self.document, "id": number or next(self.numbers), "tab": slug}
        answer = await self.wire.serve({**event, "kind": kind, **data})
        answer["messages"] = [json.loads(text) for text in answer["messages"]]
        for message in answer["messages"]:
            self.token = message["token"] or self.token
        return answer

    async def hello(self, query: str = "", *, slug: str = "toy", alone: bool | None = True) -> dict[str, Any]:
        return await self.send("hello", slug=slug, query=query, alone=alone)

    async def frames(self) -> list[dict[str, Any]]:
        """Messages that are new since this was asked last."""
        answer = await self.raw("frames", since=self.since)
        self.since = answer["since"]
        return list(answer["messages"])

    async def until(self, state: str) -> list[dict[str, Any]]:
        """Messages until the toy's tab is in a state."""
        found: list[dict[str, Any]] = []
        while not found or found[-1]["state"] != state:
            found += [message for message in await self.frames() if message["tab"] == "toy"]
            assert len(found) < 1000, found[-1]
        return found

    def tab(self, slug: str = "toy") -> TabSession:
        page = self.wire.store.page(self.token)
        assert page is not None
        return page.tabs[slug]
