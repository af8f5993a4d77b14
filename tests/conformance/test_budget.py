"""The number of steps says when a run stops, and changes no bit of what it does until then."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode

import pytest

from playground.concept import Concept
from playground.concepts import CONCEPTS
from playground.engine.run import Run
from playground.knobs import Knob
from playground.wording import parse_config
from tests.smallest import SMALLEST
from tests.toy import TOY

ALL = (*CONCEPTS, TOY, SMALLEST)
FOLLOWING = tuple(c for c in CONCEPTS if "schedule" in c.config.model_fields)
each = pytest.mark.parametrize("concept", ALL, ids=lambda c: c.slug)
each_following = pytest.mark.parametrize("concept", FOLLOWING, ids=lambda c: c.slug)


def test_three_tabs_have_a_schedule() -> None:
    assert {c.slug for c in FOLLOWING} == {"autoencoder", "transformer", "actor-critic"}


@each
def test_a_run_that_goes_on_is_the_one_that_had_more_steps_at_once(concept: Concept) -> None:
    """With the same schedule, where there is one: it ends between the two budgets."""
    schedule = {"schedule": 9} if concept in FOLLOWING else {}
    short, long = (concept.config(**{"steps": steps, **schedule}) for steps in (6, 12))
    run, whole = Run(concept, short), Run(concept, long)
    first = run.advance(600)
    assert first.done and first.step == 6
    assert run.advance(600).rows == []
    run.update_live(long)
    second = run.advance(600)
    assert second.done and second.step == 12
    assert first.rows + second.rows == whole.advance(600).rows


@each
def test_steps_can_change_in_mid_run_and_what_follows_them_cannot(concept: Concept) -> None:
    assert "steps" in concept.config.live_fields()
    for name, field in concept.config.model_fields.items():
        leader = Knob.of(field).follows
        if leader:
            assert name not in concept.config.live_fields()
            assert concept.config.model_fields[leader].default == field.default


@each_following
def test_the_schedule_changes_the_metrics_and_the_steps_do_not(concept: Concept) -> None:
    def rows(**knobs: int) -> object:
        return Run(concept, concept.config(**knobs)).advance(600, max_steps=52).rows  # the warm-up takes 50

    default = concept.config().steps
    assert rows() == rows(steps=default // 2) != rows(schedule=3)


@each_following
def test_older_links_and_presets_that_set_the_steps_set_the_schedule_too(concept: Concept) -> None:
    old = parse_config(concept.config, {"steps": "500"})
    assert (old.steps, old.schedule) == (500, 500)  # type: ignore[attr-defined]
    both = parse_config(concept.config, {"steps": "500", "schedule": "700"})
    assert (both.steps, both.schedule) == (500, 700)  # type: ignore[attr-defined]
    over = parse_config(concept.config, {"steps": 300}, {"steps": 600})
    assert over.schedule == 300  # type: ignore[attr-defined]
    for preset in concept.presets:
        config = concept.preset_config(preset)
        assert config.schedule == config.steps, preset.name  # type: ignore[attr-defined]


@each_following
def test_a_link_of_today_says_both(concept: Concept) -> None:
    usual = concept.config().steps
    for steps, schedule in ((usual, usual), (usual + 1, usual), (usual, usual + 1), (500, 500), (500, 700)):
        config = concept.config(steps=steps, schedule=schedule)  # type: ignore[call-arg]
        link = config.as_link()
        assert ("schedule" in link) == (steps != usual or schedule != usual)
        assert parse_config(concept.config, dict(parse_qsl(urlencode(link)))) == config
