"""The loss around a network: filter normalisation by its definition (Li et al. 2018), surfaces in closed form."""

from __future__ import annotations

import copy
import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.func import functional_call

from models.landscape import filter_normalised, losses, moved
from playground.concepts.residual import landscape as playground_landscape
from playground.concepts.residual.config import ResidualConfig
from playground.concepts.residual.experiment import PairExperiment
from playground.concepts.residual.landscape import SIDE, Surface, filled, turns
from playground.concepts.residual.questions import Landscape
from tests.figures.reading import Figure


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def hand_made() -> nn.Module:
    """Filters of norms 5 and 13 (linear), and 2, 6, 10 (convolution: three channels out, two in, one by two places)."""
    net = nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2), nn.Conv2d(2, 3, (1, 2)), nn.GroupNorm(1, 3))
    with torch.no_grad():
        net[0].weight.copy_(torch.tensor([[3.0, -4.0], [5.0, 12.0]]))
        net[2].weight.copy_(torch.tensor([1.0, 3.0, 5.0]).view(3, 1, 1, 1).expand(3, 2, 1, 2))
    return net


def test_each_filter_of_a_direction_is_as_long_as_that_filter_of_the_weights() -> None:
    direction = filter_normalised(hand_made(), seeded())
    rows = [[math.hypot(*row.tolist()) for row in direction["0.weight"]]]
    rows += [[math.hypot(*channel.flatten().tolist()) for channel in direction["2.weight"]]]
    np.testing.assert_allclose(rows[0], [5, 13], rtol=1e-6)
    np.testing.assert_allclose(rows[1], [2, 6, 10], rtol=1e-6)


def test_a_direction_is_gaussian_noise_with_each_filter_rescaled() -> None:
    """d_ij ← d_ij / ‖d_ij‖ · ‖θ_ij‖, one filter after the other."""
    net, random = hand_made(), seeded(7)
    direction = filter_normalised(net, seeded(7))
    for name in ("0.weight", "2.weight"):
        theta = dict(net.named_parameters())[name].detach().numpy().astype(float)
        d = torch.randn(theta.shape, generator=random).numpy().astype(float)
        for i in range(len(d)):
            expected = d[i] / math.sqrt((d[i] ** 2).sum()) * math.sqrt((theta[i] ** 2).sum())
            np.testing.assert_allclose(direction[name][i].numpy(), expected, rtol=1e-5)


def test_directions_differ_by_draw_and_a_filter_of_zeros_stays() -> None:
    net, random = hand_made(), seeded()
    with torch.no_grad():
        net[0].weight[1] = 0
    first, second = filter_normalised(net, random), filter_normalised(net, random)
    assert (first["0.weight"][1] == 0).all() and (first["0.weight"][0] != second["0.weight"][0]).all()


def test_biases_and_norm_parameters_stay() -> None:
    """Of the parameters that the moved net computes with, only weights of layers have changed."""
    net, random = hand_made(), seeded()
    a, b = torch.tensor(0.5), torch.tensor(-2.0)
    moves = moved(net, a, filter_normalised(net, random), b, filter_normalised(net, random))
    assert set(moves) == {"0.weight", "2.weight"}
    assert all((moves[name] != weight).all() for name, weight in net.named_parameters() if name in moves)


def two_logits() -> nn.Linear:
    """Logits (2x, −x)."""
    net = nn.Linear(1, 2, bias=False)
    with torch.no_grad():
        net.weight.copy_(torch.tensor([[2.0], [-1.0]]))
    return net


FIRST = {"weight": torch.tensor([[3.0], [0.0]])}
SECOND = {"weight": torch.tensor([[0.0], [0.5]])}
X, Y = torch.tensor([[1.0], [-2.0], [0.25]]), torch.tensor([0, 1, 1])


def closed_form(a: float, b: float) -> float:
    """Logits at θ + a·δ + b·η: ((2 + 3a)·x, (−1 + b/2)·x), whose difference is m·x."""
    m = (2 + 3 * a) - (-1 + b / 2)
    return float(np.mean([math.log1p(math.exp(s * m * x)) for s, x in ((-1, 1.0), (1, -2.0), (1, 0.25))]))


def test_losses_at_some_places_are_those_of_a_linear_net_in_closed_form() -> None:
    net, places = two_logits(), [(0.0, 0.0), (0.5, 0.0), (0.0, 0.5), (-0.7, 1.3), (2.0, -1.0)]
    a, b = torch.tensor(places).T
    found = losses(net, a, FIRST, b, SECOND, X, Y)
    np.testing.assert_allclose(found.numpy(), [closed_form(*place) for place in places], rtol=1e-5)
    assert net.weight.tolist() == [[2], [-1]], "the net itself has moved"


def surface(net: nn.Module, x: Tensor, y: Tensor, reach: float = 0.8) -> Surface:
    made = Surface(net, x, y, reach, 0)  # type: ignore[arg-type] # what is used of a DeepNet, any net has
    made.first, made.second = FIRST, SECOND
    return made


def test_columns_go_along_the_first_direction_and_rows_along_the_second() -> None:
    found = surface(two_logits(), X, Y)
    found.compute([(row, column) for row in range(SIDE) for column in range(SIDE)])
    at = [0.8 * (i - 12) / 12 for i in range(25)]
    np.testing.assert_allclose(found.at.numpy(), at, atol=1e-6)
    np.testing.assert_allclose(found.losses, [[closed_form(a, b) for a in at] for b in at], rtol=1e-5)
    assert found.at_centre == pytest.approx(closed_form(0, 0), rel=1e-5)
    np.testing.assert_allclose(found.logarithms(), np.log10(found.losses), atol=1e-12)


@pytest.mark.parametrize("reach", [0.3, 400.0])
def test_a_loss_that_is_not_finite_is_a_gap(reach: float) -> None:
    """Logits (2.9, −1)·10³⁸ have an infinite loss; larger ones are infinite themselves, and their loss is NaN."""
    found = surface(two_logits(), torch.tensor([[1e38]]), torch.tensor([1]), reach)
    found.compute([(12, 12), (12, 24)])
    assert np.isnan(found.losses[12, 24]) and found.known[12, 24] and found.at_centre == pytest.approx(3e38)
    assert np.isnan(found.logarithms()[12, 24])


def test_points_that_are_not_known_are_interpolated_in_the_finest_complete_grid() -> None:
    row, column = np.meshgrid(np.arange(25), np.arange(25), indexing="ij")
    exact = 2 + 0.3 * row - 0.5 * column + 0.02 * row * column  # interpolation along both axes gives it back
    for stride in (6, 2):
        known = (row % stride == 0) & (column % stride == 0)
        values = np.where(known, exact, np.nan)
        np.testing.assert_allclose(filled(values, known), exact, atol=1e-12)
        values[1, 4], known[1, 4] = -9, True  # a point of a finer grid
        found = filled(values, known)
        assert found[1, 4] == -9 and np.abs(np.delete(found - exact, 29)).max() < 1e-12


def test_a_grid_that_misses_a_point_is_not_interpolated_in() -> None:
    row, column = np.meshgrid(np.arange(25), np.arange(25), indexing="ij")
    known = (row % 2 == 0) & (column % 2 == 0)
    values = np.where((row % 6 == 0) & (column % 6 == 0), 1.0, 7.0)
    known[2, 4] = False  # of 13 × 13
    found = filled(values, known)
    assert (found[3, 3], found[2, 4], found[2, 2]) == (1, 1, 7)
    known[12, 18] = False  # of 5 × 5
    assert np.isnan(filled(values, known)[~known]).all() and filled(values, known)[2, 2] == 7


@pytest.mark.parametrize("config", [{}, {"depth": 4}, {"depth": 64, "width": 64}, {"data": "images", "depth": 20}])
def test_every_point_is_computed_once_coarse_grids_first(config: dict[str, object]) -> None:
    parts = list(turns(ResidualConfig(**config)))  # type: ignore[arg-type]
    order = [place for part in parts for place in part]
    assert order[0] == (12, 12) and len(order) == 625 == len(set(order)) and min(map(min, order)) == 0
    assert set(order[:25]) == {(r, c) for r in (0, 6, 12, 18, 24) for c in (0, 6, 12, 18, 24)}
    assert set(order[:169]) == {(r, c) for r in range(0, 25, 2) for c in range(0, 25, 2)}


@pytest.fixture(scope="module", params=[{}, {"norm": "layer", "survival": 0.5}, {"data": "images", "channels": 3}])
def experiment(request: pytest.FixtureRequest) -> PairExperiment:
    torch.manual_seed(0)
    made = PairExperiment(ResidualConfig(**{"data": "moons", "depth": 6, "width": 5, "batch": 16} | request.param))
    for _ in range(3):
        made.step()
    return made


@pytest.fixture(scope="module")
def figures(experiment: PairExperiment) -> list[Figure]:
    return list(playground_landscape.landscape(experiment, Landscape(reach=0.5, directions=3)))


def contours(figure: Figure) -> list[np.ndarray]:
    return [np.array(trace["z"], float) for trace in figure["data"] if trace["type"] == "contour"]


def examples(experiment: PairExperiment) -> tuple[Tensor, Tensor]:
    count = 50 if experiment.config.data == "images" else 250
    return experiment.data.x[:count], experiment.data.y[:count]


def test_the_centre_is_the_loss_of_each_network_as_it_is(experiment: PairExperiment, figures: list[Figure]) -> None:
    """By another way: batch norm in training mode takes the batch's statistics, and branches have their mean."""
    x, y = examples(experiment)
    losses = {}
    for z, trace, arm in zip(contours(figures[-1]), figures[-1]["data"][::2], ("plain", "residual"), strict=True):
        net = copy.deepcopy(experiment.arms[arm].net).eval()
        for module in net.modules():
            if isinstance(module, nn.modules.batchnorm._BatchNorm):
                module.train()
        losses[arm] = F.cross_entropy(net(x), y).item()
        assert z[12, 12] == pytest.approx(math.log10(losses[arm]), abs=6e-4)
        assert float(trace["customdata"][12][12]) == pytest.approx(losses[arm], rel=5e-3)
    assert losses["plain"] != pytest.approx(losses["residual"], rel=1e-3)


def test_both_networks_move_along_the_same_random_numbers(experiment: PairExperiment, figures: list[Figure]) -> None:
    """A place off the centre, with weights that are moved by hand."""
    x, y = examples(experiment)
    for z, arm in zip(contours(figures[-1]), ("plain", "residual"), strict=True):
        net = copy.deepcopy(experiment.arms[arm].net).eval()
        random, weights = seeded(3), {n: w.detach() for n, w in net.named_parameters() if w.dim() > 1}
        noise = [{n: torch.randn(w.shape, generator=random) for n, w in weights.items()} for _ in range(2)]
        for name, w in weights.items():
            along, down = (d[name] * torch.stack([f.norm() / r.norm() for f, r in zip(w, d[name], strict=True)])
                           .view(-1, *[1] * (w.dim() - 1)) for d in noise)  # fmt: skip
            weights[name] = w + 0.5 * 8 / 12 * along - 0.5 * 5 / 12 * down  # column 20, row 7
        for module in net.modules():
            if isinstance(module, nn.modules.batchnorm._BatchNorm):
                module.train()
        loss = F.cross_entropy(functional_call(net, weights, (x,)), y).item()
        assert z[7, 20] == pytest.approx(math.log10(loss), abs=6e-4)


def test_a_finer_picture_keeps_what_was_computed(experiment: PairExperiment, figures: list[Figure]) -> None:
    parts = list(turns(experiment.config))
    assert len(figures) == len(parts)
    last, known = contours(figures[-1]), []
    for part, figure in zip(parts, figures, strict=True):
        known += part
        rows, columns = np.array(known).T
        for now, end in zip(contours(figure), last, strict=True):
            np.testing.assert_array_equal(now[rows, columns], end[rows, columns])
            assert len(known) < 25 or np.isfinite(now).all(), "the contours have holes"


def test_nothing_is_changed_by_it(experiment: PairExperiment) -> None:
    nets = [learner.net for learner in experiment.arms.values()]
    before = copy.deepcopy([net.state_dict() for net in nets]), torch.get_rng_state()
    grads = [[None if p.grad is None else p.grad.clone() for p in net.parameters()] for net in nets]
    answer = playground_landscape.landscape(experiment, Landscape())
    next(answer)
    answer.close()  # type: ignore[attr-defined]
    assert torch.equal(torch.get_rng_state(), before[1]) and all(net.training for net in nets)
    for net, state, old in zip(nets, before[0], grads, strict=True):
        assert all(torch.equal(state[name], value) for name, value in net.state_dict().items())
        assert all((p.grad is None) == (g is None) and (g is None or torch.equal(p.grad, g)) for p, g in
                   zip(net.parameters(), old, strict=True))  # fmt: skip


def test_all_parts_are_of_the_step_at_which_the_question_was_asked() -> None:
    torch.manual_seed(0)
    made = PairExperiment(ResidualConfig(data="moons", depth=4, width=3, batch=16))
    still = [contours(figure) for figure in playground_landscape.landscape(made, Landscape())]
    for before, figure in zip(still, playground_landscape.landscape(made, Landscape()), strict=True):
        np.testing.assert_array_equal(contours(figure), before)
        made.step()
