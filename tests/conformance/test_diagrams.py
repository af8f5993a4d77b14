"""The networks that tabs draw for slow motion, of every kind of config: they name what is there, and fit the strip."""

from __future__ import annotations

from typing import Any

import pytest

from playground.concept import Concept, Config
from playground.concepts import CONCEPTS
from playground.diagram import HEIGHT, PART_HEIGHT, WIDTH, Diagram, Part
from playground.source import source
from playground.ui.strip import running_line
from tests.conformance.test_conformance import extremes, takes, variants


def every_kind(concept: Concept) -> list[dict[str, Any]]:
    """All variants and extremes, and each variant with each of its switches turned."""
    found = [*variants(concept), *extremes(concept)]
    usual = concept.config().model_dump()
    switches = [name for name, value in usual.items() if isinstance(value, bool)]
    for given in variants(concept):
        turned = [{name: not given.get(name, usual[name])} for name in switches]
        both = [a | b for a in turned for b in turned]
        found += [given | change for change in both]
    return [given for given in found if takes(concept, given)]


DRAWN = [c for c in CONCEPTS if c.diagram_for(c.config()) is not None]
each = pytest.mark.parametrize("concept", DRAWN, ids=lambda c: c.slug)


def diagrams(concept: Concept) -> list[Diagram]:
    """Each once."""
    return list(with_configs(concept))


def with_configs(concept: Concept) -> dict[Diagram, Config]:
    """Each diagram, and a config of which it is made."""
    configs = [concept.config(**given) for given in every_kind(concept)]
    drawn = [(concept.diagram_for(config), config) for config in configs]
    return {diagram: config for diagram, config in drawn if diagram is not None}


def test_every_tab_draws_its_network() -> None:
    assert list(CONCEPTS) == DRAWN


@each
def test_parts_arrows_and_phases_name_one_another(concept: Concept) -> None:
    symbols = {symbol.name for symbol in concept.symbols}
    for drawn in diagrams(concept):
        parts = [part.name for part in drawn.parts]
        arrows = [(arrow.start, arrow.end) for arrow in drawn.arrows]
        assert len(set(parts)) == len(parts) and len(set(arrows)) == len(arrows)
        assert {name for arrow in arrows for name in arrow} <= set(parts)
        assert {part.symbol for part in drawn.parts} - {""} <= symbols
        for phase in drawn.phases:
            assert phase.lit and set(phase.lit) <= {*parts, *arrows}, phase
            assert len(phase.title) <= 32, phase.title
        lit = {one for phase in drawn.phases for one in phase.lit}
        assert set(arrows) <= lit, "an arrow that no phase uses"
        touched = {name for one in lit for name in ([one] if isinstance(one, str) else one)}
        assert set(parts) == touched, "a part that no phase is about"


@each
def test_gradients_flow_from_a_loss_along_whole_arrows_to_what_is_trained(concept: Concept) -> None:
    for drawn in diagrams(concept):
        whole = {(arrow.start, arrow.end) for arrow in drawn.arrows if arrow.gradient}
        kinds = {part.name: part.kind for part in drawn.parts}
        passed: set[Any] = set()
        for phase in drawn.phases:
            assert phase.backward == ("backward()" in phase.code), phase
            if not phase.backward:
                continue
            assert set(phase.lit) <= whole
            reached = {name for name, kind in kinds.items() if kind == "loss"}
            arrows = [lit for lit in phase.lit if isinstance(lit, tuple)]
            for _ in arrows:  # until nothing new is reached
                reached |= {start for start, end in arrows if end in reached}
            assert {end for _, end in arrows} <= reached, "a gradient that comes from nowhere"
            assert any(kinds[start] == "network" for start, _ in arrows)
            passed |= set(phase.lit)
        assert passed == whole, "whole arrows carry gradients, the others are dashed"


@each
def test_each_phase_runs_one_line_of_the_shown_code_and_an_update_ends_the_step(concept: Concept) -> None:
    for drawn, config in with_configs(concept).items():
        for phase in drawn.phases:
            block, _, line = running_line(concept, phase, config)
            assert phase.code in line
            name = source(concept.all_code[block], concept.package).qualname
            assert name == phase.function or not phase.function
        backward = [i for i, phase in enumerate(drawn.phases) if phase.backward]
        updates = [i for i, phase in enumerate(drawn.phases) if ".step()" in phase.code]
        assert len(backward) == len(updates) and all(b < u for b, u in zip(backward, updates, strict=True))


def touches(part: Part, a: Part, b: Part) -> bool:
    """Whether the line between the middles of two others runs through a part, but for its rim."""
    for i in range(1, 200):
        x, y = (a.x + (b.x - a.x) * i / 200, a.y + (b.y - a.y) * i / 200)
        if abs(x - part.x) < part.width / 2 - 1 and abs(y - part.y) < PART_HEIGHT / 2 - 1:
            return True
    return False


@each
def test_parts_fit_the_strip_apart_from_one_another_and_no_arrow_runs_through_one(concept: Concept) -> None:
    for drawn in diagrams(concept):
        by_name = {part.name: part for part in drawn.parts}
        for part in drawn.parts:
            assert part.x - part.width / 2 >= 0 and part.x + part.width / 2 <= WIDTH, part
            assert part.y - PART_HEIGHT / 2 >= 0 and part.y + PART_HEIGHT / 2 <= HEIGHT, part
            for other in drawn.parts:
                apart = abs(part.x - other.x) >= (part.width + other.width) / 2 + 0.5
                assert part is other or apart or abs(part.y - other.y) >= PART_HEIGHT + 1, (part, other)
            for arrow in drawn.arrows:
                if part.name not in (arrow.start, arrow.end):
                    assert not touches(part, by_name[arrow.start], by_name[arrow.end]), (part, arrow)
