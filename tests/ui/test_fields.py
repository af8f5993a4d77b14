"""The controls that are made of a declaration."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import pytest
from pydantic import Field

from playground.concept import Drawing, Knob, Question, thumbnails
from playground.concepts import CONCEPTS
from playground.ui.fields import controls, rungs
from playground.ui.sentences import say
from playground.wording import parse_config
from playground.words import Words
from tests.toy import TOYS

SHEET = {"file": "sheet.png", "columns": 3, "cell": 28}


def test_every_field_gets_a_control_that_shows_its_default() -> None:
    for concept in (*CONCEPTS, *TOYS):
        made = controls(concept.config)
        assert [c["name"] for c in made] == list(concept.config.model_fields)
        assert parse_config(concept.config, {c["name"]: c["value"] for c in made}) == concept.config()
        for one in made:
            assert one["label"] and one["help"], one["name"]


class Fields(Question):
    words = Words({"kind": {"choices": {"b": "The second"}}, "picture": {"pad": "Draw a nine"}})

    few: Annotated[int, Field(ge=4, le=64, multiple_of=2, title="Few")] = 16
    """An even number."""
    many: Annotated[int, Field(ge=0, le=2**31)] = 7
    """Too many for a slider."""
    rate: Annotated[float, Field(ge=1e-3, le=0.1), Knob(log=True, live=True, symbol="η")] = 0.003
    """Spans orders of magnitude."""
    share: Annotated[float, Field(ge=0, le=1)] = 0.5
    """A share."""
    on: bool = True
    """A switch."""
    text: Annotated[str, Field(max_length=80)] = ""
    """A text."""
    picture: Drawing = ""
    """A drawing."""
    kind: Literal["a", "b"] = "a"
    """One of two."""
    index: Annotated[int, Field(ge=0, le=6, json_schema_extra=thumbnails(SHEET))] = 3
    """A picture of a sheet."""
    point: Annotated[float, Field(ge=-1, le=2), Knob(in_picture=True, live=True)] = 0.5
    """Dragged in a picture."""
    shape: Annotated[str, Knob(in_picture=True)] = ""
    """Drawn in a picture."""


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("few", {"kind": "slider", "low": 4, "high": 64, "step": 2, "label": "Few", "help": "An even number."}),
        ("many", {"kind": "number", "step": 1, "label": "Many"}),
        ("rate", {"kind": "ladder", "live": True, "symbol": "η"}),
        ("share", {"kind": "slider", "step": 0.005}),
        ("on", {"kind": "switch", "value": True}),
        ("text", {"kind": "text", "longest": 80}),
        ("picture", {"kind": "drawing", "words": {"pad": "Draw a nine", **{
            name: say(f"drawing_{name}") for name in ("clear", "upload", "upload_about")
        }}}),
        ("kind", {"kind": "choice", "choices": [{"value": "a", "title": "a"}, {"value": "b", "title": "The second"}]}),
        ("index", {"kind": "thumbnails", "high": 6, "sheet": SHEET, "words": {
            "sheet": say("thumbnails_sheet"), "chosen": say("thumbnails_chosen"),
        }}),
        ("point", {"kind": "none", "low": -1, "high": 2, "step": 0.01, "value": 0.5}),
    ],
)  # fmt: skip
def test_the_kind_of_a_control_follows_from_the_field(name: str, expected: dict[str, object]) -> None:
    made: Any = next(c for c in controls(Fields) if c["name"] == name)
    assert {key: made[key] for key in expected} == expected


def test_what_is_set_in_a_picture_has_bounds_only_where_it_is_a_number() -> None:
    shape = next(c for c in controls(Fields) if c["name"] == "shape")
    assert shape["kind"] == "none" and shape["low"] is shape["high"] is shape["step"] is None


def test_ladders_climb_by_one_two_five() -> None:
    assert rungs(1e-3, 0.1, 0.003) == [0.001, 0.002, 0.003, 0.005, 0.01, 0.02, 0.05, 0.1]
