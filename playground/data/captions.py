"""Captions of digits, made of a template and a name of the digit, as rows of integers, one a character."""

from __future__ import annotations

import numpy as np

from playground.words import say

LONGEST = 32
"""Characters of a caption, at most."""
NAMES = (
    ("zero", "0"), ("one", "1"), ("two", "2"), ("three", "3"), ("four", "4"), ("five", "5"), ("six", "6"),
    ("seven", "7"), ("eight", "8"), ("nine", "9"),
)  # fmt: skip
"""Of each class: the word and the numeral."""
TRAIN_TEMPLATES = (
    "{n}", "{a} {n}", "number {n}", "the number {n}", "digit {n}", "the digit {n}", "this is {a} {n}",
    "a handwritten {n}", "a photo of {a} {n}", "an image of the digit {n}", "{n} in white on black", "i wrote {a} {n}",
    "here is the number {n}", "it looks like {a} {n}",
)  # fmt: skip
HELDOUT_TEMPLATES = (
    "a drawn {n}", "a picture of {a} {n}", "the figure {n}", "somebody's {n}", "{n} on a blackboard",
    "a scan of {a} {n}",
)  # fmt: skip
"""Never trained on."""
EXAMPLE = "a handwritten seven"
"""A caption like those that were trained on."""
CHARACTERS = "abcdefghijklmnopqrstuvwxyz0123456789 '.,-!?"
PADDING, OTHER = 0, 1
"""The integers of what follows a caption's end, and of a character that is not among CHARACTERS."""
VOCABULARY = 2 + len(CHARACTERS)
NUMBERS = {c: i for i, c in enumerate(CHARACTERS, 2)}


def captions(templates: tuple[str, ...]) -> list[list[str]]:
    """The captions of each of the ten classes, template by template: the word, then the numeral."""
    return [[caption(template, name) for template in templates for name in names] for names in NAMES]


def caption(template: str, name: str) -> str:
    """{n} is the name, {a} its article."""
    return template.format(n=name, a="an" if name in ("eight", "8") else "a")


def encode(text: str) -> np.ndarray:
    """(LONGEST,) int64 in 0 … VOCABULARY − 1. Raises ValueError with a sentence for an empty or too long text."""
    text = " ".join(text.lower().split())
    if not text:
        raise ValueError(say("caption.empty"))
    if len(text) > LONGEST:
        raise ValueError(say("caption.too_long", length=len(text), most=LONGEST))
    row = np.full(LONGEST, PADDING, np.int64)
    row[: len(text)] = [NUMBERS.get(c, OTHER) for c in text]
    return row


def encode_all(texts: list[list[str]]) -> np.ndarray:
    """As many captions of each class → (classes, captions, LONGEST) int64."""
    return np.array([[encode(text) for text in row] for row in texts])
