"""Other words change nothing but words: no name, link, number or picture of any tab depends on a text."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

MARK = "¤"


def printed(*arguments: str) -> Any:
    made = subprocess.run(
        [sys.executable, "-m", "tests.conformance.translated", *arguments], capture_output=True, check=True
    )  # fmt: skip
    return json.loads(made.stdout)


@pytest.fixture(scope="module")
def both() -> tuple[Any, Any]:
    """What all tabs say and draw in English, and with a mark before each of their texts."""
    with ThreadPoolExecutor() as pool:
        english, marked = pool.map(lambda arguments: printed(*arguments), ((), (MARK,)))
    return english, marked


def differences(a: Any, b: Any, path: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Where two JSON values differ: (path, one, other)."""
    if isinstance(a, dict) and isinstance(b, dict) and a.keys() == b.keys():
        for key in a:
            yield from differences(a[key], b[key], f"{path}/{key}")
    elif isinstance(a, list) and isinstance(b, list) and len(a) == len(b):
        for i, (one, other) in enumerate(zip(a, b, strict=True)):
            yield from differences(one, other, f"{path}/{i}")
    elif a != b:
        yield path, a, b


def test_other_words_change_nothing_but_words(both: tuple[Any, Any]) -> None:
    wrong = [
        f"{path}: {one!r} → {other!r}"
        for path, one, other in differences(*both)
        if not (isinstance(one, str) and isinstance(other, str) and other.replace(MARK, "") == one)
    ]
    assert not wrong, "\n".join(wrong)


def test_the_texts_of_every_tab_come_from_its_words(both: tuple[Any, Any]) -> None:
    """Titles, captions, help and reasons: else the test above would compare nothing."""
    for slug, tab in both[1].items():
        about = tab["about"]
        texts = [text for kind in ("views", "probes", "presets", "challenges") for one in about[kind]
                 for name, text in one.items() if name in ("title", "caption", "why", "hint")]  # fmt: skip
        texts += [text for knob in about["knobs"] if knob["name"] != "seed" for text in (knob["label"], knob["help"])]
        assert texts and all(text.startswith(MARK) for text in texts if text), slug
        drawn = json.dumps(tab["settings"], ensure_ascii=False)
        assert drawn.count(MARK) > 20, slug
