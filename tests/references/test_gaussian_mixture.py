"""EM on a mixture of Gaussians, against scikit-learn and against what is known of the bound."""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np
import pytest
import torch
from scipy.optimize import minimize  # type: ignore[import-untyped]
from scipy.stats import multivariate_normal  # type: ignore[import-untyped]
from sklearn.exceptions import ConvergenceWarning
from sklearn.mixture import GaussianMixture as SklearnMixture
from torch import Tensor

from models.gaussian_mixture import (
    SMALLEST,
    GaussianMixture,
    bound,
    log_likelihood,
    maximised,
    responsibilities,
    root_of,
)

FAMILIES: tuple[Any, ...] = ("exact", "hard", "shared")


def started(parts: int = 3, seed: int = 0) -> tuple[Tensor, GaussianMixture]:
    """Points and a start that differs in every number: shares, means, covariances with correlations."""
    random = torch.Generator().manual_seed(seed)
    x = torch.randn(89, 2, generator=random, dtype=torch.float64) * torch.tensor([1.7, 0.6]) + torch.tensor([2.0, -1.0])
    x[:40] += torch.tensor([-3.0, 1.5])
    mean = x[torch.randperm(89, generator=random)[:parts]].clone()
    root = torch.eye(2, dtype=torch.float64) + 0.3 * torch.rand(parts, 2, 2, generator=random, dtype=torch.float64)
    weight = torch.arange(2, parts + 2, dtype=torch.float64)
    return x, GaussianMixture(weight / weight.sum(), mean, root.tril())


def covariance(mixture: GaussianMixture) -> Tensor:
    return mixture.root @ mixture.root.mT


def fitted(x: Tensor, mixture: GaussianMixture, pairs: int, family: Any = "exact") -> GaussianMixture:
    for _ in range(pairs):
        mixture = maximised(x, responsibilities(x, mixture, family), mixture)
    return mixture


def by_scipy(x: Tensor, mixture: GaussianMixture) -> np.ndarray:
    """(points, parts) log p(x, k), from another implementation."""
    return np.stack(
        [
            math.log(weight) + multivariate_normal(mean.numpy(), cov.numpy()).logpdf(x.numpy())
            for weight, mean, cov in zip(mixture.weight.tolist(), mixture.mean, covariance(mixture), strict=True)
        ],
        1,
    )


@pytest.mark.parametrize("parts", [2, 3, 5])
@pytest.mark.parametrize("pairs", [1, 2, 7, 40])
def test_em_is_that_of_scikit_learn(parts: int, pairs: int) -> None:
    x, start = started(parts)
    theirs = SklearnMixture(
        parts, reg_covar=0, tol=0, max_iter=pairs, means_init=start.mean.numpy(), weights_init=start.weight.numpy(),
        precisions_init=torch.linalg.inv(covariance(start)).numpy(),
    )  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        theirs.fit(x.numpy())
    ours = fitted(x, start, pairs)
    assert log_likelihood(x, ours).item() == pytest.approx(theirs.score(x.numpy()), abs=1e-9)
    for mine, other in (
        (ours.weight, theirs.weights_), (ours.mean, theirs.means_), (covariance(ours), theirs.covariances_),
    ):  # fmt: skip
        np.testing.assert_allclose(mine.numpy(), other, atol=1e-9, rtol=0)
    np.testing.assert_allclose(responsibilities(x, ours).numpy(), theirs.predict_proba(x.numpy()), atol=1e-9)


def test_the_joint_and_the_likelihood_are_those_of_scipy_also_for_many_mixtures_at_once() -> None:
    x, one = started(3)
    other = fitted(x, one, 2)
    joint = by_scipy(x, one)
    np.testing.assert_allclose(one.log_joint(x).numpy(), joint, atol=1e-12)
    assert log_likelihood(x, one).item() == pytest.approx(np.logaddexp.reduce(joint, 1).mean(), abs=1e-12)
    both = GaussianMixture(
        torch.stack([one.weight, other.weight]),
        torch.stack([one.mean, other.mean]),
        torch.stack([one.root, other.root]),
    )
    np.testing.assert_allclose(both.log_joint(x)[1].numpy(), by_scipy(x, other), atol=1e-12)
    r = responsibilities(x, one)
    assert bound(x, both, r).tolist() == pytest.approx([bound(x, m, r).item() for m in (one, other)], abs=1e-14)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_exact_e_step_touches_and_the_others_stay_below(seed: int) -> None:
    x, mixture = started(3, seed)
    for _ in range(12):
        top = log_likelihood(x, mixture).item()
        assert bound(x, mixture, responsibilities(x, mixture)).item() == pytest.approx(top, abs=1e-12)
        for family in ("hard", "shared"):
            assert bound(x, mixture, responsibilities(x, mixture, family)).item() < top - 1e-3  # type: ignore[arg-type]
        mixture = fitted(x, mixture, 1)


def test_the_gap_is_the_mean_kl_of_r_and_the_posterior() -> None:
    x, mixture = started(3)
    joint = by_scipy(x, mixture)
    posterior = np.exp(joint - np.logaddexp.reduce(joint, 1)[:, None])
    r = np.random.default_rng(0).dirichlet(np.ones(3), len(x))
    kl = (r * np.log(r / posterior)).sum(1).mean()
    gap = log_likelihood(x, mixture) - bound(x, mixture, torch.tensor(r))
    assert gap.item() == pytest.approx(kl, abs=1e-12)


@pytest.mark.parametrize("family", FAMILIES)
def test_no_half_lowers_the_bound_and_exact_em_never_lowers_the_likelihood(family: Any) -> None:
    x, mixture = started(4)
    r = mixture.weight.expand(len(x), -1)
    last, likelihood = bound(x, mixture, r).item(), log_likelihood(x, mixture).item()
    if family == "hard":  # its family does not hold the shares from which the others may start
        last = -math.inf
    for _ in range(30):
        r = responsibilities(x, mixture, family)
        after_e = bound(x, mixture, r).item()
        mixture = maximised(x, r, mixture)
        after_m = bound(x, mixture, r).item()
        assert last <= after_e + 1e-12 and after_e <= after_m + 1e-12
        last = after_m
        if family == "exact":
            assert log_likelihood(x, mixture).item() >= likelihood - 1e-12
            likelihood = log_likelihood(x, mixture).item()


@pytest.mark.parametrize("family", FAMILIES)
def test_the_m_step_maximises_the_bound(family: Any) -> None:
    x, start = started(3)
    r = responsibilities(x, start, family)
    best = maximised(x, r, start)
    top = bound(x, best, r).item()
    random = torch.Generator().manual_seed(0)
    for size in (1e-3, 1e-2, 0.3):
        for _ in range(20):

            def noise(like: Tensor, by: float = size) -> Tensor:
                return by * torch.randn(like.shape, generator=random, dtype=torch.float64)

            weight = (best.weight.log() + noise(best.weight)).softmax(0)
            root = torch.linalg.cholesky(covariance(best)) + noise(best.root).tril(-1)
            scaled = root * (1 + noise(best.weight)).abs()[:, None, None]
            for moved in (
                GaussianMixture(weight, best.mean, best.root),
                GaussianMixture(best.weight, best.mean + noise(best.mean), best.root),
                GaussianMixture(best.weight, best.mean, scaled),
            ):
                assert bound(x, moved, r).item() < top


def test_hard_responsibilities_are_the_best_of_their_family() -> None:
    x, mixture = started(3)
    r = responsibilities(x, mixture, "hard")
    assert r.sum(1).tolist() == [1.0] * len(x) and set(r.flatten().tolist()) == {0.0, 1.0}
    assert bound(x, mixture, r).item() == pytest.approx(by_scipy(x, mixture).max(1).mean(), abs=1e-12)


def test_shared_responsibilities_are_the_best_of_their_family() -> None:
    x, mixture = started(3)
    r = responsibilities(x, mixture, "shared")
    assert (r == r[0]).all() and r[0].sum().item() == pytest.approx(1)
    joint = by_scipy(x, mixture).mean(0)

    def negative(logits: np.ndarray) -> float:
        shares = np.exp(logits - np.logaddexp.reduce(logits))
        return float(-(shares * (joint - np.log(shares))).sum())

    found = minimize(negative, np.zeros(3), tol=1e-14)
    assert bound(x, mixture, r).item() == pytest.approx(-found.fun, abs=1e-9)
    shares = np.exp(found.x - np.logaddexp.reduce(found.x))
    assert r[0].tolist() == pytest.approx(shares.tolist(), abs=1e-5)


def test_one_set_of_shares_ends_as_one_gaussian_and_its_gap_closes() -> None:
    x, start = started(3)
    end = fitted(x, start, 1, "shared")
    alone = multivariate_normal(x.mean(0).numpy(), np.cov(x.numpy().T, bias=True)).logpdf(x.numpy()).mean()
    assert log_likelihood(x, end).item() == pytest.approx(alone, abs=1e-12)
    assert bound(x, end, responsibilities(x, end, "shared")).item() == pytest.approx(alone, abs=1e-12)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_gaussian_without_points_stays_where_it_was_and_is_dead(family: Any) -> None:
    x, start = started(3)
    far = start.mean.clone()
    far[1] = 1e4
    start = GaussianMixture(start.weight, far, start.root)
    if family == "shared":  # its share is that of e to the power of −10⁷
        assert responsibilities(x, start, family)[0, 1] == 0
    end = fitted(x, start, 5, family)
    assert end.weight[1] == 0 and end.weight.sum().item() == pytest.approx(1)
    assert end.mean[1].tolist() == [1e4, 1e4] and torch.equal(end.root[1], start.root[1])
    rest = GaussianMixture(end.weight[[0, 2]], end.mean[[0, 2]], end.root[[0, 2]])
    r = responsibilities(x, end, family)
    assert r[:, 1].abs().max() == 0
    assert log_likelihood(x, end).item() == pytest.approx(np.logaddexp.reduce(by_scipy(x, rest), 1).mean(), abs=1e-12)
    assert bound(x, end, r).item() == pytest.approx(bound(x, rest, r[:, [0, 2]]).item(), abs=1e-14)


def test_a_gaussian_on_one_point_keeps_the_least_width() -> None:
    x, start = started(2)
    r = torch.zeros(len(x), 2, dtype=torch.float64)
    r[:, 0] = 1
    r[7] = torch.tensor([0.0, 1.0])
    end = maximised(x, r, start)
    assert torch.allclose(end.root[1], SMALLEST * torch.eye(2, dtype=torch.float64), atol=1e-12)
    assert torch.allclose(end.mean[1], x[7]) and math.isfinite(log_likelihood(x, end).item())


def test_a_narrow_covariance_is_widened_in_its_narrow_direction_only_and_others_stay_to_the_bit() -> None:
    turn = torch.tensor([[0.6, -0.8], [0.8, 0.6]], dtype=torch.float64)
    narrow = turn @ torch.diag(torch.tensor([4.0, 1e-8], dtype=torch.float64)) @ turn.T
    usual = torch.tensor([[2.0, 0.7], [0.7, 0.5]], dtype=torch.float64)
    root = root_of(torch.stack([narrow, usual]))
    expected = turn @ torch.diag(torch.tensor([4.0, SMALLEST**2], dtype=torch.float64)) @ turn.T
    assert torch.allclose(root[0] @ root[0].T, expected, atol=1e-12)
    assert torch.equal(root[1], torch.linalg.cholesky(usual))
