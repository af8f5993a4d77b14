"""The encoder that answers every x: its bound, the best q that it is compared with, its training and its measures."""

from __future__ import annotations

import copy
import math
from typing import Any

import numpy as np
import pytest
import torch
from scipy.optimize import minimize  # type: ignore[import-untyped]
from torch import nn

from models.amortised import Encoder, bounds, draw_x
from models.elbo import Model
from playground.concepts.elbo import ELBO
from playground.concepts.elbo.amortised.best import best_at, best_gaussians
from playground.concepts.elbo.amortised.experiment import HELDOUT, AmortisedExperiment
from playground.concepts.elbo.config import ElboConfig
from playground.concepts.elbo.exact import LINEAR, MODES
from playground.engine.run import Run
from tests.references.elbo_runs import normal

NODES, SHARES = np.polynomial.hermite_e.hermegauss(24)
SHARES = SHARES / SHARES.sum()


def run(seed: int = 0, **config: Any) -> AmortisedExperiment:
    torch.manual_seed(seed)
    return AmortisedExperiment(ElboConfig(**{"model": "amortised", **config}))


def bound_of(x: float, mean: float, sigma: float, model: Model = MODES) -> float:
    """E_q[log p(x, z) − log q(z)] by Gauss–Hermite nodes, which are exact for polynomials."""
    z = mean + sigma * NODES
    terms = normal(x, model.a * z**2 + model.b * z, model.s) + normal(z, 0, 1) - normal(z, mean, sigma)
    return float(SHARES @ terms)


def answering(experiment: AmortisedExperiment, mean: float, sigma: float, slope: float = 0.0) -> AmortisedExperiment:
    """An encoder that answers every x with the same σ, and a mean that grows by `slope` with tanh(x)."""
    with torch.no_grad():
        for parameter in experiment.encoder.parameters():
            parameter.zero_()
        first, _, last = experiment.encoder.net
        assert isinstance(first, nn.Linear) and isinstance(last, nn.Linear)
        first.weight[0, 0], last.weight[0, 0] = 1.0, slope
        last.bias.copy_(torch.tensor([mean, math.log(sigma)], dtype=torch.float64))
    return experiment


# ---------------------------------------------------------------- the model


@pytest.mark.parametrize("model", [MODES, LINEAR, Model(a=-0.7, b=1.1, s=0.4)])
def test_the_bound_is_the_mean_over_q_for_each_x(model: Model) -> None:
    x, mean, sigma = np.array([0.3, -1.2, 2.9]), np.array([0.0, -1.5, 2.2]), np.array([0.5, 1.4, 0.06])
    found = bounds(model, *map(torch.tensor, (x, mean, np.log(sigma))))
    wanted = [bound_of(*one, model) for one in zip(x, mean, sigma, strict=True)]
    assert found.tolist() == pytest.approx(wanted, abs=1e-9)


def test_the_encoder_answers_each_x_with_a_mean_and_a_log_of_sigma() -> None:
    torch.manual_seed(1)
    encoder, x = Encoder(5), torch.tensor([-2.0, 0.1, 3.0], dtype=torch.float64)
    w, c, v, d = (p.detach().numpy() for p in encoder.parameters())
    assert w.shape == (5, 1) and w.dtype == np.float64
    mean, log_sigma = encoder(x)
    wanted = np.tanh(x.numpy()[:, None] @ w.T + c) @ v.T + d
    assert mean.tolist() == pytest.approx(wanted[:, 0], abs=1e-14)
    assert log_sigma.tolist() == pytest.approx(wanted[:, 1], abs=1e-14)


def test_x_are_drawn_from_the_model() -> None:
    """Mean and variance of x in closed form: a + 0, and 2a² + b² + s²."""
    x = draw_x(Model(a=0.5, b=0.8, s=1.5), 200_000, torch.Generator().manual_seed(3)).numpy()
    variance = 2 * 0.25 + 0.64 + 2.25
    assert x.mean() == pytest.approx(0.5, abs=4 * math.sqrt(variance / len(x)))
    assert x.var() == pytest.approx(variance, rel=0.03)


# ---------------------------------------------------------------- the best q


@pytest.mark.parametrize("x", [-3.0, -0.5, 0.3, 0.6, 0.75, 1.0, 2.4, 4.0])
def test_the_best_gaussian_is_what_an_optimiser_finds_from_many_starts(x: float) -> None:
    def loss(q: np.ndarray) -> float:
        return -bound_of(x, q[0], math.exp(q[1]))

    starts = [(m, s) for m in (-2.5, -1.2, -0.2, 0.8, 2.5) for s in (-2.0, -0.7)]
    found = min((minimize(loss, start, tol=1e-12) for start in starts), key=lambda one: one.fun)
    mean, log_sigma = (one.item() for one in best_at(MODES, x))
    assert (mean, log_sigma) == pytest.approx(found.x, abs=2e-5)
    assert -loss(np.array([mean, log_sigma])) >= -found.fun - 1e-10


def test_at_x_of_1_it_is_in_the_right_mode_with_the_stated_gap() -> None:
    mean, log_sigma = best_at(MODES, 1.0)
    assert mean.item() == pytest.approx(1.19, abs=0.006) and log_sigma.exp().item() == pytest.approx(0.19, abs=0.006)
    assert -1.4853 - bound_of(1.0, mean.item(), log_sigma.exp().item()) == pytest.approx(0.53, abs=0.005)


def test_many_x_have_the_best_that_each_has_alone() -> None:
    x = torch.tensor([2.0, -1.0, 0.5], dtype=torch.float64)
    for i, found in enumerate(zip(*best_gaussians(MODES, x), strict=True)):
        assert torch.stack(found).tolist() == pytest.approx([one.item() for one in best_at(MODES, x[i].item())])


# ---------------------------------------------------------------- measures


def test_measures_of_an_encoder_whose_answers_are_known() -> None:
    experiment = answering(run(x=0.7), 0.4, 0.3, slope=1.5)
    found = experiment.measure()
    assert found["amortised_elbo"] == pytest.approx(bound_of(0.7, 0.4 + 1.5 * math.tanh(0.7), 0.3), abs=1e-9)
    mean, log_sigma = best_at(MODES, 0.7)
    assert found["best_elbo"] == pytest.approx(bound_of(0.7, mean.item(), log_sigma.exp().item()), abs=1e-9)
    lost = []
    for x in experiment.heldout.tolist():
        mean, log_sigma = best_at(MODES, x)
        best = bound_of(x, mean.item(), log_sigma.exp().item())
        lost.append(best - bound_of(x, 0.4 + 1.5 * math.tanh(x), 0.3))
    assert len(lost) == HELDOUT == 40 and min(lost) > -1e-9
    assert found["amortisation_gap"] == pytest.approx(np.mean(lost), abs=1e-8)
    z = np.linspace(-9, 9, 90_001)
    evidence = math.log(np.exp(normal(0.7, 0.5 * z**2 + 0.15 * z, 0.25) + normal(z, 0, 1)).sum() * (z[1] - z[0]))
    assert found["log_evidence"] == pytest.approx(evidence, abs=1e-9)


def test_x_acts_at_once_and_measuring_draws_nothing() -> None:
    experiment = answering(run(), 0.4, 0.3)
    before, state = experiment.measure(), torch.get_rng_state()
    experiment.update_live(experiment.config.model_copy(update={"x": -0.6}))
    found = experiment.measure()
    assert torch.equal(torch.get_rng_state(), state)
    assert found["amortised_elbo"] == pytest.approx(bound_of(-0.6, 0.4, 0.3), abs=1e-9)
    assert found["amortisation_gap"] == before["amortisation_gap"], "held-out x do not follow the visitor's"


def test_held_out_x_are_the_same_in_all_runs_and_are_never_trained_on(monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = run(seed=0), run(seed=5)
    assert torch.equal(one.heldout, other.heldout) and not torch.equal(*(r.encoder.net[0].weight for r in (one, other)))
    seen: list[float] = []
    answer = Encoder.forward

    def recorded(self: Encoder, x: torch.Tensor) -> torch.Tensor:
        if torch.is_grad_enabled():
            seen.extend(x.tolist())
        return answer(self, x)

    monkeypatch.setattr(Encoder, "forward", recorded)
    for _ in range(3):
        one.step()
    assert len(set(seen)) == 3 * one.config.batch, "new x in each step"
    assert not set(seen) & set(one.heldout.tolist())


# ---------------------------------------------------------------- training


def test_a_step_goes_up_the_mean_bound_of_its_batch() -> None:
    experiment = answering(run(lr=0.01, batch=64), 0.0, 0.5)
    state = torch.get_rng_state()
    x = draw_x(MODES, 64)
    torch.set_rng_state(state)
    found = experiment.step()
    assert found["objective"] == pytest.approx(np.mean([bound_of(one, 0.0, 0.5) for one in x.tolist()]), abs=1e-9)
    h = 1e-5
    slope = np.mean([bound_of(one, 0.0, 0.5 + h) - bound_of(one, 0.0, 0.5 - h) for one in x.tolist()])
    last = experiment.encoder.net[2]
    assert isinstance(last, nn.Linear)
    assert last.bias[1].item() - math.log(0.5) == pytest.approx(math.copysign(0.01, slope), rel=1e-4)


def test_the_rate_is_live() -> None:
    experiment = answering(run(lr=0.01), 0.0, 0.5)
    experiment.update_live(experiment.config.model_copy(update={"lr": 0.2}))
    experiment.step()
    last = experiment.encoder.net[2]
    assert isinstance(last, nn.Linear)
    assert abs(last.bias[0].item()) == pytest.approx(0.2, rel=1e-3)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_amortisation_gap_shrinks_and_an_untrained_network_has_a_large_one(seed: int) -> None:
    experiment = run(seed=seed)
    assert experiment.measure()["amortisation_gap"] > 2
    for _ in range(1000):
        found = experiment.step()
    assert 0 < found["amortisation_gap"] < 0.3
    assert found["amortised_elbo"] <= found["best_elbo"] + 1e-9 < found["log_evidence"]


def test_a_loaded_state_goes_on_as_if_nothing_had_been() -> None:
    experiment = run()
    for _ in range(5):
        experiment.step()
    state, random = copy.deepcopy(experiment.state_dict()), torch.get_rng_state()
    other = run(seed=7)
    other.load_state_dict(state)
    assert other.measure() == experiment.measure() and other.steps_taken == 5
    torch.set_rng_state(random)
    after = [experiment.step() for _ in range(4)]
    torch.set_rng_state(random)
    assert [other.step() for _ in range(4)] == after


def test_the_largest_rate_trains_or_stops_with_a_sentence() -> None:
    wild = Run(ELBO, ElboConfig(model="amortised", lr=1.0, width=128, steps=300))
    wild.advance(math.inf)
    assert wild.step == 300 or wild.error
