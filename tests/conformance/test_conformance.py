"""What every concept promises, the toy among them: a new tab is held to all of it for free."""

from __future__ import annotations

import json
import re
from functools import partial
from typing import Any
from urllib.parse import parse_qsl

import orjson
import pytest
from pydantic import ValidationError

from playground.concept import Concept, Config, Experiment, Knob
from playground.concepts import CONCEPTS
from playground.engine.run import Run
from playground.ui.controls import bounds
from playground.ui.lesson import code_panel, lesson_html, source
from playground.ui.tab import address
from playground.ui.visit import Visit
from playground.wording import UnknownField, parse_config
from tests.toy import TOY

ALL = (*CONCEPTS, TOY)
FIGURE_BYTES = 400_000
PARTS = {"plot": {"data", "layout"}, "film": {"film", "layout"}, "game": {"game", "layout"}}
each = pytest.mark.parametrize("concept", ALL, ids=lambda c: c.slug)


def rows(run: Run, steps: int) -> list[Any]:
    return run.advance(600, max_steps=steps).rows


def variants(concept: Concept) -> list[dict[str, Any]]:
    """The default, every preset, and every choice of every knob that offers some, in the first of them to take it.

    What comes to the same config is listed once.
    """
    bases: list[dict[str, Any]] = [{}] + [p.config for p in concept.presets]
    found = list(bases)
    for name, about in concept.config.model_json_schema()["properties"].items():
        found += [next(filter(partial(takes, concept), [b | {name: c} for b in bases])) for c in about.get("enum", ())]
    return list({concept.config(**given): given for given in reversed(found)}.values())[::-1]


def takes(concept: Concept, given: dict[str, Any]) -> bool:
    try:
        concept.config(**given)
    except ValidationError:
        return False
    return True


def each_variant() -> Any:
    cases = [(c, v) for c in ALL for v in variants(c)]
    return pytest.mark.parametrize(("concept", "given"), cases, ids=lambda v: getattr(v, "slug", str(v)))


@each_variant()
def test_same_seed_same_metrics_to_the_bit(concept: Concept, given: dict[str, Any]) -> None:
    config = concept.config(**given)
    assert rows(Run(concept, config), 6) == rows(Run(concept, config), 6)


@each
def test_another_seed_other_metrics(concept: Concept) -> None:
    assert rows(Run(concept, concept.config(seed=1)), 3) != rows(Run(concept, concept.config(seed=2)), 3)


@each_variant()
def test_saved_and_restored_it_goes_on_to_the_same_bits(concept: Concept, given: dict[str, Any]) -> None:
    whole, cut = (Run(concept, concept.config(**given)) for _ in range(2))
    expected = rows(whole, 12)
    begun = rows(cut, 5)
    assert begun + rows(Run.restore(concept, cut.save()), 7) == expected


@each_variant()
def test_drawing_and_asking_change_nothing(concept: Concept, given: dict[str, Any]) -> None:
    watched, alone = (Run(concept, concept.config(**given)) for _ in range(2))
    found = []
    for _ in range(4):
        found += rows(watched, 2)
        before = watched.save()
        for view in concept.views:
            assert watched.picture(view) is not None, view.name
        for probe in concept.probes:
            watched.ask(probe.name, {})
        assert Run.restore(concept, watched.save()).save() == Run.restore(concept, before).save()
    assert found == rows(alone, 8)


@each_variant()
def test_figures_are_finite_json_of_modest_size(concept: Concept, given: dict[str, Any]) -> None:
    run = Run(concept, concept.config(**given))
    for steps in (0, 1, 30):
        rows(run, steps)
        for view in concept.views:
            text = run.picture(view)
            assert text is not None, f"{view.name} failed at step {run.step}"
            figure = json.loads(text, parse_constant=pytest.fail)
            assert len(text) < FIGURE_BYTES, view.name
            assert set(figure) == PARTS[view.medium] and figure["layout"]["uirevision"], view.name


@each
def test_probes_answer_or_decline_with_a_sentence(concept: Concept) -> None:
    run = Run(concept, concept.config())
    rows(run, 2)
    for probe in concept.probes:
        answer = run.ask(probe.name, {})
        assert bool(answer.picture) != bool(answer.error)
        assert "log says why" not in answer.error
        if answer.picture:
            assert set(orjson.loads(answer.picture)) == PARTS[probe.medium]
        if probe.pointer:
            pointed = run.ask(probe.name, {}, (0.1, 0.1))
            assert pointed.picture and pointed.question and set(pointed.question) <= set(probe.question.model_fields)
        assert "no_such_field" in run.ask(probe.name, {"no_such_field": 1}).error


def extremes(concept: Concept) -> list[dict[str, Any]]:
    found = []
    for name, field in concept.config.model_fields.items():
        found += [{name: value} for value in bounds(field) if value is not None]
    return found


@pytest.mark.parametrize(
    ("concept", "given"), [(c, e) for c in ALL for e in extremes(c)], ids=lambda v: getattr(v, "slug", str(v))
)
def test_extreme_knobs_train_or_end_in_a_clean_divergence(concept: Concept, given: dict[str, Any]) -> None:
    run = Run(concept, concept.config(**given))
    frame = run.advance(600, max_steps=20)
    assert frame.step == min(20, run.config.steps) or re.match(r"diverged at step \d+: \S+ = -?(nan|inf)", frame.error)


@each
def test_bounds_hold(concept: Concept) -> None:
    for name, field in concept.config.model_fields.items():
        low, high = bounds(field)
        for value in ([low - 1] if low is not None else []) + ([high + 1] if high is not None else []):
            with pytest.raises(ValueError, match=name):
                concept.config(**{name: value})
        concept.config(**{name: field.default})
        assert field.description, f"{name} has no help text"
    with pytest.raises(UnknownField, match="did you mean seed"):
        parse_config(concept.config, {"sed": 1})


@each
def test_live_knobs_tune_and_the_others_do_not(concept: Concept) -> None:
    run = Run(concept, concept.config())
    rows(run, 1)
    for name, field in concept.config.model_fields.items():
        _, high = bounds(field)
        if high is None:
            continue
        changed = concept.config(**{name: high})
        if Knob.of(field).live:
            run.tune(changed)
            run.tune(concept.config())
        else:
            with pytest.raises(ValueError, match=name):
                run.tune(changed)


@each_variant()
def test_a_config_survives_the_url_and_the_command_line(concept: Concept, given: dict[str, Any]) -> None:
    config = concept.config(**given)
    visit = Visit(concept, None, "", config)  # type: ignore[arg-type]
    link = dict(parse_qsl(address(visit).lstrip("?")))
    assert link.pop("tab") == concept.slug
    assert parse_config(concept.config, link) == config
    typed = {name: str(value) for name, value in config.model_dump().items()}
    assert parse_config(concept.config, typed) == config


@each
def test_undeclared_metrics_are_an_error(concept: Concept) -> None:
    run = Run(concept, concept.config())
    run.experiment.step = lambda: {"no/such": 1.0}  # type: ignore[method-assign]
    with pytest.raises(KeyError, match="no/such"):
        run.advance(1, max_steps=1)


@each
def test_every_declared_metric_is_measured(concept: Concept) -> None:
    missing = {m.name for m in concept.metrics}
    for given in variants(concept):
        run = Run(concept, concept.config(**given))
        for _ in range(6):
            rows(run, 25)
            missing -= set(run.latest)
            if not missing:
                return
    pytest.fail(f"never measured: {missing}")


@each
def test_the_declaration_is_consistent(concept: Concept) -> None:
    config: type[Config] = concept.config
    assert isinstance(concept.experiment(config()), Experiment)
    views, symbols = {v.name for v in concept.views}, {s.name for s in concept.symbols}
    assert len(views) == len(concept.views) and sum(v.place == "hero" for v in concept.views) == 1
    for view in concept.views:
        assert view.look_for.endswith("."), view.name
    for preset in concept.presets:
        config(**preset.config)
    for challenge in concept.challenges:
        assert challenge.solved({}) is False, challenge.title
        challenge.where(config())
    for probe in concept.probes:
        probe.question()
        assert not probe.pointer or probe.pointer in views
    for symbol in concept.symbols:
        assert set(symbol.views) <= views, symbol.name
    assert set(re.findall(r"\\sym\{(\w+)\}", concept.lesson)) <= symbols
    run = Run(concept, config())
    rows(run, 1)
    assert set(run.experiment.shapes()) <= symbols


@each
def test_the_lesson_shows_the_source_that_runs(concept: Concept) -> None:
    page, panel = lesson_html(concept), code_panel(concept)
    assert "<h" in page and "@@" not in page
    shown = "\n".join(source(dotted)[2] for dotted in concept.code)
    for symbol in concept.symbols:
        for word in symbol.code:
            assert re.search(rf"\b{word}\b", shown), f"{symbol.name}: {word} is in no shown line"
    assert panel.count("<details") == len(concept.code)
