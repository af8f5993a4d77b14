"""The features of a visitor's own music: slow work that needs no model."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from playground.concept import Refused
from playground.concepts.clip.dance.questions import FindDance
from playground.data.sound import FPS, FRAMES, RATE, compiled_librosa, features, per_motion_frame, read_sound

HOP = 4
"""Frames from one stretch that is compared to the next."""


@dataclass(frozen=True)
class SoundFeatures:
    """A question, and where a sound came with it all stretches of it that are as long as a clip."""

    question: FindDance
    sound: np.ndarray | None = None
    """(samples,)"""
    stretches: np.ndarray | None = None
    """(stretches, FRAMES, 438), raw features; the i-th begins i · HOP frames into the sound."""

    def stretch(self, number: int) -> np.ndarray:
        """The samples of one stretch."""
        assert self.sound is not None
        start = round(number * HOP / FPS * RATE)
        return self.sound[start : start + round(FRAMES / FPS * RATE)]


def features_of_upload(question: FindDance) -> SoundFeatures:
    """Reads and analyses the sound that came with a question, if one did; raises Refused."""
    if not question.sound:
        return SoundFeatures(question)
    try:
        sound = read_sound(question.sound)
    except ValueError as error:
        raise Refused(str(error)) from None
    rows = per_motion_frame(features(sound), 0.0, int(len(sound) / RATE * FPS))  # (frames, 438)
    starts = range(0, len(rows) - FRAMES + 1, HOP)
    return SoundFeatures(question, sound, np.stack([rows[start : start + FRAMES] for start in starts]))


def warm_up() -> None:
    compiled_librosa()
