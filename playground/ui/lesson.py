"""The lesson beside the code that runs: formulas and source lines that light up together, both from the declaration."""

from __future__ import annotations

import html
import json
from functools import cache
from typing import Any

from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin
from pygments import lex
from pygments.lexers import PythonLexer
from pygments.token import Token

from playground.concept import Concept, Symbol
from playground.source import Source, source
from playground.ui.declarations import CodeBlock, CodeLine, Lesson, SymbolAbout

LONG = 40
"""Lines from which a block of code opens on demand; the first one, the training step, is always open."""
STYLES = {Token.Keyword: "keyword", Token.Operator.Word: "keyword", Token.Comment: "comment",
          Token.Literal.String: "string", Token.Literal.Number: "number"}  # fmt: skip
"""Kind of token → its CSS class; a kind stands for its sub-kinds."""


def lesson_text(concept: Concept) -> str:
    """What `lesson.js` shows, as JSON."""
    shown = [source(reference, concept.package) for reference in concept.all_code]
    lesson = Lesson(
        text=lesson_html(concept.lesson),
        code=[code_block(of, concept.symbols, i == 0) for i, of in enumerate(shown)],
        symbols={
            s.name: SymbolAbout(glyph=s.glyph, meaning=s.meaning, views=list(s.views)) for s in concept.symbols
        },
    )  # fmt: skip
    return json.dumps(lesson, ensure_ascii=False)


@cache
def _markdown() -> MarkdownIt:
    parser = MarkdownIt("commonmark").enable("table")
    return parser.use(dollarmath_plugin, renderer=_formula, allow_labels=False)


def _formula(content: str, options: dict[str, Any]) -> str:
    """Left for KaTeX in the browser."""
    kind = "tex display" if options["display_mode"] else "tex"
    return f'<span class="{kind}">{html.escape(content.strip())}</span>'


def lesson_html(markdown: str) -> str:
    return str(_markdown().render(markdown))


def code_block(of: Source, symbols: tuple[Symbol, ...], first: bool) -> CodeBlock:
    """One function or class: its lines, highlighted, with the names and symbols in each."""
    lines = []
    for row, tokens in enumerate(_lines(of.text), of.first):
        names = [text for kind, text in tokens if kind in Token.Name]
        lines.append(
            CodeLine(
                html="".join(_span(kind, text) for kind, text in tokens),
                names=list(dict.fromkeys(names)),
                symbols=[s.name for s in symbols if set(names) & set(s.code)],
                function=next((f"{of.module}:{n}" for a, b, n in reversed(of.functions) if a <= row <= b), ""),
            )
        )
    return CodeBlock(
        title=of.qualname,
        place=f"{of.file}:{of.first}",
        open=first or len(lines) < LONG,
        lines=lines,
    )


def _lines(text: str) -> list[list[tuple[Any, str]]]:
    """The tokens of every line."""
    rows: list[list[tuple[Any, str]]] = [[]]
    for kind, value in lex(text, PythonLexer(stripnl=False, ensurenl=False)):
        first, *more = value.split("\n")
        rows[-1].append((kind, first))
        rows += [[(kind, part)] for part in more]
    return rows


def _span(kind: Any, text: str) -> str:
    style = next((css for wide, css in STYLES.items() if kind in wide), "")
    escaped = html.escape(text)
    return f'<span class="{style}">{escaped}</span>' if style and text else escaped
