"""The lesson beside the code: formulas and source lines that light up together, both from the declaration."""

from __future__ import annotations

import ast
import html
import io
import json
import keyword
import re
import tokenize
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


def code_lines(text: str, symbols: tuple[Symbol, ...]) -> str:
    """Source as HTML, a span a line; `data-symbols` names the symbols that its identifiers stand for."""
    lines = text.splitlines()
    pieces: list[list[tuple[int, int, str]]] = [[] for _ in lines]
    names: list[set[str]] = [set() for _ in lines]
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        style = _style(token)
        if token.type == tokenize.NAME:
            names[token.start[0] - 1].add(token.string)
        for row in range(token.start[0], token.end[0] + 1) if style else ():
            begin = token.start[1] if row == token.start[0] else 0
            end = token.end[1] if row == token.end[0] else len(lines[row - 1])
            pieces[row - 1].append((begin, end, style))
    return "".join(
        _line(line, pieces[i], [s.name for s in symbols if names[i] & set(s.code)]) for i, line in enumerate(lines)
    )


def _style(token: tokenize.TokenInfo) -> str:
    if token.type == tokenize.NAME and keyword.iskeyword(token.string):
        return "keyword"
    return {tokenize.COMMENT: "comment", tokenize.STRING: "string"}.get(token.type, "")


def _line(line: str, pieces: list[tuple[int, int, str]], symbols: list[str]) -> str:
    out, at = "", 0
    for begin, end, style in pieces:
        out += html.escape(line[at:begin]) + f'<span class="{style}">{html.escape(line[begin:end])}</span>'
        at = end
    attribute = f' data-symbols="{" ".join(symbols)}" tabindex="0"' if symbols else ""
    return f'<span class="line"{attribute}>{out}{html.escape(line[at:])}\n</span>'


def code_panel(concept: Concept) -> str:
    blocks = []
    for dotted in concept.code:
        file, first, text = source(dotted)
        lines = code_lines(text, concept.symbols)
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
