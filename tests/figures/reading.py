"""Reads figures back: which series is which, where a picture's pixels lie in the axes, what an axis says.

For tests that draw an experiment whose right figure is known, and look at what a visitor would see.
"""

from __future__ import annotations

import base64
import io
from typing import Any

import numpy as np
from PIL import Image

Figure = dict[str, Any]


def trace(figure: Figure, name: str, **has: Any) -> dict[str, Any]:
    """The one trace of this name (and with these values of other keys)."""
    found = [t for t in figure["data"] if t.get("name") == name and all(t.get(k) == v for k, v in has.items())]
    assert len(found) == 1, (
        f"{len(found)} traces are named {name!r}; there are {[t.get('name') for t in figure['data']]}"
    )
    return dict(found[0])


def points(one: dict[str, Any]) -> list[tuple[Any, Any]]:
    """(x, y) of every point of a trace; None stands for a gap."""
    return list(zip(one["x"], one["y"], strict=True))


def heatmap(figure: Figure, index: int = 0) -> np.ndarray:
    """Values of the figure's index-th heat map, row by row; null is NaN."""
    maps = [t for t in figure["data"] if t["type"] == "heatmap"]
    return np.array(maps[index]["z"], dtype=float)


def title(figure: Figure, axis: str) -> str:
    return str(figure["layout"][axis]["title"]["text"])


def headings(figure: Figure) -> tuple[str, str]:
    """What stands above the left and above the right one of two charts, which do not overlap."""
    layout = figure["layout"]
    assert layout["xaxis"]["domain"][1] < layout["xaxis2"]["domain"][0] and layout["yaxis2"]["anchor"] == "x2"
    above = [a for a in layout["annotations"] if (a["yref"], a["y"], a["yanchor"]) == ("paper", 1, "bottom")]
    over = {a["xref"]: a["text"] for a in above}
    return over["x domain"], over["x2 domain"]


def grows(figure: Figure, axis: str) -> int:
    """1 if values grow to the right or upwards, −1 if the axis is turned round."""
    about = figure["layout"][axis]
    if about.get("autorange") == "reversed":
        return -1
    low, high = about["range"]
    return 1 if high > low else -1


def said(figure: Figure) -> list[str]:
    """Texts that stand in the figure."""
    return [a["text"] for a in figure["layout"].get("annotations", ())]


class Picture:
    """One layout image, with its pixels where the axes have them."""

    def __init__(self, figure: Figure, index: int = 0) -> None:
        placed = figure["layout"]["images"][index]
        body = base64.b64decode(placed["source"].partition(",")[2])
        self.pixels = np.asarray(Image.open(io.BytesIO(body)).convert("L"), dtype=float) / 255
        assert placed["xref"] == "x" and placed["yref"] == "y" and placed["sizing"] == "stretch"
        self.left, self.width = placed["x"], placed["sizex"]
        # Plotly takes the size in the direction of the screen, whichever way the axis runs.
        self.top, self.height = placed["y"], abs(placed["sizey"])
        self.down = grows(figure, "yaxis")

    def at(self, x: float, y: float) -> float:
        """Grey value, 0 to 1, that a visitor sees at a place in the axes."""
        rows, columns = self.pixels.shape
        column = int((x - self.left) / self.width * columns)
        row = int((self.top - y) * self.down / self.height * rows)
        assert 0 <= column < columns and 0 <= row < rows, f"({x}, {y}) is outside of the picture"
        return float(self.pixels[row, column])

    def cell(self, x: float, y: float, width: float, height: float) -> float:
        """Mean grey value of a cell around a place."""
        across, along = np.linspace(-0.4, 0.4, 9) * width, np.linspace(-0.4, 0.4, 9) * height
        return float(np.mean([[self.at(x + dx, y + dy) for dx in across] for dy in along]))
