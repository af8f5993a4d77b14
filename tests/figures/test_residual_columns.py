"""What the columns of blocks show, with norms set by hand, and what a cut block does to the accuracy."""

from __future__ import annotations

import math
import time
from typing import Any

import orjson
import pytest
import torch
from torch import Tensor

from playground.concept import Refused
from playground.concepts.residual.columns import columns, decades, significant
from playground.concepts.residual.config import ResidualConfig
from playground.concepts.residual.cutting import cut
from playground.concepts.residual.experiment import PairExperiment
from playground.concepts.residual.questions import Cut

SMALL = {"data": "moons", "width": 5, "batch": 16}


def made(depth: int = 10, **config: Any) -> PairExperiment:
    torch.manual_seed(3)
    return PairExperiment(ResidualConfig(**{**SMALL, "depth": depth, **config}))


def shown(experiment: PairExperiment, history: Any = None) -> dict[str, Any]:
    return dict(columns(experiment, history or {})["columns"])


def arm(figure: dict[str, Any], name: str) -> dict[str, Any]:
    return next(one for one in figure["arms"] if one["name"] == name)


def log_row(activations: list[float], gradients: list[float]) -> Tensor:
    return torch.tensor([activations, gradients])


def test_the_plain_network_stands_left_and_the_residual_one_has_shortcuts() -> None:
    arms = shown(made())["arms"]
    assert [(a["name"], a["title"], a["hasShortcut"]) for a in arms] == [
        ("plain", "plain", False), ("residual", "residual", True),
    ]  # fmt: skip


def test_norms_are_those_at_the_input_of_each_block_at_step_0_and_now() -> None:
    experiment = made(depth=8)  # three blocks, four states
    log = experiment.arms["residual"].log
    log.rows[0] = log_row([2.0, 3.0, 5.0, 999.0], [70.0, 11.0, 13.0, 999.0])
    log.add(4, log_row([17.0, 19.0, 23.456, 888.0], [0.29, 0.0, math.inf, 888.0]))
    found = arm(shown(experiment), "residual")
    assert found["activations"] == {"start": [2, 3, 5], "now": [17, 19, 23.5]}
    assert found["gradients"] == {"start": [70, 11, 13], "now": [0.29, 0, None]}
    assert found["step"] == 4 and arm(shown(experiment), "plain")["step"] == 0


def test_the_first_block_comes_first_and_lies_next_to_the_input() -> None:
    experiment = made(depth=8)
    net, x = experiment.arms["plain"].net, experiment.data.x[:16]
    experiment.arms["plain"].log.add(1, torch.stack([h.norm().repeat(2) for h in net.eval().states(x)], 1).detach())
    norm = arm(shown(experiment), "plain")["activations"]["now"]
    assert norm[0] == pytest.approx(net.stem(x).norm().item(), rel=5e-3)
    assert norm[2] == pytest.approx(net.blocks[1](net.blocks[0](net.stem(x))).norm().item(), rel=5e-3)


def test_one_scale_holds_the_norms_of_both_networks_and_of_all_steps() -> None:
    experiment = made(depth=6)
    plain, residual = (experiment.arms[name].log for name in ("plain", "residual"))
    plain.rows[:] = [log_row([2.0, 3.0, 1e9], [4e3, 5.0, 1e-9])]
    residual.rows[:] = [log_row([7.0, 0.5, 1e9], [3.0, 2.0, 1e-9])]
    plain.newest, residual.newest = plain.rows[0], log_row([math.nan, 4.0, 1e9], [0.0, 0.03, 1e-9])
    assert shown(experiment)["scale"] == {"gradients": [-2, 4], "activations": [-1, 1]}


@pytest.mark.parametrize(
    ("values", "exponents"),
    [
        ([0.02, 300.0], [-2, 3]),
        ([5.0], [0, 1]),
        ([10.0], [1, 2]),
        ([0.0, math.nan, math.inf], [0, 1]),
        ([0.0, 3e-8, math.inf], [-8, -7]),
    ],
)
def test_decades_lie_around_the_values(values: list[float], exponents: list[int]) -> None:
    assert decades(torch.tensor(values, dtype=torch.float64)) == exponents


def test_numbers_have_three_digits_and_what_is_not_finite_is_missing() -> None:
    values = torch.tensor([123456.0, 0.00098765, -math.inf, math.nan, 0.0], dtype=torch.float64)
    assert significant(values) == [123000, 0.000988, None, None, 0]


def test_losses_and_accuracies_are_those_of_the_history() -> None:
    experiment, steps = made(depth=6), list(range(1, 1001))
    history = {
        "plain/train/loss": (steps, [2.5] * 1000),
        "residual/train/loss": ([1, 2, 3], [2.0, 1.25, 0.5]),
        "residual/heldout/accuracy": ([1, 25], [0.1, 0.875]),
    }
    figure = shown(experiment, history)
    plain, residual = arm(figure, "plain"), arm(figure, "residual")
    assert residual["losses"] == {"steps": [1, 2, 3], "values": [2, 1.25, 0.5]}
    assert plain["losses"]["steps"][-1] == 1000 and set(plain["losses"]["values"]) == {2.5}
    assert len(plain["losses"]["steps"]) <= 250
    assert residual["accuracy"] == {"value": 0.875, "step": 25} and plain["accuracy"] is None


def test_a_network_that_diverged_says_at_which_step() -> None:
    experiment = made(depth=6)
    experiment.arms.diverged_at["residual"] = 7
    figure = shown(experiment)
    assert arm(figure, "residual")["frozen"] == 7 and arm(figure, "plain")["frozen"] is None


def test_the_picture_is_small_and_has_no_number_that_json_lacks() -> None:
    experiment = made(depth=64)
    history = {f"{name}/train/loss": (list(range(9999)), [1.23456] * 9999) for name in experiment.arms}
    text = orjson.dumps(columns(experiment, history))
    assert len(text) < 30_000 and b"NaN" not in text


def told_apart() -> PairExperiment:
    """Networks of two blocks that say class 0 of every example, and class 1 once their first block is cut.

    What goes into the first block is 1, what comes out of it is 0, and the second one puts out what goes into it.
    """
    experiment = made(depth=6, norm="none", block="pre")
    for learner in experiment.arms.values():
        net = learner.net
        with torch.no_grad():
            for parameter in net.parameters():
                parameter.zero_()
            net.stem.bias.fill_(1.0)
            shortcut = float(learner.has_shortcut)
            net.blocks[0].F[-1].bias.fill_(-shortcut)  # 1 − 1 = 0 with a shortcut, 0 without one
            net.head[-1].weight[1, 0] = 1.0
            net.head[-1].bias.copy_(torch.tensor([0.5, 0.0]))
            net.blocks[1].F[2].weight[0, 0] = net.blocks[1].F[-1].weight[0, 0] = 1 - shortcut
    return experiment


def test_a_cut_block_is_bypassed_in_the_network_that_was_named_only() -> None:
    experiment = told_apart()
    ones = (experiment.data.heldout_y == 1).float().mean().item()
    assert 0.3 < ones < 0.7 and ones != 0.5
    for name, other in (("plain", "residual"), ("residual", "plain")):
        cuts = cut(experiment, Cut(**{name: "1"}))["columns"]["cuts"]
        assert cuts[name] == {
            "blocks": [1], "whole": pytest.approx(1 - ones), "cut": pytest.approx(ones), "examples": 500,
        }  # fmt: skip
        assert cuts[other] == {
            "blocks": [], "whole": pytest.approx(1 - ones), "cut": pytest.approx(1 - ones), "examples": 500,
        }  # fmt: skip
        second = cut(experiment, Cut(**{name: "2"}))["columns"]["cuts"][name]
        assert (second["blocks"], second["cut"]) == ([2], pytest.approx(1 - ones))


def test_an_answer_shows_the_columns_too() -> None:
    experiment = made(depth=8)
    answer, figure = cut(experiment, Cut(plain="3 1"))["columns"], shown(experiment)
    assert answer.pop("cuts")["plain"]["blocks"] == [1, 3]
    assert answer == figure


@pytest.mark.parametrize(("fields", "title"), [({"plain": "2 5"}, "plain"), ({"residual": "5"}, "residual")])
def test_a_block_that_is_not_there_is_refused(fields: dict[str, str], title: str) -> None:
    with pytest.raises(Refused) as refused:
        cut(made(depth=10), Cut(**fields))
    sentence = str(refused.value)
    assert f"Blocks of the {title} network" in sentence and "5" in sentence and "1 to 4" in sentence


def test_there_is_no_block_0() -> None:
    with pytest.raises(Refused):
        cut(made(), Cut(plain="0"))


def test_training_is_the_same_to_the_bit_with_cuts_on_screen() -> None:
    def losses(asks: bool) -> list[dict[str, float]]:
        experiment, found = made(depth=8, survival=0.5), []
        for _ in range(5):
            found.append(experiment.step())
            if asks:
                cut(experiment, Cut(plain="1 3", residual="2"))
                columns(experiment, {})
        return found

    assert losses(asks=True) == losses(asks=False)


@pytest.mark.alone
@pytest.mark.parametrize("config", [{"depth": 64, "width": 64}, {"data": "images", "depth": 32, "channels": 8}])
def test_drawing_and_cutting_are_cheap(config: dict[str, Any]) -> None:
    torch.manual_seed(0)
    experiment = PairExperiment(ResidualConfig(**config))
    for ask, limit in ((lambda: columns(experiment, {}), 0.02), (lambda: cut(experiment, Cut(plain="2")), 0.1)):
        took = []
        for _ in range(5):
            began = time.thread_time()
            ask()
            took.append(time.thread_time() - began)
        assert min(took) < limit
