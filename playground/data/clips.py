"""Clips of motion and music that belong together, and their numbers as a model gets them."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from playground.data import dance

DAMAGED = (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error)
"""What reading an .npz can raise that is missing, cut short or something else."""
FARTHEST = 15.0
"""Spreads from the mean that a standardised number may be. No training clip of the synthesised ones gets there, but a
column that hardly varies in training (the tempogram's lag 0) would be 1,000 away where a visitor's music is silent."""


@dataclass(frozen=True)
class Clips:
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
