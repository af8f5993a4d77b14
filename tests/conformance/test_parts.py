"""What every tab promises of drawings and answers in parts, and of what is measured when a knob is turned."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from playground.concept import Concept, Measurable
from playground.concepts import CONCEPTS
from playground.engine.parts import Parts
from playground.engine.run import Run
from playground.wording import parse_question
from tests.smallest import SMALLEST
from tests.toy import TOY

cases = pytest.mark.parametrize(
    ("concept", "given"),
    [
        (concept, concept.config.with_followers(given))
        for concept in (*CONCEPTS, TOY, SMALLEST)
        for given in ({}, *(setting.config for setting in concept.all_settings[1:]))
    ],
    ids=lambda value: getattr(value, "slug", str(value)),
)


def begun(run: Run) -> dict[str, Parts]:
    """Every drawing, and the answer to the default question of every probe that needs no preparation."""
    made = {v.name: Parts(partial(v.draw, run.experiment, run.history), run.stamp) for v in views(run)}
    for probe in run.concept.probes_for(run.config):
        if not probe.prepare:
            asked = parse_question(probe.question, {})
            made[probe.name] = Parts(partial(probe.ask, run.experiment, asked), run.stamp)
    return made


def views(run: Run) -> Any:
    return run.concept.views_for(run.config)


def next_of(parts: Parts) -> str | None:
    try:
        return parts.next()
    except ValueError:  # the probe declined
        return None


@cases
def test_all_parts_are_of_the_step_at_which_they_were_begun(concept: Concept, given: dict[str, Any]) -> None:
    """A part that is drawn after further steps is the one that would have been drawn before them."""
    run = Run(concept, concept.config(**given))
    run.advance(600, max_steps=2)
    expected = {name: list(iter(partial(next_of, parts), None)) for name, parts in several(begun(run)).items()}
    later = several(begun(run))
    for parts in later.values():
        next_of(parts)
    run.advance(600, max_steps=3)
    found = {name: list(iter(partial(next_of, parts), None)) for name, parts in later.items()}
    assert found == {name: texts[1:] for name, texts in expected.items()}


def several(made: dict[str, Parts]) -> dict[str, Parts]:
    """Those that come in several parts, none of which is drawn yet."""
    trial = {name: next_of(parts) is not None and parts.more for name, parts in made.items()}
    return {name: Parts(made[name].begin, made[name].stamp) for name, is_several in trial.items() if is_several}


@cases
def test_training_is_the_same_with_unfinished_drawings_and_answers(concept: Concept, given: dict[str, Any]) -> None:
    alone, watched = (Run(concept, concept.config(**given)) for _ in range(2))
    expected = alone.advance(600, max_steps=6).rows
    names = tuple(view.name for view in views(watched))
    found = watched.advance(600, max_steps=2, views=names, draw_all=True).rows
    unfinished = begun(watched)
    for parts in unfinished.values():
        next_of(parts)
    found += watched.advance(600, max_steps=2, views=names).rows
    for parts in unfinished.values():
        if parts.more:
            next_of(parts)
    found += watched.advance(600, max_steps=2, views=names).rows
    assert found == expected


@cases
def test_measuring_changes_nothing(concept: Concept, given: dict[str, Any]) -> None:
    run = Run(concept, concept.config(**given))
    if not isinstance(run.experiment, Measurable):
        return
    run.advance(600, max_steps=2)
    before = run.save()
    with run.random:
        measured = run.experiment.measure()
    assert run.save() == before and set(measured) <= {metric.name for metric in concept.metrics}
