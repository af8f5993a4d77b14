"""The transformer's strings against the standard library's own idea of the answers."""

from __future__ import annotations

import random
import re
from datetime import date, datetime

import pytest

from playground.data.strings import BEGIN, END, LETTERS, PAD, REPEAT, TASKS, Unreadable, partners, period

each = pytest.mark.parametrize("name", TASKS)
FORMATS = ("%B %d, %Y", "%b %d, %Y", "%d %B %Y", "%d. %b %Y", "%d.%m.%Y", "%Y/%m/%d")


def pairs(name: str, count: int = 400) -> list[tuple[str, str]]:
    rng = random.Random(0)
    return [TASKS[name].pair(rng) for _ in range(count)]


def parsed(text: str) -> date:
    for form in FORMATS:
        try:
            return datetime.strptime(text, form).date()
        except ValueError:
            continue
    raise AssertionError(text)


def test_dates_are_what_the_standard_library_reads() -> None:
    found = pairs("dates")
    for written, iso in found:
        assert parsed(written).isoformat() == iso
    assert len({re.sub(r"[a-z]+", "m", re.sub(r"\d+", "0", w)) for w, _ in found}) >= 4, "several spellings"


def test_reverse_and_sort() -> None:
    for text, answer in pairs("reverse"):
        assert answer == "".join(reversed(text)) and 4 <= len(text) <= 12
    for text, answer in pairs("sort"):
        assert list(answer) == sorted(text)


def test_brackets_point_at_each_other() -> None:
    for text, answer in pairs("brackets"):
        for place, letter in enumerate(answer):
            other = ord(letter) - ord("a")
            assert ord(answer[other]) - ord("a") == place != other
            inside = text[min(place, other) + 1 : max(place, other)]
            assert text[min(place, other)] + text[max(place, other)] in ("()", "[]", "{}")
            while inside != (shorter := re.sub(r"\(\)|\[\]|\{\}", "", inside)):
                inside = shorter
            assert inside == ""


@pytest.mark.parametrize(
    ("text", "reason", "place", "bracket"),
    [("(]", "closes_nothing", 2, "]"), ("(()", "never_closed", 1, "("), (")", "closes_nothing", 1, ")")],
)
def test_unbalanced_brackets_are_refused(text: str, reason: str, place: int, bracket: str) -> None:
    with pytest.raises(Unreadable) as refused:
        partners(text)
    assert (refused.value.reason, refused.value.values) == (reason, {"place": place, "bracket": bracket})


def test_segments_repeat_with_a_length_of_their_own() -> None:
    texts = [text for text, _ in pairs("repeat")]
    for text in texts:
        length = period(text)
        assert len(text) == REPEAT and (text[:length] * REPEAT)[:REPEAT] == text
    assert {5, 9, 14} <= {period(text) for text in texts}


@each
def test_batches_are_padded_and_begin_and_end(name: str) -> None:
    task = TASKS[name]
    rng = random.Random(1)
    drawn = [task.pair(rng) for _ in range(50)]
    source, answer = task.tokens(drawn)
    assert source.max() < task.vocabulary and source.shape[1] <= task.longest and answer.shape[1] <= task.answer + 2
    assert (answer[:, 0] == BEGIN).all() and ((answer == END).sum(1) == 1).all()
    for row, reply, (text, expected) in zip(source, answer, drawn, strict=True):
        assert task.decode([int(t) for t in row if t != PAD]) == text
        assert task.decode(reply[1:].tolist()) == expected


@each
def test_what_a_visitor_may_not_type_is_said(name: str) -> None:
    task = TASKS[name]
    for text, reason, values in (
        ("  ", "empty", {}),
        (LETTERS[0] * 99, "too_long", {"length": 99, "longest": task.longest}),
        ("ä!", "strange", {"characters": "! ä"}),
    ):
        with pytest.raises(Unreadable) as refused:
            task.read(text)
        assert (refused.value.reason, refused.value.values) == (reason, values)
    text = pairs(name, 1)[0][0]
    assert task.decode(task.read(f" {text.upper()} ")) == text
