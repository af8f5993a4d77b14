"""Where the page's scripts, styles and ready-made pictures lie, and under which address the browser gets them."""

from __future__ import annotations

import json
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
ASSETS = ROOT / "assets"


def plotly_js() -> Path:
    """plotly.js as the installed plotly package ships it (found without importing plotly)."""
    spec = find_spec("plotly")
    assert spec and spec.origin
    return Path(spec.origin).parent / "package_data" / "plotly.min.js"


def served() -> list[Path]:
    """The only paths that the server hands out as files."""
    return [ASSETS, plotly_js()]


def address(path: Path) -> str:
    """Address of a served file, relative to the page so that it holds behind a proxy."""
    return f"gradio_api/file={path}"


@cache
def script(name: str) -> str:
    return (ASSETS / "js" / name).read_text(encoding="utf-8")


def preview(slug: str) -> dict[str, Any]:
    """Ready-made first pictures of a tab ({} when there are none): {"pictures": {view: figure}, "step": …}."""
    path = ASSETS / "previews" / f"{slug}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def head() -> str:
    """Tags for the page's head: libraries from this machine, no other origin."""
    katex = ASSETS / "vendor" / "katex"
    return "\n".join(
        [
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f'<link rel="stylesheet" href="{address(katex / "katex.min.css")}">',
            f'<script defer src="{address(katex / "katex.min.js")}"></script>',
            f'<script defer src="{address(plotly_js())}"></script>',
            f"<script>{script('bus.js')}window.playground.assets = {json.dumps(address(ASSETS))};</script>",
        ]
    )
