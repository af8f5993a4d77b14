"""Whether plain data is as a type of the wire says: pydantic checks a TypedDict from Python 3.12 on only."""

from __future__ import annotations

from types import UnionType
from typing import Any, Literal, NotRequired, Union, get_args, get_origin, get_type_hints, is_typeddict


def conform(value: Any, hint: Any, where: str = "it") -> None:
    """Raises AssertionError, which names the place, where a value is not as its type says; no unknown key passes."""
    origin, inside = get_origin(hint), get_args(hint)
    if hint is Any:
        return
    if is_typeddict(hint):
        conform_fields(value, hint, where)
    elif origin is NotRequired:
        conform(value, inside[0], where)
    elif origin is Literal:
        assert value in inside, f"{where} is {value!r}"
    elif origin in (Union, UnionType):
        assert any(fits(value, one) for one in inside), f"{where} is {value!r}, which is none of {inside}"
    elif origin is dict:
        assert isinstance(value, dict), f"{where} is {value!r}"
        for key, one in value.items():
            conform(one, inside[1], f"{where}.{key}")
    elif origin in (list, tuple):
        assert isinstance(value, list | tuple), f"{where} is {value!r}"
        of = list(inside) if origin is tuple and inside[-1] is not Ellipsis else [inside[0]] * len(value)
        for number, (one, kind) in enumerate(zip(value, of, strict=True)):
            conform(one, kind, f"{where}[{number}]")
    else:
        is_number = hint is float and type(value) is int
        assert type(value) is hint or is_number or (value is None and hint is type(None)), f"{where} is {value!r}"


def conform_fields(value: Any, hint: Any, where: str) -> None:
    assert isinstance(value, dict), f"{where} is {value!r}"
    hints = get_type_hints(hint, include_extras=True)
    unknown = value.keys() - hints.keys()
    assert not unknown, f"{where} has {unknown}, which {hint.__name__} has not"
    for name, kind in hints.items():
        assert name in value or get_origin(kind) is NotRequired, f"{where}.{name} is missing"
        if name in value:
            conform(value[name], kind, f"{where}.{name}")


def fits(value: Any, hint: Any) -> bool:
    try:
        conform(value, hint)
    except (AssertionError, ValueError):
        return False
    return True
