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


PLOT = Medium(name="plot", module="plot.js", keys=frozenset({"data", "layout"}))
"""A Plotly chart; the command line's --out writes it as a web page."""
