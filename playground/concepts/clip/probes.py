"""Answers about a live pair of encoders: pure functions of (experiment, question)."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

from models import clip
from playground.concept import Figure, Refused
from playground.concepts.clip.experiment import ClipExperiment
from playground.concepts.clip.listening import HOP, Heard
from playground.concepts.clip.media import wav
from playground.concepts.clip.questions import FindMusic, Pair
from playground.data.sound import FPS
from playground.figures.base import rounded

BEST = 3
"""Matches that are shown."""

Shown = tuple[int, str]
"""(number of a held-out dance, what to say of it)."""
Heading = tuple[np.ndarray, str, str]
"""(samples, title, what to say of the sound)."""


@torch.no_grad()
def cosines(experiment: ClipExperiment, who: str) -> Tensor:
    """(held-out, held-out) of dances (rows) and musics (columns)."""
    a, b = experiment.vectors(_arm(experiment, who))
    return clip.similarity(clip.whole_clip(a), clip.whole_clip(b))


def _arm(experiment: ClipExperiment, who: str) -> str:
    name = "" if who == "main" else "notes/"
    if name not in experiment.arms:
        raise Refused("The notes' model is not trained here: switch on \"The notes' beside it\" and train.")
    return name


def clicked_pair(experiment: ClipExperiment, x: float, y: float) -> dict[str, Any]:
    """(x, y) in the matrix → the music of its column and the dance of its row."""
    last = len(experiment.heldout) - 1
    return {"music": int(np.clip(round(x), 0, last)), "dance": int(np.clip(round(y), 0, last))}


def pair(experiment: ClipExperiment, question: Pair) -> Figure:
    """One dance to one music, and what the model thinks of them."""
    dance, music = _known(experiment, "Dance", question.dance), _known(experiment, "Music", question.music)
    table = cosines(experiment, question.model)
    score = table[dance, music]
    rank = 1 + int((table[:, music] > score).sum())
    words = "they belong together" if dance == music else "they don't belong together"
    about = f"cos {score:.2f}, {rank}. of {len(table)} dances for this music: {words}"
    return _dance(experiment, [(dance, about)], [_sound(experiment, music)])


@torch.no_grad()
def find_dance(experiment: ClipExperiment, heard: Heard) -> Figure:
    """The dances that the model finds for a music, the best first: a held-out one's, or a visitor's own."""
    question = heard.question
    if heard.stretches is None:
        music = _known(experiment, "Music", question.music)
        found = _nearest(cosines(experiment, question.model)[:, music], music)
        return _dance(experiment, found, [_sound(experiment, music)])
    arm = _arm(experiment, question.model)
    dances = clip.whole_clip(experiment.vectors(arm)[0])  # (held-out, frames · d)
    rows = torch.from_numpy(experiment.data.standardise_music(heard.stretches))
    musics = clip.whole_clip(experiment.arms[arm].model.of_music(rows))  # (stretches, frames · d)
    table = dances @ musics.T
    best = int(table.amax(0).argmax())  # the stretch that some dance fits best
    title = f"your music, from {best * HOP / FPS:.1f} s on"
    return _dance(experiment, _nearest(table[:, best]), [(heard.stretch(best), title, "")])


def find_music(experiment: ClipExperiment, question: FindMusic) -> Figure:
    """The musics that the model finds for a dance, the best first."""
    dance = _known(experiment, "Dance", question.dance)
    found = _nearest(cosines(experiment, question.model)[dance], dance)
    return _dance(experiment, [(dance, "")], [_sound(experiment, number, about) for number, about in found])


def _known(experiment: ClipExperiment, title: str, number: int) -> int:
    last = len(experiment.heldout) - 1
    if number > last:
        raise Refused(f"{title}: {number} is more than {last}, the last of the held-out clips.")
    return number


def _nearest(scores: Tensor, own: int | None = None) -> list[Shown]:
    """(held-out,) cosines → the nearest, the best first."""
    best = scores.argsort(descending=True)[:BEST].tolist()
    return [(i, f"cos {scores[i]:.2f}" + (", its own" if i == own else "")) for i in best]


def _sound(experiment: ClipExperiment, number: int, about: str = "") -> Heading:
    return experiment.data.sound(experiment.heldout[number]), _title(experiment, "music", number), about


def _title(experiment: ClipExperiment, kind: str, number: int) -> str:
    return f"{kind} {number}: {experiment.data.describe(experiment.heldout[number])}"


def _dance(experiment: ClipExperiment, dancers: list[Shown], sounds: list[Heading]) -> Figure:
    data = experiment.data
    return {"dance": {
        "fps": FPS, "bones": data.bones, "left": data.left, "right": data.right, "head": data.head,
        "dancers": [{"joints": rounded(data.motion[experiment.heldout[i]]), "title": _title(experiment, "dance", i),
                     "about": about} for i, about in dancers],
        "sounds": [{"src": wav(sound), "title": title, "about": about} for sound, title, about in sounds],
    }}  # fmt: skip
