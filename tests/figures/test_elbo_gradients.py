"""Estimates of one gradient against autograd, closed forms and quadrature; what their histograms show."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import orjson
import pytest
import torch
from scipy import stats  # type: ignore[import-untyped]

from models import elbo
from playground.concepts.elbo.config import ElboConfig
from playground.concepts.elbo.inference.estimators import estimated, exact_gradient, gradient_variance
from playground.concepts.elbo.inference.experiment import InferenceExperiment
from playground.concepts.elbo.inference.gradients import estimates, gradients, variance_of
from playground.concepts.elbo.questions import Estimates
from playground.palette import STANDARD
from tests.figures.reading import said, title, trace

NAMES = {"reparameterised": "reparameterised", "score": "score function", "score-baseline": "score function, baseline"}
TWO = {"family": "two-gaussians", "mean": -0.4, "mean2": 1.1, "sigma": 0.6, "sigma2": 0.3, "weight": 0.35}
CONFIGS: dict[str, dict[str, Any]] = {
    "linear": {"model": "linear", "x": 1.5, "mean": 0.2, "sigma": 0.6}, "modes": {"mean": -0.3},
    "two": {"model": "modes", **TWO}, "linear-two": {"model": "linear", **TWO},
    "curved": {"model": "curved", "mean": 0.5, "mean2": -0.2, "correlation": 0.7, "sigma2": 0.8},
    "mean-field": {"model": "curved", "covariance": "mean-field", "mean": 0.5, "mean2": -0.2},
}  # fmt: skip
each = pytest.mark.parametrize("config", CONFIGS.values(), ids=CONFIGS)


def made(**config: Any) -> InferenceExperiment:
    torch.manual_seed(0)
    return InferenceExperiment(ElboConfig(**config))


def of(one: InferenceExperiment, samples: int, count: int, seed: int = 3) -> dict[Any, np.ndarray]:
    return dict(estimated(one.model, one.config.x, one.arms.first.q, samples, count, seed))


@each
@pytest.mark.parametrize("how", NAMES)
def test_an_estimate_is_the_gradient_that_training_takes(config: dict[str, Any], how: Any) -> None:
    """Autograd of `surrogate`, whose gradient tests/references hold to be unbiased, one estimate at a time."""
    one = made(**config)
    q, samples, count = one.arms.first.q, 5, 7
    own = torch.Generator().manual_seed(3)
    noise = torch.randn(count * samples, one.model.size, generator=own, dtype=torch.float64).view(count, samples, -1)
    expected = []
    for of_one in noise:
        (gradient,) = torch.autograd.grad(elbo.surrogate(one.model, one.config.x, q, of_one, how), q.mean)
        expected.append(gradient[0, 0].item())
    np.testing.assert_allclose(of(one, samples, count)[how], expected, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize(("x", "m", "sigma"), [(1.5, 0.2, 0.6), (-1.0, 2.0, 0.3)])
def test_the_exact_gradient_of_the_linear_model_in_closed_form(x: float, m: float, sigma: float) -> None:
    one = made(model="linear", x=x, mean=m, sigma=sigma)
    expected = 2 * (x - 2 * m) / 0.5 - m
    assert exact_gradient(one.model, x, one.arms.first.q) == pytest.approx(expected, abs=1e-9)


@each
def test_the_exact_gradient_is_a_slope_of_the_bound(config: dict[str, Any]) -> None:
    one = made(**config)
    q, ends = one.arms.first.q, []
    found = exact_gradient(one.model, one.config.x, q)
    with torch.no_grad():
        for h in (1e-5, -2e-5):
            q.mean[0, 0] += h
            ends.append(elbo.elbo(one.model, one.config.x, q).item())
    assert found == pytest.approx((ends[0] - ends[1]) / 2e-5, abs=1e-4)


def variances(x: float, m: float, sigma: float) -> tuple[float, float, float]:
    """Of one draw's estimate for the linear model: reparameterised in closed form, score by quadrature, without and
    with the mean of log w as the baseline."""
    z = np.linspace(m - 10 * sigma, m + 10 * sigma, 40001)
    share = stats.norm.pdf(z, m, sigma) * (z[1] - z[0])
    log_w = stats.norm.logpdf(x, 2 * z, 0.5**0.5) + stats.norm.logpdf(z) - stats.norm.logpdf(z, m, sigma)
    score = (z - m) / sigma**2

    def variance(values: np.ndarray) -> float:
        return float(share @ values**2 - (share @ values) ** 2)

    return (4 / 0.5 + 1) ** 2 * sigma**2, variance(log_w * score), variance((log_w - share @ log_w) * score)


@pytest.mark.parametrize(("x", "m", "sigma"), [(1.5, 0.0, 1.0), (1.5, 0.0, 0.25), (1.5, 2.0, 0.3), (1.5, 2 / 3, 1 / 3)])
def test_variances_are_those_of_the_definition(x: float, m: float, sigma: float) -> None:
    one = made(model="linear", x=x, mean=m, sigma=sigma)
    samples = 64
    expected = dict(zip(NAMES, variances(x, m, sigma), strict=True))
    for how, values in of(one, samples, 4000).items():
        found, error = variance_of(values)
        assert found == pytest.approx(expected[how] / samples, abs=4 * error + 0.05 * found + 1e-12), how


def test_no_estimator_wins_everywhere() -> None:
    """Away from the optimum reparameterisation has the smallest variance; at the optimum the baseline's is zero."""
    away = {how: gradient_variance(*at(0.0, 0.25), how, 16) for how in ("reparameterised", "score", "score-baseline")}
    assert away["reparameterised"] < away["score-baseline"] < away["score"]
    best = {how: gradient_variance(*at(2 / 3, 1 / 3), how, 16) for how in ("reparameterised", "score-baseline")}
    assert best["score-baseline"] < 1e-9 < best["reparameterised"]


def at(m: float, sigma: float) -> tuple[Any, float, Any]:
    one = made(model="linear", x=1.5, mean=m, sigma=sigma)
    return one.model, 1.5, one.arms.first.q


def test_the_metric_is_the_variance_of_the_estimator_in_use() -> None:
    for how, expected in zip(NAMES, variances(1.5, 0.0, 1.0), strict=True):
        found = gradient_variance(*at(0.0, 1.0), how, samples=16, count=3000)  # type: ignore[arg-type]
        assert found == pytest.approx(expected / 16, rel=0.25), how
    assert gradient_variance(*at(0.0, 1.0), "exact", 16) == 0


def test_the_variance_and_its_error_by_hand() -> None:
    values = np.array([0.0, 0.0, 0.0, 4.0])  # mean 1, variance 4, fourth central moment 21
    variance, error = variance_of(values)
    assert variance == pytest.approx(4) and error == pytest.approx(math.sqrt((21 - 16 / 3) / 4))
    normal = np.random.default_rng(0).normal(size=200_000)
    assert variance_of(normal)[1] == pytest.approx(math.sqrt(2 / 200_000), rel=0.02)


def test_estimates_are_centred_on_the_exact_gradient() -> None:
    one = made(**CONFIGS["two"])
    exact = exact_gradient(one.model, one.config.x, one.arms.first.q)
    for how, values in of(one, 16, 2000).items():
        assert abs(values.mean() - exact) < 4 * values.std() / math.sqrt(2000), how


# ---------------------------------------------------------------- the picture


def test_rows_lines_and_labels() -> None:
    one = made(model="linear", x=1.5, mean=0.2, sigma=0.6, samples=9)
    figure = estimates(one, {})
    rows = {how: trace(figure, name) for how, name in NAMES.items()}
    assert [min(row["y"]) for row in rows.values()] == [2, 1, 0]
    assert rows["reparameterised"]["line"]["color"] == STANDARD
    assert len({row["line"]["color"] for row in rows.values()}) == 3
    exact = 2 * (1.5 - 0.4) / 0.5 - 0.2
    line = trace(figure, "exact gradient")
    assert line["x"] == [pytest.approx(exact, abs=1e-6)] * 2 and line["y"] == [0, 3]
    assert "9 samples" in title(figure, "xaxis")
    for (how, name), text, value in zip(NAMES.items(), said(figure), of(one, 9, 500, seed=0).values(), strict=True):
        variance, error = variance_of(value)
        assert text == f"{name}: variance {variance:.3g} ± {error:.3g}", how
    places = [(a["y"], a["yanchor"]) for a in figure["layout"]["annotations"]]
    assert [2 < y < 3 for y, _ in places[:1]] + [1 < y < 2 for y, _ in places[1:2]] + [0 < places[2][0] < 1] == [
        True
    ] * 3


def test_a_silhouette_is_the_histogram_of_its_estimates() -> None:
    one = made(model="linear", x=1.5, mean=0.2, sigma=0.6)
    values = of(one, 16, 500, seed=0)["score"]
    row = trace(estimates(one, {}), NAMES["score"])
    x, y = np.array(row["x"]), np.array(row["y"]) - 1
    assert (y[0], y[-1]) == (0, 0) and row["fill"] == "toself"
    edges, heights = x[::2], y[1:-1:2]
    assert (edges[0], edges[-1]) == (pytest.approx(values.min(), abs=1e-4), pytest.approx(values.max(), abs=1e-4))
    counts = np.array([((a <= values) & (values < b)).sum() for a, b in zip(edges[:-1], edges[1:], strict=True)])
    assert abs(counts.sum() - 500) <= 2
    np.testing.assert_allclose(heights, counts / counts.max() * heights.max(), atol=2.5 * heights.max() / counts.max())
    assert 0.4 < heights.max() < 1


def test_estimates_without_any_spread_have_a_place() -> None:
    one = made(model="linear", x=1.5, mean=2 / 3, sigma=1 / 3)  # the posterior: log w is the same everywhere
    figure = estimates(one, {})
    orjson.dumps(figure)
    row = trace(figure, NAMES["score-baseline"])
    assert np.abs(np.array(row["x"])).max() < 1e-4 and max(row["y"]) > 0.4


def test_an_answer_has_its_own_samples_and_seed() -> None:
    one = made(model="linear", samples=4)
    figures = [gradients(one, Estimates(samples=100, seed=seed)) for seed in (1, 1, 2)]
    assert "100 samples" in title(figures[0], "xaxis")
    assert figures[0] == figures[1] and said(figures[0]) != said(figures[2])


@each
def test_drawing_changes_nothing_and_is_finite(config: dict[str, Any]) -> None:
    one = made(**config)
    state, before = torch.get_rng_state(), {k: v.clone() for k, v in one.arms.first.q.state_dict().items()}
    for figure in (estimates(one, {}), gradients(one, Estimates())):
        assert len(orjson.dumps(figure)) < 30_000 and b"null" not in orjson.dumps(figure)
    gradient_variance(one.model, 1.0, one.arms.first.q, "score", 4)
    assert torch.equal(torch.get_rng_state(), state)
    assert all(torch.equal(v, before[k]) for k, v in one.arms.first.q.state_dict().items())
    assert all(parameter.grad is None for parameter in one.arms.first.q.parameters())
