"""What the browser makes a control of, for each field of a config or a question."""

from __future__ import annotations

from typing import Any, Literal, TypedDict


class FieldAbout(TypedDict):
    """What controls of every kind have in common."""

    name: str
    label: str
    help: str
    symbol: str
    """The glyph that it has in lesson and code, or ""."""
    live: bool
    """Whether it may change in mid-run."""
    advanced: bool
    """Whether it is folded away until asked for."""


class Choice(TypedDict):
    """One of several values."""

    value: str
    title: str


class ChoiceControl(FieldAbout):
    """Picks one of several values."""

    kind: Literal["choice"]
    value: str
    choices: list[Choice]


class SwitchControl(FieldAbout):
    """Turns something on or off."""

    kind: Literal["switch"]
    value: bool


class TextControl(FieldAbout):
    """Takes a text."""

    kind: Literal["text"]
    value: str
    longest: int | None
    """Characters, at most."""


class NumberControl(FieldAbout):
    """Takes a number."""

    kind: Literal["number"]
    value: float
    low: float | None
    high: float | None
    step: float | Literal["any"]


class LadderControl(FieldAbout):
    """Takes a number; its buttons lead from one round value to the next."""

    kind: Literal["ladder"]
    value: float
    rungs: list[float]
    low: float
    high: float


class SliderControl(FieldAbout):
    """Takes a number between two bounds."""

    kind: Literal["slider"]
    value: float
    low: float
    high: float
    step: float


class DrawingWords(TypedDict):
    """What the drawing pad of a question says."""

    pad: str
    """What it is, for a screen reader."""
    clear: str
    """On the button that wipes it."""
    upload: str
    """On the button that takes a picture file in its place."""
    upload_about: str
    """What that button takes, for a screen reader."""


class DrawingControl(FieldAbout):
    """A pad to draw on."""

    kind: Literal["drawing"]
    value: str
    """A data URL."""
    words: DrawingWords


class SoundControl(FieldAbout):
    """Takes a sound file."""

    kind: Literal["sound"]
    value: str
    """A data URL."""


class Sheet(TypedDict):
    """A picture file that consists of many small pictures."""

    file: str
    """In `assets/`."""
    columns: int
    """Pictures in a row."""
    cell: int
    """Pixels of a picture, each way."""


class ThumbnailWords(TypedDict):
    """What a question says where a number is chosen by its picture."""

    sheet: str
    """What there is to choose from, for a screen reader."""
    chosen: str
    """The chosen one; has {number}."""


class ThumbnailsControl(FieldAbout):
    """Chooses a number from 0 on by pointing at its picture."""

    kind: Literal["thumbnails"]
    value: int
    high: int
    """The number of the last picture."""
    sheet: Sheet
    words: ThumbnailWords


class ElsewhereControl(FieldAbout):
    """A value that is set in a picture: it has no control of its own."""

    kind: Literal["none"]
    value: Any
    low: float | None
    """Of a number that has bounds."""
    high: float | None
    step: float | None
    """By which an arrow key changes it."""


Control = (
    ChoiceControl | SwitchControl | TextControl | NumberControl | LadderControl | SliderControl | DrawingControl
    | SoundControl | ThumbnailsControl | ElsewhereControl
)  # fmt: skip
"""A field of a config or of a question, told by its kind."""
