"""What all figures share: rounding, PNG encoding, mosaics. Plain dicts and numpy, no plotting library."""

from __future__ import annotations

import base64
import struct
import zlib
from typing import Any

import numpy as np

from playground.figures.meta import FigureMeta


def rounded(values: Any, digits: int = 3) -> list[Any]:
    """Python floats with few digits, for shorter JSON (where a NaN becomes null: a gap in the chart)."""
    return np.round(np.asarray(values, dtype=np.float64), digits).tolist()


def figure(data: list[dict[str, Any]], key: str, *, meta: FigureMeta | None = None, **layout: Any) -> dict[str, Any]:
    """A Plotly figure; `key` is constant per view, so that zoom survives updates. meta: for the page, see `meta.py`"""
    about = {} if meta is None else {"meta": meta}
    return {"data": data, "layout": {"uirevision": key, "showlegend": False, **about, **layout}}


def png(pixels: np.ndarray) -> bytes:
    """(height, width), (height, width, 3) or, with opacity, (height, width, 4) uint8 → PNG file."""
    height, width = pixels.shape[:2]
    rows = np.zeros((height, 1 + pixels[0].size), np.uint8)  # each row opens with its filter type, 0
    rows[:, 1:] = np.ascontiguousarray(pixels).reshape(height, -1)
    kind = 0 if pixels.ndim == 2 else {3: 2, 4: 6}[pixels.shape[2]]
    header = struct.pack(">IIBBBBB", width, height, 8, kind, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(rows.tobytes(), 1)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body)) for name, body in parts
    )


def data_url(pixels: np.ndarray) -> str:
    return "data:image/png;base64," + base64.b64encode(png(pixels)).decode()


def grey(images: np.ndarray) -> np.ndarray:
    """[0, 1] floats → uint8."""
    return (255 * np.clip(images, 0, 1)).astype(np.uint8)


def tiles(images: np.ndarray, columns: int, gap: int = 0, between: int = 0) -> np.ndarray:
    """(n, height, width, channels) uint8 → one picture, row by row; `between` is the value of gaps and empty cells."""
    count, height, width, channels = images.shape
    rows = -(-count // columns)
    cells = np.full((rows * columns, height + gap, width + gap, channels), between, np.uint8)
    cells[:count, :height, :width] = images
    sheet = cells.reshape(rows, columns, height + gap, width + gap, channels).transpose(0, 2, 1, 3, 4)
    whole = sheet.reshape(rows * (height + gap), columns * (width + gap), channels)
    return whole[: whole.shape[0] - gap, : whole.shape[1] - gap]


def mosaic(images: np.ndarray, columns: int, gap: int = 0) -> np.ndarray:
    """(n, side²) grey values in [0, 1] → one (height, width) uint8 picture, row by row."""
    side = round(images.shape[1] ** 0.5)
    return tiles(grey(images).reshape(-1, side, side, 1), columns, gap)[..., 0]
