"""A page of eight tabs of today's size."""

from dataclasses import replace

from playground.concepts import CONCEPTS
from playground.engine.scheduler import Scheduler
from playground.ui.page import build
from playground.ui.server import launch

EIGHT = tuple([*CONCEPTS, *(replace(c, slug=f"{c.slug}-{i}") for i in range(2) for c in CONCEPTS)][:8])

if __name__ == "__main__":
    scheduler = Scheduler("tests.benchmarks.eight_tabs:EIGHT")
    launch(build(EIGHT, scheduler), EIGHT, scheduler)
