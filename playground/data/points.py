"""Distributions of points in the plane, each about two units wide to either side."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

MODES = 8
"""Gaussians of the ring."""
SIGMA = 0.12
"""Standard deviation of each Gaussian of the ring, and of the noise around the moons; around the spiral, half of it."""
GRID_SIGMA = 0.1
"""Standard deviation of each Gaussian of the grid: its neighbours are ten of them away."""
STYLE_SIGMA = 0.35
"""Standard deviation of each style: its neighbours are six of them away, with room between them for what has none."""


def ring_centres() -> np.ndarray:
    """(8, 2), on the circle of radius 2."""
    angle = 2 * np.pi * np.arange(MODES) / MODES
    return 2 * np.stack([np.cos(angle), np.sin(angle)], 1)


def ring(random: np.random.Generator, count: int) -> np.ndarray:
    """(count, 2) draws of a mixture of eight Gaussians."""
    return mixture(random, count, ring_centres(), SIGMA)[0]


def grid_centres() -> np.ndarray:
    """(25, 2), five rows of five from −2 to 2, the lowest row first."""
    y, x = np.divmod(np.arange(25), 5)
    return np.stack([x, y], 1) - 2.0


def style_centres() -> np.ndarray:
    """(4, 2), on the diagonals of the circle of radius 1.5."""
    angle = np.pi / 4 + np.pi / 2 * np.arange(4)
    return 1.5 * np.stack([np.cos(angle), np.sin(angle)], 1)


def mixture(
    random: np.random.Generator, count: int, centres: np.ndarray, sigma: float
) -> tuple[np.ndarray, np.ndarray]:
    """(count, 2) draws of equally likely round Gaussians, and (count,) the index of each one's."""
    which = random.integers(len(centres), size=count)
    return centres[which] + sigma * random.standard_normal((count, 2)), which


def spiral(random: np.random.Generator, count: int) -> np.ndarray:
    """(count, 2) around an Archimedean spiral of one and a half turns, spread evenly along it."""
    turn = 3 * np.pi * np.sqrt(random.uniform(0.03, 1, count))
    line = 2 * turn / (3 * np.pi)
    points = np.stack([line * np.cos(turn), line * np.sin(turn)], 1)
    return points + SIGMA / 2 * random.standard_normal((count, 2))


def two_spirals(random: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray]:
    """(count, 2) around a spiral and the same one turned by half a circle, and (count,) 0 or 1: which of the two."""
    places, which = spiral(random, count), random.integers(2, size=count)
    return np.where(which[:, None] == 1, -places, places), which


def moons(random: np.random.Generator, count: int) -> np.ndarray:
    """(count, 2) around two half circles that reach into one another."""
    return two_moons(random, count)[0]


def two_moons(random: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray]:
    """(count, 2) around two half circles that reach into one another, and (count,) 0 or 1: 1 for the upper one."""
    angle, upper = np.pi * random.uniform(size=count), random.integers(2, size=count).astype(bool)
    x = np.where(upper, np.cos(angle), 1 - np.cos(angle)) - 0.5
    y = np.where(upper, np.sin(angle), 0.5 - np.sin(angle)) - 0.25
    return 1.3 * np.stack([x, y], 1) + SIGMA * random.standard_normal((count, 2)), upper.astype(np.int64)


DISTRIBUTIONS: dict[str, Callable[[np.random.Generator, int], np.ndarray]] = {
    "ring": ring, "spiral": spiral, "moons": moons,
}  # fmt: skip
"""Name → (random generator, count) → (count, 2) float64."""
