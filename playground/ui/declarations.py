"""What the browser fetches once: the page's data, and of each tab its declaration and its lesson."""

from __future__ import annotations

from typing import Any, Literal, TypedDict

from playground.medium import Figure
from playground.ui.controls import Control


class TabName(TypedDict):
    """A tab in the page's list."""

    slug: str
    title: str


class PageData(TypedDict):
    """What stands in the page's head."""

    sentences: dict[str, str]
    """Key → sentence; a tab's own have its slug and a dot before their keys."""
    tabs: list[TabName]


class BoxOptions(TypedDict):
    """A picture's box."""

    slug: str
    """Of the tab."""
    name: str
    """Of the view, or probe-NAME or inset-NAME of a probe's answer."""
    probe: str
    """Whose answers it shows; "" for a view."""
    title: str
    caption: str
    """One or two sentences: what is drawn, what to watch for."""
    place: Literal["hero", "support", "wide", "more", "answer", "inset"]
    medium: str
    """Address of the module that shows its figures."""
    clicks: bool
    """Whether a probe answers a click in it."""
    drags: bool
    """Whether a drag asks all along its way."""


class MetricAbout(TypedDict):
    """A metric in the row above the pictures."""

    name: str
    title: str
    unit: str
    explain: str


class ProbeAbout(TypedDict):
    """A question to the live model."""

    name: str
    title: str
    button: str
    """What is written on the button that asks."""
    clicks: list[str]
    """Names of the views in which a click asks it."""
    live: bool
    """Whether it is asked again while the model trains on."""
    fields: list[Control]
    box: BoxOptions


class PresetAbout(TypedDict):
    """Knobs that are worth a look."""

    name: str
    title: str
    why: str
    """What to expect, and the reason."""
    knobs: dict[str, Any]


class ChallengeAbout(TypedDict):
    """Something for the visitor to reach."""

    name: str
    """Under which it is known to have been solved."""
    title: str
    hint: str
    formerly: list[str]
    """Titles under which visitors' browsers have stored that they solved it."""


class SpeedAbout(TypedDict):
    """How fast a run trains."""

    name: str
    title: str


class PreTrainedAbout(TypedDict):
    """The pictures of a setting's pre-trained model."""

    path: str
    """Of the file that has them, a Preview."""
    knobs: dict[str, Any]
    """With which the model was trained."""


class About(TypedDict):
    """All that a tab shows of its declaration."""

    slug: str
    budget: int
    """Steps of a run with the default knobs."""
    speeds: list[SpeedAbout]
    speed: str
    """Name of the one at the beginning."""
    knobs: list[Control]
    metrics: list[MetricAbout]
    views: list[BoxOptions]
    probes: list[ProbeAbout]
    presets: list[PresetAbout]
    challenges: list[ChallengeAbout]
    pre_trained: dict[str, PreTrainedAbout]
    """Setting, as `TabState.setting` names it → its pre-trained model's pictures, of those that have some."""


class Preview(TypedDict):
    """The pictures of a pre-trained model."""

    step: int
    figures: dict[str, Figure]
    """View → its figure."""


class CodeLine(TypedDict):
    """A line of the shown code."""

    html: str
    """Highlighted."""
    names: list[str]
    """Identifiers in it."""
    symbols: list[str]
    """Names of the symbols in it."""
    function: str
    """ "module:function" that it belongs to, or ""."""


class CodeBlock(TypedDict):
    """A function or class of the shown code."""

    title: str
    place: str
    """File and first line."""
    open: bool
    lines: list[CodeLine]


class SymbolAbout(TypedDict):
    """A symbol that formulas, code and pictures share."""

    glyph: str
    meaning: str
    views: list[str]
    """Names of the views that show it."""


class Lesson(TypedDict):
    """A tab's lesson beside the code that runs."""

    text: str
    """HTML."""
    code: list[CodeBlock]
    symbols: dict[str, SymbolAbout]
    """By name."""
