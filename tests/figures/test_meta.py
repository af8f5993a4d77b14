"""What figures say to the page besides what they draw: declared once for Python and once for the page's modules."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NotRequired, get_origin, get_type_hints

import pytest

from playground.figures import meta
from playground.figures.base import figure
from playground.palette import SCALES

ROOT = Path(__file__).resolve().parents[2]
MEDIA = ROOT / "playground" / "ui" / "static" / "js" / "media"
DECLARED = (MEDIA / "figure_meta.d.ts").read_text(encoding="utf-8")
PAIRS = {
    "FigureMeta": meta.FigureMeta,
    "HandleMeta": meta.Handle,
    "KnobCoordinate": meta.KnobCoordinate,
    "FixedCoordinate": meta.FixedCoordinate,
}


def interface(name: str) -> set[str]:
    """Keys of an interface, "?" behind one that may be missing."""
    found = re.search(rf"export interface {name} {{(.*?)\n}}", DECLARED, flags=re.S)
    assert found, name
    return {key + may for key, may in re.findall(r"^  (\w+)(\??):", found[1], flags=re.M)}


@pytest.mark.parametrize("name", PAIRS)
def test_python_and_the_page_declare_the_same(name: str) -> None:
    kind: Any = PAIRS[name]
    hints = get_type_hints(kind, include_extras=True).items()
    assert interface(name) == {
        key + ("?" if get_origin(hint) is NotRequired or not kind.__total__ else "") for key, hint in hints
    }


def metas(path: Path) -> Iterator[ast.expr]:
    """What a file gives as a figure's or a trace's `meta`: by keyword, or in a dict."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.keyword) and node.arg == "meta":
            yield node.value
        elif isinstance(node, ast.Dict):
            pairs = zip(node.keys, node.values, strict=True)
            yield from (value for key, value in pairs if isinstance(key, ast.Constant) and key.value == "meta")
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Subscript):
            place = node.targets[0].slice
            if isinstance(place, ast.Constant) and place.value == "meta":
                yield node.value


def test_every_key_that_a_figure_uses_is_declared() -> None:
    declared, used = set(get_type_hints(meta.FigureMeta)), set()
    for path in [*(ROOT / "playground").rglob("*.py"), *(ROOT / "tests" / "toy").rglob("*.py")]:
        for value in metas(path):
            if isinstance(value, ast.Dict):
                used |= {key.value for key in value.keys if isinstance(key, ast.Constant)}
            elif isinstance(value, ast.Constant):  # a trace's: a colour scale
                assert value.value in SCALES, path
            else:  # passed on, as `figure` and `heatmap` do
                assert isinstance(value, ast.Name) and path.parent.name == "figures", (path, ast.unparse(value))
    assert used <= declared and {"sprite", "chips", "trails", "large", "room"} <= used, used - declared


@pytest.mark.parametrize("key", sorted(get_type_hints(meta.FigureMeta)))
def test_the_module_that_is_said_to_read_a_key_reads_it(key: str) -> None:
    found = re.search(rf"Read by (\w+\.js)\. \*/\n  {key}\?:", DECLARED)
    assert found, f"{key}: which module reads it?"
    assert re.search(rf"(\bmeta\??|\))\??\.{key}\b", (MEDIA / found[1]).read_text(encoding="utf-8")), found[1]


def test_a_figure_has_the_meta_that_it_is_given_and_else_none() -> None:
    handle: meta.Handle = {"name": "mean", "label": "Mean", "x": {"knob": "mean"}, "y": {"at": 0.0}}
    assert figure([], "key", meta={"handles": [handle]})["layout"]["meta"] == {"handles": [handle]}
    assert "meta" not in figure([], "key")["layout"]
