"""One training run: time slices, its own random state, drawing on a budget, divergence, checkpoints.

Its costs are CPU time of the thread, so that they do not depend on what else the machine does.
"""

from __future__ import annotations

import io
import logging
import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import torch

from playground.capture import Shapes, capture_shapes
from playground.concept import Concept, Config, Probe, View
from playground.engine.answers import answer_or_sentence
from playground.engine.checkpoints import Timeline
from playground.engine.figure_budget import MAX_AGE, FigureBudget
from playground.engine.frame import Answer, Click, Frame, Prepared, Row
from playground.engine.random_state import RandomState, preserved_random_state
from playground.source import source

logger = logging.getLogger(__name__)

CHECKPOINT_SECONDS, CHECKPOINT_SHARE = 2.0, 0.01
"""CPU seconds between two checkpoints, at least, and the share of them that writing one may take."""
DISK_FULL_PATIENCE = 10
"""How many times longer a run waits for its next checkpoint when one could not be written."""
LATE = 2.0
"""A slice ends when it has taken this much longer by the clock than it may take of the CPU: others wait for it."""
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
        self.uncharged = 0.0
        """CPU seconds since the last frame that nobody owes."""
        self.notices: list[str] = []
        self.figures = FigureBudget()
        self.timeline: Timeline | None = None
        self.disk_is_full = False
        self.saved_step = 0

    @classmethod
    def open(cls, concept: Concept, config: Config, run_id: str, folder: Path) -> Run:
        """A new run that keeps its checkpoints in a folder; where there are some, it goes on from the newest."""
        timeline = Timeline(folder)
        steps = timeline.steps()
        if steps:
            run = cls.restore(concept, timeline.read(steps[-1]), run_id)
            run.saved_step = run.step
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
        draw_all: bool = False, max_age: float = MAX_AGE, hurried: Callable[[], bool] = lambda: False,
    ) -> Frame:  # fmt: skip
        """Trains for a slice of CPU time, or `max_steps` if they come first (0 only draws), then draws what is due.

        hurried: whether somebody waits for the slice to end
        """
        known = self.shapes
        self.figures.begin_slice()
        rows = self._train(seconds, max_steps, hurried)
        figures = {} if self.error else self._draw(views, draw_all or self.done, max_age)
        notices, self.notices = tuple(self.notices), []
        uncharged, self.uncharged = self.uncharged, 0.0
        return Frame(
            run_id=self.run_id, step=self.step, budget=self.config.steps, rows=rows, latest=self.latest,
            moment=self.moment, figures=figures, shapes=self.shapes if self.shapes != known else {}, done=self.done,
            error=self.error, notices=notices, uncharged=uncharged,
        )  # fmt: skip

    def _train(self, seconds: float, max_steps: int | None, hurried: Callable[[], bool]) -> list[Row]:
        rows: list[Row] = []
        began, spent_before = time.perf_counter(), time.thread_time()
        free_before = self.uncharged
        spent = 0.0
        with self.random:
            while not (self.done or self.error or (max_steps is not None and len(rows) >= max_steps)):
                row = self._step()
                if row is not None:
                    rows.append(row)
                spent = time.thread_time() - spent_before - (self.uncharged - free_before)
                is_late = time.perf_counter() - began >= LATE * seconds
                if spent >= seconds or is_late or (max_steps is None and hurried()):
                    break
        self.busy += spent
        return rows

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
        began = time.thread_time()
        with capture_shapes(self.sources) as shapes:
            metrics = self.experiment.step()
        self.uncharged += time.thread_time() - began
        self.shapes = self.shapes | shapes
        self.shapes_due = time.monotonic() + self.shapes_pause
        self.shapes_pause *= 2
        return metrics

    def _draw(self, names: tuple[str, ...], everything: bool, max_age: float) -> dict[str, str]:
        figures: dict[str, str] = {}
        for view in self.figures.in_turn([v for v in self.concept.views_for(self.config) if v.name in names]):
            if everything or self.figures.is_due(view, self.step, self.busy, max_age):
                figure = self.render(view)
                if figure is not None:
                    figures[view.name] = figure
        return figures

    def render(self, view: View) -> str | None:
        """The view's figure as JSON text; None when drawing failed (the log says why)."""
        began = time.thread_time()
        try:
            with preserved_random_state():
                figure = view.draw(self.experiment, self.history)
            text = orjson.dumps(figure, option=orjson.OPT_SERIALIZE_NUMPY).decode()
        except Exception:
            logger.exception("drawing %s/%s failed", self.concept.slug, view.name)
            return None
        spent = time.thread_time() - began
        charged = self.figures.note(view, self.step, spent)
        self.busy += charged
        self.uncharged += spent - charged
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
        if self.disk_is_full:
            wait *= DISK_FULL_PATIENCE
        if self.timeline is not None and not self.error and self.busy - self.saved_at >= wait:
            self.checkpoint()

    def checkpoint_if_new(self) -> None:
        """Writes a checkpoint when something was trained since the last one."""
        if self.timeline is not None and self.step > self.saved_step:
            self.checkpoint()

    def checkpoint(self) -> bool:
        """Writes a checkpoint; False where that is not possible. A run without checkpoints trains on anyway."""
        if self.timeline is None or self.error:
            return False
        began, self.saved_at = time.thread_time(), self.busy
        try:
            self.timeline.write(self.step, self.save())
        except OSError as error:
            logger.warning("no checkpoint of %s: %s", self.run_id, error)
            if not self.disk_is_full:
                self.notices.append("disk_full")
            self.disk_is_full = True
            return False
        self.disk_is_full, self.saved_step = False, self.step
        self.save_cost = time.thread_time() - began
        return True

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
