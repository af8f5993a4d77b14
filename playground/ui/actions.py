"""What happens on a click: train, step, reset, a changed knob, a preset, a probe. Errors come back as sentences."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import gradio as gr
from pydantic import ValidationError

from playground.concept import Concept, Config
from playground.engine.frame import Answer, Click
from playground.engine.scheduler import Full, Gone
from playground.session.store import SessionStore
from playground.session.tab_session import SPEEDS, NoRun, TabSession, WouldDiverge
from playground.ui.links import follow
from playground.ui.message import answer_text, message
from playground.ui.sentences import say
from playground.ui.tab import Tab
from playground.wording import UnknownField, explain, parse_config

logger = logging.getLogger(__name__)

IMMEDIATE: dict[str, Any] = {
    "queue": False, "show_progress": "hidden", "api_visibility": "private", "trigger_mode": "multiple",
}  # fmt: skip
"""Past Gradio's queue, whose places the streams of frames take."""
STREAMING: dict[str, Any] = {
    "concurrency_limit": None, "show_progress": "hidden", "api_visibility": "private", "trigger_mode": "multiple",
}  # fmt: skip
USER_ERRORS = (ValidationError, UnknownField, Full, Gone, NoRun, WouldDiverge, OSError)
"""What comes back as a sentence; an OSError is a data file that is missing or damaged."""

Data = dict[str, Any]
Act = Callable[[TabSession, Data], Awaitable[str]]


def complaint(error: Exception) -> tuple[str, dict[str, Any]]:
    """An error as a key of the catalogue of sentences, and its values."""
    if isinstance(error, Full):
        return "full", {"most": error.most}
    if isinstance(error, Gone | NoRun):
        return ("gone" if isinstance(error, Gone) else "no_run"), {}
    if isinstance(error, WouldDiverge):
        return "would_diverge", {"knobs": error.remedies}
    return "refused", {"sentence": explain(error)}


class Actions:
    """Wires one tab to the sessions of its visitors."""

    def __init__(self, concept: Concept, tab: Tab, store: SessionStore) -> None:
        self.concept, self.store = concept, store
        self.tasks: set[asyncio.Task[None]] = set()
        """What goes on in the background: asyncio itself keeps no reference."""
        self.acts: dict[str, Act] = {
            "step": self.step, "reset": self.reset, "knobs": self.change_knobs, "speed": self.change_speed,
            "look": self.look, "click": self.click, "ask": self.ask,
        }  # fmt: skip
        tab.hello(self.hello, None, tab, **IMMEDIATE).then(self.resume, None, tab, **STREAMING)
        tab.train(self.train, None, tab, **STREAMING)
        tab.act(self.act, None, tab, **IMMEDIATE)

    def session(self, request: gr.Request) -> TabSession:
        return self.store.tab(request.session_hash or "", self.concept.slug)

    def config(self, data: Data) -> Config:
        """What the knobs show; raises ValidationError, UnknownField."""
        return parse_config(self.concept.config, data.get("knobs") or {})

    async def act(self, event: gr.EventData, request: gr.Request) -> str:
        data: Data = event._data
        session = self.session(request)
        try:
            return await self.acts[data["kind"]](session, data)
        except USER_ERRORS as error:
            session.complain(*complaint(error))
        except Exception:
            logger.exception("%s failed in %s", data.get("kind"), self.concept.slug)
            session.complain("failed", {})
        return message(session)

    async def hello(self, event: gr.EventData, request: gr.Request) -> str:
        """The tab is shown for the first time, with its old run if the page was reloaded, and the knobs of a link."""
        page = self.store.arrive(request.session_hash or "", event._data.get("token", ""))
        tab = page.tabs[self.concept.slug]
        run_now = follow(tab, event._data.get("query", ""))
        if not tab.run_id:  # its ready-made model is opened while the page is still being drawn
            opening = self.store.scheduler.open_ready_made(self.concept.slug, self.concept.config())
            task = asyncio.create_task(opening)
            self.tasks.add(task)
            task.add_done_callback(self._opened)
        return message(tab, token=page.token, run_now=run_now)

    def _opened(self, task: asyncio.Task[None]) -> None:
        self.tasks.discard(task)
        if not task.cancelled() and task.exception():
            logger.warning("the ready-made model of %s could not be opened: %s", self.concept.slug, task.exception())

    async def resume(self, request: gr.Request) -> AsyncIterator[str]:
        """After a reload, a run that was training trains on."""
        session = self.session(request)
        yield message(session)  # Gradio blanks every output of a generator that yields nothing
        if session.run_id and session.playing:
            async for update in self.stream(session):
                yield update

    async def train(self, event: gr.EventData, request: gr.Request) -> AsyncIterator[str]:
        """Starts or goes on; the same button pauses. With a preset, a new run with its knobs."""
        session, data = self.session(request), event._data
        if session.playing:
            session.playing = False
            await session.wait_idle()
            if "preset" not in data:
                yield message(session)
                return
        try:
            if "preset" in data:
                self.choose_preset(session, data["preset"])
            else:
                session.set_config(self.config(data))
                session.refuse_what_diverged()
            session.playing = True
            yield message(session, address=True, knobs="preset" in data)
            await (session.restart() if "preset" in data else session.ensure_run())
        except USER_ERRORS as error:
            session.playing = False
            session.complain(*complaint(error))
            yield message(session)
            return
        async for update in self.stream(session):
            yield update

    async def stream(self, session: TabSession) -> AsyncIterator[str]:
        """Frames as messages, until the run pauses or ends."""
        try:
            async for frame in session.play():
                yield message(session, frame.figures)
        except Gone:
            session.mark_lost()
        except Exception:
            logger.exception("a stream of %s failed", self.concept.slug)
            session.playing = False
            session.complain("failed", {})
        # The browser may have skipped a message for a newer one: the last has every figure.
        yield message(session, session.figures)

    async def step(self, session: TabSession, data: Data) -> str:
        session.playing = False
        session.set_config(self.config(data))
        await session.ensure_run()
        frame = await session.advance(max_steps=1, draw_all=True)
        return message(session, frame.figures, address=True)

    async def reset(self, session: TabSession, data: Data) -> str:
        """A new run of which nothing is trained yet."""
        session.playing = False
        session.set_config(self.config(data))
        await session.restart()
        frame = await session.advance(max_steps=0, draw_all=True)
        return message(session, frame.figures, address=True)

    async def change_knobs(self, session: TabSession, data: Data) -> str:
        session.set_config(self.config(data))
        return message(session, address=True)

    async def change_speed(self, session: TabSession, data: Data) -> str:
        if data["speed"] in SPEEDS:
            session.speed = data["speed"]
        return message(session)

    def choose_preset(self, session: TabSession, name: str) -> None:
        """Sets the knobs of a preset, or the default ones."""
        preset = self.concept.preset(name)
        session.set_config(self.concept.config(**(preset.config if preset else {})))
        if preset:
            session.log.add("preset", title=preset.title, why=preset.why)

    async def look(self, session: TabSession, data: Data) -> str:
        """The views in sight changed: only those are drawn; one newly seen is drawn now if nothing trains."""
        seen = tuple(v.name for v in self.concept.views if v.name in data["views"])
        fresh = [name for name in seen if name not in session.visible_views]
        session.visible_views, session.in_sight = seen, bool(data["in_sight"])
        if not (session.run_id and fresh) or session.playing:
            return message(session)
        try:
            frame = await session.advance(max_steps=0, draw_all=True)
        except Gone:
            session.mark_lost()
            return message(session)
        return message(session, frame.figures)

    async def ask(self, session: TabSession, data: Data) -> str:
        answer = await self._answer(session, data["probe"], data["question"])
        return message(session, answers={data["probe"]: answer_text(answer, clicked=bool(data.get("clicked")))})

    async def click(self, session: TabSession, data: Data) -> str:
        """A click in a view asks the probe that is about it."""
        probe = next(p for p in self.concept.probes if data["view"] in p.clicks)
        at = data["view"], round(float(data["x"]), 3), round(float(data["y"]), 3)
        answer = await self._answer(session, probe.name, data.get("question") or {}, at)
        session.complaint = ("refused", {"sentence": answer.error}) if answer.error else None
        return message(session, answers={probe.name: answer_text(answer, clicked=True)})

    async def _answer(self, session: TabSession, probe: str, question: Data, click: Click | None = None) -> Answer:
        try:
            return await session.ask(probe, question, click)
        except USER_ERRORS as error:
            key, values = complaint(error)
            return Answer(error=say(key).format(**values))
