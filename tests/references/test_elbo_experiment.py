"""What the hand does to q, how its arms compare, and what is measured; against integrals by numpy."""

from __future__ import annotations

import copy
import math
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.distributions import MultivariateNormal, kl_divergence

from models.elbo import Q
from playground.concepts.elbo.config import OBJECTIVES, ElboConfig
from playground.concepts.elbo.exact import CURVED, LINEAR, MODES
from playground.concepts.elbo.inference.experiment import Fit, InferenceExperiment, kl_of_prior
from tests.references.elbo_runs import EVIDENCE, STEP, Z, joint, normal, only, run, trained


def by_hand(experiment: InferenceExperiment, config: ElboConfig, **knobs: Any) -> ElboConfig:
    changed = config.model_copy(update=knobs)
    experiment.update_live(changed)
    return changed


# ---------------------------------------------------------------- the hand


def check_set(q: Q, mean: Any, sigma: Any, weight: Any) -> None:
    for found, wanted in ((q.mean, mean), (q.log_sigma.exp(), sigma), (q.weight, weight)):
        assert found.shape == torch.tensor(wanted).shape
        assert torch.allclose(found, torch.tensor(wanted, dtype=torch.float64), rtol=0, atol=1e-14)


HAND: dict[str, Any] = {
    "mean": 0.1,
    "sigma": 0.7,
    "mean2": -1.3,
    "sigma2": 0.05,
    "weight": 0.3,
    "correlation": -0.6,
    "moves": 1,
}


@pytest.mark.parametrize("from_start", [True, False])
@pytest.mark.parametrize(
    ("family", "mean", "sigma", "weight", "correlation"),
    [
        ({"model": "linear"}, [[0.1]], [[0.7]], [1.0], None),
        ({"model": "modes"}, [[0.1]], [[0.7]], [1.0], None),
        ({"family": "two-gaussians"}, [[0.1], [-1.3]], [[0.7], [0.05]], [0.3, 0.7], None),
        ({"model": "curved", "covariance": "mean-field"}, [[0.1, -1.3]], [[0.7, 0.05]], [1.0], None),
        ({"model": "curved"}, [[0.1, -1.3]], [[0.7, 0.05]], [1.0], -0.6),
    ],
)
def test_the_hand_sets_q_exactly(
    from_start: bool, family: dict[str, Any], mean: Any, sigma: Any, weight: Any, correlation: float | None
) -> None:
    if from_start:
        experiment = run(**family, **HAND)
    else:
        experiment = trained(3, **family)
        by_hand(experiment, experiment.config, **HAND)
    q = only(experiment)
    check_set(q, mean, sigma, weight)
    assert q.correlated == (correlation is not None)
    covariance = q.root @ q.root.mT
    if len(mean[0]) == 2:
        wanted = (correlation or 0.0) * 0.7 * 0.05
        assert covariance[0, 0, 1].item() == pytest.approx(wanted, abs=1e-14)
        assert covariance[0].diagonal().tolist() == pytest.approx([0.49, 0.0025], abs=1e-14)


def test_a_move_back_to_where_q_began_counts_and_the_optimiser_forgets_its_way() -> None:
    experiment = trained(5)
    (fit,) = experiment.arms.values()
    assert fit.q.mean.item() > 0.1 and fit.optimiser.state
    config = by_hand(experiment, experiment.config, mean=0.0, sigma=0.5, moves=1)
    check_set(fit.q, [[0.0]], [[0.5]], [1.0])
    assert not fit.optimiser.state
    experiment.step()
    assert abs(fit.q.mean.item()) == pytest.approx(config.lr, rel=1e-3), "Adam's first step is as long as its rate"


def test_a_hand_moves_q_of_every_arm() -> None:
    experiment = trained(4, objective="all")
    by_hand(experiment, experiment.config, mean=-1.0, moves=1)
    for fit in experiment.arms.values():
        check_set(fit.q, [[-1.0]], [[0.5]], [1.0])


@pytest.mark.parametrize("knob", [{"lr": 0.01}, {"x": 2.0}, {"samples": 3}, {"k": 5}, {"steps": 7}])
def test_other_live_knobs_leave_q_where_it_is_and_act_from_then_on(knob: dict[str, Any]) -> None:
    experiment = trained(4, objective="all")
    before = {name: copy.deepcopy(fit.state_dict()) for name, fit in experiment.arms.items()}
    by_hand(experiment, experiment.config, **knob)
    for name, fit in experiment.arms.items():
        assert all(torch.equal(value, before[name]["q"][key]) for key, value in fit.q.state_dict().items())
        assert fit.optimiser.state
    experiment.step()
    if "lr" in knob:
        assert {group["lr"] for fit in experiment.arms.values() for group in fit.optimiser.param_groups} == {0.01}


def test_x_acts_at_once_on_what_is_measured() -> None:
    experiment = run(model="linear", x=1.5, mean=0.2, sigma=0.6)
    assert experiment.measure()["log_evidence"] == pytest.approx(-1.92098, abs=5e-6)
    assert experiment.measure()["elbo"] == pytest.approx(-3.43319, abs=5e-6)
    by_hand(experiment, experiment.config, x=-0.7)
    found = experiment.measure()
    assert found["log_evidence"] == pytest.approx(normal(-0.7, 0, math.sqrt(4.5)), abs=1e-12)
    q, likelihood = np.exp(normal(Z, 0.2, 0.6)), normal(2 * Z, -0.7, math.sqrt(0.5))
    assert found["reconstruction"] == pytest.approx((q * likelihood).sum() * STEP, abs=1e-8)


# ---------------------------------------------------------------- arms


def test_all_arms_start_alike_and_see_the_same_noise(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[str, Tensor, Tensor]] = []
    train = InferenceExperiment.train

    def recorded(self: InferenceExperiment, fit: Fit, noise: Tensor, more: Tensor) -> dict[str, float]:
        seen.append((fit.objective, noise.clone(), more.clone()))
        return train(self, fit, noise, more)

    monkeypatch.setattr(InferenceExperiment, "train", recorded)
    experiment = run(objective="all", samples=5, k=7, mean=0.3)
    for fit in experiment.arms.values():
        check_set(fit.q, [[0.3]], [[0.5]], [1.0])
    experiment.step()
    experiment.step()
    assert [name for name, *_ in seen] == [*OBJECTIVES, *OBJECTIVES]
    assert seen[0][1].shape == (5, 1) and seen[0][2].shape == (5, 7, 1)
    for first in (0, 3):
        assert all(torch.equal(seen[first][i], one[i]) for one in seen[first : first + 3] for i in (1, 2))
    assert not torch.equal(seen[0][1], seen[3][1])


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_an_objective_trains_the_same_alone_and_beside_the_others(objective: Any) -> None:
    alone, beside = trained(6, objective=objective), trained(6, objective="all")
    assert torch.equal(only(alone).mean, beside.arms[objective].q.mean)
    metrics = beside.measure()
    assert {f"{objective}/{name}" for name in alone.measure()} - {f"{objective}/log_evidence"} <= metrics.keys()


# ---------------------------------------------------------------- measures


@pytest.mark.parametrize("config", [
    {"model": "linear", "x": 1.5, "mean": -0.4, "sigma": 1.1},
    {"model": "modes", "mean": 0.8, "sigma": 0.3},
    {"model": "modes", "x": -0.5, "family": "two-gaussians", "mean": -1.0, "weight": 0.2, "sigma2": 0.9},
])  # fmt: skip
def test_the_evidence_is_the_elbo_and_the_divergence_from_the_posterior(config: dict[str, Any]) -> None:
    experiment = run(**config)
    full, found = experiment.config, experiment.measure()
    f, s = (2 * Z, math.sqrt(0.5)) if full.model == "linear" else (0.5 * Z**2 + 0.15 * Z, 0.25)
    likelihood, prior = normal(full.x, f, s), normal(Z, 0, 1)
    evidence = math.log(np.exp(likelihood + prior).sum() * STEP)
    q = np.exp(normal(Z, full.mean, full.sigma))
    if full.family == "two-gaussians":
        q = full.weight * q + (1 - full.weight) * np.exp(normal(Z, full.mean2, full.sigma2))
    log_q = np.log(np.maximum(q, 1e-300))

    def mean(values: np.ndarray) -> float:
        return float((q * values).sum() * STEP)

    assert found["log_evidence"] == pytest.approx(evidence, abs=1e-8)
    assert found["kl_gap"] == pytest.approx(mean(log_q - likelihood - prior + evidence), abs=1e-6)
    assert found["reconstruction"] == pytest.approx(mean(likelihood), abs=1e-6)
    assert found["kl_to_prior"] == pytest.approx(mean(log_q - prior), abs=1e-6)
    assert found["elbo"] == pytest.approx(found["reconstruction"] - found["kl_to_prior"], abs=1e-12)
    assert found["elbo"] + found["kl_gap"] == pytest.approx(found["log_evidence"], abs=1e-12)


def test_the_curved_model_is_measured_in_the_plane() -> None:
    config: dict[str, Any] = {"mean": 0.4, "mean2": -0.3, "sigma": 0.6, "sigma2": 0.8, "correlation": 0.5}
    found = run(model="curved", x=1.2, **config).measure()
    axis = np.linspace(-6, 6, 801)
    a, b = np.meshgrid(axis, axis, indexing="ij")
    cell = (axis[1] - axis[0]) ** 2
    likelihood, prior = normal(1.2, a**2 + b, 0.3), normal(a, 0, 1) + normal(b, 0, 1)
    u, v = (a - 0.4) / 0.6, (b + 0.3) / 0.8
    log_q = -(u**2 - u * v + v**2) / (2 * 0.75) - math.log(2 * math.pi * 0.6 * 0.8 * math.sqrt(0.75))
    evidence = math.log(np.exp(likelihood + prior).sum() * cell)
    assert found["log_evidence"] == pytest.approx(evidence, abs=1e-6)
    gap = (np.exp(log_q) * (log_q - likelihood - prior + evidence)).sum() * cell
    assert found["kl_gap"] == pytest.approx(gap, abs=1e-6)


def test_importance_sampling_is_measured_on_the_pool_alone_and_draws_nothing() -> None:
    experiment = trained(3, mean=0.1, sigma=1.3)
    by_hand(experiment, experiment.config, mean=0.1, sigma=1.3, moves=1)
    state = torch.get_rng_state()
    found = experiment.measure()
    assert torch.equal(torch.get_rng_state(), state) and experiment.measure() == found
    z = 0.1 + 1.3 * experiment.pool[:, 0].numpy()
    w = np.exp(joint(z) - normal(z, 0.1, 1.3))
    assert experiment.pool.shape == (1024, 1)
    assert found["iwae"] == pytest.approx(math.log(w.mean()), abs=1e-10)
    assert found["effective_samples"] == pytest.approx(w.sum() ** 2 / (w**2).sum(), rel=1e-10)


def test_draws_from_a_mixture_come_from_its_parts_by_their_weights() -> None:
    """Parts so far apart that the weight of a draw tells of which part it is."""
    for weight in (0.02, 0.3, 0.9):
        config: dict[str, Any] = {"mean": -2.0, "sigma": 0.05, "mean2": 4.0, "sigma2": 0.05, "weight": weight}
        experiment = run(family="two-gaussians", **config)
        near = (experiment.log_weights(only(experiment)) > -60).sum().item()
        assert abs(near - 1024 * weight) <= 2, "log w is around −10 near −2, and below −700 near 4"


def test_the_mean_weight_of_draws_from_a_mixture_is_the_evidence() -> None:
    experiment = run(family="two-gaussians", mean=-1.5, mean2=1.2, sigma=0.4, sigma2=0.5, weight=0.4)
    w = experiment.log_weights(only(experiment)).exp().numpy()
    assert abs(w.mean() - math.exp(EVIDENCE)) < 4 * w.std() / 32


def test_kl_from_the_prior_is_that_of_torch() -> None:
    one = Q(torch.tensor([[0.7]]), torch.tensor([[0.4]]), torch.ones(1))
    prior = MultivariateNormal(torch.zeros(1).double(), torch.eye(1).double())
    q = MultivariateNormal(one.mean[0], scale_tril=one.root[0])
    assert kl_of_prior(one).item() == pytest.approx(kl_divergence(prior, q).item(), abs=1e-12)
    two = Q(torch.tensor([[0.7, -0.3]]), torch.tensor([[0.4, 1.7]]), torch.ones(1), 0.6)
    cov = torch.tensor([[0.16, 0.6 * 0.4 * 1.7], [0.6 * 0.4 * 1.7, 1.7**2]], dtype=torch.float64)
    q = MultivariateNormal(two.mean[0].detach(), cov)
    prior = MultivariateNormal(torch.zeros(2).double(), torch.eye(2).double())
    assert kl_of_prior(two).item() == pytest.approx(kl_divergence(prior, q).item(), abs=1e-6)


def test_each_model_has_the_numbers_that_are_stated() -> None:
    assert [(m.a, m.b, m.size) for m in (LINEAR, MODES, CURVED)] == [(0, 2, 1), (0.5, 0.15, 1), (1, 0, 2)]
    assert [m.s for m in (LINEAR, MODES, CURVED)] == [math.sqrt(0.5), 0.25, 0.3]
