"""What a page sends, field by field: what is not as it should be is refused with a sentence, and no traceback."""

from __future__ import annotations

import math
from typing import Any

Data = dict[str, Any]


class BadEvent(ValueError):
    """What was sent is no event; the message is a sentence."""


def text(event: Data, name: str) -> str:
    value = event.get(name)
    if not isinstance(value, str) or len(value) > 200:
        raise BadEvent(f"{name}: a short text is wanted.")
    return value


def texts(event: Data, name: str) -> list[str]:
    value = event.get(name)
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise BadEvent(f"{name}: a list of texts is wanted.")
    return value


def whole(event: Data, name: str) -> int:
    value = event.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise BadEvent(f"{name}: a whole number from 0 on is wanted.")
    return value


def number(event: Data, name: str) -> float:
    value = event.get(name)
    if not isinstance(value, int | float) or isinstance(value, bool) or not math.isfinite(value):
        raise BadEvent(f"{name}: a number is wanted.")
    return float(value)


def fields(event: Data, name: str) -> Data:
    value = event.get(name)
    if not isinstance(value, dict):
        raise BadEvent(f"{name}: an object is wanted.")
    return value


def one_of(value: str, known: list[str], name: str) -> str:
    if value not in known:
        raise BadEvent(f"{name}: {value!r} is not here; there are: {', '.join(known)}.")
    return value
