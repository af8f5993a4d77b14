"""The measures of generated points against cases made by hand and closed forms."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from playground.concepts.gan.plane.measures import (
    high_quality,
    in_distribution,
    log_density,
    log_posterior,
    modes_covered,
    share_near,
    style_entropy,
)

CENTRES = np.array([[0.0, 0.0], [4.0, 0.0], [0.0, 4.0]])


def test_modes_count_from_a_fifth_of_their_fair_share_on() -> None:
    """30 points, three modes: a fair share is 10, so two points are enough and one is not."""
    points = np.repeat([[0.0, 0.25], [4.1, 0.0], [0.0, 4.0], [2.0, 2.0]], [20, 2, 1, 7], axis=0)
    assert modes_covered(points, CENTRES, 0.1) == 2
    assert modes_covered(points, CENTRES, 0.1, least_share=0.1) == 3
    assert modes_covered(points, CENTRES, 0.1, least_share=0.21) == 1
    assert modes_covered(points, CENTRES, 0.05) == 1  # 0.25 is beyond 3 × 0.05: the first is lost
    assert modes_covered(np.full((30, 2), 2.0), CENTRES, 0.1) == 0
    assert high_quality(points, CENTRES, 0.1) == pytest.approx(23 / 30)
    assert high_quality(points, CENTRES, 0.05) == pytest.approx(3 / 30)


def test_three_sigma_hold_98_9_percent_of_a_gaussian_in_the_plane() -> None:
    random = np.random.default_rng(0)
    points = CENTRES[random.integers(3, size=20_000)] + 0.3 * random.standard_normal((20_000, 2))
    assert high_quality(points, CENTRES, 0.3) == pytest.approx(1 - math.exp(-4.5), abs=0.003)


def test_share_near_has_a_direction() -> None:
    real, generated = np.array([[0.0, 0.0], [1.0, 0.0], [2.0, 0.0], [3.0, 0.0]]), np.array([[0.0, 0.1], [0.05, 0.0]])
    assert share_near(generated, real, 0.2) == 1 and share_near(real, generated, 0.2) == 0.25
    assert share_near(generated, real, 0.07) == 0.5


def test_posterior_and_density_are_those_of_the_mixture() -> None:
    """torch's, one Gaussian at a time."""
    points = np.random.default_rng(0).uniform(-2, 5, (7, 2))
    gaussians = [
        torch.distributions.MultivariateNormal(torch.tensor(c), 1.3**2 * torch.eye(2).double()) for c in CENTRES
    ]
    each = torch.stack([g.log_prob(torch.tensor(points)).exp() for g in gaussians], 1).numpy() / 3
    np.testing.assert_allclose(log_density(points, CENTRES, 1.3), np.log(each.sum(1)), rtol=1e-10)
    expected = each / each.sum(1, keepdims=True)
    np.testing.assert_allclose(np.exp(log_posterior(points, CENTRES, 1.3)), expected, rtol=1e-10)
    entropy = -(expected * np.log(expected)).sum(1).mean()
    assert style_entropy(points, CENTRES, 1.3) == pytest.approx(entropy, rel=1e-10)


def test_style_entropy_where_it_is_known() -> None:
    assert style_entropy(np.array([[2.0, 2.0]]), CENTRES, 0.7) == pytest.approx(math.log(3))  # as far from each
    assert style_entropy(np.array([[2.0, -90.0]]), CENTRES, 0.7) == pytest.approx(math.log(2))  # from two of them
    assert style_entropy(CENTRES, CENTRES, 0.1) == pytest.approx(0, abs=1e-12)
    assert style_entropy(np.array([[900.0, 0.0]]), CENTRES, 0.01) == pytest.approx(0, abs=1e-12)  # no NaN far away


def test_in_distribution_leaves_out_the_sparsest_of_the_real() -> None:
    """Of one Gaussian, the 99 % region is a disc of radius σ √(2 ln 100)."""
    random, centre, sigma = np.random.default_rng(0), np.array([[1.0, -1.0]]), 0.5
    real = centre + sigma * random.standard_normal((200_000, 2))
    edge = sigma * math.sqrt(2 * math.log(100))
    points = centre + np.array([[0.0, 0.0], [0.97 * edge, 0.0], [0.0, 1.03 * edge], [9.0, 9.0], [0.1, 0.1]])
    assert in_distribution(points, real, centre, sigma) == pytest.approx(3 / 5)
    assert in_distribution(real, real, centre, sigma, 0.05) == pytest.approx(0.95, abs=1e-4)
