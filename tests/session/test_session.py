"""A tab of a page: its run, knobs, speed and log."""

from __future__ import annotations

import asyncio
import itertools
import json
import time
from typing import Any

import pytest

from playground.engine.frame import Answer, Frame
from playground.engine.places import Gone
from playground.session.asking import ask
from playground.session.complaints import NoRun, WouldDiverge
from playground.session.player import HIDDEN_SECONDS, UNTRAINED_SECONDS, frames
from playground.session.store import SessionStore
from playground.session.tab_session import TabSession
from tests.simulation import STEPS_A_SLICE, only_host
from tests.toy import ToyConfig


async def open_tab(store: SessionStore, **knobs: Any) -> TabSession:
    """The toy's tab of a new page, with a run of its own and its curve in sight."""
    tab = store.arrive("document").tabs["toy"]
    tab.visible_views = ("curve",)
    tab.set_config(ToyConfig(**knobs))
    await tab.ensure_run()
    return tab


def keys(tab: TabSession) -> list[str]:
    return [note["key"] for note in tab.log.newest()]


def test_live_knobs_reach_the_run_and_the_newest_wins(with_store: Any) -> None:
    async def job(store: SessionStore) -> None:
        tab = await open_tab(store)
        await tab.advance(max_steps=2)
        for rate in (0.5, 0.3, 0.0):
            tab.set_config(ToyConfig(rate=rate))
        before = (await tab.advance(max_steps=1)).latest["theta"]
        assert (await tab.advance(max_steps=5)).latest["theta"] == before, "rate 0: nothing moves"
        assert tab.needs_restart() == []
        assert [note["values"]["value"] for note in tab.log.newest() if note["key"] == "knob"] == [0.5, 0.3, 0.0]

    with_store(job)


def test_a_knob_turned_while_the_run_is_being_opened_is_not_forgotten(with_store: Any) -> None:
    async def job(store: SessionStore) -> None:
        tab = store.arrive("document").tabs["toy"]
        opening = asyncio.ensure_future(tab.ensure_run())
        await asyncio.sleep(0)
        tab.set_config(ToyConfig(rate=0.0, noise="normal"))
        await opening
        assert tab.needs_restart() == ["noise"]
        before = (await tab.advance(max_steps=1)).latest["theta"]
        assert (await tab.advance(max_steps=5)).latest["theta"] == before, "rate 0: nothing moves"

    with_store(job)


def test_other_knobs_wait_for_the_next_start(with_store: Any) -> None:
    async def job(store: SessionStore) -> None:
        tab = await open_tab(store)
        await tab.advance(max_steps=2)
        run = tab.run.id
        await tab.ensure_run()
        assert tab.run.id == run
        tab.set_config(ToyConfig(rate=0.0, noise="normal", seed=3))
        assert sorted(tab.needs_restart()) == ["noise", "seed"]
        await tab.advance(max_steps=1)
        await tab.ensure_run()
        assert tab.run.id != run and tab.step == 0 and tab.needs_restart() == []
        assert store.scheduler.runs[tab.run.id].config == tab.config and len(store.scheduler.runs) == 1

    with_store(job)


def test_two_clicks_at_once_open_one_run(with_store: Any) -> None:
    async def job(store: SessionStore) -> None:
        tab = store.arrive("document").tabs["toy"]
        await asyncio.gather(tab.ensure_run(), tab.ensure_run())
        assert set(store.scheduler.runs) == {tab.run.id}

    with_store(job)


def test_the_budget_and_challenges_are_noted(with_store: Any) -> None:
    async def job(store: SessionStore) -> None:
        tab = await open_tab(store, steps=30)
        await tab.advance(max_steps=5)
        assert not tab.run.solved, "an untrained model solves nothing"
        tab.playing = True
        found = [frame async for frame in frames(tab)]
        assert tab.run.is_done and tab.state == "done" and not tab.playing and found[-1].step == 30
        assert tab.run.solved == {"settle"}
        notes = {note["key"]: note["values"] for note in tab.log.newest()}
        assert notes["budget"] == {"steps": 30} and notes["solved"]["title"] == "Settle"
        assert keys(tab).count("budget") == keys(tab).count("solved") == 1

    with_store(job)


def test_a_host_that_died_is_noted(with_store: Any) -> None:
    async def job(store: SessionStore) -> None:
        tab = await open_tab(store)
        await tab.advance(max_steps=5)
        only_host(store.scheduler).die()
        assert (await tab.advance(max_steps=1)).step == 1
        assert [n["values"] for n in tab.log.newest() if n["key"] == "resumed"] == [{"step": 0}]

    with_store(job)


async def reset_in_flight(tab: TabSession, when: str) -> None:
    """Plays, then resets `when` a frame arrives or a slice trains; no frame of the old run comes after that."""
    tab.playing, late, reset = True, [], asyncio.Event()

    async def watch() -> None:
        seen = 0
        async for frame in frames(tab):
            seen += 1
            if reset.is_set():
                late.append(frame)
            elif seen == 3 and when == "frame":
                tab.playing = False
                await asyncio.sleep(0.01)  # the next slice is under way
                reset.set()
                await tab.restart(tab.config)

    watching = asyncio.ensure_future(watch())
    if when != "frame":
        while tab.step < 3 * STEPS_A_SLICE:
            await asyncio.sleep(0.01)
        tab.playing = when == "playing"
        reset.set()
        await tab.restart(tab.config)
    await watching
    assert not late and tab.run.last is None and not tab.run.figures
    assert (await tab.advance(max_steps=2)).step == 2


@pytest.mark.parametrize("when", ["frame", "playing", "paused"])
def test_a_reset_in_full_flight_never_shows_an_old_frame(with_store: Any, when: str) -> None:
    async def job(store: SessionStore) -> None:
        await reset_in_flight(await open_tab(store, steps=100_000), when)

    with_store(job)


def test_a_pause_shows_the_slice_that_was_under_way_and_then_rests(with_store: Any) -> None:
    async def job(store: SessionStore) -> None:
        tab = await open_tab(store, steps=100_000)
        tab.playing, steps = True, []
        async for frame in frames(tab):
            steps.append(frame.step)
            assert not tab.idle.is_set()
            tab.playing = len(steps) < 3
        await tab.pause()
        run = only_host(store.scheduler).runs[tab.run.id]
        assert steps == sorted(steps) and steps[-1] == run.step == tab.step and tab.state == "paused"

    with_store(job)


def test_a_run_that_has_its_host_alone_is_asked_for_slices_in_advance(
    with_store: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def job(store: SessionStore) -> None:
        tab = await open_tab(store, steps=100_000)
        waiting, most = 0, {True: 0, False: 0}
        advance = tab.scheduler.advance

        async def noted(run_id: str, **how: Any) -> Frame:
            nonlocal waiting
            waiting += 1
            most[is_alone] = max(most[is_alone], waiting)
            try:
                return await advance(run_id, **how)
            finally:
                waiting -= 1

        monkeypatch.setattr(tab.scheduler, "advance", noted)
        for is_alone in (True, False):
            monkeypatch.setattr(tab.scheduler, "is_alone", lambda run_id: is_alone)  # noqa: B023
            tab.playing, steps = True, []
            async for frame in frames(tab):
                steps.append(frame.step)
                tab.playing = len(steps) < 8
            assert steps == sorted(steps) and steps[-1] == tab.step
            assert only_host(store.scheduler).runs[tab.run.id].step == tab.step
        assert most == {True: 2, False: 1}

    with_store(job)


def test_slow_motion_takes_single_steps_at_its_rate(with_store: Any) -> None:
    async def job(store: SessionStore) -> None:
        tab = await open_tab(store)
        tab.speed, tab.playing = "25", True
        found: list[tuple[int, float]] = []
        async for frame in frames(tab):
            found.append((frame.step, time.monotonic()))
            tab.playing = len(found) < 5
        assert [step for step, _ in found][:5] == [0, 1, 2, 3, 4]
        assert all(b - a >= 0.99 / 25 for (_, a), (_, b) in itertools.pairwise(found[:5]))

    with_store(job)


@pytest.mark.parametrize(("speed", "all_drawn"), [("1", True), ("5", True), ("25", False)])
def test_each_step_that_can_be_followed_is_drawn_whole(
    with_store: Any, monkeypatch: pytest.MonkeyPatch, speed: str, all_drawn: bool
) -> None:
    async def job(store: SessionStore) -> None:
        tab = await open_tab(store)
        asked: list[tuple[int | None, bool]] = []
        advance = tab.scheduler.advance

        async def noted(run_id: str, **how: Any) -> Frame:
            asked.append((how["max_steps"], how["draw_all"]))
            return await advance(run_id, **how)

        monkeypatch.setattr(tab.scheduler, "advance", noted)
        tab.speed, tab.playing, shown = speed, True, 0
        async for _ in frames(tab):
            shown += 1
            tab.playing = shown < 5
        steps = [draw_all for max_steps, draw_all in asked if max_steps == 1]
        assert len(steps) == 4 and all(steps[1:]) == any(steps[1:]) == all_drawn

    with_store(job)


def test_the_untrained_model_is_shown_for_a_while_before_training_changes_it(with_store: Any) -> None:
    async def job(store: SessionStore) -> None:
        tab = await open_tab(store)
        tab.playing, found = True, []
        async for frame in frames(tab):
            found.append((frame.step, time.monotonic()))
            tab.playing = len(found) < 3
        (first, at), (second, later), *_ = found
        assert first == 0 and second > 0 and UNTRAINED_SECONDS <= later - at < UNTRAINED_SECONDS + 1
        tab.playing, found = True, []
        async for frame in frames(tab):
            found.append((frame.step, time.monotonic()))
            tab.playing = False
        assert found[0][0] > second, "a run that goes on is not held"

    with_store(job)


def test_what_has_diverged_is_not_repeated_unchanged(with_store: Any) -> None:
    async def job(store: SessionStore) -> None:
        tab = await open_tab(store, rate=1e9)
        tab.playing = True
        async for _ in frames(tab):
            pass
        assert tab.state == "stopped"
        with pytest.raises(WouldDiverge) as caught:
            tab.refuse_what_diverged()
        assert caught.value.remedies == ["rate 0.1"]
        tab.set_config(tab.config.model_copy(update={"seed": 7}))
        tab.refuse_what_diverged()

    with_store(job)


def test_a_hidden_tab_goes_on_training_but_sends_few_frames(with_store: Any) -> None:
    async def job(store: SessionStore) -> None:
        tab = await open_tab(store, steps=100_000)
        tab.in_sight, tab.visible_views, tab.playing = False, (), True
        found: list[tuple[float, int]] = []
        async for frame in frames(tab):
            found.append((time.monotonic(), frame.step))
            tab.playing = len(found) < 6
        sent = found[:6]  # what comes after a pause does not wait
        assert all(b - a >= HIDDEN_SECONDS for (a, _), (b, _) in itertools.pairwise(sent))
        assert all(b - a > STEPS_A_SLICE for (_, a), (_, b) in itertools.pairwise(sent)), "slices that were not sent"

    with_store(job)


def test_a_question_needs_a_run(with_store: Any) -> None:
    async def job(store: SessionStore) -> None:
        tab = store.arrive("document").tabs["toy"]
        with pytest.raises(NoRun):
            await ask(tab, "ask", {"times": 3})
        await tab.ensure_run()
        assert '"bar"' in (await ask(tab, "ask", {"times": 3})).figure

    with_store(job)


def test_the_pre_trained_model_of_the_setting_answers_until_there_has_been_a_run(
    with_store: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[Any, ...]] = []

    async def ask_pre_trained(*question: Any) -> Answer:
        asked.append(question)
        return Answer("{}", step=7, pre_trained=True)

    async def job(store: SessionStore) -> None:
        monkeypatch.setattr(store.scheduler, "has_pre_trained", lambda slug, setting: (slug, setting) == ("toy", ""))
        monkeypatch.setattr(store.scheduler, "ask_pre_trained", ask_pre_trained)
        tab = store.arrive("document").tabs["toy"]
        tab.set_config(ToyConfig(rate=0.2))
        assert (await ask(tab, "ask", {"times": 3})).pre_trained
        assert asked == [("toy", "", "ask", {"times": 3}, None, tab.owner)]
        tab.set_config(ToyConfig(networks="two"))
        with pytest.raises(NoRun):  # the toy's second setting has none
            await ask(tab, "ask", {"times": 3})
        tab.set_config(ToyConfig(rate=0.2))
        await tab.ensure_run()
        await tab.advance(max_steps=1)
        assert not (await ask(tab, "ask", {"times": 3})).pre_trained
        await store.scheduler.close_all(tab.owner)
        tab.mark_lost()
        with pytest.raises(NoRun):  # what is on screen is of the run that is lost
            await ask(tab, "ask", {"times": 3})

    with_store(job)


def test_a_run_that_the_server_has_freed_is_lost_and_what_it_showed_is_kept(with_store: Any) -> None:
    async def job(store: SessionStore) -> None:
        tab = await open_tab(store)
        await tab.advance(max_steps=3, draw_all=True)
        await store.scheduler.close_all(tab.owner)
        tab.playing = True
        with pytest.raises(Gone):
            async for _ in frames(tab):
                pass
        tab.mark_lost()
        assert tab.run.figures and tab.step == 3 and keys(tab)[-1] == "lost"
        await tab.ensure_run()
        assert (await tab.advance(max_steps=1)).step == 1

    with_store(job)


def test_a_live_knob_turned_while_nothing_trains_acts_at_once(with_store: Any) -> None:
    async def job(store: SessionStore) -> None:
        tab = await open_tab(store)
        tab.visible_views = ("curve",)
        before = await tab.advance(max_steps=3, draw_all=True)
        assert before.latest["distance"] == abs(before.latest["theta"] - 0.5)
        frame = await tab.turn_knobs(ToyConfig(mean=2.0))
        assert frame is not None and frame.step == 3 and frame.version == before.version + 1
        assert frame.latest["distance"] == 2.0 - before.latest["theta"] and "curve" in frame.figures
        assert tab.run.figures["curve"].version == frame.version
        answer = await ask(tab, "ask", {"times": 3})
        assert (answer.step, answer.version) == (3, frame.version)
        assert await tab.turn_knobs(ToyConfig(mean=2.0, noise="normal")) is None, "that one waits for the next run"

    with_store(job)


def test_a_challenge_is_judged_after_a_turned_knob_as_well(with_store: Any) -> None:
    async def job(store: SessionStore) -> None:
        tab = await open_tab(store, mean=2.0)
        theta = (await tab.advance(max_steps=1)).latest["theta"]
        assert tab.run.solved == set()
        await tab.turn_knobs(ToyConfig(mean=theta))
        assert tab.run.solved == {"touch"} and "solved" in keys(tab)

    with_store(job)


def test_what_is_set_in_a_picture_opens_a_run_at_step_0(with_store: Any) -> None:
    async def job(store: SessionStore) -> None:
        tab = store.arrive("document").tabs["toy"]
        assert await tab.turn_knobs(ToyConfig(rate=0.3)) is None and not tab.run.id, "a knob of the column opens none"
        frame = await tab.turn_knobs(ToyConfig(rate=0.3, mean=1.5))
        assert frame is not None and frame.step == 0 and tab.run.id and tab.state == "ready"
        assert tab.run.config == tab.config == ToyConfig(rate=0.3, mean=1.5)
        assert frame.latest.keys() == {"distance"}, "a challenge can be judged"

    with_store(job)


def test_a_knob_that_is_turned_while_it_trains_acts_with_the_next_slice(with_store: Any) -> None:
    async def job(store: SessionStore) -> None:
        tab = await open_tab(store)
        tab.playing = True
        tab.start()
        while tab.step < 2 * STEPS_A_SLICE:
            await asyncio.sleep(0.01)
        assert await tab.turn_knobs(ToyConfig(rate=0.0)) is None
        while tab.step < 10 * STEPS_A_SLICE:
            await asyncio.sleep(0.01)
        before = tab.run.last
        while tab.step < 12 * STEPS_A_SLICE:
            await asyncio.sleep(0.01)
        assert before and tab.run.last and tab.run.last.latest["theta"] == before.latest["theta"]
        await tab.pause()

    with_store(job)


def test_pictures_in_parts_are_finished_while_nothing_trains(with_store: Any) -> None:
    async def job(store: SessionStore) -> None:
        tab = await open_tab(store)
        tab.visible_views = ("landscape",)
        changed: list[str] = []
        tab.on_change = changed.extend
        first = await tab.redrawn()
        assert first.unfinished == ("landscape",) and first.figures["landscape"].text.count(",") < 20
        assert tab.is_drawing, "the page waits for the rest"
        while tab.finishing and not tab.finishing.done():
            await asyncio.sleep(0.01)
        assert tab.run.figures["landscape"].text.count(",") > 50 and "landscape" in changed and not tab.run.unfinished
        assert not tab.is_drawing

    with_store(job)


def test_an_arm_that_diverged_is_noted_once_and_the_run_goes_on(with_store: Any) -> None:
    async def job(store: SessionStore) -> None:
        tab = await open_tab(store, networks="two")
        for _ in range(6):
            await tab.advance(max_steps=5)
        assert tab.step == 30 and tab.state == "paused" and tab.run.frozen == {"wild": 8}
        notes = [n["values"] for n in tab.log.newest() if n["key"] == "arm_frozen"]
        assert notes == [{"arm": "wild", "step": 8}]
        assert tab.run.last and tab.run.last.moment[0] == 30, "the row above the pictures goes on"

    with_store(job)


def test_a_question_is_answered_with_the_knobs_as_they_stand(with_store: Any) -> None:
    async def job(store: SessionStore) -> None:
        tab = await open_tab(store)
        before = await tab.advance(max_steps=3)
        tab.set_config(ToyConfig(mean=2.0))  # no slice has brought it to the run yet
        answer = await ask(tab, "landscape_at", {"reach": 1.0})
        assert (answer.step, answer.version) == (3, before.version + 1)
        assert json.loads(answer.figure)["data"][0]["y"][1] == pytest.approx((before.latest["theta"] - 2.0) ** 2)

    with_store(job)
