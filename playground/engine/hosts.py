"""Where runs live: the protocol of a host, and the local one, a worker process."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import threading
from concurrent.futures import Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from importlib import import_module
from multiprocessing.process import BaseProcess
from typing import Any, Protocol, TypeVar

from playground.engine.catalogue import preloaded_modules
from playground.engine.requests import Ping, Reply, Request

WORKER = "playground.engine.worker"
ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS", "NUMBA_NUM_THREADS")
"""What numeric libraries read when they are loaded: two workers whose libraries use all cores slow each other down."""


T = TypeVar("T")
READY = Ping()
LAUNCH_SECONDS, JOIN_SECONDS = 4.0, 2.0
"""For which the end of the server waits for a process that is just being started, and for one to end."""


class HostDied(RuntimeError):
    """The host ended while, or before, it served a request; what it held is gone."""


class Host(Protocol):
    """Serves the requests of `engine/requests.py` one after the other."""

    generation: int
    """Grows when the host is replaced: runs opened on an earlier one must be opened again."""

    def start(self, first: Request[Any] = READY) -> None:
        """Gets ready in the background, and serves a first request, if only a ping."""
        ...

    async def call(self, request: Request[T]) -> Reply[T]:
        """The request's answer; raises HostDied."""
        ...

    def hurry(self, by: int) -> None:
        """Counts the questions that wait for slices to end: while there are some, a slice ends with its next step."""
        ...

    def replace(self, generation: int) -> None:
        """Replaces the host of that generation (once, however many requests saw it die)."""
        ...

    def stop(self) -> None: ...


class LocalHost:
    """One worker process."""

    def __init__(self, catalogue: str) -> None:
        """catalogue: "package.module:NAME" of the tuple of concepts"""
        self.catalogue = catalogue
        self.generation = 0
        self.is_stopped = False
        self.hurried = multiprocessing.get_context("forkserver").RawValue("i", 0)
        """Shared with the worker, which can't hear of a waiting request while it trains."""
        self.pool: Future[ProcessPoolExecutor] | None = None

    def start(self, first: Request[Any] = READY) -> None:
        if self.pool is None:
            self.pool = self._launch(first)

    def _launch(self, first: Request[Any] = READY) -> Future[ProcessPoolExecutor]:
        """A new process. A thread starts it: the fork server answers only when it has loaded torch, and meanwhile the
        page's server goes on."""
        launched: Future[ProcessPoolExecutor] = Future()

        def launch() -> None:
            try:
                pool = self._new_pool()
                pool.submit(_serve, first)
                launched.set_result(pool)
            except BaseException as error:
                launched.set_exception(error)

        threading.Thread(target=launch, name="worker's start", daemon=True).start()
        return launched

    def _new_pool(self) -> ProcessPoolExecutor:
        os.environ.update(dict.fromkeys(ONE_THREAD, "1"))  # before the fork server loads numpy
        context = multiprocessing.get_context("forkserver")
        # All that a first run needs is loaded once, in the fork server: a new worker answers in hundredths of a second.
        context.set_forkserver_preload([WORKER, *preloaded_modules(self.catalogue)])
        return ProcessPoolExecutor(1, mp_context=context, initializer=_begin, initargs=(self.catalogue, self.hurried))

    async def call(self, request: Request[T]) -> Reply[T]:
        self.start()
        assert self.pool is not None
        try:
            pool = await asyncio.shield(asyncio.wrap_future(self.pool))
            return await asyncio.get_running_loop().run_in_executor(pool, _serve, request)
        except (BrokenProcessPool, EOFError, ConnectionError) as error:
            raise HostDied(str(error)) from error
        except RuntimeError as error:
            if "cannot schedule" not in str(error):
                raise
            raise HostDied(str(error)) from error  # it was replaced meanwhile, or the program ends

    def hurry(self, by: int) -> None:
        self.hurried.value += by

    def replace(self, generation: int) -> None:
        if generation == self.generation and not self.is_stopped:
            self.generation += 1
            old, self.pool = self.pool, self._launch()
            if old is not None:
                old.add_done_callback(_shut_down)

    def stop(self) -> None:
        self.is_stopped = True
        if self.pool is not None:
            # A process that starts while its parent ends would print a traceback: it is awaited, and then ended.
            wait([self.pool], LAUNCH_SECONDS)
            if self.pool.done():
                for process in _shut_down(self.pool):
                    process.join(JOIN_SECONDS)


def _shut_down(launched: Future[ProcessPoolExecutor]) -> list[BaseProcess]:
    """Ends a process that has been launched; answers those that are about to end."""
    if launched.exception() is not None:
        return []
    pool = launched.result()
    processes: list[BaseProcess] = list((pool._processes or {}).values())
    pool.shutdown(wait=False, cancel_futures=True)
    for process in processes:
        process.terminate()
    return processes


def _begin(catalogue: str, hurried: Any) -> None:
    import_module(WORKER).begin(catalogue, hurried)


def _serve(request: Request[T]) -> Reply[T]:
    reply: Reply[T] = import_module(WORKER).serve(request)
    return reply
