"""What the browser gets besides Gradio's own files, and under which addresses: all of it from this machine."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from playground import palette
from playground.concept import Concept, Medium
from playground.ui import sentences

STATIC = Path(__file__).parent / "static"
ASSETS = Path(__file__).resolve().parents[2] / "assets"
STYLES = ("page.css", "knobs.css", "figures.css", "lesson.css")
ROOT = "playground"
"""First part of all addresses; they are relative to the page, so that they hold behind a proxy."""


def plotly_js() -> Path:
    """plotly.js as the installed plotly package ships it (found without importing plotly)."""
    spec = find_spec("plotly")
    assert spec and spec.origin
    return Path(spec.origin).parent / "package_data" / "plotly.min.js"


@cache
def _packed_plotly() -> bytes:
    """Compressed once, not for every visitor: it takes a third of a second."""
    return gzip.compress(plotly_js().read_bytes(), 6)


def script(name: str) -> str:
    """Address of one of the page's own modules."""
    return f"{ROOT}/static/js/{name}"


def preview(slug: str) -> str:
    """Path of a tab's ready-made figures, "" where there are none."""
    path = f"previews/{slug}.json"
    return f"assets/{path}" if (ASSETS / path).exists() else ""


def medium_script(concept: Concept, medium: Medium) -> str:
    """Address of a medium's module: in the concept's folder, else among those that all tabs share."""
    if (concept.folder / "static" / medium.module).exists():
        return f"{ROOT}/concepts/{concept.slug}/{medium.module}"
    return script(f"media/{medium.module}")


class _Revalidated(StaticFiles):
    """Files that the browser asks about each time (and gets 304): an update of the server is an update of the page."""

    def file_response(self, *args: object, **more: object) -> Response:
        response = super().file_response(*args, **more)  # type: ignore[arg-type]
        response.headers["Cache-Control"] = "no-cache"
        return response


def routes(
    concepts: tuple[Concept, ...], about: Callable[[Concept], str], lesson: Callable[[Concept], str]
) -> list[BaseRoute]:
    """about, lesson: a tab's declaration and lesson as JSON text"""

    def of_concept(make: Callable[[Concept], str]) -> Callable[[Request], Response]:
        by_slug = {concept.slug: concept for concept in concepts}

        def answer(request: Request) -> Response:
            concept = by_slug.get(request.path_params["slug"])
            if concept is None:
                return PlainTextResponse("There is no such tab.", status_code=404)
            return Response(make(concept), media_type="application/json")

        return answer

    def plotly(request: Request) -> Response:
        headers = {"Cache-Control": "max-age=86400", "Vary": "Accept-Encoding"}
        if "gzip" not in request.headers.get("accept-encoding", ""):
            return FileResponse(plotly_js(), media_type="text/javascript", headers=headers)
        return Response(_packed_plotly(), media_type="text/javascript", headers=headers | {"Content-Encoding": "gzip"})

    own = [(c.slug, c.folder / "static") for c in concepts]
    return [
        Route(f"/{ROOT}/about/{{slug}}.json", of_concept(about)),
        Route(f"/{ROOT}/lesson/{{slug}}.json", of_concept(lesson)),
        Route(f"/{ROOT}/plotly.min.js", plotly),
        Mount(f"/{ROOT}/static", _Revalidated(directory=STATIC)),
        Mount(f"/{ROOT}/assets", _Revalidated(directory=ASSETS)),
        *(Mount(f"/{ROOT}/concepts/{slug}", _Revalidated(directory=f)) for slug, f in own if f.exists()),
    ]


def head(concepts: tuple[Concept, ...]) -> str:
    data = {"root": ROOT, "sentences": sentences.catalogue(concepts)}
    text = json.dumps(data, ensure_ascii=False).replace("<", "\\u003c")  # "</script>" in a sentence would end the tag
    links = [f'<link rel="stylesheet" href="{ROOT}/static/css/{name}">' for name in STYLES]
    # Without these the browser would find out about each module only when it has read the one that imports it.
    modules = [str(path.relative_to(STATIC / "js")) for path in sorted((STATIC / "js").rglob("*.js"))]
    links += [f'<link rel="modulepreload" href="{script(name)}">' for name in modules]
    links.append(f'<link rel="preload" as="script" href="{ROOT}/plotly.min.js">')
    return "\n".join(
        [
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<style>{palette.css()}</style>",
            *links,
            f'<script type="application/json" id="page-data">{text}</script>',
        ]
    )
