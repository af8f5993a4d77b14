"""One training run: time slices, its own random state, drawing on a budget, divergence, checkpoints.

Its costs are CPU time of the thread, so that they do not depend on what else the machine does.
"""

from __future__ import annotations

import io
import logging
import math
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import torch

from playground.capture import Shapes, capture_shapes
from playground.concept import Concept, Config, Drawn, Measurable, View
from playground.engine.checkpoints import CheckpointStore
from playground.engine.drawings import Drawings
from playground.engine.figure_budget import MAX_AGE
from playground.engine.frame import Answer, Click, DrawnFigure, Frame, Prepared, Row, Stamp
from playground.engine.parts import Parts
from playground.engine.questions import Questions
from playground.engine.random_state import RandomState, preserved_random_state
from playground.source import source
from playground.words import say

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
            self.experiment = concept.build(config)
        self.declared = {m.name: m for m in concept.metrics}
        self.shown = {m.name for m in concept.metrics if not m.hidden}
        self.sources = [source(reference, concept.package) for reference in concept.code_for(config)]
        self.step = self.version = 0
        self.error = ""
        self.history: dict[str, tuple[list[int], list[float]]] = {}
        self.moment: Row = (0, {})
        self.measured: dict[str, float] = {}
        """Metrics of this step that were measured again after a live knob had changed; they are no history."""
        self.shapes: Shapes = {}
        self.shapes_due, self.shapes_pause = 0.0, SHAPES_SECONDS
        self.busy = self.saved_at = self.save_cost = self.uncharged = 0.0
        """CPU seconds since the last frame that nobody owes."""
        self.notices: list[str] = []
        self.drawings = Drawings(concept.slug)
        self.questions = Questions(concept, self.experiment)
        self.store: CheckpointStore | None = None
        self.disk_is_full, self.saved_step = False, 0

    @classmethod
    def open(cls, concept: Concept, config: Config, run_id: str, store: CheckpointStore) -> Run:
        """A new run that keeps its checkpoints in a store; where there are some, it goes on from the newest."""
        if steps := store.steps(run_id):
            run = cls.restore(concept, store.read(run_id, steps[-1]), run_id)
            run.saved_step = run.step
            run.update_live(config)
        else:
            run = cls(concept, config, run_id)
        run.store = store
        return run

    @property
    def done(self) -> bool:
        return self.step >= self.config.steps

    @property
    def latest(self) -> dict[str, float]:
        return {name: values[-1] for name, (_, values) in self.history.items()} | self.measured

    @property
    def frozen(self) -> dict[str, int]:
        """Arm → the step at which it diverged, of an experiment that trains some (`training/arms.py`)."""
        return dict(getattr(getattr(self.experiment, "arms", None), "diverged_at", {}))

    @property
    def stamp(self) -> Stamp:
        return Stamp(self.step, self.version)

    def advance(
        self, seconds: float = 0.1, *, max_steps: int | None = None, views: tuple[str, ...] = (),
        draw_all: bool = False, max_age: float = MAX_AGE, hurried: Callable[[], bool] = lambda: False,
    ) -> Frame:  # fmt: skip
        """Trains for a slice of CPU time, or `max_steps` if they come first (0 only draws), then draws what is due.

        hurried: whether somebody waits for the slice to end
        """
        known = self.shapes
        self.drawings.budget.begin_slice()
        rows = self._train(seconds, max_steps, hurried)
        # A run that is done finishes the drawings that it has begun, before all are drawn anew.
        everything = draw_all or bool(self.error) or (self.done and (bool(rows) or not self.drawings.unfinished(views)))
        figures = self._draw(views, everything, max_steps == 0 or self.done, max_age)
        notices, self.notices = tuple(self.notices), []
        uncharged, self.uncharged = self.uncharged, 0.0
        return Frame(
            run_id=self.run_id, step=self.step, budget=self.config.steps, version=self.version, rows=rows,
            latest=self.latest, moment=self._moment(), figures=figures, unfinished=self.drawings.unfinished(views),
            frozen=self.frozen, shapes=self.shapes if self.shapes != known else {},
            done=self.done, error=self.error, notices=notices, uncharged=uncharged,
        )  # fmt: skip

    def _moment(self) -> Row:
        step, metrics = self.moment
        return (self.step, (metrics if step == self.step else {}) | self.measured) if self.measured else self.moment

    def _train(self, seconds: float, max_steps: int | None, hurried: Callable[[], bool]) -> list[Row]:
        rows: list[Row] = []
        began, spent_before = time.perf_counter(), time.thread_time()
        free_before, spent = self.uncharged, 0.0
        with self.random:
            while not (self.done or self.error or (max_steps is not None and len(rows) >= max_steps)):
                if (row := self._step()) is not None:
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
            self._fail(at, error)
            return None
        if not self._is_finite(metrics, at):
            return None
        self.step, self.measured, frozen = at, {}, self.frozen
        known = {name for name in self.moment[1] if name.partition("/")[0] not in frozen}
        if len(metrics.keys() & self.shown) >= len(known & self.shown) or not metrics.keys() & known:  # another stage
            self.moment = at, metrics
        for name, value in metrics.items():
            steps, values = self.history.setdefault(name, ([], []))
            steps.append(at)
            values.append(float(value))
        return at, metrics

    def _fail(self, at: int, error: Exception) -> None:
        logger.error("step %d of a %s run failed", at, self.concept.slug, exc_info=error)
        self.error = say("engine.stopped", step=at, kind=type(error).__name__, error=error)

    def _is_finite(self, metrics: dict[str, float], at: int) -> bool:
        """Whether all metrics are; else, or where no arm is left, the run has diverged. KeyError: an undeclared one."""
        if unknown := metrics.keys() - self.declared.keys():
            raise KeyError(f"{self.concept.slug} measured {sorted(unknown)}, which it does not declare as metrics")
        wrong = next((name for name, value in metrics.items() if not math.isfinite(value)), None)
        if wrong is not None:
            self.error = say("engine.diverged", step=at, metric=self.declared[wrong].title, value=metrics[wrong])
        elif not getattr(getattr(self.experiment, "arms", None), "can_train", True):
            self.error = say("engine.arms_diverged", step=at)
        return not self.error

    def _recorded_step(self) -> dict[str, float]:
        began = time.thread_time()
        with capture_shapes(self.sources) as shapes:
            metrics = self.experiment.step()
        self.uncharged += time.thread_time() - began
        self.shapes = self.shapes | shapes
        self.shapes_due = time.monotonic() + self.shapes_pause
        self.shapes_pause *= 2
        return metrics

    def _draw(self, names: tuple[str, ...], everything: bool, resting: bool, max_age: float) -> dict[str, DrawnFigure]:
        if self.error and not self.frozen:
            self.drawings.end_all()
            return {}
        views = [view for view in self.concept.views_for(self.config) if view.name in names]
        figures, charged, uncharged = self.drawings.draw(
            views, self._drawn, self.stamp, self.busy, everything=everything, resting=resting, max_age=max_age
        )
        self.busy += charged
        self.uncharged += uncharged
        return figures

    def _drawn(self, view: View) -> Drawn:
        return view.draw(self.experiment, self.history)

    def render(self, view: View) -> str | None:
        """The view's figure, drawn to its last part, as JSON text; None when drawing failed (the log says why)."""
        try:
            return Parts(partial(self._drawn, view), self.stamp).last()
        except Exception:
            logger.exception("drawing %s/%s failed", self.concept.slug, view.name)
            return None

    def update_live(self, config: Config) -> None:
        """Takes live knobs over, where they have changed; raises ValueError when another field differs."""
        if config == self.config:
            return
        for name in type(config).model_fields.keys() - config.live_fields():
            if getattr(config, name) != getattr(self.config, name):
                raise ValueError(f"{name} can't change in mid-run; it takes effect on the next start")
        self.config = config
        with self.random:
            self.experiment.update_live(config)
        self.version += 1
        if isinstance(self.experiment, Measurable) and not self.error:
            self._measure(self.experiment)

    def _measure(self, experiment: Measurable) -> None:
        """Shows what the changed knobs have changed at once: no step is taken, and no random number drawn."""
        try:
            with self.random, preserved_random_state():
                metrics = experiment.measure()
        except Exception as error:
            self._fail(self.step, error)
            return
        if self._is_finite(metrics, self.step):
            self.measured = metrics

    def ask(
        self, probe: str, question: dict[str, Any], click: Click | None = None, prepared: Prepared | None = None,
        *, asker: str = "",
    ) -> Answer:  # fmt: skip
        """Answers a probe, or gives the first part of its answer, as `requests.Ask` has it."""
        return self.questions.ask(self.config, self.stamp, probe, question, click, prepared, asker)

    def continue_answer(self, probe: str, number: int, *, asker: str = "") -> Answer | None:
        """The next part of an answer; None where a newer question has ended it."""
        return self.questions.go_on(probe, number, asker)

    def checkpoint_if_due(self) -> None:
        """Writes a checkpoint when some time has passed and its cost is a small share of that."""
        wait = max(CHECKPOINT_SECONDS, self.save_cost / CHECKPOINT_SHARE)
        if self.disk_is_full:
            wait *= DISK_FULL_PATIENCE
        if self.store is not None and not self.error and self.busy - self.saved_at >= wait:
            self.checkpoint()

    def checkpoint_if_new(self) -> None:
        """Writes a checkpoint when something was trained since the last one."""
        if self.store is not None and self.step > self.saved_step:
            self.checkpoint()

    def checkpoint(self) -> bool:
        """Writes a checkpoint; False where that is not possible. A run without checkpoints trains on anyway."""
        if self.store is None or self.error:
            return False
        began, self.saved_at = time.thread_time(), self.busy
        try:
            self.store.write(self.run_id, self.step, self.save())
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
            "version": self.version,
            "measured": self.measured,
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
        run.step, run.version, run.measured = state["step"], state["version"], state["measured"]
        run.history = {name: (list(steps), list(values)) for name, (steps, values) in state["history"].items()}
        run.moment = state["moment"]
        run.random.load_state_dict(state["random"])
        return run
