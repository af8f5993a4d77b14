"""The vocabulary in which a tab draws its network for slow motion: parts, arrows, and what one step does with them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

WIDTH, HEIGHT, PART_HEIGHT = 100, 30, 8
"""Of the box that a diagram fills, and of a part in it; a character of a label is one unit wide."""


@dataclass(frozen=True)
class Part:
    name: str
    label: str
    """What is written in it, a glyph or a word or two."""
    x: float
    """Of its middle, from the left."""
    y: float
    """Of its middle, from the top."""
    symbol: str = ""
    """Name of the symbol that it stands for: pointing at one lights up the other."""
    kind: Literal["value", "network", "loss"] = "value"

    @property
    def width(self) -> int:
        return len(self.label) + 2


@dataclass(frozen=True)
class Arrow:
    start: str
    """Name of a part."""
    end: str
    gradient: bool = True
    """Whether gradients come back along it; else it is dashed."""


Lit = str | tuple[str, str]
"""A part's name, or (start, end) of an arrow."""


@dataclass(frozen=True)
class Phase:
    """What happens at one line of the code."""

    title: str
    """A word or two."""
    lit: tuple[Lit, ...]
    code: str
    """What stands in exactly one line of the function."""
    function: str = ""
    """As in the concept's shown code, without the module, such as "Learner.update"; "": the training step."""
    backward: bool = False
    """Whether gradients flow, from the arrows' ends to their starts."""


@dataclass(frozen=True)
class Diagram:
    parts: tuple[Part, ...]
    arrows: tuple[Arrow, ...]
    phases: tuple[Phase, ...]
    """In the order in which a step runs."""

    @property
    def differentiable(self) -> tuple[Lit, ...]:
        """The arrows along which gradients come back."""
        return tuple((arrow.start, arrow.end) for arrow in self.arrows if arrow.gradient)
