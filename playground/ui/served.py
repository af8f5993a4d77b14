"""What the browser gets besides Gradio's own files, and under which addresses: all of it from this machine."""

from __future__ import annotations

import gzip
import hashlib
import json
import mimetypes
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from rjsmin import jsmin
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from playground import palette
from playground.concept import Concept, Medium
from playground.engine.checkpoints import pre_trained_path
from playground.ui import sentences
from playground.ui.declarations import PageData, TabName

STATIC = Path(__file__).parent / "static"
ASSETS = Path(__file__).resolve().parents[2] / "assets"
STYLES = ("page.css", "transport.css", "knobs.css", "figures.css", "plots.css", "lesson.css", "strip.css")
LATER = "static/js/slow_motion/"
"""Modules that few visits need."""
FOR_EVER = "public, max-age=31536000, immutable"
PLOTLY, ABOUT, LESSON = "plotly.min.js", "about", "lesson"

Make = Callable[[Concept], str]


def plotly_js() -> Path:
    """plotly.js as the installed plotly package ships it (found without importing plotly)."""
    spec = find_spec("plotly")
    assert spec and spec.origin
    return Path(spec.origin).parent / "package_data" / "plotly.min.js"


@dataclass(frozen=True)
class Packed:
    """One file in memory: packed once, not for every visitor."""

    media_type: str
    content: bytes
    zipped: bytes

    @classmethod
    def of(cls, name: str, content: bytes) -> Packed:
        kind = (
            "text/javascript" if name.endswith(".js") else mimetypes.guess_type(name)[0] or "application/octet-stream"
        )
        return cls(kind, content, gzip.compress(content, 6))

    def response(self, accepted: str) -> Response:
        headers = {"Cache-Control": FOR_EVER, "Vary": "Accept-Encoding"}
        if "gzip" not in accepted:
            return Response(self.content, media_type=self.media_type, headers=headers)
        return Response(self.zipped, media_type=self.media_type, headers=headers | {"Content-Encoding": "gzip"})


class Served:
    """The files of a page over these concepts, by path. Their addresses are relative to the page, so that they hold
    behind a proxy, and have a hash of them all, so that browsers may keep them until the server is updated."""

    def __init__(self, concepts: tuple[Concept, ...], about: Callable[[Concept, Served], str], lesson: Make) -> None:
        """about, lesson: a tab's declaration and lesson as JSON text"""
        self.concepts = concepts
        self.paths = {f"static/{p.relative_to(STATIC)}": p for p in _files(STATIC)}
        self.paths |= {f"assets/{p.relative_to(ASSETS)}": p for p in _files(ASSETS) if p.suffix != ".npz"}
        for concept in concepts:
            folder = concept.folder / "static"
            self.paths |= {f"concepts/{concept.slug}/{p.relative_to(folder)}": p for p in _files(folder)}
        self.paths[PLOTLY] = plotly_js()
        contents = hashlib.sha256()
        for path in self.paths.values():
            contents.update(path.read_bytes())
        self.root = f"playground/{contents.hexdigest()[:10]}"
        self.texts = {f"{ABOUT}/{c.slug}.json": cache(lambda c=c: about(c, self)) for c in concepts}
        self.texts |= {f"{LESSON}/{c.slug}.json": cache(lambda c=c: lesson(c)) for c in concepts}
        self._packed = cache(self._pack)

    def address(self, path: str) -> str:
        return f"{self.root}/{path}"

    def medium_script(self, concept: Concept, medium: Medium) -> str:
        """Address of a medium's module: in the concept's folder, else among those that all tabs share."""
        own = f"concepts/{concept.slug}/{medium.module}"
        return self.address(own if own in self.paths else f"static/js/media/{medium.module}")

    def preview(self, slug: str, setting: str) -> str:
        """Path of the figures of a setting's pre-trained model, "" where there are none.

        setting: as `Concept.pre_trained_setting` gives it
        """
        path = f"assets/previews/{pre_trained_path(slug, setting).stem}.json"
        return path if path in self.paths else ""

    def routes(self) -> list[BaseRoute]:
        def answer(request: Request) -> Response:
            path = request.path_params["path"]
            if path not in self.paths and path not in self.texts:
                return PlainTextResponse("There is no such file.", status_code=404)
            return self._packed(path).response(request.headers.get("accept-encoding", ""))

        return [Route(f"/{self.root}/{{path:path}}", answer)]

    def content(self, path: str) -> bytes:
        """As it is served: our own modules without their comments, which are half of them."""
        if path in self.texts:
            return self.texts[path]().encode()
        content = self.paths[path].read_bytes()
        is_ours = path.endswith(".js") and path != PLOTLY and "/vendor/" not in path
        return jsmin(content) if is_ours else content

    def _pack(self, path: str) -> Packed:
        return Packed.of(path, self.content(path))

    def head(self) -> str:
        """Tags for the page's head."""
        tabs = [TabName(slug=c.slug, title=c.title) for c in self.concepts]
        data = PageData(sentences=sentences.catalogue(self.concepts), tabs=tabs)
        text = json.dumps(data, ensure_ascii=False).replace("<", "\\u003c")  # a "</script>" in it would end the tag
        styles = [palette.css(), *((STATIC / "css" / name).read_text(encoding="utf-8") for name in STYLES)]
        # Without these the browser would find out about each module only when it has read the one that imports it. Low:
        # Gradio's own scripts come first, nothing of ours can run before them.
        modules = [p for p in sorted(self.paths) if p.startswith("static/js/") and not p.startswith(LATER)]
        links = [f'<link rel="modulepreload" fetchpriority="low" href="{self.address(path)}">' for path in modules]
        return "\n".join(
            [
                '<meta name="viewport" content="width=device-width, initial-scale=1">',
                *(f"<style data-playground>{style}</style>" for style in styles),
                *links,
                f'<script type="application/json" id="page-data" data-root="{self.root}">{text}</script>',
                f"<script>{PRELOAD_ABOUT}</script>",
            ]
        )


PRELOAD_ABOUT = """{
  const page = document.getElementById("page-data");
  const { tabs } = JSON.parse(page.textContent);
  const asked = new URLSearchParams(location.search).get("tab");
  const { slug } = tabs.find((tab) => tab.slug === asked) ?? tabs[0];
  const href = `${page.dataset.root}/ABOUT/${slug}.json`;
  const how = { rel: "preload", as: "fetch", crossOrigin: "anonymous", fetchPriority: "low" };
  document.head.append(Object.assign(document.createElement("link"), how, { href }));
}""".replace("ABOUT", ABOUT)
"""Fetches the declaration of the tab that the address names, before the page's modules ask for it."""


def importing(name: str) -> str:
    """JavaScript that imports one of the page's own modules."""
    root = 'document.getElementById("page-data").dataset.root'
    return f'import(new URL({root} + "/static/js/{name}", document.baseURI).href)'


def _files(folder: Path) -> list[Path]:
    """All but what no browser reads: types, which only the checks read, and what Python leaves."""
    found = [path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    return [path for path in found if not path.name.endswith(".d.ts")]
