"""The hero of the transformer's tab: a text, the answer, its marks and its weights, of models that are set by hand."""

from __future__ import annotations

import base64
import random
from typing import Any

import numpy as np
import pytest

from playground.concept import Refused
from playground.concepts.transformer import probes, reading
from playground.concepts.transformer.questions import Write
from playground.concepts.transformer.solutions import solution
from playground.data.strings import TASKS
from tests.references.hand_set_transformers import LOOKS, SOURCE, hand_made, hold_out, pattern, probability
from tests.references.transformer_runs import experiment, trained

SAYS = "bad"
WRITTEN = ["b", "a", "d", "⊣"]


def weights(found: dict[str, Any]) -> np.ndarray:
    """(layers, heads, outputs, keys)"""
    flat = np.frombuffer(base64.b64decode(found["weights"]), np.uint8) / 255
    return flat.reshape(found["layers"], found["heads"], len(found["outputs"]), -1)


def close(found: dict[str, Any], kind: str, rows: slice = slice(None)) -> None:
    """Asserts that all weights are those that were set, an output a row and a key a column."""
    seen = weights(found)
    for layer in (0, 1):
        for head in (0, 1):
            keys = seen.shape[3]
            queries = keys if kind != "cross" else seen.shape[2]
            right = pattern(LOOKS[kind, layer, head], queries, keys, causal=kind == "decoder")[rows]
            np.testing.assert_allclose(seen[layer, head], np.nan_to_num(right), atol=0.003)


def hero(run: Any) -> dict[str, Any]:
    found: dict[str, Any] = reading.reading(run, {})["reading"]
    return found


def test_what_is_read_and_written_and_which_output_attended_to_which_input() -> None:
    found = hero(hand_made(SAYS))  # sorts klejgh: eghjkl
    assert found["text"] == SOURCE and found["answer"] == SAYS and not found["own"]
    assert found["inputs"] == list(SOURCE) and found["outputs"] == WRITTEN
    assert found["words"] == [[i, i + 1] for i in range(6)] and not found["isFed"]
    assert found["sure"] == pytest.approx([probability(15)] * 4, abs=6e-3)
    close(found, "cross")
    assert found["sharpest"] == [1, 0]


@pytest.mark.parametrize(
    ("says", "text", "marks", "targets"),
    [
        ("eghjkl", SOURCE, ["right"] * 7, [*"eghjkl", "⊣"]),
        ("egh", SOURCE, ["right"] * 3 + ["wrong"], [*"eghj"]),  # it ends too early
        ("agij", "gja", ["right", "right", "wrong", "wrong", "wrong"], ["a", "g", "j", "⊣", ""]),  # and too late
    ],
)
def test_each_output_is_marked_by_what_should_stand_there(
    says: str, text: str, marks: list[str], targets: list[str]
) -> None:
    found = probes.write(hand_made(says), Write(text=text))["reading"]
    assert found["outputs"] == [*says, "⊣"]
    assert found["marks"] == marks and found["targets"] == targets


def test_a_typed_text_is_the_visitors_and_no_text_is_the_example() -> None:
    run = hand_made(SAYS)
    found = probes.write(run, Write(text=" HCab "))["reading"]
    assert found["own"] and found["text"] == "hcab" and found["inputs"] == list("hcab") and found["answer"] == SAYS
    assert found["targets"] == list("abch") and found["marks"] == ["wrong"] * 4
    close(found, "cross")
    assert probes.write(run, Write())["reading"] == hero(run)
    with pytest.raises(Refused, match="z can't be read here"):
        probes.write(run, Write(text="abz"))


def test_an_encoder_alone_labels_each_character() -> None:
    run = hand_made("jklegh", architecture="encoder")
    found = hero(run)
    assert found["inputs"] == list(SOURCE) and found["outputs"] == list("jklegh") and not found["isFed"]
    assert found["targets"] == list("eghjkl"), "no end: it writes none"
    assert found["marks"] == ["wrong"] * 6
    close(found, "encoder")
    short = probes.write(run, Write(text="jlk"))["reading"]
    assert short["outputs"] == list("jkl") and short["marks"] == ["right"] * 3


def test_a_decoder_alone_attends_to_its_text_and_to_what_it_wrote() -> None:
    found = hero(hand_made(SAYS, after=6, architecture="decoder"))
    assert found["inputs"] == [*SOURCE, "⊢"] and found["outputs"] == WRITTEN and found["isFed"]
    assert found["targets"] == ["e", "g", "h", "j"] and found["marks"] == ["wrong"] * 4
    seen = weights(found)
    assert seen.shape == (2, 2, 4, 10), "keys: seven inputs, then b, a and d"
    close(found, "decoder", slice(6, None))
    assert (seen[0, 0, 0, 7:] == 0).all() and (seen[0, 0, 3, 7:] > 0).all(), "b is written before any; ⊣ after all"


def test_a_repeat_goes_on_from_its_beginning() -> None:
    run = experiment(task="repeat", layers=2, heads=1, d_k=4)
    hold_out(run, [("kqzmbkqzmb" * 3 + "kq", "")])
    found = hero(run)
    assert found["inputs"] == list("kqzmbkq") and found["isFed"]
    assert found["targets"] == list("zmbkqzmbkqzmbkqzmbkqzmbkqz")
    assert weights(found).shape == (2, 1, 26, 32)
    whole = probes.write(run, Write(text="kqzmbkqzmb" * 3 + "kq"))["reading"]
    assert not whole["isFed"] and whole["inputs"] == [*"kqzmbkqzmb" * 3, "k", "q"]
    assert whole["targets"] == [None] * 6 + list("zmbkqzmbkqzmbkqzmbkqzmbkqz"), "a letter seen once may not come again"
    assert probes.write(run, Write(text="abca"))["reading"]["marks"] == [""] * 29


def test_words_and_numbers_of_a_date_are_named_together() -> None:
    run = experiment(d_k=4)
    found = probes.write(run, Write(text="mar 3, 2021"))["reading"]
    assert ["mar 3, 2021"[a:b] for a, b in found["words"]] == ["mar", " ", "3", ",", " ", "2021"]
    alone = probes.write(experiment(d_k=4, architecture="decoder"), Write(text="2021/3/3"))["reading"]
    assert ["".join(alone["inputs"][a:b]) for a, b in alone["words"]] == ["2021", "/", "3", "/", "3", "⊢"]


def test_the_example_of_a_trained_model_is_marked_right_as_it_is_counted() -> None:
    run = trained(task="reverse", heads=2, layers=2, lr=8e-3, steps=120)
    for source, answer in run.heldout_pairs[:20]:
        found = probes.write(run, Write(text=source))["reading"]
        assert (found["answer"] == answer) == all(mark == "right" for mark in found["marks"])


@pytest.mark.parametrize("task", ["dates", "reverse", "sort", "brackets"])
def test_the_right_answer_to_a_text_is_that_of_the_task(task: str) -> None:
    rng = random.Random(3)
    for _ in range(300):
        text, answer = TASKS[task].pair(rng)
        assert solution(task, text) == answer


def test_what_is_not_settled_has_no_right_answer() -> None:
    for text in ("february 30, 2021", "octember 3, 2021", "13.13.2020", "march 2021", "3", "hello 1 2021"):
        assert solution("dates", text) is None, text
    assert solution("dates", "29 feb 2024") == "2024-02-29" and solution("dates", "may 7 1999") == "1999-05-07"
    assert solution("brackets", "([)]") is None
    assert solution("repeat", "abca") is None and (solution("repeat", "abcab") or "").startswith("abcabcabcabc")
