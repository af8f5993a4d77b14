"""No module imports itself by way of others, not even within a function."""

from __future__ import annotations

import ast
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FILES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for layer in ("models", "playground")
    for path in sorted((ROOT / layer).rglob("*.py"))
}
"""Module → its file."""


def imported(path: Path) -> set[str]:
    """The modules of ours that a file imports anywhere but for types; of a package's names, those that are modules."""
    found: set[str] = set()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for_types = [
        node for node in ast.walk(tree) if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
    ]
    unread = {id(inner) for node in for_types for inner in ast.walk(node)}
    for node in (node for node in ast.walk(tree) if id(node) not in unread):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            inner = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= inner & set(FILES)
            if inner - set(FILES):
                found.add(node.module)
    return found & set(FILES)


def test_imports_have_no_circle() -> None:
    try:
        TopologicalSorter({module: imported(path) for module, path in FILES.items()}).prepare()
    except CycleError as error:
        raise AssertionError(" ← ".join(error.args[1])) from None
