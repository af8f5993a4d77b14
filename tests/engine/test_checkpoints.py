"""The checkpoints of one run on disk: which ones stay, and that none is ever broken."""

from __future__ import annotations

from pathlib import Path

import pytest

from playground.engine.checkpoints import RECENT, Timeline, kept


def test_what_was_written_is_read(tmp_path: Path) -> None:
    timeline = Timeline(tmp_path / "run")
    assert timeline.steps() == []
    timeline.write(5, b"five")
    timeline.write(12, b"twelve")
    assert timeline.steps() == [5, 12]
    assert timeline.read(5) == b"five" and timeline.read(12) == b"twelve"
    timeline.delete()
    assert timeline.steps() == [] and not timeline.folder.exists()


def test_steps_are_ordered_as_numbers() -> None:
    assert kept([9, 10, 100]) == [9, 10, 100]


@pytest.mark.parametrize("gap", [1, 7])
def test_the_newest_three_stay_and_older_ones_thin_out(tmp_path: Path, gap: int) -> None:
    timeline, count = Timeline(tmp_path), 300
    for step in range(gap, (count + 1) * gap, gap):
        timeline.write(step, b"")
        found = timeline.steps()
        assert found[-RECENT:] == list(range(gap, step + gap, gap))[-RECENT:]
        ages = [step - s for s in found[::-1]][RECENT - 1 :]
        assert all(b <= 2 * a for a, b in zip(ages, ages[1:], strict=False)), "no time is without a checkpoint"
        assert all(b >= 2 * a for a, b in zip(ages[:-1], ages[2:-1], strict=False)), "old ones are far apart"
    assert timeline.steps()[0] == gap, "the first of the run stays"
    assert len(timeline.steps()) <= RECENT + 2 * count.bit_length()


def test_an_interrupted_write_leaves_no_broken_checkpoint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    timeline = Timeline(tmp_path)
    timeline.write(5, b"whole")

    def fill_half(path: Path, saved: bytes) -> int:
        with path.open("wb") as file:
            file.write(saved[: len(saved) // 2])
        raise OSError("No space left on device")

    with monkeypatch.context() as patched, pytest.raises(OSError, match="No space"):
        patched.setattr(Path, "write_bytes", fill_half)
        timeline.write(8, b"unfinished")
    assert not list(tmp_path.glob("*.unfinished")), "on a full disk every byte counts"
    assert timeline.steps() == [5] and timeline.read(5) == b"whole"
    timeline.write(8, b"finished")
    assert timeline.steps() == [5, 8] and timeline.read(8) == b"finished"
    assert not list(tmp_path.glob("*.unfinished"))
