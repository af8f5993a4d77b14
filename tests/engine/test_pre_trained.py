"""The pre-trained models: without an optimiser, answering as the run did that made them, for everybody at once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors import safe_open

from playground.concept import Concept
from playground.concepts import CONCEPTS
from playground.engine import pre_trained
from playground.engine.checkpoints import PRE_TRAINED, pre_trained_path
from playground.engine.run import Run
from playground.engine.scheduler import Scheduler
from playground.session.asking import ask
from playground.session.complaints import NoRun
from playground.session.tab_session import TabSession
from tests.simulation import InProcessHost
from tests.toy import TOY, TOYS, ToyConfig

MOST_BYTES = 8_000_000
each = pytest.mark.parametrize("concept", CONCEPTS, ids=lambda c: c.slug)


def optimiser_in(path: Path) -> list[str]:
    with safe_open(path, "pt") as file:
        return [name for name in file.keys() if "optimiser" in name]  # noqa: SIM118 it is no dict


def as_stored(state: Any) -> Any:
    """A state whose float32 tensors have the numbers of float16."""
    if isinstance(state, torch.Tensor):
        return state.half().float() if state.dtype == torch.float32 else state
    if isinstance(state, dict):
        return {key: as_stored(value) for key, value in state.items()}
    if isinstance(state, list | tuple):
        return type(state)(as_stored(value) for value in state)
    return state


@each
def test_what_is_saved_answers_as_the_run_does(concept: Concept, tmp_path: Path) -> None:
    run = Run(concept, concept.config())
    run.advance(600, max_steps=3)
    run.experiment.load_state_dict(as_stored(run.experiment.state_dict()))
    path = tmp_path / "made.safetensors"
    pre_trained.save(run, path)
    assert not optimiser_in(path)
    again = pre_trained.load(concept, path, "again")
    assert again.step == 3 and again.config == run.config
    for probe in concept.probes_for(run.config):
        if not probe.prepare:
            assert again.ask(probe.name, {}) == run.ask(probe.name, {}), probe.name
        for view in probe.clicks:
            assert again.ask(probe.name, {}, (view, 0.5, 0.25)) == run.ask(probe.name, {}, (view, 0.5, 0.25)), view


def settings(concept: Concept) -> list[str]:
    """Of its pre-trained models: the first one stands for the tab."""
    return ["", *(setting.name for setting in concept.all_settings[1:])]


@each
def test_every_setting_has_one_that_fits_its_config(concept: Concept) -> None:
    for setting in settings(concept):
        path = pre_trained_path(concept.slug, setting)
        run = pre_trained.load(concept, path, "made")
        assert run.config == concept.pre_trained_config(setting) and run.step == run.config.steps
        assert not optimiser_in(path)


def test_all_of_them_are_small() -> None:
    files = list(PRE_TRAINED.glob("*.safetensors"))
    assert set(files) == {pre_trained_path(c.slug, setting) for c in CONCEPTS for setting in settings(c)}
    assert sum(file.stat().st_size for file in files) <= MOST_BYTES


def test_float32_is_stored_in_half_the_room_and_everything_else_as_it_is(tmp_path: Path) -> None:
    state = {
        "near": torch.tensor([1.0, -0.3333, 7e-5]), "far": torch.tensor([1.0, 1e6]), "gap": torch.tensor([torch.nan]),
        "double": torch.tensor([1 / 3], dtype=torch.float64), "count": torch.tensor([70_001]),
    }  # fmt: skip
    stored: dict[str, torch.Tensor] = {}
    back = pre_trained._with_tensors(pre_trained._without_tensors(state, "", stored), state, stored)
    assert stored["near"].dtype == torch.float16 and stored["far"].dtype == torch.float32
    assert {name: tensor.dtype for name, tensor in back.items()} == {name: t.dtype for name, t in state.items()}
    torch.testing.assert_close(back["near"], state["near"], rtol=2**-11, atol=1e-7)
    for name in ("far", "double", "count"):
        assert torch.equal(back[name], state[name])
    assert back["gap"].isnan().all()


@pytest.fixture
def toy_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> float:
    """θ of the toy's pre-trained model."""
    run = Run(TOY, ToyConfig())
    run.advance(600, max_steps=40)
    pre_trained.save(run, tmp_path / "toy.safetensors")
    monkeypatch.setattr("playground.engine.checkpoints.PRE_TRAINED", tmp_path)
    theta: float = run.experiment.theta  # type: ignore[attr-defined]
    return theta


def test_before_a_run_the_pre_trained_model_answers_and_says_so(toy_made: float, run_on: Any) -> None:
    async def job(scheduler: Scheduler) -> None:
        tabs = [TabSession(TOY, scheduler, owner, ToyConfig()) for owner in ("a", "b")]
        for tab in tabs:
            answer = await ask(tab, "ask", {"times": 1})
            assert json.loads(answer.figure)["data"][0]["y"] == [toy_made] and answer.step == 40
            assert answer.pre_trained
        clicked = await ask(tabs[0], "ask", {}, ("dial", 0.0, 2.0))
        assert clicked.question == {"times": 3}
        assert (await ask(tabs[0], "letters", {"word": "seven"})).pre_trained, "prepared questions as well"
        assert scheduler.runs == {}, "it counts for no cap"
        tabs[0].playing = True
        await tabs[0].ensure_run()
        assert not (await ask(tabs[0], "ask", {})).pre_trained
        tabs[0].mark_lost()

    run_on(job, new_host=InProcessHost)


def test_those_of_two_tabs_live_on_two_hosts(toy_made: float, run_on: Any) -> None:
    path = pre_trained_path("toy")
    path.with_stem("slow-toy").write_bytes(path.read_bytes())

    async def job(scheduler: Scheduler) -> None:
        for concept in TOYS:
            await scheduler.open_pre_trained(concept.slug)
        assert [made.host for made in scheduler.pre_trained.values()] == [0, 1]

    run_on(job, new_host=InProcessHost, hosts=2)


def test_each_setting_has_its_own(toy_made: float, run_on: Any) -> None:
    run = Run(TOY, ToyConfig(rate=0.0))
    run.advance(600, max_steps=7)
    pre_trained.save(run, pre_trained_path("toy", "still"))

    async def job(scheduler: Scheduler) -> None:
        assert scheduler.has_pre_trained("toy", "still") and not scheduler.has_pre_trained("toy", "two")
        steps = [(await scheduler.ask_pre_trained("toy", name, "ask", {})).step for name in ("", "still", "")]
        assert steps == [40, 7, 40] and set(scheduler.pre_trained) == {("toy", ""), ("toy", "still")}

    run_on(job, new_host=InProcessHost)


def test_it_outlives_its_host(toy_made: float, run_on: Any) -> None:
    async def job(scheduler: Scheduler) -> None:
        tab = TabSession(TOY, scheduler, "a", ToyConfig())
        await ask(tab, "ask", {})
        scheduler.hosts[0].die()  # type: ignore[attr-defined]
        assert (await ask(tab, "ask", {})).step == 40

    run_on(job, new_host=InProcessHost)


def test_where_there_is_none_a_question_needs_a_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run_on: Any
) -> None:
    monkeypatch.setattr("playground.engine.checkpoints.PRE_TRAINED", tmp_path)

    async def job(scheduler: Scheduler) -> None:
        with pytest.raises(NoRun):
            await ask(TabSession(TOY, scheduler, "a", ToyConfig()), "ask", {})

    run_on(job, new_host=InProcessHost)
