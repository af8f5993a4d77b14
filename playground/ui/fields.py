"""One control for each field of a pydantic model, as plain data: the declaration has its kind, bounds and help."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from playground.concept import Knob

LADDER = (1.0, 2.0, 5.0)
WIDEST_SLIDER = 1000
UPLOADS = ("drawing", "sound")
"""Formats of texts whose control takes a file."""


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


def control(name: str, field: FieldInfo) -> dict[str, Any]:
    """What `controls.js` makes a control of: {"name", "kind", "label", "help", "value", …}."""
    knob, (low, high) = Knob.of(field), bounds(field)
    about = {
        "name": name, "label": field.title or name.replace("_", " ").capitalize(), "help": field.description or "",
        "symbol": knob.symbol, "live": knob.live, "advanced": knob.advanced, "value": field.default,
    }  # fmt: skip
    if knob.in_picture:
        return about | {"kind": "none"}
    extra = field.json_schema_extra
    if isinstance(extra, Mapping) and extra.get("format") in UPLOADS:
        return about | {"kind": extra["format"]}
    if isinstance(extra, Mapping) and extra.get("format") == "thumbnails":
        return about | {"kind": "thumbnails", "high": high, "sheet": extra["sheet"]}
    if get_origin(field.annotation) is Literal:
        return about | {"kind": "choice", "choices": list(get_args(field.annotation))}
    if field.annotation is bool:
        return about | {"kind": "switch"}
    if field.annotation is str:
        longest = next((m.max_length for m in field.metadata if hasattr(m, "max_length")), None)
        return about | {"kind": "text", "longest": longest}
    if low is None or high is None or high - low > WIDEST_SLIDER:
        return about | {"kind": "number", "low": low, "high": high, "step": 1 if field.annotation is int else "any"}
    if knob.log:
        return about | {"kind": "ladder", "rungs": rungs(low, high, field.default), "low": low, "high": high}
    multiple = next((m.multiple_of for m in field.metadata if hasattr(m, "multiple_of")), None)
    step = multiple or (1 if field.annotation is int else float(f"{(high - low) / 200:.1g}"))
    return about | {"kind": "slider", "low": low, "high": high, "step": step}


def controls(model: type[BaseModel]) -> list[dict[str, Any]]:
    return [control(name, field) for name, field in model.model_fields.items()]
