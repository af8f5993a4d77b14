"""One control for each field of a pydantic model, as plain data: the declaration has its kind, bounds and help."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any, Literal, cast, get_args, get_origin

from pydantic.fields import FieldInfo

from playground.knobs import Knob, Worded
from playground.ui.controls import (
    Choice,
    ChoiceControl,
    Control,
    DrawingControl,
    DrawingWords,
    ElsewhereControl,
    FieldAbout,
    LadderControl,
    NumberControl,
    SliderControl,
    SoundControl,
    SwitchControl,
    TextControl,
    ThumbnailsControl,
    ThumbnailWords,
)
from playground.ui.sentences import say
from playground.words import Words

LADDER = (1.0, 2.0, 5.0)
WIDEST_SLIDER = 1000


def bounds(field: FieldInfo) -> tuple[float | None, float | None]:
    """(lowest, highest) allowed value, None where there is no bound."""
    low = next((m.ge for m in field.metadata if hasattr(m, "ge")), None)
    high = next((m.le for m in field.metadata if hasattr(m, "le")), None)
    return low, high


def rungs(low: float, high: float, default: float) -> list[float]:
    """Round values 1, 2, 5, 10 … between the bounds, and the default."""
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    values = {float(f"{m * 10.0**p:.6g}") for p in powers for m in LADDER} | {default}
    return [v for v in sorted(values) if low <= v <= high]


def control(name: str, field: FieldInfo, words: Words) -> Control:
    """What `controls.js` makes a control of.

    words: of the tab, for this field
    """
    knob = Knob.of(field)
    about = FieldAbout(
        name=name, label=field.title or name.replace("_", " ").capitalize(), help=field.description or "",
        symbol=knob.symbol, live=knob.live, advanced=knob.advanced,
    )  # fmt: skip
    if knob.in_picture:
        return elsewhere(about, field)
    extra = field.json_schema_extra
    if isinstance(extra, Mapping) and "format" in extra:
        return special(about, field, cast(Mapping[str, Any], extra), words)
    if get_origin(field.annotation) is Literal:
        choices = [Choice(value=one, title=knob.choices.get(one, str(one))) for one in get_args(field.annotation)]
        return ChoiceControl(**about, kind="choice", value=field.default, choices=choices)
    if field.annotation is bool:
        return SwitchControl(**about, kind="switch", value=field.default)
    if field.annotation is str:
        longest = next((m.max_length for m in field.metadata if hasattr(m, "max_length")), None)
        return TextControl(**about, kind="text", value=field.default, longest=longest)
    return numeric(about, field, log=knob.log)


def special(about: FieldAbout, field: FieldInfo, extra: Mapping[str, Any], words: Words) -> Control:
    """The control of a field that says in its `json_schema_extra` how it is chosen."""

    def texts(keys: Iterable[str]) -> dict[str, str]:
        """The tab's own, or what the page says in every tab."""
        return {key: words.find(key) or say(f"{extra['format']}_{key}") for key in keys}

    if extra["format"] == "drawing":
        own = cast(DrawingWords, texts(DrawingWords.__annotations__))
        return DrawingControl(**about, kind="drawing", value=field.default, words=own)
    if extra["format"] == "sound":
        return SoundControl(**about, kind="sound", value=field.default)
    _, high = bounds(field)
    assert extra["format"] == "thumbnails" and high is not None, about["name"]
    return ThumbnailsControl(
        **about, kind="thumbnails", value=field.default, high=int(high), sheet=extra["sheet"],
        words=cast(ThumbnailWords, texts(ThumbnailWords.__annotations__)),
    )  # fmt: skip


def numeric(about: FieldAbout, field: FieldInfo, *, log: bool) -> Control:
    """The control of a number: a slider, a ladder of round values, or a box where there is no room for either."""
    low, high = bounds(field)
    if low is None or high is None or high - low > WIDEST_SLIDER:
        step: float | Literal["any"] = 1 if field.annotation is int else "any"
        return NumberControl(**about, kind="number", value=field.default, low=low, high=high, step=step)
    if log:
        steps = rungs(low, high, field.default)
        return LadderControl(**about, kind="ladder", value=field.default, rungs=steps, low=low, high=high)
    step = fine_step(field, low, high)
    return SliderControl(**about, kind="slider", value=field.default, low=low, high=high, step=step)


def fine_step(field: FieldInfo, low: float, high: float) -> float:
    """By which a slider or an arrow key changes a number."""
    multiple: float | None = next((m.multiple_of for m in field.metadata if hasattr(m, "multiple_of")), None)
    return multiple or (1 if field.annotation is int else float(f"{(high - low) / 200:.1g}"))


def elsewhere(about: FieldAbout, field: FieldInfo) -> ElsewhereControl:
    """A value that is set in a picture; of a number with bounds, they are what its handle needs."""
    low, high = bounds(field)
    step = None if low is None or high is None else fine_step(field, low, high)
    return ElsewhereControl(**about, kind="none", value=field.default, low=low, high=high, step=step)


def controls(model: type[Worded]) -> list[Control]:
    return [control(name, field, model.words.part(name)) for name, field in model.model_fields.items()]
