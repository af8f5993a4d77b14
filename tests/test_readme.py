"""README.md says what is so."""

from __future__ import annotations

from tests.serving import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_template_of_a_concept_is_the_one_that_the_tests_use() -> None:
    toy = (ROOT / "tests" / "toy" / "__init__.py").read_text(encoding="utf-8")
    assert toy.split("class SlowToy")[0].rstrip() in README
    assert (ROOT / "tests" / "toy" / "static" / "dial.js").read_text(encoding="utf-8").rstrip() in README


def test_every_environment_variable_is_told() -> None:
    for path in (ROOT / "playground").rglob("*.py"):
        for part in path.read_text(encoding="utf-8").split('os.environ.get("')[1:]:
            assert f"`{part.split(chr(34))[0]}`" in README, part[:40]


def test_every_picture_is_there() -> None:
    for part in README.split("](assets/")[1:]:
        assert (ROOT / "assets" / part.split(")")[0]).exists()
