"""Clips of music and dance that belong together, from a handful of numbers each: sound as a waveform, motion as joints.

The music is synthesised (drums, a bass, chords of some timbre, a melody); the dancer moves to its beat, with
its energy and in its style, and the arms follow its melody. The 438 features of the sound are computed by
`assets/make_dance.py` and kept in `assets/`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from playground.data.sound import FPS, FRAMES, RATE, SECONDS

LEAD = 2.4
"""Seconds of the same music before and after a clip, which features look into: its ends must not give a frame away."""
STYLES = ("bounce", "wave", "step", "twist")
"""Each has drums of its own, a timbre and a way to move."""
SCALE = (0, 2, 4, 7, 9, 12, 14, 16)
"""Semitones over the key that a melody has, the lowest first."""
PHRASE = 16
"""Beats after which a melody begins again: longer than a clip."""
CHORDS = ((0, 4, 7), (9, 12, 16), (5, 9, 12), (7, 11, 14))
"""Semitones over the key: I, vi, IV, V."""

JOINTS = (
    "pelvis", "spine", "chest", "neck", "head",
    "left collar", "left shoulder", "left elbow", "left wrist", "left hand",
    "right collar", "right shoulder", "right elbow", "right wrist", "right hand",
    "left hip", "left knee", "left ankle", "left heel", "left toe",
    "right hip", "right knee", "right ankle", "right heel", "right toe",
)  # fmt: skip
BONES = (
    (0, 1), (1, 2), (2, 3), (3, 4), (2, 5), (5, 6), (6, 7), (7, 8), (8, 9), (2, 10), (10, 11), (11, 12), (12, 13),
    (13, 14), (0, 15), (15, 16), (16, 17), (17, 18), (17, 19), (0, 20), (20, 21), (21, 22), (22, 23), (22, 24),
)  # fmt: skip
"""Pairs of joints."""
LEFT, RIGHT, HEAD = (5, 6, 7, 8, 9, 15, 16, 17, 18, 19), (10, 11, 12, 13, 14, 20, 21, 22, 23, 24), 4
"""Joints of the dancer's left and right side, and the head."""


@dataclass(frozen=True)
class Piece:
    """What a clip is made of; music and motion know nothing else."""

    tempo: float
    """Beats a minute."""
    phase: float
    """Beats that have passed when the clip begins."""
    style: int
    """Index into STYLES."""
    energy: float
    """0 to 1: how loud the drums are, and how far the dancer moves."""
    key: int
    """Semitones over C."""
    chord: int
    """Index into CHORDS of the first bar's."""
    seed: int
    """Of the melody, the noise in the sound and the tremor in the motion."""

    def beats(self, seconds: np.ndarray) -> np.ndarray:
        """Beats passed at these times, counted from the clip's own beginning of time."""
        return self.phase + seconds * self.tempo / 60

    def chord_at(self, beats: np.ndarray) -> np.ndarray:
        """Index into CHORDS: another one every bar of four beats."""
        return (self.chord + np.floor(beats / 4).astype(int)) % len(CHORDS)

    def melody(self) -> np.ndarray:
        """(PHRASE,) indices into SCALE, a note a beat: never far from the last one, never the same."""
        random = np.random.default_rng(self.seed + 2 * 10**6)
        notes = [int(random.integers(len(SCALE)))]
        while len(notes) < PHRASE:
            near = [n for n in range(len(SCALE)) if 0 < abs(n - notes[-1]) <= 4]
            notes.append(int(random.choice(near)))
        return np.array(notes)

    def height(self, beats: np.ndarray) -> np.ndarray:
        """0 to 1: how high the melody is, gliding to each note in the third of a beat around its beginning."""
        notes = self.melody() / (len(SCALE) - 1)
        glide = np.clip(((beats + 0.5) % 1 - 0.5) * 3 + 0.5, 0, 1)  # 0 before the nearest beat, 1 after it
        nearest = np.floor(beats + 0.5).astype(int)
        return notes[(nearest - 1) % PHRASE] * (1 - glide) + notes[nearest % PHRASE] * glide


def piece(number: int) -> Piece:
    """The clip of that number: all of them are different."""
    random = np.random.default_rng(number)
    return Piece(
        tempo=float(random.uniform(84, 156)), phase=float(random.uniform(0, 16)), style=int(random.integers(4)),
        energy=float(random.uniform(0.15, 1)), key=int(random.integers(12)), chord=int(random.integers(4)), seed=number,
    )  # fmt: skip


def music(one: Piece, before: float = 0.0, after: float = 0.0) -> np.ndarray:
    """(samples,) float32 in ±1: the clip, and seconds of the same music before and after it."""
    count = round((before + SECONDS + after) * RATE)
    seconds = np.arange(count) / RATE - before
    beats = one.beats(seconds)
    sound = (0.35 + 0.5 * one.energy) * _drums(one, beats) + 0.5 * _bass(one, seconds, beats)
    sound += 0.3 * _chords(one, seconds, beats) + 0.45 * _lead(one, seconds, beats)
    return (0.5 * np.tanh(sound)).astype(np.float32)


def _drums(one: Piece, beats: np.ndarray) -> np.ndarray:
    """A kick on the beats of the style, a snare on 2 and 4, hats between."""
    since = lambda step, offset=0.0: ((beats - offset) % step) * 60 / one.tempo  # noqa: E731 seconds since the last stroke
    noise = np.random.default_rng(one.seed).standard_normal(len(beats))
    kick_every = (1.0, 2.0, 1.0, 1.5)[one.style]
    t = since(kick_every)
    kick = np.sin(2 * np.pi * (52 * t + 6 * (1 - np.exp(-t / 0.03)))) * np.exp(-t / 0.12)
    snare = noise * np.exp(-since(2.0, 1.0) / 0.07)
    hat = np.diff(noise, prepend=0) * np.exp(-since((0.5, 1.0, 0.25, 0.5)[one.style], 0.25) / 0.025)
    return 1.1 * kick + 0.35 * one.energy * snare + 0.16 * one.energy * hat


def _tone(seconds: np.ndarray, semitone: np.ndarray, falloff: float, harmonics: int) -> np.ndarray:
    """A note (semitones over A, 110 Hz) of that many harmonics, the n-th n^−falloff as loud."""
    pitch = 110 * 2 ** (semitone / 12)
    return sum(np.sin(2 * np.pi * n * pitch * seconds) / n**falloff for n in range(1, harmonics + 1))


def _bass(one: Piece, seconds: np.ndarray, beats: np.ndarray) -> np.ndarray:
    root = np.array([chord[0] for chord in CHORDS])[one.chord_at(beats)] + one.key - 21
    return _tone(seconds, root, 1.5, 3) * (0.4 + 0.6 * np.exp(-(beats % 1) / 0.5))


def _chords(one: Piece, seconds: np.ndarray, beats: np.ndarray) -> np.ndarray:
    falloff, harmonics = ((1.2, 6), (2.2, 3), (0.9, 8), (1.6, 5))[one.style]
    table = np.array(CHORDS)[one.chord_at(beats)] + one.key - 9  # (samples, 3)
    swell = (np.exp(-(beats % 1) / 0.35), 0.7 + 0.3 * np.sin(np.pi * beats / 2), np.exp(-(beats % 0.5) / 0.15),
             0.5 + 0.5 * np.exp(-(beats % 1.5) / 0.5))[one.style]  # fmt: skip
    return swell * sum(_tone(seconds, table[:, voice], falloff, harmonics) for voice in range(3)) / 3


def _lead(one: Piece, seconds: np.ndarray, beats: np.ndarray) -> np.ndarray:
    """The melody, a note a beat, two octaves over the bass."""
    note = np.array(SCALE)[one.melody()[np.floor(beats).astype(int) % PHRASE]] + one.key + 3
    return _tone(seconds, note, 1.4, 4) * np.exp(-(beats % 1) / 0.8)


def motion(one: Piece) -> np.ndarray:
    """(FRAMES, 25, 3) metres: x to the dancer's left, y up, z forward; feet near the floor, y = 0."""
    seconds = (np.arange(FRAMES) + 0.5) / FPS
    beats = one.beats(seconds)
    far, angle = 0.35 + 0.65 * one.energy, 2 * np.pi * beats
    down = 0.07 * far * (0.5 + 0.5 * np.cos(angle))  # lowest on the beat
    two, four = np.sin(angle / 2), np.sin(angle / 4)
    lift = 0.1 + 1.9 * one.height(beats)  # the hands go where the melody goes
    sway = far * np.stack([0.10 * two, 0.16 * four, 0.22 * two, 0.05 * two])[one.style]
    turn = far * np.stack([0.15 * two, 0.2 * four, 0.1 * two, 0.9 * two])[one.style]
    left, right = (_arm(one, side, beats, far, lift) for side in (1, -1))
    places = _body(down, sway, turn, left, right, far, angle)
    tremor = np.random.default_rng(one.seed + 10**6).standard_normal(places.shape)
    return (places + 0.004 * tremor).astype(np.float32)


def _arm(one: Piece, side: int, beats: np.ndarray, far: float, lift: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Angles of the upper arm (0: hanging, π/2: to the side) and of the elbow's bend, (frames,) each."""
    angle = 2 * np.pi * beats
    swing = np.stack([np.sin(angle / 2), np.sin(angle / 4 + side), np.cos(angle), np.sin(angle / 2)])[one.style]
    raised = lift + far * 0.45 * swing * (side if one.style in (0, 3) else 1)
    bend = 0.6 + far * 0.5 * (1 + np.cos(angle)) * (0.5 if one.style == 1 else 1)
    return raised, bend


def _body(
    down: np.ndarray, sway: np.ndarray, turn: np.ndarray, left: Any, right: Any, far: float, angle: np.ndarray
) -> np.ndarray:
    """(FRAMES, 25, 3): the skeleton that stands at height 0.99 − down, shifted by sway, its chest turned."""
    frames = len(down)
    zero = np.zeros(frames)
    hips = np.stack([sway, 0.99 - down, zero], 1)
    joints = np.zeros((frames, len(JOINTS), 3))
    nod = 0.03 * far * np.cos(angle)
    for index, (height, share) in enumerate(((0, 0), (0.18, 0.4), (0.38, 0.8), (0.52, 0.9), (0.68, 1.0))):
        forward = nod if index == 4 else zero
        joints[:, index] = hips + np.stack([-0.3 * share * sway, zero + height, forward], 1)
    for first, side, (raised, bend) in ((5, 1, left), (10, -1, right)):
        across = np.stack([np.cos(turn), zero, -np.sin(turn)], 1) * side  # to that side of the turned chest
        joints[:, first] = joints[:, 2] + 0.07 * across
        joints[:, first + 1] = joints[:, 2] + 0.19 * across
        for joint, length, direction in ((2, 0.28, raised), (3, 0.25, raised + bend), (4, 0.09, raised + bend)):
            reach = np.sin(direction)[:, None] * across + np.stack([zero, -np.cos(direction), zero], 1)
            joints[:, first + joint] = joints[:, first + joint - 1] + length * reach
    for first, side in ((15, 1), (20, -1)):
        foot = np.stack([zero + 0.12 * side, zero + 0.08, zero], 1)
        foot[:, 0] += 0.6 * sway
        foot[:, 1] += 0.10 * far * np.maximum(0, side * np.sin(angle / 2))
        joints[:, first] = hips + np.array([0.1 * side, -0.03, 0])
        joints[:, first + 2] = foot
        joints[:, first + 1] = _knee(joints[:, first], foot)
        joints[:, first + 3] = foot + np.array([0, -0.06, -0.05])
        joints[:, first + 4] = foot + np.array([0.02 * side, -0.06, 0.16])
    return joints


def _knee(hip: np.ndarray, ankle: np.ndarray, bone: float = 0.47) -> np.ndarray:
    """Where the knee is: thigh and shank equally long, bent forward."""
    middle, apart = (hip + ankle) / 2, np.linalg.norm(hip - ankle, axis=1)
    forward = np.sqrt(np.maximum(bone**2 - (apart / 2) ** 2, 0.01))
    return middle + np.stack([np.zeros(len(hip)), np.zeros(len(hip)), forward], 1)
