"""One text through a live transformer: its answer, and every head's attention pattern."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from models.attention import causal_mask
from models.decoding import greedy_decode
from playground.capture import ablate, capture, evaluating
from playground.concepts.transformer import measures
from playground.concepts.transformer.experiment import TransformerExperiment
from playground.data.strings import BEGIN, END, period
from playground.training.once import once_per_step

KINDS_IN_ORDER = ("encoder", "cross", "decoder")

Head = tuple[str, int, int]
"""(kind of attention, layer, head), counted from 0."""


@dataclass(frozen=True)
class ForwardPass:
    """One text and what the model made of it."""

    source: list[str]
    """Characters of the source."""
    inputs: list[str]
    """What the decoder has before it writes each token: (alone: the text,) the beginning, its own answer."""
    outputs: list[str]
    """The most probable token at each query; an encoder alone labels each character."""
    first: int
    """Index in `inputs` and `outputs` of the answer's first token: a decoder alone reads the text before it."""
    patterns: dict[str, np.ndarray]
    """encoder, cross, decoder → (layers, heads, queries, keys); NaN where the causal mask forbids."""
    vectors: dict[str, np.ndarray]
    """Name of a hook point q, k or v → (heads, tokens, d_k)."""
    probabilities: np.ndarray
    """(queries, vocabulary), as they were when each token was written"""

    @property
    def answer(self) -> str:
        return "".join(self.outputs[self.first :]).replace("⊣", "")

    def queries(self, kind: str) -> list[str]:
        """The tokens of a pattern's rows."""
        return self.source if kind == "encoder" else self.inputs

    def keys(self, kind: str) -> list[str]:
        """The tokens of a pattern's columns."""
        return self.inputs if kind == "decoder" else self.source


def main_kind(shown: ForwardPass) -> str:
    """The attention that tells most of an answer: the decoder's to the encoder, where there is one."""
    return "cross" if "cross" in shown.patterns else next(iter(shown.patterns))


def sharpest(shown: ForwardPass) -> Head:
    """The head with the lowest mean entropy; of the cross-attention where there is one."""
    kind = main_kind(shown)
    weights = shown.patterns[kind]
    entropy = -np.nansum(weights * np.log(np.maximum(weights, 1e-30)), -1).mean(-1)  # (layers, heads)
    layer, head = np.unravel_index(entropy.argmin(), entropy.shape)
    return kind, int(layer), int(head)


def run_example(experiment: TransformerExperiment, tokens: list[int], without: Head | None = None) -> ForwardPass:
    """tokens: of a source without padding; without: a head that is switched off"""
    model, glyph = experiment.model, experiment.task.glyph
    with ExitStack() as stack:
        stack.enter_context(evaluating(model))
        if without:
            kind, layer, head = without
            stack.enter_context(ablate(model, f"{measures.KINDS[kind].format(layer)}.hook_z", np.s_[:, head]))
        source = torch.tensor([tokens])
        text, generated = _generate(experiment, source)
        captured = stack.enter_context(capture(model, "*.hook_*"))
        probabilities = _logits(experiment, source, text)[0].softmax(-1)  # (queries, vocabulary)
    # Without the causal mask this second pass sees what was written: the generation's own probabilities count.
    written = len(generated)
    if written:
        probabilities[len(probabilities) - written :] = generated
    patterns = {kind: torch.cat(layers).numpy() for kind, layers in measures.by_kind(captured).items()}
    if "decoder" in patterns and experiment.config.causal:
        patterns["decoder"][..., ~causal_mask(patterns["decoder"].shape[2]).numpy()] = np.nan
    return ForwardPass(
        source=[glyph(t) for t in tokens],
        inputs=[glyph(t) for t in text[0, :-1].tolist()],
        outputs=[glyph(t) for t in probabilities.argmax(-1).tolist()],
        first=_first(experiment, tokens),
        patterns={kind: patterns[kind] for kind in KINDS_IN_ORDER if kind in patterns},
        vectors={name: value[0].numpy() for name, value in captured.items() if name[-1] in "qkv"},
        probabilities=probabilities.numpy(),
    )


def _generate(experiment: TransformerExperiment, source: Tensor) -> tuple[Tensor, Tensor]:
    """What the decoder is given and writes, (1, tokens), up to its first end; each written token's probabilities."""
    model, task = experiment.model, experiment.task
    begin = torch.full((1, 1), BEGIN)
    if experiment.architecture == "encoder":
        return begin, torch.empty(0, task.vocabulary)
    memory, prefix, steps = None, source, task.longest + 1 - source.shape[1]  # repeat: to the longest text there is
    if experiment.architecture == "encoder-decoder":
        memory, prefix, steps = model.encode(source), begin, task.answer + 1
    elif experiment.config.task != "repeat":
        prefix, steps = torch.cat([source, begin], dim=1), task.answer + 1
    text, probabilities = greedy_decode(model, prefix, steps, memory)
    ends = (text[0] == END).nonzero()
    length = int(ends[0]) + 1 if len(ends) else text.shape[1]
    return text[:, :length], probabilities[0, : length - prefix.shape[1]]


def _logits(experiment: TransformerExperiment, source: Tensor, text: Tensor) -> Tensor:
    """Logits (1, queries, vocabulary) of one pass in which the decoder is given `text` but for its last token."""
    model = experiment.model
    if experiment.architecture == "encoder":
        return model.label(source)
    memory = model.encode(source) if experiment.architecture == "encoder-decoder" else None
    return model.decode(text[:, :-1], memory)


def _first(experiment: TransformerExperiment, tokens: list[int]) -> int:
    if experiment.config.task == "repeat":  # a text without room to go on is shown as predicted at each place
        return len(tokens) - 1 if len(tokens) < experiment.task.longest else 0
    return len(tokens) if experiment.architecture == "decoder" else 0


def example(experiment: TransformerExperiment) -> list[int]:
    """The held-out text that the figures show: the first of full length."""
    texts = [source for source, _ in experiment.heldout_pairs]
    return experiment.task.encode(max(texts, key=len))


@once_per_step
def example_pass(experiment: TransformerExperiment) -> ForwardPass:
    """The example through the model of this step."""
    return run_example(experiment, example(experiment))


def example_prefix(experiment: TransformerExperiment) -> list[int]:
    """The example as far as it is given: of a repeated segment, until it is clear that it begins again."""
    tokens = example(experiment)
    return tokens[: period(tokens) + 2] if experiment.config.task == "repeat" else tokens
