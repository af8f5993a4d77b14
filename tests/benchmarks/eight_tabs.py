"""A page of eight tabs of today's size."""

from dataclasses import replace

from playground.concepts import CONCEPTS
from playground.engine.scheduler import Scheduler

EIGHT = tuple([*CONCEPTS, *(replace(c, slug=f"{c.slug}-{i}") for i in range(2) for c in CONCEPTS)][:8])


def main() -> None:
    scheduler = Scheduler("tests.benchmarks.eight_tabs:EIGHT")
    scheduler.start()

    from playground.ui.server import launch  # not by the workers, which import this file

    launch(EIGHT, scheduler)


if __name__ == "__main__":
    main()
