"""The direction of imports, as the table in `playground/README.md` has it. Lazy imports count as well."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "playground" / "README.md"
ANYTHING = "anything"
"""What the layers at the top may import."""


def table() -> dict[str, set[str]]:
    """Layer → what its files may import besides the standard library and their own layer."""
    rows = re.findall(r"^\| `([\w/.<>]+)` \| (.+?) \|", README.read_text(encoding="utf-8"), flags=re.M)
    return {layer: set(re.findall(r"`([\w.]+)`", allowed)) or {allowed.strip()} for layer, allowed in rows}


def layer_of(name: str) -> str:
    """The row of the table that a file belongs to."""
    parts = name.split("/")
    if name.startswith("playground/concepts/") and len(parts) > 3:
        return "playground/concepts/<one>"
    candidates = [layer for layer in table() if name == layer or name.startswith(layer + "/")]
    assert candidates, f"{name} is in no row of the table in playground/README.md"
    return max(candidates, key=len)


def allowed_for(name: str) -> set[str]:
    layer = layer_of(name)
    own = "/".join(name.split("/")[:3]) if layer.endswith("<one>") else layer
    return table()[layer] | {own.removesuffix(".py").replace("/", ".")}


def imports(path: Path) -> set[str]:
    """Dotted names of everything a file imports, at whatever depth."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


FILES = ["app.py"] + [
    str(path.relative_to(ROOT))
    for folder in ("models", "playground")
    for path in sorted((ROOT / folder).rglob("*.py"))
    if path.read_text(encoding="utf-8")
]


@pytest.mark.parametrize("name", FILES)
def test_imports_point_the_right_way(name: str) -> None:
    allowed = allowed_for(name)
    if ANYTHING in allowed:
        return
    for dotted in imports(ROOT / name):
        if dotted.split(".")[0] not in sys.stdlib_module_names:
            assert any(dotted == a or dotted.startswith(a + ".") for a in allowed), f"{name} must not import {dotted}"


def test_the_table_would_catch_a_wrong_import(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.py"
    wrong.write_text("def f():\n    import torch\n    from playground.figures import base\n")
    assert imports(wrong) == {"torch", "playground.figures.base"}
    assert "torch" not in allowed_for("playground/ui/tab.py")
    assert "gradio" not in allowed_for("playground/engine/run.py")
    assert "playground.concepts" not in allowed_for("playground/concepts/autoencoder/views.py")


def test_every_row_of_the_table_is_there_and_the_drawing_shows_it() -> None:
    drawing = README.read_text(encoding="utf-8").split("```")[1]
    for layer in table():
        path = ROOT / layer.replace("<one>", "autoencoder")
        assert path.exists(), layer
        assert Path(layer.replace("/<one>", "")).stem in drawing, f"{layer} is not in the drawing"


def test_the_server_process_loads_no_torch() -> None:
    code = "import sys, playground.ui.page, playground.ui.server, playground.concepts; print('torch' in sys.modules)"
    out = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "False"


def test_files_stay_small() -> None:
    limits = {"app.py": 40}
    for name in FILES:
        limit = limits.get(name, 200 if name.startswith("models/") else 300)
        assert len((ROOT / name).read_text(encoding="utf-8").splitlines()) <= limit, (
            f"{name} has more than {limit} lines"
        )
    for path in [*(ROOT / "playground").rglob("*.js"), *(ROOT / "playground").rglob("*.css")]:
        if "vendor" not in path.parts:
            lines = len(path.read_text(encoding="utf-8").splitlines())
            assert lines <= 300, f"{path.name} has {lines} lines"
