"""Real dances: AIST++ (Li et al. 2021, arXiv 2101.08779) from a folder of one's own, brought into the form of `Clips`.

The folder has `keypoints3d/SEQUENCE.pkl`, a pickled {"keypoints3d_optim": (frames, 17, 3)} at 60 frames a second in
centimetres, and `wav/MUSIC.wav`, MUSIC being the fifth part of a sequence's name: gBR_sBM_cAll_d04_mBR0_ch01 has mBR0.
"""

from __future__ import annotations

import contextlib
import pickle
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from playground.data.clips import DAMAGED, Clips
from playground.data.dance import LEAD
from playground.data.mnist import DataMissing
from playground.data.sound import COLUMNS, FPS, FRAMES, RATE, SECONDS, compiled_librosa, features, per_motion_frame
from playground.words import say

SOURCE_FPS = 60
MOST_HELDOUT = 64
LEAST = 2
"""Clips to train on, and held-out ones, at least."""
CACHE = "playground_features.npz"
BONES = (
    (0, 1), (0, 2), (1, 3), (2, 4), (5, 6), (5, 7), (7, 9), (6, 8), (8, 10), (5, 11), (6, 12), (11, 12), (11, 13),
    (13, 15), (12, 14), (14, 16),
)  # fmt: skip
"""Of COCO's joints: nose, eyes, ears, shoulders, elbows, wrists, hips, knees, ankles; the left one first."""
LEFT, RIGHT, HEAD = (1, 3, 5, 7, 9, 11, 13, 15), (2, 4, 6, 8, 10, 12, 14, 16), 0
HIPS = [11, 12]
JOINTS = 17
ALLOWED = {
    ("numpy", "ndarray"), ("numpy", "dtype"), ("numpy._core.multiarray", "_reconstruct"),
    ("numpy._core.multiarray", "scalar"), ("numpy._core.numeric", "_frombuffer"),
}  # fmt: skip
"""All that a pickle of numpy arrays refers to. A pickle runs what it refers to: nothing else is let in."""


class ArraysOnly(pickle.Unpickler):
    """Reads numpy arrays and plain containers; raises UnpicklingError for everything else."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("_codecs", "encode"):
            return _latin1
        module = module.replace("numpy.core.", "numpy._core.")  # as numpy 1 wrote it
        if (module, name) not in ALLOWED:
            raise pickle.UnpicklingError(f"it refers to {module}.{name}")
        return super().find_class(module, name)


def _latin1(text: str, codec: str) -> bytes:
    """How older pickles write bytes; any other codec would run code that a file chose."""
    if codec != "latin1":
        raise pickle.UnpicklingError(f"it refers to the codec {codec}")
    return text.encode("latin1")


def load_aist(folder: Path) -> Clips:
    """Raises DataMissing with a sentence that names the file which is missing or no such thing."""
    files = sorted((folder / "keypoints3d").glob("*.pkl"))
    if not files:
        raise DataMissing(say("aist.empty", folder=folder))
    motion, where = [], []
    for file in files:
        clips = cut(in_metres(read_keypoints(file)))[: _clips_of_music(folder, file.stem)]
        motion += list(clips)
        where += [(file.stem, number * SECONDS) for number in range(len(clips))]
    train, heldout = split([(music_of(name), second) for name, second in where])
    if min(len(train), len(heldout)) < LEAST:
        raise DataMissing(say("aist.too_few", folder=folder, count=len(where), seconds=SECONDS, least=LEAST))
    music = _cached_features(folder, where)
    return Clips(
        np.stack(motion), music, train, heldout, lambda i: stretch(folder, *where[i]), lambda i: describe(where[i][0]),
        BONES, LEFT, RIGHT, HEAD,
    )  # fmt: skip


def read_keypoints(file: Path) -> np.ndarray:
    """(frames, 17, 3) at 60 frames a second, centimetres. Raises DataMissing."""
    try:
        with file.open("rb") as opened:
            found = ArraysOnly(opened).load()
        points = np.asarray(found.get("keypoints3d_optim", found.get("keypoints3d")), dtype=np.float64)
    except Exception as error:  # a pickle can fail in any way
        raise DataMissing(say("aist.no_pickle", file=file, error=error)) from None
    if points.ndim != 3 or points.shape[1:] != (JOINTS, 3):
        raise DataMissing(say("aist.shape", file=file, shape=points.shape, joints=JOINTS))
    if not np.isfinite(points).all():
        raise DataMissing(say("aist.no_numbers", file=file))
    return points


def in_metres(points: np.ndarray) -> np.ndarray:
    """(frames, 17, 3) in centimetres at 60 frames a second → metres at FPS, the lowest point on the floor."""
    metres = points[SOURCE_FPS // FPS // 2 :: SOURCE_FPS // FPS] / 100  # the middle of each tenth of a second
    metres[..., 1] -= metres[..., 1].min()
    return metres


def cut(metres: np.ndarray) -> np.ndarray:
    """(frames, 17, 3) → (clips, FRAMES, 17, 3), one after the other, the hips over the origin on average."""
    count = len(metres) // FRAMES
    clips = metres[: count * FRAMES].reshape(count, FRAMES, JOINTS, 3).astype(np.float32)
    middle = clips[:, :, HIPS].mean((1, 2), keepdims=True)
    middle[..., 1] = 0
    return clips - middle


def split(stretches: list[tuple[str, float]]) -> tuple[list[int], list[int]]:
    """(music, second) of each clip → (clips to train on, held-out ones): never the same music in both.

    A fifth of the pieces are held out, evenly among their names, which begin with the genre. Several dancers dance to
    the same stretch; one of them is enough, for which music belongs to a dance must have one answer.
    """
    pieces = sorted({music for music, _ in stretches})
    count = -(-len(pieces) // 5) if len(pieces) > 1 else 0
    chosen = {pieces[(2 * i + 1) * len(pieces) // (2 * count)] for i in range(count)}
    train = [number for number, (music, _) in enumerate(stretches) if music not in chosen]
    first = {one: number for number, one in reversed(list(enumerate(stretches))) if one[0] in chosen}
    held = sorted(first.values())
    count = min(len(held), MOST_HELDOUT)
    return train, [held[i * len(held) // count] for i in range(count)]


def music_of(sequence: str) -> str:
    """gBR_sBM_cAll_d04_mBR0_ch01 → mBR0"""
    parts = sequence.split("_")
    if len(parts) < 5:
        raise DataMissing(say("aist.name", sequence=sequence))
    return parts[4]


def describe(sequence: str) -> str:
    """gBR_sBM_cAll_d04_mBR0_ch01 → break, basic, to mBR0"""
    genre, situation = sequence.split("_")[:2]
    genre, situation = say.find(f"aist.genres.{genre}", genre), say.find(f"aist.situations.{situation}", situation)
    return say("aist.sequence", genre=genre, situation=situation, music=music_of(sequence))


@lru_cache(maxsize=8)
def _sound(file: Path) -> np.ndarray:
    """(samples,) float32 mono at RATE. Raises DataMissing."""
    import soundfile

    try:
        samples, rate = soundfile.read(file, dtype="float32", always_2d=True)
    except (OSError, RuntimeError) as error:
        raise DataMissing(say("aist.missing_or_no_wav", file=file, error=error)) from None
    resampled: np.ndarray = compiled_librosa().resample(samples.mean(1), orig_sr=rate, target_sr=RATE)
    return resampled


def stretch(folder: Path, sequence: str, second: float, lead: float = 0.0) -> np.ndarray:
    """The music of a clip, with seconds before and after it; silence where there is none."""
    sound = _sound(folder / "wav" / f"{music_of(sequence)}.wav")
    first, count = round((second - lead) * RATE), round((SECONDS + 2 * lead) * RATE)
    padded = np.pad(sound, (max(0, -first), max(0, first + count - len(sound))))
    first = max(0, first)
    return padded[first : first + count]


def _cached_features(folder: Path, where: list[tuple[str, float]]) -> np.ndarray:
    """(clips, FRAMES, 438), kept in the folder: they take a fifth of a second for each stretch of music."""
    dancers = {(music_of(name), second): name for name, second in where}  # one of those who dance to it
    stretches = sorted(dancers)
    key = np.array([f"{one[0]} {one[1]:g} {_size(folder, dancers[one])}" for one in stretches])
    rows = [stretches.index((music_of(name), second)) for name, second in where]
    kept = folder / CACHE
    try:
        with kept.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            if np.array_equal(archive["key"], key) and archive["music"].shape == (len(key), FRAMES, COLUMNS):
                return archive["music"][rows]
    except DAMAGED:
        pass  # not computed yet, or something else
    sounds = (stretch(folder, dancers[one], one[1], LEAD) for one in stretches)
    music = np.stack([per_motion_frame(features(sound), LEAD, FRAMES) for sound in sounds]).astype(np.float32)
    with contextlib.suppress(OSError):  # a folder that is only read
        np.savez_compressed(kept, key=key, music=music)
    return music[rows]


def _clips_of_music(folder: Path, sequence: str) -> int:
    """How many clips its music lasts for: some dances go on after it. Raises DataMissing."""
    import soundfile

    _size(folder, sequence)
    file = folder / "wav" / f"{music_of(sequence)}.wav"
    try:
        about = soundfile.info(file)
    except (OSError, RuntimeError) as error:
        raise DataMissing(say("aist.no_wav", file=file, error=error)) from None
    return about.frames * FPS // (FRAMES * about.samplerate)


def _size(folder: Path, sequence: str) -> int:
    file = folder / "wav" / f"{music_of(sequence)}.wav"
    if not file.exists():
        raise DataMissing(say("aist.missing", file=file))
    return file.stat().st_size
