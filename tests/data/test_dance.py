"""Dance and music that belong together: in time, of one style, and different from all others."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from playground.data import dance_clips
from playground.data.dance import BONES, JOINTS, PHRASE, SCALE, Piece, motion, music, piece
from playground.data.dance_clips import load_dance
from playground.data.mnist import DataMissing
from playground.data.sound import FPS, FRAMES, RATE, TEMPOGRAM


def test_a_clip_is_that_long_and_the_same_every_time() -> None:
    one = piece(7)
    sound = music(one)
    assert sound.shape == (round(FRAMES / FPS * RATE),) and np.abs(sound).max() <= 0.5
    assert motion(one).shape == (FRAMES, len(JOINTS), 3) == (32, 25, 3)
    np.testing.assert_array_equal(music(piece(7)), sound)
    assert piece(8) != one
    longer = music(one, before=0.5, after=0.5)
    assert len(longer) == len(sound) + RATE


@pytest.mark.parametrize("style", range(4))
def test_the_kick_is_on_the_beat_and_the_dancer_is_lowest_there(style: int) -> None:
    one = Piece(tempo=120, phase=0.0, style=style, energy=1.0, key=0, chord=0, seed=3)
    seconds = np.arange(0, 3.0, 0.5)  # a beat each
    low = motion(one)[:, 0, 1]  # the pelvis' height
    times = (np.arange(FRAMES) + 0.5) / FPS
    phase = np.abs((one.beats(times) + 0.5) % 1 - 0.5)  # beats from the nearest beat
    assert low[phase < 0.15].mean() < low[phase > 0.35].mean() - 0.03
    if style in (0, 2):  # a kick on every beat
        power = music(one) ** 2
        window = RATE // 20
        strokes = [power[round(s * RATE) : round(s * RATE) + window].mean() for s in seconds]
        between = [power[round((s + 0.25) * RATE) : round((s + 0.25) * RATE) + window].mean() for s in seconds]
        assert np.mean(strokes) > 1.5 * np.mean(between)


def test_energy_moves_further_and_sounds_louder() -> None:
    calm, wild = (Piece(tempo=100, phase=1, style=2, energy=e, key=3, chord=1, seed=5) for e in (0.15, 1.0))
    assert np.diff(motion(wild), axis=0).std() > 1.5 * np.diff(motion(calm), axis=0).std()
    assert music(wild).std() > music(calm).std()


def test_the_skeleton_hangs_together() -> None:
    """Trunk and arms keep their lengths, legs nearly; feet stay near the floor."""
    joints = motion(piece(3))
    assert len(BONES) == len(JOINTS) - 1 and {b for bone in BONES for b in bone} == set(range(25))
    for from_, to in BONES:
        length = np.linalg.norm(joints[:, from_] - joints[:, to], axis=1)
        assert length.max() < 0.65 and length.std() < 0.09, (JOINTS[from_], JOINTS[to])
    toes = joints[:, [19, 24], 1]
    assert toes.min() > -0.03 and toes.max() < 0.25 and joints[:, 4, 1].min() > 1.3


def test_the_hands_go_where_the_melody_goes() -> None:
    one = piece(11)
    notes = one.melody()
    assert len(notes) == PHRASE and set(notes) <= set(range(len(SCALE))) and (np.diff(notes) != 0).all()
    middle = np.arange(PHRASE) + 0.5  # of each note
    np.testing.assert_allclose(one.height(middle), notes / (len(SCALE) - 1))
    joints = motion(one)
    beats = one.beats((np.arange(FRAMES) + 0.5) / FPS)
    hands = joints[:, [9, 14], 1].mean(1) - joints[:, 2, 1]
    assert np.corrcoef(hands, one.height(beats))[0, 1] > 0.7


def strength(sound: np.ndarray, beat: int, note: int) -> float:
    """Of the note of SCALE with that index, in the middle of a beat of one second."""
    part = sound[round((beat + 0.2) * RATE) : round((beat + 0.9) * RATE)]
    spectrum = np.abs(np.fft.rfft(part * np.hanning(len(part))))
    at = round(110 * 2 ** ((SCALE[note] + 3) / 12) * len(part) / RATE)
    return float(spectrum[at - 2 : at + 3].max())


def test_the_melody_is_heard() -> None:
    """Of two pieces that differ in nothing else, each has its own notes louder than the other has them."""
    one, other = (Piece(tempo=60, phase=0.0, style=1, energy=0.0, key=0, chord=0, seed=seed) for seed in (3, 9))
    notes = one.melody(), other.melody()
    beats = [beat for beat in range(3) if notes[0][beat] != notes[1][beat]]
    assert len(beats) >= 2
    for beat in beats:
        for mine, theirs, own in ((one, other, notes[0]), (other, one, notes[1])):
            assert strength(music(mine), beat, own[beat]) > 1.5 * strength(music(theirs), beat, own[beat])


def test_features_are_standardised_by_the_training_clips() -> None:
    data = load_dance()
    assert data.motion.shape == (320, 32, 25, 3) and data.music.shape == (320, 32, 438)
    assert data.train == list(range(256)) and data.heldout == list(range(256, 320))
    for x in (data.standardised_motion, data.standardised_music):
        assert x.shape == (320, 32, 75 if x is data.standardised_motion else 438)
        train = x[:256].reshape(-1, x.shape[-1])
        np.testing.assert_allclose(train.mean(0), 0, atol=2e-3)
        spread = train.std(0)
        assert spread.max() < 1.01 and (np.abs(spread - 1) < 0.01).mean() > 0.75  # the longest lags hardly vary


def test_music_that_is_like_none_of_the_training_clips_stays_in_bounds() -> None:
    data = load_dance()
    mean, spread = data.music[:256].mean((0, 1)), data.music[:256].std((0, 1))
    np.testing.assert_allclose(data.standardise_music(mean + 2 * spread)[:50], 2, atol=1e-2)
    assert np.abs(data.standardise_music(np.zeros((3, 438)))).max() == 15
    assert data.standardise_music(mean - 9)[TEMPOGRAM.start] == -15
    assert np.abs(data.standardised_music).max() < 15, "no clip is cut"


@pytest.mark.parametrize("size", [0, 5_000])
def test_a_damaged_file_is_named(size: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    damaged = tmp_path / "dance_features.npz"
    damaged.write_bytes(dance_clips.FILE.read_bytes()[:size])
    monkeypatch.setattr(dance_clips, "FILE", damaged)
    with pytest.raises(DataMissing, match=r"dance_features\.npz is missing or damaged"):
        dance_clips.synthesised()


def test_a_missing_file_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(dance_clips, "FILE", tmp_path / "dance_features.npz")
    load_dance.cache_clear()
    with pytest.raises(DataMissing, match="make_dance"):
        load_dance()
    load_dance.cache_clear()
