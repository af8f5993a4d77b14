"""A colour for every code, by its place in the plane: codes that are near one another look alike."""

from __future__ import annotations

import numpy as np

from playground.concepts.vqvae.experiment import VQVAEExperiment


def code_colours(experiment: VQVAEExperiment) -> np.ndarray:
    """(K, 3) uint8: the direction from the middle of the used codes is the hue, the distance makes it stronger."""
    points = experiment.projection.project(experiment.model.codebook.detach())
    weight = experiment.counts.numpy() / max(float(experiment.counts.sum()), 1e-9)
    x, y = (points - weight @ points).T
    distance = np.hypot(x, y)
    reach = max(float(np.quantile(distance, 0.9)), 1e-9)
    strength = np.clip(distance / reach, 0, 1)
    hue = np.arctan2(y, x)
    # Three cosines a third of a turn apart, around a grey that reads on light and dark pages.
    thirds = np.array([0, 2 * np.pi / 3, 4 * np.pi / 3])
    wave = np.cos(hue[:, None] - thirds)
    return np.clip(140 + 105 * strength[:, None] * wave, 0, 255).astype(np.uint8)


def css(colours: np.ndarray) -> list[str]:
    """(n, 3) uint8 → "#rrggbb" of each."""
    return ["#" + bytes(row).hex() for row in colours]
