"""What a page's events do: train, pause, step, reset, a changed knob, a probe. Errors come back as sentences."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from pydantic import ValidationError

from playground.concept import Config
from playground.engine.frame import Answer, Click
from playground.engine.places import Gone
from playground.session.complaints import EXPECTED, complaint
from playground.session.player import SPEEDS
from playground.session.store import BrowserPage, SessionStore
from playground.session.tab_session import TabSession
from playground.ui.event import BadEvent, Data, fields, number, one_of, text, texts, whole
from playground.ui.links import follow
from playground.ui.message import answer_text, message
from playground.ui.sentences import say
from playground.wording import UnknownField, explain, parse_config

logger = logging.getLogger(__name__)

USER_ERRORS = (ValidationError, UnknownField, OSError, *EXPECTED)
"""What comes back as a sentence; an OSError is a data file that is missing or damaged."""

Act = Callable[[TabSession, Data], Awaitable[str]]


def sentence_of(error: Exception, step: int = 0) -> tuple[str, Data]:
    """An error as a key of the catalogue of sentences, and its values."""
    return complaint(error, step) if isinstance(error, EXPECTED) else ("refused", {"sentence": explain(error)})


class Actions:
    """The events of all pages, each by its `kind`; every one is answered with a message of its tab."""

    def __init__(self, store: SessionStore) -> None:
        self.store = store
        self.tasks: set[asyncio.Task[None]] = set()
        """What goes on in the background: asyncio itself keeps no reference."""
        self.acts: dict[str, Act] = {
            "play": self.play, "pause": self.pause, "more": self.more, "preset": self.preset, "step": self.step,
            "reset": self.reset, "undo": self.undo, "knobs": self.change_knobs, "speed": self.change_speed,
            "look": self.look, "click": self.click, "ask": self.ask,
        }  # fmt: skip

    async def act(self, tab: TabSession, data: Data) -> str:
        """The message that answers an event; raises BadEvent."""
        try:
            return await self.acts[data["kind"]](tab, data)
        except BadEvent:
            raise
        except USER_ERRORS as error:
            tab.complain(*sentence_of(error, tab.step))
        except Exception:
            logger.exception("%s failed in %s", data.get("kind"), tab.concept.slug)
            tab.complain("failed", {})
        return message(tab)

    def hello(self, page: BrowserPage, slug: str, query: str) -> str:
        """The tab is shown for the first time, with its old run if the page was reloaded, and the knobs of a link."""
        tab = page.tabs[slug]
        run_now = follow(tab, query)
        if not tab.run.id:  # its ready-made model is opened while the page is still being drawn
            opening = self.store.scheduler.open_ready_made(slug, tab.concept.config())
            task = asyncio.ensure_future(opening)
            self.tasks.add(task)
            task.add_done_callback(self._opened)
        if tab.concept.warm_up:
            self.store.scheduler.warm_up()
        return message(tab, token=page.token, renew=self.store.leases.renewal, run_now=run_now)

    def _opened(self, task: asyncio.Task[None]) -> None:
        self.tasks.discard(task)
        if not task.cancelled() and task.exception():
            logger.warning("a ready-made model could not be opened: %s", task.exception())

    def config(self, tab: TabSession, data: Data) -> Config:
        """What the knobs show; raises ValidationError, UnknownField."""
        return parse_config(tab.concept.config, fields(data, "knobs"))

    async def play(self, tab: TabSession, data: Data) -> str:
        """Trains on, or a new run where the knobs ask for one. A run that is done stays as it is."""
        if whole(data, "run") not in (0, tab.run.number) or tab.playing:  # meant for a run that was replaced meanwhile
            return message(tab)
        config = self.config(tab, data)
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

    async def pause(self, tab: TabSession, data: Data) -> str:
        if whole(data, "run") in (0, tab.run.number):
            await tab.pause()
        return message(tab, tab.run.figures)

    async def more(self, tab: TabSession, data: Data) -> str:
        """Raises the budget of a finished run and trains on."""
        asked = whole(data, "steps")
        if whole(data, "run") != tab.run.number or not tab.run.is_done or tab.run.config is None:
            return message(tab)
        await tab.pause()
        steps = tab.step + min(asked, tab.more_steps)
        tab.set_config(parse_config(tab.concept.config, {**tab.config.model_dump(), "steps": steps}))
        return self._playing(tab, knobs=True)

    async def preset(self, tab: TabSession, data: Data) -> str:
        """A new run with a preset's knobs, or the default ones."""
        preset = tab.concept.preset(text(data, "preset"))
        await tab.pause()
        await tab.restart(tab.concept.preset_config(preset) if preset else tab.concept.config())
        if preset:
            tab.log.add("preset", title=preset.title, why=preset.why)
        return self._playing(tab, knobs=True)

    async def step(self, tab: TabSession, data: Data) -> str:
        config = self.config(tab, data)
        await tab.pause()
        tab.set_config(config)
        await tab.ensure_run()
        frame = await tab.advance(max_steps=1, draw_all=True)
        return message(tab, frame.figures, address=True)

    async def reset(self, tab: TabSession, data: Data) -> str:
        """A new run of which nothing is trained yet; the one before it can be brought back."""
        config = self.config(tab, data)
        await tab.pause()
        await tab.restart(config)
        frame = await tab.advance(max_steps=0, draw_all=True)
        return message(tab, frame.figures, address=True)

    async def undo(self, tab: TabSession, data: Data) -> str:
        await tab.undo()
        frame = await tab.advance(max_steps=0, draw_all=True) if tab.run.id else None
        return message(tab, frame.figures if frame else (), address=True, knobs=True, whole=True)

    async def change_knobs(self, tab: TabSession, data: Data) -> str:
        tab.set_config(self.config(tab, data))
        return message(tab, address=True)

    async def change_speed(self, tab: TabSession, data: Data) -> str:
        tab.speed = one_of(text(data, "speed"), list(SPEEDS), "speed")
        return message(tab)

    async def look(self, tab: TabSession, data: Data) -> str:
        """The views in sight changed: only those are drawn; one newly seen is drawn now if nothing trains."""
        in_sight = texts(data, "views")
        seen = tuple(v.name for v in tab.concept.views if v.name in in_sight)
        fresh = [name for name in seen if name not in tab.visible_views]
        tab.visible_views, tab.in_sight = seen, data.get("in_sight") is True
        if not (tab.run.id and fresh) or tab.playing:
            return message(tab)
        try:
            frame = await tab.advance(max_steps=0, draw_all=True)
        except Gone:
            tab.mark_lost()
            return message(tab)
        return message(tab, frame.figures)

    async def ask(self, tab: TabSession, data: Data) -> str:
        probe = text(data, "probe")
        answer = await self._answer(tab, probe, fields(data, "question"))
        return message(tab, answers={probe: answer_text(answer, clicked=data.get("clicked") is True)})

    async def click(self, tab: TabSession, data: Data) -> str:
        """A click in a view asks the probe that is about it."""
        by_view = {view: probe for probe in reversed(tab.concept.probes) for view in probe.clicks}
        view = one_of(text(data, "view"), list(by_view), "view")
        at = view, round(number(data, "x"), 3), round(number(data, "y"), 3)
        probe, question = by_view[view], fields(data, "question") if "question" in data else {}
        answer = await self._answer(tab, probe.name, question, at)
        tab.complaint = ("refused", {"sentence": answer.error}) if answer.error else None
        return message(tab, answers={probe.name: answer_text(answer, clicked=True)})

    async def _answer(self, tab: TabSession, probe: str, question: Data, click: Click | None = None) -> Answer:
        try:
            return await tab.ask(probe, question, click)
        except USER_ERRORS as error:
            key, values = sentence_of(error, tab.step)
            return Answer(error=say(key).format(**values))
