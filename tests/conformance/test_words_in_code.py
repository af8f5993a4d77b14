"""What finds words in code finds those that are read, and nothing else."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.conformance.words_in_code import asked, literals


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ('trace = {"name": "prior"}', ["prior"]),
        ('curve(history, "train/loss", "loss", colour)', ["loss"]),
        ('Refused("Nothing there.")', ["Nothing there."]),
        ('View(name="latents", title="Plane")', ["Plane"]),
        ('hover(f"a {digit} of ten")', ["a {} of ten"]),
        ('rule: Literal["encoder output"]', ["encoder output"]),
        ('"""What a function does."""\nassert x, "this is for us"', []),
        ('Challenge(name="all-modes", formerly=("Cover all modes",))', []),
        ('Phase(say("diagram.update"), ("z",), "loss = a if b else c")', []),
        ('Part("posterior", "μ, log σ²", 30, 15)', []),
        ('say("views.latents.caption")', []),
    ],
)
def test_english_is_found_where_it_is_read(code: str, found: list[str]) -> None:
    assert [one.text for one in literals(ast.parse(code)) if one.is_english(())] == found


def test_keys_are_followed_through_parts_of_the_words(tmp_path: Path) -> None:
    file = tmp_path / "views.py"
    file.write_text(
        'def gap(run):\n    words = say.part("figures.gap")\n    words("of", nats=1)\n'
        '    words("a" if run else "b")\n    return say(f"views.{run}.title")\n'
    )
    texts = [one for one in asked(file) if not one.is_part]
    for key in ("figures.gap.of", "figures.gap.a", "figures.gap.b", "views.latents.title"):
        assert sum(one.means(key) for one in texts) == 1, key
    assert not any(one.means("figures.gap") or one.means("of") for one in texts)
    assert [sorted(one.values or ()) for one in texts] == [["nats"], [], [], []]
