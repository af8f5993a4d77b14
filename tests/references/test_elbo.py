"""The bound, q and its gradients against closed forms, scipy's quadrature and torch.distributions, in float64."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
import torch
from scipy import integrate, stats  # type: ignore[import-untyped]
from torch import Tensor, distributions

from models import elbo
from models.elbo import Model, Q
from playground.concepts.elbo.config import ElboConfig
from playground.concepts.elbo.exact import CURVED, LINEAR, MODES, log_evidence, posterior
from playground.concepts.elbo.inference.experiment import InferenceExperiment


def gaussians(
    mean: list[list[float]],
    sigma: list[list[float]],
    weight: list[float] | None = None,
    correlation: float | None = None,
) -> Q:
    parts = [torch.tensor(values, dtype=torch.float64) for values in (mean, sigma, weight or [1.0])]
    return Q(parts[0], parts[1], parts[2], correlation)


GAUSSIAN = gaussians([[0.2]], [[0.6]])
MIXTURE = gaussians([[-0.9], [1.3]], [[0.5], [0.3]], [0.35, 0.65])
DIAGONAL = gaussians([[0.4, -0.7]], [[0.5, 0.9]])
CORRELATED = gaussians([[0.4, -0.7]], [[0.5, 0.9]], correlation=-0.6)
CASES = {
    "linear": (LINEAR, 1.5, GAUSSIAN), "linear-two": (LINEAR, -0.8, MIXTURE), "modes": (MODES, 1.0, GAUSSIAN),
    "modes-two": (MODES, 2.3, MIXTURE), "curved": (CURVED, 1.7, DIAGONAL), "curved-full": (CURVED, 0.9, CORRELATED),
}  # fmt: skip
each = pytest.mark.parametrize(("model", "x", "q"), CASES.values(), ids=CASES)


def density(q: Q) -> distributions.Distribution:
    """The same q, of torch's own."""
    sigma = q.log_sigma.detach().exp()
    if q.mean.shape[1] == 2:
        r, (one, two) = q.skew.detach().tanh(), sigma[0]
        covariance = torch.stack([torch.stack([one**2, r * one * two]), torch.stack([r * one * two, two**2])])
        return distributions.MultivariateNormal(q.mean.detach()[0], covariance)
    parts = distributions.Normal(q.mean.detach()[:, 0], sigma[:, 0])
    return distributions.MixtureSameFamily(distributions.Categorical(q.weight.detach()), parts)


def numpy_log_joint(model: Model, x: float, z: Any) -> Any:
    """z: (…, size), by scipy's densities"""
    f = model.a * z[..., 0] ** 2 + model.b * z[..., 0] + (z[..., 1] if model.size == 2 else 0)
    return stats.norm.logpdf(x, f, model.s) + stats.norm.logpdf(z).sum(-1)


def grid(size: int) -> tuple[np.ndarray, float]:
    """Places (places, size) of the line or the plane, and the room of each: their sums are integrals."""
    if size == 1:
        return np.linspace(-12, 12, 24001)[:, None], 24 / 24000
    axis = np.linspace(-7, 7, 1001)
    one, two = np.meshgrid(axis, axis, indexing="ij")
    return np.stack([one.ravel(), two.ravel()], 1), (14 / 1000) ** 2


def averaged(q: Q, values: Callable[[np.ndarray, np.ndarray], np.ndarray]) -> float:
    """The integral of q(z) values(z, log q(z)) by a sum over a grid, with torch's density."""
    z, room = grid(q.mean.shape[1])
    at = torch.from_numpy(z if q.mean.shape[1] == 2 else z[:, 0])
    log_q = density(q).log_prob(at).numpy()
    return float((np.exp(log_q) * values(z, log_q)).sum() * room)


def test_the_printed_digits() -> None:
    """SCIENCE.md § 6: the linear-Gaussian model at x = 1.5 with q = N(0.2, 0.6²)."""
    assert log_evidence(LINEAR, 1.5) == pytest.approx(-1.92098, abs=5e-6)
    assert elbo.elbo(LINEAR, 1.5, GAUSSIAN).item() == pytest.approx(-3.43319, abs=5e-6)
    assert log_evidence(MODES, 1.0) == pytest.approx(-1.4853, abs=5e-5)


@pytest.mark.parametrize(("k", "bound"), [(5, -2.048), (50, -1.930), (500, -1.922)])
def test_printed_importance_weighted_bounds(k: int, bound: float) -> None:
    noise = torch.randn(4000, k, 1, generator=torch.Generator().manual_seed(k), dtype=torch.float64)
    with torch.no_grad():
        found = elbo.iwae_bound(elbo.log_weights(LINEAR, 1.5, GAUSSIAN, GAUSSIAN.sample(noise)[0]))
    error = found.std().item() / math.sqrt(len(found))
    assert found.mean().item() == pytest.approx(bound, abs=4 * error + 5e-4)


@each
def test_log_prob_is_that_of_torchs_distributions(model: Model, x: float, q: Q) -> None:
    z = 2 * torch.randn(5, 7, model.size, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    expected = density(q).log_prob(z if model.size == 2 else z[..., 0])
    assert q.log_prob(z).shape == (5, 7)
    torch.testing.assert_close(q.log_prob(z).detach(), expected, rtol=0, atol=1e-12)


def test_noise_becomes_draws_of_each_part() -> None:
    noise = torch.tensor([[0.0], [1.0], [-2.0]], dtype=torch.float64)
    expected = torch.tensor([[[-0.9], [-0.4], [-1.9]], [[1.3], [1.6], [0.7]]], dtype=torch.float64)
    torch.testing.assert_close(MIXTURE.sample(noise).detach(), expected, rtol=0, atol=1e-12)
    drawn = CORRELATED.sample(torch.tensor([[1.0, 0.0], [0.0, 1.0]], dtype=torch.float64))[0].detach()
    torch.testing.assert_close(
        drawn[0], torch.tensor([0.9, -0.7 - 0.54], dtype=torch.float64), rtol=0, atol=1e-12
    )  # r σ₂
    torch.testing.assert_close(
        drawn[1], torch.tensor([0.4, -0.7 + 0.72], dtype=torch.float64), rtol=0, atol=1e-12
    )  # √(1 − r²) σ₂


def test_draws_have_the_covariance_of_q() -> None:
    covariance = CORRELATED.root[0] @ CORRELATED.root[0].mT
    torch.testing.assert_close(covariance.detach(), density(CORRELATED).covariance_matrix, rtol=0, atol=1e-12)


@each
def test_log_joint_is_scipys(model: Model, x: float, q: Q) -> None:
    z = np.random.default_rng(2).normal(size=(11, model.size))
    np.testing.assert_allclose(model.log_joint(x, torch.from_numpy(z)), numpy_log_joint(model, x, z), atol=1e-11)


@each
def test_kl_to_the_prior_by_quadrature(model: Model, x: float, q: Q) -> None:
    expected = averaged(q, lambda z, log_q: log_q - stats.norm.logpdf(z).sum(-1))
    assert elbo.kl_to_prior(q).item() == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(("m", "sigma"), [(0.0, 1.0), (1.5, 0.5), (-4.0, 0.05), (2.0, 3.0)])
def test_kl_of_two_gaussians_in_closed_form(m: float, sigma: float) -> None:
    q = gaussians([[m]], [[sigma]])
    assert elbo.kl_to_prior(q).item() == pytest.approx((m**2 + sigma**2 - 1) / 2 - math.log(sigma), abs=1e-10)


def test_a_mixture_of_two_equal_parts_is_one_gaussian() -> None:
    both = gaussians([[0.2], [0.2]], [[0.6], [0.6]], [0.3, 0.7])
    for of_q in (elbo.kl_to_prior, lambda q: elbo.reconstruction(MODES, 1.0, q)):
        assert of_q(both).item() == pytest.approx(of_q(GAUSSIAN).item(), abs=1e-10)


def test_a_mixture_of_a_wide_and_a_narrow_part() -> None:
    """The narrowest that the knobs allow inside of the widest; scipy is told where the narrow part is."""
    q = gaussians([[-0.66], [0.33]], [[3.0], [0.05]], [0.1281, 0.8719])
    w, m, s = q.weight.tolist(), [-0.66, 0.33], [3.0, 0.05]

    def term(z: float) -> float:
        heights = [math.log(w[k]) + stats.norm.logpdf(z, m[k], s[k]) for k in range(2)]
        log_q = np.logaddexp(*heights)
        return float(np.exp(log_q) * (log_q - stats.norm.logpdf(z)))

    edges = [-30, -4, 0.0, 0.13, 0.33, 0.53, 0.7, 5, 30]
    expected = sum(integrate.quad(term, a, b, epsabs=1e-11)[0] for a, b in zip(edges[:-1], edges[1:], strict=True))
    assert elbo.kl_to_prior(q).item() == pytest.approx(expected, abs=1e-6)


@each
def test_reconstruction_by_quadrature(model: Model, x: float, q: Q) -> None:
    expected = averaged(q, lambda z, _: numpy_log_joint(model, x, z) - stats.norm.logpdf(z).sum(-1))
    assert elbo.reconstruction(model, x, q).item() == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("x", [-3.0, 0.0, 1.0, 4.0])
@pytest.mark.parametrize("model", [LINEAR, MODES, CURVED], ids=["linear", "modes", "curved"])
def test_log_evidence_by_scipys_quadrature(model: Model, x: float) -> None:
    spread = math.sqrt(model.s**2 + (1 if model.size == 2 else 0))  # z₂ is one more Gaussian noise

    def joint(z: float) -> float:
        return float(stats.norm.pdf(z) * stats.norm.pdf(x, model.a * z**2 + model.b * z, spread))

    edges = np.linspace(-9, 9, 37)
    whole = sum(integrate.quad(joint, a, b, epsabs=1e-14)[0] for a, b in zip(edges[:-1], edges[1:], strict=True))
    assert log_evidence(model, x) == pytest.approx(math.log(whole), abs=1e-8)


def test_evidence_of_the_curved_model_over_the_plane() -> None:
    z, room = grid(2)
    assert log_evidence(CURVED, 1.7) == pytest.approx(
        math.log(np.exp(numpy_log_joint(CURVED, 1.7, z)).sum() * room), abs=1e-9
    )


@each
def test_the_bound_and_its_gap_are_the_evidence(model: Model, x: float, q: Q) -> None:
    """log p(x) = ELBO + KL(q ‖ p(z|x)), the posterior being normalised on the grid."""
    places, room = grid(model.size)
    joint = np.exp(numpy_log_joint(model, x, places))
    log_whole = math.log(joint.sum() * room)
    gap = averaged(q, lambda z, log_q: log_q - (numpy_log_joint(model, x, z) - log_whole))
    assert gap > 0.01
    assert log_evidence(model, x) == pytest.approx(elbo.elbo(model, x, q).item() + gap, abs=1e-6)


def test_the_bound_touches_at_the_posterior_of_the_linear_model() -> None:
    """p(z|x) = N(b x / (b² + s²), s² / (b² + s²)) where the prior is N(0, 1)."""
    b, s2, x = 2.0, 0.5, 1.5
    q = gaussians([[b * x / (b**2 + s2)]], [[(s2 / (b**2 + s2)) ** 0.5]])
    assert elbo.elbo(LINEAR, x, q).item() == pytest.approx(log_evidence(LINEAR, x), abs=1e-12)
    log_w = elbo.log_weights(LINEAR, x, q, q.sample(torch.linspace(-2, 2, 9, dtype=torch.float64)[:, None])[0])
    torch.testing.assert_close(log_w.detach(), torch.full_like(log_w, log_evidence(LINEAR, x)), atol=1e-10, rtol=0)


@pytest.mark.parametrize(
    ("model", "x"), [(LINEAR, 1.5), (MODES, 1.0), (CURVED, 1.7)], ids=["linear", "modes", "curved"]
)
def test_the_posteriors_places_have_its_moments(model: Model, x: float) -> None:
    places, room = grid(model.size)
    joint = np.exp(numpy_log_joint(model, x, places))
    share = joint / joint.sum()
    found = posterior(model, x)
    assert found.weight.sum().item() == pytest.approx(1, abs=1e-12)
    for power in (1, 2):
        expected = share @ places**power
        np.testing.assert_allclose((found.weight @ found.z**power).numpy(), expected, atol=1e-4)


# ---------------------------------------------------------------- gradients


def parameters(q: Q) -> dict[str, Tensor]:
    return {name: p for name, p in q.named_parameters() if p.requires_grad}


def numeric_gradient(model: Model, x: float, q: Q) -> dict[str, np.ndarray]:
    """Of the closed form, by central differences."""
    found = {}
    for name, parameter in parameters(q).items():
        flat, slopes = parameter.data.view(-1), []
        for i in range(len(flat)):
            kept, ends = flat[i].item(), []
            for h in (1e-5, -1e-5):
                flat[i] = kept + h
                ends.append(elbo.elbo(model, x, q).item())
            flat[i] = kept
            slopes.append((ends[0] - ends[1]) / 2e-5)
        found[name] = np.array(slopes)
    return found


def draws_of_the_gradient(model: Model, x: float, q: Q, how: Any, count: int, samples: int) -> dict[str, np.ndarray]:
    noise = torch.Generator().manual_seed(5)
    rows: dict[str, list[np.ndarray]] = {name: [] for name in parameters(q)}
    for _ in range(count):
        epsilon = torch.randn(samples, model.size, generator=noise, dtype=torch.float64)
        grads = torch.autograd.grad(elbo.surrogate(model, x, q, epsilon, how), list(parameters(q).values()))
        for name, gradient in zip(rows, grads, strict=True):
            rows[name].append(gradient.flatten().numpy())
    return {name: np.stack(found) for name, found in rows.items()}


@each
def test_every_kind_of_parameter_has_a_gradient(model: Model, x: float, q: Q) -> None:
    names = {"mean", "log_sigma"} | ({"logit"} if len(q.mean) > 1 else set()) | ({"skew"} if q.correlated else set())
    assert set(parameters(q)) == names


@each
@pytest.mark.parametrize("how", ["reparameterised", "score", "score-baseline"])
def test_estimators_are_unbiased_in_every_parameter(model: Model, x: float, q: Q, how: Any) -> None:
    exact = numeric_gradient(model, x, q)
    for name, found in draws_of_the_gradient(model, x, q, how, count=1000, samples=5).items():
        error = found.std(0, ddof=1) / math.sqrt(len(found))
        away = np.abs(found.mean(0) - exact[name])
        assert (away <= 4 * error + 1e-6).all(), f"{name}: {away / error} standard errors"


@each
def test_the_exact_gradient_is_that_of_the_closed_form(model: Model, x: float, q: Q) -> None:
    grads = torch.autograd.grad(
        elbo.surrogate(model, x, q, torch.zeros(2, model.size).double(), "exact"), list(parameters(q).values())
    )
    for gradient, (name, expected) in zip(grads, numeric_gradient(model, x, q).items(), strict=True):
        np.testing.assert_allclose(gradient.flatten().numpy(), expected, atol=1e-5, err_msg=name)


def test_a_baseline_of_two_draws_by_hand() -> None:
    """With two draws, each has the other one's log w as its baseline."""
    noise = torch.tensor([[0.3], [-1.1]], dtype=torch.float64)
    z = 0.2 + 0.6 * noise[:, 0].numpy()
    log_w = numpy_log_joint(LINEAR, 1.5, z[:, None]) - stats.norm.logpdf(z, 0.2, 0.6)
    by_hand = ((log_w[0] - log_w[1]) * (z[0] - 0.2) + (log_w[1] - log_w[0]) * (z[1] - 0.2)) / 0.36 / 2
    found = elbo.surrogate(LINEAR, 1.5, GAUSSIAN, noise, "score-baseline")
    (gradient,) = torch.autograd.grad(found, GAUSSIAN.mean)
    assert gradient.item() == pytest.approx(by_hand, abs=1e-10)


# ---------------------------------------------------------------- importance sampling, and the other objectives


def test_the_bound_of_weights_by_hand() -> None:
    log_w = torch.tensor([1.0, 2.0, 6.0], dtype=torch.float64).log()
    assert elbo.iwae_bound(log_w).item() == pytest.approx(math.log(3), abs=1e-12)
    assert elbo.iwae_bound(log_w[None, :1]).item() == pytest.approx(0, abs=1e-12)
    huge = torch.tensor([800.0, 800.0], dtype=torch.float64)
    assert elbo.iwae_bound(huge).item() == 800 and elbo.effective_samples(huge).item() == pytest.approx(2)


def test_effective_samples_by_hand() -> None:
    assert elbo.effective_samples(torch.full((7,), -3.0).double()).item() == pytest.approx(7)
    assert elbo.effective_samples(torch.tensor([1.0, 1e-9, 1e-9], dtype=torch.float64).log()).item() == pytest.approx(1)
    assert elbo.effective_samples(torch.tensor([1.0, 2.0, 3.0], dtype=torch.float64).log()).item() == pytest.approx(
        36 / 14
    )


def test_the_bound_rises_on_nested_halves() -> None:
    log_w = 5 * torch.randn(64, generator=torch.Generator().manual_seed(3)).double()
    means = [elbo.iwae_bound(log_w.view(-1, k)).mean().item() for k in (1, 2, 4, 8, 16, 32, 64)]
    assert all(a < b for a, b in zip(means[:-1], means[1:], strict=True))


def made(**config: Any) -> InferenceExperiment:
    torch.manual_seed(0)
    return InferenceExperiment(ElboConfig(**config))


def kls() -> Iterator[tuple[str, dict[str, Any]]]:
    yield "linear", {"model": "linear", "x": 1.5, "mean": 0.2, "sigma": 0.6}
    yield "modes", {"model": "modes", "x": 1.0, "mean": -0.3}
    yield "two", {"model": "modes", "family": "two-gaussians", "mean": -1.0, "mean2": 1.2, "weight": 0.4}
    yield "curved", {"model": "curved", "mean": 0.5, "mean2": -0.2, "correlation": -0.5}


@pytest.mark.parametrize("config", [config for _, config in kls()], ids=[name for name, _ in kls()])
def test_the_forward_objective_is_the_forward_kl(config: dict[str, Any]) -> None:
    """KL(p(z|x) ‖ q) = −objective − the entropy of the posterior."""
    one = made(objective="forward_kl", **config)
    places, room = grid(one.model.size)
    joint = np.exp(numpy_log_joint(one.model, one.config.x, places))
    share = joint / joint.sum()
    q = one.arms.first.q
    log_q = density(q).log_prob(torch.from_numpy(places if one.model.size == 2 else places[:, 0])).numpy()
    expected = float(share @ log_q)
    found = one.objective(one.arms.first, torch.zeros(2, one.model.size), torch.zeros(2, 2, one.model.size)).item()
    assert found == pytest.approx(expected, abs=2e-4)
    entropy = -float(share[share > 0] @ np.log(share[share > 0] / room))
    assert -found - entropy > 0.01


def test_forward_kl_has_the_posteriors_moments_at_rest() -> None:
    """Its best Gaussian has the mean and the variance of the posterior: the gradient is 0 there."""
    exact = posterior(MODES, 1.0)
    mean = (exact.weight @ exact.z)[0]
    sigma = (exact.weight @ (exact.z[:, 0] - mean) ** 2).sqrt()
    assert (mean.item(), sigma.item()) == (pytest.approx(0.12, abs=0.01), pytest.approx(1.32, abs=0.01))
    q = Q(mean.view(1, 1), sigma.view(1, 1), torch.ones(1))
    grads = torch.autograd.grad((exact.weight * q.log_prob(exact.z)).sum(), [q.mean, q.log_sigma])
    assert max(gradient.abs().max().item() for gradient in grads) < 1e-9
