"""What the pictures of importance sampling show, with q, noise and weights that are known in closed form."""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np
import orjson
import pytest
import torch
from scipy import special, stats  # type: ignore[import-untyped]

from playground.concepts.elbo.config import ElboConfig
from playground.concepts.elbo.inference.estimators import drawn
from playground.concepts.elbo.inference.experiment import InferenceExperiment
from playground.concepts.elbo.inference.importance import importance, more_samples, samples
from playground.concepts.elbo.questions import Importance
from playground.palette import HIGHLIGHT, NOTES, STANDARD
from tests.figures.reading import trace

EVIDENCE, ELBO = -1.92098, -3.43319
"""Of the linear model at x = 1.5 with q = N(0.2, 0.6²), as printed in SCIENCE.md § 6."""
PRINTED = {"model": "linear", "x": 1.5, "mean": 0.2, "sigma": 0.6}
BEST = {"model": "linear", "x": 1.5, "mean": 2 / 3, "sigma": 1 / 3}
"""q is the posterior: all weights are p(x)."""
ONE_MODE = {"model": "modes", "x": 1.0, "mean": 1.19, "sigma": 0.19}
KS = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024]


def made(**config: Any) -> InferenceExperiment:
    torch.manual_seed(0)
    return InferenceExperiment(ElboConfig(**config))


def ratios(z: np.ndarray, x: float = 1.5, m: float = 0.2, sigma: float = 0.6) -> np.ndarray:
    """p(z|x) / q(z) of the linear model, whose posterior is N(2 x / 4.5, 0.5 / 4.5)."""
    return np.asarray(stats.norm.pdf(z, 2 * x / 4.5, (0.5 / 4.5) ** 0.5) / stats.norm.pdf(z, m, sigma))


def numbers(values: Any) -> np.ndarray:
    return np.array(values, dtype=float)


# ---------------------------------------------------------------- the sticks


def test_a_stick_stands_at_each_draw_and_is_as_high_as_its_weight() -> None:
    one = made(**PRINTED)
    sticks = trace(samples(one, {}), "q")
    x, y = numbers(sticks["x"]).reshape(-1, 3), numbers(sticks["y"]).reshape(-1, 3)
    z = 0.2 + 0.6 * one.pool[:60, 0].numpy()
    assert len(x) == 60 and np.isnan(x[:, 2]).all() and np.isnan(y[:, 2]).all()
    np.testing.assert_allclose(x[:, 0], z, atol=6e-4)
    np.testing.assert_allclose(x[:, 1], z, atol=6e-4)
    np.testing.assert_array_equal(y[:, 0], 0)
    np.testing.assert_allclose(y[:, 1], ratios(z), atol=2e-4)
    assert sticks.get("yaxis", "y") == "y" and sticks["line"]["color"] == STANDARD


def test_the_faint_curves_are_the_posterior_and_q_on_an_axis_of_their_own() -> None:
    figure = samples(made(**PRINTED), {})
    for name, m, sigma in (("p(z|x)", 2 / 3, 1 / 3), ("q(z)", 0.2, 0.6)):
        curve = trace(figure, name)
        np.testing.assert_allclose(curve["y"], stats.norm.pdf(numbers(curve["x"]), m, sigma), atol=2e-3)
        assert curve["yaxis"] == "y2" and curve["opacity"] < 1
    assert figure["layout"]["yaxis2"]["overlaying"] == "y"
    assert [shape["y0"] for shape in figure["layout"]["shapes"]] == [1]
    highest = np.nanmax(numbers(trace(figure, "q")["y"]))
    assert figure["layout"]["yaxis"]["range"][0] == 0 and figure["layout"]["yaxis"]["range"][1] > highest


def test_weights_of_the_posterior_are_all_one() -> None:
    figure = samples(made(**BEST), {})
    tops = numbers(trace(figure, "q")["y"]).reshape(-1, 3)[:, 1]
    np.testing.assert_allclose(tops, 1, atol=1e-4)
    assert [figure["layout"]["title"]["text"]] == ["q: 1,024 effective, mean 1.00"]


def test_inside_one_mode_weights_look_excellent_and_miss_the_rest() -> None:
    """The trap: 60 % of the mass is in this mode, so that the mean weight is about 0.6 of p(x)."""
    text = samples(made(**ONE_MODE), {})["layout"]["title"]["text"]
    count, mean = int(text.split()[1]), float(text.split()[-1])
    assert count > 950 and 0.55 < mean < 0.65


def test_what_is_said_is_of_the_whole_pool() -> None:
    one = made(**PRINTED)
    w = ratios(0.2 + 0.6 * one.pool[:, 0].numpy())
    assert [samples(one, {})["layout"]["title"]["text"]] == [
        f"q: {w.sum() ** 2 / (w**2).sum():.0f} effective, mean {w.mean():.2f}"
    ]


def test_three_arms_share_the_sticks() -> None:
    one = made(objective="all", **PRINTED)
    with torch.no_grad():
        one.arms["forward_kl"].q.mean.fill_(-1)
        one.arms["iwae"].q.mean.fill_(2)
    figure = samples(one, {})
    colours: dict[str, tuple[str, float]] = {
        "reverse KL": (STANDARD, 0.2),
        "forward KL": (NOTES, -1),
        "IWAE": (HIGHLIGHT, 2),
    }
    for name, (colour, mean) in colours.items():
        sticks = trace(figure, name)
        x = numbers(sticks["x"]).reshape(-1, 3)[:, 0]
        np.testing.assert_allclose(x, mean + 0.6 * one.pool[:20, 0].numpy(), atol=6e-4)
        assert sticks["line"]["color"] == colour
    assert [line.split(":")[0] for line in [figure["layout"]["title"]["text"]][0].split("<br>")] == list(colours)


def test_parts_of_a_mixture_are_drawn_by_their_weights() -> None:
    q = made(family="two-gaussians", mean=-2, mean2=2, sigma=0.5, sigma2=1, weight=0.4).arms.first.q
    noise, place = torch.tensor([[1.0], [1.0], [-1.0], [0.0]]).double(), torch.tensor([0.1, 0.41, 0.99, 0.39])
    np.testing.assert_allclose(drawn(q, noise, place).detach().numpy(), [[-1.5], [3.0], [1.0], [-2.0]], atol=1e-12)


# ---------------------------------------------------------------- the plane


def test_areas_in_the_plane_are_weights() -> None:
    one = made(model="curved", x=1.0, mean=0.3, mean2=0.5, sigma=0.7, sigma2=0.9, correlation=0.6)
    points = trace(samples(one, {}), "q")
    e = one.pool[:60].numpy()
    z1, z2 = 0.3 + 0.7 * e[:, 0], 0.5 + 0.9 * (0.6 * e[:, 0] + 0.8 * e[:, 1])
    np.testing.assert_allclose(points["x"], z1, atol=6e-4)
    np.testing.assert_allclose(points["y"], z2, atol=6e-4)
    covariance = [[0.49, 0.6 * 0.63], [0.6 * 0.63, 0.81]]
    joint = stats.norm.logpdf(1.0, z1**2 + z2, 0.3) + stats.norm.logpdf(z1) + stats.norm.logpdf(z2)
    log_w = joint - stats.multivariate_normal([0.3, 0.5], covariance).logpdf(np.stack([z1, z2], 1))
    sizes = numbers(points["marker"]["size"])
    shown = sizes > 1.2
    assert shown.sum() >= 10 and sizes.max() <= 26
    share = sizes[shown] ** 2 / (sizes**2).max()
    np.testing.assert_allclose(share, np.exp(log_w - log_w.max())[shown], atol=0.01)
    z = np.linspace(-9, 9, 9001)
    evidence = np.log((stats.norm.pdf(1.0, z**2, 1.09**0.5) * stats.norm.pdf(z)).sum() * 0.002)
    np.testing.assert_allclose(points["customdata"], np.exp(log_w - evidence), atol=1e-3, rtol=1e-3)


def test_the_posterior_lies_where_it_is_in_the_plane() -> None:
    """At x = −3 its top is at z₁ = 0 and z₂ = −3 / 1.09, far from (z₂, z₁)."""
    heat = trace(samples(made(model="curved", x=-3.0), {}), "p(z|x)")
    z = numbers(heat["z"])
    row, column = np.unravel_index(z.argmax(), z.shape)
    assert heat["x"][column] == pytest.approx(0, abs=0.21) and heat["y"][row] == pytest.approx(-2.75, abs=0.21)


def test_ellipses_are_at_one_and_two_sigma() -> None:
    one = made(model="curved", mean=0.3, mean2=-0.5, sigma=0.7, sigma2=0.9, correlation=0.6)
    line = next(t for t in samples(one, {})["data"] if t.get("mode") == "lines" and "name" not in t)
    away = np.stack([numbers(line["x"]) - 0.3, numbers(line["y"]) + 0.5])
    inverse = np.linalg.inv([[0.49, 0.6 * 0.63], [0.6 * 0.63, 0.81]])
    radii = np.sqrt(np.einsum("in,ij,jn->n", away, inverse, away))
    radii = radii[~np.isnan(radii)]
    assert len(radii) == 80
    np.testing.assert_allclose(radii, [1.0] * 40 + [2.0] * 40, atol=4e-3)


# ---------------------------------------------------------------- more samples


def test_the_bound_is_the_mean_over_nested_halves() -> None:
    one = made(**PRINTED)
    line = trace(more_samples(one, {}), "q")
    log_w = np.log(ratios(0.2 + 0.6 * one.pool[:, 0].numpy())) + EVIDENCE
    assert line["x"] == KS
    for k, y, error in zip(KS, line["y"], line["error_y"]["array"], strict=True):
        groups = special.logsumexp(log_w.reshape(-1, k), axis=1) - math.log(k)
        assert y == pytest.approx(groups.mean(), abs=2e-4)
        if k == 1024:
            assert error is None
        else:
            assert error == pytest.approx(groups.std(ddof=1) / math.sqrt(len(groups)), abs=2e-4)
    np.testing.assert_allclose(line["customdata"], EVIDENCE - np.array(line["y"]), atol=2e-4)


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("config", [PRINTED, ONE_MODE, {"model": "curved"}, {"family": "two-gaussians"}])
def test_the_bound_rises_with_every_doubling(config: dict[str, Any], seed: int) -> None:
    one = made(**config)
    one.pool = torch.randn(one.pool.shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    y = trace(more_samples(one, {}), "q")["y"]
    assert all(b >= a for a, b in zip(y[:-1], y[1:], strict=True))


def test_lines_at_the_evidence_and_at_the_bound() -> None:
    figure = more_samples(made(**PRINTED), {})
    assert [shape["y0"] for shape in figure["layout"]["shapes"]] == [
        pytest.approx(EVIDENCE, abs=1e-5), pytest.approx(ELBO, abs=1e-5),
    ]  # fmt: skip
    label = figure["layout"]["annotations"][0]
    assert (label["text"], label["y"]) == ("log p(x)", pytest.approx(EVIDENCE, abs=1e-5))
    assert figure["layout"]["xaxis"]["type"] == "log"


def test_at_the_posterior_every_k_gives_the_evidence() -> None:
    line = trace(more_samples(made(**BEST), {}), "q")
    np.testing.assert_allclose(line["y"], EVIDENCE, atol=1e-4)


def test_inside_one_mode_no_k_closes_the_gap() -> None:
    y = numbers(trace(more_samples(made(**ONE_MODE), {}), "q")["y"])
    gap = -1.4853 - y
    assert gap[0] - gap[-1] < 0.05 and 0.45 < gap[-1] < 0.55


# ---------------------------------------------------------------- the answer


def answer(one: InferenceExperiment, **question: Any) -> list[dict[str, Any]]:
    return list(importance(one, Importance(**question)))


def means(figure: dict[str, Any], name: str = "q") -> dict[str, Any]:
    return next(t for t in figure["data"] if t.get("name") == name and t.get("yaxis", "y") == "y")


def counts(figure: dict[str, Any], name: str = "q") -> dict[str, Any]:
    return trace(figure, name, yaxis="y2")


def test_printed_bounds_within_four_standard_errors() -> None:
    """K = 1 in closed form; 512 as SCIENCE.md § 6 prints it of 500: −1.922."""
    line = means(answer(made(**PRINTED), draws=200)[-1])
    assert line["x"] == KS
    assert line["y"][0] == pytest.approx(ELBO, abs=4 * line["error_y"]["array"][0])
    assert line["error_y"]["array"][9] < 0.005
    assert line["y"][9] == pytest.approx(-1.922, abs=4 * line["error_y"]["array"][9] + 5e-4)
    assert all(b >= a for a, b in zip(line["y"][:-1], line["y"][1:], strict=True))


def test_errors_are_those_of_independent_pools() -> None:
    """Over other seeds, the means at K = 1,024 differ by as much as the standard error says."""
    one = made(**PRINTED)
    lines = [means(answer(one, draws=20, seed=seed)[-1]) for seed in range(30)]
    spread = np.std([line["y"][-1] for line in lines], ddof=1)
    said_error = np.mean([line["error_y"]["array"][-1] for line in lines])
    assert 0.6 < spread / said_error < 1.6


def test_the_band_holds_four_fifths_of_the_bounds() -> None:
    """At K = 1, where log w is a quadratic of a Gaussian z: its quantiles from a million draws."""
    figure = answer(made(**PRINTED), draws=100)[-1]
    band = trace(figure, "q: 80 % of the bounds")
    assert band["x"] == [*KS, *KS[::-1]] and band["fill"] == "toself"
    z = np.random.default_rng(0).normal(0.2, 0.6, 1_000_000)
    low, high = np.quantile(np.log(ratios(z)) + EVIDENCE, [0.1, 0.9])
    assert (band["y"][0], band["y"][-1]) == (pytest.approx(low, abs=0.05), pytest.approx(high, abs=0.01))
    y = numbers(band["y"])
    widths = y[::-1][:11] - y[:11]
    assert all(widths > 0) and widths[-1] < widths[0]


def test_all_samples_of_the_posterior_count() -> None:
    line = counts(answer(made(**BEST), draws=3)[-1])
    np.testing.assert_allclose(line["y"], KS, rtol=1e-6)
    reference = trace(answer(made(**BEST), draws=2)[-1], "all samples count")
    assert reference["x"] == reference["y"] == [1, 1024]


def test_a_bad_q_costs_samples() -> None:
    """The mean of (Σ w)² / Σ w², of independent draws, for two weights and for many: K / E[w²] where E[w] = 1."""
    line = counts(answer(made(**PRINTED), draws=200)[-1])
    z = np.linspace(-6, 6, 60001)
    second = (ratios(z) ** 2 * stats.norm.pdf(z, 0.2, 0.6)).sum() * (z[1] - z[0])
    assert line["y"][-1] == pytest.approx(1024 / second, rel=0.03)
    w = ratios(np.random.default_rng(1).normal(0.2, 0.6, (400_000, 2)))
    of_two = (w.sum(1) ** 2 / (w**2).sum(1)).mean()
    assert line["y"][1] == pytest.approx(of_two, abs=4 * line["error_y"]["array"][1] + 2e-3)
    assert line["y"][0] == pytest.approx(1)


def test_an_answer_comes_in_parts_with_more_and_more_pools_of_one_model() -> None:
    one = made(**PRINTED)
    whole = answer(one, draws=120, seed=4)
    assert len(whole) == 3
    errors = [means(figure)["error_y"]["array"][0] for figure in whole]
    assert errors[0] > errors[1] > errors[2]
    parts = importance(one, Importance(draws=120, seed=4))
    first = next(parts)
    with torch.no_grad():
        one.arms.first.q.mean.fill_(-3)  # training goes on between two parts
    assert [first, *parts] == whole
    assert means(answer(made(**PRINTED), draws=120, seed=5)[-1])["y"] != means(whole[-1])["y"]


def test_an_answer_has_a_line_for_each_arm() -> None:
    one = made(objective="all", **BEST)
    with torch.no_grad():
        one.arms["iwae"].q.mean.fill_(0.0)
    figure = answer(one, draws=4)[-1]
    np.testing.assert_allclose(means(figure, "reverse KL")["y"], EVIDENCE, atol=1e-4)
    assert means(figure, "IWAE")["y"][0] < EVIDENCE - 0.5
    assert counts(figure, "IWAE")["y"][-1] < 900 < counts(figure, "forward KL")["y"][-1]
    assert [s["y0"] for s in figure["layout"]["shapes"]] == [pytest.approx(EVIDENCE, abs=1e-5)]


@pytest.mark.parametrize(
    "config",
    [PRINTED, {"family": "two-gaussians"}, {"model": "curved", "objective": "all"}, {"mean": -4.0, "sigma": 0.05}],
)
def test_drawing_changes_nothing_and_is_finite(config: dict[str, Any]) -> None:
    one = made(**config)
    state = torch.get_rng_state()
    before = {arm: {k: v.clone() for k, v in fit.q.state_dict().items()} for arm, fit in one.arms.items()}
    for figure in (samples(one, {}), more_samples(one, {}), *answer(one, draws=60)):
        assert len(orjson.dumps(figure)) < 40_000 and not re.search(r"\binf\b", repr(figure))
    assert torch.equal(torch.get_rng_state(), state)
    for arm, fit in one.arms.items():
        assert all(torch.equal(v, before[arm][k]) for k, v in fit.q.state_dict().items())
