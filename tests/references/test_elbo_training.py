"""Where each objective leads q, what stops a run, and what a saved one holds; against integrals by numpy."""

from __future__ import annotations

import copy
import math
from typing import Any

import numpy as np
import pytest
import torch

from playground.concepts.elbo import ELBO
from playground.concepts.elbo.config import ElboConfig
from playground.engine.run import Run
from tests.references.elbo_runs import EVIDENCE, STEP, Z, joint, normal, only, run, trained


def gap_at(mean: float, sigma: float) -> float:
    """KL(q ‖ p(z|x)) of the two-mode model at x = 1, as an integral."""
    log_q = normal(Z, mean, sigma)
    return float((np.exp(log_q) * (log_q - joint(Z) + EVIDENCE)).sum() * STEP)


@pytest.mark.parametrize(
    ("start", "mean", "sigma", "gap"), [(0.0, 1.19, 0.19, 0.53), (-0.3, -1.48, 0.19, 0.93)], ids=["right", "left"]
)
def test_reverse_kl_seeks_the_mode_that_is_nearer(start: float, mean: float, sigma: float, gap: float) -> None:
    experiment = trained(400, mean=start, sigma=0.5, gradient="exact", lr=0.05)
    q, found = only(experiment), experiment.measure()
    assert q.mean.item() == pytest.approx(mean, abs=0.006)
    assert q.log_sigma.exp().item() == pytest.approx(sigma, abs=0.006)
    assert found["kl_gap"] == pytest.approx(gap, abs=0.005)
    assert found["log_evidence"] == pytest.approx(EVIDENCE, abs=1e-9) == pytest.approx(-1.4853, abs=5e-5)
    best = gap_at(q.mean.item(), q.log_sigma.exp().item())
    assert found["kl_gap"] == pytest.approx(best, abs=1e-8)
    for away in ((0.02, 1), (-0.02, 1), (0, 1.05), (0, 0.95)):
        assert gap_at(q.mean.item() + away[0], q.log_sigma.exp().item() * away[1]) > best


@pytest.mark.parametrize("gradient", ["reparameterised", "score-baseline"])
def test_estimated_gradients_lead_to_the_same_mode(gradient: str) -> None:
    found = trained(300, gradient=gradient, samples=64).measure()
    assert 0.52 < found["kl_gap"] < 0.60


def test_forward_kl_matches_the_mean_and_the_spread_of_the_posterior() -> None:
    density = np.exp(joint(Z) - EVIDENCE)
    mean = (density * Z).sum() * STEP
    sigma = math.sqrt((density * (Z - mean) ** 2).sum() * STEP)
    q = only(trained(500, objective="forward_kl"))
    assert q.mean.item() == pytest.approx(mean, abs=2e-4) == pytest.approx(0.12, abs=0.005)
    assert q.log_sigma.exp().item() == pytest.approx(sigma, abs=2e-4) == pytest.approx(1.32, abs=0.005)


def test_a_mixture_learns_the_mass_of_each_mode() -> None:
    q = only(trained(500, family="two-gaussians", mean=-0.5, mean2=0.5, gradient="exact"))
    left = np.exp(joint(Z[Z < 0]) - EVIDENCE).sum() * STEP
    assert q.weight.tolist() == pytest.approx([left, 1 - left], abs=0.03) and left == pytest.approx(0.4, abs=0.01)
    assert q.mean[0].item() < -1.3 and q.mean[1].item() > 1


def test_what_is_maximised_is_the_importance_weighted_bound_of_groups_of_k() -> None:
    experiment = run(objective="iwae", mean=0.4, sigma=0.8)
    (fit,) = experiment.arms.values()
    noise = torch.tensor([[[0.3], [-1.2], [2.0]], [[0.1], [0.7], [-0.4]]], dtype=torch.float64)
    z = 0.4 + 0.8 * noise[..., 0].numpy()
    w = np.exp(joint(z) - normal(z, 0.4, 0.8))  # (groups, K)
    found = experiment.objective(fit, torch.zeros(2, 1), noise).item()
    assert found == pytest.approx(np.log(w.mean(1)).mean(), abs=1e-10)


def test_the_objective_is_measured_before_the_step_that_it_causes() -> None:
    experiment = run(gradient="exact")
    before = experiment.measure()["elbo"]
    step = experiment.step()
    assert step["objective"] == before < step["elbo"]


# ---------------------------------------------------------------- divergence and states


@pytest.mark.parametrize("config", [{"lr": 0.2}, {"lr": 1.0, "model": "curved"}, {"lr": 0.2, "gradient": "score"}])
def test_the_flipped_sign_has_no_maximum_and_the_run_is_stopped_with_a_sentence(config: dict[str, Any]) -> None:
    stopped = Run(ELBO, ElboConfig(sign="plus", **config))
    stopped.advance(math.inf)
    assert 0 < stopped.step < stopped.config.steps and stopped.error
    objective = stopped.history["objective"][1]
    assert objective[-1] > 1e3 and objective[-1] > objective[0]
    assert all(math.isfinite(value) for _, values in stopped.history.values() for value in values)
    assert all(map(math.isfinite, stopped.experiment.measure().values()))  # type: ignore[attr-defined]


def test_the_flipped_sign_stops_its_own_arm_only() -> None:
    experiment = trained(500, objective="all", sign="plus", lr=0.2)
    assert set(experiment.arms.diverged_at) == {"reverse_kl"}
    frozen = experiment.arms["reverse_kl"].q.log_sigma.item()
    before = experiment.arms["iwae"].q.mean.item()
    experiment.step()
    assert experiment.arms["reverse_kl"].q.log_sigma.item() == frozen
    assert experiment.arms["iwae"].q.mean.item() != before


@pytest.mark.parametrize(
    "config", [{"objective": "all"}, {"family": "two-gaussians", "gradient": "score"}, {"model": "curved"}]
)
def test_a_loaded_state_goes_on_as_if_nothing_had_been(config: dict[str, Any]) -> None:
    experiment = trained(5, **config)
    state, random = copy.deepcopy(experiment.state_dict()), torch.get_rng_state()
    other = run(seed=7, **config)
    other.load_state_dict(state)
    assert other.measure() == experiment.measure() and other.steps_taken == 5
    torch.set_rng_state(random)
    after = [experiment.step() for _ in range(4)]
    torch.set_rng_state(random)
    assert [other.step() for _ in range(4)] == after
