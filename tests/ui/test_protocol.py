"""The types that the page is checked against are those of the server."""

from __future__ import annotations

import json
from typing import Any, Literal, NotRequired, TypedDict

import pytest

from playground.concepts import CONCEPTS
from playground.ui import protocol
from playground.ui.about import about_text
from playground.ui.declarations import About, Lesson, PageData
from playground.ui.lesson import lesson_text
from playground.ui.served import Served
from tests.toy import TOYS
from tests.ui.wire_types import conform

ALL = (*CONCEPTS, *TOYS)


def test_the_file_that_the_page_is_checked_against_is_the_present_one() -> None:
    said = "run `python -m playground.ui.protocol`"
    assert protocol.PATH.read_text(encoding="utf-8") == protocol.protocol(), said


def test_browsers_get_no_types() -> None:
    served = Served(TOYS, about_text, lesson_text)
    assert protocol.PATH.exists() and not [path for path in served.paths if path.endswith(".ts")]


class Part(TypedDict):
    """A part."""

    name: str
    """Of it."""
    sizes: NotRequired[list[tuple[int, float | None]]]


class Whole(Part):
    """A whole."""

    parts: dict[str, Part]


@pytest.mark.parametrize(
    ("hint", "written"),
    [
        (int, "number"), (bool, "boolean"), (str | None, "string | null"), (list[str | int], "(string | number)[]"),
        (tuple[str, ...], "string[]"), (tuple[str, int], "[string, number]"), (dict[str, Any], "Record<string, any>"),
        (list[Part], "Part[]"),
    ],
)  # fmt: skip
def test_types_as_typescript(hint: Any, written: str) -> None:
    assert protocol.typescript(hint) == written


def test_what_json_does_not_have_is_no_type_of_the_wire() -> None:
    with pytest.raises(TypeError, match="bytes"):
        protocol.typescript(bytes)


def test_a_class_as_an_interface() -> None:
    docs = {"Part": "A part.", "Part.name": "Of it.", "Whole": "A whole."}
    assert protocol.interface(Part, docs, []) == (
        "/** A part. */\nexport interface Part {\n  /** Of it. */\n  name: string;\n"
        "  sizes?: [number, number | null][];\n}\n"
    )
    assert protocol.interface(Whole, docs, [Part]) == (
        "/** A whole. */\nexport interface Whole extends Part {\n  parts: Record<string, Part>;\n}\n"
    )


@pytest.mark.parametrize("concept", ALL, ids=lambda concept: concept.slug)
def test_what_a_tab_sends_is_as_its_type_says(concept: Any) -> None:
    conform(json.loads(about_text(concept, Served(ALL, about_text, lesson_text))), About)
    conform(json.loads(lesson_text(concept)), Lesson)


def test_the_head_is_as_its_type_says() -> None:
    head = Served(TOYS, about_text, lesson_text).head()
    text = head.split('id="page-data"')[1].split(">", 1)[1].split("</script>")[0]
    conform(json.loads(text), PageData)


class Switch(TypedDict):
    kind: Literal["switch"]
    on: bool


@pytest.mark.parametrize(
    ("value", "hint", "words"),
    [
        ({"name": 1}, Part, "it.name is 1"),
        ({}, Part, "it.name is missing"),
        ({"name": "a", "size": 1}, Part, "size"),
        ({"name": "a", "sizes": [[1, "b"]]}, Part, "none of"),
        ({"name": "a", "parts": {"b": {}}}, Whole, "it.parts.b.name is missing"),
        ({"kind": "knob", "on": True}, Part | Switch, "none of"),
        (True, int, "True"),
    ],
)  # fmt: skip
def test_what_is_not_as_its_type_says_is_named(value: Any, hint: Any, words: str) -> None:
    conform({"name": "a", "sizes": [[1, None], [2, 0.5]]}, Part)
    with pytest.raises(AssertionError, match=words):
        conform(value, hint)
