"""What a page tells the server: an event is a JSON object, checked field by field before anything is done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.fields import FieldInfo


class BadEvent(ValueError):
    """What was sent is no event; the message is a sentence."""


@dataclass(frozen=True)
class Wanted:
    """What a field has to be, in words."""

    words: str


Short = Annotated[str, Field(max_length=200), Wanted("a short text")]
Long = Annotated[str, Wanted("a text")]
Texts = Annotated[tuple[str, ...], Field(strict=False), Wanted("a list of texts")]
Whole = Annotated[int, Field(ge=0), Wanted("a whole number from 0 on")]
Number = Annotated[float, Field(ge=-1e300, le=1e300, allow_inf_nan=False), Wanted("a number")]
Flag = Annotated[bool, Wanted("true or false")]
Fields = Annotated[dict[str, Any], Wanted("an object")]
"""Values of the fields of a config or a question: these are checked by it."""


class Incoming(BaseModel):
    """What is read from a request. Fields that it does not have are ignored."""

    model_config = ConfigDict(frozen=True, strict=True, extra="ignore")


class Sender(Incoming):
    """Who sends an event, in every one of them."""

    token: Short
    """By which the server knows the page; empty before the first answer."""
    document: Short
    """Random id of the loaded document: a reload has another one."""
    id: Whole
    """Number of the event in its document: one that comes twice acts once."""
    tab: Short
    """Slug of the tab in which something was done."""


class Hello(Incoming):
    """A tab is shown for the first time, or the server has forgotten the page."""

    kind: Literal["hello"] = "hello"
    query: Long = ""
    """The query string of the link that led here, with its knobs."""
    alone: Annotated[bool | None, Wanted("true, false or null")] = None
    """Whether no other page of this browser uses the token; null: it cannot tell."""


class Leave(Incoming):
    """The document is being left."""

    kind: Literal["leave"] = "leave"


class Renew(Incoming):
    """The page is still there."""

    kind: Literal["renew"] = "renew"
    hidden: Flag = False
    """Whether nobody sees it."""


class Frames(Incoming):
    """Asks for what is new on the page's tabs."""

    kind: Literal["frames"] = "frames"
    since: Whole
    """As the newest answer to such a request said; 0: from the beginning."""


class Play(Incoming):
    """Trains on, or begins a new run where the knobs ask for one."""

    kind: Literal["play"] = "play"
    run: Whole
    """Number of the run that is meant; 0: whichever there is."""
    knobs: Fields
    """All knobs as they stand."""


class Pause(Incoming):
    """Stops training after the slice under way."""

    kind: Literal["pause"] = "pause"
    run: Whole
    """Number of the run that is meant; 0: whichever there is."""


class More(Incoming):
    """Raises the budget of a finished run and trains on."""

    kind: Literal["more"] = "more"
    run: Whole
    """Number of the run that is meant."""
    steps: Whole
    """By how many optimiser steps."""


class ChoosePreset(Incoming):
    """Begins a run with the knobs of a preset."""

    kind: Literal["preset"] = "preset"
    preset: Short
    """Its name; empty: the default knobs."""


class Step(Incoming):
    """Trains a single optimiser step."""

    kind: Literal["step"] = "step"
    knobs: Fields
    """All knobs as they stand."""


class Reset(Incoming):
    """Begins a run of which nothing is trained yet."""

    kind: Literal["reset"] = "reset"
    knobs: Fields
    """All knobs as they stand."""


class Undo(Incoming):
    """Brings the run before this one back."""

    kind: Literal["undo"] = "undo"


class ChangeKnobs(Incoming):
    """Sets the knobs: live ones act on the run at once."""

    kind: Literal["knobs"] = "knobs"
    knobs: Fields
    """All knobs as they stand."""


class ChangeSpeed(Incoming):
    """Sets how fast the run trains."""

    kind: Literal["speed"] = "speed"
    speed: Short
    """Name of one of the speeds."""


class Look(Incoming):
    """Which pictures are in sight: no others are drawn."""

    kind: Literal["look"] = "look"
    views: Texts
    """Names of the views."""
    in_sight: Flag = False
    """Whether the tab is."""


class Ask(Incoming):
    """Puts a probe's question to the model."""

    kind: Literal["ask"] = "ask"
    probe: Short
    """Its name."""
    question: Fields
    """Values of its fields."""
    clicked: Flag = False
    """Whether the answer stands in the picture as well, as after a click in it."""


class Click(Incoming):
    """Asks the probe that is about a place in a picture."""

    kind: Literal["click"] = "click"
    view: Short
    """Name of the view."""
    x: Number
    """In the view's own axes."""
    y: Number
    """In the view's own axes."""
    question: Fields = {}
    """Fields of the last question; the click fills in some of them."""


class Continue(Incoming):
    """Asks for the next part of an answer."""

    kind: Literal["continue"] = "continue"
    probe: Short
    """Its name."""
    number: Whole
    """Of the answer, as its first part said."""
    clicked: Flag = False
    """As in the first part."""


Act = (
    Play | Pause | More | ChoosePreset | Step | Reset | Undo | ChangeKnobs | ChangeSpeed | Look | Ask | Click | Continue
)
"""What a visitor does in a tab."""

Event = Hello | Leave | Renew | Frames | Act
"""Each is told by its kind."""

_KINDS: dict[str, type[Event]] = {model.model_fields["kind"].default: model for model in get_args(Event)}


def parsed(data: dict[str, Any]) -> tuple[Sender, Event]:
    """The event of a JSON object, and who sends it. Raises BadEvent, which names the first field that is wrong."""
    kind = data.get("kind")
    if not isinstance(kind, str) or len(kind) > 200:
        raise BadEvent("kind: a short text is wanted.")
    if kind not in _KINDS:
        raise BadEvent(f"kind: {kind!r} is no event of a page.")
    try:
        return Sender.model_validate(data), _KINDS[kind].model_validate(data)
    except ValidationError as error:
        name = str(error.errors(include_url=False, include_input=False)[0]["loc"][0])
        raise BadEvent(f"{name}: {wanted(name, _KINDS[kind])} is wanted.") from None


def wanted(name: str, model: type[Event]) -> str:
    """What a field of an event has to be, in words."""
    about: FieldInfo = (Sender.model_fields | model.model_fields)[name]
    return next(one.words for one in about.metadata if isinstance(one, Wanted))


def one_of(value: str, known: list[str], name: str) -> str:
    """The value, if it is known. Raises BadEvent."""
    if value not in known:
        raise BadEvent(f"{name}: {value!r} is not here; there are: {', '.join(known)}.")
    return value
