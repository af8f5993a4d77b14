"""What the page's events come to on the server, in the orders in which a slow browser may send them."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from playground.engine.requests import OpenRun, Request
from playground.ui.events import (
    Ask,
    ChangeKnobs,
    ChoosePreset,
    Click,
    Event,
    Leave,
    Look,
    More,
    Pause,
    Play,
    Reset,
    Step,
    Undo,
)
from playground.ui.wire import Wire
from tests.simulation import only_host, simulate
from tests.ui.conftest import Visitor


def test_a_page_that_comes_gets_a_token_and_the_knobs_of_its_link(wire: Wire) -> None:
    async def job() -> None:
        visitor = Visitor(wire)
        first = await visitor.hello("?tab=toy&rate=0.5&__theme=dark")
        assert first["knobs"]["rate"] == 0.5 and first["address"] == "?tab=toy&rate=0.5"
        assert first["token"] and first["renew"] == 10
        await visitor.send(Step(knobs={"rate": 0.5}))
        await visitor.raw(Leave())
        again = await Visitor(wire, "reloaded", visitor.token).hello("?tab=toy&rate=0.5")
        assert again["token"] == first["token"] and again["step"] == 1 and set(again["figures"]) == set()
        other = await Visitor(wire, "another").hello("?tab=toy&rate=0.5")
        assert other["token"] != first["token"] and other["step"] == 0, "a link leads to a run of its own"

    simulate(job())


def test_the_pre_trained_model_of_a_setting_is_opened_when_the_knobs_choose_it(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def job() -> None:
        opened: list[str] = []

        async def open_pre_trained(slug: str, setting: str) -> None:
            opened.append(setting)

        monkeypatch.setattr(wire.store.scheduler, "open_pre_trained", open_pre_trained)
        visitor = Visitor(wire)
        assert (await visitor.hello())["setting"] == ""
        assert (await visitor.send(ChangeKnobs(knobs={"networks": "two"})))["setting"] == "two"
        await visitor.send(ChangeKnobs(knobs={"networks": "two", "rate": 0.5}))
        await visitor.send(ChangeKnobs(knobs={"networks": "one"}))
        await asyncio.sleep(0)
        assert opened == ["", "two", ""]
        await visitor.send(Step(knobs={"networks": "one"}))
        waits = await visitor.send(ChangeKnobs(knobs={"networks": "two"}))
        assert waits["setting"] == "", "the run's, until a new one begins"
        await asyncio.sleep(0)
        assert opened == ["", "two", ""], "the run answers"

    simulate(job())


def test_what_goes_wrong_comes_back_as_a_sentence(
    wire: Wire, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def job() -> None:
        visitor = Visitor(wire)
        await visitor.hello()
        events: list[tuple[Event, str, str]] = [
            (Step(knobs={"rate": "fast"}), "refused", "rate"),
            (ChangeKnobs(knobs={"rat": 1}), "refused", "did you mean rate"),
        ]
        for event, key, words in events:
            complaint = (await visitor.send(event))["complaint"]
            assert complaint["key"] == key and words in str(complaint["values"]).lower()
        said = await visitor.send(Ask(probe="ask", question={}))
        assert "Press Train or Step first" in said["answers"]["ask"]["error"]
        monkeypatch.setattr(visitor.tab(), "ensure_run", None)
        assert (await visitor.send(Step(knobs={})))["complaint"]["key"] == "failed"

    simulate(job())
    assert "step failed in toy" in caplog.text


def test_a_click_asks_the_probe_of_its_view(wire: Wire) -> None:
    async def job() -> None:
        visitor = Visitor(wire)
        await visitor.hello()
        await visitor.send(Step(knobs={}))
        answer = (await visitor.send(Click(view="dial", x=1, y=3)))["answers"]["ask"]
        assert answer["clicked"] and answer["step"] == 1 and answer["question"] == {"times": 4}
        assert len(answer["figure"]["data"][0]["y"]) == 4

    simulate(job())


def test_a_run_is_trained_to_its_end_whoever_listens(wire: Wire) -> None:
    async def job() -> None:
        visitor = Visitor(wire)
        await visitor.hello()
        await visitor.send(Look(views=("curve", "dial"), in_sight=True))
        first = await visitor.send(Play(run=0, knobs={"steps": 200}))
        assert first["state"] == "training" and first["run"] == 1 and first["address"] == "?tab=toy&steps=200"
        early = await visitor.frames()
        assert set(early[-1]["figures"]) == {"curve", "dial"} and early[-1]["step"] == 0, "the untrained model first"
        await asyncio.sleep(20)  # nobody asks for frames, but the page is there
        late = await visitor.frames()
        assert late[-1]["step"] == 200 and late[-1]["state"] == "done"
        assert {f["step"] for f in late[-1]["figures"].values()} == {200}

    simulate(job())


def test_a_preset_sets_the_knobs_and_runs_anew(wire: Wire) -> None:
    async def job() -> None:
        visitor = Visitor(wire)
        await visitor.hello()
        for run in (1, 2):
            first = await visitor.send(ChoosePreset(preset="still"))
            assert first["knobs"]["rate"] == 0 and first["address"] == "?tab=toy&rate=0.0"
            assert "Still" in [note["values"].get("title") for note in first["notes"]]
            last = (await visitor.until("done"))[-1]
            assert last["run"] == run and visitor.tab().run.config == visitor.tab().config

    simulate(job())


def test_a_link_to_a_preset_sets_its_knobs_and_asks_for_a_run(wire: Wire) -> None:
    async def job() -> None:
        said = await Visitor(wire, "1").hello("?tab=toy&preset=still&seed=3")
        assert said["run_now"] and (said["knobs"]["rate"], said["knobs"]["seed"]) == (0, 3)
        plain = await Visitor(wire, "2").hello("?tab=toy&rate=0.5")
        assert not plain["run_now"]
        wrong = await Visitor(wire, "3").hello("?tab=toy&preset=stil")
        assert not wrong["run_now"] and "did you mean still" in wrong["complaint"]["values"]["sentence"]

    simulate(job())


def test_a_run_that_diverged_is_not_begun_again_as_it_was(wire: Wire) -> None:
    async def job() -> None:
        visitor, knobs = Visitor(wire), {"rate": 1e9}
        await visitor.hello()
        await visitor.send(Play(run=0, knobs=knobs))
        first = (await visitor.until("stopped"))[-1]
        again = await visitor.send(Play(run=first["run"], knobs=knobs))
        assert again["state"] == "stopped" and again["run"] == first["run"]
        assert again["complaint"] == {"key": "would_diverge", "values": {"knobs": ["rate 0.1"]}}
        await visitor.send(Play(run=first["run"], knobs={"rate": 0.5}))
        assert (await visitor.until("done"))[-1]["run"] == first["run"] + 1

    simulate(job())


# What the visitor meant, and for which run.


def test_a_pause_that_comes_when_the_run_is_done_changes_nothing(wire: Wire) -> None:
    async def job() -> None:
        visitor = Visitor(wire)
        await visitor.hello()
        await visitor.send(Play(run=0, knobs={"steps": 50}))
        await visitor.until("done")
        for event in (Pause(run=1), Play(run=1, knobs={"steps": 50})):
            said = await visitor.send(event)
            assert (said["state"], said["step"], said["run"]) == ("done", 50, 1), event
        assert len(wire.store.scheduler.runs) == 1

    simulate(job())


def test_what_was_meant_for_a_run_that_was_replaced_does_not_reach_the_new_one(wire: Wire) -> None:
    async def job() -> None:
        visitor = Visitor(wire)
        await visitor.hello()
        await visitor.send(Play(run=0, knobs={"steps": 90_000}))
        await visitor.send(Reset(knobs={"steps": 90_000}))
        await visitor.send(Play(run=2, knobs={"steps": 90_000}))
        await asyncio.sleep(1)
        said = await visitor.send(Pause(run=1))
        assert said["state"] == "training" and said["run"] == 2
        assert (await visitor.send(Pause(run=2)))["state"] == "paused"
        assert (await visitor.send(Play(run=1, knobs={"steps": 90_000})))["state"] == "paused"
        assert (await visitor.send(More(run=1, steps=1000)))["state"] == "paused"

    simulate(job())


def test_a_finished_run_goes_on_to_the_bit_by_a_click_or_by_more_steps(wire: Wire) -> None:
    async def undisturbed() -> Any:
        visitor = Visitor(wire, "undisturbed")
        await visitor.hello()
        await visitor.send(Play(run=0, knobs={"steps": 1300}))
        return (await visitor.until("done"))[-1]["moment"]

    async def job() -> None:
        expected = await undisturbed()
        visitor = Visitor(wire)
        await visitor.hello()
        await visitor.send(Play(run=0, knobs={"steps": 100}))
        done = (await visitor.until("done"))[-1]
        assert done["more"] == 1000 and done["step"] == done["budget"] == 100
        said = await visitor.send(More(run=1, steps=1000))
        assert said["state"] == "training" and said["knobs"]["steps"] == 1100 and "steps=1100" in said["address"]
        assert (await visitor.until("done"))[-1]["step"] == 1100
        await visitor.frames()
        raised = await visitor.send(ChangeKnobs(knobs={"steps": 1300}))
        assert raised["state"] == "paused" and raised["budget"] == 1300 and not raised["restart"]
        await visitor.send(Play(run=1, knobs={"steps": 1300}))
        last = (await visitor.until("done"))[-1]
        assert last["run"] == 1 and last["moment"] == expected

    simulate(job())


def test_no_more_steps_are_offered_than_a_run_may_have(wire: Wire) -> None:
    async def job() -> None:
        visitor = Visitor(wire)
        await visitor.hello()
        await visitor.send(Step(knobs={}))
        run, last = visitor.tab().run, visitor.tab().run.last
        assert last is not None
        for step, more in ((5, 1000), (99_400, 600), (100_000, 0)):
            run.last = replace(last, step=step)
            assert visitor.tab().more_steps == more

    simulate(job())


def test_a_reset_can_be_undone_and_that_too(wire: Wire) -> None:
    async def job() -> None:
        visitor = Visitor(wire)
        await visitor.hello()
        await visitor.send(Look(views=("curve",), in_sight=True))
        for _ in range(3):
            trained = await visitor.send(Step(knobs={"rate": 0.5}))
        assert not trained["can_undo"]
        reset = await visitor.send(Reset(knobs={"rate": 0.25}))
        assert reset["step"] == 0 and reset["can_undo"] and reset["run"] == 2
        assert len(wire.store.scheduler.runs) == 1, "the old run is on disk and takes no place"
        twice = await visitor.send(Reset(knobs={"rate": 0.25}))
        assert twice["can_undo"], "a run without a step takes nobody's place"
        back = await visitor.send(Undo())
        assert back["step"] == 3 and back["moment"] == trained["moment"] and back["knobs"]["rate"] == 0.5
        assert back["figures"]["curve"]["step"] == 3 and not back["can_undo"], "the present run had no step"
        stepped = await visitor.send(Step(knobs={"rate": 0.5}))
        assert stepped["step"] == 4
        await visitor.send(Reset(knobs={"rate": 0.25}))
        await visitor.send(Step(knobs={"rate": 0.25}))
        assert (await visitor.send(Undo()))["step"] == 4
        again = await visitor.send(Undo())
        assert again["step"] == 1 and again["knobs"]["rate"] == 0.25 and again["can_undo"]
        assert len(wire.store.scheduler.runs) == 1 and len(wire.store.scheduler.places.parked) == 1

    simulate(job())


def test_the_last_run_is_kept_until_the_next_one_ends(wire: Wire) -> None:
    async def job() -> None:
        visitor = Visitor(wire)
        await visitor.hello()
        await visitor.send(Step(knobs={"steps": 30}))
        await visitor.send(Reset(knobs={"steps": 30}))
        started = await visitor.send(Play(run=2, knobs={"steps": 30}))
        assert started["can_undo"]
        last = (await visitor.until("done"))[-1]
        last = (await visitor.frames() or [last])[-1]
        assert not last["can_undo"]
        assert not wire.store.scheduler.places.parked and len(list(wire.store.scheduler.folder.path.glob("toy-*"))) <= 1

    simulate(job())


def test_a_reset_that_fails_leaves_the_run_as_it_was(wire: Wire) -> None:
    async def job() -> None:
        visitor = Visitor(wire)
        await visitor.hello()
        await visitor.send(Step(knobs={}))
        wire.store.scheduler.places.most = 1
        others = Visitor(wire, "another")
        await others.hello()
        assert (await others.send(Step(knobs={})))["complaint"]["key"] == "full"
        host = only_host(wire.store.scheduler)

        async def broken(request: Request[Any]) -> None:
            if isinstance(request, OpenRun):
                raise OSError("The data set is not here.")

        host.before = broken
        failed = await visitor.send(Reset(knobs={}))
        assert failed["complaint"]["values"]["sentence"] == "The data set is not here." and failed["step"] == 1
        host.before = None
        assert (await visitor.send(Step(knobs={})))["step"] == 2

    simulate(job())


@pytest.mark.parametrize("event", [
    Play(run=1, knobs={}), Step(knobs={}), Reset(knobs={}), Ask(probe="ask", question={}),
], ids=lambda event: event.kind)  # fmt: skip
def test_a_host_that_dies_again_and_again_ends_in_a_sentence_and_train_works_after_it(wire: Wire, event: Event) -> None:
    async def job() -> None:
        visitor = Visitor(wire)
        await visitor.hello()
        await visitor.send(Step(knobs={}))
        host = only_host(wire.store.scheduler)

        async def dies(request: Request[Any]) -> None:
            host.die()

        host.before = dies
        said = await visitor.send(event)
        if isinstance(event, Play):
            said = (await visitor.until("paused"))[-1]
        words = said["answers"]["ask"]["error"] if isinstance(event, Ask) else said["complaint"]["key"]
        assert "host_died" in words or "ended unexpectedly" in words
        assert said["state"] == "paused"
        host.before = None
        await visitor.send(Play(run=0, knobs={}))
        assert (await visitor.until("done"))[-1]["step"] == 400

    simulate(job())


def test_a_run_that_rests_loses_nothing_with_its_host_and_one_that_goes_back_says_so(wire: Wire) -> None:
    async def job() -> None:
        visitor = Visitor(wire)
        await visitor.hello()
        await visitor.send(Play(run=0, knobs={"steps": 90_000}))
        await asyncio.sleep(2)
        at = (await visitor.send(Pause(run=1)))["step"]
        host = only_host(wire.store.scheduler)
        host.die()
        said = await visitor.send(Step(knobs={"steps": 90_000}))
        assert said["step"] == at + 1 > 10
        assert said["complaint"] == {"key": "resumed", "values": {"step": at}}
        await visitor.send(Play(run=1, knobs={"steps": 90_000}))
        await asyncio.sleep(3)
        host.die()
        await asyncio.sleep(3)
        back = (await visitor.frames())[-1]
        assert back["complaint"] and back["complaint"]["key"] == "resumed" and back["rate"] >= 0
        await asyncio.sleep(20)
        assert (await visitor.frames())[-1]["complaint"] is None

    simulate(job())


def test_a_server_that_ends_says_nothing_of_its_workers(wire: Wire) -> None:
    async def job() -> None:
        visitor = Visitor(wire)
        await visitor.hello()
        await visitor.send(Play(run=0, knobs={"steps": 90_000}))
        await asyncio.sleep(1)
        only_host(wire.store.scheduler).before = None
        tab, scheduler = visitor.tab(), wire.store.scheduler
        scheduler.is_stopped = True

        async def dies(request: Request[Any]) -> None:
            only_host(scheduler).die()

        only_host(scheduler).before = dies
        await asyncio.sleep(5)
        assert tab.complaint is None

    simulate(job())
