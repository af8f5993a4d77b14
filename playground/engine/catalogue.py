"""The concepts that a server and its workers share, by the dotted name of their tuple."""

from __future__ import annotations

from importlib import import_module

from playground.concept import Concept


def catalogue(dotted: str) -> tuple[Concept, ...]:
    """The concepts that "package.module:NAME" names."""
    module, _, name = dotted.partition(":")
    return tuple(getattr(import_module(module), name))


def preloaded_modules(dotted: str) -> list[str]:
    """Dotted names of the modules that workers need before their first run."""
    return [f"{concept.package}.{module}" for concept in catalogue(dotted) for module in concept.preload]
