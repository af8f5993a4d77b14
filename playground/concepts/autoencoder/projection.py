"""The plane in which latents are shown: z itself in two dimensions, the main axes of the means beyond."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from playground.concepts.autoencoder.experiment import AutoencoderExperiment
from playground.concepts.autoencoder.texts import say
from playground.figures.charts import principal_axes, turned_like_before


@dataclass(frozen=True)
class Projection:
    """Maps codes (n, d) to points (n, 2) and back."""

    mean: np.ndarray
    axes: np.ndarray
    """(2, d), orthonormal; the second row is 0 when d = 1"""
    titles: tuple[str, str]

    def project(self, z: np.ndarray) -> np.ndarray:
        return (z - self.mean) @ self.axes.T

    def lift(self, points: np.ndarray) -> np.ndarray:
        """The code in the plane; what lies outside it is left at the mean."""
        return (self.mean + np.asarray(points, dtype=np.float32) @ self.axes).astype(np.float32)

    def radii(self, log_var: np.ndarray) -> np.ndarray:
        """(n, d) log variances → (n, 2) standard deviations along the two axes."""
        return np.sqrt(np.exp(log_var) @ (self.axes**2).T)


def projection(experiment: AutoencoderExperiment, mu: np.ndarray | None = None) -> Projection:
    """The plane of an experiment's codes. mu: (500, d) means of the held-out digits, where they are known already"""
    latent = experiment.config.latent
    if latent <= 2:
        axes = np.eye(2, latent, dtype=np.float32)
        second = "z₂" if latent == 2 else say("figures.projection.one_dimension")
        return Projection(np.zeros(latent, np.float32), axes, ("z₁", second))
    mu = experiment.heldout_posterior()[0] if mu is None else mu
    mean, axes, share = principal_axes(mu)
    axes = turned_like_before(experiment, axes)
    titles = (
        say("figures.projection.first", percent=100 * share[0]),
        say("figures.projection.second", percent=100 * share[1]),
    )
    return Projection(mean.astype(np.float32), axes.astype(np.float32), titles)
