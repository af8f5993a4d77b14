"""What the pictures of the plane show, with networks set by hand: whose map is where, what each block does."""

from __future__ import annotations

import base64
import json
import math
from typing import Any

import numpy as np
import pytest
import torch
from scipy.linalg import orthogonal_procrustes  # type: ignore[import-untyped]
from torch import Tensor, nn

from playground.concepts.residual.config import ResidualConfig
from playground.concepts.residual.experiment import PairExperiment
from playground.concepts.residual.plane import flow, views
from playground.palette import CLASS_COLOURS
from tests.figures.reading import Figure, grows

SIDE, REACH, POINTS, LINES, ALONG = 40, 2.5, 200, 9, 17


class Through(nn.Module):
    """A network in which each block is a given function."""

    def __init__(self, *blocks: Any, logits: Any = None) -> None:
        super().__init__()
        self.blocks_by_hand, self.logits = blocks, logits

    def forward(self, x: Tensor) -> Tensor:
        return torch.stack([torch.zeros(len(x)), self.logits(x)], 1)

    def states(self, x: Tensor) -> list[Tensor]:
        found = [self.blocks_by_hand[0](x)]
        for block in self.blocks_by_hand[1:]:
            found.append(block(found[-1]))
        return found


def made(**config: Any) -> PairExperiment:
    torch.manual_seed(0)
    return PairExperiment(ResidualConfig(**{"data": "spirals", "depth": 8, "width": 5, **config}))  # type: ignore[arg-type]


def by_hand(plain: nn.Module, residual: nn.Module) -> PairExperiment:
    experiment = made()
    experiment.arms["plain"].net, experiment.arms["residual"].net = plain, residual  # type: ignore[assignment]
    return experiment


def drawn(experiment: PairExperiment) -> dict[str, Any]:
    return dict(flow.flow(experiment, {})["flow"])


def pictures(arm: dict[str, Any]) -> np.ndarray:
    """(pictures, points and grid, 2) in units of the network."""
    steps = np.frombuffer(base64.b64decode(arm["pictures"]), np.uint8).reshape(len(arm["extents"]), -1, 2)
    assert steps.shape[1] == POINTS + 2 * LINES * ALONG
    return (steps / 255 * 2 - 1) * np.array([extent or 0 for extent in arm["extents"]])[:, None, None]


def span(picture: np.ndarray) -> np.ndarray:
    return picture.max(0) - picture.min(0)


def cell(figure: Figure, index: int, x: float, y: float) -> float:
    """The value of the index-th heat map at a place on its axes."""
    one = figure["data"][index]
    column, row = round((x - one["x0"]) / one["dx"]), round((y - one["y0"]) / one["dy"])
    assert 0 <= row < SIDE and 0 <= column < SIDE
    return float(one["z"][row][column])


def test_each_network_s_map_is_in_its_panel_with_x_to_the_right_and_y_upwards() -> None:
    steep = by_hand(Through(logits=lambda x: x[:, 0]), Through(logits=lambda x: 2 * x[:, 1] - x[:, 0]))
    figure = views.boundaries(steep, {})
    right = figure["layout"]["annotations"][1]["x"]
    assert right - REACH > REACH, "the panels do not overlap"
    for x, y in ((-2.0, 1.0), (0.4, -1.7), (2.2, 2.2)):
        step = 2 * REACH / SIDE
        x, y = (math.floor(at / step) * step + step / 2 for at in (x, y))  # the middle of a cell
        assert cell(figure, 0, x, y) == pytest.approx(1 / (1 + math.exp(-x)), abs=0.006)
        assert cell(figure, 1, right + x, y) == pytest.approx(1 / (1 + math.exp(x - 2 * y)), abs=0.006)
    assert grows(figure, "xaxis") == grows(figure, "yaxis") == 1
    assert [a["text"] for a in figure["layout"]["annotations"]] == ["plain", "residual"]
    assert figure["layout"]["annotations"][0]["x"] == 0 and figure["layout"]["yaxis"]["scaleanchor"] == "x"
    for one in figure["data"][:2]:
        assert (one["zmin"], one["zmax"], one["x0"] % right) == (0, 1, pytest.approx((step / 2 - REACH) % right))


def test_both_panels_stand_on_the_only_axes_of_which_the_page_hears_clicks() -> None:
    figure = views.boundaries(made(), {})
    assert not any("xaxis" in one or "yaxis" in one for one in figure["data"]) and "xaxis2" not in figure["layout"]
    ticks = dict(zip(figure["layout"]["xaxis"]["tickvals"], figure["layout"]["xaxis"]["ticktext"], strict=True))
    right = figure["layout"]["annotations"][1]["x"]
    assert ticks == {-2: -2, 0: 0, 2: 2, right - 2: -2, right: 0, right + 2: 2}
    low, high = figure["layout"]["xaxis"]["range"]
    assert (low, high) == (-REACH, right + REACH)


def test_held_out_points_have_the_colours_of_the_classes_that_the_map_ends_in() -> None:
    experiment = made(data="moons")
    figure = views.boundaries(experiment, {})
    right, data = figure["layout"]["annotations"][1]["x"], experiment.data
    ends = [colour for at, colour in figure["data"][0]["colorscale"] if at in (0, 1)]
    assert ends == [CLASS_COLOURS[1], CLASS_COLOURS[4]]
    for label, dots in enumerate(figure["data"][2:]):
        assert dots["marker"]["color"] == ends[label]
        known = data.heldout_x[:POINTS][data.heldout_y[:POINTS] == label].numpy()
        both = np.concatenate([known, known + [right, 0]])
        np.testing.assert_allclose(np.stack([dots["x"], dots["y"]], 1), both, atol=0.0051)


def test_a_network_that_runs_out_of_numbers_leaves_gaps() -> None:
    figure = views.boundaries(by_hand(Through(logits=lambda x: x[:, 0] * math.nan), made().arms["residual"].net), {})
    assert np.isnan(np.array(figure["data"][0]["z"], float)).all()
    assert np.isfinite(np.array(figure["data"][1]["z"], float)).all()


def test_the_first_picture_is_the_plane_with_its_points_and_a_square_grid_over_them() -> None:
    experiment = made()
    found, places = drawn(experiment), experiment.data.heldout_x[:POINTS].numpy()
    assert found["labels"] == experiment.data.heldout_y[:POINTS].tolist() and found["along"] == ALONG
    assert found["colours"] == (1, 4)
    np.testing.assert_allclose(found["places"], places, atol=0.00051)
    for arm in found["arms"]:
        plane = pictures(arm)[0]
        half = (span(places) / 2).max()
        assert arm["extents"][0] == pytest.approx(half, rel=0.005) and arm["shares"][0] == 1
        middle = (places.max(0) + places.min(0)) / 2
        np.testing.assert_allclose(plane[:POINTS] + middle, places, atol=0.012)
        lines = plane[POINTS:].reshape(2, LINES, ALONG, 2)
        reach = 0.85 * span(places) / 2
        x, y = (np.linspace(-reach[axis], reach[axis], count) for axis, count in ((0, LINES), (1, ALONG)))
        np.testing.assert_allclose(lines[0], np.stack(np.meshgrid(x, y, indexing="ij"), -1), atol=0.012)  # upright
        x, y = (np.linspace(-reach[axis], reach[axis], count) for axis, count in ((0, ALONG), (1, LINES)))
        np.testing.assert_allclose(lines[1], np.stack(np.meshgrid(x, y), -1), atol=0.012)


def test_a_block_that_only_turns_and_mirrors_wide_states_moves_nothing() -> None:
    """Three orthogonal maps into 7 units: what PCA gives for them differs, the pictures do not."""
    random = np.random.default_rng(0)

    def turn(into: int) -> Any:
        q = torch.from_numpy(np.linalg.qr(random.standard_normal((7, 7)))[0].astype(np.float32))
        return lambda x: x @ q[:into] + 3

    found = drawn(by_hand(Through(turn(2), turn(7), turn(7)), Through(turn(2), turn(7), turn(7))))
    for arm in found["arms"]:
        plane, *others = pictures(arm)
        for one in others:
            np.testing.assert_allclose(one, plane, atol=0.03)
        assert arm["shares"] == [1, 1, 1, 1]


def test_stretched_and_grown_pictures_are_scaled_by_their_own_extents() -> None:
    def stretch(x: Tensor) -> Tensor:
        return torch.cat([x * torch.tensor([10.0, 1.0]), torch.zeros(len(x), 3)], 1)

    experiment = by_hand(Through(stretch, lambda x: 1e9 * x), Through(stretch))
    arm = drawn(experiment)["arms"][0]
    assert (arm["name"], arm["title"]) == ("plain", "plain")
    _, wide, grown = pictures(arm)
    plane = experiment.data.heldout_x[:POINTS].double().numpy()
    centred = plane - plane.mean(0)
    turn = orthogonal_procrustes(centred * [10, 1], centred)[0]
    expected = centred * [10, 1] @ turn
    np.testing.assert_allclose(wide[:POINTS] - wide[:POINTS].mean(0), expected, atol=0.2)
    np.testing.assert_allclose(grown / 1e9, wide, atol=0.3)
    assert arm["extents"][2] == pytest.approx(1e9 * arm["extents"][1], rel=0.01)


def test_of_many_units_the_two_with_the_most_variance_are_shown_and_their_share_is_said() -> None:
    """Three units vary: x tenfold, y, and their product a little, in which the grid goes far: that does not count."""

    def lift(x: Tensor) -> Tensor:
        x = x - x[:POINTS].mean(0)
        third = x[:, 0] * x[:, 1] * torch.where(torch.arange(len(x)) < POINTS, 1, 100)
        return torch.stack([10 * x[:, 0], torch.zeros(len(x)), 4 * x[:, 1], third], 1)

    experiment = by_hand(Through(lift), Through(lift))
    values = lift(experiment.data.heldout_x[:POINTS]).double().numpy()
    variances = np.sort(np.linalg.eigvalsh(np.cov(values.T)))[::-1]
    arm = drawn(experiment)["arms"][1]
    assert arm["shares"][1] == pytest.approx(variances[:2].sum() / variances.sum(), abs=0.0006)
    assert 0.9 < arm["shares"][1] < 0.999


def test_two_units_are_shown_as_they_are() -> None:
    quarter = torch.tensor([[0.0, 1.0], [-1.0, 0.0]])
    arm = drawn(by_hand(Through(lambda x: x @ quarter), Through(lambda x: x)))["arms"][0]
    plane, turned = pictures(arm)
    np.testing.assert_allclose(turned, plane @ quarter.numpy(), atol=0.03)
    assert arm["shares"] == [1, 1]


def test_collapsed_and_infinite_states_are_told_apart_and_what_follows_is_drawn() -> None:
    """Differences in the last bit of a float32 are no differences."""
    one_place = Through(lambda x: 0.7 + 4e-8 * torch.cat([x, x], 1), lambda x: x / 0)
    back = Through(lambda x: torch.cat([x, x], 1), lambda x: x / 0, lambda x: torch.ones(len(x), 4))
    found = drawn(by_hand(one_place, back))
    assert found["arms"][0]["extents"][1:] == [0, None]
    assert found["arms"][1]["extents"][2:] == [None, 0] and found["arms"][1]["shares"][2:] == [0, 0]
    assert np.abs(pictures(found["arms"][0])[1:]).max() == 0
    json.dumps(found, allow_nan=False)


def test_the_nearest_turn_is_scipy_s() -> None:
    random = np.random.default_rng(3)
    points, aim = random.standard_normal((11, 2)), random.standard_normal((11, 2))
    np.testing.assert_allclose(flow.nearest_turn(points, aim), orthogonal_procrustes(points, aim)[0], atol=1e-12)


def test_every_block_has_its_picture_and_the_deepest_networks_fit_in_a_hundred_kilobytes() -> None:
    experiment = made(depth=64, width=64)
    found = drawn(experiment)
    assert [arm["name"] for arm in found["arms"]] == ["plain", "residual"]
    assert all(len(pictures(arm)) == len(arm["shares"]) == 31 + 2 for arm in found["arms"])
    assert len(json.dumps(found, separators=(",", ":"))) < 100_000


def test_the_pictures_are_of_networks_that_are_evaluated_and_change_nothing() -> None:
    experiment = made(norm="batch", survival=0.5)
    for _ in range(3):
        experiment.step()
    before = {name: value.clone() for name, value in experiment.arms["residual"].net.state_dict().items()}
    random = torch.get_rng_state()
    net = experiment.arms["residual"].net
    figure, moved = views.boundaries(experiment, {}), drawn(experiment)
    assert net.training and torch.equal(random, torch.get_rng_state())
    assert all(torch.equal(before[name], value) for name, value in net.state_dict().items())
    net.eval()
    with torch.no_grad():
        middle = REACH / SIDE
        expected = net(torch.tensor([[middle, middle]])).softmax(1)[0, 1].item()
        places = experiment.data.heldout_x[:POINTS]
        last = net.states(places)[-1].double().numpy()
    right = figure["layout"]["annotations"][1]["x"]
    assert cell(figure, 1, right + middle, middle) == pytest.approx(expected, abs=0.006)
    values = np.sort(np.linalg.eigvalsh(np.cov(last.T)))[::-1]
    assert moved["arms"][1]["shares"][-1] == pytest.approx(values[:2].sum() / values.sum(), abs=0.0006)
