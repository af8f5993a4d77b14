"""Captions of digits: which there are, and how their characters become integers."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from playground.data.captions import (
    CHARACTERS,
    HELDOUT_TEMPLATES,
    LONGEST,
    NAMES,
    TRAIN_TEMPLATES,
    VOCABULARY,
    caption,
    captions,
    encode,
    encode_all,
)


def test_no_two_classes_share_a_caption() -> None:
    for one, other in combinations(captions(TRAIN_TEMPLATES + HELDOUT_TEMPLATES), 2):
        assert not set(one) & set(other)
    rows = encode_all(captions(TRAIN_TEMPLATES + HELDOUT_TEMPLATES))
    assert len(np.unique(rows.reshape(-1, LONGEST), axis=0)) == rows.shape[0] * rows.shape[1]


def test_no_heldout_caption_is_trained_on() -> None:
    trained = {text for texts in captions(TRAIN_TEMPLATES) for text in texts}
    assert trained and not trained & {text for texts in captions(HELDOUT_TEMPLATES) for text in texts}


@pytest.mark.parametrize("template", TRAIN_TEMPLATES + HELDOUT_TEMPLATES)
def test_a_caption_names_its_own_digit_only(template: str) -> None:
    alone = caption(template, "~")
    assert not any(name in alone for names in NAMES for name in names)


def test_captions_are_in_order_and_in_english() -> None:
    made = captions(("{a} {n}", "the digit {n}"))
    assert made[8] == ["an eight", "an 8", "the digit eight", "the digit 8"]
    assert made[1] == ["a one", "a 1", "the digit one", "the digit 1"]
    assert encode_all(made).shape == (10, 4, LONGEST)


def test_characters_become_integers() -> None:
    row = encode("  A 7\tü")
    a, seven, space = (2 + CHARACTERS.index(c) for c in "a7 ")
    assert row.tolist() == [a, space, seven, space, 1] + [0] * (LONGEST - 5)
    assert row.dtype == np.int64
    assert encode(CHARACTERS[-1]).max() == VOCABULARY - 1


@pytest.mark.parametrize(("text", "reason"), [("", "empty"), (" \n ", "empty"), ("x" * 33, "33 characters; 32")])
def test_what_is_no_caption_is_refused(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        encode(text)
    assert (encode("x" * 32) > 0).all()
