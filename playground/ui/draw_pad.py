"""A square to draw a digit on, by mouse, pen, finger or from a picture file; its value is a data URL."""

from __future__ import annotations

from typing import Any

from playground.ui.widget import Widget

TEMPLATE = """<div class="draw-pad"><canvas width="280" height="280" tabindex="0"
aria-label="Drawing pad: draw a digit with the pointer"></canvas>
<div class="draw-tools"><button type="button" class="clear">Clear</button>
<label class="upload">Picture…<input type="file" aria-label="Upload a picture of a digit"></label></div></div>"""


class DrawPad(Widget):
    """Triggers `input` after every stroke; the value is a PNG data URL, "" when cleared."""

    def __init__(self, label: str = "Draw", **kwargs: Any) -> None:
        super().__init__("", TEMPLATE, ("draw_pad.js",), label=label, elem_classes="pad", **kwargs)
