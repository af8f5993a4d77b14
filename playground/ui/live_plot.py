"""A chart that stays mounted: new figures reach it through `Plotly.react`, so zoom, hover and legend survive."""

from __future__ import annotations

import html
from typing import Any

from playground.ui.widget import Widget


class LivePlot(Widget):
    """Shows Plotly figures given as JSON text; only the newest is drawn, once per animation frame.

    A click anywhere in the plane triggers `pick` with {"x": …, "y": …} in the axes' coordinates.
    """

    def __init__(
        self, title: str, look_for: str, *, concept: str, name: str, place: str, value: str = "", clicks: bool = False,
        **kwargs: Any,
    ) -> None:  # fmt: skip
        """
        title: heading over the picture
        look_for: one sentence under it, also its text for a screen reader
        concept, name, place: the view's; under the first two the channel sends it its figures
        value: figure as JSON text to begin with; empty shows a sentence until the first one comes
        clicks: whether somebody answers a click; the spot is then marked
        """
        self.title, self.look_for, self.concept, self.name = title, look_for, concept, name
        self.place, self.clicks = place, clicks
        text = html.escape(look_for, quote=True)
        template = (
            f'<figure class="live-plot" data-concept="{concept}" data-view="{name}"'
            f' data-clicks="{str(clicks).lower()}"><figcaption>'
            f'{html.escape(title)}<span class="badge" hidden>ready-made</span></figcaption><div class="chips"></div>'
            f'<div class="plot" role="group" aria-label="{html.escape(title, quote=True)}: {text}"></div>'
            f'<p class="look-for">{text}</p></figure>'
        )
        super().__init__(value, template, "live_plot.js", elem_classes=["live", f"place-{place}"], **kwargs)
