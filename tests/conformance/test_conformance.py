"""What every concept promises, the toy among them: a new tab is held to all of it for free."""

from __future__ import annotations

import json
import math
import re
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import orjson
import pytest
from pydantic import ValidationError

from playground.cli import PREVIEWS
from playground.concept import Concept, Config, Experiment, Knob, Medium, Probe
from playground.concepts import CONCEPTS
from playground.engine import pre_trained
from playground.engine.answers import prepare
from playground.engine.checkpoints import pre_trained_path
from playground.engine.frame import Answer, Click
from playground.engine.run import Run
from playground.source import source
from playground.ui import sentences
from playground.ui.fields import bounds
from playground.ui.lesson import lesson_text
from playground.ui.message import query
from playground.ui.served import STATIC
from playground.wording import UnknownField, parse_config
from tests.smallest import SMALLEST
from tests.toy import TOY

ALL = (*CONCEPTS, TOY, SMALLEST)
FIGURE_BYTES = 400_000
each = pytest.mark.parametrize("concept", ALL, ids=lambda c: c.slug)


def rows(run: Run, steps: int) -> list[Any]:
    return run.advance(600, max_steps=steps).rows


def presets(concept: Concept) -> list[dict[str, Any]]:
    """The default's knobs and those of every preset."""
    default: dict[str, Any] = {}
    return [default, *(concept.config.with_followers(preset.config) for preset in concept.presets)]


def variants(concept: Concept) -> list[dict[str, Any]]:
    """The default, every preset, and every choice of every knob that offers some, in the first of them to take it.

    What comes to the same config is listed once.
    """
    bases = presets(concept)
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


def cases(make: Any) -> Any:
    return pytest.mark.parametrize(
        ("concept", "given"), [(c, g) for c in ALL for g in make(c)], ids=lambda v: getattr(v, "slug", str(v))
    )


def checked(text: str | None, medium: Medium, name: str) -> None:
    """A figure is finite JSON of modest size, as its medium takes it."""
    assert text is not None, f"{name} could not be drawn"
    figure = json.loads(text, parse_constant=pytest.fail)
    assert set(figure) == medium.keys and len(text) < FIGURE_BYTES, name
    if "layout" in figure:
        assert figure["layout"]["uirevision"], name


def ask(run: Run, probe: Probe, question: dict[str, Any], click: Click | None = None) -> Answer:
    prepared = prepare(run.concept, probe.name, question) if probe.prepare else None
    return run.ask(probe.name, question, click, prepared)


def draw_and_ask(run: Run) -> None:
    for view in run.concept.views_for(run.config):
        checked(run.render(view), view.medium, view.name)
    for probe in run.concept.probes_for(run.config):
        ask(run, probe, {})


@cases(variants)
def test_a_run_is_the_same_whole_or_cut_drawn_asked_saved_and_restored(concept: Concept, given: dict[str, Any]) -> None:
    config = concept.config(**given)
    whole, other = Run(concept, config), Run(concept, config)
    whole.shapes_due = math.inf
    expected = rows(whole, 12)
    assert whole.shapes == {}

    other.shapes_pause = 0  # shapes are recorded on every step
    draw_and_ask(other)
    found = rows(other, 1) + rows(other, 4)
    before = other.save()
    draw_and_ask(other)
    after = other.save()
    assert Run.restore(concept, before).save() == Run.restore(concept, after).save(), "drawing or asking changed it"
    restored = Run.restore(concept, after)
    found += rows(restored, 7)
    assert found == expected
    rows(restored, 20)
    draw_and_ask(restored)


@each
def test_another_seed_other_metrics(concept: Concept) -> None:
    assert rows(Run(concept, concept.config(seed=1)), 3) != rows(Run(concept, concept.config(seed=2)), 3)


@cases(presets)
def test_probes_answer_or_decline_with_a_sentence(concept: Concept, given: dict[str, Any]) -> None:
    run = Run(concept, concept.config(**given))
    rows(run, 2)
    for probe in concept.probes_for(run.config):
        answer = ask(run, probe, {})
        assert bool(answer.figure) != bool(answer.error)
        assert "log says why" not in answer.error
        if answer.figure:
            assert set(orjson.loads(answer.figure)) == probe.medium.keys and answer.step == 2
        for view in probe.clicks:
            clicked = ask(run, probe, {}, (view, 0.1, 0.1))
            assert (clicked.figure and clicked.question) or (given and clicked.error and not clicked.figure)
            assert set(clicked.question) <= set(probe.question.model_fields)
        assert "no_such_field" in ask(run, probe, {"no_such_field": 1}).error


def extremes(concept: Concept) -> list[dict[str, Any]]:
    """Every knob at each of its bounds, the others as in the first preset that takes it."""
    found: list[dict[str, Any]] = []
    for name, field in concept.config.model_fields.items():
        for value in (v for v in bounds(field) if v is not None):
            found += [given for given in (base | {name: value} for base in presets(concept)) if takes(concept, given)][
                :1
            ]
    return found


@cases(extremes)
def test_extreme_knobs_train_or_end_in_a_clean_divergence(concept: Concept, given: dict[str, Any]) -> None:
    run = Run(concept, concept.config(**given))
    frame = run.advance(600, max_steps=20)
    assert frame.step == min(20, run.config.steps) or re.match(r"diverged at step \d+: .+ = -?(nan|inf)", frame.error)


@each
def test_bounds_hold(concept: Concept) -> None:
    for name, field in concept.config.model_fields.items():
        low, high = bounds(field)
        for value in ([low - 1] if low is not None else []) + ([high + 1] if high is not None else []):
            with pytest.raises(ValueError, match=name):
                parse_config(concept.config, {name: value})
        concept.config(**{name: field.default})
        assert field.description, f"{name} has no help text"
    with pytest.raises(UnknownField, match="did you mean seed"):
        parse_config(concept.config, {"sed": 1})


@each
def test_live_knobs_update_a_run_and_the_others_do_not(concept: Concept) -> None:
    run = Run(concept, concept.config())
    rows(run, 1)
    for name, field in concept.config.model_fields.items():
        _, high = bounds(field)
        if high is None or not takes(concept, {name: high}):
            continue
        changed = concept.config.model_validate({name: high})
        if changed == concept.config():
            continue
        if Knob.of(field).live:
            run.update_live(changed)
            run.update_live(concept.config())
        else:
            with pytest.raises(ValueError, match=name):
                run.update_live(changed)


@cases(variants)
def test_a_config_survives_the_url_and_the_command_line(concept: Concept, given: dict[str, Any]) -> None:
    config = concept.config(**given)
    link = dict(parse_qsl(query(concept.slug, config).lstrip("?")))
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


@pytest.mark.slow
@each
def test_every_declared_metric_is_measured(concept: Concept) -> None:
    missing = {m.name for m in concept.metrics}
    for steps in (25, 150):  # few of them need many steps
        for given in variants(concept):
            run = Run(concept, concept.config(**given))
            rows(run, steps)
            missing -= set(run.latest)
            if not missing:
                return
    pytest.fail(f"never measured: {missing}")


@pytest.mark.parametrize("concept", CONCEPTS, ids=lambda c: c.slug)
def test_its_pre_trained_pictures_are_those_that_this_code_draws(concept: Concept) -> None:
    """`python -m playground previews` has to be run again after a picture's axes or legend, or the default, change."""
    preview = json.loads((PREVIEWS / f"{concept.slug}.json").read_text(encoding="utf-8"))
    run = pre_trained.load(concept, pre_trained_path(concept.slug), "pre-trained")
    assert preview["step"] == run.step == run.config.steps
    assert concept.config(**preview["config"]) == run.config == concept.config()
    drawn = {view.name: json.loads(run.render(view) or "null") for view in concept.views_for(run.config)}
    assert {name: outline(figure) for name, figure in preview["figures"].items()} == {
        name: outline(figure) for name, figure in drawn.items()
    }


def outline(figure: dict[str, Any]) -> dict[str, Any]:
    """What of a figure does not depend on what was learned: its axes, their titles without numbers, its legend."""
    layout = figure.get("layout", {})
    axes = {key: axis for key, axis in layout.items() if re.match("[xy]axis", key)}
    titles = {key: re.sub(r"[\d.,]+", "#", axis.get("title", {}).get("text", "")) for key, axis in axes.items()}
    places = {key: (axis.get("domain"), axis.get("side")) for key, axis in axes.items()}
    return {"keys": sorted(figure), "titles": titles, "places": places, "legend": layout.get("legend")}


@cases(presets)
def test_nothing_is_solved_by_five_steps(concept: Concept, given: dict[str, Any]) -> None:
    run = Run(concept, concept.config(**given))
    for _ in range(5):
        frame = run.advance(600, max_steps=1)
        for challenge in concept.challenges:
            counts = frame.step >= challenge.from_step and challenge.applies_to(run.config)
            assert not (counts and challenge.solved(frame.latest)), challenge.title


@each
def test_the_declaration_is_consistent(concept: Concept) -> None:
    config: type[Config] = concept.config
    views, symbols = {v.name for v in concept.all_views}, {s.name for s in concept.symbols}
    assert len(views) == len(concept.all_views)
    for setting in concept.all_settings:
        of_setting = config(**config.with_followers(setting.config))
        assert concept.setting_of(of_setting) == setting and isinstance(concept.build(of_setting), Experiment)
    for given in variants(concept):
        assert sum(v.place == "hero" for v in concept.views_for(config(**given))) == 1, given
    for given in variants(concept):
        for view in concept.views_for(config(**given)):
            assert view.caption_for(config(**given)).endswith("."), view.name
    for preset in concept.presets:
        config(**preset.config)
    for challenge in concept.challenges:
        assert challenge.solved({}) is False, challenge.title
        challenge.applies_to(config())
    for probe in concept.all_probes:
        probe.question()
        assert set(probe.clicks) <= views
        assert not (probe.prepare and probe.clicks), "what a click fills in is known to the worker only"
    for symbol in concept.symbols:
        assert set(symbol.views) <= views, symbol.name
    for medium in concept.media.values():
        own = concept.folder / "static" / medium.module
        assert own.exists() or (STATIC / "js" / "media" / medium.module).exists(), medium.name
    assert set(re.findall(r"\\sym\{(\w+)\}", concept.lesson)) <= symbols


@each
def test_the_lesson_shows_the_source_that_runs_and_its_shapes(concept: Concept) -> None:
    lesson = json.loads(lesson_text(concept))
    assert "<h" in lesson["text"] and 'class="tex' in lesson["text"] and "$" not in lesson["text"]
    for formula in re.findall(r'<span class="tex.*?</span>', lesson["text"], flags=re.S):
        assert "\n\n" not in formula and "\n- " not in formula, "a formatter took a sign for a list"
    shown = [source(reference, concept.package) for reference in concept.all_code]
    assert [block["title"] for block in lesson["code"]] == [s.qualname for s in shown]
    assert shown[0].qualname.endswith(".step") and lesson["code"][0]["open"], "the training step comes first"
    for block, s in zip(lesson["code"], shown, strict=True):
        text = "\n".join(re.sub(r"<[^>]+>", "", line["html"]) for line in block["lines"])
        unescaped = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", '"').replace("&#x27;", "'")
        assert unescaped.replace("&amp;", "&") == s.text
    for symbol in concept.symbols:
        for word in symbol.code:
            assert any(re.search(rf"\b{word}\b", s.text) for s in shown), f"{symbol.name}: no line has {word}"
    run = Run(concept, concept.config())
    rows(run, 1)
    functions = {f"{s.module}:{name}" for s in shown for *_, name in s.functions}
    assert run.shapes and set(run.shapes) <= functions
    assert any(run.shapes.values()) or not any("tensor" in s.text.lower() for s in shown), "the shapes of its tensors"


@each
def test_its_media_say_only_what_is_in_the_catalogue(concept: Concept) -> None:
    known = set(sentences.catalogue((concept,)))
    for script in Path(concept.folder / "static").glob("*.js"):
        for key in re.findall(r"\bsay\(\s*\"(\w+)\"", script.read_text(encoding="utf-8")):
            assert key in known or f"{concept.slug}.{key}" in known, f"{script.name} says {key}"


@cases(variants)
def test_every_config_is_in_one_setting_and_its_handles_set_live_knobs(concept: Concept, given: dict[str, Any]) -> None:
    config = concept.config(**given)
    applying = [setting.name for setting in concept.all_settings if setting.applies_to(config)]
    assert len(applying) == 1, f"the settings {applying} apply to one config"
    run = Run(concept, config)
    settable = config.in_picture_fields() & config.live_fields()
    for view in concept.views_for(config):
        figure = json.loads(run.render(view) or "{}")
        for handle in figure.get("layout", {}).get("meta", {}).get("handles", []):
            knobs = {handle[axis]["knob"] for axis in ("x", "y") if "knob" in handle.get(axis, {})}
            assert knobs and knobs <= settable, f"{view.name}: {handle['name']} sets {knobs}; it can set {settable}"
