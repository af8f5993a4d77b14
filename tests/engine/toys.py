"""Toys with other pictures, questions or steps than the usual ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from playground.concept import Concept, Probe, View


def drawing(concept: Concept, *views: View) -> Concept:
    """The concept with these views in place of its first setting's."""
    first, *others = concept.settings
    return replace(concept, settings=(replace(first, views=views), *others))


def asking(concept: Concept, *probes: Probe) -> Concept:
    """The concept with these probes in place of its first setting's."""
    first, *others = concept.settings
    return replace(concept, settings=(replace(first, probes=probes), *others))


def built(concept: Concept, experiment: Callable[[Any], Any]) -> Concept:
    """The concept with another experiment in its first setting."""
    first, *others = concept.settings
    return replace(concept, settings=(replace(first, experiment=experiment), *others))
