"""Sound into the 438 features a frame that the notes' music encoder takes, and sound files into samples."""

from __future__ import annotations

import base64
import binascii
import io
import math
import os
import tempfile
import warnings
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock

from playground.words import say

RATE = 22_050
"""Samples a second."""
FPS, FRAMES = 10, 32
"""Motion frames a second, and in a clip of 3.2 seconds."""
SECONDS = FRAMES / FPS
HOP = 512
"""Samples from one of librosa's frames to the next."""

MFCC, DELTA, CHROMA = slice(0, 20), slice(20, 40), slice(40, 52)
ONSET, BEAT = 52, 53
TEMPOGRAM = slice(54, 438)
"""Columns: timbre and its change, pitch classes from C up, how strongly something begins, 1 on a beat, and how well the
onsets of the nine seconds around repeat after 0 to 383 of librosa's frames."""
COLUMNS = 438

LONGEST_SECONDS = 30
RATES = (4_000, 192_000)
"""Samples a second of a file: a few bytes of silence can stand for any number of them."""
LARGEST = 10_000_000
"""Bytes of a file."""
SILENCE = 1e-3
"""A greatest sample under it is −60 dB of the greatest possible."""


COMPILING = Path(tempfile.gettempdir()) / f"playground-librosa-{getattr(os, 'getuid', int)()}.lock"
"""Whoever holds it compiles."""


@cache
def compiled_librosa() -> Any:
    """librosa, imported and run once, which takes 20 s on a new machine and a second on others.

    One process at a time: numba keeps two files for each function, and those of two processes that compile together
    can end up mixed; calling such a pair is a segmentation fault (numba's issue 10128).
    """
    with FileLock(COMPILING):
        import librosa

        _features(librosa, np.sin(np.arange(2 * RATE) / 10).astype(np.float32))
    return librosa


def features(sound: np.ndarray) -> np.ndarray:
    """(samples,) → (1 + samples // HOP, 438), with librosa's default windows."""
    return _features(compiled_librosa(), sound)


def _features(librosa: Any, sound: np.ndarray) -> np.ndarray:
    mfcc = librosa.feature.mfcc(y=sound, sr=RATE, n_mfcc=20)
    onset = librosa.onset.onset_strength(y=sound, sr=RATE)
    _, beats = librosa.beat.beat_track(onset_envelope=onset, sr=RATE)
    beat = np.zeros_like(onset)
    beat[beats] = 1
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="n_fft=")  # the lowest octave of a short sound has few samples
        chroma = librosa.feature.chroma_cqt(y=sound, sr=RATE)
    tempogram = librosa.feature.tempogram(onset_envelope=onset, sr=RATE)
    return np.concatenate([mfcc, librosa.feature.delta(mfcc), chroma, onset[None], beat[None], tempogram]).T


def per_motion_frame(rows: np.ndarray, first_second: float, frames: int) -> np.ndarray:
    """librosa's frames → (frames, 438), each the mean of a stretch of 1/FPS seconds; a beat if there is one in it."""
    edges = np.round((first_second + np.arange(frames + 1) / FPS) * RATE / HOP).astype(int)
    stretches = [rows[a:b] for a, b in zip(edges[:-1], edges[1:], strict=True)]
    table = np.stack([stretch.mean(0) for stretch in stretches])
    table[:, BEAT] = [stretch[:, BEAT].max() for stretch in stretches]
    return table


def read_sound(data_url: str) -> np.ndarray:
    """A sound file as a data URL → (samples,) float32 in ±1, mono at RATE.

    Raises ValueError with a sentence for what is no sound, too short, too long or silent.
    """
    mono, rate = _decoded(_body(data_url))
    if len(mono) * FPS < FRAMES * rate:
        seconds = 10 * len(mono) // rate / 10
        raise ValueError(say("sound.too_short", seconds=seconds, least=SECONDS))
    mono = np.clip(np.nan_to_num(mono, posinf=0.0, neginf=0.0), -1, 1)
    if np.abs(mono).max() < SILENCE:
        raise ValueError(say("sound.silent"))
    resampled = compiled_librosa().resample(mono, orig_sr=rate, target_sr=RATE)
    return np.clip(resampled, -1, 1).astype(np.float32)


def _decoded(body: bytes) -> tuple[np.ndarray, int]:
    """A sound file → (samples,) float32, the mean of its channels, and samples a second. Raises ValueError."""
    import soundfile

    try:
        about = soundfile.info(io.BytesIO(body))
        rate, seconds = about.samplerate, about.frames / about.samplerate
    except Exception:  # a damaged header can lead to any
        raise ValueError(say("sound.unreadable")) from None
    if seconds > LONGEST_SECONDS:
        raise ValueError(_too_long(seconds))
    if not RATES[0] <= rate <= RATES[1]:
        raise ValueError(say("sound.rate", rate=rate, least=RATES[0], most=RATES[1]))
    try:
        with soundfile.SoundFile(io.BytesIO(body)) as file:
            # A header can lie: no more than it promised is read, and of up to 1,000 channels only the mean is kept.
            blocks = file.blocks(1 << 16, frames=about.frames, dtype="float32", always_2d=True)
            means = [block.mean(1) for block in blocks]
    except Exception:
        raise ValueError(say("sound.unreadable")) from None
    return np.concatenate([np.zeros(0, np.float32), *means]), rate


def _body(data_url: str) -> bytes:
    if not data_url:
        raise ValueError(say("sound.none"))
    head, _, text = data_url.partition(",")
    if not head.startswith("data:") or not head.endswith(";base64"):
        raise ValueError(say("sound.unreadable"))
    size = len(text) * 3 // 4 - text[-2:].count("=")
    if size > LARGEST:
        raise ValueError(say("sound.too_large", size=size / 1e6, most=LARGEST / 1e6))
    try:
        return base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        raise ValueError(say("sound.cut_off")) from None


def _too_long(seconds: float) -> str:
    lasts = f"{math.ceil(10 * seconds) / 10:,.1f}".removesuffix(".0")
    return say("sound.too_long", seconds=lasts, most=LONGEST_SECONDS)
