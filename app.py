"""Starts the playground: the catalogue of concepts, the scheduler that trains them, the page that shows them."""

from playground.concepts import CONCEPTS
from playground.engine.scheduler import Scheduler
from playground.ui.page import launch


def main() -> None:
    launch(CONCEPTS, Scheduler(catalogue="playground.concepts:CONCEPTS"))


if __name__ == "__main__":
    main()
