"""The words of one tab in one language: every text that its visitors read but the lesson, `words.LANGUAGE.toml`.

A key is a path of names with dots between them, such as "views.plane.caption". A second language is a second file.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

ENGLISH = "en"


def language() -> str:
    """Of this server (PLAYGROUND_LANGUAGE, else English)."""
    return os.environ.get("PLAYGROUND_LANGUAGE") or ENGLISH


class Words:
    """A tree of texts. What is missing in a language is taken from the English file."""

    def __init__(self, tree: Mapping[str, Any], path: str = "", file: str = "The words") -> None:
        """path: of this part in the whole tree; file: where the tree comes from; both for errors"""
        self.tree, self.path, self.file = tree, path, file

    def __call__(self, key: str, /, **values: Any) -> str:
        """The text of a key, with values where it has {name}; raises KeyError."""
        text = self.find(key)
        if not isinstance(text, str):
            raise KeyError(f"{self.file} has no text {self._full(key)!r}")
        try:
            return text.format(**values) if values else text
        except (KeyError, IndexError, ValueError) as error:
            given = ", ".join(values)
            raise ValueError(f"{self.file}: {self._full(key)} can't be filled in with {given}: {error!r}") from None

    def find(self, key: str, default: Any = None) -> Any:
        """What stands at a key: a text, or a table of texts."""
        found: Any = self.tree
        for name in key.split("."):
            if not isinstance(found, Mapping) or name not in found:
                return default
            found = found[name]
        return found

    def part(self, key: str) -> Words:
        """The texts below a key; none where there is no such key."""
        return Words(self.find(key, {}), self._full(key), self.file)

    def _full(self, key: str) -> str:
        return f"{self.path}.{key}".lstrip(".")


@cache
def words(package: str) -> Words:
    """The words of a tab in the server's language.

    package: dotted name of the tab's package, in which the files are
    """
    spec = find_spec(package)
    assert spec and spec.origin, f"{package} is no package"
    folder = Path(spec.origin).parent
    file = folder / f"words.{ENGLISH}.toml"
    tree = _read(file)
    if language() != ENGLISH:
        tree = merged(tree, _read(folder / f"words.{language()}.toml"))
    return Words(tree, file=f"{package}/{file.name}")


def _read(path: Path) -> dict[str, Any]:
    if not path.exists():
        return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"{path}: {error}") from None


def merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Two trees as one; where both have a text, the one above."""
    both = dict(below)
    for name, text in above.items():
        old = below.get(name)
        both[name] = merged(old, text) if isinstance(old, Mapping) and isinstance(text, Mapping) else text
    return both


say = words("playground")
"""The words that no tab owns."""
