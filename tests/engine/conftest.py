"""A scheduler for each test of the engine."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import pytest

from playground.engine.scheduler import Scheduler
from tests.simulation import InProcessHost, simulate

Job = Callable[[Scheduler], Coroutine[Any, Any, Any]]


@pytest.fixture
def run_on() -> Iterator[Callable[..., Any]]:
    """run_on(job, **options): runs an async job on a scheduler of its own."""
    made: list[Scheduler] = []

    def go(job: Job, catalogue: str = "tests.toy:TOYS", **options: Any) -> Any:
        scheduler = Scheduler(catalogue, **{"hosts": 1, **options})
        made.append(scheduler)
        simulated = options.get("new_host") is InProcessHost
        return simulate(job(scheduler)) if simulated else asyncio.run(job(scheduler))

    yield go
    for scheduler in made:
        scheduler.stop()
