"""Answers about live encoders of dance and music: pure functions of (experiment, question)."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

from models import clip
from playground.concept import Figure, Refused
from playground.concepts.clip.dance.experiment import Arm, DanceExperiment
from playground.concepts.clip.dance.media import wav
from playground.concepts.clip.dance.questions import FindMusic, Pair
from playground.concepts.clip.dance.sound_features import HOP, SoundFeatures
from playground.concepts.clip.texts import say
from playground.data.sound import FPS
from playground.figures.base import rounded

BEST = 3
"""Matches that are shown."""

Shown = tuple[int, str]
"""(number of a held-out dance, what to say of it)."""
Heading = tuple[np.ndarray, str, str]
"""(samples, title, what to say of the sound)."""


@torch.no_grad()
def cosines(experiment: DanceExperiment, arm: Arm) -> Tensor:
    """(held-out, held-out) of dances (rows) and musics (columns)."""
    a, b = experiment.vectors(arm)
    return clip.similarity(clip.whole_clip(a), clip.whole_clip(b))


def _arm(experiment: DanceExperiment, name: str) -> Arm:
    if name not in experiment.arms:
        raise Refused(say("refusals.no_notes"))
    return experiment.arms[name]


def clicked_pair(experiment: DanceExperiment, x: float, y: float) -> dict[str, Any]:
    """(x, y) in the matrix → the music of its column and the dance of its row."""
    last = len(experiment.heldout) - 1
    return {"music": int(np.clip(round(x), 0, last)), "dance": int(np.clip(round(y), 0, last))}


def pair(experiment: DanceExperiment, question: Pair) -> Figure:
    """One dance to one music, and what the model thinks of them."""
    dance, music = _known(experiment, "dance", question.dance), _known(experiment, "music", question.music)
    table = cosines(experiment, _arm(experiment, question.model))
    score = table[dance, music]
    rank = 1 + int((table[:, music] > score).sum())
    about = say(
        "figures.dance.own_pair" if dance == music else "figures.dance.other_pair",
        cosine=score, rank=rank, count=len(table),
    )  # fmt: skip
    return _dance(experiment, [(dance, about)], [_sound(experiment, music)])


@torch.no_grad()
def find_dance(experiment: DanceExperiment, asked: SoundFeatures) -> Figure:
    """The dances that the model finds for a music, the best first: a held-out one's, or a visitor's own."""
    arm = _arm(experiment, asked.question.model)
    if asked.stretches is None:
        music = _known(experiment, "music", asked.question.music)
        found = _nearest(cosines(experiment, arm)[:, music], music)
        return _dance(experiment, found, [_sound(experiment, music)])
    dances = clip.whole_clip(experiment.vectors(arm)[0])  # (held-out, frames · d)
    rows = torch.from_numpy(experiment.data.standardise_music(asked.stretches))
    musics = clip.whole_clip(arm.model.encode_music(rows))  # (stretches, frames · d)
    table = dances @ musics.T
    best = int(table.amax(0).argmax())  # the stretch that some dance fits best
    title = say("figures.dance.upload", second=best * HOP / FPS)
    return _dance(experiment, _nearest(table[:, best]), [(asked.stretch(best), title, "")])


def find_music(experiment: DanceExperiment, question: FindMusic) -> Figure:
    """The musics that the model finds for a dance, the best first."""
    dance = _known(experiment, "dance", question.dance)
    found = _nearest(cosines(experiment, _arm(experiment, question.model))[dance], dance)
    return _dance(experiment, [(dance, "")], [_sound(experiment, number, about) for number, about in found])


def _known(experiment: DanceExperiment, kind: str, number: int) -> int:
    last = len(experiment.heldout) - 1
    if number > last:
        raise Refused(say(f"refusals.no_{kind}", number=number, last=last))
    return number


def _nearest(scores: Tensor, own: int | None = None) -> list[Shown]:
    """(held-out,) cosines → the nearest, the best first."""
    best = scores.argsort(descending=True)[:BEST].tolist()
    words = say.part("figures.dance")
    return [(i, words("own_match" if i == own else "match", cosine=scores[i])) for i in best]


def _sound(experiment: DanceExperiment, number: int, about: str = "") -> Heading:
    return experiment.data.sound(experiment.heldout[number]), _title(experiment, "music", number), about


def _title(experiment: DanceExperiment, kind: str, number: int) -> str:
    return say(f"figures.dance.{kind}", number=number, about=experiment.data.describe(experiment.heldout[number]))


def _dance(experiment: DanceExperiment, dancers: list[Shown], sounds: list[Heading]) -> Figure:
    data = experiment.data
    return {"dance": {
        "fps": FPS, "bones": data.bones, "left": data.left, "right": data.right, "head": data.head,
        "dancers": [{"joints": rounded(data.motion[experiment.heldout[i]]), "title": _title(experiment, "dance", i),
                     "about": about} for i, about in dancers],
        "sounds": [{"src": wav(sound), "title": title, "about": about} for sound, title, about in sounds],
    }}  # fmt: skip
