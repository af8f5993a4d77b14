"""The named API, for `gradio_client` and curl: list, describe, train, ask, close. Bad input answers with a sentence."""

from __future__ import annotations

import json
import secrets
from typing import Any

import gradio as gr
from pydantic import ValidationError

from playground.concept import Concept
from playground.engine.scheduler import Full, Gone, Scheduler
from playground.wording import UnknownField, complaint, parse_config


def add(concepts: tuple[Concept, ...], scheduler: Scheduler) -> None:
    """Adds the endpoints `/concepts` and, per tab, `/SLUG_train`, `/SLUG_ask`, `/SLUG_close` to the open Blocks."""

    def listing() -> dict[str, Any]:
        """Every concept with its knobs (JSON schema), metrics, presets and probes."""
        return {c.slug: description(c) for c in concepts}

    gr.api(listing, api_name="concepts", concurrency_limit=None)
    for concept in concepts:
        Endpoints(concept, scheduler).add()


def description(concept: Concept) -> dict[str, Any]:
    return {
        "title": concept.title,
        "knobs": concept.config.model_json_schema()["properties"],
        "metrics": {m.name: {"title": m.title, "unit": m.unit, "better": m.better} for m in concept.metrics},
        "presets": {p.name: p.config for p in concept.presets},
        "probes": {p.name: p.question.model_json_schema().get("properties", {}) for p in concept.probes},
    }


class Endpoints:
    """One concept's endpoints. A run opened here is freed after the grace in which nobody used it."""

    def __init__(self, concept: Concept, scheduler: Scheduler) -> None:
        self.concept, self.scheduler = concept, scheduler
        self.owners: dict[str, str] = {}

    def add(self) -> None:
        slug = self.concept.slug.replace("-", "_")
        for name, fn in (("train", self.train), ("ask", self.ask), ("close", self.close)):
            gr.api(fn, api_name=f"{slug}_{name}", concurrency_limit=None)

    async def train(self, config: dict[str, Any], steps: int = 100, run: str = "") -> dict[str, Any]:
        """Trains `steps` optimiser steps: a new run with the knobs in `config`, or on with `run`.

        Answers {"run", "step", "metrics", "done", "error"}.
        """
        if not isinstance(steps, int) or isinstance(steps, bool) or not 1 <= steps <= 100_000:
            raise gr.Error(f"steps: {steps!r} is not a whole number between 1 and 100000.", print_exception=False)
        try:
            run = run or await self._open(config)
            self._keep(run)
            frame = await self.scheduler.advance(run, max_steps=0)
            target = frame.step + steps
            while frame.step < target and not frame.done and not frame.error:
                frame = await self.scheduler.advance(run, max_steps=target - frame.step)
        except (ValidationError, UnknownField) as error:
            raise gr.Error(complaint(error), print_exception=False) from None
        except (Full, Gone) as error:
            raise gr.Error(str(error), print_exception=False) from None
        finally:
            self._release(run)
        return {"run": run, "step": frame.step, "metrics": frame.latest, "done": frame.done, "error": frame.error}

    async def ask(self, run: str, probe: str, question: dict[str, Any]) -> dict[str, Any]:
        """Puts a probe's question to a live run; answers its Plotly figure."""
        try:
            self._keep(run)
            answer = await self.scheduler.ask(run, probe, question)
        except (Full, Gone) as error:
            raise gr.Error(str(error), print_exception=False) from None
        finally:
            self._release(run)
        if answer.error:
            raise gr.Error(answer.error, print_exception=False)
        return json.loads(answer.picture)

    async def close(self, run: str) -> dict[str, Any]:
        """Frees a run at once."""
        if run in self.owners:
            await self.scheduler.close(run)
            del self.owners[run]
            return {"closed": True}
        return {"closed": False}

    async def _open(self, config: dict[str, Any]) -> str:
        owner = "api-" + secrets.token_urlsafe(9)
        run = await self.scheduler.open(self.concept.slug, parse_config(self.concept.config, config), owner)
        self.owners[run] = owner
        return run

    def _keep(self, run: str) -> None:
        if run in self.owners:
            self.scheduler.reclaim(self.owners[run])

    def _release(self, run: str) -> None:
        if run in self.owners:
            self.scheduler.abandon(self.owners[run])
