"""The lesson beside the code: formulas and source lines that light up together, both from the declaration."""

from __future__ import annotations

import ast
import html
import json
import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from markdown_it import MarkdownIt

from playground.concept import Concept, Symbol


@cache
def source(dotted: str) -> tuple[str, int, str]:
    """(file, first line, source text) of an object named like "models.autoencoder.gaussian_kl", found by ast."""
    module, _, name = dotted.rpartition(".")
    spec = find_spec(module)
    if spec is None or spec.origin is None:
        raise LookupError(f"code names {dotted}, but there is no module {module}")
    text = Path(spec.origin).read_text(encoding="utf-8")
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name == name:
            first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
            return module.replace(".", "/") + ".py", first, "\n".join(text.splitlines()[first - 1 : node.end_lineno])
    raise LookupError(f"code names {dotted}, but {module} has no such function or class")


def code_line(line: str, symbols: tuple[Symbol, ...]) -> str:
    """One source line as HTML; `data-symbols` names the symbols that its identifiers stand for."""
    body, comment = line, ""
    if "#" in line and '"' not in line:
        body, _, comment = line.partition("#")
        comment = f'<span class="comment">#{html.escape(comment)}</span>'
    words = set(re.findall(r"[A-Za-z_]\w*", body))
    named = [s.name for s in symbols if words & set(s.code)]
    text = html.escape(body)
    text = re.sub(r"\b(def|class|return|if|else|for|in|not|and|or|None|True|False|lambda|import|from|raise)\b",
                  r'<span class="keyword">\1</span>', text)  # fmt: skip
    attribute = f' data-symbols="{" ".join(named)}" tabindex="0"' if named else ""
    return f'<span class="line"{attribute}>{text}{comment}\n</span>'


def code_panel(concept: Concept) -> str:
    blocks = []
    for dotted in concept.code:
        file, first, text = source(dotted)
        lines = "".join(code_line(line, concept.symbols) for line in text.splitlines())
        blocks.append(
            f"<details open><summary>{html.escape(dotted.rpartition('.')[2])} <small>{file}:{first}</small></summary>"
            f"<pre><code>{lines}</code></pre></details>"
        )
    symbols = {s.name: {"glyph": s.glyph, "meaning": s.meaning, "views": s.views} for s in concept.symbols}
    table = html.escape(json.dumps(symbols, ensure_ascii=False), quote=True)
    return (
        f'<div class="code-panel" data-table="{table}"><p class="code-hint">Point at a line: its symbol lights up in '
        f'the formula and the pictures.</p><p class="code-shape" role="status"></p>{"".join(blocks)}</div>'
    )


def lesson_html(concept: Concept) -> str:
    """The lesson's Markdown, formulas left for KaTeX in the browser."""
    math: list[str] = []

    def keep(match: re.Match[str]) -> str:
        math.append(match.group(0))
        return f"@@{len(math) - 1}@@"

    text = re.sub(r"\$\$.+?\$\$|\$[^$\n]+?\$", keep, concept.lesson, flags=re.S)
    page = MarkdownIt("commonmark").enable("table").render(text)

    def formula(match: re.Match[str]) -> str:
        raw = math[int(match.group(1))]
        display = raw.startswith("$$")
        body = html.escape(raw.strip("$").strip())
        return f'<span class="tex" data-display="{str(display).lower()}">{body}</span>'

    body = re.sub(r"@@(\d+)@@", formula, page)
    return f'<div class="lesson-text">{body}</div>'
