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
from tests.browser.tab import Tab
from tests.serving import Server

TIMES = 7
AE = Tab("autoencoder", ("latents",))
TRANSFORMER = Tab("transformer", ("reading",))
HERO, INSET = AE.selector("latents"), AE.selector("inset-decode")
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
  for (const kind of ["pointermove", "pointerdown", "keydown"]) {
    window.addEventListener(kind, () => { window.began = performance.now(); }, { once: true, capture: true });
  }
}
"""


def opened(page: Page, url: str, tab: Tab = AE) -> None:
    page.goto(f"{url}/?tab={tab.slug}")
    page.wait_for_selector(tab.status + "[data-settled]", timeout=60_000)
    page.wait_for_selector(tab.selector(tab.views[0]) + ".drawn")
    page.wait_for_timeout(1500)  # the page is ready


def waited(page: Page, box: str, attribute: str, act: Callable[[], None]) -> float:
    page.evaluate(WATCH, [box, attribute])
    act()
    ended = page.evaluate("window.changed")
    return float(ended - page.evaluate("window.began"))


def drags(page: Page) -> list[float]:
    page.mouse.move(*AE.place(page, "latents", -2, 0))
    page.mouse.down()
    found = []
    for step in range(TIMES):
        page.wait_for_timeout(250)
        at = AE.place(page, "latents", -2 + step / 2, 0.1 * step)
        found.append(waited(page, INSET, "data-draws", lambda at=at: page.mouse.move(*at)))  # type: ignore[misc]
    page.mouse.up()
    return found


def letters(page: Page) -> list[float]:
    """From a letter typed into the sentence to the picture of its answer."""
    reading = TRANSFORMER.selector("reading")
    page.locator(reading + " input").fill("march 3")
    page.wait_for_timeout(500)
    found = []
    for letter in ", 2021":
        found.append(waited(page, reading, "data-draws", lambda letter=letter: page.keyboard.press(letter)))  # type: ignore[misc]
        page.wait_for_timeout(250)
    return found


def main() -> None:
    table = Table("what", "at most", "first", "median", title="At once (milliseconds)")
    server = Server()
    try:
        server.wait()
        with sync_playwright() as play:
            browser = chromium(play)
            first: list[float] = []
            clicks: list[float] = []
            moved: list[float] = []
            for visit in range(3):
                page = browser.new_page(viewport={"width": 1440, "height": 900})
                opened(page, server.url)
                for i in range(TIMES):
                    at = AE.place(page, "latents", 0.2 * i, -0.3)
                    took = waited(page, INSET, "data-draws", lambda page=page, at=at: page.mouse.click(*at))  # type: ignore[misc]
                    (clicks if i else first).append(took)
                if visit == 2:
                    moved = drags(page)
                page.close()
            page = browser.new_page(viewport={"width": 1440, "height": 900})
            opened(page, server.url, TRANSFORMER)
            typed = letters(page)
            page.close()
            answers = {
                "arrival → answer of the first click": first,
                "click → answer": clicks,
                "drag in the latent plane → decoding": moved,
                "letter typed → the answer to the text": typed,
            }
            for what, times in answers.items():
                table.add_row(what, "150", f"{times[0]:.0f}", f"{statistics.median(times):.0f}")
            trained = []
            for _ in range(3):
                page = browser.new_page(viewport={"width": 1440, "height": 900})
                opened(page, server.url)
                button = page.locator("button.train:visible")
                trained.append(waited(page, HERO, "data-draws", button.click))
                page.close()
            table.add_row("Train → visible change", "500", f"{trained[0]:.0f}", f"{statistics.median(trained):.0f}")
            browser.close()
    finally:
        server.stop()
    Console(width=110).print(table)


if __name__ == "__main__":
    main()
