"""Every head's attention pattern in one plane: rows of patterns (a kind and a layer each), a column for each head."""

from __future__ import annotations

from dataclasses import dataclass

from playground.concepts.transformer.inspection import ForwardPass

GAP = 1
"""Empty columns between two patterns."""


@dataclass(frozen=True)
class Cell:
    """A place in the grid."""

    kind: str
    layer: int
    head: int
    query: int
    key: int


@dataclass(frozen=True)
class PatternGrid:
    """y grows downwards."""

    forward_pass: ForwardPass

    @property
    def rows(self) -> list[tuple[str, int, int]]:
        """(kind, layer, first line) of every row of patterns; between two of them there is room for a title."""
        patterns = self.forward_pass.patterns
        kinds = [(kind, layer) for kind, weights in patterns.items() for layer in range(len(weights))]
        heights = [patterns[kind].shape[2] for kind, _ in kinds]
        room = max(1, round(0.035 * sum(heights)))
        return [(*kind, sum(heights[:i]) + i * room) for i, kind in enumerate(kinds)]

    @property
    def stride(self) -> int:
        """Columns from one head's pattern to the next's."""
        return max(weights.shape[3] for weights in self.forward_pass.patterns.values()) + GAP

    @property
    def heads(self) -> int:
        return next(iter(self.forward_pass.patterns.values())).shape[1]

    @property
    def size(self) -> tuple[int, int]:
        """(lines, columns) of all of it."""
        kind, _, line = self.rows[-1]
        return line + self.forward_pass.patterns[kind].shape[2], self.heads * self.stride - GAP

    def at(self, x: float, y: float) -> Cell | None:
        """The cell under a point of the plane, None between the patterns."""
        column, line = round(x), round(y)
        head, key = divmod(column, self.stride)
        for kind, layer, first in self.rows:
            weights = self.forward_pass.patterns[kind]
            if 0 <= line - first < weights.shape[2] and 0 <= head < self.heads and key < weights.shape[3]:
                return Cell(kind, layer, head, line - first, key)
        return None
