"""What runs inside a worker process: it holds runs and serves one request at a time.

A host on another machine serves the same requests (`engine/requests.py`).
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Iterable
from functools import singledispatchmethod
from importlib import import_module
from typing import Any, TypeVar

import torch
import torch._dynamo  # noqa: F401 the first optimiser loads it, which takes seconds: the fork server has it then
from threadpoolctl import threadpool_info, threadpool_limits

from playground.concept import Concept
from playground.engine import answers, pre_trained, requests
from playground.engine.catalogue import catalogue, preloaded_modules
from playground.engine.checkpoints import pre_trained_path
from playground.engine.frame import Answer, Frame, Prepared
from playground.engine.requests import Reply, Request
from playground.engine.run import Run

NICENESS = 10
"""Of the process that prepares questions: training goes first."""

T = TypeVar("T")


class Worker:
    """Runs by their names, and an answer to every request."""

    def __init__(self, concepts: Iterable[Concept], hurried: Callable[[], bool] = lambda: False) -> None:
        """hurried: whether somebody waits for a slice to end"""
        self.concepts = {concept.slug: concept for concept in concepts}
        self.hurried = hurried
        self.runs: dict[str, Run] = {}

    def serve(self, request: Request[T]) -> Reply[T]:
        """The answer; what is charged for it is CPU time of this thread."""
        began = time.thread_time()
        answer: T = self.answer(request)
        spent = time.thread_time() - began - getattr(answer, "uncharged", 0.0)
        return Reply(answer, max(0.0, spent) if request.is_charged else 0.0)

    @singledispatchmethod
    def answer(self, request: Request[Any]) -> Any:
        """The answer to a request of whatever type; the methods below serve one type each."""
        raise TypeError(f"{type(request).__name__} is no request that a worker serves")

    @answer.register
    def ping(self, request: requests.Ping) -> int:
        return os.getpid()

    @answer.register
    def open_run(self, request: requests.OpenRun) -> int:
        concept = self.concepts[request.slug]
        run = Run.open(concept, concept.config(**request.config), request.run_id, request.store)
        self.runs[request.run_id] = run
        return run.step

    @answer.register
    def open_pre_trained(self, request: requests.OpenPreTrained) -> int:
        path = pre_trained_path(request.slug, request.setting)
        run = pre_trained.load(self.concepts[request.slug], path, request.run_id)
        self.runs[request.run_id] = run
        return run.step

    @answer.register
    def advance(self, request: requests.Advance) -> Frame | None:
        run, slice_ = self.runs.get(request.run_id), request.slice_
        if run is None:
            return None
        take_config(run, slice_.config)
        frame = run.advance(
            slice_.seconds, max_steps=slice_.max_steps, views=slice_.views, draw_all=slice_.draw_all,
            max_age=slice_.max_age, hurried=self.hurried,
        )  # fmt: skip
        if slice_.max_steps == 0 or frame.done:  # it rests, perhaps for long
            run.checkpoint_if_new()
        else:
            run.checkpoint_if_due()
        return frame

    @answer.register
    def ask(self, request: requests.Ask) -> Answer | None:
        run = self.runs.get(request.run_id)
        if run is None:
            return None
        take_config(run, request.config)
        return run.ask(request.probe, request.question, request.click, request.prepared, asker=request.asker)

    @answer.register
    def continue_answer(self, request: requests.ContinueAnswer) -> Answer | None:
        run = self.runs.get(request.run_id)
        return None if run is None else run.continue_answer(request.probe, request.number, asker=request.asker)

    @answer.register
    def park_run(self, request: requests.ParkRun) -> bool | None:
        run = self.runs.get(request.run_id)
        if run is None:
            return None
        is_written = run.checkpoint()
        if is_written:
            del self.runs[request.run_id]
        return is_written

    @answer.register
    def close_run(self, request: requests.CloseRun) -> None:
        self.runs.pop(request.run_id, None)

    @answer.register
    def prepare(self, request: requests.Prepare) -> Prepared:
        return answers.prepare(self.concepts[request.slug], request.probe, request.question)

    @answer.register
    def warm_up(self, request: requests.WarmUp) -> None:
        os.nice(NICENESS)
        for concept in self.concepts.values():
            if concept.warm_up:
                concept.warm_up()

    @answer.register
    def numeric_threads(self, request: requests.NumericThreads) -> dict[str, int]:
        blas = {f"{info['internal_api']} of {info['prefix']}": info["num_threads"] for info in threadpool_info()}
        return {"torch": torch.get_num_threads(), **blas}

    @answer.register
    def cpu_seconds(self, request: requests.CpuSeconds) -> float:
        return time.process_time()

    @answer.register
    def collection_seconds(self, request: requests.CollectionSeconds) -> float:
        began = time.thread_time()
        gc.collect()
        return time.thread_time() - began


def take_config(run: Run, config: dict[str, Any] | None) -> None:
    """Takes the newest live knobs over, if they are not the run's already."""
    if config is not None:
        run.update_live(run.concept.config(**config))


_worker = Worker(())
"""Of this process, once it has begun."""


def begin(dotted: str, hurried: Any) -> None:
    """Initialises a new worker for a catalogue: one numeric thread; Ctrl-C in the terminal is for the server.

    hurried: shared number of the questions that wait for a slice to end
    """
    global _worker
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_exit_with_parent, daemon=True).start()
    bind_to_one_thread()
    _worker = Worker(catalogue(dotted), lambda: hurried.value > 0)
    for module in preloaded_modules(dotted):
        import_module(module)
    gc.freeze()  # what stays is not looked through again: a collection would hold some slice up for 0.2 s


def serve(request: Request[T]) -> Reply[T]:
    return _worker.serve(request)


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
