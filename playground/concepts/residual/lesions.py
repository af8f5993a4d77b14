"""What blocks are worth: networks with blocks cut (Veit et al. 2016), or with neighbours swapped."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor

from models.residual import DeepNet
from playground.concept import Figure
from playground.concepts.residual import measures
from playground.concepts.residual.experiment import PairExperiment
from playground.concepts.residual.questions import Lesions, Swap
from playground.concepts.residual.texts import say
from playground.concepts.residual.views import COLOURS
from playground.figures.base import figure, rounded
from playground.figures.charts import LEGEND_ABOVE, RIGHT, level, path, two_charts
from playground.palette import NEUTRAL

DRAWS = 10
"""Random choices of blocks, for each number of blocks."""
COUNTS = 8
"""Numbers of blocks that are cut at random, at most."""


def lesions(experiment: PairExperiment, question: Lesions) -> Iterator[Figure]:
    """Accuracy with each one of the blocks cut (left), and with several that are chosen at random (right)."""
    nets = {arm: copy.deepcopy(learner.net) for arm, learner in experiment.arms.items()}
    x, y = measures.cut_examples(experiment.data)
    whole = {arm: measures.accuracy(net, x, y) for arm, net in nets.items()}
    single: dict[str, Tensor] = {}
    several: dict[str, list[list[float]]] = {arm: [] for arm in nets}

    def drawn() -> Figure:
        return lesion_curves(whole, single, several, question.block, experiment.data.classes)

    for arm, net in nets.items():
        single[arm] = measures.accuracies_with_cut(net, x, y)
        yield drawn()
    random = torch.Generator().manual_seed(0)
    for _ in range(DRAWS):
        order = torch.randperm(len(nets["plain"].blocks), generator=random).tolist()
        for arm, net in nets.items():
            several[arm].append(accuracies_with_several(net, x, y, order))
            yield drawn()


def counts_of(blocks: int) -> list[int]:
    """Numbers of blocks that are cut, from 0 to all of them."""
    return np.unique(np.linspace(0, blocks, COUNTS).round().astype(int)).tolist()


def accuracies_with_several(net: DeepNet, x: Tensor, y: Tensor, order: list[int]) -> list[float]:
    """Accuracy with the first blocks of an order cut, for each number of them."""
    return [measures.accuracy(net, x, y, set(order[:count])) for count in counts_of(len(net.blocks))]


def lesion_curves(
    whole: dict[str, float], single: dict[str, Tensor], several: dict[str, list[list[float]]], block: int, classes: int
) -> Figure:
    """whole, single: arm → accuracy of the whole network, and with each block cut; several: with some cut, each draw"""
    words, traces = say.part("figures.lesions"), []
    blocks = len(single["plain"])
    for arm, accuracies in single.items():
        name, colour = say(f"arms.{arm}"), COLOURS[arm]
        line = path(list(range(1, blocks + 1)), rounded(accuracies), colour, width=2) | {"mode": "lines+markers"}
        note = words("note", arm=name, whole=whole[arm], cut=accuracies[block - 1].item(), block=block)
        traces.append(line | {"name": note, "hovertemplate": words("one_hover", arm=name)})
        if several[arm]:
            traces += band(several[arm], counts_of(blocks), colour, words("several_hover", arm=name))
    layout = two_charts(words("one"), words("several"), yaxis={"range": [0, 1.03]}, yaxis2={"range": [0, 1.03]})
    layout["xaxis"] |= {"title": {"text": words("x_one")}, "tickformat": "d"}
    layout["xaxis2"] |= {"title": {"text": words("x_several")}, "tickformat": "d"}
    chosen = {"type": "line", "xref": "x", "yref": "y domain", "x0": block, "x1": block, "y0": 0, "y1": 1,
              "line": {"color": NEUTRAL, "width": 1}}  # fmt: skip
    chance = [level(1 / classes, NEUTRAL, ref, axis, width=1) for ref, axis in (("x domain", "y"), ("x2 domain", "y2"))]
    return figure(
        traces, "lesions", meta={"large": True}, showlegend=True, shapes=[chosen, *chance], **layout,
    )  # fmt: skip


def band(draws: list[list[float]], counts: list[int], colour: str, hover: str) -> list[dict[str, Any]]:
    """The mean over draws, with a bar from the lowest to the highest one."""
    found = np.array(draws)
    mean = found.mean(0)
    return [
        path(counts, rounded(mean), colour, width=2) | RIGHT | {
            "mode": "lines+markers", "showlegend": False, "hovertemplate": hover,
            "error_y": {"type": "data", "symmetric": False, "array": rounded(found.max(0) - mean),
                        "arrayminus": rounded(mean - found.min(0)), "width": 2},
        }
    ]  # fmt: skip


def swap(experiment: PairExperiment, question: Swap) -> Figure:
    """Accuracy with each pair of neighbours swapped."""
    words, traces = say.part("figures.swap"), []
    x, y = measures.cut_examples(experiment.data)
    for arm, learner in experiment.arms.items():
        name = say(f"arms.{arm}")
        whole, swapped = measures.accuracy(learner.net, x, y), measures.accuracies_with_swap(learner.net, x, y)
        line = path(list(range(1, len(swapped) + 1)), rounded(swapped), COLOURS[arm], width=2)
        note = note_of_swap(name, whole, swapped[question.block - 1].item(), question.block)
        traces.append(line | {"mode": "lines+markers", "name": note, "hovertemplate": words("hover", arm=name)})
    chosen = {"type": "line", "xref": "x", "yref": "y domain", "x0": question.block, "x1": question.block, "y0": 0,
              "y1": 1, "line": {"color": NEUTRAL, "width": 1}}  # fmt: skip
    return figure(
        traces, "swap", meta={"large": True}, showlegend=True, legend=LEGEND_ABOVE, shapes=[chosen],
        xaxis={"title": {"text": words("x")}, "tickformat": "d"},
        yaxis={"range": [0, 1.03], "title": {"text": words("y")}},
    )  # fmt: skip


def note_of_swap(arm: str, whole: float, swapped: float, block: int) -> str:
    if np.isnan(swapped):
        return say("figures.swap.no_fit", arm=arm, block=block, next=block + 1)
    return say("figures.swap.note", arm=arm, whole=whole, swapped=swapped, block=block, next=block + 1)


def clicked_block(experiment: PairExperiment, x: float, y: float) -> dict[str, Any]:
    """A click in a chart over blocks → the block."""
    return {"block": int(np.clip(round(x), 1, len(experiment.arms["plain"].net.blocks)))}
