"""What the page's events come to on the server, in the orders in which a slow browser may send them."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import gradio as gr
import pytest

from playground.engine.scheduler import Scheduler
from playground.session.leases import Leases
from playground.session.store import SessionStore
from playground.ui.actions import Actions
from playground.ui.tab import Tab
from tests.simulation import InProcessHost
from tests.toy import TOY, TOYS


def request(session: str) -> Any:
    made = gr.Request()
    made.session_hash = session
    return made


def event(**data: Any) -> Any:
    return gr.EventData(None, data)


@pytest.fixture
def store() -> SessionStore:
    scheduler = Scheduler("tests.toy:TOYS", hosts=1, new_host=InProcessHost)
    return SessionStore(TOYS, scheduler, Leases(scheduler))


def actions(store: SessionStore) -> Actions:
    with gr.Blocks():
        return Actions(TOY, Tab("toy"), store)


def test_a_page_that_comes_gets_a_token_and_the_knobs_of_its_link(store: SessionStore) -> None:
    async def job() -> None:
        toy = actions(store)
        first = json.loads(await toy.hello(event(token="", query="?tab=toy&rate=0.5&__theme=dark"), request("s1")))
        assert first["knobs"]["rate"] == 0.5 and first["address"] == "?tab=toy&rate=0.5" and first["token"]
        await toy.act(event(kind="step", knobs={"rate": 0.5}), request("s1"))
        again = json.loads(await toy.hello(event(token=first["token"], query="?tab=toy&rate=0.5"), request("s2")))
        assert again["token"] == first["token"] and again["step"] == 1 and set(again["figures"]) == set()
        other = json.loads(await toy.hello(event(token="", query="?tab=toy&rate=0.5"), request("s3")))
        assert other["token"] != first["token"] and other["step"] == 0, "a link leads to a run of its own"

    asyncio.run(job())


def test_what_goes_wrong_comes_back_as_a_sentence(store: SessionStore, caplog: pytest.LogCaptureFixture) -> None:
    async def job() -> None:
        toy = actions(store)
        store.arrive("s", "")
        for data, key, words in (
            ({"kind": "step", "knobs": {"rate": "fast"}}, "refused", "rate: 'fast' is refused"),
            ({"kind": "knobs", "knobs": {"rat": 1}}, "refused", "did you mean rate"),
            ({"kind": "nothing"}, "failed", ""),
        ):
            complaint = json.loads(await toy.act(event(**data), request("s")))["complaint"]
            assert complaint["key"] == key and words in str(complaint["values"])
        said = json.loads(await toy.act(event(kind="ask", probe="ask", question={}), request("s")))
        assert "Press Train or Step first" in said["answers"]["ask"]["error"]

    asyncio.run(job())
    assert "nothing failed in toy" in caplog.text


def test_a_click_asks_the_probe_of_its_view(store: SessionStore) -> None:
    async def job() -> None:
        toy = actions(store)
        store.arrive("s", "")
        await toy.act(event(kind="step", knobs={}), request("s"))
        said = json.loads(await toy.act(event(kind="click", view="dial", x=1, y=3), request("s")))
        answer = said["answers"]["ask"]
        assert answer["clicked"] and answer["step"] == 1 and answer["question"] == {"times": 4}
        assert len(answer["figure"]["data"][0]["y"]) == 4

    asyncio.run(job())


def test_a_preset_sets_the_knobs_and_runs_anew(store: SessionStore) -> None:
    async def job() -> None:
        toy = actions(store)
        session = store.arrive("s", "").tabs["toy"]
        for run in (1, 2):
            messages = [json.loads(said) async for said in toy.train(event(preset="still"), request("s"))]
            first = messages[0]
            assert first["knobs"]["rate"] == 0 and first["address"] == "?tab=toy&rate=0.0"
            assert first["notes"][-1]["values"]["title"] == "Still"
            assert messages[-1]["state"] == "done" and messages[-1]["run"] == run
            assert session.running == session.config

    asyncio.run(job())


def test_a_link_to_a_preset_sets_its_knobs_and_asks_for_a_run(store: SessionStore) -> None:
    async def job() -> None:
        toy = actions(store)
        said = json.loads(await toy.hello(event(token="", query="?tab=toy&preset=still&seed=3"), request("s1")))
        assert said["run_now"] and (said["knobs"]["rate"], said["knobs"]["seed"]) == (0, 3)
        plain = json.loads(await toy.hello(event(token="", query="?tab=toy&rate=0.5"), request("s2")))
        assert not plain["run_now"]
        wrong = json.loads(await toy.hello(event(token="", query="?tab=toy&preset=stil"), request("s3")))
        assert not wrong["run_now"] and "did you mean still" in wrong["complaint"]["values"]["sentence"]

    asyncio.run(job())


def test_a_run_that_diverged_is_not_begun_again_as_it_was(store: SessionStore) -> None:
    async def job() -> None:
        toy = actions(store)
        knobs = {"rate": 1e9}
        first = [json.loads(said) async for said in toy.train(event(knobs=knobs), request("s"))]
        again = [json.loads(said) async for said in toy.train(event(knobs=knobs), request("s"))]
        other = [json.loads(said) async for said in toy.train(event(knobs={"rate": 0.5}), request("s"))]
        assert first[-1]["state"] == again[-1]["state"] == "stopped" and again[-1]["run"] == first[-1]["run"]
        assert again[-1]["complaint"] == {"key": "would_diverge", "values": {"knobs": ["rate 0.1"]}}
        assert other[-1]["state"] == "done"

    asyncio.run(job())
