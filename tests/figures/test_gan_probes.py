"""What the pictures of generated digits show, and the answers to questions: sheets, bars, walks, cuts, neighbours."""

from __future__ import annotations

import copy
import math
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from playground.concept import Refused
from playground.concepts.gan.config import GanConfig
from playground.concepts.gan.digits import probes as digit_probes
from playground.concepts.gan.digits import views as digit_views
from playground.concepts.gan.digits.experiment import DigitsExperiment
from playground.concepts.gan.digits.questions import Neighbours, Walk
from playground.concepts.gan.plane import probes as plane_probes
from playground.concepts.gan.plane.experiment import PlaneExperiment
from playground.concepts.gan.plane.questions import Cut
from playground.concepts.gan.plane.real import Real
from playground.data.mnist import load_digits
from tests.figures.reading import Picture, grows, title, trace


@pytest.fixture(scope="module")
def untrained() -> DigitsExperiment:
    torch.manual_seed(0)
    return DigitsExperiment(GanConfig(data="digits", noise=5, batch=16))


@pytest.fixture
def digits(untrained: DigitsExperiment) -> DigitsExperiment:
    return copy.copy(untrained)  # a test may swap its parts


def generating(experiment: DigitsExperiment, images: Tensor) -> DigitsExperiment:
    """As if its samples were these images, the last one again and again."""
    filled = torch.cat([images, images[-1:].expand(512 - len(images), -1)])

    def samples() -> Tensor:
        return filled

    experiment.samples = samples  # type: ignore[method-assign]
    return experiment


def greys(count: int) -> Tensor:
    """Images of one grey value each, all different."""
    return (torch.arange(count) / count)[:, None].expand(-1, 784)


def test_samples_stand_in_a_sheet_row_by_row(digits: DigitsExperiment) -> None:
    images = greys(128).clone()
    images[37, :28] = 1.0  # a white line on top of one of them
    figure = digit_views.samples(generating(digits, images), {})
    picture = Picture(figure)
    assert figure["layout"]["yaxis"]["range"] == [10, 0] and figure["layout"]["xaxis"]["range"] == [0, 10]
    for sample in (0, 9, 10, 42, 99):
        row, column = divmod(sample, 10)
        assert picture.at(column + 0.5, row + 0.5) == pytest.approx(sample / 128, abs=0.005)
    assert picture.at(7.9, 3.01) == 1 and picture.at(7.5, 3.9) == pytest.approx(37 / 128, abs=0.005)
    assert digit_probes.clicked_digit(digits, 7.9, 3.01) == {"sample": 37}
    assert digit_probes.clicked_digit(digits, 0.2, 9.7) == {"sample": 90}
    assert digit_probes.clicked_digit(digits, 10.0, 10.3) == {"sample": 99}
    assert digit_probes.clicked_digit(digits, -0.4, -0.1) == {"sample": 0}


class Says(nn.Module):
    """A judge whose logits are an image's first ten pixels."""

    def forward(self, x: Tensor) -> Tensor:
        return x[:, :10]


def saying(*told: tuple[int, int, float]) -> Tensor:
    """(count, class, p): that many images of which `Says` thinks so with probability p, the others sharing the rest."""
    images = []
    for count, kind, p in told:
        image = torch.zeros(count, 784)
        image[:, kind] = math.log(9 * p / (1 - p))
        images.append(image)
    return torch.cat(images)


def test_bars_say_what_the_judge_is_sure_of(digits: DigitsExperiment) -> None:
    digits.judge = Says()  # type: ignore[assignment]
    figure = digit_views.judged(
        generating(digits, saying((128, 3, 0.81), (64, 3, 0.79), (32, 7, 0.99), (96, 0, 0.2), (192, 5, 0.95))), {}
    )
    sure, unsure = trace(figure, "sure"), trace(figure, "not sure")
    assert sure["x"] == unsure["x"] == list(range(10)) and figure["layout"]["barmode"] == "stack"
    np.testing.assert_allclose(sure["y"], [0, 0, 0, 1 / 4, 0, 3 / 8, 0, 1 / 16, 0, 0], atol=6e-4)
    np.testing.assert_allclose(unsure["y"], [3 / 16, 0, 0, 1 / 8, 0, 0, 0, 0, 0, 0], atol=6e-4)
    assert [shape["y0"] for shape in figure["layout"]["shapes"]] == [0.03]
    assert figure["layout"]["yaxis"]["range"][1] >= 3 / 8, "the highest bar is cut off"


def test_real_digits_quality_is_a_line_on_the_axis_of_shares(digits: DigitsExperiment) -> None:
    digits.real_quality = 0.71
    history = {"high_quality": ([1, 2], [0.25, 0.5]), "modes_covered": ([1, 2], [3.0, 10.0])}
    figure = digit_views.quality(digits, history)
    assert [(s["yref"], s["y0"]) for s in figure["layout"]["shapes"]] == [("y2", 0.71)]
    sure, classes = trace(figure, "judge is sure"), trace(figure, "classes seen")
    assert (sure["y"], sure["yaxis"], classes["y"], classes.get("yaxis", "y")) == ([0.25, 0.5], "y2", [3, 10], "y")
    figure = digit_views.style(digits, {"style_entropy": ([1, 2], [0.5, 1.5])})
    assert trace(figure, "style entropy")["y"] == [0.5, 1.5]
    assert [s["y0"] for s in figure["layout"]["shapes"]] == [pytest.approx(math.log(10))]


def same(picture: Picture, column: int, row: int, image: np.ndarray) -> bool:
    """Whether a cell of a sheet shows an image of 784 grey values."""
    rows, columns = slice(28 * row, 28 * row + 28), slice(28 * column, 28 * column + 28)
    return bool(np.abs(picture.pixels[rows, columns].ravel() - image).max() < 0.006)


def nearly(images: np.ndarray) -> Tensor:
    """Images that are nearer to these than to any other: a tenth of the way to half-tone."""
    return torch.from_numpy(0.9 * images + 0.05)


def test_below_each_digit_is_the_training_digit_nearest_to_it(digits: DigitsExperiment) -> None:
    train = load_digits().train_images
    chosen = [7, 4000, 33, 512, 9, 1000, 2, 77, 4444]
    figure = digit_views.neighbours(generating(digits, nearly(train[chosen])), {})
    picture = Picture(figure)
    for column, which in enumerate(chosen):
        assert same(picture, column, 0, 0.9 * train[which] + 0.05) and same(picture, column, 1, train[which]), column
    assert grows(figure, "yaxis") == -1 and figure["layout"]["yaxis"]["range"] == [2, 0]


def test_the_nearest_digits_are_listed_from_the_nearest_on(digits: DigitsExperiment) -> None:
    train = load_digits().train_images
    image = (0.6 * train[120] + 0.4 * train[2200]).astype(np.float32)
    images = greys(100).clone()
    images[58] = torch.from_numpy(image)
    figure = digit_probes.neighbours(generating(digits, images), Neighbours(sample=58))
    order = np.sqrt(((train - image) ** 2).sum(1)).argsort(kind="stable")[:11]
    picture = Picture(figure)
    assert picture.pixels.shape == (2 * 28, 6 * 28)
    for place, expected in enumerate([image, *train[order]]):
        assert same(picture, place % 6, place // 6, expected), place
    p = digits.judge(images[58:59]).softmax(1)[0]
    assert f"digit 58, taken for a {int(p.argmax())} ({100 * p.max():.0f}%)" in figure["layout"]["title"]["text"]


def test_a_walk_keeps_its_ends_and_goes_along_the_great_circle(digits: DigitsExperiment) -> None:
    digits.average = nn.Identity()  # type: ignore[assignment]
    a, b = torch.tensor([3.0, 0, 0, 0, 0]), torch.tensor([0.0, 0, 3 * math.sin(1.2), 0, 3 * math.cos(1.2)])
    tilted = math.cos(0.6) * a + math.sin(0.6) * b
    way = digit_views.walk(digits, torch.stack([a, b, tilted]))
    assert way.shape == (20, 5)
    for at, end in ((0, a), (9, b), (10, b), (19, tilted)):
        torch.testing.assert_close(way[at], end)
    torch.testing.assert_close(way.norm(dim=1), torch.full((20,), 3.0))
    angles = torch.arccos((way[:9] * way[1:10]).sum(1) / 9)
    torch.testing.assert_close(angles, torch.full((9,), math.pi / 2 / 9), atol=1e-3, rtol=0)


class Shown(nn.Module):
    """Images of one grey value, that of the first number of the noise."""

    def forward(self, z: Tensor) -> Tensor:
        return z[:, :1].expand(-1, 784)


def test_each_row_of_the_walks_begins_where_the_last_one_ended(digits: DigitsExperiment) -> None:
    noise = torch.full((100, 5), 0.5)
    noise[:, 0] = torch.arange(100) / 128 + 0.1
    digits.fixed_noise, digits.average = noise, Shown()  # type: ignore[assignment]
    figure = digit_views.interpolation(digits, {})
    picture = Picture(figure)
    assert figure["layout"]["yaxis"]["range"] == [5, 0]
    for row in range(5):
        assert picture.at(0.5, row + 0.5) == pytest.approx(row / 128 + 0.1, abs=0.005)
        assert picture.at(9.5, row + 0.5) == pytest.approx((row + 1) / 128 + 0.1, abs=0.005)
    asked = Picture(digit_probes.between(digits, Walk(first=90, last=17)))
    assert asked.at(0.5, 0.5) == pytest.approx(90 / 128 + 0.1, abs=0.005)
    assert asked.at(9.5, 0.5) == pytest.approx(17 / 128 + 0.1, abs=0.005)
    with pytest.raises(Refused, match="same"):
        digit_probes.between(digits, Walk(first=3, last=3))


def gaussian(at: np.ndarray, centre: tuple[float, float], variance: float) -> np.ndarray:
    return np.exp(-((at - centre) ** 2).sum(1) / (2 * variance)) / (2 * np.pi * variance)


P, Q = ((-0.9, 0.8), 0.25), ((0.3, 1.1), 0.4)
"""Centre and standard deviation of the real and of the generated points."""


class Slope(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return 1.5 * x[:, 0] - 0.8 * x[:, 1]


def two_gaussians(**config: Any) -> PlaneExperiment:
    """Real points are P's quantiles along each axis, generated ones are drawn from Q."""
    torch.manual_seed(0)
    experiment = PlaneExperiment(GanConfig(data="moons", **config))
    ticks = torch.special.ndtri((torch.arange(63) + 0.5) / 63) * P[1]
    points = torch.cartesian_prod(ticks + P[0][0], ticks + P[0][1])
    experiment.real = Real(points, torch.zeros(len(points)), None)
    generator = nn.Linear(2, 2)
    with torch.no_grad():
        generator.weight.copy_(Q[1] * torch.eye(2))
        generator.bias.copy_(torch.tensor(Q[0]))
    experiment.generator, experiment.discriminator = generator, Slope()  # type: ignore[assignment]
    return experiment


BEST = "best D: p / (p + q)"


def test_a_cut_shows_d_and_the_best_it_could_be_for_known_gaussians() -> None:
    experiment, noise = two_gaussians(), torch.get_rng_state()
    figure = plane_probes.cut(experiment, Cut(y=0.8))
    x = np.linspace(-3, 3, 121)
    at = np.stack([x, np.full(121, 0.8)], 1)
    p, q = (gaussian(at, centre, sigma**2 + 0.12**2) for centre, sigma in (P, Q))  # blurred by 0.12
    np.testing.assert_allclose(trace(figure, "D")["y"], 1 / (1 + np.exp(-(1.5 * x - 0.64))), atol=6e-4)
    np.testing.assert_allclose(trace(figure, "D")["x"], x, atol=6e-3)
    np.testing.assert_allclose(trace(figure, "real")["y"], p, atol=0.02 * p.max())
    np.testing.assert_allclose(trace(figure, "generated")["y"], q, atol=0.08 * q.max())
    best = np.array(trace(figure, BEST)["y"], dtype=float)
    told = p + q > 3e-3
    assert told.sum() > 40
    np.testing.assert_allclose(best[told], (p / (p + q))[told], atol=0.05)
    assert np.isnan(best[p + q < 1e-6]).all()
    assert trace(figure, "real")["yaxis"] == trace(figure, "generated")["yaxis"] == "y2"
    assert trace(figure, "D").get("yaxis", "y") == trace(figure, BEST).get("yaxis", "y") == "y"
    assert torch.equal(torch.get_rng_state(), noise) and title(figure, "xaxis") == "x, at y = 0.80"


def test_the_best_of_a_hinge_is_a_step_and_a_critic_has_none() -> None:
    """argmin E max(0, 1 − D) + E max(0, 1 + D) is the sign of p − q; scores of a critic have no scale."""
    figure = plane_probes.cut(two_gaussians(loss="hinge"), Cut(y=0.8))
    p, q = np.array(trace(figure, "real")["y"]), np.array(trace(figure, "generated")["y"])
    best = np.array(trace(figure, "best D: p > q")["y"], dtype=float)
    told = (p + q > 0.01) & (np.abs(p - q) > 0.01)
    np.testing.assert_array_equal(best[told], (p > q)[told])
    names = [one["name"] for one in plane_probes.cut(two_gaussians(loss="WGAN-GP"), Cut())["data"]]
    assert names == ["real", "generated", "D"]
    assert BEST in [one["name"] for one in plane_probes.cut(two_gaussians(loss="least-squares"), Cut())["data"]]


def test_a_click_chooses_the_height_of_the_cut() -> None:
    experiment = two_gaussians()
    assert [plane_probes.clicked_cut(experiment, 0.4, y) for y in (1.3, -2.5, 7.0)] == [
        {"y": 1.3},
        {"y": -2.5},
        {"y": 3.0},
    ]


def test_a_cut_leaves_spectral_norms_estimates_alone() -> None:
    torch.manual_seed(0)
    experiment = PlaneExperiment(GanConfig(spectral_norm=True, width=16))
    before = experiment.weights()["discriminator"]
    plane_probes.cut(experiment, Cut())
    assert all(torch.equal(value, before[name]) for name, value in experiment.weights()["discriminator"].items())
