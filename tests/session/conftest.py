"""A store of pages on a simulated clock and host."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import pytest

from playground.engine.scheduler import Scheduler
from playground.session.leases import Leases
from playground.session.store import SessionStore
from tests.simulation import InProcessHost, simulate
from tests.toy import TOYS

Job = Callable[[SessionStore], Coroutine[Any, Any, Any]]


@pytest.fixture
def with_store() -> Iterator[Callable[[Job], Any]]:
    """with_store(job): runs an async job with a store of pages over the toys."""
    made: list[Scheduler] = []

    def go(job: Job) -> Any:
        scheduler = Scheduler("tests.toy:TOYS", hosts=1, new_host=InProcessHost)
        made.append(scheduler)
        return simulate(job(SessionStore(TOYS, scheduler, Leases(30))))

    yield go
    for scheduler in made:
        scheduler.stop()
