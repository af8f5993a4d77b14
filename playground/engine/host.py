"""What runs inside a worker process: it holds runs and serves one request at a time, first come first served.

Every function here is a request; a cluster host must offer the same ones. Knows no concept by name.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from importlib import import_module
from typing import Any

import torch

from playground.concept import Concept, Config
from playground.engine.frame import Answer, Frame
from playground.engine.run import Run

_concepts: dict[str, Concept] = {}
_runs: dict[str, Run] = {}


def catalogue(dotted: str) -> tuple[Concept, ...]:
    """The concepts that "package.module:NAME" names."""
    module, _, name = dotted.partition(":")
    return tuple(getattr(import_module(module), name))


def begin(dotted: str) -> None:
    """Initialises a new worker: one thread, given the catalogue, deaf to the terminal's Ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    torch.set_num_threads(1)
    _concepts.update({c.slug: c for c in catalogue(dotted)})
    for concept in _concepts.values():
        if concept.preload:
            import_module(concept.preload)


def _end_with_parent() -> None:
    """A server that was killed can't stop its workers: they see to it themselves."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(0)


def ping() -> int:
    """Process id, once the worker is ready."""
    return os.getpid()


def open_run(run_id: str, slug: str, config: dict[str, Any], saved: bytes | None) -> int:
    """Opens a run, from a checkpoint where there is one; answers the step it is at."""
    concept = _concepts[slug]
    if saved is None:
        checked: Config = concept.config(**config)
        _runs[run_id] = Run(concept, checked, run_id)
    else:
        _runs[run_id] = Run.restore(concept, saved, run_id)
    return _runs[run_id].step


def advance(
    run_id: str, seconds: float, max_steps: int | None, looking: tuple[str, ...], draw_all: bool,
    tune: dict[str, Any] | None,
) -> Frame | None:  # fmt: skip
    """One slice of a run; None when this worker does not have it."""
    run = _runs.get(run_id)
    if run is None:
        return None
    if tune is not None:
        run.tune(run.concept.config(**tune))
    return run.advance(seconds, max_steps=max_steps, looking=looking, draw_all=draw_all, checkpoint=True)


def ask(run_id: str, probe: str, question: dict[str, Any], at: tuple[float, float] | None) -> Answer | None:
    run = _runs.get(run_id)
    return None if run is None else run.ask(probe, question, at)


def close_run(run_id: str) -> None:
    _runs.pop(run_id, None)
