"""Reads a tab's code for its words: which literals are English, and which texts of its words it asks for."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

WORDS = re.compile(r"[A-Za-z]{2,}[,;:.!?]?(?: |<br>)[A-Za-z]{2,}")
"""Two words with a space between them."""
WORD = re.compile(r"[a-z]{3,}")
SENTENCE = re.compile(r"[A-Z][a-z]+( .*)?[.!?:]")
MARKUP = re.compile(r"<[^>]*>|%?\{[^}]*\}|\b(log|cos|sin|ln|exp)\b")
"""What is written between words: tags, places for values, functions of a formula."""
OPTIONS = {"top center", "bottom center", "middle right"}
"""Of Plotly."""
SHOWN_KEYS = {"title", "text", "name", "hovertemplate", "hovertext", "texttemplate", "ticktext", "label", "caption"}
"""Keys of a figure whose values are read; as an argument's name, of a function that makes part of one."""
DECLARED = {"title", "tagline", "caption", "why", "hint", "explain", "unit", "meaning", "button", "when", "description"}
"""Fields of a declaration that come from the words."""
SHOWN_ARGUMENTS = {
    "curve": (2,),
    "two_charts": (0, 1),
    "note": (0,),
    "bars": (3,),
    "Part": (1,),
    "Phase": (0,),
    "Refused": (0,),
}
"""Function → places of the arguments that are read."""
UNREAD_ARGUMENTS = {"formerly", "aliases", "value_aliases", "code"}
SHAPES = {"Float", "Int", "Bool"}


def pieces(node: ast.AST) -> str | None:
    """The text of a literal, with {} for what is put into it; None: it is none."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(str(p.value) if isinstance(p, ast.Constant) else "{}" for p in node.values)
    return None


def called(node: ast.AST) -> str:
    """The last name of what is called: "curve" of charts.curve(…)."""
    if not isinstance(node, ast.Call):
        return ""
    function = node.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


@dataclass(frozen=True)
class Literal:
    line: int
    text: str
    is_read: bool
    """Whether it stands where a figure or a declaration has what visitors read."""

    def is_english(self, notation: Iterable[str]) -> bool:
        """notation: what is a glyph, not a word"""
        bare = MARKUP.sub(" ", self.text)
        if self.text in notation or self.text in OPTIONS or "self." in self.text:  # a line of code is quoted
            return False
        return bool(WORDS.search(bare) or SENTENCE.fullmatch(bare) or (self.is_read and WORD.search(bare)))


def literals(tree: ast.AST) -> Iterator[Literal]:
    """Every literal but docstrings, messages of assertions, names of before and shapes of tensors."""
    yield from _literals(tree, False)


def _literals(node: ast.AST, is_read: bool) -> Iterator[Literal]:
    text = pieces(node)
    if text is not None:
        yield Literal(getattr(node, "lineno", 0), text, is_read)
        return
    if isinstance(node, ast.Expr) and pieces(node.value) is not None:
        return  # a docstring
    for child, read in _inside(node, is_read):
        yield from _literals(child, read)


def _inside(node: ast.AST, is_read: bool) -> Iterator[tuple[ast.AST, bool]]:
    """What is to be looked at within a node, and whether it is read."""
    if isinstance(node, ast.Assert):
        yield node.test, False
    elif isinstance(node, ast.Subscript):
        yield node.value, False
        if getattr(node.value, "id", "") not in SHAPES:
            yield node.slice, False
    elif isinstance(node, ast.Dict):
        shown = SHOWN_KEYS - {"name"} if any("knob" in keys(value) for value in node.values) else SHOWN_KEYS
        for key, value in zip(keys(node), node.values, strict=True):
            yield value, is_read or key in shown
    elif isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "").startswith("OLD_"):
        return
    elif isinstance(node, ast.Call):
        yield from _in_call(node)
    else:
        inherits = isinstance(node, ast.List | ast.Tuple | ast.IfExp | ast.BinOp | ast.ListComp | ast.Starred)
        for child in ast.iter_child_nodes(node):
            yield child, is_read and inherits


def keys(node: ast.AST) -> list[str | None]:
    """Of a dict that is written out; a dict whose values have a "knob" is a handle, and its "name" is not read."""
    return [pieces(key) if key else None for key in node.keys] if isinstance(node, ast.Dict) else []


def _in_call(node: ast.Call) -> Iterator[tuple[ast.AST, bool]]:
    name = called(node)
    if name.startswith(("say", "words")) or name in ("part", "find", "debug", "info", "warning", "warn"):
        return  # a key, or a message for those who run the server
    yield node.func, False
    for place, argument in enumerate(node.args):
        if not (name == "Phase" and place == 2):  # a line of code
            yield argument, place in SHOWN_ARGUMENTS.get(name, ())
    for keyword in node.keywords:
        if keyword.arg not in UNREAD_ARGUMENTS:
            makes_picture = name[:1].islower() and keyword.arg in SHOWN_KEYS
            yield keyword.value, makes_picture or keyword.arg in DECLARED


@dataclass(frozen=True)
class Asked:
    """A text, or a part of the words, that code asks for."""

    where: str
    pattern: str
    """A regular expression of the whole key."""
    values: frozenset[str] | None
    """Names of the values given; None: it is a part, or they are not known."""
    is_part: bool
    is_certain: bool = True
    """Whether the key stands in the call; else it may be any literal of the file."""

    @property
    def is_exact(self) -> bool:
        """Whether it means one key only."""
        return not re.search(r"(?<!\\)[+*?]", self.pattern)

    def means(self, key: str) -> bool:
        return re.fullmatch(self.pattern, key) is not None


class Asking(ast.NodeVisitor):
    """Finds what is asked of `say`, and of the parts that a function takes of it."""

    def __init__(self, path: Path) -> None:
        self.path, self.tree = path, ast.parse(path.read_text(encoding="utf-8"))
        constants = (pieces(node) for node in ast.walk(self.tree) if isinstance(node, ast.Constant))
        self.names = {re.escape(text) for text in constants if text and re.fullmatch(r"[\w./-]+", text)}
        """Literals that may be keys, where a call gets its key from a variable."""
        self.found = list[Asked]()
        self.parts: list[dict[str, set[str]]] = [{"say": {""}}]
        """Names that stand for words, innermost scope last → what their keys begin with."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self.parts.append({a.arg: {r"(.+\.)?"} for a in node.args.args if a.arg in ("words", "say")})
        self.generic_visit(node)
        self.parts.pop()

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self.parts.append({})
        self.generic_visit(node)
        self.parts.pop()

    def visit_Assign(self, node: ast.Assign) -> None:
        self.generic_visit(node)
        for target, value in _pairs(node):
            known = self._part(value)
            if known and isinstance(target, ast.Name):
                self.parts[-1].setdefault(target.id, set()).update(known)

    def visit_Call(self, node: ast.Call) -> None:
        self.generic_visit(node)
        function = node.func
        if isinstance(function, ast.Attribute) and function.attr in ("part", "find"):
            self._ask(node, self._prefixes(function.value), function.attr == "part")
        else:
            self._ask(node, self._prefixes(function), False)

    def _ask(self, node: ast.Call, prefixes: set[str], is_part: bool) -> None:
        named = {k.arg for k in node.keywords if k.arg}
        known = not is_part and not isinstance(node.func, ast.Attribute) and None not in {k.arg for k in node.keywords}
        where = f"{self.path.name}:{node.lineno}"
        for prefix in prefixes:
            for key in _keys(node.args[0]) if node.args else ():
                if key is None:
                    self.found += [Asked(where, prefix + name, None, is_part, False) for name in self.names]
                else:
                    self.found.append(Asked(where, prefix + key, frozenset(named) if known else None, is_part))

    def _prefixes(self, node: ast.AST) -> set[str]:
        """What the keys begin with that this value is asked for; none: it is no words."""
        if isinstance(node, ast.Name):
            return next((scope[node.id] for scope in reversed(self.parts) if node.id in scope), set())
        return self._part(node)

    def _part(self, node: ast.AST) -> set[str]:
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "part"):
            return set()
        keys = [r".+" if key is None else key for key in _keys(node.args[0])]
        return {f"{prefix}{key}\\." for prefix in self._prefixes(node.func.value) for key in keys}


def _pairs(node: ast.Assign) -> Iterator[tuple[ast.AST, ast.AST]]:
    for target in node.targets:
        if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
            yield from zip(target.elts, node.value.elts, strict=True)
        else:
            yield target, node.value


def _keys(node: ast.AST) -> Iterator[str | None]:
    """Regular expressions of the keys that an argument can be; None: it is a variable."""
    if isinstance(node, ast.IfExp):
        yield from (*_keys(node.body), *_keys(node.orelse))
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield re.escape(node.value)
    elif isinstance(node, ast.JoinedStr):
        yield "".join(re.escape(str(p.value)) if isinstance(p, ast.Constant) else r"[^.]+" for p in node.values)
    else:
        yield None


def asked(path: Path) -> list[Asked]:
    visitor = Asking(path)
    visitor.visit(visitor.tree)
    return visitor.found
