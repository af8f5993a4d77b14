"""28×28 digits: 5,000 of MNIST from `assets/`, and whatever a visitor draws, brought into the same form."""

from __future__ import annotations

import base64
import binascii
import hashlib
import io
import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypedDict

import numpy as np

from playground.words import say

ASSETS = Path(__file__).resolve().parents[2] / "assets"
FILE = ASSETS / "mnist_5k.npz"
SHA256 = "246e0c30eeea57c8d0037d3f38c8e00651ec204cc61b8022563e9aeeb9d756f4"
HELDOUT = 500
SIDE_LIMIT = 1024


class Sprite(TypedDict):
    """A sheet of pictures in `assets/`: how many in a row, and how many pixels each has each way."""

    file: str
    columns: int
    cell: int


SPRITE: Sprite = {"file": "mnist_heldout.png", "columns": 25, "cell": 28}


def sprite_in_use() -> Sprite | None:
    """The sheet of the held-out digits; None where PLAYGROUND_DATA names other data."""
    return None if os.environ.get("PLAYGROUND_DATA") else SPRITE


class DataMissing(OSError):
    """A data file is missing or damaged; the message says which and how to get it back."""


@dataclass(frozen=True)
class Digits:
    """Grey values in [0, 1], white ink on black; a fixed split."""

    train_images: np.ndarray
    """(4500, 784) float32"""
    train_labels: np.ndarray
    """(4500,) int64"""
    heldout_images: np.ndarray
    """(500, 784) float32"""
    heldout_labels: np.ndarray
    """(500,) int64"""
    heldout_sprite: Sprite | None
    """The held-out images, for hovering; None for other data."""


@cache
def load_digits() -> Digits:
    """The digits of PLAYGROUND_DATA: unset for the file in `assets/`, a path to another .npz, or hf://OWNER/NAME."""
    source = os.environ.get("PLAYGROUND_DATA", "")
    images, labels = _from_hub(source[5:]) if source.startswith("hf://") else _from_file(Path(source or FILE))
    order = np.random.default_rng(0).permutation(len(images))
    heldout, train = order[:HELDOUT], order[HELDOUT:]
    grey = images.reshape(len(images), -1).astype(np.float32) / 255
    whole = labels.astype(np.int64)
    sprite = None if source else SPRITE
    return Digits(grey[train], whole[train], grey[heldout], whole[heldout], sprite)


def first_of_each(labels: np.ndarray) -> np.ndarray:
    """Index of the first digit of every class."""
    return np.array([np.flatnonzero(labels == digit)[0] for digit in range(10)])


def _from_file(path: Path) -> tuple[np.ndarray, np.ndarray]:
    back = say("digits.back")
    if not path.exists():
        raise DataMissing(say("digits.missing", path=path, back=back))
    if path == FILE and hashlib.sha256(path.read_bytes()).hexdigest() != SHA256:
        raise DataMissing(say("digits.damaged", path=path, back=back))
    try:
        with np.load(path, allow_pickle=False) as archive:
            return archive["images"], archive["labels"]
    except (ValueError, KeyError, OSError) as error:
        raise DataMissing(say("digits.unreadable_file", path=path, error=error, back=back)) from None


def _from_hub(name: str) -> tuple[np.ndarray, np.ndarray]:
    try:
        import datasets
    except ImportError:
        raise DataMissing(say("digits.no_datasets", name=name)) from None
    rows: Any = datasets.load_dataset(name, split="train")
    return np.stack([np.asarray(r["image"]) for r in rows]), np.asarray(rows["label"])


def as_digit(data_url: str) -> np.ndarray:
    """A picture as a data URL → (784,) float32 in MNIST's form: white on black, 20×20 ink, centred by mass.

    Raises ValueError with a sentence for what is no picture, too large or empty.
    """
    grey = _decode(data_url)
    if grey.mean() > 0.5:  # black ink on white paper
        grey = 1 - grey
    ink = np.argwhere(grey > 0.15)
    if len(ink) < 4 or grey.max() - grey.min() < 0.1:
        raise ValueError(say("digits.empty"))
    (top, left), (bottom, right) = ink.min(0), ink.max(0) + 1
    return _centred(grey[top:bottom, left:right]).reshape(-1)


def _decode(data_url: str) -> np.ndarray:
    """(height, width) grey values in [0, 1]."""
    from PIL import Image, UnidentifiedImageError

    if not data_url:
        raise ValueError(say("digits.empty"))
    head, _, body = data_url.partition(",")
    if not head.startswith("data:image/") or not head.endswith(";base64"):
        raise ValueError(say("digits.no_picture"))
    try:
        picture = Image.open(io.BytesIO(base64.b64decode(body, validate=True)))
        width, height = picture.size
        if max(width, height) > SIDE_LIMIT:
            raise ValueError(say("digits.too_large", width=width, height=height, most=SIDE_LIMIT))
        layered = picture.convert("RGBA")
    except (UnidentifiedImageError, binascii.Error, OSError, SyntaxError, Image.DecompressionBombError):
        raise ValueError(say("digits.unreadable")) from None
    paper = Image.new("RGBA", layered.size, (0, 0, 0, 255))
    return np.asarray(Image.alpha_composite(paper, layered).convert("L"), dtype=np.float32) / 255


def _centred(ink: np.ndarray) -> np.ndarray:
    """(h, w) cut to its ink → (28, 28): scaled into 20×20, its centre of mass in the middle."""
    from PIL import Image

    height, width = ink.shape
    scale = 20 / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = Image.fromarray((255 * ink).astype(np.uint8)).resize(size, Image.Resampling.LANCZOS)
    cut = np.asarray(small, dtype=np.float32) / 255
    rows, columns = np.indices(cut.shape)
    mass = cut.sum()
    row, column = (rows * cut).sum() / mass, (columns * cut).sum() / mass
    top = int(np.clip(round(13.5 - row), 0, 28 - cut.shape[0]))
    left = int(np.clip(round(13.5 - column), 0, 28 - cut.shape[1]))
    out = np.zeros((28, 28), np.float32)
    out[top : top + cut.shape[0], left : left + cut.shape[1]] = cut
    return out
