"""One run of EM on points of the plane: each step is one half, an E-step and then an M-step, by training or by hand."""

from __future__ import annotations

from typing import Any, Literal

import torch
from torch import Tensor

from models.gaussian_mixture import Family, GaussianMixture, bound, log_likelihood, maximised, responsibilities
from playground.concepts.elbo.config import ElboConfig
from playground.training.arms import Arms

Half = Literal["e", "m"]

POINTS = 300
WEIGHTS = (0.4, 0.35, 0.25)
MEANS = ((-1.4, -0.7), (1.4, -0.4), (0.1, 1.3))
ROOTS = (((0.7, 0.0), (0.3, 0.4)), ((0.7, 0.0), (-0.225, 0.39)), ((0.5, 0.0), (0.13, 0.637)))
"""Of the mixture from which the points are drawn, L of the covariances L Lᵀ: its Gaussians overlap."""
NEAR = 0.3
"""Share of the way from the middle of all points to a point of its own at which each Gaussian starts. With three
Gaussians, EM comes within 0.002 nats of its end in 8 to 59 pairs of half-steps, 20 in the median of 20 seeds."""
KEPT = 400
"""Half-steps of which bound and log-likelihood are kept for the picture, the newest ones."""
AT_ONCE = 20
"""Half-steps by hand that one change of the knobs may ask for, at most."""


class Fit:
    """An arm: the mixture, the responsibilities of its newest E-step, and the parameters at which that was taken."""

    def __init__(self, mixture: GaussianMixture, family: Family) -> None:
        self.family: Family = family
        self.mixture, self.before = copied(mixture), copied(mixture)
        self.r = mixture.weight.expand(POINTS, -1).clone()
        """(points, parts) Until the first E-step, the shares of the mixture itself: q(k) = p(k) for all points."""

    @property
    def trained(self) -> GaussianMixture:
        return self.mixture

    def state_dict(self) -> dict[str, Any]:
        return {"mixture": self.mixture.state_dict(), "before": self.before.state_dict(), "r": self.r}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.mixture.load_state_dict(state["mixture"])
        self.before.load_state_dict(state["before"])
        self.r = state["r"].clone()


class EMExperiment:
    def __init__(self, config: ElboConfig) -> None:
        self.config = config
        self.x = drawn_points()
        start = drawn_start(self.x, config.parts)
        self.arms = Arms({"exact": Fit(start, "exact"), "restricted": Fit(start, config.restricted)})
        self.due: Half = "e"
        """The half that comes next."""
        self.halves = self.steps_taken = 0
        """Half-steps: with those by hand, and those of training alone."""
        self.log = [self.row("start")]
        """(half, log-likelihood and bound of each arm) of the newest half-steps, and of what was before them."""

    def step(self) -> dict[str, float]:
        """One half of EM, the one that is due, in both arms."""
        self.steps_taken += 1
        half = self.e_step if self.due == "e" else self.m_step
        metrics = self.arms.step(self.steps_taken, half)
        self.note_half()
        return metrics

    def e_step(self, fit: Fit) -> dict[str, float]:
        """Raises the bound over r: as far as its family lets it, the exact one up to the log-likelihood."""
        fit.r = responsibilities(self.x, fit.mixture, fit.family)
        fit.before.load_state_dict(fit.mixture.state_dict())
        return self.measured(fit)

    def m_step(self, fit: Fit) -> dict[str, float]:
        """Raises the bound over the parameters."""
        best = maximised(self.x, fit.r, fit.before)
        fit.mixture.load_state_dict(best.state_dict())
        return self.measured(fit)

    def measured(self, fit: Fit) -> dict[str, float]:
        return {
            "log_likelihood": log_likelihood(self.x, fit.mixture).item(),
            "bound": bound(self.x, fit.mixture, fit.r).item(),
        }

    def measure(self) -> dict[str, float]:
        return self.arms.each(self.measured)

    def note_half(self) -> None:
        done, self.due = self.due, "m" if self.due == "e" else "e"
        self.halves += 1
        self.log = [*self.log, self.row(done)][-KEPT - 1 :]

    def row(self, half: str) -> tuple[str, list[float]]:
        """What the mixtures are worth now, after a half: numbers in the order of `Fit.measured`, arm after arm."""
        return half, [value for fit in self.arms.values() for value in self.measured(fit).values()]

    def update_live(self, config: ElboConfig) -> None:
        """A button that was pressed more often asks for its half at once.

        Only the half that is due changes anything: a second E-step finds the same responsibilities, a second M-step the
        same parameters, and before the first E-step there are no responsibilities to which an M-step could fit.
        """
        asked = {"e": config.e_steps - self.config.e_steps, "m": config.m_steps - self.config.m_steps}
        self.config = config
        for _ in range(AT_ONCE):
            if asked[self.due] <= 0:
                break
            asked[self.due] -= 1
            half = self.e_step if self.due == "e" else self.m_step
            for fit in self.arms.values():
                half(fit)
            self.note_half()

    def state_dict(self) -> dict[str, Any]:
        return {
            "arms": self.arms.state_dict(), "x": self.x, "due": self.due, "halves": self.halves,
            "steps_taken": self.steps_taken, "log": [[half, list(values)] for half, values in self.log],
        }  # fmt: skip

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.arms.load_state_dict(state["arms"])
        self.x, self.due, self.halves = state["x"], state["due"], state["halves"]
        self.steps_taken = state["steps_taken"]
        self.log = [(half, list(values)) for half, values in state["log"]]


def drawn_points() -> Tensor:
    """(POINTS, 2), drawn from a mixture of three Gaussians."""
    which = torch.multinomial(torch.tensor(WEIGHTS), POINTS, replacement=True)
    noise = torch.randn(POINTS, 2, dtype=torch.float64)
    root = torch.tensor(ROOTS, dtype=torch.float64)[which]
    return torch.tensor(MEANS, dtype=torch.float64)[which] + (root @ noise[..., None])[..., 0]


def drawn_start(x: Tensor, parts: int) -> GaussianMixture:
    """Equal shares, the covariance of all points, and means that are drawn near the middle of all points."""
    middle = x.mean(0)
    mean = middle + NEAR * (x[torch.randperm(len(x))[:parts]] - middle)
    root = torch.linalg.cholesky(torch.cov(x.T, correction=0)).expand(parts, 2, 2)
    return GaussianMixture(torch.full((parts,), 1 / parts, dtype=torch.float64), mean, root.clone())


def copied(mixture: GaussianMixture) -> GaussianMixture:
    return GaussianMixture(mixture.weight.clone(), mixture.mean.clone(), mixture.root.clone())
