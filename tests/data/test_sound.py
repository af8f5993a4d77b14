"""Sound files that visitors send, and the 438 features that a sound is made into."""

from __future__ import annotations

import base64
import io
import threading
import tracemalloc

import numpy as np
import pytest
import soundfile
from filelock import FileLock

from playground.data.sound import (
    BEAT,
    CHROMA,
    COLUMNS,
    COMPILING,
    DELTA,
    HOP,
    LARGEST,
    MFCC,
    ONSET,
    RATE,
    TEMPOGRAM,
    compiled_librosa,
    features,
    per_motion_frame,
    read_sound,
)


def tone(hertz: float, seconds: float, rate: int = RATE, loud: float = 0.5) -> np.ndarray:
    return (loud * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate)).astype(np.float32)


def url(body: bytes, kind: str = "audio/wav") -> str:
    return f"data:{kind};base64," + base64.b64encode(body).decode()


def file(samples: np.ndarray, rate: int = RATE, **how: str) -> bytes:
    buffer = io.BytesIO()
    soundfile.write(buffer, samples, rate, **{"format": "WAV", **how})
    return buffer.getvalue()


def pitch(samples: np.ndarray) -> float:
    """Hertz of the strongest frequency."""
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return float(spectrum.argmax() * RATE / len(samples))


@pytest.fixture(scope="module")
def clicks() -> np.ndarray:
    """(librosa's frames, 438) of twelve seconds with a short burst every half second, from 0.25 s on."""
    sound = np.zeros(12 * RATE, np.float32)
    burst = np.random.default_rng(0).standard_normal(400).astype(np.float32) * np.exp(-np.arange(400) / 80)
    for second in np.arange(0.25, 11.9, 0.5):
        start = round(second * RATE)
        sound[start : start + 400] = 0.5 * burst.astype(np.float32)
    return features(sound)


@pytest.fixture(scope="module")
def steady() -> np.ndarray:
    """Of six seconds of the A over middle C, 440 Hz."""
    return features(tone(440, 6))


def test_there_are_438_columns_a_row_for_every_512_samples(clicks: np.ndarray) -> None:
    assert clicks.shape == (1 + 12 * RATE // HOP, COLUMNS) and COLUMNS == 438
    ends = [MFCC.start, MFCC.stop, DELTA.start, DELTA.stop, CHROMA.start, CHROMA.stop, ONSET, BEAT, TEMPOGRAM.start]
    assert ends == [0, 20, 20, 40, 40, 52, 52, 53, 54] and TEMPOGRAM.stop == 438


def test_chroma_finds_the_pitch_class_counted_from_c(steady: np.ndarray) -> None:
    inner = steady[40:-40, CHROMA]
    assert (inner.argmax(1) == 9).all(), "A is the tenth semitone from C"
    assert inner[:, 9].min() > 0.9 and np.delete(inner, [8, 9, 10], 1).max() < 0.5


def test_the_change_of_a_steady_timbre_is_nothing(steady: np.ndarray) -> None:
    inner = steady[40:-40]
    assert np.abs(inner[:, DELTA]).max() < 0.05 * np.abs(inner[:, MFCC]).max()
    assert np.abs(steady[:10, DELTA]).max() > 10 * np.abs(inner[:, DELTA]).max(), "it begins with a change"


def test_delta_is_the_slope_of_the_mfcc(clicks: np.ndarray) -> None:
    """Savitzky & Golay's first derivative over nine frames, by least squares."""
    window = np.arange(-4, 5)
    at = 137
    slopes = window @ clicks[at - 4 : at + 5, MFCC] / (window @ window)
    np.testing.assert_allclose(clicks[at, DELTA], slopes, atol=1e-3)


def test_the_first_coefficient_is_loudness() -> None:
    """The 0-th of an orthonormal cosine transform of decibels: ten times as loud is 20 dB · √128 more."""
    loud, soft = (features(tone(440, 2, loud=level))[30, MFCC] for level in (0.5, 0.05))
    assert loud[0] - soft[0] > 0.5 * 20 * 128**0.5 and np.abs(loud[1:] - soft[1:]).max() < loud[0] - soft[0]


def test_onsets_beats_and_tempo_are_those_of_the_clicks(clicks: np.ndarray) -> None:
    rows = np.round(np.arange(0.25, 11.5, 0.5) * RATE / HOP).astype(int)
    onset = clicks[:, ONSET]
    near = max(abs(int(onset[row - 8 : row + 9].argmax()) - 8) for row in rows)
    assert near <= 3
    beats = np.flatnonzero(clicks[:, BEAT])
    assert set(np.unique(clicks[:, BEAT])) == {0, 1} and np.abs(np.diff(beats) - 0.5 * RATE / HOP).max() <= 1.5
    lag = round(0.5 * RATE / HOP)
    tempogram = clicks[len(clicks) // 2, TEMPOGRAM]
    assert len(tempogram) == 384 and abs(int(tempogram[10:35].argmax()) + 10 - lag) <= 1
    assert tempogram[0] == pytest.approx(1) and tempogram[lag // 2] < 0.5 * tempogram[lag]


def test_a_motion_frame_is_the_mean_of_its_tenth_of_a_second_and_has_its_beat() -> None:
    rows = np.repeat(np.arange(200.0)[:, None], COLUMNS, 1)
    rows[:, BEAT] = 0
    rows[round(1.55 * RATE / HOP), BEAT] = 1
    table = per_motion_frame(rows, 1.0, 7)
    edges = [round((1 + i / 10) * RATE / HOP) for i in range(8)]
    expected = [np.mean(np.arange(a, b)) for a, b in zip(edges[:-1], edges[1:], strict=True)]
    np.testing.assert_allclose(table[:, 3], expected)
    np.testing.assert_array_equal(table[:, BEAT], [0, 0, 0, 0, 0, 1, 0])


@pytest.mark.parametrize("how", [
    {"subtype": "PCM_U8"}, {"subtype": "PCM_16"}, {"subtype": "PCM_24"}, {"subtype": "FLOAT"}, {"format": "FLAC"},
    {"format": "MP3"}, {"format": "OGG"},
], ids=str)  # fmt: skip
def test_files_of_every_kind_are_read_at_one_rate_in_mono(how: dict[str, str]) -> None:
    rate = 44_100
    left, right = tone(441, 4, rate), tone(441, 4, rate, loud=0.1)
    sound = read_sound(url(file(np.stack([left, right], 1), rate, **how), "application/octet-stream"))
    assert sound.dtype == np.float32 and abs(len(sound) - 4 * RATE) < 0.1 * RATE
    assert pitch(sound) == pytest.approx(441, abs=1) and np.abs(sound[5000:-5000]).max() == pytest.approx(0.3, abs=0.03)


BAD = {
    "": "no sound",
    "data:audio/wav;base64,!!!": "did not arrive whole",
    "data:audio/wav;base64,é": "did not arrive whole",
    "nothing of the kind": "not a sound that can be read",
    url(b"This is a letter, and no music." * 99): "not a sound that can be read",
    url(file(tone(440, 4))[:30]): "not a sound that can be read",
    url(file(tone(440, 0.0001)[:1])): r"lasts 0\.0 s; a clip has 3\.2 s",
    url(file(tone(440, 3.1))): r"lasts 3\.1 s; a clip has 3\.2 s",
    url(file(tone(440, 3.1999, 44_100), 44_100)): r"lasts 3\.1 s; a clip has 3\.2 s",
    url(file(np.zeros(4 * RATE, np.float32))): "silent",
    url(file(tone(440, 4, loud=0.0009))): "silent",
    url(file(np.stack([tone(440, 4), -tone(440, 4)], 1))): "silent",
    url(file(tone(440, 30.02))): r"lasts 30\.1 s; 30 s are the most",
    url(file(np.zeros(655_350, np.float32), 655_350, format="FLAC")): "655,350 samples a second; 4,000 to 192,",
    url(file(tone(440, 31))): "lasts 31 s; 30 s are the most",
    url(file(np.zeros(8000 * 3600, np.float32), 8000, format="FLAC")): "lasts 3,600 s; 30 s are the most",
    url(b"\0" * LARGEST): "not a sound that can be read",
    url(b"\0" * (LARGEST + 1)): r"10\.0 MB; 10 MB are the most",
}


@pytest.mark.parametrize(("given", "words"), BAD.items(), ids=lambda v: v[-30:])
def test_what_is_no_music_gets_a_sentence(given: str, words: str) -> None:
    with pytest.raises(ValueError, match=words) as caught:
        read_sound(given)
    assert len(str(caught.value)) < 160 and "\n" not in str(caught.value)


@pytest.mark.parametrize("rate", [8_000, 11_025, 44_100, 192_000])
def test_as_long_as_a_clip_is_long_enough(rate: int) -> None:
    assert len(read_sound(url(file(tone(440, 3.2, rate, loud=0.002), rate)))) == 32 * RATE // 10


def test_many_channels_of_silence_take_little_memory() -> None:
    """Thirty kilobytes that stand for 92 MB: eight channels, thirty seconds."""
    small = url(file(np.zeros((30 * 96_000, 8), np.int16), 96_000, format="FLAC"))
    assert len(small) < 50_000
    tracemalloc.start()
    with pytest.raises(ValueError, match="silent"):
        read_sound(small)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 60e6


def test_a_header_that_lies_does_not_make_an_hour_be_read() -> None:
    """A wav that says it has four seconds and goes on for forty."""
    body = bytearray(file(tone(440, 40)))
    where = body.index(b"data")
    body[where + 4 : where + 8] = (4 * RATE * 2).to_bytes(4, "little")
    assert len(read_sound(url(bytes(body)))) <= 31 * RATE


def test_numbers_that_are_none_become_silence() -> None:
    broken = tone(440, 4)
    broken[500:600] = np.nan
    broken[700] = np.inf
    assert np.isfinite(read_sound(url(file(broken, subtype="FLOAT")))).all()


def test_one_process_compiles_librosa_at_a_time() -> None:
    """A lock file holds between threads, too: each takes it through a descriptor of its own."""
    compiler = threading.Thread(target=compiled_librosa.__wrapped__, daemon=True)
    with FileLock(COMPILING):
        compiler.start()
        compiler.join(1)
        assert compiler.is_alive()
    compiler.join(120)
    assert not compiler.is_alive()
