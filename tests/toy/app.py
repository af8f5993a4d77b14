"""The page over the toys alone: nothing in it knows a concept."""

from playground.engine.scheduler import Scheduler
from playground.ui.page import build
from playground.ui.server import launch
from tests.toy import TOYS

if __name__ == "__main__":
    scheduler = Scheduler("tests.toy:TOYS", hosts=1)
    launch(build(TOYS, scheduler), TOYS, scheduler)
