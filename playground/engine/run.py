"""One training run: time slices, its own random state, drawing on a budget, divergence, checkpoints.

Knows no process, queue or page.
"""

from __future__ import annotations

import io
import json
import logging
import math
import random
import time
from typing import Any

import numpy as np
import orjson
import torch
from pydantic import ValidationError

from playground.concept import Concept, Config, Refused, View
from playground.engine.frame import Answer, Frame, Row
from playground.wording import sentence

logger = logging.getLogger(__name__)

DRAWING_SHARE, DEAR_SHARE = 0.05, 0.04
"""Share of a run's busy time that its pictures may take; the dear ones have one of their own."""
STILL = 0.5
"""Seconds after which a picture is drawn whatever it costs: a crowded worker's pictures move, too."""
DEAR = 0.1
"""Seconds from which a picture is dear (a film): it always waits until its share of the time has come round."""
CHECKPOINT_SECONDS, CHECKPOINT_SHARE = 2.0, 0.01


class RandomState:
    """The three global generators of one run, swapped in around whatever it does (`with state: …`)."""

    def __init__(self, seed: int) -> None:
        with _Preserved():
            torch.manual_seed(seed)
            np.random.seed(seed % 2**32)
            random.seed(seed)
            self.own = _current()

    def __enter__(self) -> None:
        self.host = _current()
        _install(self.own)

    def __exit__(self, *_: object) -> None:
        self.own = _current()
        _install(self.host)


class _Preserved:
    def __enter__(self) -> None:
        self.state = _current()

    def __exit__(self, *_: object) -> None:
        _install(self.state)


def _current() -> tuple[Any, Any, Any]:
    return torch.get_rng_state(), np.random.get_state(), random.getstate()


def _install(state: tuple[Any, Any, Any]) -> None:
    torch.set_rng_state(state[0])
    np.random.set_state(state[1])
    random.setstate(state[2])


class Run:
    """A concept being trained with one config."""

    def __init__(self, concept: Concept, config: Config, run_id: str = "run") -> None:
        self.concept, self.config, self.run_id = concept, config, run_id
        self.random = RandomState(config.seed)
        with self.random:
            self.experiment = concept.experiment(config)
        self.declared = {m.name for m in concept.metrics}
        self.step, self.error = 0, ""
        self.history: dict[str, tuple[list[int], list[float]]] = {}
        self.busy = self.training = self.saved_at = 0.0
        self.cost: dict[str, float] = {}
        self.spent: dict[str, float] = {}
        """View → seconds that its pictures have taken so far; `cost` is what the next one will."""
        self.drawn: dict[str, tuple[float, int]] = {}
        self.save_cost = 0.0
        self.shown = time.monotonic()

    @property
    def done(self) -> bool:
        return self.step >= self.config.steps

    @property
    def latest(self) -> dict[str, float]:
        return {name: values[-1] for name, (_, values) in self.history.items()}

    def advance(
        self, seconds: float = 0.1, *, max_steps: int | None = None, looking: tuple[str, ...] = (),
        draw_all: bool = False, checkpoint: bool = False,
    ) -> Frame:  # fmt: skip
        """Trains for a slice of time, or `max_steps` if they come first (0 only draws), then draws what is due."""
        rows: list[Row] = []
        began = time.perf_counter()
        with self.random:
            while not (self.done or self.error or (max_steps is not None and len(rows) >= max_steps)):
                row = self._step()
                if row is not None:
                    rows.append(row)
                if time.perf_counter() - began >= seconds:
                    break
        spent = time.perf_counter() - began
        self.training += spent
        self.busy += spent
        pictures = {} if self.error else self._draw(looking, draw_all or self.done)
        return Frame(
            run_id=self.run_id, step=self.step, budget=self.config.steps, rows=rows, latest=self.latest,
            pictures=pictures, shapes=self.experiment.shapes(), done=self.done, error=self.error,
            steps_per_second=len(rows) / spent if rows else 0.0,
            checkpoint=self._checkpoint() if checkpoint else None,
        )  # fmt: skip

    def _step(self) -> Row | None:
        at = self.step + 1
        try:
            metrics = self.experiment.step()
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
        for name, value in metrics.items():
            steps, values = self.history.setdefault(name, ([], []))
            steps.append(at)
            values.append(float(value))
        return at, metrics

    def _draw(self, looking: tuple[str, ...], everything: bool) -> dict[str, str]:
        views = [v for v in self.concept.views if v.name in looking]
        pictures: dict[str, str] = {}
        # Those waiting longest for their turn come first: a dear picture can't starve the others.
        overdue = time.monotonic() - self.shown > STILL
        for view in sorted(views, key=lambda v: self.drawn.get(v.name, (-1.0, -1))[0]):
            waited = overdue and not pictures and not self._dear(view.name)
            if everything or self._due(view) or waited:
                picture = self.picture(view)
                if picture is not None:
                    pictures[view.name] = picture
        if pictures:
            self.shown = time.monotonic()
        return pictures

    def _due(self, view: View) -> bool:
        if view.name not in self.drawn:
            return True
        _, step = self.drawn[view.name]
        dear, cost = self._dear(view.name), self.cost[view.name]
        spent = sum(seconds for name, seconds in self.spent.items() if self._dear(name) == dear)
        fits = spent + cost <= (DEAR_SHARE if dear else DRAWING_SHARE) * (self.busy + cost)
        return fits and self.step - step >= view.every

    def _dear(self, view: str) -> bool:
        return self.cost.get(view, 0.0) >= DEAR

    def picture(self, view: View) -> str | None:
        """The view as Plotly JSON text; None when drawing failed (the log says why)."""
        began = time.perf_counter()
        try:
            with _Preserved():
                figure = view.draw(self.experiment, self.history)
            text = orjson.dumps(figure, option=orjson.OPT_SERIALIZE_NUMPY).decode()
        except Exception:
            logger.exception("drawing %s/%s failed", self.concept.slug, view.name)
            return None
        spent = time.perf_counter() - began
        known = self.cost.get(view.name)
        # The first drawing pays for lazy imports and warm-up: it does not count as the price.
        self.cost[view.name] = spent if known is None else 0.7 * min(known, 4 * spent) + 0.3 * spent
        if known is not None:
            self.spent[view.name] = self.spent.get(view.name, 0.0) + spent
            self.busy += spent
        self.drawn[view.name] = (self.busy, self.step)
        return text

    def tune(self, config: Config) -> None:
        """Takes live knobs over; raises ValueError when another field differs."""
        for name in type(config).model_fields.keys() - config.live_fields():
            if getattr(config, name) != getattr(self.config, name):
                raise ValueError(f"{name} can't change in mid-run; it takes effect on the next start")
        self.config = config
        with self.random:
            self.experiment.tune(config)

    def ask(self, probe: str, question: dict[str, Any], at: tuple[float, float] | None = None) -> Answer:
        """Answers a probe; what can't be answered comes back as a sentence.

        at: where its view was clicked, which answers fields of the question
        """
        found = next((p for p in self.concept.probes if p.name == probe), None)
        if found is None:
            names = ", ".join(p.name for p in self.concept.probes)
            return Answer(error=f"There is no probe {probe!r} here; there are: {names}.")
        try:
            with _Preserved():
                pointed = found.locate(self.experiment, *at) if at else {}
                asked = found.question(**{**question, **pointed})
                figure = found.ask(self.experiment, asked)
            return Answer(orjson.dumps(figure, option=orjson.OPT_SERIALIZE_NUMPY).decode(), question=pointed)
        except ValidationError as error:
            return Answer(error=sentence(error))
        except (Refused, OSError) as error:
            return Answer(error=str(error))
        except Exception:
            logger.exception("probe %s/%s failed", self.concept.slug, probe)
            return Answer(error="That question could not be answered; the server's log says why.")

    def _checkpoint(self) -> bytes | None:
        if self.error or self.busy - self.saved_at < max(CHECKPOINT_SECONDS, self.save_cost / CHECKPOINT_SHARE):
            return None
        began = time.perf_counter()
        saved = self.save()
        self.save_cost, self.saved_at = time.perf_counter() - began, self.busy
        return saved

    def save(self) -> bytes:
        """Everything the future of the run depends on."""
        torch_state, numpy_state, python_state = self.random.own
        buffer = io.BytesIO()
        torch.save(
            {
                "config": self.config.model_dump_json(),
                "step": self.step,
                "experiment": self.experiment.state_dict(),
                "history": self.history,
                "torch": torch_state,
                "numpy": json.dumps([numpy_state[0], numpy_state[1].tolist(), *numpy_state[2:]]),
                "python": json.dumps(python_state),
            },
            buffer,
        )
        return buffer.getvalue()

    @classmethod
    def restore(cls, concept: Concept, saved: bytes, run_id: str = "run") -> Run:
        """The run as it was when saved; goes on to the same bits."""
        state = torch.load(io.BytesIO(saved), weights_only=True)
        run = cls(concept, concept.config.model_validate_json(state["config"]), run_id)
        run.experiment.load_state_dict(state["experiment"])
        run.step = state["step"]
        run.history = {name: (list(steps), list(values)) for name, (steps, values) in state["history"].items()}
        kind, keys, *rest = json.loads(state["numpy"])
        version, internal, gauss = json.loads(state["python"])
        run.random.own = (
            state["torch"], (kind, np.array(keys, dtype=np.uint32), *rest), (version, tuple(internal), gauss),
        )  # fmt: skip
        return run
