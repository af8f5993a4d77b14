"""Computes the 438 features of the synthesised music with librosa, and writes dance_features.npz.

Usage: python assets/make_dance.py; two minutes on two cores. Columns as in `playground/data/sound.py`, a row a frame.
Each column is kept in 255 steps from its least to its greatest value.
"""

import sys
from multiprocessing import Pool
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from playground.data.dance import LEAD, music, piece  # noqa: E402
from playground.data.dance_clips import CLIPS, FILE  # noqa: E402
from playground.data.sound import FRAMES, features, per_motion_frame  # noqa: E402


def of_clip(number: int) -> np.ndarray:
    """(FRAMES, 438)"""
    return per_motion_frame(features(music(piece(number), LEAD, LEAD)), LEAD, FRAMES)


def main() -> None:
    with Pool() as pool:
        table = np.stack(pool.map(of_clip, range(CLIPS), chunksize=8))
    low, high = table.min((0, 1)).astype(np.float32), table.max((0, 1)).astype(np.float32)
    steps = np.round(255 * (table - low) / np.maximum(high - low, 1e-6)).astype(np.uint8)
    np.savez_compressed(FILE, steps=steps, low=low, high=high)
    print(table.shape, f"{(HERE / 'dance_features.npz').stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
