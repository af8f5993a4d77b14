"""Starts the playground: the catalogue of concepts, the scheduler that trains them, the page that shows them."""


def main() -> None:
    # Imported here: every worker process imports this file, and the page's libraries would take it four seconds.
    from playground.concepts import CONCEPTS
    from playground.engine.scheduler import Scheduler

    scheduler = Scheduler(catalogue="playground.concepts:CONCEPTS")
    scheduler.start()  # the workers load torch on one core while the page's libraries load on the other

    from playground.ui.server import launch

    launch(CONCEPTS, scheduler)


if __name__ == "__main__":
    main()
