"""What the server remembers of one browser page: per tab its run, knobs, speed, pictures in sight and log.

Knows the scheduler and concepts, but no Gradio component: tabs ask it for frames and draw them.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import secrets
import time
from collections import deque
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field

from playground.concept import Challenge, Concept, Config
from playground.engine.frame import Answer, Frame
from playground.engine.scheduler import Gone, Scheduler

SPEEDS: dict[str, float | None] = {"1 step/s": 1.0, "5 steps/s": 5.0, "25 steps/s": 25.0, "Full speed": None}
"""Speed's name → optimiser steps a second; None trains as fast as the machine does."""

FULL_SPEED = "Full speed"


@dataclass
class Visit:
    """One tab of one page."""

    concept: Concept
    scheduler: Scheduler
    owner: str
    config: Config
    run_id: str = ""
    stamp: int = 0
    """Grows with every reset, so that an old frame never paints over a new run."""
    playing: bool = False
    speed: str = FULL_SPEED
    looking: tuple[str, ...] = ()
    pending: Config | None = None
    """Live knobs waiting for the next slice; newest wins."""
    running: Config | None = None
    """The config the current run was started (or last tuned) with."""
    last: Frame | None = None
    pace: float = 0.0
    """Steps a second as the visitor sees them (other runs included), 0 when unknown."""
    pictures: dict[str, str] = field(default_factory=dict)
    solved: set[str] = field(default_factory=set)
    complaint: str = ""
    """Why the visitor's last wish could not be met, as a sentence; empty when it was."""
    idle: asyncio.Event = field(default_factory=asyncio.Event)
    """Set while no stream of frames flows."""
    messages: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    """Numbers of the messages to the page, in the order in which they were made."""
    log: deque[str] = field(default_factory=lambda: deque(maxlen=60))

    def __post_init__(self) -> None:
        self.idle.set()

    def note(self, text: str) -> None:
        self.log.appendleft(f"{time.strftime('%H:%M:%S')}  {text}")

    def waiting(self) -> list[str]:
        """Knobs that were changed but take effect on the next start only."""
        if self.running is None:
            return []
        live, old, new = self.config.live_fields(), self.running.model_dump(), self.config.model_dump()
        return [name for name in new if name not in live and new[name] != old[name]]

    def turn(self, config: Config) -> None:
        """Takes new knob values over: live ones reach the run with its next slice."""
        self.config, self.complaint = config, ""
        if self.running is None:
            return
        live = {name: getattr(config, name) for name in self.config.live_fields()}
        tuned = self.running.model_copy(update=live)
        if tuned != self.running:
            changed = ", ".join(
                f"{n} → {v:g}" if isinstance(v, float) else f"{n} → {v}"
                for n, v in live.items()
                if v != getattr(self.running, n)
            )
            self.note(f"step {self.step}: {changed}")
            self.pending = self.running = tuned

    @property
    def step(self) -> int:
        return self.last.step if self.last else 0

    @property
    def over(self) -> bool:
        return bool(self.last and (self.last.done or self.last.error))

    async def ensure(self) -> None:
        """Opens a run where there is none, or where the knobs ask for another one."""
        if self.run_id and not self.waiting() and not self.over:
            return
        await self.restart()

    async def restart(self) -> None:
        """Back to step 0 with the knobs as they stand."""
        self.stamp += 1
        if self.run_id:
            await self.scheduler.close(self.run_id)
        self.run_id, self.last, self.pending, self.running = "", None, None, None
        self.run_id = await self.scheduler.open(self.concept.slug, self.config, self.owner)
        self.running = self.config
        self.solved, self.pace = set(), 0.0
        self.pictures = {}
        shown = self.config.model_dump(exclude_defaults=True)
        self.note("new run: " + (", ".join(f"{k} {v}" for k, v in shown.items()) or "the default knobs"))

    async def advance(self, *, max_steps: int | None = None, draw_all: bool = False) -> Frame:
        """One slice of training with the newest live knobs; raises Gone."""
        tune, self.pending = self.pending, None
        stamp = self.stamp
        frame = await self.scheduler.advance(
            self.run_id, max_steps=max_steps, looking=self.looking, draw_all=draw_all, tune=tune
        )
        return self.take(frame) if stamp == self.stamp else frame

    def lose(self) -> None:
        """The server has freed the run; what it showed last is kept."""
        self.playing, self.run_id, self.running = False, "", None
        self.note("the server freed this run; Train starts a new one")

    def take(self, frame: Frame) -> Frame:
        known = self.last.error if self.last else ""
        if frame.notice:
            self.note(frame.notice)
        if frame.error and frame.error != known:
            self.note(f"stopped: {frame.error}")
        if frame.done and not (self.last and self.last.done):
            self.note(f"the budget of {frame.budget} steps is spent")
        self.last = frame
        self.pictures.update(frame.pictures)
        for challenge in self.concept.challenges:
            if challenge.title not in self.solved and frame.latest and self._solves(challenge, frame):
                self.solved.add(challenge.title)
                self.note(f"challenge solved at step {frame.step}: {challenge.title}")
        return frame

    def _solves(self, challenge: Challenge, frame: Frame) -> bool:
        counts = frame.step >= challenge.after and challenge.where(self.running or self.config)
        return counts and challenge.solved(frame.latest)

    async def play(self) -> AsyncIterator[Frame]:
        """Frames while `playing`, until reset, spent or diverged; a slice trains while the last is on its way."""
        self.idle.clear()
        stamp = self.stamp
        draw_all = True
        job: asyncio.Future[Frame] | None = None
        try:
            while self.playing and stamp == self.stamp:
                frame = await job if job else await self._slice(draw_all)
                draw_all, job = False, None
                if stamp != self.stamp:
                    return
                if frame.done or frame.error:
                    self.playing = False
                elif self.playing and self.speed == FULL_SPEED:
                    job = asyncio.ensure_future(self._slice(False))
                yield frame
            if job is not None:
                last = await job
                job = None
                yield last
            if stamp == self.stamp:
                yield await self.advance(max_steps=0, draw_all=True)
        except Gone:
            if stamp == self.stamp:  # else a reset has closed the old run: nothing is lost
                raise
        finally:
            self.idle.set()
            if job is not None:
                job.cancel()

    async def halted(self) -> None:
        """Returns when the slice under way has been shown: it still counts after a pause."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.idle.wait(), 5)

    async def _slice(self, draw_all: bool) -> Frame:
        rate = SPEEDS[self.speed]
        if rate is None:
            return await self.advance(draw_all=draw_all)
        began = time.monotonic()
        frame = await self.advance(max_steps=1, draw_all=draw_all or rate <= 5)
        await asyncio.sleep(max(0.0, 1 / rate - (time.monotonic() - began)))
        return frame

    async def ask(self, probe: str, question: dict, at: tuple[float, float] | None = None) -> Answer:
        if not self.run_id:
            return Answer(error="Press Train or Step first: a question goes to a live model of your own.")
        return await self.scheduler.ask(self.run_id, probe, question, at)


@dataclass
class Page:
    """One browser page: its visits by slug, and the session that holds it now."""

    token: str
    holder: str
    visits: dict[str, Visit] = field(default_factory=dict)


class Desk:
    """Finds the page of a session; a reload within the grace gets its old one back."""

    def __init__(self, concepts: tuple[Concept, ...], scheduler: Scheduler) -> None:
        self.concepts, self.scheduler = concepts, scheduler
        self.pages: dict[str, Page] = {}
        self.sessions: dict[str, str] = {}

    def arrive(self, session: str, token: str) -> Page:
        """The page of a browser tab that (re)loads with the token it was given, or a new one."""
        page = self.pages.get(token) or self.pages.get(self.sessions.get(session, ""))
        if page is None:
            token = secrets.token_urlsafe(12)
            page = self.pages[token] = Page(token, session)
            for concept in self.concepts:
                page.visits[concept.slug] = self.visit_of(concept, token)
        else:
            self.scheduler.reclaim(page.token)
        page.holder = session
        self.sessions[session] = page.token
        return page

    def visit_of(self, concept: Concept, owner: str = "") -> Visit:
        """A visit that has not begun."""
        return Visit(concept, self.scheduler, owner, concept.config())

    def knows(self, session: str) -> bool:
        return session in self.sessions

    def page(self, session: str) -> Page:
        token = self.sessions.get(session, "")
        return self.pages[token] if token in self.pages else self.arrive(session, "")

    def visit(self, session: str, slug: str) -> Visit:
        return self.page(session).visits[slug]

    def leave(self, session: str) -> None:
        """The browser tab closed: its runs are freed after the grace, unless it comes back."""
        page = self.pages.get(self.sessions.pop(session, ""))
        if page is None or page.holder != session:
            return
        self.scheduler.abandon(page.token)
        asyncio.get_running_loop().call_later(self.scheduler.grace + 1, self._forget, page.token, session)

    def _forget(self, token: str, session: str) -> None:
        page = self.pages.get(token)
        if page and page.holder == session:
            del self.pages[token]
