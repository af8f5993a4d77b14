"""A tab's network for slow motion, as `strip.js` draws it: its phases know the lines of the code that they run."""

from __future__ import annotations

from typing import Any

from playground.concept import Concept, Config
from playground.diagram import Phase
from playground.source import source


def strip(concept: Concept, config: Config) -> dict[str, Any] | None:
    """None: the tab draws none."""
    if concept.diagram is None:
        return None
    drawn = concept.diagram(config)
    return {
        "parts": [[p.name, p.label, p.x, p.y, p.kind, p.symbol] for p in drawn.parts],
        "arrows": [[a.start, a.end, a.gradient] for a in drawn.arrows],
        "phases": [phase(concept, p) for p in drawn.phases],
    }


def phase(concept: Concept, of: Phase) -> dict[str, Any]:
    block, row, text = running_line(concept, of)
    return {"title": of.title, "lit": of.lit, "backward": of.backward, "block": block, "line": row, "code": text}


def running_line(concept: Concept, of: Phase) -> tuple[int, int, str]:
    """(which of the shown blocks of code, which of its lines, that line) a phase runs; raises LookupError."""
    shown = [source(reference, concept.package) for reference in concept.code]
    function = of.function or shown[0].qualname
    found = [
        (i, row, line.strip())
        for i, block in enumerate(shown) if block.qualname == function
        for row, line in enumerate(block.text.splitlines()) if of.code in line
    ]  # fmt: skip
    if len(found) != 1:
        raise LookupError(f"{len(found)} lines of {function} have {of.code!r}: one is wanted")
    return found[0]
