"""What moves when a character is replaced or the text is shuffled, on an encoder that copies what it reads."""

from __future__ import annotations

import math

import pytest
import torch

from playground.concepts.transformer import probes
from playground.concepts.transformer.experiment import TransformerExperiment
from playground.concepts.transformer.questions import Edit, Shuffle
from tests.figures.reading import points, said
from tests.references.hand_set_transformers import hand_made, probability


def copier() -> TransformerExperiment:
    """An encoder whose tokens are at right angles to each other and to all positions; it labels each with itself."""
    run = hand_made("bad", {}, architecture="encoder")
    assert run.model.positions is not None
    with torch.no_grad():
        for parameter in run.model.parameters():
            parameter.zero_()
        run.model.embedding.weight[:, :15] = torch.eye(15)
        run.model.positions.weight[:, 15:41] = 2 * torch.eye(26)
        run.model.to_logits.weight[:, :15] = 4 * torch.eye(15)
    return run


def test_an_edit_moves_the_output_at_its_place_by_the_total_variation() -> None:
    figure = probes.edit(copier(), Edit(text="bca", position=2, character="L"))
    p = probability(15)
    moved = p - (1 - p) / 14  # from one token to another
    bars = points(figure["data"][0])
    assert [name for name, _ in bars] == ["1: b→b", "2: c→l", "3: a→a"]
    assert [y for _, y in bars] == pytest.approx([0, moved, 0], abs=6e-4) and said(figure) == ["bca → bca<br>bla → bla"]


def test_a_shuffle_moves_the_codes_of_the_characters_that_changed_places() -> None:
    """At right angles, a token of length 1 and its position of 2 are √5 long, two positions are 2√2 apart."""
    stayed = 0
    for order in range(4):
        figure = probes.shuffle(copier(), Shuffle(text="abcd", order=order))
        texts = said(figure)[0].partition("<br>")[0].split(" → ")
        assert texts[0] == "abcd" and sorted(texts[1]) == list("abcd")
        expected = [(f"{i + 1}: {c}", math.sqrt(8 / 5) * ("abcd"[i] != c)) for i, c in enumerate(texts[1])]
        for shown, right in zip(points(figure["data"][0]), expected, strict=True):
            assert shown[0] == right[0] and shown[1] == pytest.approx(right[1], abs=1e-3)
        stayed += sum(not moves for _, moves in expected)
    assert 0 < stayed < 16
