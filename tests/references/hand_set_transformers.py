"""Transformers whose every attention weight, answer and probability is known, because their numbers are set by hand."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import torch

from models.attention import Attention
from playground.concepts.transformer.experiment import TransformerExperiment
from playground.data.strings import END
from tests.references.transformer_runs import experiment

Head = tuple[str, int, int]
Look = tuple[Callable[[int], int], float]
"""(query → the key that it looks at; how much larger that key's score is than the others', in nats)"""

D_K, LOGIT = 32, 4.0
DROPPED, FIRST_HEAD = 40, 41
"""Numbers of a token beyond its position's: 0 unless dropout is on, or unless a head is off."""
SOURCE = "klejgh"
LOOKS: dict[Head, Look] = {
    ("encoder", 0, 0): (lambda i: i, 1.0),
    ("encoder", 0, 1): (lambda i: 5 - i, 6.0),  # the sharpest
    ("encoder", 1, 0): (lambda i: 0, 2.0),
    ("encoder", 1, 1): (lambda i: i + 1, 1.5),
    ("cross", 0, 0): (lambda i: i, 2.5),
    ("cross", 0, 1): (lambda i: 5 - i, 1.0),
    ("cross", 1, 0): (lambda i: 5 - i, 4.0),  # the sharpest of its kind
    ("cross", 1, 1): (lambda i: 1, 2.0),
    ("decoder", 0, 0): (lambda i: i, 1.0),
    ("decoder", 0, 1): (lambda i: i - 1, 3.0),
    ("decoder", 1, 0): (lambda i: 0, 2.0),
    ("decoder", 1, 1): (lambda i: i, 0.5),
}


def attention(run: TransformerExperiment, kind: str, layer: int) -> Attention:
    block = (run.model.encoder if kind == "encoder" else run.model.decoder)[layer]
    found = block.cross_attention if kind == "cross" else block.self_attention
    assert isinstance(found, Attention)
    return found


def look(run: TransformerExperiment, looks: Mapping[Head, Look]) -> None:
    """Sets what heads look at: a query's number of the key's place, and a key's number of its own."""
    for (kind, layer, head), (at, strength) in looks.items():
        own, first = attention(run, kind, layer), head * D_K
        with torch.no_grad():
            for i in range(run.model.config.max_tokens):
                own.to_q.weight[first : first + D_K, i] = 0
                if 0 <= at(i) < D_K:
                    own.to_q.weight[first + at(i), i] = strength * math.sqrt(D_K)
                if i < D_K:
                    own.to_kv.weight[first + i, i] = 1


def hand_set(run: TransformerExperiment, says: str, looks: Mapping[Head, Look], after: int = 0) -> dict[Head, str]:
    """Whatever it reads, its heads look where they are told, and it says this, then its end.

    after: tokens before the one that says the first. With dropout on it would say c's; with a head of its last stack
    off, that head's letter, which is handed back.
    """
    model, width, letters = run.model, run.config.heads * D_K, {}
    assert model.positions is not None and run.config.d_k == D_K and not run.config.layer_norm
    last = ("encoder",) if run.architecture == "encoder" else ("cross", "decoder")
    stack = model.encoder if run.architecture == "encoder" else model.decoder
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.zero_()
        code, logits = model.positions.weight, model.to_logits.weight
        code[:, : len(code)] = torch.eye(len(code))
        for i, token in enumerate([*run.task.encode(says), END]):
            logits[token, after + i] = LOGIT
        stack[0].mlp[2].bias[DROPPED], code[:, DROPPED] = 1, -1
        logits[run.task.encode("c")[0], DROPPED] = 3 * LOGIT
        of_last = [head for head in LOOKS if head[0] in last and (head[0] != "cross" or run.architecture != "decoder")]
        for place, ((kind, layer, head), letter) in enumerate(zip(of_last, "efghijkl", strict=False), FIRST_HEAD):
            own = attention(run, kind, layer)
            own.to_kv.bias[width + head * D_K] = 1  # its values are the same everywhere: 1, 0, 0, …
            own.to_out.weight[place, head * D_K], code[:, place] = 1, -1
            logits[run.task.encode(letter)[0], place] = -3 * LOGIT
            letters[kind, layer, head] = letter
    look(run, looks)
    return letters


def hand_made(
    says: str, looks: Mapping[Head, Look] | None = None, after: int = 0, **knobs: Any
) -> TransformerExperiment:
    """Two layers of two heads, dropout on; all held-out texts but the second are shorter than SOURCE."""
    size = {"task": "sort", "layers": 2, "heads": 2, "d_k": D_K, "layer_norm": False, "dropout": 0.5}
    run = experiment(**{**size, **knobs})
    hold_out(run, [("kl", says), (SOURCE, says), ("abc", says)])
    kinds = {"encoder": ["encoder"], "decoder": ["decoder"]}.get(run.architecture, ["encoder", "cross", "decoder"])
    chosen = LOOKS if looks is None else looks
    hand_set(run, says, {head: how for head, how in chosen.items() if head[0] in kinds}, after)
    return run


def hold_out(run: TransformerExperiment, pairs: list[tuple[str, str]]) -> None:
    run.heldout_pairs, run.heldout = pairs, run.tokens(pairs)


def pattern(how: Look, queries: int, keys: int, causal: bool = False) -> np.ndarray:
    """e^strength to one; NaN where the causal mask forbids."""
    at, strength = how
    odds = np.ones((queries, keys))
    for i in range(queries):
        if 0 <= at(i) < keys:
            odds[i, at(i)] = math.exp(strength)
    if causal:
        odds = np.tril(odds)
    weights = odds / odds.sum(1, keepdims=True)
    return np.where(odds > 0, weights, np.nan)


def probability(vocabulary: int) -> float:
    """Of the token that a hand-set transformer says."""
    return math.exp(LOGIT) / (math.exp(LOGIT) + vocabulary - 1)


def spread(keys: int, strength: float) -> float:
    """Entropy in nats of a row that gives e^strength to one of its keys and 1 to each other, before it is divided."""
    total = math.exp(strength) + keys - 1
    first = math.exp(strength) / total
    return -first * math.log(first) - (keys - 1) / total * math.log(1 / total)


def mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
