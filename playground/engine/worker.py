"""What runs inside a worker process: it holds runs and serves one request at a time.

The public functions from `ping` on are the requests; a host on another machine offers the same. Knows no concept by
name.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from importlib import import_module
from pathlib import Path
from typing import Any

import torch

from playground.concept import Concept
from playground.engine import answers, ready_made
from playground.engine.checkpoints import ready_made_path
from playground.engine.frame import Answer, Click, Frame, Prepared
from playground.engine.run import Run

NICENESS, REST = 10, 4.0
"""Of the process that prepares questions: training goes first, and for some seconds the first visitor's page."""

_concepts: dict[str, Concept] = {}
_runs: dict[str, Run] = {}


def catalogue(dotted: str) -> tuple[Concept, ...]:
    """The concepts that "package.module:NAME" names."""
    module, _, name = dotted.partition(":")
    return tuple(getattr(import_module(module), name))


def begin(dotted: str) -> None:
    """Initialises a new worker for a catalogue: one torch thread; Ctrl-C in the terminal is the server's to handle."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_exit_with_parent, daemon=True).start()
    torch.set_num_threads(1)
    _concepts.update({c.slug: c for c in catalogue(dotted)})
    for concept in _concepts.values():
        for module in concept.preload:
            import_module(f"{concept.package}.{module}")


def _exit_with_parent() -> None:
    """A server that was killed can't stop its workers, so each of them waits for its end."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(0)


def ping() -> int:
    """Process id, once the worker is ready."""
    return os.getpid()


def open_run(run_id: str, slug: str, config: dict[str, Any], folder: str) -> int:
    """Opens a run, from its newest checkpoint in the folder if there is one; answers the step it is at."""
    concept = _concepts[slug]
    _runs[run_id] = Run.open(concept, concept.config(**config), run_id, Path(folder))
    return _runs[run_id].step


def open_ready_made(run_id: str, slug: str) -> int:
    """Opens a tab's ready-made model as a run that is only asked; answers the step it is at."""
    _runs[run_id] = ready_made.load(_concepts[slug], ready_made_path(slug), run_id)
    return _runs[run_id].step


def advance(
    run_id: str, seconds: float, max_steps: int | None, views: tuple[str, ...], draw_all: bool,
    live: dict[str, Any] | None,
) -> Frame | None:  # fmt: skip
    """One slice of a run; None when this worker does not have it.

    views: those to draw when they are due, all of them with `draw_all`; live: the config with new live knobs
    """
    run = _runs.get(run_id)
    if run is None:
        return None
    if live is not None:
        run.update_live(run.concept.config(**live))
    frame = run.advance(seconds, max_steps=max_steps, views=views, draw_all=draw_all)
    run.checkpoint_if_due()
    return frame


def ask(
    run_id: str, probe: str, question: dict[str, Any], click: Click | None, prepared: Prepared | None
) -> Answer | None:  # fmt: skip
    run = _runs.get(run_id)
    return None if run is None else run.ask(probe, question, click, prepared)


def warm_up() -> None:
    """Does at leisure what would keep the first visitor waiting."""
    os.nice(NICENESS)
    time.sleep(REST)
    for concept in _concepts.values():
        if concept.warm_up:
            concept.warm_up()


def prepare(slug: str, probe: str, question: dict[str, Any]) -> Prepared:
    """What a probe's question needs before a model is asked."""
    return answers.prepare(_concepts[slug], probe, question)


def close_run(run_id: str) -> None:
    run = _runs.pop(run_id, None)
    if run and run.timeline:
        run.timeline.delete()
