"""What the pictures of the duel in the plane show, with players set by hand: fields, arrows, meshes, maps, lines."""

from __future__ import annotations

import base64
import copy
import io
import json
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor, nn

from playground.concepts.gan import views
from playground.concepts.gan.config import GanConfig
from playground.concepts.gan.plane import field as plane_field
from playground.concepts.gan.plane import views as plane_views
from playground.concepts.gan.plane.experiment import PlaneExperiment
from playground.palette import CLASS_COLOURS
from tests.figures.reading import Figure, headings, title, trace

REACH, SIDE, SHOWN = 3, 40, 250


class Bowl(nn.Module):
    """Logit w·x + b − s |x|², and style logits x Vᵀ + d: its gradients are known."""

    def __init__(self, w: list[float], b: float, s: float = 0.0, styles: Any = None) -> None:
        super().__init__()
        self.w, self.b, self.s = (nn.Parameter(torch.tensor(value)) for value in (w, b, s))
        self.style = None if styles is None else nn.Linear(2, len(styles))
        if self.style is not None:
            with torch.no_grad():
                self.style.weight.copy_(torch.tensor(styles))
                self.style.bias.copy_(torch.arange(len(styles)) / 7)

    def forward(self, x: Tensor) -> Tensor:
        return x @ self.w + self.b - self.s * x.pow(2).sum(1)

    def logit_and_style(self, x: Tensor) -> tuple[Tensor, Tensor]:
        assert self.style is not None
        return self(x), self.style(x)


def affine(matrix: list[list[float]], shift: tuple[float, float]) -> nn.Linear:
    """G(z) = A z + b."""
    net = nn.Linear(len(matrix[0]), 2)
    with torch.no_grad():
        net.weight.copy_(torch.tensor(matrix))
        net.bias.copy_(torch.tensor(shift))
    return net


def made(seed: int = 0, G: Any = None, D: Any = None, **config: Any) -> PlaneExperiment:
    torch.manual_seed(seed)
    experiment = PlaneExperiment(GanConfig(**{"width": 16, **config}))
    experiment.generator, experiment.discriminator = G or experiment.generator, D or experiment.discriminator
    experiment.average, experiment.before = copy.deepcopy(experiment.generator), experiment.weights()
    return experiment


def drawn(experiment: PlaneExperiment) -> dict[str, Any]:
    return dict(plane_field.points(experiment, {})["duel"])


def field(text: str) -> np.ndarray:
    """Rows from the top, 0 to 1."""
    return np.frombuffer(base64.b64decode(text), np.uint8).reshape(SIDE, SIDE) / 255


def places() -> np.ndarray:
    """(SIDE, SIDE, 2): (x, y) of the cells' middles, the first row at the top."""
    step = 2 * REACH / SIDE
    return np.array([[(-REACH + (c + 0.5) * step, REACH - (r + 0.5) * step) for c in range(SIDE)] for r in range(SIDE)])


SHARES: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "minimax": lambda d: 1 / (1 + np.exp(-d)),
    "non-saturating": lambda d: 1 / (1 + np.exp(-d)),
    "least-squares": lambda d: np.minimum(np.maximum(d, 0), 1),
    "hinge": lambda d: np.minimum(np.maximum((d + 1) / 2, 0), 1),
    "WGAN-GP": lambda d: (d - d.min()) / (d.max() - d.min()),
}


@pytest.mark.parametrize("loss", SHARES)
def test_the_field_is_what_the_loss_makes_of_d_before_and_after_the_step(loss: str) -> None:
    experiment = made(D=Bowl([1.3, -0.4], 0.2), loss=loss)
    with torch.no_grad():
        experiment.discriminator.w.copy_(torch.tensor([-0.3, 0.9]))
    shown, at = drawn(experiment), places()
    assert (shown["side"], shown["reach"]) == (SIDE, REACH)
    for name, logits in (("fieldBefore", at @ [1.3, -0.4] + 0.2), ("fieldAfter", at @ [-0.3, 0.9] + 0.2)):
        np.testing.assert_allclose(field(shown[name]), SHARES[loss](logits), atol=0.6 / 255, err_msg=name)


def test_generated_points_are_those_of_the_weights_before_and_after_the_step() -> None:
    experiment = made(G=affine([[1.0, 0.0], [0.0, 0.5]], (0.3, -1.0)))
    with torch.no_grad():
        experiment.generator.bias += torch.tensor([0.25, 2.0])
        experiment.average.bias += torch.tensor([-0.5, 0.1])
    shown, z = drawn(experiment), experiment.fixed_noise[:SHOWN].numpy()
    np.testing.assert_allclose(shown["before"], z * [1, 0.5] + [0.3, -1.0], atol=6e-4)
    np.testing.assert_allclose(shown["after"], z * [1, 0.5] + [0.55, 1.0], atol=6e-4)
    np.testing.assert_allclose(shown["average"], z * [1, 0.5] + [-0.2, -0.9], atol=6e-3)
    np.testing.assert_allclose(shown["real"], experiment.real.points[:SHOWN].numpy(), atol=6e-3)


def log_sigmoid(d: np.ndarray) -> np.ndarray:
    return -np.logaddexp(0, -d)


WISHES: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "minimax": lambda d: log_sigmoid(-d),
    "non-saturating": lambda d: -log_sigmoid(d),
    "least-squares": lambda d: (d - 1) ** 2 / 2,
    "hinge": lambda d: -d,
    "WGAN-GP": lambda d: -d,
}
STYLES = [[1.0, 0.4], [-0.7, 0.9], [-0.2, -1.1], [0.6, -0.5]]


def style_objective(x: np.ndarray, form: str) -> np.ndarray:
    logits = x @ np.array(STYLES).T + np.arange(4) / 7
    if form == "softmax":
        return -(logits - np.logaddexp.reduce(logits, 1)[:, None]).mean(1)
    return -(log_sigmoid(logits) / 4 + 3 / 4 * log_sigmoid(-logits)).sum(1)


def slope(objective: Callable[[np.ndarray], np.ndarray], x: np.ndarray, h: float = 1e-5) -> np.ndarray:
    """Gradient of each point's own objective by differences."""
    return np.stack([(objective(x + h * axis) - objective(x - h * axis)) / (2 * h) for axis in np.eye(2)], 1)


@pytest.mark.parametrize(("loss", "form"), [(loss, None) for loss in WISHES] + [
    ("non-saturating", "softmax"), ("hinge", "paper"),
])  # fmt: skip
def test_arrows_point_down_the_generators_loss_at_the_points_before(loss: str, form: str | None) -> None:
    """By D as it is after its own half of the step."""
    can: dict[str, Any] = {} if form is None else {"model": "CAN", "data": "styles", "ambiguity": 1.7, "form": form}
    experiment = made(G=affine([[1.0, 0.2], [0.0, 0.6]], (0.5, -0.2)),
                      D=Bowl([-9.0, 9.0], 4.0, styles=form and STYLES), loss=loss, **can)  # fmt: skip
    with torch.no_grad():
        experiment.discriminator.w.copy_(torch.tensor([0.8, -0.3]))
        experiment.discriminator.b.fill_(0.4)
        experiment.discriminator.s.fill_(0.35)
        experiment.generator.bias += 1.0

    def objective(x: np.ndarray) -> np.ndarray:
        passes = WISHES[loss](x @ [0.8, -0.3] + 0.4 - 0.35 * (x**2).sum(1))
        return passes if form is None else passes + 1.7 * style_objective(x, form)

    x = experiment.fixed_noise[:SHOWN].double().numpy() @ np.array([[1.0, 0.2], [0.0, 0.6]]).T + [0.5, -0.2]
    np.testing.assert_allclose(drawn(experiment)["arrows"], -slope(objective, x), atol=2e-4)


def test_mesh_lines_are_images_of_the_grid_of_noise() -> None:
    A, b = np.array([[1.0, 0.5, 7.0], [-0.25, 2.0, 7.0]]), np.array([0.1, -0.2])
    lines = np.array(drawn(made(G=affine(A.tolist(), (0.1, -0.2)), noise=3))["mesh"])
    assert lines.shape == (22, 21, 2)
    ticks, along = np.linspace(-2, 2, 11), np.linspace(-2, 2, 21)
    for i, tick in enumerate(ticks):
        for line, noise in ((lines[i], (np.full(21, tick), along)), (lines[11 + i], (along, np.full(21, tick)))):
            np.testing.assert_allclose(line, np.stack(noise, 1) @ A[:, :2].T + b, atol=6e-3)

    single = drawn(made(G=affine([[0.5], [-1.0]], (1.0, 0.0)), noise=1))["mesh"]
    assert len(single) == 1
    np.testing.assert_allclose(single[0], np.stack([1 + along / 2, -along], 1), atol=6e-3)


def test_a_cans_points_have_the_share_of_their_exact_styles_entropy() -> None:
    """In the middle all four styles are alike; on an axis, the nearer two: ln 2 of ln 4; at a centre, one."""
    where = torch.tensor([[0.0, 0.0], [1.5, 0.0], [0.0, -1.4], [1.5 / 2**0.5, 1.5 / 2**0.5]])

    class Four(nn.Module):
        def forward(self, z: Tensor) -> Tensor:
            return where.repeat(-(-len(z) // 4), 1)[: len(z)]

    experiment = made(G=Four(), model="CAN", data="styles")
    assert drawn(experiment)["styles"] == [1.0, 0.5, 0.5, 0.0] * 62 + [1.0, 0.5]
    assert drawn(made(G=Four(), data="styles"))["styles"] is None
    assert [drawn(made(data=data))["drawable"] for data in ("drawn", "ring", "moons")] == [True, False, False]


@pytest.mark.parametrize("config", [{"spectral_norm": True}, {"model": "CAN", "spectral_norm": True}])
def test_drawing_changes_nothing(config: dict[str, Any]) -> None:
    experiment = made(**config)
    experiment.step()
    weights, noise = experiment.weights(), torch.get_rng_state()
    assert any(name.endswith("_u") for name in weights["discriminator"])
    first = drawn(experiment)
    plane_views.noise_map(experiment, {})
    assert drawn(experiment) == first
    assert torch.equal(torch.get_rng_state(), noise) and experiment.discriminator.training
    for who, values in experiment.weights().items():
        assert all(torch.equal(value, weights[who][name]) for name, value in values.items()), who
    assert all(p.requires_grad for p in experiment.discriminator.parameters())
    json.dumps(first, allow_nan=False)


def series(*names: str) -> dict[str, Any]:
    """A history in which every metric has values of its own."""
    return {name: ([1, 2], [i, i + 0.5]) for i, name in enumerate(names)}


def levels(figure: Figure) -> list[tuple[str, str, float]]:
    assert all(shape["y0"] == shape["y1"] for shape in figure["layout"]["shapes"])
    return [(shape["xref"], shape["yref"], shape["y0"]) for shape in figure["layout"]["shapes"]]


@pytest.mark.parametrize(("loss", "rest"), [
    ("minimax", -math.log(2)), ("non-saturating", math.log(2)), ("least-squares", None), ("hinge", None),
    ("WGAN-GP", None),
])  # fmt: skip
def test_the_duel_has_both_sides_and_the_lines_where_they_would_rest(loss: str, rest: float | None) -> None:
    names = ("discriminator/on_real", "discriminator/on_generated", "discriminator/loss", "generator/loss")
    figure = views.beliefs(made(loss=loss), series(*names))
    for i, name in enumerate(("D of real", "D of generated", "D's loss", "G's loss")):
        one = trace(figure, name)
        assert (one["x"], one["y"]) == ([1, 2], [i, i + 0.5])
        assert (one.get("xaxis", "x"), one.get("yaxis", "y")) == (("x", "y") if i < 2 else ("x2", "y2")), name
    assert headings(figure) == ("how real it is to D", "losses")
    expected = [] if rest is None else [("x domain", "y", 0.5), ("x2 domain", "y2", pytest.approx(2 * math.log(2))),
                                        ("x2 domain", "y2", pytest.approx(rest))]  # fmt: skip
    assert levels(figure) == expected


@pytest.mark.parametrize(("data", "count"), [("ring", 8), ("grid", 25), ("styles", 4)])
def test_modes_have_the_left_axis_and_shares_the_right_one(data: str, count: int) -> None:
    figure = plane_views.quality(made(data=data), series("modes_covered", "high_quality"))
    modes, good = trace(figure, "modes covered"), trace(figure, "good points")
    assert (modes["y"], modes.get("yaxis", "y"), good["y"], good["yaxis"]) == ([0, 0.5], "y", [1, 1.5], "y2")
    assert levels(figure) == [("x domain", "y", count)] and title(figure, "yaxis") == f"modes of {count}"
    layout = figure["layout"]
    assert layout["yaxis"]["range"][1] == pytest.approx(count * layout["yaxis2"]["range"][1])  # both fill at one height
    assert (layout["yaxis2"]["side"], layout["yaxis2"]["overlaying"]) == ("right", "y")


def test_of_curves_two_shares_are_shown() -> None:
    figure = plane_views.quality(made(data="spiral"), series("high_quality", "coverage"))
    assert trace(figure, "good points")["y"] == [0, 0.5] and trace(figure, "real ones reached")["y"] == [1, 1.5]
    assert all(one.get("yaxis", "y") == "y" for one in figure["data"]) and title(figure, "yaxis") == "share within 0.1"


def test_style_entropy_has_its_most() -> None:
    figure = plane_views.style(made(model="CAN", data="styles"), series("style_entropy", "in_distribution"))
    entropy, inside = trace(figure, "style entropy"), trace(figure, "in distribution")
    assert (entropy["y"], entropy.get("yaxis", "y"), inside["y"], inside["yaxis"]) == ([0, 0.5], "y", [1, 1.5], "y2")
    assert levels(figure) == [("x domain", "y", pytest.approx(math.log(4)))]
    grid = plane_views.style(made(model="CAN", data="grid"), {})
    assert levels(grid) == [("x domain", "y", pytest.approx(math.log(25)))]


def coloured(figure: Figure, x: float, y: float) -> tuple[int, ...]:
    """Colour at a place in the axes of Plotly's image trace, whose pixel [r, c] has its middle at (x0 + c dx, …)."""
    (one,) = figure["data"]
    pixels = np.asarray(Image.open(io.BytesIO(base64.b64decode(one["source"].partition(",")[2]))))
    row, column = round((y - one["y0"]) / one["dy"]), round((x - one["x0"]) / one["dx"])
    assert 0 <= row < len(pixels) and 0 <= column < pixels.shape[1]
    return tuple(int(value) for value in pixels[row, column])


def colour(index: int) -> tuple[int, ...]:
    return tuple(bytes.fromhex(CLASS_COLOURS[index][1:]))


def test_each_place_of_the_noise_has_the_colour_of_its_mode() -> None:
    experiment = made(G=affine([[1.0, 0.0], [0.0, 1.0]], (0.0, 0.0)))
    experiment.generator.bias.data += 1  # the average is shown
    figure = plane_views.noise_map(experiment, {})
    (one,) = figure["data"]
    assert (one["x0"], one["y0"]) == (pytest.approx(-3 + 3 / 70), pytest.approx(3 - 3 / 70)) and one["dy"] < 0
    for mode in range(8):  # all around the circle, the first at the right
        at = 2 * math.cos(mode * math.pi / 4), 2 * math.sin(mode * math.pi / 4)
        assert coloured(figure, *at) == colour(mode)
        assert coloured(figure, at[0] * 1.14, at[1] * 1.14) == colour(mode)  # within 3 σ = 0.36
        assert coloured(figure, at[0] * 1.24, at[1] * 1.24) == (225, 228, 232)
    assert coloured(figure, 0, 0) == coloured(figure, -2.9, 2.9) == (225, 228, 232)
    for axis in ("xaxis", "yaxis"):
        assert figure["layout"][axis]["range"] == [-3, 3]


def test_where_there_are_no_modes_the_colour_is_the_direction_s() -> None:
    figure = plane_views.noise_map(made(data="moons", G=affine([[1.0, 0.0], [0.0, 1.0]], (0.0, 0.0))), {})
    for sector in range(10):
        angle = 2 * math.pi * (sector + 0.5) / 10
        for radius in (0.6, 2.8):
            assert coloured(figure, radius * math.cos(angle), radius * math.sin(angle)) == colour(sector)


def test_noise_of_other_sizes_than_two() -> None:
    one = plane_views.noise_map(made(noise=1, G=affine([[1.0], [0.0]], (0.0, 0.0))), {})
    assert {coloured(one, 2, y) for y in (-2.9, 0.1, 2.9)} == {colour(0)} and coloured(one, -2, 1) == colour(4)
    five = plane_views.noise_map(made(noise=5, G=affine([[1.0, 0, 7, 7, 7], [0, 1.0, 7, 7, 7]], (0.0, 0.0))), {})
    assert coloured(five, 0, -2) == colour(6) and title(five, "xaxis") == "noise: two of 5 numbers, the others 0"
    assert title(one, "xaxis") == "noise"
