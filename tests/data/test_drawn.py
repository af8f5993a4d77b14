"""Drawn distributions: which cells have ink, and where their points fall."""

from __future__ import annotations

import numpy as np
import pytest

from playground.data.drawn import CELLS, DIGITS, HEART, REACH, draws, inked


def text_of(cells: set[tuple[int, int]]) -> str:
    """(row, column) from the top left → the text."""
    bits = "".join("1" if (r, c) in cells else "0" for r in range(CELLS) for c in range(CELLS))
    return f"{int(bits, 2):0{DIGITS}x}"


def test_cells_are_read_from_the_top_left() -> None:
    cells = {(0, 0), (2, 5), (23, 23)}
    assert set(zip(*np.nonzero(inked(text_of(cells))), strict=True)) == cells
    heart = inked(HEART)
    assert (heart == heart[:, ::-1]).all() and heart[-2:].sum() == 0 and not (heart == heart[::-1]).all()


def test_points_fall_into_the_inked_cells_evenly() -> None:
    size = 2 * REACH / CELLS
    points = draws(text_of({(0, 23), (10, 3), (10, 4)}), np.random.default_rng(0), 3000)
    upper = points[points[:, 1] > REACH - size]
    assert abs(len(upper) / 3000 - 1 / 3) < 0.03 and (upper[:, 0] > REACH - size).all()
    lower = points[points[:, 1] <= REACH - size]
    top = REACH - 10 * size
    assert (lower[:, 1] <= top).all() and (lower[:, 1] >= top - size).all()
    assert lower[:, 0].min() >= -REACH + 3 * size and lower[:, 0].max() <= -REACH + 5 * size
    assert abs(lower[:, 0].mean() - (-REACH + 4 * size)) < 0.01
    assert lower[:, 0].std() == pytest.approx(2 * size / 12**0.5, rel=0.05)


@pytest.mark.parametrize(("text", "words"), [
    ("0" * DIGITS, "empty"), ("zz", "hexadecimal"), ("ff", f"2 digits; {DIGITS}"),
    ("f" * (DIGITS + 4), f"{DIGITS + 4}"),
])  # fmt: skip
def test_what_is_no_drawing_is_refused_with_a_sentence(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        inked(text)
