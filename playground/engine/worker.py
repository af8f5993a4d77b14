"""What runs inside a worker process: it holds runs and serves one request at a time.

The public functions from `ping` on are the requests; a host on another machine offers the same.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import torch
import torch._dynamo  # noqa: F401 the first optimiser loads it, which takes seconds: the fork server has it then
from threadpoolctl import threadpool_info, threadpool_limits

from playground.concept import Concept
from playground.engine import answers, ready_made
from playground.engine.catalogue import catalogue, preloaded_modules
from playground.engine.checkpoints import ready_made_path
from playground.engine.frame import Answer, Click, Frame, Prepared, Reply, Slice
from playground.engine.run import Run

NICENESS = 10
"""Of the process that prepares questions: training goes first."""

CHARGED = ("advance", "ask")
"""Requests for whose CPU time a visitor owes; opening a run is the same first cost for everybody."""

_concepts: dict[str, Concept] = {}
_runs: dict[str, Run] = {}
_hurried: Any = None


def begin(dotted: str, hurried: Any) -> None:
    """Initialises a new worker for a catalogue: one numeric thread; Ctrl-C in the terminal is for the server.

    hurried: shared number of the questions that wait for a slice to end
    """
    global _hurried
    _hurried = hurried
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_exit_with_parent, daemon=True).start()
    bind_to_one_thread()
    _concepts.update({c.slug: c for c in catalogue(dotted)})
    for module in preloaded_modules(dotted):
        import_module(module)
    gc.freeze()  # what stays is not looked through again: a collection would hold some slice up for 0.2 s


def bind_to_one_thread() -> None:
    """Lets torch and the libraries under numpy compute on one thread, in this process and from now on."""
    torch.set_num_threads(1)
    threadpool_limits(limits=1)


def _exit_with_parent() -> None:
    """A server that was killed can't stop its workers, so each of them waits for its end."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(0)


def serve(request: str, args: tuple[Any, ...]) -> Reply:
    """Serves a request by name; what is charged for it is CPU time of this thread."""
    began = time.thread_time()
    answer = globals()[request](*args)
    if request not in CHARGED:
        return Reply(answer)
    spent = time.thread_time() - began
    return Reply(answer, max(0.0, spent - getattr(answer, "uncharged", 0.0)))


def ping() -> int:
    """Process id, once the worker is ready."""
    return os.getpid()


def numeric_threads() -> dict[str, int]:
    """Library → threads on which it computes."""
    blas = {f"{info['internal_api']} of {info['prefix']}": info["num_threads"] for info in threadpool_info()}
    return {"torch": torch.get_num_threads(), **blas}


def cpu_seconds() -> float:
    """CPU time that this process has used."""
    return time.process_time()


def collection_seconds() -> float:
    """CPU time of a full garbage collection."""
    began = time.thread_time()
    gc.collect()
    return time.thread_time() - began


def open_run(run_id: str, slug: str, config: dict[str, Any], folder: str) -> int:
    """Opens a run, from its newest checkpoint in the folder if there is one; answers the step it is at."""
    concept = _concepts[slug]
    _runs[run_id] = Run.open(concept, concept.config(**config), run_id, Path(folder))
    return _runs[run_id].step


def open_ready_made(run_id: str, slug: str) -> int:
    """Opens a tab's ready-made model as a run that is only asked; answers the step it is at."""
    _runs[run_id] = ready_made.load(_concepts[slug], ready_made_path(slug), run_id)
    return _runs[run_id].step


def advance(run_id: str, slice_: Slice) -> Frame | None:
    """One slice of a run; None when this worker does not have it."""
    run = _runs.get(run_id)
    return None if run is None else advance_run(run, slice_, lambda: bool(_hurried and _hurried.value > 0))


def advance_run(run: Run, slice_: Slice, hurried: Callable[[], bool] = lambda: False) -> Frame:
    if slice_.live is not None:
        run.update_live(run.concept.config(**slice_.live))
    frame = run.advance(
        slice_.seconds, max_steps=slice_.max_steps, views=slice_.views, draw_all=slice_.draw_all,
        max_age=slice_.max_age, hurried=hurried,
    )  # fmt: skip
    if slice_.max_steps == 0 or frame.done:  # it rests, perhaps for long
        run.checkpoint_if_new()
    else:
        run.checkpoint_if_due()
    return frame


def ask(
    run_id: str, probe: str, question: dict[str, Any], click: Click | None, prepared: Prepared | None
) -> Answer | None:  # fmt: skip
    run = _runs.get(run_id)
    return None if run is None else run.ask(probe, question, click, prepared)


def park_run(run_id: str) -> bool:
    """Writes a run to its folder and forgets it; False, and it stays, where that is not possible."""
    run = _runs.get(run_id)
    if run is None or not run.checkpoint():
        return False
    del _runs[run_id]
    return True


def close_run(run_id: str) -> None:
    run = _runs.pop(run_id, None)
    if run and run.timeline:
        run.timeline.delete()


def warm_up() -> None:
    """Does at leisure what would keep the first visitor waiting."""
    os.nice(NICENESS)
    for concept in _concepts.values():
        if concept.warm_up:
            concept.warm_up()


def prepare(slug: str, probe: str, question: dict[str, Any]) -> Prepared:
    """What a probe's question needs before a model is asked."""
    return answers.prepare(_concepts[slug], probe, question)
