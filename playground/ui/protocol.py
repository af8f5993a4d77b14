"""The types of the wire as TypeScript: `python -m playground.ui.protocol` writes what the page is checked against."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path
from types import ModuleType, NoneType, UnionType
from typing import Annotated, Any, Literal, NotRequired, Union, get_args, get_origin, get_type_hints, is_typeddict

from pydantic import BaseModel

from playground.ui import controls, declarations, events, messages

PATH = Path(__file__).parent / "static" / "js" / "protocol.d.ts"
HEAD = "// Written by `python -m playground.ui.protocol` from the types in playground/ui.\n"
PLAIN = {str: "string", int: "number", float: "number", bool: "boolean", NoneType: "null", Any: "any"}


def protocol() -> str:
    """All types that a page sends or gets."""
    blocks = [HEAD]
    for module in (events, messages, controls, declarations):
        docs, above = documented(module), bases(module)
        blocks += [interface(cls, docs, above[cls.__name__]) for cls in classes(module)]
        blocks += [f"{comment(docs[name])}export type {name} ={union}" for name, union in unions(module, docs).items()]
    return "\n".join(blocks)


def classes(module: ModuleType) -> list[type]:
    """Those of its own that travel on the wire."""
    own = [cls for cls in vars(module).values() if inspect.isclass(cls) and cls.__module__ == module.__name__]
    return [cls for cls in own if is_typeddict(cls) or issubclass(cls, BaseModel) and cls.model_fields]


def unions(module: ModuleType, docs: dict[str, str]) -> dict[str, str]:
    """Name → TypeScript, of its own unions of classes, which have a docstring each."""
    found = {name: value for name, value in vars(module).items() if isinstance(value, UnionType) and name in docs}
    return {name: "".join(f"\n  | {cls.__name__}" for cls in get_args(value)) + ";\n" for name, value in found.items()}


def documented(module: ModuleType) -> dict[str, str]:
    """Name of a class, of a union or "Class.field" → its docstring, without the spaces of its lines."""
    found: dict[str, str] = {}

    def read(body: list[ast.stmt], prefix: str) -> None:
        for statement, after in zip(body, [*body[1:], None], strict=True):
            if isinstance(statement, ast.ClassDef):
                found[statement.name] = ast.get_docstring(statement) or ""
                read(statement.body, f"{statement.name}.")
            target = statement.targets[0] if isinstance(statement, ast.Assign) else getattr(statement, "target", None)
            if isinstance(target, ast.Name) and isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant):
                found[prefix + target.id] = str(after.value.value)

    read(ast.parse(inspect.getsource(module)).body, "")
    return {name: " ".join(text.split()) for name, text in found.items()}


def bases(module: ModuleType) -> dict[str, list[type]]:
    """Name of a class → those of the module's own that it extends; a TypedDict does not know them itself."""
    own = {cls.__name__: cls for cls in classes(module)}
    parsed = [node for node in ast.parse(inspect.getsource(module)).body if isinstance(node, ast.ClassDef)]
    return {node.name: [own[b.id] for b in node.bases if isinstance(b, ast.Name) and b.id in own] for node in parsed}


def interface(cls: type, docs: dict[str, str], above: list[type]) -> str:
    """A class as an interface. above: those that it extends"""
    inherited = {name for base in above for name in get_type_hints(base)}
    hints = get_type_hints(cls, include_extras=True)
    fields = {name: hint for name, hint in hints.items() if name not in inherited and name != "model_config"}
    lines = []
    for name, hint in fields.items():
        lines.append(comment(docs.get(f"{cls.__name__}.{name}", ""), "  "))
        lines.append(f"  {name}{'?' if is_optional(cls, name, hint) else ''}: {typescript(hint)};\n")
    extends = f" extends {', '.join(base.__name__ for base in above)}" if above else ""
    body = "".join(lines)
    return f"{comment(docs[cls.__name__])}export interface {cls.__name__}{extends} {{\n{body}}}\n"


def is_optional(cls: type, name: str, hint: Any) -> bool:
    """Whether the field may be left out."""
    if issubclass(cls, BaseModel):
        return name != "kind" and not cls.model_fields[name].is_required()
    return get_origin(hint) is NotRequired


def typescript(hint: Any) -> str:
    """A type as TypeScript has it. Raises TypeError for one that JSON does not have."""
    origin, inside = get_origin(hint), get_args(hint)
    if origin in (Annotated, NotRequired):
        return typescript(inside[0])
    if hint in PLAIN:
        return PLAIN[hint]
    if hint in NAMED:
        return NAMED[hint]
    if origin is Literal:
        return " | ".join(f'"{value}"' for value in inside)
    if origin in (Union, UnionType):
        return " | ".join(typescript(one) for one in inside)
    if origin is dict:
        return f"Record<string, {typescript(inside[1])}>"
    if origin is list or origin is tuple and inside[-1] is Ellipsis:
        of = typescript(inside[0])
        return f"({of})[]" if " | " in of and not of.startswith("[") else f"{of}[]"
    if origin is tuple:
        return f"[{', '.join(typescript(one) for one in inside)}]"
    if inspect.isclass(hint) and is_typeddict(hint):
        return hint.__name__
    raise TypeError(f"{hint} has no type on the wire")


NAMED = {controls.Control: "Control"}
"""Unions that have a name of their own."""


def comment(text: str, indent: str = "") -> str:
    """As JSDoc, "" where there is nothing to say."""
    return f"{indent}/** {text} */\n" if text else ""


if __name__ == "__main__":
    PATH.write_text(protocol(), encoding="utf-8")
