"""The page over the toys alone: nothing in it knows a concept."""

from playground.engine.scheduler import Scheduler
from tests.toy import TOYS


def main() -> None:
    scheduler = Scheduler("tests.toy:TOYS", hosts=1)
    scheduler.start()

    from playground.ui.server import launch  # not by the workers, which import this file

    launch(TOYS, scheduler)


if __name__ == "__main__":
    main()
