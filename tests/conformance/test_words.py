"""All words of a tab that its visitors read lie in one file: none in its code, none unused, none missing."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from string import Formatter
from typing import Any

import pytest

from playground.concept import Concept, Knob
from playground.concepts import CONCEPTS
from playground.knobs import Worded
from tests.conformance.words_in_code import Asked, asked, literals
from tests.smallest import SMALLEST
from tests.toy import TOY

each = pytest.mark.parametrize("concept", (*CONCEPTS, TOY, SMALLEST), ids=lambda c: c.slug)
each_tab = pytest.mark.parametrize("concept", (*CONCEPTS, SMALLEST), ids=lambda c: c.slug)
FIELD = re.compile(r"(?<![%{])\{\w+(?::[^}]*)?\}")
"""Where a value is put into a text; Plotly's are %{x}, and %{{x}} in a text that takes values."""
IN_CONTROLS = ("pad", "upload_about", "sheet", "chosen")
"""What a drawing pad or a sheet of pictures says, of a field that has one."""


def leaves(tree: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, str]]:
    for name, value in tree.items():
        key = f"{path}.{name}".lstrip(".")
        if isinstance(value, Mapping):
            yield from leaves(value, key)
        else:
            yield key, value


def python_files(concept: Concept) -> list[Path]:
    return [path for path in sorted(concept.folder.rglob("*.py")) if path.name != "texts.py"]


def scripts(concept: Concept) -> list[Path]:
    return sorted((concept.folder / "static").glob("*.js"))


def without_comments(script: str) -> str:
    return re.sub(r"/\*.*?\*/|(?<![:\"'])//[^\n]*", "", script, flags=re.DOTALL)


def asked_by(concept: Concept) -> list[Asked]:
    return [one for path in python_files(concept) for one in asked(path)]


def of_fields(model: type[Worded]) -> set[str]:
    path = model.words.path
    found = {f"{path}.{name}.{text}" for name in model.model_fields for text in ("title", "help", *IN_CONTROLS)}
    choices = {name: Knob.of(field).choices for name, field in model.model_fields.items()}
    return found | {f"{path}.{name}.choices.{value}" for name, titles in choices.items() for value in titles}


def declared(concept: Concept) -> set[str]:
    """Keys that the concept's declaration may take texts from."""
    found = {"title", "tagline", "arms.metric", *(f"arms.{arm}" for arm in concept.arms)}
    for model in (concept.config, *(probe.question for probe in concept.all_probes)):
        found |= of_fields(model)
    metrics = {metric.name.removeprefix(f"{metric.name.split('/')[0]}/") if metric.name.split("/")[0] in concept.arms
               else metric.name for metric in concept.metrics}  # fmt: skip
    parts = {
        "settings": ([s.name for s in concept.settings], ("title",)),
        "metrics": (metrics, ("title", "unit", "explain")),
        "views": ([v.name for v in concept.all_views], ("title", "caption")),
        "probes": ([p.name for p in concept.all_probes], ("title", "caption", "button")),
        "presets": ([p.name for p in concept.presets], ("title", "why")),
        "challenges": ([c.name for c in concept.challenges], ("title", "hint")),
        "symbols": ([s.name for s in concept.symbols], ("meaning",)),
    }
    return found | {
        f"{part}.{name}.{text}" for part, (names, texts) in parts.items() for name in names for text in texts
    }


def all_code(concept: Concept) -> str:
    """Of the tab's own scripts."""
    return "\n".join(without_comments(path.read_text(encoding="utf-8")) for path in scripts(concept))


def said_by_scripts(concept: Concept) -> list[str]:
    """Regular expressions of the keys that the tab's own scripts ask for."""
    code = all_code(concept)
    plain = re.findall(r"\bsay\(\s*\"(\w+)\"", code)
    chosen = [key for pair in re.findall(r"\bsay\([^\")]*\? \"(\w+)\" : \"(\w+)\"", code) for key in pair]
    made = [re.sub(r"\$\{.*?\}", r"\\w+", key) for key in re.findall(r"\bsay\(`([^`]+)`", code)]
    return [*plain, *chosen, *made]


def fits(text: str, one: Asked) -> bool:
    """Whether a text has places for just the values that are given; one that gets none is not formatted."""
    if not one.values:
        return not FIELD.search(text)
    return {name for _, name, _, _ in Formatter().parse(text) if name} == one.values


@each_tab
def test_no_word_that_a_visitor_reads_stands_in_the_code(concept: Concept) -> None:
    notation = {symbol.glyph for symbol in concept.symbols}
    faults = [
        f"{path.relative_to(concept.folder)}:{one.line}: {one.text!r}"
        for path in python_files(concept)
        for one in literals(ast.parse(path.read_text(encoding="utf-8")))
        if one.is_english(notation)
    ]
    assert not faults, "\n".join(faults)


@each_tab
def test_no_word_that_a_visitor_reads_stands_in_the_scripts(concept: Concept) -> None:
    faults = []
    for path in scripts(concept):
        for line in without_comments(path.read_text(encoding="utf-8")).splitlines():
            shown = re.sub(r"(class|className|font|style)\s*[:=]\s*([\w.]+ \? )?[\"`][^\"`]*[\"`]", "", line)
            for text in re.findall(r"\"([^\"]*)\"|`([^`]*)`", shown):
                bare = re.sub(r"<[^>]*>|\$\{[^}]*\}", " ", "".join(text))
                if re.search(r"\b[A-Za-z]{2,} [A-Za-z]{2,}\b", bare):
                    faults.append(f"{path.name}: {''.join(text)!r}")
    assert not faults, "\n".join(faults)


@each
def test_every_text_is_used(concept: Concept) -> None:
    known, asked_for = declared(concept), asked_by(concept)
    code = all_code(concept)
    of_scripts = {f"page.{key}" for key in re.findall(r"\"(\w+)\"", code)}  # one of them may be in a variable
    made = [f"page\\.{pattern}" for pattern in said_by_scripts(concept)]
    unused = [
        key
        for key, _ in leaves(concept.words.tree)
        if key not in known
        and not any(one.means(key) for one in asked_for if not one.is_part)
        and key not in of_scripts
        and not any(re.fullmatch(pattern, key) for pattern in made)
    ]
    assert not unused, "\n".join(unused)


@each
def test_every_text_that_is_asked_for_exists(concept: Concept) -> None:
    texts = dict(leaves(concept.words.tree))
    parts = {key.rsplit(".", n)[0] for key in texts for n in range(1, key.count(".") + 1)}
    missing = [
        f"{one.where}: {one.pattern}"
        for one in asked_by(concept)
        if one.is_certain and not any(map(one.means, parts if one.is_part else [*texts, *parts]))
    ]
    missing += [
        f"page.{key}" for key in said_by_scripts(concept) if not any(re.fullmatch(f"page.{key}", k) for k in texts)
    ]
    assert not missing, "\n".join(missing)


@each
def test_values_fit_the_texts_that_they_are_put_into(concept: Concept) -> None:
    """A text that takes values has a place for each; one that takes none is not formatted, and has no place for any."""
    texts = {key: text for key, text in leaves(concept.words.tree) if key not in declared(concept)}
    asking = [one for one in asked_by(concept) if one.values is not None]
    faults = []
    for one in asking:
        meant = [text for key, text in texts.items() if one.means(key)]
        if meant and not any(fits(text, one) for text in meant):
            faults.append(f"{one.where}: {one.pattern} with {sorted(one.values or ())} fits none of {meant}")
    for key, text in texts.items():
        askers = [one for one in asking if one.means(key)]
        exact = [one for one in askers if one.is_exact]
        if askers and not (all(fits(text, one) for one in exact) if exact else any(fits(text, one) for one in askers)):
            faults.append(
                f"{key} = {text!r} of {', '.join(f'{one.where} {sorted(one.values or ())}' for one in askers)}"
            )
    assert not faults, "\n".join(faults)


@each_tab
def test_whatever_is_declared_has_its_texts(concept: Concept) -> None:
    lacking = [name for name in ("title", "tagline") if not getattr(concept, name)]
    groups: tuple[tuple[Any, tuple[str, ...]], ...] = (
        (concept.settings, ("title",)), (concept.metrics, ("title", "explain")),
        (concept.all_views, ("title", "caption")),
        (concept.all_probes, ("title", "caption")), (concept.presets, ("title", "why")),
        (concept.challenges, ("title", "hint")), (concept.symbols, ("meaning",)),
    )  # fmt: skip
    for declarations, texts in groups:
        lacking += [f"{one.name}: {text}" for one in declarations for text in texts if not getattr(one, text)]
    for model in (concept.config, *(probe.question for probe in concept.all_probes)):
        fields = model.model_fields.items()
        lacking += [f"{model.__name__}.{n}: {t}" for n, f in fields for t in ("description",) if not getattr(f, t)]
    for preset in concept.presets:
        config = concept.preset_config(preset)
        lacking += [f"{view.name}: caption" for view in concept.views_for(config) if not view.caption_for(config)]
    assert not lacking, "\n".join(lacking)


BEFORE = {
    "autoencoder": (
        "Get under 160 nats in the plane", "Get under 152 nats in the plane", "Get under 116 nats",
        "Make the posterior collapse", "Explode the KL past 40 nats", "Two latents, under 140 nats, on a code of 4.5",
    ),
    "transformer": (
        "Write 99 % of the dates right", "Find the anti-diagonal", "Grow an induction head",
        "A perfect loss and useless answers", "Saturate the attention",
    ),
    "actor-critic": (
        "Balance for 200 steps on average", "Solve CartPole: 475", "Solve it within 50,000 environment steps",
        "Solve it by whole episodes", "Drive V past what is possible",
    ),
    "vqvae": (
        "A perplexity of 84", "Collapse to six codes", "Revive a dead codebook", "Lose only 5 %", "Digits of its own",
        "A dVAE with 60 codes",
    ),
    "clip": ("Nine of ten clips", "Nine of ten moments", "Without a classifier", "Against the floor"),
    "gan": (
        "Cover all 8 modes", "Collapse, and recover without a reset", "22 modes of 25", "Make the gradient vanish",
        "Nobody's style", "Digits that a judge believes",
    ),
}  # fmt: skip
"""Slug → titles under which browsers stored that a challenge was solved, before challenges had names."""


@each_tab
def test_what_was_solved_under_a_title_still_counts(concept: Concept) -> None:
    known = [title for challenge in concept.challenges for title in challenge.formerly]
    before = BEFORE.get(concept.slug, ())
    assert sorted(title for title in known if title in before) == sorted(before)
    assert len(set(known)) == len(known) and not set(known) & {c.name for c in concept.challenges}
