"""What the charts of the Residual tab show, on norms and networks set by hand: series, axes, orientation, units."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from torch import nn

from playground.concepts.residual import RESIDUAL, lesions, views
from playground.concepts.residual.config import ResidualConfig
from playground.concepts.residual.degradation import views as depth_views
from playground.concepts.residual.degradation.experiment import DegradationExperiment
from playground.concepts.residual.experiment import PairExperiment
from playground.concepts.residual.norms import NormLog
from playground.concepts.residual.questions import Lesions, Swap
from playground.palette import NOTES, STANDARD
from tests.figures.reading import Figure, headings, title, trace

BLOCKS = 5


def pair(**config: Any) -> PairExperiment:
    torch.manual_seed(0)
    return PairExperiment(ResidualConfig(**{"depth": 2 * BLOCKS + 2, "width": 4, "batch": 16, **config}))


def log(*rows: tuple[list[float], list[float]]) -> NormLog:
    """Rows of (activations, gradients) after steps 0, 1, …"""
    made = NormLog(torch.tensor(rows[0]))
    for step, row in enumerate(rows[1:], 1):
        made.add(step, torch.tensor(row))
    return made


@pytest.fixture
def drawn() -> PairExperiment:
    experiment = pair()
    ones = [1.0] * (BLOCKS + 1)
    powers = [10.0**k for k in range(BLOCKS)] + [777.0]
    experiment.arms["plain"].log = log((ones, powers), (powers, ones))
    experiment.arms["residual"].log = log((ones, ones), (ones, [0.01] * (BLOCKS + 1)))
    return experiment


def maps(figure: Figure) -> list[dict[str, Any]]:
    return [t for t in figure["data"] if t["type"] == "heatmap"]


def test_the_gradient_of_each_block_is_a_row_the_one_next_to_the_input_lowest(drawn: PairExperiment) -> None:
    figure = views.gradients(drawn, {})
    plain, residual = maps(figure)
    assert plain["y"] == residual["y"] == [1, 2, 3, 4, 5] and plain["x"] == [0, 1]
    assert plain["z"] == [[0, 0], [1, 0], [2, 0], [3, 0], [4, 0]]  # what follows the last block is no input of one
    assert residual["z"] == [[0, -2]] * 5
    assert "autorange" not in figure["layout"]["yaxis"]
    assert headings(figure) == ("plain", "residual") and residual["xaxis"] == "x2" and "xaxis" not in plain


def test_both_maps_have_one_scale_of_colours_with_numbers(drawn: PairExperiment) -> None:
    plain, residual = maps(views.gradients(drawn, {}))
    assert [(m["zmin"], m["zmax"]) for m in (plain, residual)] == [(-2, 4)] * 2
    assert residual["showscale"] and not plain["showscale"]
    assert residual["colorbar"]["tickvals"] == [-2, -1, 0, 1, 2, 3, 4]
    assert residual["colorbar"]["ticktext"][0] == "1e-2"


def test_activations_are_drawn_in_their_own_map(drawn: PairExperiment) -> None:
    plain, residual = maps(views.activations(drawn, {}))
    assert plain["z"] == [[0, 0], [0, 1], [0, 2], [0, 3], [0, 4]] and residual["z"] == [[0, 0]] * 5


def test_a_gradient_of_zero_has_a_place_on_the_scale() -> None:
    experiment = pair(start="zero")
    z = maps(views.gradients(experiment, {}))[0]["z"]
    assert all(math.isfinite(value) for row in z for value in row)


@pytest.mark.parametrize("norm", ["batch", "layer", "none"])
def test_what_is_said_of_the_norms_depends_on_the_normalisation(norm: Any) -> None:
    config = ResidualConfig(norm=norm)
    found = {view.name: view.caption_for(config) for view in RESIDUAL.views_for(config)}
    assert ("explode" in found["gradients"]) == (norm == "batch")
    assert "vanish" not in "".join(found.values())
    zero = {view.name: view.caption_for(ResidualConfig(norm=norm, start="zero")) for view in RESIDUAL.views_for(config)}
    assert "explode" not in zero["gradients"] and "none reaches" in zero["gradients"]


def test_losses_and_accuracies_have_the_colour_of_their_network() -> None:
    history = {
        "plain/train/loss": ([1, 2], [2.3, 2.2]),
        "residual/train/loss": ([1, 2], [2.1, 0.5]),
        "plain/heldout/accuracy": ([1], [0.125]),
        "residual/heldout/accuracy": ([1], [0.75]),
    }
    figure = views.losses(pair(), history)
    found = [(t["y"], t["line"]["color"], t.get("yaxis", "y")) for t in figure["data"]]
    assert found == [
        ([2.3, 2.2], NOTES, "y"), ([2.1, 0.5], STANDARD, "y"), ([0.125], NOTES, "y2"), ([0.75], STANDARD, "y2"),
    ]  # fmt: skip
    assert figure["layout"]["shapes"][0]["y0"] == 0.1 and figure["layout"]["shapes"][0]["yref"] == "y2"
    assert headings(figure) == ("training loss (nats)", "held-out accuracy")


def branch(scale: float) -> nn.Module:
    """F(x) = scale · x."""
    layer = nn.Linear(4, 4, bias=False)
    with torch.no_grad():
        layer.weight.copy_(scale * torch.eye(4))
    return layer


def test_branches_are_compared_with_what_goes_into_the_block() -> None:
    experiment = pair(norm="none")
    for arm, survival in (("plain", 1.0), ("residual", 0.5)):
        for k, block in enumerate(experiment.arms[arm].net.blocks, 1):
            block.F, block.survival = branch(k / 10), survival
    figure = views.branches(experiment, {})
    assert trace(figure, "plain")["y"] == pytest.approx([0.1, 0.2, 0.3, 0.4, 0.5])
    assert trace(figure, "residual")["y"] == pytest.approx([0.05, 0.1, 0.15, 0.2, 0.25])
    assert trace(figure, "plain")["x"] == [1, 2, 3, 4, 5] and figure["layout"]["yaxis"]["type"] == "log"


class Counts(nn.Module):
    """A block that adds 2^k to the one number of an example, so that the sum says which blocks were there."""

    def __init__(self, k: int) -> None:
        super().__init__()
        self.k, self.stride = k, 1

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + 2**self.k

    def shortcut(self, x: torch.Tensor) -> torch.Tensor:
        return x


class RightIf(nn.Module):
    """Logits that are right on as many of ten examples as a table says of the sum."""

    def __init__(self, table: dict[int, int], otherwise: int) -> None:
        super().__init__()
        self.table, self.otherwise = table, otherwise

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        rank = torch.arange(len(x)) % 10
        right = torch.tensor([self.table.get(int(v), self.otherwise) for v in x[:, 0]]) > rank
        return torch.stack([right.float(), 1 - right.float()], 1)


def counting(experiment: PairExperiment, arm: str, table: dict[int, int], otherwise: int) -> None:
    net = experiment.arms[arm].net
    net.stem = nn.Flatten()
    net.blocks = nn.ModuleList(Counts(k) for k in range(BLOCKS))
    net.head = RightIf(table, otherwise)


WHOLE = 2**BLOCKS - 1


@pytest.fixture
def counted() -> PairExperiment:
    experiment = pair()
    data = experiment.data
    object.__setattr__(data, "heldout_x", torch.zeros(10, 1))
    object.__setattr__(data, "heldout_y", torch.zeros(10, dtype=torch.long))
    cuts = {WHOLE - 2**k: k + 2 for k in range(BLOCKS)}  # without block 1: 2 of 10 right; without block 5: 6
    counting(experiment, "plain", {WHOLE: 9, **cuts}, 0)
    counting(experiment, "residual", {WHOLE: 10, 0: 3}, 8)
    return experiment


def last(parts: Any) -> Figure:
    return list(parts)[-1]


def test_lesions_are_drawn_over_the_block_that_is_cut(counted: PairExperiment) -> None:
    figure = last(lesions.lesions(counted, Lesions(block=4)))
    plain, plain_several, residual, residual_several = figure["data"]
    assert plain["x"] == [1, 2, 3, 4, 5] and plain["y"] == [0.2, 0.3, 0.4, 0.5, 0.6]
    assert residual["y"] == [0.8] * 5 and residual["line"]["color"] == STANDARD
    assert figure["layout"]["shapes"][0]["x0"] == 4
    assert plain["name"] == "plain: 90.0% whole, 50.0% without block 4"
    assert residual_several["x"] == [0, 1, 2, 3, 4, 5] and residual_several["xaxis"] == "x2"
    assert residual_several["y"] == [1, 0.8, 0.8, 0.8, 0.8, 0.3]
    assert plain_several["y"][0] == 0.9 and 0.2 <= plain_several["y"][1] <= 0.6 and plain_several["y"][2:] == [0] * 4
    low = plain_several["y"][1] - plain_several["error_y"]["arrayminus"][1]
    high = plain_several["y"][1] + plain_several["error_y"]["array"][1]
    assert 0.2 <= low < plain_several["y"][1] < high <= 0.6  # ten choices are not all of one block


def test_the_answer_on_lesions_is_of_the_networks_as_they_were_when_it_was_asked(counted: PairExperiment) -> None:
    parts = lesions.lesions(counted, Lesions(block=4))
    next(parts)
    counting(counted, "plain", {}, 0)
    assert last(parts)["data"][0]["y"] == [0.2, 0.3, 0.4, 0.5, 0.6]


def test_swaps_are_drawn_over_the_first_block_of_the_pair() -> None:
    """Two blocks x ↦ 2x and x ↦ x + 1 do not commute; the others are the identity."""
    experiment = pair()
    object.__setattr__(experiment.data, "heldout_x", torch.ones(10, 1))
    object.__setattr__(experiment.data, "heldout_y", torch.zeros(10, dtype=torch.long))

    class Does(Counts):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return 2 * x if self.k == 2 else x + 1 if self.k == 3 else x

    for arm in ("plain", "residual"):
        counting(experiment, arm, {3: 9, 4: 5}, 0)  # 2 · 1 + 1 and 2 · (1 + 1)
        experiment.arms[arm].net.blocks = nn.ModuleList(Does(k) for k in range(BLOCKS))
    figure = lesions.swap(experiment, Swap(block=3))
    assert figure["data"][0]["x"] == [1, 2, 3, 4] and figure["data"][0]["y"] == [0.9, 0.9, 0.5, 0.9]
    assert figure["data"][0]["name"] == "plain: 90.0% whole, 50.0% with blocks 3 and 4 swapped"


def test_a_swap_that_does_not_fit_is_said(counted: PairExperiment) -> None:
    assert "do not fit" in lesions.note_of_swap("plain", 0.5, math.nan, 3)


def test_a_click_on_a_chart_over_blocks_chooses_the_nearest_block() -> None:
    experiment = pair()
    assert [lesions.clicked_block(experiment, x, 0.5)["block"] for x in (-3.0, 1.4, 2.6, 9.0)] == [1, 1, 3, 5]


# ---------------------------------------------------------------- four depths


@pytest.fixture(scope="module")
def eight() -> DegradationExperiment:
    return DegradationExperiment(ResidualConfig(networks="depths", width=3, batch=16))


def test_the_curve_shows_the_mean_loss_of_the_last_steps_over_depth(eight: DegradationExperiment) -> None:
    history = {}
    for number, arm in enumerate(("plain", "residual")):
        for depth in (8, 20, 32, 56):
            values = [9.0] * 40 + [1.0] * 10 + [3.0 + depth + 100 * number] * 10
            history[f"{arm}-{depth}/train/loss"] = (list(range(1, 61)), values)
    eight.steps_taken = 60
    figure = depth_views.degradation(eight, history)
    assert trace(figure, "plain")["x"] == [8, 20, 32, 56]
    assert trace(figure, "plain")["y"] == pytest.approx([2 + depth / 2 for depth in (8, 20, 32, 56)])
    assert trace(figure, "residual")["y"] == pytest.approx([52 + depth / 2 for depth in (8, 20, 32, 56)])
    assert trace(figure, "plain, step 50")["y"] == pytest.approx([5.0] * 4)  # half of them 9, half of them 1
    assert trace(figure, "plain")["line"]["color"] == NOTES
    assert title(figure, "yaxis") == "training loss (mean of 20 steps)"


def test_a_network_that_has_diverged_keeps_its_last_loss(eight: DegradationExperiment) -> None:
    eight.steps_taken = 60
    assert depth_views.loss_at({"plain-8/train/loss": ([1, 2], [4.0, 6.0])}, "plain-8", 60) == 5
    assert math.isnan(depth_views.loss_at({}, "plain-8", 60))


def test_gradient_ratios_are_drawn_over_depth_now_and_at_the_start(eight: DegradationExperiment) -> None:
    for number, learner in enumerate(eight.arms.values()):
        size = len(learner.net.blocks)
        before = torch.ones(2, size + 1)
        before[1, 0] = number + 2
        learner.log = NormLog(before)
        learner.log.add(1, torch.ones(2, size + 1))
    figure = depth_views.depth_gradients(eight, {})
    assert trace(figure, "plain, step 0")["y"] == [2, 4, 6, 8]
    assert trace(figure, "residual, step 0")["y"] == [3, 5, 7, 9]
    assert trace(figure, "plain")["y"] == [1] * 4 and figure["layout"]["yaxis"]["type"] == "log"


def test_each_network_has_its_loss_on_its_side_and_its_accuracy_at_its_depth(eight: DegradationExperiment) -> None:
    history = {f"{arm}-{depth}/{what}": ([25], [depth / 100])
               for arm in ("plain", "residual") for depth in (8, 20, 32, 56) for what in
               ("train/loss", "heldout/accuracy")}  # fmt: skip
    figure = depth_views.depth_losses(eight, history)
    sides = [(t["name"], t.get("xaxis", "x"), t["line"]["color"], t["y"]) for t in figure["data"]]
    assert sides[1] == ("depth 20", "x", NOTES, [0.2]) and sides[7] == ("depth 56", "x2", STANDARD, [0.56])
    assert [t["showlegend"] for t in figure["data"]] == [True] * 4 + [False] * 4
    strengths = [t["opacity"] for t in figure["data"][:4]]
    assert strengths == sorted(set(strengths))
    assert trace(depth_views.depth_accuracies(eight, history), "plain")["y"] == [0.08, 0.2, 0.32, 0.56]
