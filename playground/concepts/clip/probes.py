"""Answers about a live pair of encoders: pure functions of (experiment, question)."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

from models import clip
from playground.concept import Figure, Refused
from playground.concepts.clip.experiment import ClipExperiment
from playground.concepts.clip.media import wav
from playground.concepts.clip.questions import FindDance, FindMusic, Pair
from playground.data.dance import BONES, FPS, STYLES, motion, music, piece
from playground.figures.base import rounded

BEST = 3
"""Matches that are shown."""


@torch.no_grad()
def cosines(experiment: ClipExperiment, who: str) -> Tensor:
    """(64, 64) of held-out dances (rows) and musics (columns)."""
    name = "" if who == "main" else "notes/"
    if name not in experiment.arms:
        raise Refused("The notes' model is not trained here: switch on \"The notes' beside it\" and train.")
    a, b = experiment.vectors(name)
    return clip.similarity(clip.whole_clip(a), clip.whole_clip(b))


def clicked_pair(experiment: ClipExperiment, x: float, y: float) -> dict[str, Any]:
    """(x, y) in the matrix → the music of its column and the dance of its row."""
    last = len(experiment.heldout) - 1
    return {"music": int(np.clip(round(x), 0, last)), "dance": int(np.clip(round(y), 0, last))}


def pair(experiment: ClipExperiment, question: Pair) -> Figure:
    """One dance to one music, and what the model thinks of them."""
    table = cosines(experiment, question.model)
    score = table[question.dance, question.music]
    rank = 1 + int((table[:, question.music] > score).sum())
    words = "they belong together" if question.dance == question.music else "they don't belong together"
    about = f"cos {score:.2f}, {rank}. of 64 dances for this music: {words}"
    return _dance(experiment, [(question.dance, about)], [(question.music, "")])


def find_dance(experiment: ClipExperiment, question: FindDance) -> Figure:
    """The dances that the model finds for a music, the best first."""
    nearest = _nearest(cosines(experiment, question.model)[:, question.music], question.music)
    return _dance(experiment, nearest, [(question.music, "")])


def find_music(experiment: ClipExperiment, question: FindMusic) -> Figure:
    """The musics that the model finds for a dance, the best first."""
    nearest = _nearest(cosines(experiment, question.model)[question.dance], question.dance)
    return _dance(experiment, [(question.dance, "")], nearest)


def _nearest(scores: Tensor, own: int) -> list[tuple[int, str]]:
    """(64,) cosines → the numbers of the nearest, the best first, each with what to say of it."""
    best = scores.argsort(descending=True)[:BEST].tolist()
    return [(i, f"cos {scores[i]:.2f}" + (", its own" if i == own else "")) for i in best]


def _dance(experiment: ClipExperiment, dancers: list[tuple[int, str]], sounds: list[tuple[int, str]]) -> Figure:
    return {"dance": {
        "fps": FPS, "bones": BONES,
        "dancers": [{"joints": rounded(motion(_piece(experiment, i))), "title": _title(experiment, "dance", i),
                     "about": about} for i, about in dancers],
        "sounds": [{"src": wav(music(_piece(experiment, i))), "title": _title(experiment, "music", i),
                    "about": about} for i, about in sounds],
    }}  # fmt: skip


def _piece(experiment: ClipExperiment, heldout: int) -> Any:
    return piece(experiment.heldout[heldout])


def _title(experiment: ClipExperiment, kind: str, heldout: int) -> str:
    one = _piece(experiment, heldout)
    return f"{kind} {heldout}: {one.tempo:.0f} beats a minute, {STYLES[one.style]}"
