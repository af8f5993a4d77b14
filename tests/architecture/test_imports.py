"""The direction of imports, held by one table (`DESIGN.md` §1). Lazy imports count as well."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
THIRD = {"gradio", "torch", "plotly", "numpy", "gymnasium", "imageio", "pydantic", "orjson", "jaxtyping", "safetensors",
         "typer", "rich", "markdown_it", "PIL", "datasets"}  # fmt: skip

# layer → what its modules may import besides the standard library and their own package
TABLE = {
    "models": {"torch", "jaxtyping", "models"},
    "playground/figures": {"numpy", "imageio", "playground.figures"},
    "playground/data": {"numpy", "PIL", "datasets"},
    "playground/concept.py": {"pydantic"},
    "playground/wording.py": {"pydantic"},
    "playground/engine": {"playground.concept", "playground.wording", "playground.engine", "numpy", "pydantic",
                          "orjson"},
    "playground/ui": {"playground.concept", "playground.wording", "playground.engine", "playground.ui", "gradio",
                      "pydantic", "markdown_it"},
    "playground/export.py": {"playground.engine", "plotly", "safetensors", "torch"},
}  # fmt: skip
TORCH = {"playground/engine/run.py", "playground/engine/host.py"}
CONCEPT = {"playground.concept", "playground.figures", "playground.data", "models", "numpy", "torch", "pydantic",
           "gymnasium", "imageio"}  # fmt: skip


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


def allowed_for(name: str) -> set[str]:
    if name.startswith("playground/concepts/"):
        parts = name.split("/")
        own = {f"playground.concepts.{parts[2]}"} if len(parts) > 3 else {"playground.concepts"}
        return CONCEPT | own
    layer = next(key for key in TABLE if name == key or name.startswith(key + "/"))
    return TABLE[layer] | ({"torch"} if name in TORCH else set())


FREE = {"playground/cli.py", "playground/__main__.py"}
FILES = [
    str(p.relative_to(ROOT))
    for folder in ("models", "playground")
    for p in sorted((ROOT / folder).rglob("*.py"))
    if str(p.relative_to(ROOT)) not in FREE
]


@pytest.mark.parametrize("name", FILES)
def test_imports_point_the_right_way(name: str) -> None:
    if name == "playground/__init__.py":
        return
    allowed = allowed_for(name)
    for dotted in imports(ROOT / name):
        top = dotted.split(".")[0]
        if top in sys.stdlib_module_names:
            continue
        assert top in THIRD | {"models", "playground"}, f"{name} imports {dotted}, which the table does not know"
        assert any(dotted == a or dotted.startswith(a + ".") for a in allowed), f"{name} must not import {dotted}"


def test_the_table_would_catch_a_wrong_import(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.py"
    wrong.write_text("def f():\n    import torch\n    from playground.figures import base\n")
    assert imports(wrong) == {"torch", "playground.figures.base"}
    assert "torch" not in allowed_for("playground/ui/tab.py") and "gradio" not in allowed_for(
        "playground/engine/run.py"
    )


def test_the_server_process_loads_no_torch() -> None:
    code = "import sys, playground.ui.page, playground.concepts; print('torch' in sys.modules)"
    out = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "False"


def test_files_stay_small() -> None:
    limits = {"app.py": 40, "playground/concept.py": 220}
    for path in [ROOT / "app.py", *(ROOT / f for f in FILES)]:
        name = str(path.relative_to(ROOT))
        limit = limits.get(name, 200 if name.startswith("models/") else 300)
        assert len(path.read_text(encoding="utf-8").splitlines()) <= limit, f"{name} has more than {limit} lines"
