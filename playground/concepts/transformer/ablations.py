"""How many held-out answers stay exactly right when a head is switched off: many heads in one batch."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager

import torch
from torch import Tensor

from playground.capture import evaluating
from playground.concepts.transformer.experiment import TransformerExperiment
from playground.concepts.transformer.inspection import Head
from playground.concepts.transformer.measures import KINDS
from playground.data.strings import PAD, period

SOME, FEWEST = 32, 8
"""Held-out strings on which each head is switched off: in small models, and in the largest."""
WORK = 17_000_000
"""Bound on strings · heads · layers · width², about 0.25 s on one core."""
ALL_HEADS = 32
"""A model with more heads than this shows those of one kind of attention: more bars could not be told apart."""
ROWS = 64
"""Strings in one pass: more of them do not fit the processor's cache."""


def heads_shown(every: Sequence[Head], chosen: Head) -> list[Head]:
    """All heads of a model, or of a large model those of the chosen head's kind of attention."""
    return [head for head in every if len(every) <= ALL_HEADS or head[0] == chosen[0]]


def strings_for(experiment: TransformerExperiment, heads: int) -> int:
    """Held-out strings on which so many heads of this model can be switched off in turn."""
    config = experiment.config
    size = config.layers * (config.heads * config.d_k) ** 2
    return max(FEWEST, min(SOME, WORK // (max(heads, 1) * size)))


def accuracy_without(experiment: TransformerExperiment, head: Head | None) -> float:
    """Share of the first SOME held-out answers that are exactly right with a head switched off (None: with all)."""
    return accuracies_without(experiment, [head], SOME)[0]


def accuracies_without(experiment: TransformerExperiment, heads: Sequence[Head | None], count: int) -> list[float]:
    """The same for each of several heads, on the first `count` held-out strings."""
    count = min(count, len(experiment.heldout[0]))
    source, answer = (column[:count].repeat(len(heads), 1) for column in experiment.heldout)
    off = [head for head in heads for _ in range(count)]
    given = given_tokens(experiment, count).repeat(len(heads))
    found = [
        _exactly_right(experiment, source[some], answer[some], given[some], off[some])
        for some in (slice(start, start + ROWS) for start in range(0, len(off), ROWS))
    ]
    return torch.cat(found).view(len(heads), count).float().mean(1).tolist()


def given_tokens(experiment: TransformerExperiment, count: int) -> Tensor:
    """(count,) tokens of each held-out text of task repeat after which the rest can be known; 0 for other tasks."""
    if experiment.config.task != "repeat":
        return torch.zeros(count, dtype=torch.long)
    return torch.tensor([period(text) + 2 for text, _ in experiment.heldout_pairs[:count]])


def _exactly_right(
    experiment: TransformerExperiment, source: Tensor, answer: Tensor, given: Tensor, off: Sequence[Head | None]
) -> Tensor:
    """(rows,) whether each greedy answer is right in every token; off: the head that is switched off in each row."""
    by_token = not experiment.config.causal and experiment.architecture != "encoder"
    with evaluating(experiment.model):
        if by_token:
            return _right_by_token(experiment, source, answer, given, off)
        with heads_off(experiment, off):
            logits, target = experiment.predict(source, answer)
    target = target.where(torch.arange(1, target.shape[1] + 1) >= given[:, None], PAD)
    return ((logits.argmax(-1) == target) | (target == PAD)).all(1)


def _right_by_token(
    experiment: TransformerExperiment, source: Tensor, answer: Tensor, given: Tensor, off: Sequence[Head | None]
) -> Tensor:
    """The same without a causal mask, where a pass over the whole answer would see it.

    As long as a greedy answer is right, what has been written is the beginning of the right answer: that is what the
    decoder is given. A row ends with its first wrong token, so that a model that writes nonsense is soon done.
    """
    model, text, memory, mask = experiment.model, answer, None, None
    if experiment.architecture == "decoder":
        text, beginning = experiment.join(source, answer)
        given = torch.maximum(given, beginning)
    else:
        given = given.clamp(min=1)
        mask = (source != PAD)[:, None, None]
        with heads_off(experiment, off):
            memory = model.encode(source, mask)
    right = torch.ones(len(text), dtype=torch.bool)
    for length in range(int(given.min()), text.shape[1]):
        rows = (right & (given <= length) & (text[:, length] != PAD)).nonzero().flatten()
        if len(rows):
            seen = (None, None) if memory is None or mask is None else (memory[rows], mask[rows])
            with heads_off(experiment, [off[row] for row in rows.tolist()]):
                logits = model.decode(text[rows, :length], *seen)[:, -1]
            right[rows] = logits.argmax(-1) == text[rows, length]
    return right


@contextmanager
def heads_off(experiment: TransformerExperiment, off: Sequence[Head | None]) -> Iterator[None]:
    """Zeroes what one head finds in each row of a batch, another head in another row; None: no head."""
    modules = dict(experiment.model.named_modules())
    with ExitStack() as stack:
        for kind, layer in sorted({head[:2] for head in off if head}):
            which = [head[2] if head and head[:2] == (kind, layer) else -1 for head in off]
            mask = torch.tensor(which)[:, None] == torch.arange(experiment.config.heads)  # (rows, heads)
            hook = modules[f"{KINDS[kind].format(layer)}.hook_z"].register_forward_hook(_zeroing(mask))
            stack.callback(hook.remove)
        yield


def _zeroing(mask: Tensor) -> Callable[..., Tensor]:
    def zero(module: torch.nn.Module, given: object, output: Tensor) -> Tensor:
        return output.masked_fill(mask[:, :, None, None], 0.0)

    return zero
