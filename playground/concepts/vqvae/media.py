"""The media of this tab's own: a map of codes that is clicked, and maps that fill code by code."""

from playground.concept import Medium

CODE_MAP = Medium(name="code-map", module="code_map.js", keys=frozenset({"codes"}))
CODE_FILLING = Medium(name="code-filling", module="code_filling.js", keys=frozenset({"filling"}))
