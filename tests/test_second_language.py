"""A second language: what is translated is shown, the rest is in English."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from playground.ui.sentences import shared
from playground.words import words
from tests.smallest import SMALLEST

LESSON = "# Der Mittelwert"


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A copy of the smallest tab's package with a German tagline and lesson; its dotted name."""
    folder = tmp_path / "translated_tab"
    shutil.copytree(SMALLEST.folder, folder)
    (folder / "words.de.toml").write_text('tagline = "Eine Zahl lernt einen Mittelwert."', encoding="utf-8")
    (folder / "lesson.de.md").write_text(LESSON, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    words.cache_clear()
    yield folder.name
    words.cache_clear()


@pytest.mark.parametrize("code", ["de", "fr"])
def test_a_tab_is_in_the_language_of_the_server(package: str, monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    monkeypatch.setenv("PLAYGROUND_LANGUAGE", code)
    tab = replace(SMALLEST, package=package, tagline="")
    assert tab.title == "Mean", "which is not translated"
    assert (tab.tagline == "Eine Zahl lernt einen Mittelwert.") == (code == "de")
    assert (tab.lesson == LESSON) == (code == "de")
    assert tab.tagline and tab.lesson.startswith("# ")


def test_the_sentences_of_the_page_are_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for code, sentences in {"en": {"train": "Train", "pause": "Pause"}, "de": {"train": "Trainieren"}}.items():
        (tmp_path / f"sentences.{code}.json").write_text(json.dumps(sentences), encoding="utf-8")
    monkeypatch.setenv("PLAYGROUND_LANGUAGE", "de")
    assert shared(tmp_path) == {"train": "Trainieren", "pause": "Pause"}
    shared.cache_clear()
    monkeypatch.setenv("PLAYGROUND_LANGUAGE", "fr")
    assert shared(tmp_path) == {"train": "Train", "pause": "Pause"}, "there is no French file"
