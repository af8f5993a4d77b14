"""How a tab's run is played: slice after slice, at the chosen speed."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from playground.engine.frame import Frame
from playground.engine.places import Gone
from playground.session.step_rate import StepRate

if TYPE_CHECKING:
    from playground.session.tab_session import TabSession

SPEEDS: dict[str, float | None] = {"1": 1.0, "5": 5.0, "25": 25.0, "full": None}
"""Speed's name → optimiser steps a second; None trains as fast as the machine does."""
FULL_SPEED = "full"
FOLLOWED = 5
"""Steps a second up to which a step can be followed in slow motion: each is drawn whole."""
UNTRAINED_SECONDS = 0.3
"""For which the untrained model is shown before training changes it."""
AHEAD = 2
"""Slices that are asked for in advance where a run has its host alone, so that the host never waits for the next."""
HIDDEN_SECONDS = 1.0
"""Between two frames of a run that nobody sees."""


async def frames(tab: TabSession) -> AsyncIterator[Frame]:
    """Frames while the tab is playing, until its run is replaced, done or stopped; the next slices train while the last
    one is on its way."""
    tab.idle.clear()
    run = tab.run
    rate = StepRate(tab.step)
    draw_all, shown = True, -HIDDEN_SECONDS
    jobs: deque[asyncio.Future[Frame]] = deque()
    try:
        if tab.playing and tab.in_sight and tab.step == 0:
            yield await tab.advance(max_steps=0, draw_all=True)
            await asyncio.sleep(UNTRAINED_SECONDS)
        while tab.playing and run is tab.run:
            frame = await (jobs.popleft() if jobs else _paced_slice(tab, draw_all))
            draw_all = False
            if run is not tab.run:
                return
            tab.rate = rate(frame.step)
            if run.is_done or run.is_stopped:
                tab.playing = False
            elif tab.playing and tab.speed == FULL_SPEED:
                while len(jobs) < (AHEAD if tab.scheduler.is_alone(run.id) else 1):
                    jobs.append(asyncio.ensure_future(_paced_slice(tab, False)))
            if tab.in_sight or not tab.playing or time.monotonic() - shown >= HIDDEN_SECONDS:
                shown = time.monotonic()
                yield frame
        while jobs:
            frame = await jobs.popleft()
            if run is tab.run:
                yield frame
        if run is tab.run and not run.is_done:  # the last frame of a run that is done has every picture
            frame = await tab.advance(max_steps=0, draw_all=True)
            if run is tab.run:
                yield frame
        while run is tab.run and not tab.playing and run.unfinished:  # pictures that come in parts
            yield await tab.advance(max_steps=0, waited_for=False)
    except Gone:
        if run is tab.run:  # else a reset has closed the old run: nothing is lost
            raise
    finally:
        tab.idle.set()
        for job in jobs:
            job.cancel()


async def _paced_slice(tab: TabSession, draw_all: bool) -> Frame:
    per_second = SPEEDS[tab.speed]
    if per_second is None:
        return await tab.advance(draw_all=draw_all, waited_for=draw_all)
    began = time.monotonic()
    frame = await tab.advance(max_steps=1, draw_all=draw_all or per_second <= FOLLOWED, waited_for=False)
    await asyncio.sleep(max(0.0, 1 / per_second - (time.monotonic() - began)))
    return frame
