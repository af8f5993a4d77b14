"""The page's sentences by key: one catalogue for each language, which the browser reads as well
(`static/sentences.en.json`).

Those that a tab's own scripts say are the table `page` of its words.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from playground.concept import Concept
from playground.words import ENGLISH, language

FOLDER = Path(__file__).parent / "static"


@cache
def shared(folder: Path = FOLDER) -> dict[str, str]:
    """The sentences of every tab, in the server's language; what is missing in it is in English."""
    files = [folder / f"sentences.{code}.json" for code in (ENGLISH, language())]
    found = [json.loads(path.read_text(encoding="utf-8")) for path in files if path.exists()]
    return {key: sentence for sentences in found for key, sentence in sentences.items()}


def catalogue(concepts: tuple[Concept, ...]) -> dict[str, str]:
    """The shared sentences, and those that a concept brings for its media, with its slug before their keys."""
    own = {f"{c.slug}.{key}": text for c in concepts for key, text in c.words.find("page", {}).items()}
    return shared() | own


def say(key: str) -> str:
    """A sentence without values to fill in; raises KeyError."""
    return shared()[key]
