"""What the server tells a page while it lives: everything that moves, as plain data."""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict

from playground.medium import Figure
from playground.session.tab_session import State


class Complaint(TypedDict):
    """Why the server could not do what the visitor asked for."""

    key: str
    """Of a sentence in the catalogue."""
    values: dict[str, Any]
    """To fill in."""


class Note(TypedDict):
    """A line of a tab's log."""

    number: int
    """Grows from line to line."""
    time: str
    """As a clock shows it, such as 12:34:56."""
    key: str
    """Of a sentence in the catalogue."""
    values: dict[str, Any]
    """To fill in."""


class Moment(TypedDict):
    """Metrics that were measured together."""

    step: int
    """On which they were measured."""
    metrics: dict[str, float]
    """Name → value."""


class Frozen(TypedDict):
    """An arm that has diverged while the others train on."""

    title: str
    """What the arm is called."""
    step: int
    """At which it diverged; it is kept as it was before."""


class DiagramPhase(TypedDict):
    """What happens at one line of the code."""

    title: str
    lit: list[str | tuple[str, str]]
    """Names of the parts and (start, end) of the arrows that it is about."""
    backward: bool
    """Whether gradients flow, from the arrows' ends to their starts."""
    block: int
    """Number of the block of code among those shown."""
    line: int
    """Number of the line in the block."""
    code: str
    """The line itself."""


class Diagram(TypedDict):
    """The network of a model, and what one step does with it."""

    parts: list[tuple[str, str, float, float, Literal["value", "network", "loss"], str]]
    """(name, label, x and y of its middle, kind, name of its symbol or "")."""
    arrows: list[tuple[str, str, bool]]
    """(name of the part where it starts, where it ends, whether gradients come back along it)."""
    phases: list[DiagramPhase]
    """In the order in which a step runs."""


class TabState(TypedDict):
    """How a tab stands."""

    run: int
    """Grows with every new run; 0: there is none."""
    state: State
    is_drawing: bool
    """Whether more parts of pictures are on their way, although nothing trains."""
    setting: str
    """Name of the run's setting, or of the knobs' where there is none; "" for the tab's first."""
    step: int
    """Optimiser steps taken so far."""
    version: int
    """Grows when a live knob has changed the model without a step."""
    budget: int
    """Steps after which the run ends."""
    more: int
    """Steps by which a finished run can be trained on at a click; 0 at the limit of Steps."""
    can_undo: bool
    """Whether the run before this one can come back."""
    rate: float
    """Steps a second, 0 when unknown."""
    error: str
    """Why the run stopped, a sentence."""
    frozen: dict[str, Frozen]
    """Arm → what is said of it, for those that have diverged while others train on."""
    moment: Moment
    """The newest metrics that were measured together."""
    captions: dict[str, str]
    """View → its caption, where it depends on the config."""
    hidden: list[str]
    """Names of the views and probes that don't apply to the model."""
    hidden_knobs: list[str]
    """Names of the knobs that do nothing as the others stand."""
    bounds: dict[str, dict[str, tuple[float, float]]]
    """Probe → field of its question → (lowest, highest) for the model, where they depend on it."""
    solved: list[str]
    """Names of the challenges that the run has solved."""
    restart: list[str]
    """Names of the knobs that were changed but take effect in a new run."""
    complaint: Complaint | None
    notes: list[Note]
    """The newest of the log, oldest first."""
    shapes: dict[str, dict[str, tuple[int, ...]]]
    """"module:function" → local tensor → its shape."""
    diagram: Diagram | None
    """Of the model, at speeds at which a step can be followed."""
    speed: str
    """Name of the chosen one."""


class Envelope(TypedDict):
    """What a message brings besides the tab's state."""

    tab: str
    """Slug."""
    order: int
    """Grows from message to message: of two that come in another order the larger one is newer."""
    address: str
    """Query string that leads to the tab as it stands; "" where it has not changed."""
    knobs: dict[str, Any] | None
    """Their values, where these come from the server."""
    token: str
    """By which the server knows the page from now on; "" where it stays as it is."""
    renew: float
    """Seconds between two signs of life of the page; 0: as before."""
    run_now: bool
    """Whether the link by which the page was reached asks for a run."""


class ShownFigure(TypedDict):
    """A view's figure."""

    step: int
    """Of the model that it shows."""
    version: int
    """Of the model that it shows."""
    figure: Figure


class AnswerPart(TypedDict):
    """What a probe answered, or a part of it: a figure, or the sentence in which it declined."""

    step: int
    """Of the model when it was asked."""
    version: int
    """Of the model when it was asked."""
    error: str
    """Why there is no figure, a sentence."""
    clicked: bool
    """Whether it stands in the picture as well."""
    question: dict[str, Any]
    """As asked, where a click filled in some of its fields; else empty."""
    pre_trained: bool
    """Whether the model that answered was trained beforehand."""
    number: int
    """Of the answer: all its parts have the same."""
    more: bool
    """Whether another part follows when the page asks for it."""
    continues: bool
    """Whether it is a later part of the answer."""
    figure: NotRequired[Figure | None]
    """The whole answer as far as it is known; a later part takes the place of an earlier one."""


class Message(TabState, Envelope):
    """All that the server says of a tab at once."""

    figures: dict[str, ShownFigure]
    """View → its figure, of those that are new."""
    answers: dict[str, AnswerPart]
    """Probe → what it answered."""


class Reply(TypedDict):
    """What a request is answered with."""

    messages: list[Message]
    since: NotRequired[int]
    """To be sent with the next request for frames."""
    unknown: NotRequired[bool]
    """The server does not know the page's token: its tabs say hello anew."""


class Refusal(TypedDict):
    """What a request is answered with that is no event."""

    error: str
    """A sentence."""
