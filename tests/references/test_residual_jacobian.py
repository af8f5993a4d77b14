"""Singular values of a block's Jacobian: by hand-set blocks, by finite differences, with branches that are zero."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from models.residual import Block, Design, linear
from playground.concept import Refused
from playground.concepts.residual.config import ResidualConfig
from playground.concepts.residual.experiment import PairExperiment
from playground.concepts.residual.jacobian import (
    branch_jacobian,
    clicked_block,
    jacobian,
    jacobian_of_branch,
    singular_values,
)
from playground.concepts.residual.questions import Jacobian
from tests.figures.reading import Figure

FIRST = torch.tensor([[1.0, 2.0, 0.0], [0.0, -1.0, 1.0], [3.0, 0.0, 1.0]])
SECOND = torch.tensor([[2.0, 1.0, 0.0], [0.0, 1.0, 4.0], [1.0, 5.0, 1.0]])


def hand_set(order: str) -> Block:
    block = Block(linear, 3, 3, Design(True, order, "none"))  # type: ignore[arg-type]
    first, second = (module for module in block.F if isinstance(module, nn.Linear))
    with torch.no_grad():
        first.weight.copy_(FIRST)
        second.weight.copy_(SECOND)
        first.bias.copy_(torch.tensor([0.0, 0.5, 0.0]))
        second.bias.zero_()
    return block


def test_the_jacobian_of_a_post_activation_branch_by_hand() -> None:
    """W₁h + b = (5, −0.5, 4): the second unit is off, so J_F = W₂ · diag(1, 0, 1) · W₁."""
    found = jacobian_of_branch(hand_set("post"), torch.tensor([1.0, 2.0, 1.0]))
    expected = SECOND.numpy() @ np.diag([1.0, 0.0, 1.0]) @ FIRST.numpy()
    np.testing.assert_allclose(found.numpy(), expected, atol=1e-12)


def test_the_jacobian_of_a_pre_activation_branch_by_hand() -> None:
    """h = (1, −2, 4) goes in as (1, 0, 4); W₁ of it + b = (1, 4.5, 7): all on. Half of the branch survives."""
    block = hand_set("pre")
    block.survival = 0.5
    found = jacobian_of_branch(block, torch.tensor([1.0, -2.0, 4.0]))
    expected = 0.5 * SECOND.numpy() @ FIRST.numpy() @ np.diag([1.0, 0.0, 1.0])
    np.testing.assert_allclose(found.numpy(), expected, atol=1e-12)


@pytest.mark.parametrize("norm", ["batch", "layer", "none"])
def test_the_shortcut_adds_alpha_to_the_diagonal(norm: str) -> None:
    """Central differences of the whole block, α·x and all, are α·I + J_F."""
    torch.manual_seed(3)
    block = Block(linear, 5, 5, Design(True, "pre", norm))  # type: ignore[arg-type]
    block.train()(torch.randn(64, 5))  # statistics of batch norm
    block.alpha, block.survival = 0.7, 0.8
    h, exact = torch.randn(5), copy.deepcopy(block).double().eval()
    columns = []
    with torch.no_grad():
        for i in range(5):
            step = torch.zeros(1, 5, dtype=torch.float64)
            step[0, i] = 1e-6
            columns.append((exact(h.double()[None] + step) - exact(h.double()[None] - step))[0] / 2e-6)
    by_differences = torch.stack(columns, 1)
    found = jacobian_of_branch(block, h)
    np.testing.assert_allclose(0.7 * np.eye(5) + found.numpy(), by_differences.numpy(), atol=1e-8)
    assert np.abs(found.numpy()).max() > 0.05 and block.training


def answer(experiment: PairExperiment, block: int, example: int = 0) -> list[list[float]]:
    """Singular values of the plain network's J_F, of the residual one's J_F, of its block."""
    return [trace["y"] for trace in jacobian(experiment, Jacobian(block=block, example=example))["data"]]


@pytest.mark.parametrize(("config", "alpha"), [({"block": "post"}, 1), ({"block": "scaled", "alpha": 0.25}, 0.25)])
def test_a_branch_of_zeros_leaves_the_shortcut_alone(config: dict[str, object], alpha: float) -> None:
    experiment = PairExperiment(ResidualConfig(data="moons", depth=6, width=5, start="zero", batch=16, **config))  # type: ignore[arg-type]
    for block in (1, 2):
        plain, branch, whole = answer(experiment, block)
        assert plain == branch == [1e-5] * 5, "zeros stand on the lowest line"
        assert whole == pytest.approx([alpha] * 5, rel=1e-4)


def diagonal_net(experiment: PairExperiment, arm: str, factor: float, shifts: tuple[float, ...] = (9, 9, 9)) -> None:
    """Branches whose Jacobian is factor · k · diag(1, 2, 3) in block k, where its input is positive."""
    net = experiment.arms[arm].net
    with torch.no_grad():
        for layer in (m for m in net.modules() if isinstance(m, nn.Linear)):
            layer.weight.zero_()
            layer.bias.zero_()
        net.stem.bias.copy_(torch.tensor(shifts))
        net.stem.weight[0, 0] = 1
        for k, block in enumerate(net.blocks, 1):
            first, second = (m for m in block.F if isinstance(m, nn.Linear))
            first.weight.copy_(torch.eye(3))
            second.weight.copy_(factor * k * torch.diag(torch.tensor([1.0, 2.0, 3.0])))


def test_each_network_and_each_block_has_its_own_jacobian() -> None:
    experiment = PairExperiment(ResidualConfig(data="moons", depth=8, width=3, norm="none", block="pre", batch=16))
    diagonal_net(experiment, "plain", 0.5)
    diagonal_net(experiment, "residual", -0.1)
    for k in (1, 2, 3):
        plain, branch, whole = answer(experiment, k)
        assert plain == pytest.approx([1.5 * k, k, 0.5 * k], rel=1e-3)
        assert branch == pytest.approx([0.3 * k, 0.2 * k, 0.1 * k], rel=1e-3)
        assert whole == pytest.approx([1 - 0.1 * k, 1 - 0.2 * k, 1 - 0.3 * k], rel=1e-3)


def test_the_jacobian_is_that_at_the_chosen_example() -> None:
    """The first unit is the example's first coordinate: where that is negative, its ReLU is off."""
    experiment = PairExperiment(ResidualConfig(data="moons", depth=8, width=3, norm="none", block="pre", batch=16))
    diagonal_net(experiment, "plain", 0.5, shifts=(0, 9, 9))
    diagonal_net(experiment, "residual", 0.5, shifts=(0, 9, 9))
    x = experiment.data.heldout_x[:, 0]
    for example in (int(x.argmin()), int(x.argmax())):
        smallest = 0.5 if x[example] > 0 else 1e-5
        assert answer(experiment, 1, example)[0] == pytest.approx([1.5, 1, smallest], rel=1e-3)


def test_a_network_is_evaluated_with_its_running_statistics() -> None:
    torch.manual_seed(0)
    experiment = PairExperiment(ResidualConfig(data="moons", depth=6, width=5, batch=16))
    experiment.step()
    learner, x = experiment.arms["residual"], experiment.data.heldout_x[4]
    whole = copy.deepcopy(learner.net).double().eval()
    state = whole.stem(x.double()[None])
    state = whole.blocks[0](state)[0].detach()
    steps = 1e-6 * torch.eye(5, dtype=torch.float64)
    with torch.no_grad():
        expected = (whole.blocks[1].F(state + steps) - whole.blocks[1].F(state - steps)).T / 2e-6
    found = branch_jacobian(learner, x, 2)
    np.testing.assert_allclose(found.numpy(), expected.numpy(), atol=1e-5)


def test_nothing_is_changed_by_it() -> None:
    torch.manual_seed(0)
    experiment = PairExperiment(ResidualConfig(data="moons", depth=6, width=5, batch=16))
    experiment.step()
    nets = [learner.net for learner in experiment.arms.values()]
    before, random = copy.deepcopy([net.state_dict() for net in nets]), torch.get_rng_state()
    grads = [[p.grad.clone() for p in net.parameters()] for net in nets]
    answer(experiment, 2)
    assert torch.equal(torch.get_rng_state(), random) and all(m.training for net in nets for m in net.modules())
    for net, state, old in zip(nets, before, grads, strict=True):
        assert all(torch.equal(state[name], value) for name, value in net.state_dict().items())
        assert all(torch.equal(p.grad, grad) for p, grad in zip(net.parameters(), old, strict=True))
        assert all(p.dtype == torch.float32 for p in net.parameters())


def matrix(*rows: tuple[float, ...]) -> Tensor:
    return torch.tensor(rows, dtype=torch.float64)


def test_rounding_errors_are_zeros_and_infinities_are_refused() -> None:
    third = 1 / 3
    assert singular_values(matrix((third, 1.0), (third * 7, 7.0))).tolist()[1] == 0
    assert singular_values(matrix((1.0, 0.0), (0.0, 1e-9))).tolist() == pytest.approx([1, 1e-9])
    with pytest.raises(Refused, match="not finite"):
        singular_values(matrix((1.0, np.inf), (0.0, 1.0)))


def test_the_legend_says_rank_and_range() -> None:
    experiment = PairExperiment(ResidualConfig(data="moons", depth=6, width=5, start="zero", batch=16, block="scaled"))
    figure: Figure = jacobian(experiment, Jacobian())
    assert [trace["name"] for trace in figure["data"]] == [
        "plain: J<sub>F</sub>, rank 0, 0 to 0",
        "residual: J<sub>F</sub>, rank 0, 0 to 0",
        "residual: 0.5·I + J<sub>F</sub>, rank 5, 0.5 to 0.5",
    ]
    assert figure["data"][0]["customdata"] == ["0"] * 5 and figure["data"][2]["x"] == [1, 2, 3, 4, 5]
    assert [shape["y0"] for shape in figure["layout"]["shapes"]] == [1]


def test_a_click_in_the_maps_of_gradients_chooses_the_block() -> None:
    experiment = PairExperiment(ResidualConfig(data="moons", depth=8, width=3, batch=16))
    assert [clicked_block(experiment, 70.0, y) for y in (-2.0, 0.6, 2.4, 2.6, 9.0)] == [
        {"block": k} for k in (1, 1, 2, 3, 3)
    ]
