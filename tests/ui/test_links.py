"""What a shared link sets, and what it says of what it can't."""

from __future__ import annotations

from typing import Any

import pytest

from playground.concepts import CONCEPTS
from playground.session.tab_session import TabSession
from playground.ui.links import follow
from playground.ui.message import query
from tests.toy import TOY, ToyConfig

TRANSFORMER = next(c for c in CONCEPTS if c.slug == "transformer")


def tab(concept: Any = TOY) -> TabSession:
    return TabSession(concept, None, "", concept.config())  # type: ignore[arg-type]


def test_a_link_sets_the_knobs_it_names() -> None:
    toy = tab()
    follow(toy, "?tab=toy&rate=0.5&seed=3&__theme=dark")
    assert toy.config == ToyConfig(rate=0.5, seed=3) and toy.complaint is None
    follow(toy, query("toy", toy.config))
    assert toy.config == ToyConfig(rate=0.5, seed=3)


def test_a_name_from_an_older_link_still_works() -> None:
    toy = tab()
    follow(toy, "?tab=toy&speed_of_learning=0.2")
    assert toy.config == ToyConfig(rate=0.2) and toy.complaint is None


def test_a_value_from_an_older_link_still_works() -> None:
    toy = tab()
    follow(toy, "?tab=toy&noise=Gauss%27+noise")
    assert toy.config == ToyConfig(noise="normal") and toy.complaint is None
    assert query("toy", toy.config) == "?tab=toy&noise=normal"


def test_bad_keys_are_named_and_the_good_ones_stand() -> None:
    toy = tab()
    follow(toy, "?tab=toy&rat=1&seed=7&noise=loud&rate=0.25")
    assert toy.config == ToyConfig(seed=7, rate=0.25)
    assert toy.complaint and toy.complaint[0] == "link_knobs"
    said = toy.complaint[1]["sentence"]
    assert "rat: there is no such setting; did you mean rate" in said
    assert "Noise (noise): 'loud' is no choice here" in said
    assert "seed" not in said


def test_what_does_not_go_together_leaves_out_the_later_one() -> None:
    transformer = tab(TRANSFORMER)
    follow(transformer, "?tab=transformer&task=repeat&architecture=encoder&layers=2")
    assert (transformer.config.task, transformer.config.layers) == ("repeat", 2)  # type: ignore[attr-defined]
    assert "architecture" in str(transformer.complaint)


@pytest.mark.parametrize("link", ["", "?", "?tab=toy", "?__theme=dark"])
def test_a_link_without_knobs_changes_nothing(link: str) -> None:
    toy = tab()
    toy.set_config(ToyConfig(rate=0.7))
    follow(toy, link)
    assert toy.config == ToyConfig(rate=0.7) and toy.complaint is None


def test_a_link_to_a_tab_that_is_not_there_says_so() -> None:
    toy = tab()
    follow(toy, "?tab=toi&rate=0.5")
    assert toy.complaint == ("link_tab", {"tab": "toi"}) and toy.config == ToyConfig()


def test_a_reload_lets_a_run_train_on_and_another_link_pauses_it() -> None:
    toy = tab()
    toy.set_config(ToyConfig(rate=0.5))
    toy.playing = True
    follow(toy, "?tab=toy&rate=0.5")
    assert toy.playing
    follow(toy, "?tab=toy&rate=0.6")
    assert not toy.playing


def test_an_old_link_that_sets_the_steps_sets_the_schedule_too() -> None:
    transformer = tab(TRANSFORMER)
    follow(transformer, "?tab=transformer&steps=500")
    assert transformer.config == TRANSFORMER.config.model_validate({"steps": 500, "schedule": 500})
    assert transformer.complaint is None
    follow(transformer, "?tab=transformer&preset=reverse&schedule=900")
    assert (transformer.config.steps, transformer.config.schedule) == (600, 900)  # type: ignore[attr-defined]


def test_a_link_beyond_what_knobs_may_cost_together_runs_at_the_nearest_value_and_says_so() -> None:
    gan = tab(next(c for c in CONCEPTS if c.slug == "gan"))
    follow(gan, "?tab=gan&data=digits&d_steps=10&batch=128&seed=3")
    assert gan.config == type(gan.config)(data="digits", d_steps=2, batch=128, seed=3)  # type: ignore[call-arg]
    said = str(gan.complaint)
    assert "D steps a step: 10 was lowered to 2, because Batch size × D steps a step may be at most 256" in said
    assert "Batch size: " not in said and "seed" not in said


def test_what_is_lowered_keeps_no_preset_from_running() -> None:
    gan = tab(next(c for c in CONCEPTS if c.slug == "gan"))
    assert follow(gan, "?tab=gan&preset=digits&d_steps=10") and gan.complaint
    assert gan.config.d_steps == 8  # type: ignore[attr-defined]
