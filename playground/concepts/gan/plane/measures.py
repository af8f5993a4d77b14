"""How good generated points are, judged by the distribution that the real ones come from and never by D."""

from __future__ import annotations

import numpy as np

QUALITY_SIGMAS = 3.0
"""A point of such a distance from a centre still counts as its Gaussian's; so do 98.9 % of its own draws."""
LEAST_SHARE = 0.2
"""A mode counts as covered with this part of its fair share 1 / K of all points."""


def distances(points: np.ndarray, others: np.ndarray) -> np.ndarray:
    """(n, 2), (m, 2) → (n, m)."""
    return np.linalg.norm(points[:, None] - others[None], axis=2)


def modes_covered(points: np.ndarray, centres: np.ndarray, sigma: float, least_share: float = LEAST_SHARE) -> int:
    """Gaussians of the mixture within whose 3 σ at least `least_share` / K of the points lie."""
    shares = (distances(points, centres) <= QUALITY_SIGMAS * sigma).mean(0)  # (K,)
    return int((shares >= least_share / len(centres)).sum())


def largest_mode_share(points: np.ndarray, centres: np.ndarray, sigma: float) -> float:
    """Share of points within 3 σ of the centre that has most of them: near 1 where the generator has collapsed."""
    return float((distances(points, centres) <= QUALITY_SIGMAS * sigma).mean(0).max())


def high_quality(points: np.ndarray, centres: np.ndarray, sigma: float) -> float:
    """Share of points within 3 σ of a centre."""
    return float((distances(points, centres).min(1) <= QUALITY_SIGMAS * sigma).mean())


def share_near(points: np.ndarray, others: np.ndarray, distance: float) -> float:
    """Share of points with one of the others within a distance.

    Of generated points near real ones it is their quality; of real points near generated ones, what G covers.
    """
    return float((nearest(points, others) <= distance).mean())


def nearest(points: np.ndarray, others: np.ndarray) -> np.ndarray:
    """(n, 2), (m, 2) → (n,) each point's distance from the nearest of the others.

    Curves are measured on millions of pairs: one root a point takes a fifth of the time of one root a pair.
    """
    squares = (points[:, None, 0] - others[:, 0]) ** 2 + (points[:, None, 1] - others[:, 1]) ** 2  # (n, m)
    return np.sqrt(squares.min(1))


def log_posterior(points: np.ndarray, centres: np.ndarray, sigma: float) -> np.ndarray:
    """log p(style|x) of every style, each a Gaussian and all equally likely, by Bayes' rule: (n, K) nats."""
    logits = -(distances(points, centres) ** 2) / (2 * sigma**2)
    return logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)


def log_density(points: np.ndarray, centres: np.ndarray, sigma: float) -> np.ndarray:
    """log p(x) of the mixture of equally likely Gaussians: (n,)."""
    logits = -(distances(points, centres) ** 2) / (2 * sigma**2)
    return np.logaddexp.reduce(logits, axis=1) - np.log(len(centres) * 2 * np.pi * sigma**2)


def style_entropy(points: np.ndarray, centres: np.ndarray, sigma: float) -> float:
    """Mean entropy of the exact p(style|x) in nats: 0 where every style is plain, ln K where none is."""
    log_p = log_posterior(points, centres, sigma)
    return float(-(np.exp(log_p) * log_p).sum(1).mean())


def in_distribution(
    points: np.ndarray, real: np.ndarray, centres: np.ndarray, sigma: float, quantile: float = 0.01
) -> float:
    """Share of points where the mixture is denser than at all but the `quantile` sparsest of its own draws."""
    least = np.quantile(log_density(real, centres, sigma), quantile)
    return float((log_density(points, centres, sigma) >= least).mean())
