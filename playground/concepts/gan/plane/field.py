"""The duel in the plane, with both halves of the last step: a pure function of the experiment."""

from __future__ import annotations

import base64
import math
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch
from torch import Tensor, nn
from torch.func import functional_call

from playground.concept import Figure, History
from playground.concepts.gan.belief import belief
from playground.concepts.gan.plane import measures
from playground.concepts.gan.plane.experiment import SHOWN, PlaneExperiment
from playground.concepts.gan.plane.real import REACH
from playground.figures.base import rounded

SIDE = 40
"""Cells of the field in a row."""
LINES, ALONG, NOISE_REACH = 11, 21, 2.0
"""Lines of the noise's grid each way, places on each, and how far it goes: two standard deviations."""


@contextmanager
def unchanged(net: nn.Module) -> Iterator[None]:
    """Evaluation mode: spectral norm keeps its estimates."""
    was_training = net.training
    net.eval()
    try:
        yield
    finally:
        net.train(was_training)


def points(experiment: PlaneExperiment, history: History) -> Figure:
    """Field, points and gradients before and after the last step."""
    D, G = experiment.discriminator, experiment.generator
    noise = experiment.fixed_noise[:SHOWN]
    with unchanged(D):
        with torch.no_grad():
            before = functional_call(G, experiment.before["generator"], (noise,))
            after, mesh = G(noise), [G(line) for line in noise_grid(experiment.config.noise)]
            cells = field_places()
            fields = {
                "fieldBefore": functional_call(D, experiment.before["discriminator"], (cells,)),
                "fieldAfter": D(cells),
            }
        arrows = downhill(experiment, before)
    loss = experiment.config.loss
    return {"duel": {
        "reach": REACH, "side": SIDE,
        **{name: as_bytes(confidence(loss, logits)) for name, logits in fields.items()},
        "real": rounded(experiment.real.points[:SHOWN].numpy(), 2), "before": rounded(before.numpy(), 3),
        "after": rounded(after.numpy(), 3),
        "average": rounded(experiment.generated()[:SHOWN].numpy(), 2), "arrows": rounded(arrows.numpy(), 4),
        "mesh": [rounded(line.numpy(), 2) for line in mesh],
        "styles": style_shares(experiment, after),
        "drawable": experiment.config.data == "drawn",
    }}  # fmt: skip


def field_places() -> Tensor:
    """(SIDE², 2) middles of the cells, the top row first."""
    middles = (np.arange(SIDE) + 0.5) / SIDE * 2 * REACH - REACH
    x, y = np.meshgrid(middles, middles[::-1])
    return torch.from_numpy(np.stack([x.ravel(), y.ravel()], 1).astype(np.float32))


def confidence(loss: str, logits: Tensor) -> np.ndarray:
    """0 to 1: how sure the discriminator is that points are real, by what its loss makes of its numbers.

    A Wasserstein critic's scores mean nothing by themselves: their range in the plane becomes 0 to 1.
    """
    if loss == "WGAN-GP":
        found = (logits - logits.min()) / (logits.max() - logits.min()).clamp_min(1e-9)
    else:
        found = belief(loss, logits)
    return np.nan_to_num(found.numpy(), nan=0.5)


def as_bytes(shares: np.ndarray) -> str:
    return base64.b64encode(np.round(255 * shares).astype(np.uint8).tobytes()).decode()


def downhill(experiment: PlaneExperiment, places: Tensor) -> Tensor:
    """(n, 2) −∂L_G/∂x at points: where the generator's half of the step pushes each of them."""
    with torch.enable_grad():
        x = places.detach().clone().requires_grad_()
        (gradient,) = torch.autograd.grad(experiment.generator_objective(x), x)
    return -len(places) * gradient.nan_to_num()


def noise_grid(size: int) -> list[Tensor]:
    """Lines of a square grid in the first two of the noise's numbers, (ALONG, size) each; a single one has one line."""
    along = torch.linspace(-NOISE_REACH, NOISE_REACH, ALONG)
    if size == 1:
        return [along[:, None]]
    lines = []
    for first in (0, 1):
        for value in torch.linspace(-NOISE_REACH, NOISE_REACH, LINES).tolist():
            line = torch.zeros(ALONG, size)
            line[:, first], line[:, 1 - first] = value, along
            lines.append(line)
    return lines


def style_shares(experiment: PlaneExperiment, places: Tensor) -> list[float] | None:
    """Of a CAN: the entropy of each point's exact style as a share of its maximum ln K."""
    mixture = experiment.real.mixture
    if experiment.discriminator.style is None or mixture is None:
        return None
    log_p = measures.log_posterior(places.double().numpy(), mixture.centres, mixture.sigma)
    entropy = -(np.exp(log_p) * log_p).sum(1)
    return rounded(entropy / math.log(len(mixture.centres)), 2)
