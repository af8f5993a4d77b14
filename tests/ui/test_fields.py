"""The controls that are made of a declaration."""

from __future__ import annotations

from typing import Annotated

import pytest
from pydantic import Field

from playground.concept import Drawing, Knob, Question
from playground.concepts import CONCEPTS
from playground.ui.fields import controls, rungs
from playground.wording import parse_config
from tests.toy import TOYS


def test_every_field_gets_a_control_that_shows_its_default() -> None:
    for concept in (*CONCEPTS, *TOYS):
        made = controls(concept.config)
        assert [c["name"] for c in made] == list(concept.config.model_fields)
        assert parse_config(concept.config, {c["name"]: c["value"] for c in made}) == concept.config()
        for one in made:
            assert one["label"] and one["help"], one["name"]


class Fields(Question):
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


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("few", {"kind": "slider", "low": 4, "high": 64, "step": 2, "label": "Few", "help": "An even number."}),
        ("many", {"kind": "number", "step": 1, "label": "Many"}),
        ("rate", {"kind": "ladder", "live": True, "symbol": "η"}),
        ("share", {"kind": "slider", "step": 0.005}),
        ("on", {"kind": "switch", "value": True}),
        ("text", {"kind": "text", "longest": 80}),
        ("picture", {"kind": "drawing"}),
    ],
)
def test_the_kind_of_a_control_follows_from_the_field(name: str, expected: dict[str, object]) -> None:
    made = next(c for c in controls(Fields) if c["name"] == name)
    assert {key: made[key] for key in expected} == expected


def test_ladders_climb_by_one_two_five() -> None:
    assert rungs(1e-3, 0.1, 0.003) == [0.001, 0.002, 0.003, 0.005, 0.01, 0.02, 0.05, 0.1]
