"""One tab of one browser page: its run, the run before it, knobs, speed, visible views and log."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

from playground.concept import Concept, Config
from playground.engine.fair_queue import Urgency
from playground.engine.frame import Frame
from playground.engine.places import Gone
from playground.engine.scheduler import Scheduler
from playground.session.complaints import EXPECTED, WouldDiverge, complaint
from playground.session.log import Log
from playground.session.player import FULL_SPEED, frames
from playground.session.shown_run import ShownRun

logger = logging.getLogger(__name__)

RESUMED_SECONDS = 15.0
"""For which the page says that a run went back to a checkpoint."""
PAUSE_SECONDS = 5.0
"""For which a pause waits for the slice under way, at most."""
MORE_STEPS = 1000
"""By which the budget of a finished run is raised at a click."""

State = Literal["ready", "training", "paused", "done", "stopped"]


@dataclass
class TabSession:
    concept: Concept
    scheduler: Scheduler
    owner: str
    config: Config
    """The knobs as they stand: what the visitor wants. What the page shows is a copy of it, and what a run trains with
    (`ShownRun.config`) follows it in the live knobs; the engine is told that with each slice."""
    run: ShownRun = field(default_factory=ShownRun)
    previous: ShownRun | None = None
    """The run before this one, on disk until this one ends: a reset can be undone."""
    run_count: int = 0
    playing: bool = False
    speed: str = FULL_SPEED
    in_sight: bool = True
    """Whether the visitor has the tab in front; a hidden run trains with what others leave."""
    visible_views: tuple[str, ...] = ()
    """Names of the views in sight: no others are drawn."""
    diverged: Config | None = None
    """The config with which the last run diverged, if it did."""
    rate: float = 0.0
    """Steps a second as the visitor sees them, 0 when unknown."""
    complaint: tuple[str, dict[str, Any]] | None = None
    """Why what the visitor asked for last could not be done: a key of the catalogue of sentences, and its values."""
    idle: asyncio.Event = field(default_factory=asyncio.Event)
    """Set while nothing trains."""
    opening: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held while a run is being opened, so that two clicks at once don't open two."""
    log: Log = field(default_factory=Log)
    on_change: Callable[[Iterable[str]], None] = lambda views: None
    """Called when the tab has changed outside of an event, with the names of the views that have new figures."""
    training: asyncio.Task[None] | None = None
    finishing: asyncio.Task[None] | None = None
    """Draws the rest of the pictures that come in parts, after an event while nothing trains."""
    resumed_at: float = 0.0
    """When the run last went on from a checkpoint because its process had ended."""
    resumes: bool = False
    """Whether the run was training when its page was given up."""

    def __post_init__(self) -> None:
        self.idle.set()

    @property
    def step(self) -> int:
        return self.run.step

    @property
    def state(self) -> State:
        if self.run.is_stopped:
            return "stopped"
        if self.run.is_done:
            return "done"
        if self.playing or not self.idle.is_set():
            return "training"
        return "paused" if self.step else "ready"

    @property
    def more_steps(self) -> int:
        """How many steps a finished run can be trained on at a click."""
        return max(0, min(MORE_STEPS, self.config.most_steps() - self.step))

    def needs_restart(self) -> list[str]:
        """Knobs that were changed but take effect in a new run only."""
        return self.config.changed_from(self.run.config, live=False) if self.run.config else []

    def set_config(self, config: Config) -> list[str]:
        """Takes new knob values over: live ones reach the run with its next slice. Answers the names of these."""
        self.config, self.complaint = config, None
        if self.run.config is None:
            return []
        before, self.run.config = self.run.config, self.run.config.with_live(config)
        changed = self.run.config.changed_from(before, live=True)
        for name in changed:
            self.log.add("knob", step=self.step, name=name, value=getattr(self.run.config, name))
        return changed

    async def turn_knobs(self, config: Config) -> Frame | None:
        """Takes new knob values over; where nothing trains, live ones act at once, and a frame shows it.

        What is set in a picture opens a run at step 0 where there is none: it begins with the live knobs as they were
        before, so that this is a change of it, which is measured.
        """
        before, in_picture = self.config, config.in_picture_fields() & config.live_fields()
        changed = self.set_config(config)
        if not self.run.id and any(getattr(config, name) != getattr(before, name) for name in in_picture):
            await self.ensure_run(config.with_live(before))
        elif not self.run.id or not changed or self.run.is_stopped or not self.idle.is_set() or self.playing:
            return None
        return await self.redrawn()

    async def redrawn(self, after: int = 0) -> Frame:
        """All pictures in sight of the model as it stands; the parts that some of them lack come in the background.

        after: so many steps, which are trained first
        """
        frame = await self.advance(max_steps=after, draw_all=True)
        if frame.unfinished and (self.finishing is None or self.finishing.done()):
            self.finishing = asyncio.ensure_future(self._finish_pictures())
        return frame

    @property
    def is_drawing(self) -> bool:
        """Whether the parts that pictures lack are being drawn, while nothing trains."""
        return bool(self.run.unfinished and self.finishing and not self.finishing.done())

    async def _finish_pictures(self) -> None:
        """Draws the parts that pictures lack, while nothing trains."""
        try:
            while self.run.unfinished and not self.playing:
                self.on_change((await self.advance(max_steps=0, waited_for=False)).figures)
        except EXPECTED:  # the run is gone, or the server ends: what was drawn stays
            self.finishing = None
            self.on_change(())

    def complain(self, key: str, values: dict[str, Any]) -> None:
        self.complaint = key, values
        self.log.add(key, **values)

    def refuse_what_diverged(self) -> None:
        """Raises WouldDiverge when a run has diverged with the knobs as they stand."""
        if self.diverged == self.config:
            usual = type(self.config)()
            turned = [name for name in self.config.changed_from(usual, live=True) if name != "steps"]
            raise WouldDiverge([f"{name} {getattr(usual, name)}" for name in turned])

    async def ensure_run(self, config: Config | None = None) -> None:
        """Opens a run where there is none that could go on, or where the knobs ask for another one.

        config: with which it begins, if not with the knobs as they stand: they may have other live ones
        """
        async with self.opening:
            if not self.run.id or self.needs_restart() or self.run.is_stopped:
                await self._begin_run(config or self.config)

    async def restart(self, config: Config) -> None:
        """A new run at step 0; the present one keeps the knobs that it has."""
        self.config, self.complaint = config, None
        async with self.opening:
            await self._begin_run(self.config)

    async def _begin_run(self, config: Config) -> None:
        self.run_count += 1
        old, self.run = self.run, ShownRun(self.run_count)
        self.rate = 0.0
        try:
            if old.is_worth_keeping:  # its place is free for the new one
                await self.scheduler.park(old.id)
            self.run.id = await self.scheduler.open(self.concept.slug, config, self.owner)
        except BaseException:
            self.run = old
            raise
        self.run.config = config
        await self._keep(old)
        self.log.add("new_run", knobs=config.model_dump(exclude_defaults=True))
        if self.config != config:  # a live knob is to change at once, or was turned meanwhile
            self.set_config(self.config)

    async def _keep(self, old: ShownRun) -> None:
        """Keeps the run that another one replaces; where nothing was trained in it, the one before stays."""
        if old.is_worth_keeping:
            await self.drop_previous()
            self.previous = old
        elif old.id:
            await self.scheduler.close(old.id)

    async def drop_previous(self) -> None:
        previous, self.previous = self.previous, None
        if previous is not None:
            await self.scheduler.close(previous.id)

    async def undo(self) -> None:
        """The run before this one comes back, with its knobs; this one is kept in its place."""
        await self.pause()
        async with self.opening:
            back, now = self.previous, self.run
            if back is None or back.config is None:
                return
            self.previous = None
            if now.is_worth_keeping:
                await self.scheduler.park(now.id)
            self.run, self.rate = back, 0.0
            self.config, self.complaint = back.config, None
            await self._keep(now)
            self.log.add("undone", step=back.step)

    async def advance(self, *, max_steps: int | None = None, draw_all: bool = False, waited_for: bool = True) -> Frame:
        """One slice of training with the knobs as they stand; raises Gone.

        waited_for: the visitor asked for just this slice
        """
        run = self.run
        training = Urgency.IN_SIGHT if self.in_sight else Urgency.HIDDEN
        frame = await self.scheduler.advance(
            run.id, max_steps=max_steps, views=self.visible_views, draw_all=draw_all, config=run.config,
            urgency=Urgency.ANSWER if waited_for else training,
        )  # fmt: skip
        return self.apply_frame(frame) if run is self.run else frame

    def mark_lost(self) -> None:
        """The server has freed the run; what it showed last is kept."""
        self.playing, self.run.id, self.run.config = False, "", None
        self.log.add("lost")

    def apply_frame(self, frame: Frame) -> Frame:
        if frame.resumed_from is not None:
            self.complain("resumed", {"step": frame.resumed_from})
            self.resumed_at = time.monotonic()
        elif self.complaint and self.complaint[0] == "resumed" and time.monotonic() - self.resumed_at > RESUMED_SECONDS:
            self.complaint = None
        for notice in frame.notices:
            self.complain(notice, {})
        if frame.error and not self.run.is_stopped:
            self.log.add("stopped", error=frame.error)
            self.diverged = self.run.config
        was_done, frozen = self.run.is_done, self.run.frozen
        for challenge in self.run.take(frame, self.concept):
            self.log.add("solved", step=frame.step, title=challenge.title)
        for arm in frame.frozen.keys() - frozen.keys():
            self.log.add("arm_frozen", arm=self.concept.arm_title(arm), step=frame.frozen[arm])
        if self.run.is_done and not was_done:
            self.log.add("budget", steps=frame.budget)
        return frame

    def start(self) -> None:
        """Trains in the background, whoever listens, until the run is paused, done, stopped or put away."""
        if self.training is None or self.training.done():
            self.training = asyncio.ensure_future(self._train())

    async def _train(self) -> None:
        try:
            async for frame in frames(self):
                self.on_change(frame.figures)
        except Gone:
            self.mark_lost()
        except EXPECTED as error:
            if self.scheduler.is_stopped:
                return
            self.complain(*complaint(error, self.step))
        except Exception:
            logger.exception("training in %s failed", self.concept.slug)
            self.complain("failed", {})
        self.playing = False
        if self.run.is_done:
            await self.drop_previous()
        self.on_change(self.run.figures)

    async def pause(self) -> None:
        """Returns when the slice under way has been shown: it still counts after a pause."""
        self.playing = False
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.idle.wait(), PAUSE_SECONDS)
        if self.training is not None:
            await asyncio.wait({self.training}, timeout=PAUSE_SECONDS)

    @property
    def pre_trained_setting(self) -> str:
        """The setting whose pre-trained model stands for the knobs where there is no run."""
        return self.concept.pre_trained_setting(self.config)
