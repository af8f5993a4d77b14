"""The medium of this tab's own: dancers in space, in time with a sound."""

from __future__ import annotations

import base64
import io
import wave

import numpy as np

from playground.concept import Medium
from playground.data.dance import RATE

DANCE = Medium(name="dance", module="dance.js", keys=frozenset({"dance"}))


def wav(sound: np.ndarray) -> str:
    """(samples,) in ±1 → a 16-bit WAV as a data URL."""
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((32767 * np.clip(sound, -1, 1)).astype("<i2").tobytes())
    return "data:audio/wav;base64," + base64.b64encode(buffer.getvalue()).decode()
