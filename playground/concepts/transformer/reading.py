"""A text and the model's answer to it, character by character, with every head's attention: the tab's own figure."""

from __future__ import annotations

import base64
import re

import numpy as np

from playground.concept import Figure, History
from playground.concepts.transformer.experiment import TransformerExperiment
from playground.concepts.transformer.inspection import (
    ForwardPass,
    example_pass,
    example_prefix,
    main_kind,
    run_example,
    sharpest,
)
from playground.concepts.transformer.solutions import solution
from playground.data.strings import period
from playground.figures.base import rounded


def reading(experiment: TransformerExperiment, history: History) -> Figure:
    """The held-out example; of a repeated segment only its beginning is given."""
    if experiment.config.task == "repeat":
        return reading_of(experiment, run_example(experiment, example_prefix(experiment)))
    return reading_of(experiment, example_pass(experiment))


def reading_of(experiment: TransformerExperiment, shown: ForwardPass, own: bool = False) -> Figure:
    """own: whether the visitor typed the text

    `weights` is the base64 of a byte for each weight, 255 being 1: (layers, heads, outputs, keys). The keys are the
    `inputs`, and after them (a decoder alone) the outputs before this one, which it is given again.
    """
    kind = main_kind(shown)
    patterns = np.nan_to_num(shown.patterns[kind])[:, :, shown.first :]
    outputs = shown.outputs[shown.first :]
    inputs = shown.keys(kind)[: _given(experiment, shown)]
    targets = _targets(experiment, shown)
    layer, head = sharpest(shown)[1:]
    return {
        "reading": {
            "text": "".join(shown.source),
            "answer": shown.answer,
            "own": own,
            "inputs": inputs,
            "outputs": outputs,
            "targets": targets,
            "marks": [_mark(output, target) for output, target in zip(outputs, targets, strict=True)],
            "sure": rounded(shown.probabilities.max(-1)[shown.first :], 2),
            "words": _words(experiment, inputs),
            "isFed": patterns.shape[3] > len(inputs),
            "layers": patterns.shape[0],
            "heads": patterns.shape[1],
            "sharpest": [layer, head],
            "weights": base64.b64encode(np.rint(255 * patterns).astype(np.uint8).tobytes()).decode(),
        }
    }


def _given(experiment: TransformerExperiment, shown: ForwardPass) -> int:
    """Keys that are not the model's own answer."""
    begins = experiment.architecture == "decoder" and experiment.config.task != "repeat"
    return len(shown.source) + begins


def _targets(experiment: TransformerExperiment, shown: ForwardPass) -> list[str | None]:
    """What should stand at each output: "" after the end, None where that is not settled."""
    text, count = "".join(shown.source), len(shown.outputs) - shown.first
    right = solution(experiment.config.task, text)
    if right is None:
        return [None] * count
    if experiment.config.task == "repeat":
        at, settled = shown.first + 1, period(text) + 2
        return [right[i] if i >= settled else None for i in range(at, at + count)]
    if experiment.architecture != "encoder":
        right += "⊣"
    return [right[i] if i < len(right) else "" for i in range(count)]


def _mark(output: str, target: str | None) -> str:
    return "" if target is None else "right" if output == target else "wrong"


def _words(experiment: TransformerExperiment, inputs: list[str]) -> list[list[int]]:
    """[first, one past the last] of what is named together: a date's words and numbers; else each character."""
    if experiment.config.task != "dates":
        return [[i, i + 1] for i in range(len(inputs))]
    return [list(found.span()) for found in re.finditer(r"[a-z]+|\d+|.", "".join(inputs))]
