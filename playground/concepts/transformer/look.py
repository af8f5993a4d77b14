"""What a transformer sees in one text: its answer, and every head's map on one grid with room between them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from models.transformer import Maps, greedy
from playground.concepts.transformer.experiment import TransformerExperiment
from playground.data.strings import BEGIN, END

GAP = 1
"""Empty cells between two maps."""
TITLES = {"encoder": "encoder: self", "cross": "decoder: cross", "decoder": "decoder: causal self"}


@dataclass(frozen=True)
class Look:
    """One text, seen through the live model."""

    read: list[str]
    """Characters of the source."""
    queries: list[str]
    """What the decoder has before it writes each token: the beginning, then its own answer."""
    written: list[str]
    """The token that is written at each query."""
    maps: dict[str, np.ndarray]
    """encoder, cross, decoder → (layers, heads, queries, keys)."""
    probability: np.ndarray
    """(queries or places, vocabulary)"""
    tokens: Tensor
    """(1, source)"""
    answer: Tensor
    """(1, 1 + written)"""

    @property
    def text(self) -> str:
        return "".join(self.written).replace("⊣", "")


def look(experiment: TransformerExperiment, tokens: list[int], gates: dict[str, Tensor] | None = None) -> Look:
    """tokens: of a source without padding; gates: "encoder", "decoder" → (layers, 2, heads), 0 switches a head off"""
    model, task, gates = experiment.model, experiment.task, gates or {}
    training = model.training
    model.eval()
    source, maps = torch.tensor([tokens]), Maps()
    with torch.no_grad():
        if experiment.config.task == "brackets":
            logits = model.label(source, maps=maps, gates=gates.get("encoder"))
            answer = torch.cat([torch.full((1, 1), BEGIN), logits.argmax(-1)], 1)
        elif experiment.config.task == "repeat":
            answer = source
            logits, _ = model.decode(source, maps=maps, gates=gates.get("decoder"))
        else:
            memory = model.encode(source, maps=maps, gates=gates.get("encoder"))
            begun = torch.full((1, 1), BEGIN)
            out = greedy(model, memory, None, begun, task.answer + 1, gates.get("decoder"))
            ends = (out[0] == END).nonzero()
            answer = out[:, : int(ends[0]) + 1] if len(ends) else out
            logits, _ = model.decode(answer[:, :-1], memory, maps=maps, gates=gates.get("decoder"))
    model.train(training)
    read = [task.glyph(t) for t in tokens]
    queries = read if experiment.config.task in ("brackets", "repeat") else [task.glyph(int(t)) for t in answer[0, :-1]]
    found = {kind: torch.cat(layers).numpy() for kind, layers in vars(maps).items() if layers}
    return Look(
        read, queries, [task.glyph(int(t)) for t in logits[0].argmax(-1)],
        {kind: found[kind] for kind in TITLES if kind in found}, logits[0].softmax(-1).numpy(), source, answer,
    )  # fmt: skip


def example(experiment: TransformerExperiment) -> list[int]:
    """The held-out text that the pictures show: the first of full length."""
    texts = [source for source, _ in experiment.heldout_pairs]
    return experiment.task.encode(max(texts, key=len))


@dataclass(frozen=True)
class Cell:
    """A place in the grid of maps."""

    kind: str
    layer: int
    head: int
    query: int
    key: int


@dataclass(frozen=True)
class Grid:
    """Rows of maps (a kind and a layer each), a column for each head; y grows downwards."""

    seen: Look

    @property
    def rows(self) -> list[tuple[str, int, int]]:
        """(kind, layer, first line) of every row of maps."""
        out, line = [], 0
        for kind, weights in self.seen.maps.items():
            for layer in range(len(weights)):
                out.append((kind, layer, line))
                line += weights.shape[2] + GAP
        return out

    @property
    def wide(self) -> int:
        """Columns from one head's map to the next's."""
        return max(weights.shape[3] for weights in self.seen.maps.values()) + GAP

    @property
    def heads(self) -> int:
        return next(iter(self.seen.maps.values())).shape[1]

    def matrix(self) -> np.ndarray:
        """All weights in one array, NaN between the maps."""
        kind, layer, line = self.rows[-1]
        height = line + self.seen.maps[kind].shape[2]
        out = np.full((height, self.heads * self.wide - GAP), np.nan)
        for kind, layer, line in self.rows:
            weights = self.seen.maps[kind][layer]  # (heads, queries, keys)
            for head, map_ in enumerate(weights):
                left = head * self.wide
                out[line : line + map_.shape[0], left : left + map_.shape[1]] = map_
        return out

    def at(self, x: float, y: float) -> Cell | None:
        """The cell under a point of the plane, None between the maps."""
        column, line = round(x), round(y)
        head, key = divmod(column, self.wide)
        for kind, layer, first in self.rows:
            weights = self.seen.maps[kind]
            if 0 <= line - first < weights.shape[2] and 0 <= head < self.heads and key < weights.shape[3]:
                return Cell(kind, layer, head, line - first, key)
        return None
