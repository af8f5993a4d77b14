"""README.md says what is so."""

from __future__ import annotations

import re
import shlex
from importlib.util import find_spec

import pytest

from playground.concept import Concept
from playground.concepts import CONCEPTS
from playground.wording import parse_config
from tests.serving import ROOT
from tests.smallest import SMALLEST

README = (ROOT / "README.md").read_text(encoding="utf-8")
TABS = {concept.slug: concept for concept in CONCEPTS}


@pytest.mark.parametrize("name", ["__init__.py", "words.en.toml", "lesson.md"])
def test_the_template_of_a_tab_is_the_smallest_one_that_the_tests_use(name: str) -> None:
    text = (SMALLEST.folder / name).read_text(encoding="utf-8").rstrip()
    assert re.search(rf"`{re.escape(name)}`:\n\n```\w+\n{re.escape(text)}\n```", README)


def test_what_the_toy_is_said_to_declare_is_in_it() -> None:
    toy = "\n".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "tests" / "toy").glob("*.py")))
    table = README.split("| what | how it is declared |")[1].split("\n\n")[0]
    rows = [row.strip("|").split(" | ") for row in table.splitlines()[2:]]
    assert len(rows) > 5 and all(len(row) == 3 for row in rows)
    for what, _, declared in rows:
        for code in re.findall(r"`([^`]+)`", declared):
            assert code in toy, f"{what.strip()}: {code}"


def test_every_tab_is_in_the_table_under_its_title() -> None:
    assert re.findall(r"^\| ([^|`]+) \| `([a-z-]+)` \| .* \|$", README, re.M) == [(c.title, c.slug) for c in CONCEPTS]


def test_every_command_is_taken() -> None:
    trained = re.findall(r"^python -m playground train (.+)$", README, re.M)
    assert trained
    for line in trained:
        slug, *options = shlex.split(line)
        values = dict(zip(options, options[1:], strict=False))
        name = values.get("--preset", "")
        assert not name or TABS[slug].preset(name)
        parse_config(TABS[slug].config, dict(pair.split("=") for o, pair in values.items() if o == "--set"))


def test_every_link_metric_and_probe_is_there() -> None:
    for slug, query in re.findall(r"\?tab=([a-z-]+)((?:&\w+=[\w.]+)*)", README):
        parse_config(TABS[slug].config, dict(pair.split("=") for pair in query.split("&")[1:]))
    assert metrics("autoencoder") >= set(re.findall(r'run\["metrics"\]\["([^"]+)"\]', README))
    assert {probe.name for probe in TABS["autoencoder"].all_probes} >= set(re.findall(r'run\["run"\], "(\w+)"', README))
    of_arms = re.findall(r"`([\w/]+)` of ([\w-]+)", README)
    assert len(of_arms) == 2
    for name, title in of_arms:
        assert name in metrics(next(c.slug for c in CONCEPTS if c.title == title))


def metrics(slug: str) -> set[str]:
    tab: Concept = TABS[slug]
    return {metric.name for metric in tab.metrics}


def test_every_module_that_is_run_is_there() -> None:
    named = set(re.findall(r"python -m ([\w.]+)", README))
    assert all(find_spec(name) for name in named)
    measuring = {
        f"tests.benchmarks.{path.stem}"
        for path in (ROOT / "tests" / "benchmarks").iterdir()
        if not path.name.startswith("__") and path.stem not in ("eight_tabs", "empty_page")  # which others start
    }
    assert measuring <= named


def test_every_environment_variable_is_told() -> None:
    for path in (ROOT / "playground").rglob("*.py"):
        for part in path.read_text(encoding="utf-8").split('os.environ.get("')[1:]:
            assert f"`{part.split(chr(34))[0]}`" in README, part[:40]


def test_every_picture_is_there() -> None:
    for part in README.split("](assets/")[1:]:
        assert (ROOT / "assets" / part.split(")")[0]).exists()
