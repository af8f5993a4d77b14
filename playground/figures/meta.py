"""What a figure says to the page besides what it draws: `layout.meta` of a chart, and a trace's `meta`.

The same as `ui/static/js/media/figure_meta.d.ts`, by which the page's modules are checked: a test holds the two
together.
"""

from __future__ import annotations

from typing import NotRequired, TypedDict

TraceMeta = str
"""A trace's `meta`: the name of a colour scale of the palette, of which a dark page has its own."""


class Sheet(TypedDict):
    """A file of pictures of one size, numbered row by row."""

    file: str
    """In `assets/`."""
    columns: int
    """Pictures in a row."""
    cell: int
    """Pixels of a picture, each way."""


class KnobCoordinate(TypedDict):
    """A coordinate that moving the handle sets."""

    knob: str
    """Name of a live number with bounds."""


class FixedCoordinate(TypedDict):
    """A coordinate that stays."""

    at: float
    """In the axis' units."""


class Handle(TypedDict):
    """A place in a chart at which live knobs are set: by pointer, touch or keys."""

    name: str
    """The same from figure to figure."""
    label: str
    """What is read aloud as its name."""
    x: NotRequired[KnobCoordinate | FixedCoordinate]
    """Where it stands across; missing: in the middle of the axis."""
    y: NotRequired[KnobCoordinate | FixedCoordinate]
    symbol: NotRequired[str]
    """A letter or two that stand in it."""
    xaxis: NotRequired[str]
    """The axes that have the units of x and y, as a trace names them; missing: "x" and "y"."""
    yaxis: NotRequired[str]


class FigureMeta(TypedDict, total=False):
    """`layout.meta` of a chart."""

    chips: bool
    """Whether the traces of the legend have buttons that switch them off and on."""
    handles: list[Handle]
    """Live knobs that are set in the picture."""
    large: bool
    """Whether an answer over the pictures takes the room of two of them."""
    room: int
    """Pixels that a unit of an axis must have for the axis to have labels."""
    sprite: Sheet | None
    """Pictures of the points: a point's `customdata` begins with the number of its picture. None: there are none."""
    trails: bool
    """Whether, in slow motion, lines join where points stood and where they stand."""
