"""What happens on a click: Train, Step, Reset, a turned knob, a preset, a probe. Errors come back as sentences."""

from __future__ import annotations

import logging
import time
from collections.abc import AsyncIterator
from typing import Any

import gradio as gr
from pydantic import ValidationError

from playground.engine.frame import Answer
from playground.engine.scheduler import Full, Gone
from playground.ui.channel import alert
from playground.ui.controls import value_of
from playground.ui.tab import TRAIN, Tab, address
from playground.ui.visit import Desk, Visit
from playground.wording import sentence

logger = logging.getLogger(__name__)

NOW: dict[str, Any] = {"queue": False, "show_progress": "hidden", "api_visibility": "private"}
SAID = (ValidationError, Full, Gone, OSError)
"""What comes back as a sentence; an OSError is a data file that is missing or damaged."""
STREAM: dict[str, Any] = {"concurrency_limit": None, "show_progress": "hidden", "api_visibility": "private"}


class Actions:
    """Wires one tab's components to the visits of the desk."""

    def __init__(self, tab: Tab, desk: Desk) -> None:
        self.tab, self.desk, self.concept = tab, desk, tab.concept
        knobs, moving = list(tab.knobs.values()), tab.moving()
        # Pause is a second click while the first one's stream still flows.
        tab.train.click(self.train, knobs, moving, trigger_mode="multiple", **STREAM)
        tab.step.click(self.step, knobs, moving, **STREAM)
        tab.reset.click(self.reset, knobs, moving, **STREAM)
        tab.speed.input(self.change_speed, tab.speed, None, **NOW)
        gr.on([k.input for k in knobs], self.turn, knobs, tab.channel, **NOW)
        tab.preset.input(self.choose, tab.preset, [*tab.settings(), *moving], **STREAM)
        for name, card in tab.cards.items():
            card.click(self._chooser(name), None, [*tab.settings(), *moving, tab.preset], **STREAM)
        tab.gaze.look(self.look, None, tab.channel, **NOW)
        for probe in self.concept.probes:
            self._wire_probe(probe)

    def visit(self, request: gr.Request) -> Visit:
        return self.desk.visit(request.session_hash or "", self.concept.slug)

    def read(self, values: tuple[Any, ...]) -> Any:
        """The config that the knobs show; raises ValidationError."""
        fields = self.concept.config.model_fields
        return self.concept.config(
            **{name: value_of(fields[name], raw) for name, raw in zip(self.tab.knobs, values, strict=True)}
        )

    async def train(self, request: gr.Request, *values: Any) -> AsyncIterator[dict[Any, Any]]:
        visit = self.visit(request)
        if visit.playing:
            visit.playing = False
            yield {self.tab.train: TRAIN}
            await visit.halted()
            yield self.tab.move(visit, {})
            return
        try:
            visit.turn(self.read(values))
            visit.playing = True
            yield self.tab.move(visit, {}, link=address(visit))
            await visit.ensure()
        except SAID as error:
            visit.playing = False
            yield self.complain(visit, error)
            return
        async for update in self.stream(visit):
            yield update

    async def stream(self, visit: Visit) -> AsyncIterator[dict[Any, Any]]:
        """Frames as messages, until the run pauses or ends."""
        pace = Pace(visit.step)
        try:
            async for frame in visit.play():
                visit.pace = pace(frame.step)
                yield self.tab.move(visit, frame.pictures)
        except Gone:
            visit.lose()
        except Exception:
            logger.exception("a stream of %s failed", self.concept.slug)
            visit.playing = False
            visit.note("something went wrong on the server (its log has the details); the last pictures are kept")
        # The browser may have skipped a message for a newer one: the last has every picture.
        yield self.tab.move(visit, visit.pictures)

    async def resume(self, request: gr.Request) -> AsyncIterator[dict[Any, Any]]:
        """After a reload: a run that was training trains on."""
        visit = self.visit(request)
        yield self.tab.move(visit, {})  # Gradio blanks every output of a generator that yields nothing
        if visit.run_id and visit.playing:
            async for update in self.stream(visit):
                yield update

    async def step(self, request: gr.Request, *values: Any) -> dict[Any, Any]:
        visit = self.visit(request)
        visit.playing = False
        try:
            visit.turn(self.read(values))
            await visit.ensure()
            frame = await visit.advance(max_steps=1, draw_all=True)
        except SAID as error:
            return self.complain(visit, error)
        return self.tab.move(visit, frame.pictures, link=address(visit))

    async def reset(self, request: gr.Request, *values: Any) -> dict[Any, Any]:
        visit = self.visit(request)
        visit.playing = False
        try:
            visit.turn(self.read(values))
            await visit.restart()
            frame = await visit.advance(max_steps=0, draw_all=True)
        except SAID as error:
            return self.complain(visit, error)
        return self.tab.move(visit, frame.pictures, link=address(visit))

    def turn(self, request: gr.Request, *values: Any) -> str:
        visit = self.visit(request)
        try:
            visit.turn(self.read(values))
        except ValidationError as error:
            return self.complain(visit, error)[self.tab.channel]
        return self.tab.move(visit, {}, link=address(visit))[self.tab.channel]

    def enter(self, request: gr.Request) -> Any:
        """The tab is opened: the page's address is now this tab's."""
        if not self.desk.knows(request.session_hash or ""):
            return gr.skip()  # the page is still loading, and its link is yet to be followed
        visit = self.visit(request)
        return self.tab.move(visit, {}, link=address(visit))[self.tab.channel]

    def change_speed(self, speed: str, request: gr.Request) -> None:
        self.visit(request).speed = speed

    def _chooser(self, name: str) -> Any:
        async def choose(request: gr.Request) -> dict[Any, Any]:
            return {**await self.choose(name, request), self.tab.preset: name}

        return choose

    async def choose(self, name: str, request: gr.Request) -> dict[Any, Any]:
        """A preset sets the knobs; a run that is training pauses, Train starts the new one."""
        visit = self.visit(request)
        visit.playing = False
        preset = next((p for p in self.concept.presets if p.name == name), None)
        visit.turn(self.concept.config(**(preset.config if preset else {})))
        if preset:
            visit.note(f"preset: {preset.title}. {preset.why}")
        return {**self.tab.set(visit), **self.tab.move(visit, {}, link=address(visit))}

    async def look(self, event: gr.EventData, request: gr.Request) -> Any:
        """The pictures in sight changed: only those are drawn; one newly seen is drawn now if nothing trains."""
        visit = self.visit(request)
        seen = tuple(n for n in event._data.get("views", []) if n in self.tab.views)
        fresh = [n for n in seen if n not in visit.looking]
        visit.looking = seen
        if not (visit.run_id and fresh) or visit.playing:
            return gr.skip()
        try:
            frame = await visit.advance(max_steps=0, draw_all=True)
        except Gone:
            visit.lose()
            return self.tab.move(visit, {})[self.tab.channel]
        return self.tab.move(visit, frame.pictures)[self.tab.channel]

    def complain(self, visit: Visit, error: Exception) -> dict[Any, Any]:
        visit.complaint = sentence(error) if isinstance(error, ValidationError) else str(error)
        visit.note(visit.complaint)
        return self.tab.move(visit, {})

    def _wire_probe(self, probe: Any) -> None:
        tab, fields = self.tab, self.tab.probes[probe.name]
        names, out = list(fields), [tab.answers[probe.name], tab.refusals[probe.name]]

        async def ask(request: gr.Request, *values: Any) -> dict[Any, Any]:
            typed = probe.question.model_fields
            question = {n: value_of(typed[n], v) for n, v in zip(names, values, strict=True)}
            answer = await self.answer(self.visit(request), probe.name, question)
            shown = {tab.answers[probe.name]: answer.picture} if answer.picture else {}
            return {tab.refusals[probe.name]: alert(answer.error), **shown}

        inputs = list(fields.values())
        tab.asks[probe.name].click(ask, inputs, out, **STREAM)
        asking = [c.input for c in inputs] + [c.submit for c in inputs if isinstance(c, gr.Textbox)]
        gr.on(asking, ask, inputs, out, trigger_mode="always_last", **STREAM)
        if probe.pointer in tab.views:

            async def pick(event: gr.EventData, request: gr.Request) -> dict[Any, Any]:
                x, y = round(float(event._data["x"]), 3), round(float(event._data["y"]), 3)
                visit = self.visit(request)
                answer = await self.answer(visit, probe.name, {}, (x, y))
                visit.complaint = answer.error
                pictures = (tab.answers[probe.name], tab.insets[probe.name]) if answer.picture else ()
                asked = {fields[name]: value for name, value in answer.question.items()}
                return asked | dict.fromkeys(pictures, answer.picture) | self.tab.move(visit, {})

            told = [tab.answers[probe.name], tab.insets[probe.name], *tab.moving(), *inputs]
            tab.views[probe.pointer].pick(pick, None, told, **STREAM)

    async def answer(
        self, visit: Visit, probe: str, question: dict[str, Any], at: tuple[float, float] | None = None
    ) -> Answer:
        try:
            return await visit.ask(probe, question, at)
        except SAID as error:
            return Answer(error=str(error))


class Pace:
    """Steps a second over the last two seconds, as the visitor sees them."""

    def __init__(self, step: int) -> None:
        self.marks = [(time.monotonic(), step)]

    def __call__(self, step: int) -> float:
        now = time.monotonic()
        self.marks.append((now, step))
        while len(self.marks) > 2 and now - self.marks[0][0] > 2:
            self.marks.pop(0)
        began, first = self.marks[0]
        return (step - first) / (now - began) if now > began else 0.0
