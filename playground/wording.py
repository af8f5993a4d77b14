"""Bad input as one clear sentence: which field, which value, which bound. Used by page, API, probes and CLI alike."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from playground.concept import Config, Knob, Question
from playground.knobs import title
from playground.words import say

Model = TypeVar("Model", bound=Config)
Asked = TypeVar("Asked", bound=Question)
T = TypeVar("T")


class BadInput(ValueError):
    """What can't be taken as it was given; the message is a sentence for whoever gave it."""


class UnknownField(BadInput):
    """A key that the model doesn't have; the message names the near ones."""


def near(name: str, known: Iterable[str]) -> str:
    """ "did you mean …?", or the list of what there is."""
    names = list(known)
    close = get_close_matches(name, names, n=2, cutoff=0.5)
    if close:
        return say("input.near", names=say("input.or").join(close))
    return say("input.there_are", names=", ".join(names) or say("input.none"))


def sentence(error: ValidationError, model: type[BaseModel]) -> str:
    """Every fault of a validation error, a sentence each: the field by its title, the value and the bound."""
    return " ".join(_fault(dict(fault), model) for fault in error.errors(include_url=False))


FAULTS = {
    "extra_forbidden": "unknown",
    "missing": "missing",
    "greater_than_equal": "too_small",
    "greater_than": "too_small",
    "less_than_equal": "too_large",
    "less_than": "too_large",
    "literal_error": "no_choice",
    "float_parsing": "no_number",
    "float_type": "no_number",
    "finite_number": "no_number",
    "int_parsing": "no_whole_number",
    "int_type": "no_whole_number",
    "int_from_float": "no_whole_number",
    "int_parsing_size": "no_whole_number",
    "bool_parsing": "no_switch",
    "bool_type": "no_switch",
    "multiple_of": "no_multiple",
    "string_type": "no_text",
    "string_too_long": "too_long",
}
"""Pydantic's name of a fault → key of our sentence."""


def _fault(fault: dict[str, Any], model: type[BaseModel]) -> str:
    why = fault["msg"].removeprefix("Value error, ")  # of a concept's own validator
    if fault["type"] == "value_error" and not fault["loc"]:  # of several fields together: it names them itself
        return why
    name = ".".join(str(part) for part in fault["loc"]) or model.__name__
    known = model.model_fields.get(name)
    choices = ", ".join(map(str, get_args(known.annotation))) if known else ""
    bound = next((v for k, v in fault.get("ctx", {}).items() if k in BOUNDS), "")
    field = say("input.named", title=title(model, name), field=name) if known else name
    key, value = FAULTS.get(fault["type"], "refused"), _short(fault.get("input"))
    reason = (why[0].lower() + why[1:]).removesuffix(".")
    return say(f"input.{key}", field=field, value=value, bound=_short(bound), choices=choices, why=reason)


BOUNDS = ("ge", "le", "gt", "lt", "multiple_of", "max_length")


def _short(value: Any) -> str:
    whole = isinstance(value, float) and value.is_integer()
    text = f"{int(value):,}" if whole else f"{value:,}" if type(value) is int else repr(value)
    return text if len(text) <= 60 else text[:57] + "…"


def parse_config(model: type[Model], given: Mapping[str, Any], base: Mapping[str, Any] | None = None) -> Model:
    """The config for values given as text (CLI, URL) or as they are (API), over `base`.

    Raises UnknownField for a key it does not have, BadInput for a value it does not allow.
    """
    return _with_followers(model, model.model_validate, *_values(model, given, base))


def parse_nearest(model: type[Model], given: Mapping[str, Any]) -> tuple[Model, list[str]]:
    """The same for an old link: what is beyond a limit of several knobs is lowered, each with a sentence.

    Raises as `parse_config` does, but for the limits.
    """
    return _with_followers(model, model.nearest, *_values(model, given))


def parse_question(model: type[Asked], given: Mapping[str, Any]) -> Asked:
    """A question's fields; raises BadInput."""
    try:
        return model(**given)
    except ValidationError as error:
        raise BadInput(sentence(error, model)) from None


def _with_followers(
    model: type[BaseModel], validate: Callable[[Any], T], values: dict[str, Any], followers: dict[str, Any]
) -> T:
    try:
        try:
            return validate(values | followers)
        except ValidationError:
            validate(values)  # else the fault of a value would be told of what follows it as well
            raise
    except ValidationError as error:
        raise BadInput(sentence(error, model)) from None


def _values(
    model: type[Config], given: Mapping[str, Any], base: Mapping[str, Any] | None = None
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The values by their names of today, and those of the knobs that follow them."""
    fields = model.model_fields
    older = {alias: name for name, field in fields.items() for alias in Knob.of(field).aliases}
    current = {older.get(key, key): value for key, value in given.items()}
    for key in current:
        if key not in fields:
            raise UnknownField(say("input.unknown_near", field=key, near=near(key, fields)))
    values = {**(base or {}), **{key: _of_today(fields[key], value) for key, value in current.items()}}
    return values, {k: v for k, v in model.with_followers(values).items() if k not in values}


def _of_today(field: FieldInfo, value: Any) -> Any:
    """A choice under the name that it has now."""
    aliases = Knob.of(field).value_aliases
    return aliases.get(value, value) if isinstance(value, str) else value
