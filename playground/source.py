"""Finds the source of a named object without importing it: for the page, and to know whose variables are shown."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

ROOTS = ("models", "playground", "tests")
"""Packages at the top of the repository."""


@dataclass(frozen=True)
class Source:
    """One function, class or method as it stands in its file."""

    module: str
    qualname: str
    path: Path
    first: int
    """Number of its first line in the file."""
    text: str
    functions: tuple[tuple[int, int, str], ...]
    """(first line, last line, qualified name) of every function in it, outer ones first; lines as in the file."""

    @property
    def file(self) -> str:
        """Its path as a reader of the repository knows it."""
        return self.module.replace(".", "/") + ".py"


@cache
def source(reference: str, package: str = "") -> Source:
    """The object that "module:name" or "module:Class.method" means; raises LookupError.

    package: to which the module belongs, if it is in none of the ROOTS
    """
    module, _, qualname = reference.partition(":")
    if module.split(".")[0] not in ROOTS and package:
        module = f"{package}.{module}"
    spec = find_spec(module)
    if spec is None or spec.origin is None:
        raise LookupError(f"code names {reference}, but there is no module {module}")
    path = Path(spec.origin)
    text = path.read_text(encoding="utf-8")
    node: ast.AST = ast.parse(text)
    for name in qualname.split("."):
        named = (child for child in ast.iter_child_nodes(node) if getattr(child, "name", None) == name)
        found = next(named, None)
        if not isinstance(found, ast.FunctionDef | ast.ClassDef):
            raise LookupError(f"code names {reference}, but {module} has no function or class {qualname}")
        node = found
    assert isinstance(node, ast.FunctionDef | ast.ClassDef) and node.end_lineno
    first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
    lines = text.splitlines()[first - 1 : node.end_lineno]
    indent = len(lines[0]) - len(lines[0].lstrip())
    shown = "\n".join(line[indent:] for line in lines)
    return Source(module, qualname, path, first, shown, tuple(_functions(node, qualname)))


def _functions(node: ast.AST, qualname: str) -> list[tuple[int, int, str]]:
    found = []
    if isinstance(node, ast.FunctionDef) and node.end_lineno:
        found.append((node.lineno, node.end_lineno, qualname))
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.ClassDef):
            inner = (
                f"{qualname}.<locals>.{child.name}" if isinstance(node, ast.FunctionDef) else f"{qualname}.{child.name}"
            )
            found += _functions(child, inner)
    return found
