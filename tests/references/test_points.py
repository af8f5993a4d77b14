"""The point clouds against their closed forms: places, densities, noise; and how they are split."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.datasets import make_moons

from playground.concepts.vqvae.data import HELDOUT_POINTS, POINTS, examples
from playground.data.points import (
    DISTRIBUTIONS,
    GRID_SIGMA,
    SIGMA,
    STYLE_SIGMA,
    grid_centres,
    mixture,
    moons,
    ring,
    ring_centres,
    spiral,
    style_centres,
    two_moons,
    two_spirals,
)

COUNT = 20_000


def nearest(points: np.ndarray, curve: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Of each point, the index of the nearest place of a curve and the distance from it."""
    distance = np.linalg.norm(points[:, None] - curve[None], axis=2)
    return distance.argmin(1), distance.min(1)


def test_the_ring_s_gaussians_stand_on_a_circle() -> None:
    centres = ring_centres()
    half = 2**0.5
    expected = [(2, 0), (half, half), (0, 2), (-half, half), (-2, 0), (-half, -half), (0, -2), (half, -half)]
    np.testing.assert_allclose(centres, expected, atol=1e-12)

    points = ring(np.random.default_rng(0), COUNT)
    which, _ = nearest(points, centres)
    shares = np.bincount(which, minlength=8) / COUNT
    assert np.abs(shares - 1 / 8).max() < 0.01
    noise = points - centres[which]
    assert noise.mean(0) == pytest.approx([0, 0], abs=0.005)
    assert noise.std(0) == pytest.approx([SIGMA, SIGMA], rel=0.03)


def test_the_ring_draws_as_it_always_has() -> None:
    """Its first numbers come from the index, then from the noise: runs from the same seed stay as they were."""
    random = np.random.default_rng(3)
    which, noise = random.integers(8, size=5), random.standard_normal((5, 2))
    np.testing.assert_array_equal(ring(np.random.default_rng(3), 5), ring_centres()[which] + 0.12 * noise)


def test_the_grid_s_gaussians_are_clearly_apart() -> None:
    centres = grid_centres()
    assert {tuple(c) for c in centres.tolist()} == {(x, y) for x in range(-2, 3) for y in range(-2, 3)}
    assert centres[1].tolist() == [-1, -2]
    points, _ = mixture(np.random.default_rng(0), COUNT, centres, GRID_SIGMA)
    which, distance = nearest(points, centres)
    assert np.abs(np.bincount(which, minlength=25) / COUNT - 1 / 25).max() < 0.006
    assert (points - centres[which]).std(0) == pytest.approx([GRID_SIGMA, GRID_SIGMA], rel=0.03)
    assert (distance < 3 * GRID_SIGMA).mean() == pytest.approx(1 - np.exp(-4.5), abs=0.003)
    assert 2 * 3 * GRID_SIGMA < 1  # what counts as one mode's can't be another's


def test_styles_know_which_gaussian_each_point_is_of() -> None:
    centres = style_centres()
    assert np.linalg.norm(centres, axis=1) == pytest.approx([1.5] * 4)
    assert np.sign(centres).tolist() == [[1, 1], [-1, 1], [-1, -1], [1, -1]]
    assert np.abs(centres) == pytest.approx(np.full((4, 2), 1.5 / 2**0.5))
    points, which = mixture(np.random.default_rng(0), COUNT, centres, STYLE_SIGMA)
    assert np.abs(np.bincount(which, minlength=4) / COUNT - 1 / 4).max() < 0.015
    noise = points - centres[which]
    assert noise.mean(0) == pytest.approx([0, 0], abs=0.01)
    assert noise.std(0) == pytest.approx([STYLE_SIGMA, STYLE_SIGMA], rel=0.03)


def test_the_spiral_is_archimedean_and_evenly_spread() -> None:
    """r = 2θ / 3π: one and a half turns counter-clockwise, as many points along each piece of its length."""
    points = spiral(np.random.default_rng(0), COUNT)
    angle = np.linspace(np.sqrt(0.03), 1, 600) * 3 * np.pi
    curve = (2 * angle / (3 * np.pi))[:, None] * np.stack([np.cos(angle), np.sin(angle)], 1)
    which, distance = nearest(points[:4000], curve)
    assert np.sqrt((distance**2).mean()) == pytest.approx(SIGMA / 2, rel=0.1)  # across the line, one dimension
    length = np.concatenate([[0], np.linalg.norm(np.diff(curve, axis=0), axis=1).cumsum()])
    along = np.histogram(length[which] / length[-1], 5, (0, 1))[0] / 4000
    assert np.abs(along - 0.2).max() < 0.03


def test_two_spirals_are_one_and_the_same_turned_by_half_a_circle() -> None:
    points, which = two_spirals(np.random.default_rng(0), 4000)
    assert set(which.tolist()) == {0, 1} and which.mean() == pytest.approx(0.5, abs=0.03)
    angle = np.linspace(np.sqrt(0.03), 1, 600) * 3 * np.pi
    curve = (2 * angle / (3 * np.pi))[:, None] * np.stack([np.cos(angle), np.sin(angle)], 1)
    turned = curve @ [[-1, 0], [0, -1]]
    for label, own, other in ((0, curve, turned), (1, turned, curve)):
        _, distance = nearest(points[which == label], own)
        assert np.sqrt((distance**2).mean()) == pytest.approx(SIGMA / 2, rel=0.1)
        assert nearest(points[which == label], other)[1].mean() > 0.4, "the arms stay apart"


def test_the_classes_of_two_moons_are_its_half_circles() -> None:
    points, which = two_moons(np.random.default_rng(0), 4000)
    theirs, lower = make_moons(1000, shuffle=False, noise=None)  # 0 is the upper one
    curve = 1.3 * (theirs - [0.5, 0.25])
    assert which.dtype == np.int64 and which.mean() == pytest.approx(0.5, abs=0.03)
    for label in (0, 1):
        _, distance = nearest(points[which == label], curve[lower == 1 - label])
        assert np.sqrt((distance**2).mean()) == pytest.approx(SIGMA, rel=0.1)
    np.testing.assert_array_equal(points, moons(np.random.default_rng(0), 4000))


def test_the_moons_are_scikit_learns() -> None:
    points = moons(np.random.default_rng(0), 4000)
    theirs, upper = make_moons(1000, shuffle=False, noise=None)
    curve = 1.3 * (theirs - [0.5, 0.25])
    which, distance = nearest(points, curve)
    assert np.sqrt((distance**2).mean()) == pytest.approx(SIGMA, rel=0.1)
    assert upper[which].mean() == pytest.approx(0.5, abs=0.03)
    along = np.histogram(which % 500, 5, (0, 500))[0] / 4000
    assert np.abs(along - 0.2).max() < 0.06  # the ends gather what noise pushes beyond them


@pytest.mark.parametrize("name", sorted(DISTRIBUTIONS))
def test_heldout_points_are_others_of_the_same_distribution(name: str) -> None:
    data = examples(name)
    assert data.train.shape == (POINTS, 2) and data.heldout.shape == (HELDOUT_POINTS, 2) and not data.images
    train, heldout = ({tuple(p) for p in part.tolist()} for part in (data.train, data.heldout))
    assert len(train) == POINTS and len(heldout) == HELDOUT_POINTS and not train & heldout
    everything = DISTRIBUTIONS[name](np.random.default_rng(0), POINTS + HELDOUT_POINTS).astype(np.float32)
    np.testing.assert_array_equal(np.concatenate([data.train, data.heldout]), everything)
    spread = data.train.std(0)
    assert ((data.heldout.std(0) - spread).abs() / spread).max() < 0.15
