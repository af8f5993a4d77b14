"""A tab's network for slow motion, as `strip.js` draws it: its phases know the lines of the code that they run."""

from __future__ import annotations

from playground.concept import Concept, Config
from playground.diagram import Phase
from playground.source import source
from playground.ui.messages import Diagram, DiagramPhase


def strip(concept: Concept, config: Config) -> Diagram | None:
    """None: the tab draws none."""
    drawn = concept.diagram_for(config)
    if drawn is None:
        return None
    return Diagram(
        parts=[(p.name, p.label, p.x, p.y, p.kind, p.symbol) for p in drawn.parts],
        arrows=[(a.start, a.end, a.gradient) for a in drawn.arrows],
        phases=[phase(concept, p, config) for p in drawn.phases],
    )


def phase(concept: Concept, of: Phase, config: Config) -> DiagramPhase:
    block, row, text = running_line(concept, of, config)
    return DiagramPhase(title=of.title, lit=list(of.lit), backward=of.backward, block=block, line=row, code=text)


def running_line(concept: Concept, of: Phase, config: Config) -> tuple[int, int, str]:
    """(which of the shown blocks of code, which of its lines, that line) a phase runs; raises LookupError."""
    shown = [source(reference, concept.package) for reference in concept.all_code]
    function = of.function or source(concept.code_for(config)[0], concept.package).qualname
    found = [
        (i, row, line.strip())
        for i, block in enumerate(shown) if block.qualname == function
        for row, line in enumerate(block.text.splitlines()) if of.code in line
    ]  # fmt: skip
    if len(found) != 1:
        raise LookupError(f"{len(found)} lines of {function} have {of.code!r}: one is wanted")
    return found[0]
