"""Where runs live: the protocol of a host, and the local one, a worker process. Knows no concept by name."""

from __future__ import annotations

import asyncio
import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from importlib import import_module
from typing import Any, Protocol

WORKER = "playground.engine.worker"


class HostDied(RuntimeError):
    """The host ended while, or before, it served a request; what it held is gone."""


class Host(Protocol):
    """Serves the requests of `engine/worker.py` one after the other, by name."""

    generation: int
    """Grows when the host is replaced: runs opened on an earlier one must be opened again."""

    def start(self, first: str = "ping") -> None:
        """Gets ready in the background, with a request that needs no argument."""
        ...

    async def call(self, request: str, *args: Any) -> Any:
        """The request's answer; raises HostDied."""
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
        self.pool = self._new_pool()

    def _new_pool(self) -> ProcessPoolExecutor:
        context = multiprocessing.get_context("forkserver")
        # torch is loaded once, in the fork server, so that a new worker answers in hundredths of a second.
        context.set_forkserver_preload([WORKER])
        return ProcessPoolExecutor(1, mp_context=context, initializer=_begin, initargs=(self.catalogue,))

    def start(self, first: str = "ping") -> None:
        self.pool.submit(_serve, first, ())

    async def call(self, request: str, *args: Any) -> Any:
        try:
            return await asyncio.get_running_loop().run_in_executor(self.pool, _serve, request, args)
        except BrokenProcessPool as error:
            raise HostDied(str(error)) from error

    def replace(self, generation: int) -> None:
        if generation == self.generation:
            self.generation += 1
            self.pool.shutdown(wait=False, cancel_futures=True)
            self.pool = self._new_pool()

    def stop(self) -> None:
        self.pool.shutdown(wait=False, cancel_futures=True)
        for process in list((self.pool._processes or {}).values()):
            process.terminate()


def _begin(catalogue: str) -> None:
    import_module(WORKER).begin(catalogue)


def _serve(request: str, args: tuple[Any, ...]) -> Any:
    return getattr(import_module(WORKER), request)(*args)
