"""The table of DESIGN.md §5, measured in one run: `python -m tests.benchmarks.engine [slug …]`. Ratios; times vary."""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import os
import shutil
import statistics
import sys
import time
from collections.abc import Sequence
from typing import Any

import torch
from playwright.sync_api import Browser, Page, Playwright, sync_playwright
from rich.console import Console
from rich.table import Table

from playground.concept import Concept
from playground.concepts import CONCEPTS
from playground.engine.scheduler import Scheduler
from tests.benchmarks.learning import concept_of
from tests.serving import Server

SECONDS = 12.0
MANY = 30
BUDGET = 100_000


def bare(slug: str, seconds: float) -> float:
    """Steps a second of the plain training loop, on one thread."""
    torch.set_num_threads(1)
    concept = concept_of(slug)
    torch.manual_seed(0)
    experiment = concept.build(concept.config(steps=BUDGET))
    for _ in range(10):
        experiment.step()
    began, steps = time.perf_counter(), 0
    while time.perf_counter() - began < seconds:
        experiment.step()
        steps += 1
    return steps / (time.perf_counter() - began)


def bare_loops(slug: str, count: int) -> float:
    """Total steps a second of that many bare loops at once, each a process of its own."""
    with multiprocessing.get_context("spawn").Pool(count) as pool:
        return sum(pool.starmap(bare, [(slug, SECONDS)] * count))


async def crowd(concept: Concept, count: int) -> dict[str, float]:
    """Total steps a second of many runs on the workers, the Jain index of their shares, frames a second of each."""
    scheduler = Scheduler("playground.concepts:CONCEPTS", hosts=os.cpu_count())
    views = tuple(v.name for v in concept.views_for(concept.config()) if v.place != "more")
    config = concept.config
    runs = [await scheduler.open(concept.slug, config(seed=i, steps=BUDGET), f"student {i}") for i in range(count)]
    for run in runs:
        await scheduler.advance(run, max_steps=2, views=views, draw_all=True)
    steps, frames = dict.fromkeys(runs, 0), dict.fromkeys(runs, 0)
    began = time.monotonic()

    async def student(run: str) -> None:
        while time.monotonic() - began < 2 * SECONDS:
            frame = await scheduler.advance(run, views=views)
            steps[run] += len(frame.rows)
            frames[run] += bool(frame.figures)

    await asyncio.gather(*(student(run) for run in runs))
    spent = time.monotonic() - began
    scheduler.stop()
    share = list(steps.values())
    return {"throughput": sum(share) / spent, "jain": jain(share), "frames": min(frames.values()) / spent}


def jain(shares: Sequence[float]) -> float:
    """Jain's index of fairness: 1 for equal shares, 1/n where one has everything."""
    return sum(shares) ** 2 / (len(shares) * sum(share * share for share in shares))


def ready(script: str) -> float:
    """Seconds from starting a server until it answers."""
    began = time.perf_counter()
    server = Server(script)
    server.wait()
    spent = time.perf_counter() - began
    server.stop()
    return spent


def painted(browser: Browser, url: str, selector: str) -> float:
    """Seconds, by the page's own clock, from a new visitor's navigation to the frame that first shows a selector."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.add_init_script(WATCH_FIRST_PAINT % json.dumps(selector))
    page.goto(url, wait_until="commit")
    page.wait_for_function("window.firstPaint", timeout=60_000)
    found = page.evaluate("window.firstPaint") / 1000
    context.close()
    return found


def interactive(browser: Browser, pages: dict[str, str]) -> list[list[float]]:
    """script → selector of its page's main element, of two pages: for each pair of visits, the seconds to its first
    paint in either. Both servers run all along, and which page is visited first alternates, so that what else the
    machine does comes upon both alike."""
    servers = {script: Server(script) for script in pages}
    for server in servers.values():
        server.wait()
    pairs = []
    for number in range(PAIRS + 1):
        order = list(pages)[:: 1 if number % 2 else -1]
        waits = {script: painted(browser, servers[script].url, pages[script]) for script in order}
        pairs.append([waits[script] for script in pages])
    for server in servers.values():
        server.stop()
    return pairs[1:]  # the first pair warms the servers up


PAIRS = 9
WATCH_FIRST_PAINT = """{
  const look = () => {
    const found = document.querySelector(%s);
    // A timer that is set in a frame runs when that frame has been painted.
    if (found?.getClientRects().length) setTimeout(() => { window.firstPaint = performance.now(); });
    else requestAnimationFrame(look);
  };
  look();
}"""
EMPTY, EIGHT = "tests/benchmarks/empty_page.py", "tests/benchmarks/eight_tabs.py"

WATCH_FIRST_FIGURE = """([bar, selector, drawn]) => {
  const began = performance.now();
  window.firstFigure = null;
  document.querySelector(bar + " .train").click();
  const look = () => {
    if (Number(document.querySelector(selector).dataset.draws) > drawn) window.firstFigure = performance.now() - began;
    else requestAnimationFrame(look);
  };
  look();
}"""


def watched(browser: Browser, url: str, concept: Concept) -> dict[str, float]:
    """A lone run in a real browser: its steps a second, drawn frames a second, click → first new figure."""
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    hero = next(v.name for v in concept.views_for(concept.config()) if v.place == "hero")
    status = f'.status[data-concept="{concept.slug}"]'
    bar = f".transport:has({status})"
    figure = f'.figure-box[data-concept="{concept.slug}"][data-view="{hero}"]'
    waits = []
    for _ in range(5):
        page.goto(f"{url}/?tab={concept.slug}&steps={BUDGET}")
        page.wait_for_selector(f'{status}:is([data-state="ready"], [data-state="paused"])')
        page.wait_for_timeout(2500)
        drawn = int(page.get_attribute(figure, "data-draws") or 0)
        page.evaluate(WATCH_FIRST_FIGURE, [bar, figure, drawn])
        page.wait_for_function("window.firstFigure !== null", timeout=30_000)
        waits.append(page.evaluate("window.firstFigure") / 1000)
        page.wait_for_timeout(500)
        page.locator(bar + " .train").click()
        page.wait_for_selector(status + '[data-state="paused"]')
        page.locator(bar + " .reset").click()
        page.wait_for_selector(status + '[data-state="ready"]')
    page.locator(bar + " .train").click()
    page.wait_for_timeout(2000)
    rate, frames = _rates(page, status, figure)
    page.close()
    return {"wait": statistics.median(waits), "throughput": rate, "frames": frames}


def _rates(page: Page, status: str, figure: str) -> tuple[float, float]:
    read = """([status, figure]) => [performance.now() / 1000, Number(document.querySelector(status).dataset.step),
                                     Number(document.querySelector(figure).dataset.draws)]"""
    before = page.evaluate(read, [status, figure])
    page.wait_for_timeout(1000 * SECONDS)
    after = page.evaluate(read, [status, figure])
    return ((after[1] - before[1]) / (after[0] - before[0]), (after[2] - before[2]) / (after[0] - before[0]))


def main() -> None:
    table = Table("what", "measured", "at least", title="Engine and page, ratios of one run")
    empty, own = (min(ready(script) for _ in range(3)) for script in (EMPTY, EIGHT))
    table.add_row("eight tabs ready / an empty Gradio app", f"{own / empty:.2f} ({own:.1f} s / {empty:.1f} s)", "≤ 1.5")
    with sync_playwright() as playwright:
        browser = chromium(playwright)
        pairs = interactive(browser, {EIGHT: '.status[data-state="ready"][data-settled]', EMPTY: ".nothing"})
        browser.close()
    ratio = statistics.median(own / empty for own, empty in pairs)
    own, empty = (statistics.median(column) for column in zip(*pairs, strict=True))
    table.add_row(
        "eight tabs interactive / an empty Gradio page", f"{ratio:.2f} ({own:.2f} s / {empty:.2f} s)", "≤ 1.5"
    )
    slugs = sys.argv[1:] or [c.slug for c in CONCEPTS]
    for slug in slugs:
        measure(concept_of(slug), table)
    Console(width=120).print(table)


def chromium(playwright: Playwright) -> Browser:
    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    path = os.environ.get("CHROMIUM") or shutil.which("chromium")
    return playwright.chromium.launch(executable_path=path, args=flags)


def measure(concept: Concept, table: Table) -> None:
    alone = bare_loops(concept.slug, 1)
    server = Server()
    server.wait()
    with sync_playwright() as playwright:
        browser = chromium(playwright)
        seen = watched(browser, server.url, concept)
        browser.close()
    server.stop()
    alone = (alone + bare_loops(concept.slug, 1)) / 2
    pair = bare_loops(concept.slug, 2)
    many: dict[str, Any] = asyncio.run(crowd(concept, MANY))
    pair = (pair + bare_loops(concept.slug, 2)) / 2
    rate, crowded = seen["throughput"], many["throughput"]
    rows = [
        ("lone run in a browser / bare loop", f"{rate / alone:.2f} ({rate:.0f} / {alone:.0f} steps/s)", "0.90"),
        ("the same / one of two bare loops at once", f"{2 * rate / pair:.2f}", ""),
        ("its main figure", f"{seen['frames']:.1f} frames/s", "8 for cheap views"),
        ("click → first new figure", f"{seen['wait']:.2f} s", "≤ 0.5 s"),
        (f"{MANY} runs / 2 bare loops", f"{crowded / pair:.2f} ({crowded:.0f} / {pair:.0f} steps/s)", "0.85"),
        ("Jain index of their shares", f"{many['jain']:.3f}", "0.95"),
        ("frames a second of the slowest", f"{many['frames']:.2f}", "1"),
    ]
    for what, measured, bound in rows:
        table.add_row(f"{concept.slug}: {what}", measured, bound)


if __name__ == "__main__":
    main()
