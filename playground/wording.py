"""Bad input as one clear sentence: which field, which value, which bound. Used by page, API, probes and CLI alike."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from typing import Any, TypeVar

from pydantic import ValidationError

from playground.concept import Config, Knob

Model = TypeVar("Model", bound=Config)
T = TypeVar("T")


def near(name: str, known: Iterable[str]) -> str:
    """ ", did you mean …?" or the list of what there is."""
    names = list(known)
    close = get_close_matches(name, names, n=2, cutoff=0.5)
    return f"did you mean {' or '.join(close)}?" if close else f"there are: {', '.join(names) or 'none'}."


def sentence(error: ValidationError) -> str:
    """Every fault of a validation error, a sentence each: field, value and bound."""
    return " ".join(_fault(dict(fault), error.title) for fault in error.errors(include_url=False))


def _fault(fault: dict[str, Any], title: str) -> str:
    why = fault["msg"].removeprefix("Value error, ")  # of a concept's own validator
    if fault["type"] == "value_error" and not fault["loc"]:  # of several fields together: it names them itself
        return why
    field = ".".join(str(part) for part in fault["loc"]) or title
    if fault["type"] == "extra_forbidden":
        return f"{field}: there is no such setting."
    value = repr(fault.get("input"))
    if len(value) > 60:
        value = value[:57] + "…"
    if fault["type"] == "missing":
        return f"{field}: is missing."
    return f"{field}: {value} is refused; {why[0].lower()}{why[1:]}."


class UnknownField(ValueError):
    """A key that the config doesn't have; the message names the near ones."""


def parse_config(model: type[Model], given: Mapping[str, Any], base: Mapping[str, Any] | None = None) -> Model:
    """The config for values given as text (CLI, URL) or as they are (API), over `base`.

    Raises UnknownField for a key it does not have, ValidationError for a value it does not allow.
    """
    return _with_followers(model.model_validate, *_values(model, given, base))


def parse_nearest(model: type[Model], given: Mapping[str, Any]) -> tuple[Model, list[str]]:
    """The same for an old link: what is beyond a limit of several knobs is lowered, each with a sentence.

    Raises as `parse_config` does, but for the limits.
    """
    return _with_followers(model.nearest, *_values(model, given))


def _with_followers(validate: Callable[[Any], T], values: dict[str, Any], followers: dict[str, Any]) -> T:
    try:
        return validate(values | followers)
    except ValidationError:
        validate(values)  # else the fault of a value would be told of what follows it as well
        raise


def _values(
    model: type[Config], given: Mapping[str, Any], base: Mapping[str, Any] | None = None
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The values by their names of today, and those of the knobs that follow them."""
    fields = model.model_fields
    older = {alias: name for name, field in fields.items() for alias in Knob.of(field).aliases}
    current = {older.get(key, key): value for key, value in given.items()}
    for key in current:
        if key not in fields:
            raise UnknownField(f"{key}: there is no such setting; {near(key, fields)}")
    values = {**(base or {}), **current}
    return values, {k: v for k, v in model.with_followers(values).items() if k not in values}


def explain(error: Exception) -> str:
    """The sentence for an error of `parse_config`, whichever it is."""
    return sentence(error) if isinstance(error, ValidationError) else str(error)
