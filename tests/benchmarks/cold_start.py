"""A server's first visitors, beside an empty Gradio app: `python -m tests.benchmarks.cold_start [ROUNDS]`."""

from __future__ import annotations

import asyncio
import statistics
import sys
import time

from rich.console import Console
from rich.table import Table

from playground.concept import Concept
from playground.concepts import CONCEPTS
from tests.benchmarks.engine import EMPTY, ready
from tests.serving import Server
from tests.visitor import Visitor

OWN = "app.py"
UP = 10.0
"""Seconds for which a server has been up when the later visitors come."""


async def first_frame(server: Server, concept: Concept, arrived: bool = False) -> float:
    """Seconds from now to the first trained frame, for a visitor who comes now and clicks at once.

    arrived: counts from the click on
    """
    visitor = Visitor(server.url, concept)
    began = time.monotonic()
    await visitor.arrive()
    if arrived:
        await asyncio.sleep(0.5)  # a page is looked at before the click
        began = time.monotonic()
    await visitor.click_to_trained_frame(visitor.play)
    spent = time.monotonic() - began
    visitor.leave()
    return spent


def at_once() -> float:
    """Seconds from a server's start to the first trained frame of a visitor who clicks as soon as there is a page."""
    began = time.monotonic()
    server = Server(OWN)
    try:
        server.wait()
        asyncio.run(first_frame(server, CONCEPTS[0]))
        return time.monotonic() - began
    finally:
        server.stop()


def later() -> dict[str, float]:
    """Tab → seconds from the click to the first trained frame, when the server has been up for a while."""
    found = {}
    for concept in CONCEPTS:
        server = Server(OWN)
        try:
            server.wait()
            time.sleep(UP)
            found[concept.slug] = asyncio.run(first_frame(server, concept, arrived=True))
        finally:
            server.stop()
    return found


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    empty, own, first = [], [], []
    for _ in range(rounds):
        empty.append(ready(EMPTY))
        own.append(ready(OWN))
        first.append(at_once())
    table = Table("what", "measured (median, longest)", "bound", title="Cold start")
    ratio = statistics.median(a / b for a, b in zip(own, empty, strict=True))
    rows = [
        ("an empty Gradio app answers", empty, ""),
        ("the playground answers", own, f"≤ 1.5 × ({ratio:.2f} ×)"),
        ("first trained frame, clicked at once", first, "≤ 9 s after the start"),
    ]
    for what, seconds, bound in rows:
        table.add_row(what, f"{statistics.median(seconds):.2f} s, {max(seconds):.2f} s", bound)
    for slug, wait in later().items():
        table.add_row(f"{slug}: click → trained frame, server up for {UP:.0f} s", f"{wait:.2f} s", "≤ 1 s")
    Console(width=120).print(table)


if __name__ == "__main__":
    main()
