"""The words of a tab: keys, values, a second language, and the texts of knobs and questions."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Literal

import pytest
from pydantic import Field

from playground.knobs import Config, Knob, title
from playground.vocabulary import Question
from playground.words import Words, language, merged, words

ENGLISH = """
title = "Pendulum"
[views.map]
title = "The map"
caption.one = "One arm."
caption.two = "{count:,} arms, %{{x}} along."
[figures]
hover = "%{x}: {y}"
"""
GERMAN = """
title = "Pendel"
[views.map]
caption.two = "{count} Arme."
[figures]
hover = "%{x} {y}"
"""

Package = Callable[..., str]


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Package]:
    """Makes a package with words in some languages; gives its dotted name."""

    def make(name: str, **texts: str) -> str:
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").touch()
        for code, text in texts.items():
            (tmp_path / name / f"words.{code}.toml").write_text(text, encoding="utf-8")
        return name

    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delenv("PLAYGROUND_LANGUAGE", raising=False)
    words.cache_clear()
    yield make
    words.cache_clear()
    for name in [n for n in sys.modules if n.startswith("words_of_")]:
        del sys.modules[name]


def test_a_key_is_a_path_and_values_are_filled_in(package: Package) -> None:
    say = words(package("words_of_one", en=ENGLISH))
    assert say("title") == "Pendulum" and say("views.map.caption.one") == "One arm."
    assert say("views.map.caption.two", count=1200) == "1,200 arms, %{x} along."
    assert say("figures.hover") == "%{x}: {y}", "without values nothing is formatted"
    part = say.part("views.map")
    assert part("title") == "The map" and part.part("caption")("one") == "One arm."
    assert part.find("caption") == {"one": "One arm.", "two": "{count:,} arms, %{{x}} along."}


def test_a_missing_text_is_named_with_its_whole_path(package: Package) -> None:
    say = words(package("words_of_two", en=ENGLISH))
    with pytest.raises(KeyError, match="views.map.hint"):
        say("views.map.hint")
    with pytest.raises(KeyError, match="views.map.hint"):
        say.part("views.map")("hint")
    with pytest.raises(KeyError, match="views.map.caption"):
        say("views.map.caption")  # a table is no text
    with pytest.raises(
        ValueError, match="words_of_two/words.en.toml: views.map.caption.two .* number: KeyError.*count"
    ):
        say("views.map.caption.two", number=3)
    assert say.find("nothing.there") is None and say.find("title.below", "none") == "none"
    assert say.part("nothing").find("there") is None
    with pytest.raises(KeyError, match="nothing.there"):
        say.part("nothing")("there")


def test_a_second_language_falls_back_to_english_key_by_key(package: Package, monkeypatch: pytest.MonkeyPatch) -> None:
    name = package("words_of_three", en=ENGLISH, de=GERMAN)
    monkeypatch.setenv("PLAYGROUND_LANGUAGE", "de")
    assert language() == "de"
    say = words(name)
    assert say("title") == "Pendel" and say("views.map.caption.two", count=3) == "3 Arme."
    assert say("views.map.title") == "The map" and say("views.map.caption.one") == "One arm."
    monkeypatch.setenv("PLAYGROUND_LANGUAGE", "fr")
    words.cache_clear()
    assert words(name)("title") == "Pendulum", "there is no French file"


def test_a_package_without_words_has_none(package: Package) -> None:
    assert words(package("words_of_four")).tree == {}
    with pytest.raises(AssertionError, match="no package"):
        words("words_of_nothing")


def test_two_trees_are_merged_and_stay_as_they_were() -> None:
    below, above = {"a": {"b": "1", "c": "2"}, "d": "3"}, {"a": {"c": "4"}, "e": {"f": "5"}}
    assert merged(below, above) == {"a": {"b": "1", "c": "4"}, "d": "3", "e": {"f": "5"}}
    assert below == {"a": {"b": "1", "c": "2"}, "d": "3"} and above == {"a": {"c": "4"}, "e": {"f": "5"}}


WORDS = Words(
    {
        "rate": {"title": "Rate of learning", "help": "Larger: faster."},
        "rule": {"title": "Rule", "help": "Which.", "choices": {"sgd": "Plain descent"}},
        "seed": {"title": "Chance"},
    }
)


class Worded(Config):
    words = WORDS

    rate: Annotated[float, Field(ge=0, le=1), Knob(live=True, log=True)] = 0.5
    rule: Annotated[Literal["sgd", "adam"], Knob(costly=True, value_aliases={"SGD": "sgd"})] = "sgd"
    plain: int = 3
    """It has its text here."""


class Asked(Question):
    words = WORDS

    rule: Literal["sgd", "adam"] = "adam"


def test_knobs_get_title_help_and_choices_from_the_words() -> None:
    fields = Worded.model_fields
    assert title(Worded, "rate") == "Rate of learning" and fields["rate"].description == "Larger: faster."
    assert Knob.of(fields["rate"]) == Knob(live=True, log=True), "no choices: the knob stays as it was"
    rule = Knob.of(fields["rule"])
    assert rule == Knob(costly=True, value_aliases={"SGD": "sgd"}, choices={"sgd": "Plain descent"})
    assert title(Worded, "plain") == "Plain" and fields["plain"].description == "It has its text here."
    about = Worded.model_json_schema()["properties"]
    assert about["rate"]["title"] == "Rate of learning" and about["rate"]["maximum"] == 1


def test_words_change_neither_what_is_allowed_nor_other_models() -> None:
    assert Worded(rate=1).rate == 1 and Worded() == Worded(rate=0.5, rule="sgd", plain=3)
    with pytest.raises(ValueError, match="less than or equal to 1"):
        Worded(rate=1.5)
    assert title(Worded, "seed") == "Chance" and title(Config, "seed") == "Seed"
    assert Worded.model_fields["seed"].description == Config.model_fields["seed"].description, "no help of its own"


def test_questions_get_theirs_too() -> None:
    rule = Asked.model_fields["rule"]
    assert rule.title == "Rule" and Knob.of(rule).choices == {"sgd": "Plain descent"}
    assert Asked(rule="sgd").rule == "sgd"
