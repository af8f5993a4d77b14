"""The lesion study of Veit et al. 2016 (arXiv 1605.06431): what held-out accuracy is left when blocks are cut."""

from __future__ import annotations

from typing import Any

from playground.concept import Figure, Refused
from playground.concepts.residual import measures
from playground.concepts.residual.columns import columns_of
from playground.concepts.residual.experiment import PairExperiment
from playground.concepts.residual.questions import Cut, block_numbers
from playground.concepts.residual.texts import say


def cut(experiment: PairExperiment, question: Cut) -> Figure:
    """The columns with the held-out accuracy of each network, whole and with the blocks cut."""
    blocks = {arm: _blocks(experiment, arm, getattr(question, arm)) for arm in experiment.arms}
    cuts = {arm: _accuracies(experiment, arm, blocks[arm]) for arm in experiment.arms}
    return columns_of(experiment, {}, cuts=cuts)


def _blocks(experiment: PairExperiment, arm: str, text: str) -> list[int]:
    """The numbers in the text, counted from 1; raises Refused where the network has no such block."""
    numbers, most = block_numbers(text), len(experiment.arms[arm].net.blocks)
    for number in numbers:
        if not 1 <= number <= most:
            raise Refused(say("refusals.no_block", title=say(f"questions.cut.{arm}.title"), number=number, most=most))
    return numbers


def _accuracies(experiment: PairExperiment, arm: str, blocks: list[int]) -> dict[str, Any]:
    net, (x, y) = experiment.arms[arm].net, measures.cut_examples(experiment.data)
    whole = measures.accuracy(net, x, y)
    left = measures.accuracy(net, x, y, cut={number - 1 for number in blocks}) if blocks else whole
    return {"blocks": blocks, "whole": whole, "cut": left, "examples": len(x)}
