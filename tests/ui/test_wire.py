"""The route between page and server: what counts as an event, what comes twice, what is new."""

from __future__ import annotations

import asyncio
import json
from typing import Any, get_args

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from playground.ui import wire as wire_module
from playground.ui.events import Ask, BadEvent, ChangeSpeed, Click, Event, Frames, Leave, Renew, Step, parsed
from playground.ui.wire import HOLD_SECONDS, PATH, Wire
from tests.simulation import simulate
from tests.ui.conftest import Visitor


def test_an_event_that_comes_twice_acts_once(wire: Wire) -> None:
    async def job() -> None:
        visitor = Visitor(wire)
        await visitor.hello()
        first = await visitor.send(Step(knobs={}), number=7)
        again = await visitor.send(Step(knobs={}), number=7)
        assert first == again and first["step"] == 1
        both = await asyncio.gather(
            visitor.send(Step(knobs={}), number=8), visitor.send(Step(knobs={}), number=8)
        )  # its first answer is still being made
        assert [said["step"] for said in both] == [2, 2]
        assert (await visitor.send(Step(knobs={}), number=9))["step"] == 3

    simulate(job())


def test_the_answer_to_a_question_is_not_lost_with_the_connection(wire: Wire) -> None:
    async def job() -> None:
        visitor = Visitor(wire)
        await visitor.hello()
        await visitor.send(Step(knobs={}))
        lost = await visitor.send(Ask(probe="ask", question={"times": 3}), number=7)
        again = await visitor.send(Ask(probe="ask", question={"times": 3}), number=7)
        assert again["answers"] == lost["answers"] and again["answers"]["ask"]["figure"]
        for number in range(8, 20):
            await visitor.send(Step(knobs={}), number=number)
        late = await visitor.send(Step(knobs={}), number=8)
        assert late["step"] == 13 and late["knobs"], "it did not act again, and has all that there is to know"

    simulate(job())


def test_the_numbers_of_another_document_are_its_own(wire: Wire) -> None:
    async def job() -> None:
        visitor = Visitor(wire)
        await visitor.hello()
        await visitor.send(Step(knobs={}), number=7)
        await visitor.raw(Leave())
        reloaded = Visitor(wire, "reloaded", visitor.token)
        await reloaded.hello()
        assert (await reloaded.send(Step(knobs={}), number=7))["step"] == 2

    simulate(job())


def test_a_token_that_is_not_known_is_said_so_and_changes_nothing(wire: Wire) -> None:
    async def job() -> None:
        stranger = Visitor(wire, token="a guess")
        for event in (Step(knobs={}), Frames(since=0), Renew(), Leave()):
            answer = await stranger.raw(event)
            assert answer["unknown"] and not answer["messages"], event
        assert not wire.store.pages and not wire.store.scheduler.runs

    simulate(job())


def test_frames_come_as_soon_as_there_is_something_and_empty_after_a_while(wire: Wire) -> None:
    async def job() -> None:
        visitor, loop = Visitor(wire), asyncio.get_running_loop()
        await visitor.hello()
        began = loop.time()
        assert await visitor.frames() == [] and loop.time() - began == pytest.approx(HOLD_SECONDS, abs=0.01)
        waiting = asyncio.ensure_future(visitor.frames())
        await asyncio.sleep(1)
        began = loop.time()
        visitor.tab().on_change(())
        (message,) = await waiting
        assert loop.time() - began < 0.01 and message["tab"] == "toy"

    simulate(job())


def test_a_slow_page_gets_the_newest_of_each_picture_once(wire: Wire) -> None:
    async def job() -> None:
        visitor = Visitor(wire)
        await visitor.hello()
        tab = visitor.tab()
        tab.visible_views = ("curve", "dial")
        await tab.ensure_run()
        for seen in (("curve", "dial"), ("curve",), ("curve",)):
            tab.visible_views = seen
            tab.on_change((await tab.advance(max_steps=1, draw_all=True)).figures)
        (message,) = await visitor.frames()
        assert {name: figure["step"] for name, figure in message["figures"].items()} == {"curve": 3, "dial": 1}
        tab.on_change((await tab.advance(max_steps=1, draw_all=True)).figures)
        (message,) = await visitor.frames()
        assert {name: figure["step"] for name, figure in message["figures"].items()} == {"curve": 4}
        tab.on_change(())
        (message,) = await visitor.frames()
        assert message["figures"] == {}, "a picture comes once"

    simulate(job())


def test_an_answer_to_frames_that_was_lost_comes_again(wire: Wire) -> None:
    async def job() -> None:
        visitor = Visitor(wire)
        await visitor.hello()
        visitor.tab().on_change(())
        since = visitor.since
        lost = await visitor.frames()
        visitor.since = since
        again = await visitor.frames()
        assert [m["tab"] for m in lost] == [m["tab"] for m in again] == ["toy"]

    simulate(job())


def test_two_tabs_of_a_page_share_one_request_for_frames(wire: Wire) -> None:
    async def job() -> None:
        visitor = Visitor(wire)
        await visitor.hello()
        await visitor.hello(slug="slow-toy")
        for slug in ("toy", "slow-toy"):
            visitor.tab(slug).on_change(())
        assert {message["tab"] for message in await visitor.frames()} == {"toy", "slow-toy"}

    simulate(job())


def test_every_event_renews_the_lease_a_hidden_page_for_longer(wire: Wire) -> None:
    async def job() -> None:
        visitor = Visitor(wire)
        await visitor.hello()
        await visitor.send(Step(knobs={}))
        lasting: list[tuple[Event, int]] = [(Renew(), 25), (Frames(since=0), 20), (Renew(hidden=True), 140)]
        for event, seconds in lasting:
            await visitor.raw(event)
            await asyncio.sleep(seconds)
            assert len(wire.store.scheduler.runs) == 1, event
        await asyncio.sleep(30)
        assert not wire.store.scheduler.runs

    simulate(job())


@pytest.fixture
def client(wire: Wire) -> Any:
    return TestClient(Starlette(routes=wire.routes()))


def event(**data: Any) -> dict[str, Any]:
    return {"token": "", "document": "d", "id": 1, "tab": "toy", "kind": "hello", "query": "", **data}


def test_the_route_answers_in_json_that_nobody_keeps(client: Any) -> None:
    answer = client.post(PATH, json=event())
    assert answer.status_code == 200 and answer.headers["cache-control"] == "no-store"
    (message,) = answer.json()["messages"]
    token = message["token"]
    step = client.post(PATH, json=event(kind="step", knobs={}, token=token)).json()
    assert step["messages"][0]["step"] == 1
    frames = client.post(PATH, json=event(kind="frames", since=10**9, token=token, id=2)).json()
    assert frames["since"] == 0, "it counted on another server"
    assert client.get(PATH).status_code == 405


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"\xff\xfe", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"[1]", "this is list"),
        (b'"text"', "this is str"),
        (json.dumps(event(kind="nothing")).encode(), "no event of a page"),
        (json.dumps(event(kind=5)).encode(), "kind: a short text is wanted"),
        (json.dumps(event(tab="elsewhere")).encode(), "'elsewhere' is not here"),
        (json.dumps(event(kind="step", id="1")).encode(), "id: a whole number"),
        (json.dumps(event(kind="frames", since=-1)).encode(), "since: a whole number"),
        (json.dumps(event(document="d" * 201)).encode(), "document: a short text is wanted"),
    ],
)
def test_what_is_no_event_is_refused_with_a_sentence(client: Any, body: bytes, words: str) -> None:
    token = client.post(PATH, json=event()).json()["messages"][0]["token"]
    body = body.replace(b'"token": ""', f'"token": "{token}"'.encode())
    answer = client.post(PATH, content=body)
    assert answer.status_code == 400 and words in answer.json()["error"]


def test_an_event_that_is_too_large_is_refused(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire_module, "LARGEST", 1000)
    answer = client.post(PATH, json=event(query="x" * 1000))
    assert answer.status_code == 400 and "1,000 bytes" in answer.json()["error"]


WRONG_KNOBS: list[Any] = [1, "x", None, []]


@pytest.mark.parametrize(
    ("kind", "data", "words"),
    [
        *[(kind, {"run": 0, "knobs": wrong}, "knobs: an object") for kind in ("play", "step", "reset", "knobs")
          for wrong in WRONG_KNOBS],
        ("hello", {"alone": 1}, "alone: true, false or null"),
        ("renew", {"hidden": 1}, "hidden: true or false"),
        ("frames", {}, "since: a whole number"),
        ("play", {"knobs": {}}, "run: a whole number"),
        ("pause", {"run": -1}, "run: a whole number"),
        ("pause", {"run": True}, "run: a whole number"),
        ("pause", {"run": 1.0}, "run: a whole number"),
        ("more", {"run": 1}, "steps: a whole number"),
        ("preset", {}, "preset: a short text"),
        ("preset", {"preset": "p" * 201}, "preset: a short text"),
        ("speed", {}, "speed: a short text"),
        ("look", {"views": "curve", "in_sight": True}, "views: a list"),
        ("look", {"views": ["curve", 1]}, "views: a list"),
        ("ask", {"question": {}}, "probe: a short text"),
        ("ask", {"probe": [], "question": {}}, "probe: a short text"),
        ("ask", {"probe": "ask", "question": 5}, "question: an object"),
        ("click", {"x": 1, "y": 1}, "view: a short text"),
        ("click", {"view": "dial", "x": "1", "y": 1}, "x: a number"),
        ("click", {"view": "dial", "x": True, "y": 1}, "x: a number"),
        ("click", {"view": "dial", "x": 10**400, "y": 1}, "x: a number"),
        ("click", {"view": "dial", "x": 1, "y": float("nan")}, "y: a number"),
        ("continue", {"probe": "ask", "number": "1"}, "number: a whole number"),
    ],
)  # fmt: skip
def test_fields_that_are_not_as_they_should_be_are_named(kind: str, data: dict[str, Any], words: str) -> None:
    with pytest.raises(BadEvent, match=f"^{words}"):
        parsed(event(kind=kind, **data))


@pytest.mark.parametrize("kind", [act.model_fields["kind"].default for act in get_args(Event)])
def test_whoever_sends_an_event_says_who_they_are(kind: str) -> None:
    for name in ("token", "document", "id", "tab"):
        sent = event(kind=kind)
        del sent[name]
        with pytest.raises(BadEvent, match=f"^{name}: "):
            parsed(sent)


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (ChangeSpeed(speed="fast"), "speed: 'fast' is not here; there are: 1, 5, 25, full"),
        (ChangeSpeed(speed="1 step/s"), "speed: '1 step/s' is not here"),
        (Click(view="zzz", x=1, y=1), "view: 'zzz' is not here; there are: dial"),
    ],
)
def test_names_that_are_not_known_are_refused_and_begin_nothing(
    wire: Wire, caplog: pytest.LogCaptureFixture, act: Event, words: str
) -> None:
    async def job() -> None:
        visitor = Visitor(wire)
        await visitor.hello()
        with pytest.raises(BadEvent, match=words):
            await visitor.send(act)
        assert not wire.store.scheduler.runs and visitor.tab().state == "ready"

    simulate(job())
    assert not caplog.records
