"""What a message says of a run: frozen arms, live knobs at a step, answers in parts, names in place of titles."""

from __future__ import annotations

import asyncio
from typing import Any

from playground.session.player import FULL_SPEED, SPEEDS
from playground.ui.about import about, about_text
from playground.ui.api import Endpoints
from playground.ui.events import Ask, ChangeKnobs, ChangeSpeed, Click, Continue, Event, Look, Pause, Play, Step
from playground.ui.lesson import lesson_text
from playground.ui.sentences import say
from playground.ui.served import Served
from playground.ui.wire import Wire
from tests.simulation import simulate
from tests.toy import TOY
from tests.ui.conftest import Visitor


def points(part: Any) -> int:
    return len(part["figure"]["data"][0]["x"])


def test_an_answer_comes_in_parts_while_the_model_trains_on(wire: Wire) -> None:
    async def job() -> None:
        visitor = Visitor(wire)
        await visitor.hello()
        await visitor.send(Step(knobs={}))
        event: Event = Ask(probe="landscape_at", question={"reach": 2.0}, clicked=True)
        first = (await visitor.send(event))["answers"]["landscape_at"]
        assert first["more"] and not first["continues"] and points(first) == 3
        await visitor.send(Step(knobs={}))
        parts = [first]
        while parts[-1]["more"]:
            event = Continue(probe="landscape_at", number=first["number"], clicked=True)
            said = await visitor.send(event)
            parts.append(said["answers"]["landscape_at"])
        assert list(dict.fromkeys(map(points, parts))) == [3, 30, 300] and said["step"] == 2
        assert {(part["step"], part["number"], part["clicked"]) for part in parts} == {(1, first["number"], True)}
        assert all(part["continues"] for part in parts[1:])

    simulate(job())


def test_the_named_api_answers_with_the_last_part(wire: Wire) -> None:
    async def job() -> None:
        endpoints = Endpoints(TOY, wire.store.scheduler, wire.store.leases)
        trained = await endpoints.train({}, steps=1)
        assert points({"figure": await endpoints.ask(trained["run"], "landscape_at", {})}) == 300

    simulate(job())


def test_a_newer_question_ends_an_answer_and_so_does_the_end_of_its_run(wire: Wire) -> None:
    async def job() -> None:
        visitor = Visitor(wire)
        await visitor.hello()
        await visitor.send(Step(knobs={}))
        old, new = [
            (await visitor.send(Ask(probe="landscape_at", question={"reach": reach})))["answers"]["landscape_at"]
            for reach in (1.0, 2.0)
        ]
        assert old["number"] != new["number"]
        assert (await visitor.send(Continue(probe="landscape_at", number=old["number"])))["answers"] == {}
        assert (await visitor.send(Continue(probe="landscape_at", number=new["number"])))["answers"]
        assert (await visitor.send(Continue(probe="nothing", number=1)))["answers"] == {}
        await wire.store.scheduler.close(visitor.tab().run.id)
        assert (await visitor.send(Continue(probe="landscape_at", number=new["number"])))["answers"] == {}

    simulate(job())


def test_a_live_knob_turned_while_the_run_rests_is_another_version_of_the_same_step(wire: Wire) -> None:
    async def job() -> None:
        visitor = Visitor(wire)
        await visitor.hello()
        await visitor.send(Look(views=("curve",), in_sight=True))
        before = await visitor.send(Step(knobs={}))
        asked = (await visitor.send(Ask(probe="ask", question={})))["answers"]["ask"]
        after = await visitor.send(ChangeKnobs(knobs={"mean": 1.5}))
        assert after["step"] == before["step"] and after["version"] > before["version"]
        assert after["moment"]["metrics"]["distance"] != before["moment"]["metrics"]["distance"]
        assert after["figures"]["curve"]["version"] == after["version"]
        again = (await visitor.send(Click(view="dial", x=0, y=1)))["answers"]["ask"]
        assert (asked["step"], asked["version"]) == (1, before["version"])
        assert (again["step"], again["version"]) == (1, after["version"])

    simulate(job())


def test_an_arm_that_diverged_is_named_with_its_step_while_the_other_trains_on(wire: Wire) -> None:
    async def job() -> None:
        visitor = Visitor(wire)
        await visitor.hello()
        await visitor.send(Play(run=0, knobs={"networks": "two", "steps": 300}))
        last = (await visitor.until("done"))[-1]
        assert set(last["frozen"]) == {"wild"} and last["frozen"]["wild"]["title"] == TOY.arm_title("wild")
        assert 0 < last["frozen"]["wild"]["step"] < last["step"] == 300
        assert "{title}" in say("frozen") and "{step}" in say("frozen")

    simulate(job())


def test_challenges_and_speeds_go_by_their_names(wire: Wire) -> None:
    async def job() -> None:
        visitor = Visitor(wire)
        await visitor.hello()
        await visitor.send(Play(run=0, knobs={"steps": 90_000}))
        await asyncio.sleep(3)
        said = await visitor.send(ChangeSpeed(speed="25"))
        assert said["speed"] == "25"
        assert "settle" in (await visitor.send(Pause(run=1)))["solved"]

    simulate(job())
    declared = about(TOY, Served((TOY,), about_text, lesson_text))
    assert [(c["name"], c["title"], c["formerly"]) for c in declared["challenges"]][0] == (
        "settle",
        "Settle",
        ["Settle"],
    )
    assert {s["name"]: s["title"] for s in declared["speeds"]} == {name: say(f"speed_{name}") for name in SPEEDS}
    assert declared["speed"] == FULL_SPEED


def test_the_views_and_questions_of_every_setting_are_declared_once(wire: Wire) -> None:
    declared = about(TOY, Served((TOY,), about_text, lesson_text))
    assert [view["name"] for view in declared["views"]] == ["curve", "both", "dial", "spread", "landscape"]
    assert len({probe["name"] for probe in declared["probes"]}) == len(declared["probes"]) == 3

    async def job() -> None:
        said = await Visitor(wire).hello("?tab=toy&networks=two")
        assert "curve" in said["hidden"] and "both" not in said["hidden"]

    simulate(job())
