"""What every tab says and draws, with all its words as they are or each one marked: run as a program, it prints JSON.

python -m tests.conformance.translated [MARK]
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from playground import words as words_module

LANGUAGE = "xx"


def marked(tree: dict[str, Any], mark: str) -> dict[str, Any]:
    """The same tree with a mark before each text."""
    return {k: marked(v, mark) if isinstance(v, dict) else mark + v for k, v in tree.items()}


def speak_marked(mark: str) -> None:
    """Every tab has a second language, in which each of its texts begins with the mark."""
    read = words_module._read

    def translated(path: Path) -> dict[str, Any]:
        if path.name != f"words.{LANGUAGE}.toml":
            return read(path)
        return marked(read(path.with_name("words.en.toml")), mark)

    words_module._read = translated
    words_module.words.cache_clear()
    os.environ["PLAYGROUND_LANGUAGE"] = LANGUAGE


def everything() -> dict[str, Any]:
    """Slug → declaration, link, names, diagram and, of each setting, the figures and metrics after two steps."""
    from playground.concepts import CONCEPTS
    from playground.engine.run import Run
    from playground.ui.about import about, about_text
    from playground.ui.lesson import lesson_text
    from playground.ui.message import query
    from playground.ui.served import Served
    from playground.ui.strip import strip

    served = Served(CONCEPTS, about_text, lesson_text)
    found = {}
    for concept in CONCEPTS:
        settings = {}
        for setting in concept.all_settings:
            config = concept.pre_trained_config(setting.name)
            run = Run(concept, config)
            rows = run.advance(600, max_steps=2).rows
            figures = {view.name: json.loads(run.render(view) or "null") for view in concept.views_for(config)}
            settings[setting.name] = {"rows": rows, "figures": figures, "strip": strip(concept, config)}
        found[concept.slug] = {
            "about": about(concept, served),
            "links": [query(concept.slug, concept.preset_config(preset)) for preset in concept.presets],
            "names": [challenge.name for challenge in concept.challenges] + [m.name for m in concept.metrics],
            "settings": settings,
        }
    return found


if __name__ == "__main__":
    if sys.argv[1:]:
        speak_marked(sys.argv[1])
    json.dump(everything(), sys.stdout)
