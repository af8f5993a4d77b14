"""AIST++ in its own form on a small scale: safe pickles, centimetres, sixty frames a second, music beside."""

from __future__ import annotations

import os
import pickle
import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile

from playground.data import aist
from playground.data.aist import CACHE, cut, in_metres, load_aist, read_keypoints, split, stretch
from playground.data.dance import LEAD
from playground.data.dance_clips import load_dance
from playground.data.mnist import DataMissing
from playground.data.sound import FPS, FRAMES, ONSET, RATE, SECONDS

JUMP = 4.15
"""Second in which every dancer jumps and every music clicks: in the middle of a motion frame."""
SEQUENCES = ("gBR_sBM_cAll_d04_mBR0_ch01", "gPO_sFM_cAll_d10_mPO1_ch02", "gWA_sBM_cAll_d25_mWA2_ch03")


def keypoints(seconds: float) -> np.ndarray:
    """(frames, 17, 3) centimetres: each joint has a place of its own, all jump for a tenth of a second."""
    frames = round(60 * seconds)
    points = np.zeros((frames, 17, 3))
    points[:] = 100 + np.arange(51).reshape(17, 3)
    time = np.arange(frames) / 60
    points[np.abs(time - JUMP) <= 0.05, :, 1] += 50
    return points


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("aist")
    (root / "keypoints3d").mkdir()
    (root / "wav").mkdir()
    for number, name in enumerate(SEQUENCES):
        points = keypoints(7.0)
        with (root / "keypoints3d" / f"{name}.pkl").open("wb") as file:
            pickle.dump({"keypoints3d": np.zeros_like(points), "keypoints3d_optim": points}, file)
        sound = np.zeros(7 * 44_100, np.float32)
        at = round(JUMP * 44_100)
        sound[at : at + 300] = np.random.default_rng(number).standard_normal(300) * 0.3
        soundfile.write(root / "wav" / f"{name.split('_')[4]}.wav", sound, 44_100)
    return root


def test_a_folder_becomes_clips_that_belong_together(folder: Path) -> None:
    data = load_aist(folder)
    assert data.motion.shape == (6, FRAMES, 17, 3) and data.music.shape == (6, FRAMES, 438)
    assert data.train == [0, 1, 4, 5] and data.heldout == [2, 3]
    assert data.describe(5) == "waack, basic, to mWA2" and len(data.bones) == 16 and data.head == 0
    assert len(data.sound(3)) == round(SECONDS * RATE)
    assert data.standardised_motion.shape == (6, FRAMES, 51) and np.isfinite(data.standardised_music).all()


def test_what_happens_together_is_in_the_same_frame(folder: Path) -> None:
    data = load_aist(folder)
    second_clip = 1
    frame = int((JUMP - SECONDS) * FPS)
    assert int(data.motion[second_clip, :, 0, 1].argmax()) == frame
    onset = data.music[second_clip, :, ONSET]
    assert abs(int(onset.argmax()) - frame) <= 1 and onset.max() > 10 * np.median(onset)
    heard = np.abs(data.sound(second_clip))
    assert abs(heard.argmax() / RATE - (JUMP - SECONDS)) < 0.02
    assert np.abs(data.sound(0)).max() < 1e-3, "the first clip is over before it"


def test_centimetres_at_sixty_frames_become_metres_at_ten() -> None:
    points = keypoints(7.0)
    metres = in_metres(points)
    assert metres.shape == (70, 17, 3) and metres[..., 1].min() == 0
    assert metres[3, 5, 1] - metres[3, 2, 1] == pytest.approx(9 / 100)
    clips = cut(metres)
    assert clips.shape == (2, FRAMES, 17, 3)
    np.testing.assert_allclose(clips[:, :, [11, 12]][..., [0, 2]].mean((1, 2)), 0, atol=1e-5)
    assert clips[1, :, 0, 1].max() == pytest.approx(0.5 + 1 / 100 - 1 / 100, abs=1e-5)


def test_a_frame_is_the_one_in_the_middle_of_its_tenth_of_a_second() -> None:
    points = np.zeros((60, 17, 3)) + np.arange(60.0)[:, None, None]
    np.testing.assert_allclose(in_metres(points)[:, 7, 0], [(6 * i + 3) / 100 for i in range(10)])


def test_no_music_is_both_trained_on_and_held_out() -> None:
    musics = [f"m{i % 7}" for i in range(50)]
    train, heldout = split([(music, i) for i, music in enumerate(musics)])
    assert not {musics[i] for i in train} & {musics[i] for i in heldout}
    assert len(heldout) >= 10 and len(train) + len(heldout) == 50
    many = [f"m{i // 100}" for i in range(900)]
    train, heldout = split([(music, i) for i, music in enumerate(many)])
    assert len(heldout) == 64 and len(set(heldout)) == 64 and len(train) == 700
    assert not {many[i] for i in train} & {many[i] for i in heldout} and {many[i] for i in heldout} == {"m2", "m6"}
    assert split([("m1", i) for i in range(5)]) == ([0, 1, 2, 3, 4], [])


def test_every_genre_is_trained_on_and_no_stretch_is_held_out_twice() -> None:
    """As in AIST++: ten genres of six pieces; here eleven dancers to each of its four stretches."""
    genres = ("BR", "HO", "JB", "JS", "KR", "LH", "LO", "MH", "PO", "WA")
    pieces = [f"m{genre}{i}" for genre in genres for i in range(6)]
    stretches = [(piece, 3.2 * i) for piece in pieces for _ in range(11) for i in range(4)]
    train, heldout = split(stretches)
    assert {stretches[i][0][1:3] for i in train} == {stretches[i][0][1:3] for i in heldout} == set(genres)
    assert len({stretches[i] for i in heldout}) == len(heldout) == 48 and len(train) == 48 * 44


def test_a_stretch_that_two_dance_to_is_analysed_once(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(folder / "wav", tmp_path / "wav")
    (tmp_path / "keypoints3d").mkdir()
    for name in (*SEQUENCES, "gBR_sBM_cAll_d05_mBR0_ch09"):
        (tmp_path / "keypoints3d" / f"{name}.pkl").write_bytes(pickle.dumps({"keypoints3d_optim": keypoints(7.0)}))
    soundfile.write(tmp_path / "wav" / "mWA2.wav", np.full(6 * RATE, 0.1), RATE)  # over before its second clip is
    asked: list[float] = []

    def analysed(sound: np.ndarray) -> np.ndarray:
        asked.append(float(np.abs(sound).sum()))
        return np.full((999, 438), asked[-1])

    monkeypatch.setattr(aist, "features", analysed)
    (tmp_path / CACHE).write_bytes(b"PK something else")
    data = load_aist(tmp_path)
    assert len(asked) == 2 + 2 + 1 and data.motion.shape == (7, FRAMES, 17, 3)
    np.testing.assert_array_equal(data.music[:2], data.music[2:4])  # both to mBR0
    for i in range(7):
        name, second = [*["mBR0"] * 4, *["mPO1"] * 2, "mWA2"][i], SECONDS * (i % 2)
        sound = stretch(tmp_path, f"g_s_c_d_{name}", second, LEAD)
        np.testing.assert_allclose(data.music[i], np.abs(sound).sum(), rtol=1e-5)


def test_features_are_kept_and_recomputed_when_the_music_changes(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = load_aist(folder).music
    assert (folder / CACHE).exists()
    monkeypatch.setattr(aist, "features", lambda sound: pytest.fail("they were computed before"))
    np.testing.assert_array_equal(load_aist(folder).music, first)
    monkeypatch.setattr(aist, "_size", lambda folder, name: 1)
    with pytest.raises(pytest.fail.Exception):
        load_aist(folder)


class Malicious:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, ("touch pwned",)


def test_a_pickle_that_would_run_something_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "evil.pkl"
    file.write_bytes(pickle.dumps({"keypoints3d_optim": Malicious()}))
    with pytest.raises(DataMissing, match=r"evil\.pkl is no pickle of AIST.*(posix|nt)\.system"):
        read_keypoints(file)
    assert not (tmp_path / "pwned").exists()


@pytest.mark.parametrize(("content", "words"), [
    (b"no pickle", "no pickle"),
    (b"c_codecs\nencode\n(X\x03\x00\x00\x00abcX\x05\x00\x00\x00rot13tR.", "codec rot13"),
    (b"cnumpy\nload\n(X\x01\x00\x00\x00atR.", r"numpy\.load"),
    (pickle.dumps([1, 2]), "no pickle"),
    (pickle.dumps({"keypoints3d_optim": np.zeros((9, 24, 3))}), r"shape \(9, 24, 3\)"),
    (pickle.dumps({"keypoints3d_optim": np.full((9, 17, 3), np.nan)}), "no numbers"),
], ids=["text", "codec", "numpy.load", "list", "SMPL", "nan"])  # fmt: skip
def test_other_files_are_refused_by_name(tmp_path: Path, content: bytes, words: str) -> None:
    file = tmp_path / "some.pkl"
    file.write_bytes(content)
    with pytest.raises(DataMissing, match=rf"some\.pkl.*{words}"):
        read_keypoints(file)


def test_arrays_of_older_pickles_are_read(tmp_path: Path) -> None:
    points = np.arange(2 * 51.0).reshape(2, 17, 3)
    for protocol in (2, 3, 4, 5):
        file = tmp_path / f"{protocol}.pkl"
        file.write_bytes(pickle.dumps({"keypoints3d_optim": points}, protocol=protocol))
        np.testing.assert_array_equal(read_keypoints(file), points)
        older = file.read_bytes().replace(b"numpy._core.multiarray\n", b"numpy.core.multiarray\n")
        assert protocol > 3 or older != file.read_bytes()  # the same as numpy 1 wrote it
        file.write_bytes(older)
        np.testing.assert_array_equal(read_keypoints(file), points)


def test_a_folder_without_dances_or_music_is_named(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(DataMissing, match="no .pkl files"):
        load_aist(tmp_path)
    (tmp_path / "keypoints3d").mkdir()
    source = folder / "keypoints3d" / f"{SEQUENCES[0]}.pkl"
    (tmp_path / "keypoints3d" / source.name).write_bytes(source.read_bytes())
    with pytest.raises(DataMissing, match=r"mBR0\.wav is missing"):
        load_aist(tmp_path)
    (tmp_path / "wav").mkdir()
    (tmp_path / "wav" / "mBR0.wav").write_bytes(b"no music")
    with pytest.raises(DataMissing, match=r"mBR0\.wav is no wav"):
        load_aist(tmp_path)
    (tmp_path / "wav" / "mBR0.wav").write_bytes((folder / "wav" / "mBR0.wav").read_bytes())
    with pytest.raises(DataMissing, match="at least two pieces"):
        load_aist(tmp_path)
    monkeypatch.setenv("PLAYGROUND_AIST", str(folder))
    load_dance.cache_clear()
    assert len(load_dance().motion) == 6
    load_dance.cache_clear()


def test_beyond_the_end_of_the_music_there_is_silence(folder: Path) -> None:
    late = stretch(folder, SEQUENCES[0], 6.4, lead=2.0)
    assert len(late) == round((SECONDS + 4) * RATE) and np.abs(late[round(3 * RATE) :]).max() == 0
    early = stretch(folder, SEQUENCES[0], 0.0, lead=2.0)
    assert np.abs(early[: 2 * RATE]).max() == 0 and len(early) == len(late)
