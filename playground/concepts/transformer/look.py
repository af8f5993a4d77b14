"""What a transformer sees in one text: its answer, and every head's map on one grid with room between them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from models.attention import causal_mask
from models.transformer import Maps, greedy
from playground.concepts.transformer.experiment import Gates, TransformerExperiment
from playground.data.strings import BEGIN, END, period

GAP = 1
"""Empty columns between two maps."""
TITLES = {"encoder": "encoder: self", "cross": "decoder: cross", "decoder": "decoder: causal self"}


@dataclass(frozen=True)
class Look:
    """One text, seen through the live model."""

    read: list[str]
    """Characters of the source."""
    asking: list[str]
    """What the decoder has before it writes each token: (alone: the text,) the beginning, its own answer."""
    written: list[str]
    """The token that is written at each query; an encoder alone labels each character."""
    first: int
    """Index in `asking` and `written` of the answer's first token: a decoder alone reads the text before it."""
    maps: dict[str, np.ndarray]
    """encoder, cross, decoder → (layers, heads, queries, keys); NaN where the causal mask forbids to look."""
    probability: np.ndarray
    """(queries or places, vocabulary)"""
    source: Tensor
    """(1, source)"""
    target: Tensor
    """(1, 1 + written): what the decoder is given, and the last token that it writes."""

    @property
    def text(self) -> str:
        return "".join(self.written[self.first :]).replace("⊣", "")

    def queries(self, kind: str) -> list[str]:
        """The tokens that ask in this kind of attention."""
        return self.read if kind == "encoder" else self.asking

    def keys(self, kind: str) -> list[str]:
        """The tokens that are looked at."""
        return self.asking if kind == "decoder" else self.read


def through(
    experiment: TransformerExperiment,
    source: Tensor,
    target: Tensor,
    maps: Maps | None = None,
    gates: Gates | None = None,
) -> Tensor:
    """Logits (1, queries, vocabulary) of one pass in which the decoder is given `target` but for its last token."""
    model, gates = experiment.model, gates or {}
    if experiment.parts == "encoder":
        return model.label(source, maps=maps, gates=gates.get("encoder"))
    memory = None
    if experiment.parts == "encoder-decoder":
        memory = model.encode(source, maps=maps, gates=gates.get("encoder"))
    return model.decode(target[:, :-1], memory, maps=maps, gates=gates.get("decoder"))[0]


def answered(experiment: TransformerExperiment, source: Tensor, gates: Gates) -> Tensor:
    """What the decoder is given and writes, (1, tokens), up to its first end."""
    model, task = experiment.model, experiment.task
    begin = torch.full((1, 1), BEGIN)
    if experiment.parts == "encoder":
        return begin
    if experiment.config.task == "repeat":  # goes on to the longest text that there is, by a token at least
        return greedy(model, None, None, source, task.longest + 1 - source.shape[1], gates.get("decoder"))
    if experiment.parts == "decoder":
        begun, memory = torch.cat([source, begin], dim=1), None
    else:
        begun, memory = begin, model.encode(source, gates=gates.get("encoder"))
    out = greedy(model, memory, None, begun, task.answer + 1, gates.get("decoder"))
    ends = (out[0] == END).nonzero()
    return out[:, : int(ends[0]) + 1] if len(ends) else out


def look(experiment: TransformerExperiment, tokens: list[int], gates: Gates | None = None) -> Look:
    """tokens: of a source without padding; gates: "encoder", "decoder" → (layers, 2, heads), 0 switches a head off"""
    training, glyph = experiment.model.training, experiment.task.glyph
    experiment.model.eval()
    source, maps = torch.tensor([tokens]), Maps()
    with torch.no_grad():
        target = answered(experiment, source, gates or {})
        logits = through(experiment, source, target, maps, gates)
    experiment.model.train(training)
    found = {kind: torch.cat(layers).numpy() for kind, layers in vars(maps).items() if layers}
    if "decoder" in found and experiment.config.causal:
        found["decoder"][..., ~causal_mask(*found["decoder"].shape[2:]).numpy()] = np.nan
    first = len(tokens) if experiment.parts == "decoder" else 0
    if experiment.config.task == "repeat":  # a text with no room to go on is shown as guessed at each place
        first = first - 1 if len(tokens) < experiment.task.longest else 0
    return Look(
        read=[glyph(t) for t in tokens],
        asking=[glyph(t) for t in target[0, :-1].tolist()],
        written=[glyph(t) for t in logits[0].argmax(-1).tolist()],
        first=first,
        maps={kind: found[kind] for kind in TITLES if kind in found},
        probability=logits[0].softmax(-1).numpy(),
        source=source,
        target=target,
    )


def example(experiment: TransformerExperiment) -> list[int]:
    """The held-out text that the pictures show: the first of full length."""
    texts = [source for source, _ in experiment.heldout_pairs]
    return experiment.task.encode(max(texts, key=len))


def prompt(experiment: TransformerExperiment) -> list[int]:
    """The example as far as it is given: of a repeated segment, until it is clear that it begins again."""
    tokens = example(experiment)
    return tokens[: period(tokens) + 2] if experiment.config.task == "repeat" else tokens


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
        """(kind, layer, first line) of every row of maps; between two of them there is room for a title."""
        kinds = [(kind, layer) for kind, weights in self.seen.maps.items() for layer in range(len(weights))]
        heights = [self.seen.maps[kind].shape[2] for kind, _ in kinds]
        room = max(1, round(0.035 * sum(heights)))
        return [(*kind, sum(heights[:i]) + i * room) for i, kind in enumerate(kinds)]

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
