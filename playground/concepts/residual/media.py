"""The media of this tab's own."""

from playground.concept import Medium

COLUMNS = Medium(name="columns", module="columns.js", keys=frozenset({"columns"}))
"""Both networks as columns of blocks."""
FLOW = Medium(name="flow", module="flow.js", keys=frozenset({"flow"}))
"""Points and a grid of the plane after each block."""
