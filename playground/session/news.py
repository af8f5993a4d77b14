"""What is new on the tabs of a page since the page asked last; it waits for nobody."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable


class News:
    """Numbers grow with every change. A slow page finds the newest state and the newest figures, none in between."""

    def __init__(self) -> None:
        self.number = 0
        self.tabs: dict[str, int] = {}
        """Slug → number of its newest change."""
        self.figures: dict[tuple[str, str], int] = {}
        """(slug, view) → number of the change that brought its newest figure."""
        self.changed = asyncio.Event()

    def note(self, slug: str, views: Iterable[str] = ()) -> None:
        """A tab has changed; the views have new figures."""
        self.number += 1
        self.tabs[slug] = self.number
        self.figures.update({(slug, view): self.number for view in views})
        self.changed.set()

    def since(self, number: int) -> dict[str, list[str]]:
        """Tab → its views with newer figures, for the tabs that have changed since."""
        return {
            slug: [view for (of, view), newest in self.figures.items() if of == slug and newest > number]
            for slug, last in self.tabs.items()
            if last > number
        }

    async def wait(self, number: int, seconds: float) -> None:
        """Returns when something has changed since `number`, after so many seconds in any case."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + seconds
        while self.number <= number and loop.time() < deadline:
            self.changed.clear()
            try:
                await asyncio.wait_for(self.changed.wait(), deadline - loop.time())
            except TimeoutError:
                return
