"""The clips that a run learns from: synthesised ones, or those of a folder of AIST++."""

from __future__ import annotations

import os
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

import numpy as np

from playground.data import dance
from playground.data.mnist import ASSETS, DataMissing

CLIPS, HELDOUT = 320, 64
FILE = ASSETS / "dance_features.npz"
DAMAGED = (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error)
"""What reading an .npz can raise that is missing, cut short or something else."""
FARTHEST = 15.0
"""Spreads from the mean that a standardised number may be. No training clip of the synthesised ones gets there, but a
column that hardly varies in training (the tempogram's lag 0) would be 1,000 away where a visitor's music is silent."""


@dataclass(frozen=True)
class Dance:
    """Clips of motion and music that belong together."""

    motion: np.ndarray
    """(clips, FRAMES, joints, 3) metres: x to the dancer's left, y up, z forward"""
    music: np.ndarray
    """(clips, FRAMES, 438) features"""
    train: list[int]
    """Numbers of the clips to train on."""
    heldout: list[int]
    """Numbers of those that what was learned is measured on."""
    sound: Callable[[int], np.ndarray]
    """Number of a clip → (samples,)"""
    describe: Callable[[int], str]
    """Number of a clip → what it is, in a few words."""
    bones: tuple[tuple[int, int], ...] = dance.BONES
    """Pairs of joints."""
    left: tuple[int, ...] = dance.LEFT
    right: tuple[int, ...] = dance.RIGHT
    head: int = dance.HEAD

    @cached_property
    def standardised_motion(self) -> np.ndarray:
        """(clips, FRAMES, joints · 3) float32, by the training clips."""
        flat = self.motion.reshape(*self.motion.shape[:2], -1)
        return _standardised(flat, *_mean_and_spread(flat[self.train]))

    @cached_property
    def standardised_music(self) -> np.ndarray:
        """(clips, FRAMES, 438) float32, by the training clips."""
        return self.standardise_music(self.music)

    def standardise_music(self, features: np.ndarray) -> np.ndarray:
        """(…, 438) features of any sound, by the training clips."""
        return _standardised(features, *self._music_scale)

    @cached_property
    def _music_scale(self) -> tuple[np.ndarray, np.ndarray]:
        return _mean_and_spread(self.music[self.train])


def _mean_and_spread(train: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    flat = train.reshape(-1, train.shape[-1])
    return flat.mean(0), np.maximum(flat.std(0), 1e-3)


def _standardised(x: np.ndarray, mean: np.ndarray, spread: np.ndarray) -> np.ndarray:
    return np.clip((x - mean) / spread, -FARTHEST, FARTHEST).astype(np.float32)


@cache
def load_dance() -> Dance:
    """The clips of PLAYGROUND_AIST, a folder of AIST++, else the synthesised ones.

    Raises DataMissing with a sentence for files that are missing or damaged.
    """
    folder = os.environ.get("PLAYGROUND_AIST", "")
    if folder:
        from playground.data.aist import load_aist

        return load_aist(Path(folder))
    return synthesised()


def synthesised() -> Dance:
    try:
        with FILE.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            low, high = archive["low"], archive["high"]
            music = low + (high - low) * archive["steps"].astype(np.float32) / 255
    except DAMAGED as error:
        raise DataMissing(
            f"The data file {FILE} is missing or damaged ({error}); get it back with `python assets/make_dance.py` (or "
            "`git checkout assets/dance_features.npz`)."
        ) from None
    motion = np.stack([dance.motion(dance.piece(number)) for number in range(CLIPS)])
    train, heldout = list(range(CLIPS - HELDOUT)), list(range(CLIPS - HELDOUT, CLIPS))
    return Dance(motion, music, train, heldout, lambda number: dance.music(dance.piece(number)), _describe)


def _describe(number: int) -> str:
    one = dance.piece(number)
    return f"{one.tempo:.0f} beats a minute, {dance.STYLES[one.style]}"
