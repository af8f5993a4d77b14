"""What a page's events do: train, pause, step, reset, a changed knob, a probe. Errors come back as sentences."""

from __future__ import annotations

import asyncio
import logging
from typing import Any, assert_never

from playground.concept import Config
from playground.engine.frame import Answer
from playground.engine.frame import Click as Place
from playground.engine.places import Gone
from playground.session.asking import ask, continue_answer
from playground.session.complaints import EXPECTED, complaint
from playground.session.player import SPEEDS
from playground.session.store import BrowserPage, SessionStore
from playground.session.tab_session import TabSession
from playground.ui.events import (
    Act,
    Ask,
    BadEvent,
    ChangeKnobs,
    ChangeSpeed,
    ChoosePreset,
    Click,
    Continue,
    Hello,
    Look,
    More,
    Pause,
    Play,
    Reset,
    Step,
    Undo,
    one_of,
)
from playground.ui.links import follow
from playground.ui.message import answer_text, message
from playground.ui.sentences import say
from playground.wording import BadInput, parse_config

logger = logging.getLogger(__name__)

USER_ERRORS = (BadInput, OSError, *EXPECTED)
"""What comes back as a sentence; an OSError is a data file that is missing or damaged."""


def sentence_of(error: Exception, step: int = 0) -> tuple[str, dict[str, Any]]:
    """An error as a key of the catalogue of sentences, and its values."""
    return complaint(error, step) if isinstance(error, EXPECTED) else ("refused", {"sentence": str(error)})


class Actions:
    """What visitors do, on all pages; every event is answered with a message of its tab."""

    def __init__(self, store: SessionStore) -> None:
        self.store = store
        self.tasks: set[asyncio.Task[None]] = set()
        """What goes on in the background: asyncio itself keeps no reference."""

    async def act(self, tab: TabSession, event: Act) -> str:
        """The message that answers an event; raises BadEvent."""
        try:
            return await self._done(tab, event)
        except BadEvent:
            raise
        except USER_ERRORS as error:
            tab.complain(*sentence_of(error, tab.step))
        except Exception:
            logger.exception("%s failed in %s", event.kind, tab.concept.slug)
            tab.complain("failed", {})
        return message(tab)

    async def _done(self, tab: TabSession, event: Act) -> str:
        match event:
            case Play():
                return await self.play(tab, event)
            case Pause():
                return await self.pause(tab, event)
            case More():
                return await self.more(tab, event)
            case ChoosePreset():
                return await self.preset(tab, event)
            case Step():
                return await self.step(tab, event)
            case Reset():
                return await self.reset(tab, event)
            case Undo():
                return await self.undo(tab)
            case ChangeKnobs():
                return await self.change_knobs(tab, event)
            case ChangeSpeed():
                return self.change_speed(tab, event)
            case Look():
                return await self.look(tab, event)
            case Ask():
                return await self.ask(tab, event)
            case Click():
                return await self.click(tab, event)
            case Continue():
                return await self.go_on(tab, event)
            case _:
                assert_never(event)

    def hello(self, page: BrowserPage, slug: str, event: Hello) -> str:
        """The tab is shown for the first time, with its old run if the page was reloaded, and the knobs of a link."""
        tab = page.tabs[slug]
        run_now = follow(tab, event.query)
        if not tab.run.id:  # its pre-trained model is opened while the page is still being drawn
            self._open_pre_trained(tab)
        if tab.concept.warm_up:
            self.store.scheduler.warm_up()
        return message(tab, token=page.token, renew=self.store.leases.renewal, run_now=run_now)

    def _open_pre_trained(self, tab: TabSession) -> None:
        """Opens the model that answers while there is no run, before its first question comes."""
        opening = self.store.scheduler.open_pre_trained(tab.concept.slug, tab.pre_trained_setting)
        task = asyncio.ensure_future(opening)
        self.tasks.add(task)
        task.add_done_callback(self._opened)

    def _opened(self, task: asyncio.Task[None]) -> None:
        self.tasks.discard(task)
        if not task.cancelled() and task.exception():
            logger.warning("a pre-trained model could not be opened: %s", task.exception())

    def config(self, tab: TabSession, knobs: dict[str, Any]) -> Config:
        """What the knobs show; raises BadInput."""
        return parse_config(tab.concept.config, knobs)

    async def play(self, tab: TabSession, event: Play) -> str:
        """Trains on, or a new run where the knobs ask for one. A run that is done stays as it is."""
        if event.run not in (0, tab.run.number) or tab.playing:  # meant for a run that was replaced meanwhile
            return message(tab)
        config = self.config(tab, event.knobs)
        await tab.pause()
        tab.set_config(config)
        tab.refuse_what_diverged()
        await tab.ensure_run()
        return self._playing(tab)

    def _playing(self, tab: TabSession, knobs: bool = False) -> str:
        if not tab.run.is_done:
            tab.playing = True
            tab.start()
        return message(tab, address=True, knobs=knobs)

    async def pause(self, tab: TabSession, event: Pause) -> str:
        if event.run in (0, tab.run.number):
            await tab.pause()
        return message(tab, tab.run.figures)

    async def more(self, tab: TabSession, event: More) -> str:
        """Raises the budget of a finished run and trains on."""
        if event.run != tab.run.number or not tab.run.is_done or tab.run.config is None:
            return message(tab)
        await tab.pause()
        steps = tab.step + min(event.steps, tab.more_steps)
        tab.set_config(parse_config(tab.concept.config, {**tab.config.model_dump(), "steps": steps}))
        return self._playing(tab, knobs=True)

    async def preset(self, tab: TabSession, event: ChoosePreset) -> str:
        """A new run with a preset's knobs, or the default ones."""
        preset = tab.concept.preset(event.preset)
        await tab.pause()
        await tab.restart(tab.concept.preset_config(preset) if preset else tab.concept.config())
        if preset:
            tab.log.add("preset", title=preset.title, why=preset.why)
        return self._playing(tab, knobs=True)

    async def step(self, tab: TabSession, event: Step) -> str:
        config = self.config(tab, event.knobs)
        await tab.pause()
        tab.set_config(config)
        await tab.ensure_run()
        frame = await tab.redrawn(after=1)
        return message(tab, frame.figures, address=True)

    async def reset(self, tab: TabSession, event: Reset) -> str:
        """A new run of which nothing is trained yet; the one before it can be brought back."""
        config = self.config(tab, event.knobs)
        await tab.pause()
        await tab.restart(config)
        frame = await tab.redrawn()
        return message(tab, frame.figures, address=True)

    async def undo(self, tab: TabSession) -> str:
        await tab.undo()
        frame = await tab.redrawn() if tab.run.id else None
        return message(tab, frame.figures if frame else (), address=True, knobs=True, whole=True)

    async def change_knobs(self, tab: TabSession, event: ChangeKnobs) -> str:
        """Takes knobs over. Where nothing trains, a live one acts at once, and the pictures follow."""
        setting = tab.pre_trained_setting
        frame = await tab.turn_knobs(self.config(tab, event.knobs))
        if not tab.run.id and tab.pre_trained_setting != setting:
            self._open_pre_trained(tab)
        return message(tab, frame.figures if frame else (), address=True)

    def change_speed(self, tab: TabSession, event: ChangeSpeed) -> str:
        tab.speed = one_of(event.speed, list(SPEEDS), "speed")
        return message(tab)

    async def look(self, tab: TabSession, event: Look) -> str:
        """The views in sight changed: only those are drawn; one newly seen is drawn now if nothing trains."""
        seen = tuple(dict.fromkeys(v.name for v in tab.concept.all_views if v.name in event.views))
        fresh = [name for name in seen if name not in tab.visible_views]
        tab.visible_views, tab.in_sight = seen, event.in_sight
        if not (tab.run.id and fresh) or tab.playing:
            return message(tab)
        try:
            frame = await tab.redrawn()
        except Gone:
            tab.mark_lost()
            return message(tab)
        return message(tab, frame.figures)

    async def ask(self, tab: TabSession, event: Ask) -> str:
        answer = await self._answer(tab, event.probe, event.question)
        return message(tab, answers={event.probe: answer_text(answer, clicked=event.clicked)})

    async def click(self, tab: TabSession, event: Click) -> str:
        """A click in a view asks the probe that is about it."""
        by_view = {view: probe.name for probe in reversed(tab.concept.all_probes) for view in probe.clicks}
        probe = by_view[one_of(event.view, list(by_view), "view")]
        answer = await self._answer(tab, probe, event.question, (event.view, round(event.x, 3), round(event.y, 3)))
        tab.complaint = ("refused", {"sentence": answer.error}) if answer.error else None
        return message(tab, answers={probe: answer_text(answer, clicked=True)})

    async def go_on(self, tab: TabSession, event: Continue) -> str:
        """The next part of an answer; none where the probe has been asked something newer, or its run is gone."""
        try:
            part = await continue_answer(tab, event.probe, event.number)
        except EXPECTED:
            part = None
        text = answer_text(part, clicked=event.clicked, continues=True) if part else ""
        return message(tab, answers={event.probe: text} if text else {})

    async def _answer(
        self, tab: TabSession, probe: str, question: dict[str, Any], click: Place | None = None
    ) -> Answer:  # fmt: skip
        try:
            return await ask(tab, probe, question, click)
        except USER_ERRORS as error:
            key, values = sentence_of(error, tab.step)
            return Answer(error=say(key).format(**values))
