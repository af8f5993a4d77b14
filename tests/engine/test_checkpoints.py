"""The checkpoints of one run on disk: which ones stay, and that none is ever broken."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from playground.engine.checkpoints import RECENT, FolderStore, kept, pre_trained_path


def test_what_was_written_is_read(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    assert store.steps("run") == []
    store.write("run", 5, b"five")
    store.write("run", 12, b"twelve")
    store.write("another", 7, b"seven")
    assert store.steps("run") == [5, 12]
    assert store.read("run", 5) == b"five" and store.read("run", 12) == b"twelve"
    store.delete("run")
    store.delete("never written")
    assert store.steps("run") == [] and store.steps("another") == [7]
    assert [path.name for path in tmp_path.iterdir()] == ["another"]


def test_a_store_travels_to_another_process(tmp_path: Path) -> None:
    FolderStore(tmp_path).write("run", 5, b"five")
    assert pickle.loads(pickle.dumps(FolderStore(tmp_path))).read("run", 5) == b"five"


def test_a_settings_own_pre_trained_model_has_its_name_behind_the_tabs() -> None:
    assert pre_trained_path("gan").name == "gan.safetensors"
    assert pre_trained_path("gan", "digits").name == "gan-digits.safetensors"


def test_steps_are_ordered_as_numbers() -> None:
    assert kept([9, 10, 100]) == [9, 10, 100]


@pytest.mark.parametrize("gap", [1, 7])
def test_the_newest_three_stay_and_older_ones_thin_out(tmp_path: Path, gap: int) -> None:
    store, count = FolderStore(tmp_path), 300
    for step in range(gap, (count + 1) * gap, gap):
        store.write("run", step, b"")
        found = store.steps("run")
        assert found[-RECENT:] == list(range(gap, step + gap, gap))[-RECENT:]
        ages = [step - s for s in found[::-1]][RECENT - 1 :]
        assert all(b <= 2 * a for a, b in zip(ages, ages[1:], strict=False)), "no time is without a checkpoint"
        assert all(b >= 2 * a for a, b in zip(ages[:-1], ages[2:-1], strict=False)), "old ones are far apart"
    assert store.steps("run")[0] == gap, "the first of the run stays"
    assert len(store.steps("run")) <= RECENT + 2 * count.bit_length()


def test_an_interrupted_write_leaves_no_broken_checkpoint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = FolderStore(tmp_path)
    store.write("run", 5, b"whole")

    def fill_half(path: Path, saved: bytes) -> int:
        with path.open("wb") as file:
            file.write(saved[: len(saved) // 2])
        raise OSError("No space left on device")

    with monkeypatch.context() as patched, pytest.raises(OSError, match="No space"):
        patched.setattr(Path, "write_bytes", fill_half)
        store.write("run", 8, b"unfinished")
    assert not list(tmp_path.glob("*/*.unfinished")), "on a full disk every byte counts"
    assert store.steps("run") == [5] and store.read("run", 5) == b"whole"
    store.write("run", 8, b"finished")
    assert store.steps("run") == [5, 8] and store.read("run", 8) == b"finished"
    assert not list(tmp_path.glob("*/*.unfinished"))
