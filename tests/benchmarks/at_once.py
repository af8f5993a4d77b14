"""How soon the page answers, in a real browser on an idle machine: `CHROMIUM=… python -m tests.benchmarks.at_once`.

Milliseconds in the page's own clock, from an event to the frame in which its answer stands; each the median of some.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable

from playwright.sync_api import Page, sync_playwright
from rich.console import Console
from rich.table import Table

from tests.benchmarks.engine import chromium
from tests.serving import Server

TIMES = 7
HERO = '.figure-box[data-concept="autoencoder"][data-view="latents"]'
INSET = '.figure-box[data-concept="autoencoder"][data-view="inset-decode"]'
WATCH = """
([box, attribute]) => {
  window.changed = new Promise((done) => {
    const element = document.querySelector(box);
    const before = element.getAttribute(attribute);
    const watcher = new MutationObserver(() => {
      if (element.getAttribute(attribute) === before) return;
      watcher.disconnect();
      requestAnimationFrame(() => done(performance.now()));
    });
    watcher.observe(element, { attributes: true, attributeFilter: [attribute] });
  });
  window.addEventListener("pointermove", () => { window.began = performance.now(); }, { once: true, capture: true });
  window.addEventListener("pointerdown", () => { window.began = performance.now(); }, { once: true, capture: true });
}
"""


def place(page: Page, x: float, y: float) -> tuple[float, float]:
    at = page.eval_on_selector(
        HERO + " .chart",
        "(p, [x, y]) => { const { xaxis, yaxis } = p._fullLayout, box = p.getBoundingClientRect();"
        " return [box.left + xaxis._offset + xaxis.d2p(x), box.top + yaxis._offset + yaxis.d2p(y)]; }",
        [x, y],
    )  # fmt: skip
    return at[0], at[1]


def opened(page: Page, url: str) -> None:
    page.goto(url + "/?tab=autoencoder")
    page.wait_for_selector('.status[data-concept="autoencoder"][data-settled]', timeout=60_000)
    page.wait_for_selector(HERO + ".drawn")
    page.wait_for_timeout(1500)  # the page is ready


def waited(page: Page, box: str, attribute: str, act: Callable[[], None]) -> float:
    page.evaluate(WATCH, [box, attribute])
    act()
    ended = page.evaluate("window.changed")
    return float(ended - page.evaluate("window.began"))


def drags(page: Page) -> list[float]:
    page.mouse.move(*place(page, -2, 0))
    page.mouse.down()
    found = []
    for step in range(TIMES):
        page.wait_for_timeout(250)
        at = place(page, -2 + step / 2, 0.1 * step)
        found.append(waited(page, INSET, "data-draws", lambda at=at: page.mouse.move(*at)))  # type: ignore[misc]
    page.mouse.up()
    return found


def main() -> None:
    table = Table("what", "at most", "first", "median", title="At once (milliseconds)")
    server = Server()
    try:
        server.wait()
        with sync_playwright() as play:
            browser = chromium(play)
            first, clicks = [], []
            for _ in range(3):
                page = browser.new_page(viewport={"width": 1440, "height": 900})
                opened(page, server.url)
                first.append(waited(page, INSET, "data-draws", lambda: page.mouse.click(*place(page, 0.5, 0.5))))  # noqa: B023
                for i in range(TIMES):
                    at = place(page, 0.2 * i, -0.3)
                    clicks.append(waited(page, INSET, "data-draws", lambda at=at: page.mouse.click(*at)))  # type: ignore[misc] # noqa: B023
            table.add_row(
                "arrival → answer of the first click", "150", f"{first[0]:.0f}", f"{statistics.median(first):.0f}"
            )
            table.add_row("click → answer", "150", f"{clicks[0]:.0f}", f"{statistics.median(clicks):.0f}")
            moved = drags(page)
            table.add_row(
                "drag in the latent plane → decoding", "150", f"{moved[0]:.0f}", f"{statistics.median(moved):.0f}"
            )
            trained = []
            for _ in range(3):
                page = browser.new_page(viewport={"width": 1440, "height": 900})
                opened(page, server.url)
                button = page.locator("button.train:visible")
                trained.append(waited(page, HERO, "data-draws", button.click))
            table.add_row("Train → visible change", "500", f"{trained[0]:.0f}", f"{statistics.median(trained):.0f}")
            browser.close()
    finally:
        server.stop()
    Console(width=110).print(table)


if __name__ == "__main__":
    main()
