"""A chart that stays mounted: new figures reach it through `Plotly.react`, so zoom, hover and legend survive."""

from __future__ import annotations

import html
from typing import Any

import gradio as gr

from playground.ui.assets import script


class LivePlot(gr.HTML):
    """Shows Plotly figures given as JSON text; only the newest is drawn, once per animation frame.

    A click anywhere in the plane triggers `pick` with {"x": …, "y": …} in the axes' coordinates.
    """

    def __init__(
        self, title: str, look_for: str, *, name: str, place: str, value: str = "", clicks: bool = False, **kwargs: Any
    ) -> None:
        """
        title: heading over the picture
        look_for: one sentence under it, also its text for a screen reader
        name, place: the view's, for the style sheet and for finding out which views are in sight
        value: figure as JSON text; empty shows the sentence until the first one comes
        clicks: whether somebody answers a click; the spot is then marked
        """
        self.title, self.look_for, self.name, self.place, self.clicks = title, look_for, name, place, clicks
        text = html.escape(look_for, quote=True)
        template = (
            f'<figure class="live-plot" data-view="{name}" data-clicks="{str(clicks).lower()}">'
            f'<figcaption>{html.escape(title)}<span class="badge" hidden>ready-made</span></figcaption>'
            f'<div class="plot" role="group" aria-label="{html.escape(title, quote=True)}: {text}"></div>'
            f'<p class="look-for">{text}</p></figure>'
        )
        super().__init__(
            value,
            html_template=template,
            js_on_load=script("live_plot.js"),
            elem_classes=["live", f"place-{place}"],
            apply_default_css=False,
            **kwargs,
        )

    def get_block_name(self) -> str:
        return "html"

    def get_config(self) -> dict[str, Any]:
        # Gradio asks the subclass's signature for its props; HTML's are the ones the front end knows.
        return gr.HTML.get_config(self)
