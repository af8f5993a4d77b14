"""One training run: time slices, its own random state, drawing on a budget, divergence, checkpoints.

Knows no process, queue or page.
"""

from __future__ import annotations

import io
import logging
import math
import time
from pathlib import Path
from typing import Any

import orjson
import torch

from playground.capture import Shapes, capture_shapes
from playground.concept import Concept, Config, Probe, View
from playground.engine.answers import answer_or_sentence
from playground.engine.checkpoints import Timeline
from playground.engine.figure_budget import FigureBudget
from playground.engine.frame import Answer, Click, Frame, Prepared, Row
from playground.engine.random_state import RandomState, preserved_random_state
from playground.source import source

logger = logging.getLogger(__name__)

CHECKPOINT_SECONDS, CHECKPOINT_SHARE = 2.0, 0.01
SHAPES_SECONDS = 1.0
"""From the first step whose local tensors' shapes are recorded to the next; each pause is twice as long as the last:
they hardly ever change, and the step takes several times as long."""


class Run:
    """A concept being trained with one config."""

    def __init__(self, concept: Concept, config: Config, run_id: str = "run") -> None:
        self.concept, self.config, self.run_id = concept, config, run_id
        self.random = RandomState(config.seed)
        with self.random:
            self.experiment = concept.experiment(config)
        self.declared = {m.name for m in concept.metrics}
        self.sources = [source(reference, concept.package) for reference in concept.code]
        self.step, self.error = 0, ""
        self.history: dict[str, tuple[list[int], list[float]]] = {}
        self.moment: Row = (0, {})
        self.shapes: Shapes = {}
        self.shapes_due, self.shapes_pause = 0.0, SHAPES_SECONDS
        self.busy = self.saved_at = self.save_cost = 0.0
        self.figures = FigureBudget()
        self.timeline: Timeline | None = None

    @classmethod
    def open(cls, concept: Concept, config: Config, run_id: str, folder: Path) -> Run:
        """A new run that keeps its checkpoints in a folder; where there are some, it goes on from the newest."""
        timeline = Timeline(folder)
        steps = timeline.steps()
        if steps:
            run = cls.restore(concept, timeline.read(steps[-1]), run_id)
            run.update_live(config)
        else:
            run = cls(concept, config, run_id)
        run.timeline = timeline
        return run

    @property
    def done(self) -> bool:
        return self.step >= self.config.steps

    @property
    def latest(self) -> dict[str, float]:
        return {name: values[-1] for name, (_, values) in self.history.items()}

    def advance(
        self, seconds: float = 0.1, *, max_steps: int | None = None, views: tuple[str, ...] = (),
        draw_all: bool = False,
    ) -> Frame:  # fmt: skip
        """Trains for a slice of time, or `max_steps` if they come first (0 only draws), then draws what is due."""
        rows: list[Row] = []
        known = self.shapes
        began = time.perf_counter()
        with self.random:
            while not (self.done or self.error or (max_steps is not None and len(rows) >= max_steps)):
                row = self._step()
                if row is not None:
                    rows.append(row)
                if time.perf_counter() - began >= seconds:
                    break
        self.busy += time.perf_counter() - began
        figures = {} if self.error else self._draw(views, draw_all or self.done)
        return Frame(
            run_id=self.run_id, step=self.step, budget=self.config.steps, rows=rows, latest=self.latest,
            moment=self.moment, figures=figures, shapes=self.shapes if self.shapes != known else {}, done=self.done,
            error=self.error,
        )  # fmt: skip

    def _step(self) -> Row | None:
        at = self.step + 1
        try:
            metrics = self._recorded_step() if time.monotonic() >= self.shapes_due else self.experiment.step()
        except Exception as error:
            logger.exception("step %d of a %s run failed", at, self.concept.slug)
            self.error = f"stopped at step {at}: {type(error).__name__}: {error}"
            return None
        unknown = set(metrics) - self.declared
        if unknown:
            raise KeyError(f"{self.concept.slug} measured {sorted(unknown)}, which it does not declare as metrics")
        for name, value in metrics.items():
            if not math.isfinite(value):
                self.error = f"diverged at step {at}: {name} = {value}"
                return None
        self.step = at
        shown = self.moment[1]
        if len(metrics) >= len(shown) or not metrics.keys() & shown.keys():  # another stage measures other things
            self.moment = at, metrics
        for name, value in metrics.items():
            steps, values = self.history.setdefault(name, ([], []))
            steps.append(at)
            values.append(float(value))
        return at, metrics

    def _recorded_step(self) -> dict[str, float]:
        with capture_shapes(self.sources) as shapes:
            metrics = self.experiment.step()
        self.shapes = self.shapes | shapes
        self.shapes_due = time.monotonic() + self.shapes_pause
        self.shapes_pause *= 2
        return metrics

    def _draw(self, names: tuple[str, ...], everything: bool) -> dict[str, str]:
        figures: dict[str, str] = {}
        stale = self.figures.is_stale()
        for view in self.figures.in_turn([v for v in self.concept.views_for(self.config) if v.name in names]):
            jumps = stale and not figures and self.figures.may_jump(view)
            if everything or jumps or self.figures.is_due(view, self.step, self.busy):
                figure = self.render(view)
                if figure is not None:
                    figures[view.name] = figure
        return figures

    def render(self, view: View) -> str | None:
        """The view's figure as JSON text; None when drawing failed (the log says why)."""
        began = time.perf_counter()
        try:
            with preserved_random_state():
                figure = view.draw(self.experiment, self.history)
            text = orjson.dumps(figure, option=orjson.OPT_SERIALIZE_NUMPY).decode()
        except Exception:
            logger.exception("drawing %s/%s failed", self.concept.slug, view.name)
            return None
        self.busy += self.figures.note(view, self.step, self.busy, time.perf_counter() - began)
        return text

    def update_live(self, config: Config) -> None:
        """Takes live knobs over; raises ValueError when another field differs."""
        for name in type(config).model_fields.keys() - config.live_fields():
            if getattr(config, name) != getattr(self.config, name):
                raise ValueError(f"{name} can't change in mid-run; it takes effect on the next start")
        self.config = config
        with self.random:
            self.experiment.update_live(config)

    def ask(
        self, probe: str, question: dict[str, Any], click: Click | None = None, prepared: Prepared | None = None
    ) -> Answer:  # fmt: skip
        """Answers a probe; what can't be answered comes back as a sentence.

        click: where a view was clicked, which fills in fields of the question
        prepared: what `answers.prepare` made of the question, where the probe asks for that
        """
        probes = self.concept.probes_for(self.config)
        found = next((p for p in probes if p.name == probe), None)
        if found is None:
            names = ", ".join(p.name for p in probes)
            return Answer(error=f"There is no probe {probe!r} here; there are: {names}.")
        if found.prepare and not prepared:
            return Answer(needs_preparation=True)
        if prepared and prepared.error:
            return Answer(error=prepared.error)
        with preserved_random_state():
            answer = answer_or_sentence(
                f"{self.concept.slug}/{probe}", lambda: self._answer(found, question, click, prepared)
            )
        return answer if isinstance(answer, Answer) else Answer(error=answer)

    def _answer(self, probe: Probe, question: dict[str, Any], click: Click | None, prepared: Prepared | None) -> Answer:
        if click:
            view, *at = click
            question = {**question, **probe.clicks[view](self.experiment, *at)}
        asked = prepared.value if prepared else probe.question(**question)
        text = orjson.dumps(probe.ask(self.experiment, asked), option=orjson.OPT_SERIALIZE_NUMPY).decode()
        return Answer(text, question=question if click else {}, step=self.step)

    def checkpoint_if_due(self) -> None:
        """Writes a checkpoint when some time has passed and its cost is a small share of that."""
        wait = max(CHECKPOINT_SECONDS, self.save_cost / CHECKPOINT_SHARE)
        if self.timeline is None or self.error or self.busy - self.saved_at < wait:
            return
        began = time.perf_counter()
        self.timeline.write(self.step, self.save())
        self.save_cost, self.saved_at = time.perf_counter() - began, self.busy

    def save(self) -> bytes:
        """Everything the future of the run depends on."""
        state = {
            "config": self.config.model_dump_json(),
            "step": self.step,
            "experiment": self.experiment.state_dict(),
            "history": self.history,
            "moment": self.moment,
            "random": self.random.state_dict(),
        }
        buffer = io.BytesIO()
        torch.save(state, buffer)
        return buffer.getvalue()

    @classmethod
    def restore(cls, concept: Concept, saved: bytes, run_id: str = "run") -> Run:
        """The run as it was when saved; goes on to the same bits."""
        state = torch.load(io.BytesIO(saved), weights_only=True)
        run = cls(concept, concept.config.model_validate_json(state["config"]), run_id)
        run.experiment.load_state_dict(state["experiment"])
        run.step = state["step"]
        run.history = {name: (list(steps), list(values)) for name, (steps, values) in state["history"].items()}
        run.moment = state["moment"]
        run.random.load_state_dict(state["random"])
        return run
