"""Computes the 438 features of the synthesised music with librosa, and writes dance_features.npz.

Usage: pip install librosa==0.11.0 && python assets/make_dance.py; two minutes on two cores.
Columns: MFCC 20, their change 20, chroma_cqt 12, onset strength 1, beat 1, tempogram 384; a row for each motion frame.
Each column is kept in 255 steps from its least to its greatest value.
"""

import sys
from multiprocessing import Pool
from pathlib import Path

import librosa
import numpy as np

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from playground.data.dance import FPS, FRAMES, LEAD, RATE, music, piece  # noqa: E402

CLIPS, HOP = 320, 512


def features(sound: np.ndarray) -> np.ndarray:
    """(samples,) → (librosa's frames, 438)"""
    mfcc = librosa.feature.mfcc(y=sound, sr=RATE, n_mfcc=20)
    onset = librosa.onset.onset_strength(y=sound, sr=RATE)
    _, beats = librosa.beat.beat_track(onset_envelope=onset, sr=RATE)
    beat = np.zeros_like(onset)
    beat[beats] = 1
    rows = [mfcc, librosa.feature.delta(mfcc), librosa.feature.chroma_cqt(y=sound, sr=RATE), onset[None], beat[None],
            librosa.feature.tempogram(onset_envelope=onset, sr=RATE)]  # fmt: skip
    return np.concatenate(rows).T


def of_clip(number: int) -> np.ndarray:
    """(FRAMES, 438): of each stretch between two motion frames the mean, a beat if there is one."""
    found = features(music(piece(number), LEAD, LEAD))
    edges = np.round((LEAD + np.arange(FRAMES + 1) / FPS) * RATE / HOP).astype(int)
    rows = [found[a:b].mean(0) for a, b in zip(edges[:-1], edges[1:], strict=True)]
    beat = [found[a:b, 53].max() for a, b in zip(edges[:-1], edges[1:], strict=True)]
    table = np.stack(rows)
    table[:, 53] = beat
    return table


def main() -> None:
    with Pool() as pool:
        table = np.stack(pool.map(of_clip, range(CLIPS), chunksize=8))
    low, high = table.min((0, 1)).astype(np.float32), table.max((0, 1)).astype(np.float32)
    steps = np.round(255 * (table - low) / np.maximum(high - low, 1e-6)).astype(np.uint8)
    np.savez_compressed(HERE / "dance_features.npz", steps=steps, low=low, high=high)
    print(table.shape, f"{(HERE / 'dance_features.npz').stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
