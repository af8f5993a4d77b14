"""The page's sentences by key: one catalogue, which the browser reads as well (`static/sentences.en.json`).

Those that a tab's own scripts say are the table `page` of its words.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from playground.concept import Concept

NAME = "sentences.en.json"


@cache
def _catalogue(path: Path) -> dict[str, str]:
    found: dict[str, str] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return found


def shared() -> dict[str, str]:
    return _catalogue(Path(__file__).parent / "static" / NAME)


def catalogue(concepts: tuple[Concept, ...]) -> dict[str, str]:
    """The shared sentences, and those that a concept brings for its media, with its slug before their keys."""
    own = {f"{c.slug}.{key}": text for c in concepts for key, text in c.words.find("page", {}).items()}
    own |= {f"{c.slug}.{key}": text for c in concepts for key, text in _catalogue(c.folder / NAME).items()}
    return shared() | own


def say(key: str) -> str:
    """A sentence without values to fill in; raises KeyError."""
    return shared()[key]
