"""What shows a figure on the page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Figure = dict[str, Any]
"""What a medium shows, as plain JSON-able data: of a plot {"data": [...], "layout": {"uirevision": …, …}}."""


@dataclass(frozen=True, kw_only=True)
class Medium:
    """What shows a figure on the page: an ES module with `mount(element, io)`, see `ui/static/js/media`."""

    name: str
    module: str
    """File name of the module: in the concept's own folder `static`, else among the media that all tabs share."""
    keys: frozenset[str]
    """Keys at the top of its figures."""
    export: Callable[[Figure], tuple[str, bytes]] | None = None
    """Figure → (suffix of a file name, the file), for the command line's --out; None: not written."""

    @property
    def is_chart(self) -> bool:
        """Whether its figures are Plotly charts, which the command line's --out writes as web pages."""
        return self.keys == CHART

    @classmethod
    def chart(cls, name: str, module: str) -> Medium:
        """A chart with marks of a tab's own over it: its module passes them to the shared `plot.js`."""
        return cls(name=name, module=module, keys=CHART)


CHART = frozenset({"data", "layout"})
"""Keys of a Plotly figure."""

PLOT = Medium.chart("plot", "plot.js")
"""A Plotly chart."""
