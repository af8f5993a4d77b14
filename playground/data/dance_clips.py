"""The clips that a run learns from: synthesised ones, or those of a folder of AIST++."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

import numpy as np

from playground.data import dance
from playground.data.aist import load_aist
from playground.data.clips import DAMAGED, Clips
from playground.data.mnist import ASSETS, DataMissing
from playground.words import say

CLIPS, HELDOUT = 320, 64
FILE = ASSETS / "dance_features.npz"


@cache
def load_dance() -> Clips:
    """The clips of PLAYGROUND_AIST, a folder of AIST++, else the synthesised ones.

    Raises DataMissing with a sentence for files that are missing or damaged.
    """
    folder = os.environ.get("PLAYGROUND_AIST", "")
    if folder:
        return load_aist(Path(folder))
    return synthesised()


def synthesised() -> Clips:
    try:
        with FILE.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            low, high = archive["low"], archive["high"]
            music = low + (high - low) * archive["steps"].astype(np.float32) / 255
    except DAMAGED as error:
        raise DataMissing(say("dance.missing", path=FILE, error=error)) from None
    motion = np.stack([dance.motion(dance.piece(number)) for number in range(CLIPS)])
    train, heldout = list(range(CLIPS - HELDOUT)), list(range(CLIPS - HELDOUT, CLIPS))
    return Clips(motion, music, train, heldout, lambda number: dance.music(dance.piece(number)), _describe)


def _describe(number: int) -> str:
    one = dance.piece(number)
    return say("dance.synthesised", tempo=one.tempo, style=say(f"dance.styles.{dance.STYLES[one.style]}"))
