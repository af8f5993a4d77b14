"""The named API, for `gradio_client` and curl: list, describe, train, ask, close. Bad input answers with a sentence."""

from __future__ import annotations

import json
import logging
import secrets
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import gradio as gr

from playground.concept import Concept
from playground.engine.frame import Answer
from playground.engine.hosts import HostDied
from playground.engine.places import Full, Gone
from playground.engine.scheduler import Scheduler
from playground.session.leases import Leases
from playground.ui.sentences import say
from playground.wording import BadInput, parse_config

GROUP = "api"
"""Of the owners of runs opened through the API: together they hold a part of the places only."""
PREFIX = f"{GROUP}-"
logger = logging.getLogger(__name__)


def add(concepts: tuple[Concept, ...], scheduler: Scheduler, leases: Leases) -> None:
    """Adds the endpoints `/concepts` and, per tab, `/SLUG_train`, `/SLUG_ask`, `/SLUG_close` to the open Blocks."""

    def listing() -> dict[str, Any]:
        """Every concept with its knobs (JSON schema), metrics, presets and probes."""
        return {c.slug: description(c) for c in concepts}

    gr.api(listing, api_name="concepts", concurrency_limit=None)
    for concept in concepts:
        Endpoints(concept, scheduler, leases).add()


def description(concept: Concept) -> dict[str, Any]:
    return {
        "title": concept.title,
        "knobs": concept.config.model_json_schema()["properties"],
        "metrics": {m.name: {"title": m.title, "unit": m.unit, "better": m.better} for m in concept.metrics},
        "presets": {p.name: p.config for p in concept.presets},
        "probes": {p.name: p.question.model_json_schema().get("properties", {}) for p in concept.all_probes},
    }


@contextmanager
def errors_as_sentences() -> Iterator[None]:
    """What the caller got wrong goes back as a sentence; the log keeps the tracebacks of what we did."""
    try:
        yield
    except (BadInput, Full, Gone, Declined, OSError) as error:
        raise gr.Error(str(error), print_exception=False) from None
    except HostDied:
        raise gr.Error(say("api_died"), print_exception=False) from None
    except Exception:
        logger.exception("an API call failed")
        raise gr.Error(say("api_failed"), print_exception=False) from None


class Declined(ValueError):
    """An argument that can't be used; the message is a sentence for the caller."""


def require(name: str, value: Any, kind: type, words: str) -> None:
    if not isinstance(value, kind):
        raise Declined(f"{name}: {value!r} is not {words}.")


class Endpoints:
    """One concept's endpoints. A run opened here is closed when nobody has used it for a while."""

    def __init__(self, concept: Concept, scheduler: Scheduler, leases: Leases) -> None:
        self.concept, self.scheduler, self.leases = concept, scheduler, leases

    def add(self) -> None:
        slug = self.concept.slug.replace("-", "_")
        for name, fn in (("train", self.train), ("ask", self.ask), ("close", self.close)):
            gr.api(fn, api_name=f"{slug}_{name}", concurrency_limit=None)

    async def train(self, config: dict[str, Any], steps: int = 100, run: str = "") -> dict[str, Any]:
        """Trains `steps` optimiser steps: a new run with the knobs in `config`, or on with `run`.

        Answers {"run", "step", "metrics", "done", "error"}.
        """
        with errors_as_sentences():
            require("config", config, dict, 'an object of knobs, such as {"seed": 3}')
            require("run", run, str, "the name of a run, as an earlier answer gave it")
            if not isinstance(steps, int) or isinstance(steps, bool) or not 1 <= steps <= 100_000:
                raise Declined(f"steps: {steps!r} is not a whole number between 1 and 100000.")
            owner = self._owner(run) if run else PREFIX + secrets.token_urlsafe(9)
            with self._use(owner):
                run = run or await self._open(config, owner)
                frame = await self.scheduler.advance(run, max_steps=0)
                target = frame.step + steps
                while frame.step < target and not frame.done and not frame.error:
                    frame = await self.scheduler.advance(run, max_steps=target - frame.step)
        return {"run": run, "step": frame.step, "metrics": frame.latest, "done": frame.done, "error": frame.error}

    async def ask(self, run: str, probe: str, question: dict[str, Any]) -> dict[str, Any]:
        """Puts a probe's question to a live run; answers its figure."""
        with errors_as_sentences():
            require("question", question, dict, "an object of the probe's fields")
            with self._use(self._owner(run)):
                answer = await self._last_part(run, probe, question)
            if answer.error:
                raise Declined(answer.error)
        figure: dict[str, Any] = json.loads(answer.figure)
        return figure

    async def _last_part(self, run: str, probe: str, question: dict[str, Any]) -> Answer:
        """An answer may come in parts, each better than the one before."""
        answer = await self.scheduler.ask(run, probe, question)
        while answer.more:
            part = await self.scheduler.continue_answer(run, probe, answer.number)
            if part is None:  # the probe has been asked something newer
                break
            answer = part
        return answer

    async def close(self, run: str) -> dict[str, Any]:
        """Frees a run at once."""
        try:
            self._owner(run)
        except Gone:
            return {"closed": False}
        await self.scheduler.close(run)
        return {"closed": True}

    async def _open(self, config: dict[str, Any], owner: str) -> str:
        checked = parse_config(self.concept.config, config)
        return await self.scheduler.open(self.concept.slug, checked, owner, GROUP)

    def _use(self, owner: str) -> AbstractContextManager[None]:
        return self.leases.use(owner, lambda: self.scheduler.close_all(owner))

    def _owner(self, run: str) -> str:
        """Whose run it is; raises Gone for one that was not opened here: a page's run is its visitor's own."""
        placement = self.scheduler.runs.get(run)
        if placement is None or not placement.owner.startswith(PREFIX):
            raise Gone
        return placement.owner
