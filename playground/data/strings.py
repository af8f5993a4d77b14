"""Endless strings with a known answer, for the transformer: dates, reversed and sorted letters, brackets, repeats."""

from __future__ import annotations

import random
import string
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

PAD, BEGIN, END = 0, 1, 2
SPECIAL = ("·", "⊢", "⊣")
"""How padding, beginning and end are written in pictures."""

MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
          "december")  # fmt: skip
DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
LETTERS = string.ascii_lowercase[:12]
OPEN, CLOSE = "([{", ")]}"


class Unreadable(ValueError):
    """Text that a task can't take."""

    def __init__(self, reason: str, **values: object) -> None:
        """reason: names a sentence in the words of the tab; values: what that sentence tells"""
        super().__init__(reason, values)
        self.reason, self.values = reason, values


@dataclass(frozen=True)
class Task:
    """One kind of string. A pair is (what is read, what is to be answered)."""

    name: str
    pair: Callable[[random.Random], tuple[str, str]]
    characters: str
    """All that occur in either."""
    longest: int
    """Characters that may be read, at most."""
    answer: int
    """Characters of an answer, at most."""

    @property
    def vocabulary(self) -> int:
        return len(SPECIAL) + len(self.characters)

    def encode(self, text: str) -> list[int]:
        return [len(SPECIAL) + self.characters.index(c) for c in text]

    def decode(self, tokens: list[int]) -> str:
        """Up to the end, which is not written."""
        out = ""
        for token in tokens:
            if token == END:
                break
            out += self.glyph(token)
        return out

    def glyph(self, token: int) -> str:
        return SPECIAL[token] if token < len(SPECIAL) else self.characters[token - len(SPECIAL)]

    def read(self, text: str) -> list[int]:
        """A visitor's text as tokens; raises Unreadable."""
        text = text.strip().lower()
        if not text:
            raise Unreadable("empty")
        if len(text) > self.longest:
            raise Unreadable("too_long", length=len(text), longest=self.longest)
        strange = sorted(set(text) - set(self.characters))
        if strange:
            raise Unreadable("strange", characters=" ".join(strange))
        return self.encode(text)

    def tokens(self, pairs: list[tuple[str, str]]) -> tuple[np.ndarray, np.ndarray]:
        """(count, longest source) and (count, longest answer + 2), padded; answers begin and end."""
        sources = [self.encode(source) for source, _ in pairs]
        return padded(sources), padded([[BEGIN, *self.encode(answer), END] for _, answer in pairs])


def padded(rows: list[list[int]]) -> np.ndarray:
    out = np.full((len(rows), max(map(len, rows))), PAD, np.int64)
    for i, row in enumerate(rows):
        out[i, : len(row)] = row
    return out


def _date(rng: random.Random) -> tuple[str, str]:
    month, year = rng.randrange(12), rng.randrange(1900, 2100)
    day = rng.randrange(1, DAYS[month] + 1)
    name, short = MONTHS[month], MONTHS[month][:3]
    written = rng.choice((
        f"{name} {day}, {year}", f"{short} {day}, {year}", f"{day} {name} {year}", f"{day}. {short} {year}",
        f"{day}.{month + 1}.{year}", f"{year}/{month + 1}/{day}",
    ))  # fmt: skip
    return written, f"{year}-{month + 1:02d}-{day:02d}"


def _letters(rng: random.Random) -> str:
    return "".join(rng.choices(LETTERS, k=rng.randint(4, 12)))


def _reverse(rng: random.Random) -> tuple[str, str]:
    text = _letters(rng)
    return text, text[::-1]


def _sort(rng: random.Random) -> tuple[str, str]:
    text = _letters(rng)
    return text, "".join(sorted(text))


def _brackets(rng: random.Random) -> tuple[str, str]:
    """Balanced brackets; the answer names each one's partner by the letter of its place."""
    pairs, text = rng.randint(2, 8), ""
    open_: list[str] = []
    while len(text) < 2 * pairs:
        left = pairs - text.count("(") - text.count("[") - text.count("{")
        if left and (not open_ or rng.random() < 0.5):
            kind = rng.choice(OPEN)
            open_.append(kind)
            text += kind
        else:
            text += CLOSE[OPEN.index(open_.pop())]
    return text, partners(text)


def partners(text: str) -> str:
    """ "([])" → "dcba": the place of every bracket's partner, a for the first; raises Unreadable if one has none."""
    found = [0] * len(text)
    waiting: list[int] = []
    for place, bracket in enumerate(text):
        if bracket in OPEN:
            waiting.append(place)
        elif waiting and OPEN.index(text[waiting[-1]]) == CLOSE.index(bracket):
            other = waiting.pop()
            found[place], found[other] = other, place
        else:
            raise Unreadable("closes_nothing", place=place + 1, bracket=bracket)
    if waiting:
        raise Unreadable("never_closed", place=waiting[-1] + 1, bracket=text[waiting[-1]])
    return "".join(string.ascii_lowercase[place] for place in found)


def period(text: Sequence[object]) -> int:
    """Length of the segment that a text repeats."""
    return next(n for n in range(1, len(text) + 1) if all(text[i] == text[i - n] for i in range(n, len(text))))


REPEAT = 32


def _repeat(rng: random.Random) -> tuple[str, str]:
    """A random segment of random length, again and again; nothing is answered: the text itself is continued."""
    segment = "".join(rng.choices(string.ascii_lowercase, k=rng.randint(5, 14)))
    return (segment * REPEAT)[:REPEAT], ""


TASKS = {
    task.name: task
    for task in (
        Task("dates", _date, string.ascii_lowercase + string.digits + " ,./-", 18, 10),
        Task("reverse", _reverse, LETTERS, 12, 12),
        Task("sort", _sort, LETTERS, 12, 12),
        Task("brackets", _brackets, OPEN + CLOSE + string.ascii_lowercase[:16], 16, 16),
        Task("repeat", _repeat, string.ascii_lowercase, REPEAT, 0),
    )
}
