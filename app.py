"""Starts the playground: the catalogue of concepts, the scheduler that trains them, the page that shows them."""

from playground.concepts import CONCEPTS
from playground.engine.scheduler import Scheduler
from playground.ui.page import build
from playground.ui.server import launch


def main() -> None:
    scheduler = Scheduler(catalogue="playground.concepts:CONCEPTS")
    launch(build(CONCEPTS, scheduler), CONCEPTS, scheduler)


if __name__ == "__main__":
    main()
