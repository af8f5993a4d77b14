"""One tab of one browser page: its run, knobs, speed, visible views and log. Knows no Gradio component."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from playground.concept import Challenge, Concept, Config
from playground.engine.fair_queue import Urgency
from playground.engine.frame import Answer, Click, Frame
from playground.engine.scheduler import Gone, Scheduler
from playground.session.log import Log
from playground.session.step_rate import StepRate

SPEEDS: dict[str, float | None] = {"1 step/s": 1.0, "5 steps/s": 5.0, "25 steps/s": 25.0, "Full speed": None}
"""Speed's name → optimiser steps a second; None trains as fast as the machine does."""
FULL_SPEED = "Full speed"
FOLLOWED = 5
"""Steps a second up to which a step can be followed in slow motion: each is drawn whole."""
UNTRAINED_SECONDS = 0.8
"""For which the untrained model is shown before training changes it."""
HIDDEN_SECONDS = 1.0
"""Between two frames of a run that nobody sees."""


class NoRun(RuntimeError):
    """The question needs a run of one's own."""


class WouldDiverge(RuntimeError):
    """The same knobs have just ended in a divergence, and a run is the same every time."""

    def __init__(self, remedies: list[str]) -> None:
        super().__init__()
        self.remedies = remedies
        """Knobs to turn first, each with its usual value."""


@dataclass(frozen=True)
class DrawnFigure:
    step: int
    """Of the model that it shows."""
    text: str
    """JSON."""


@dataclass
class TabSession:
    concept: Concept
    scheduler: Scheduler
    owner: str
    config: Config
    """The knobs as they stand."""
    run_id: str = ""
    run_number: int = 0
    """Grows with every new run, so that a late frame of an old one is not taken for the new one's."""
    playing: bool = False
    speed: str = FULL_SPEED
    in_sight: bool = True
    """Whether the visitor has the tab in front; a hidden run trains with what others leave."""
    visible_views: tuple[str, ...] = ()
    """Names of the views in sight: no others are drawn."""
    pending_live: Config | None = None
    """Live knobs waiting for the next slice; the newest win."""
    running: Config | None = None
    """The config the current run was started (or last updated) with."""
    diverged: Config | None = None
    """The config with which the last run diverged, if it did."""
    last: Frame | None = None
    rate: float = 0.0
    """Steps a second as the visitor sees them, 0 when unknown."""
    figures: dict[str, DrawnFigure] = field(default_factory=dict)
    """View name → its newest figure."""
    shapes: dict[str, Any] = field(default_factory=dict)
    solved: set[str] = field(default_factory=set)
    """Titles of the challenges that this run has solved."""
    complaint: tuple[str, dict[str, Any]] | None = None
    """Why the visitor's last wish could not be met: a key of the catalogue of sentences, and its values."""
    idle: asyncio.Event = field(default_factory=asyncio.Event)
    """Set while no stream of frames flows."""
    streams: int = 0
    """How many streams of frames there have been."""
    opening: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held while a run is being opened, so that two clicks at once don't open two."""
    log: Log = field(default_factory=Log)

    def __post_init__(self) -> None:
        self.idle.set()

    @property
    def step(self) -> int:
        return self.last.step if self.last else 0

    @property
    def over(self) -> bool:
        return bool(self.last and (self.last.done or self.last.error))

    @property
    def state(self) -> str:
        """ready, training, paused, done or stopped."""
        if self.last and self.last.error:
            return "stopped"
        if self.last and self.last.done:
            return "done"
        if self.playing or not self.idle.is_set():
            return "training"
        return "paused" if self.step else "ready"

    def needs_restart(self) -> list[str]:
        """Knobs that were changed but take effect on the next start only."""
        if self.running is None:
            return []
        live, old, new = self.config.live_fields(), self.running.model_dump(), self.config.model_dump()
        return [name for name in new if name not in live and new[name] != old[name]]

    def set_config(self, config: Config) -> None:
        """Takes new knob values over: live ones reach the run with its next slice."""
        self.config, self.complaint = config, None
        if self.running is None:
            return
        live = {name: getattr(config, name) for name in self.config.live_fields()}
        updated = self.running.model_copy(update=live)
        if updated != self.running:
            for name, value in live.items():
                if value != getattr(self.running, name):
                    self.log.add("knob", step=self.step, name=name, value=value)
            self.pending_live = self.running = updated

    def complain(self, key: str, values: dict[str, Any]) -> None:
        self.complaint = key, values
        self.log.add(key, **values)

    def refuse_what_diverged(self) -> None:
        """Raises WouldDiverge when a run has diverged with the knobs as they stand."""
        if self.diverged == self.config:
            usual = type(self.config)()
            live = ((name, getattr(usual, name)) for name in sorted(self.config.live_fields()))
            raise WouldDiverge([f"{name} {value}" for name, value in live if value != getattr(self.config, name)])

    async def ensure_run(self) -> None:
        """Opens a run where there is none, or where the knobs ask for another one."""
        async with self.opening:
            if not self.run_id or self.needs_restart() or self.over:
                await self._restart()

    async def restart(self) -> None:
        """Back to step 0 with the knobs as they stand."""
        async with self.opening:
            await self._restart()

    async def _restart(self) -> None:
        self.run_number += 1
        old, self.run_id = self.run_id, ""
        self.last, self.pending_live, self.running = None, None, None
        self.solved, self.rate, self.figures, self.shapes = set(), 0.0, {}, {}
        if old:
            await self.scheduler.close(old)
        config = self.config
        self.run_id = await self.scheduler.open(self.concept.slug, config, self.owner)
        self.running = config
        self.log.add("new_run", knobs=config.model_dump(exclude_defaults=True))
        if self.config != config:  # a knob was turned meanwhile
            self.set_config(self.config)

    async def advance(self, *, max_steps: int | None = None, draw_all: bool = False, waited_for: bool = True) -> Frame:
        """One slice of training with the newest live knobs; raises Gone.

        waited_for: the visitor asked for just this slice
        """
        live, self.pending_live = self.pending_live, None
        number = self.run_number
        training = Urgency.IN_SIGHT if self.in_sight else Urgency.HIDDEN
        frame = await self.scheduler.advance(
            self.run_id, max_steps=max_steps, views=self.visible_views, draw_all=draw_all, live=live,
            urgency=Urgency.ANSWER if waited_for else training,
        )  # fmt: skip
        return self.apply_frame(frame) if number == self.run_number else frame

    def mark_lost(self) -> None:
        """The server has freed the run; what it showed last is kept."""
        self.playing, self.run_id, self.running = False, "", None
        self.log.add("lost")

    def apply_frame(self, frame: Frame) -> Frame:
        if frame.resumed_from is not None:
            self.log.add("resumed", step=frame.resumed_from)
        if frame.error and not (self.last and self.last.error):
            self.log.add("stopped", error=frame.error)
            self.diverged = self.running
        if frame.done and not (self.last and self.last.done):
            self.log.add("budget", steps=frame.budget)
        self.last = frame
        self.figures |= {view: DrawnFigure(frame.step, text) for view, text in frame.figures.items()}
        self.shapes.update(frame.shapes)
        for challenge in self.concept.challenges:
            if challenge.title not in self.solved and self._solves(challenge, frame):
                self.solved.add(challenge.title)
                self.log.add("solved", step=frame.step, title=challenge.title)
        return frame

    def _solves(self, challenge: Challenge, frame: Frame) -> bool:
        counts = frame.step >= challenge.from_step and challenge.applies_to(self.running or self.config)
        return bool(counts and frame.latest and challenge.solved(frame.latest))

    async def play(self) -> AsyncIterator[Frame]:
        """Frames while `playing`, until reset, spent or diverged; a slice trains while the last is on its way.

        A newer stream (of a reloaded page) ends an older one.
        """
        self.idle.clear()
        self.streams += 1
        mine = self.run_number, self.streams
        rate = StepRate(self.step)
        draw_all, shown = True, -HIDDEN_SECONDS
        job: asyncio.Future[Frame] | None = None
        try:
            if self.playing and self.in_sight and self.step == 0:
                yield await self.advance(max_steps=0, draw_all=True)
                await asyncio.sleep(UNTRAINED_SECONDS)
            while self.playing and mine == (self.run_number, self.streams):
                frame = await job if job else await self._paced_slice(draw_all)
                draw_all, job = False, None
                if mine != (self.run_number, self.streams):
                    return
                self.rate = rate(frame.step)
                if frame.done or frame.error:
                    self.playing = False
                elif self.playing and self.speed == FULL_SPEED:
                    job = asyncio.ensure_future(self._paced_slice(False))
                if self.in_sight or not self.playing or time.monotonic() - shown >= HIDDEN_SECONDS:
                    shown = time.monotonic()
                    yield frame
            if job is not None:
                frame = await job
                job = None
                if mine == (self.run_number, self.streams):
                    yield frame
            if mine == (self.run_number, self.streams):
                frame = await self.advance(max_steps=0, draw_all=True)
                if mine == (self.run_number, self.streams):
                    yield frame
        except Gone:
            if mine[0] == self.run_number:  # else a reset has closed the old run: nothing is lost
                raise
        finally:
            if mine[1] == self.streams:
                self.idle.set()
            if job is not None:
                job.cancel()

    async def wait_idle(self) -> None:
        """Returns when the slice under way has been shown: it still counts after a pause."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.idle.wait(), 5)

    async def _paced_slice(self, draw_all: bool) -> Frame:
        per_second = SPEEDS[self.speed]
        if per_second is None:
            return await self.advance(draw_all=draw_all, waited_for=draw_all)
        began = time.monotonic()
        frame = await self.advance(max_steps=1, draw_all=draw_all or per_second <= FOLLOWED, waited_for=False)
        await asyncio.sleep(max(0.0, 1 / per_second - (time.monotonic() - began)))
        return frame

    async def ask(self, probe: str, question: dict[str, Any], click: Click | None = None) -> Answer:
        """The visitor's run answers, or the ready-made model where there is none. Raises NoRun, Gone."""
        if not self.run_id:
            slug = self.concept.slug
            if self.last or not self.scheduler.has_ready_made(slug):  # a run that is gone had other pictures
                raise NoRun
            return await self.scheduler.ask_ready_made(slug, self.concept.config(), probe, question, click)
        return await self.scheduler.ask(self.run_id, probe, question, click)
