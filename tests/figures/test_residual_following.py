"""What the last layer reads after each block, against networks with all later blocks cut, and how it is drawn."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from playground.concepts.residual import following
from playground.concepts.residual.config import ResidualConfig
from playground.concepts.residual.experiment import PairExperiment
from playground.concepts.residual.plane import views
from playground.concepts.residual.questions import Follow, FollowPoint
from playground.palette import NOTES, STANDARD
from tests.figures.reading import headings, heatmap, points, said, trace

SETTINGS: list[dict[str, Any]] = [
    {"data": "digits", "depth": 10, "width": 7},
    {"data": "spirals", "depth": 8, "width": 5, "block": "pre", "norm": "layer"},
    {"data": "images", "depth": 14, "channels": 3, "block": "scaled", "alpha": 0.7},
    {"data": "digits", "depth": 8, "width": 11, "block": "scaled", "alpha": 0.3, "norm": "none"},
]


def made(steps: int = 2, **config: Any) -> PairExperiment:
    torch.manual_seed(0)
    experiment = PairExperiment(ResidualConfig(**config))
    for _ in range(steps):
        experiment.step()
    return experiment


@pytest.mark.parametrize("config", SETTINGS, ids=lambda c: f"{c['data']}-{c.get('block', 'post')}")
def test_the_state_after_a_block_is_read_as_with_all_later_blocks_cut(config: dict[str, Any]) -> None:
    experiment = made(**config)
    blocks = config["depth"] // 2 - 1
    for learner in experiment.arms.values():
        net, x = learner.net, experiment.data.heldout_x[[17]]
        found = following.readings(net, x)
        assert found.shape == (blocks + 1, experiment.data.classes) and net.training
        net.eval()
        with torch.no_grad():
            expected = [net(x, cut=set(range(k, blocks))).softmax(1)[0] for k in range(blocks + 1)]
        torch.testing.assert_close(found, torch.stack(expected))
        assert (found[0] - found[-1]).abs().max() > 1e-4, "the blocks do something"


def test_earlier_stages_of_images_are_thinned_and_padded_with_zeros() -> None:
    """Three blocks, one a stage: the first state has every fourth place each way and a quarter of the channels."""
    net = made(data="images", depth=8, channels=3, block="scaled", alpha=0.5).arms["residual"].net
    x = torch.rand(1, 1, 14, 14)
    net.eval()
    with torch.no_grad():
        first = net.stem(x)  # (1, 3, 14, 14)
        padded = torch.cat([first[:, :, ::4, ::4], torch.zeros(1, 9, 4, 4)], 1)
        expected = net.head(0.5**3 * padded).softmax(1)[0]
    torch.testing.assert_close(following.readings(net, x)[0], expected)


def with_readings(monkeypatch: pytest.MonkeyPatch, experiment: PairExperiment, **read: list[list[float]]) -> None:
    nets = {id(learner.net): torch.tensor(read[arm]) for arm, learner in experiment.arms.items()}
    monkeypatch.setattr(following, "readings", lambda net, x: nets[id(net)])


def test_two_classes_are_two_lines_in_the_colours_of_the_networks(monkeypatch: pytest.MonkeyPatch) -> None:
    experiment = made(0, data="moons", depth=6, width=3)
    example = int(torch.nonzero(experiment.data.heldout_y == 1)[3])
    with_readings(monkeypatch, experiment, plain=[[0.5, 0.5], [0.7, 0.3], [0.9, 0.1]],
                  residual=[[0.6, 0.4], [0.25, 0.75], [0.0, 1.0]])  # fmt: skip
    figure = following.follow(experiment, FollowPoint(example=example))
    plain, residual = (trace(figure, f"{arm}: p(class 1)") for arm in ("plain", "residual"))
    assert points(plain) == [(0, 0.5), (1, 0.3), (2, 0.1)]
    assert points(residual) == [(0, 0.4), (1, 0.75), (2, 1.0)]
    assert (plain["line"]["color"], residual["line"]["color"]) == (NOTES, STANDARD)
    other = int(torch.nonzero(experiment.data.heldout_y == 0)[0])
    assert trace(following.follow(experiment, FollowPoint(example=other)), "plain: p(class 0)")["y"] == [0.5, 0.7, 0.9]
    assert said(figure) == ["after block"] and figure["layout"]["yaxis"]["range"][1] > 1


def test_ten_classes_are_two_heat_maps_on_one_scale_and_the_true_class_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    experiment = made(0, data="digits", depth=6, width=3)
    label = int(experiment.data.heldout_y[42])
    one_hot = F.one_hot(torch.tensor([1, 5, label]), 10).float()
    plain = 0.3 * one_hot + 0.07
    with_readings(monkeypatch, experiment, plain=plain.tolist(), residual=one_hot.tolist())
    figure = following.follow(experiment, Follow(example=42))
    np.testing.assert_allclose(heatmap(figure, 0), plain.T.numpy(), atol=0.0006)  # rows are classes, columns blocks
    np.testing.assert_allclose(heatmap(figure, 1), one_hot.T.numpy(), atol=0.0006)
    assert headings(figure) == ("plain: 37% for the true class", "residual: 100% for the true class")
    for one in figure["data"]:
        assert (one["zmin"], one["zmax"], one["x0"], one["dx"], one["y0"], one["dy"]) == (0, 1, 0, 1, 0, 1)
    for axis in ("yaxis", "yaxis2"):
        about = figure["layout"][axis]
        names = dict(zip(about["tickvals"], about["ticktext"], strict=True))
        assert names == {n: f"true: {n}" if n == label else str(n) for n in range(10)}
    assert [one.get("showscale") for one in figure["data"]] == [False, True]


def test_a_network_that_runs_out_of_numbers_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    experiment = made(0, data="digits", depth=4, width=3)
    gone = [[0.1] * 10, [float("nan")] * 10]
    with_readings(monkeypatch, experiment, plain=[[0.1] * 10] * 2, residual=gone)
    assert headings(following.follow(experiment, Follow(example=0)))[1] == "residual: the activations are not finite"


@pytest.mark.parametrize("config", SETTINGS[:3], ids=lambda c: c["data"])
def test_the_example_that_is_asked_about_is_the_one_that_is_followed(config: dict[str, Any]) -> None:
    """And neither the networks nor the random state change."""
    experiment = made(**config)
    before = {name: value.clone() for name, value in experiment.arms["plain"].net.state_dict().items()}
    random = torch.get_rng_state()
    figure = following.follow(experiment, Follow(example=311))
    net = experiment.arms["plain"].net
    assert torch.equal(random, torch.get_rng_state()) and net.training
    assert all(torch.equal(before[name], value) for name, value in net.state_dict().items())
    net.eval()
    with torch.no_grad():
        whole = net(experiment.data.heldout_x[311:312]).softmax(1)[0].numpy()
    if experiment.data.classes == 10:
        np.testing.assert_allclose(heatmap(figure)[:, -1], whole, atol=0.0006)
    else:
        label = int(experiment.data.heldout_y[311])
        assert figure["data"][0]["y"][-1] == pytest.approx(whole[label], abs=0.0006)


def test_a_click_in_either_panel_finds_the_nearest_of_the_points_that_are_shown() -> None:
    experiment = made(0, data="spirals", depth=4, width=3)
    right = views.boundaries(experiment, {})["layout"]["annotations"][1]["x"]
    for number in (0, 57, 199):
        x, y = experiment.data.heldout_x[number].tolist()
        for shift in (0, right):
            asked = following.clicked_example(experiment, round(x + shift, 3), round(y, 3))
            assert FollowPoint(**asked).example == number
    hidden = experiment.data.heldout_x[200:].tolist()
    assert all(following.clicked_example(experiment, x, y)["example"] < 200 for x, y in hidden)
    corner = following.clicked_example(experiment, right - 2.5, 2.5)["example"]
    away = np.hypot(*(experiment.data.heldout_x[:200].numpy() - [-2.5, 2.5]).T)
    assert corner == away.argmin()
