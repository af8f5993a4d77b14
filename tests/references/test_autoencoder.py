"""Every displayed equation of the Autoencoder tab against an independent reference."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.distributions import Bernoulli, Independent, Normal, kl_divergence

from models.autoencoder import (
    PIXEL_SIGMA,
    Autoencoder,
    gaussian_kl,
    negative_elbo,
    reconstruction_loss,
    reparameterise,
)
from playground.concepts.autoencoder.config import AutoencoderConfig
from playground.concepts.autoencoder.experiment import AutoencoderExperiment
from playground.concepts.autoencoder.probes import gradients
from playground.concepts.autoencoder.questions import Reparameterise

BATCH, LATENT, PIXELS = 3, 5, 784


def posterior(batch: int = BATCH, latent: int = LATENT, dtype: torch.dtype = torch.float32) -> tuple[Tensor, Tensor]:
    torch.manual_seed(0)
    return torch.randn(batch, latent, dtype=dtype), torch.randn(batch, latent, dtype=dtype)


def test_kl_is_torchs_kl() -> None:
    mu, log_var = posterior()
    expected = kl_divergence(Normal(mu, (0.5 * log_var).exp()), Normal(0.0, 1.0))
    torch.testing.assert_close(gaussian_kl(mu, log_var), expected)


def test_kl_is_the_expected_log_ratio() -> None:
    mu, log_var = posterior(1, 2, torch.float64)
    q, prior = Normal(mu, (0.5 * log_var).exp()), Normal(0.0, 1.0)
    z = q.sample((200_000,))
    estimate = (q.log_prob(z) - prior.log_prob(z)).mean(0)
    torch.testing.assert_close(gaussian_kl(mu, log_var), estimate, atol=0.02, rtol=0.02)


def test_reparameterised_samples_have_the_posteriors_moments() -> None:
    mu, log_var = posterior(1, 3)
    eps = torch.randn(100_000, 3)
    z = reparameterise(mu.expand(100_000, -1), log_var.expand(100_000, -1), eps)
    torch.testing.assert_close(z.mean(0), mu[0], atol=0.03, rtol=0)
    torch.testing.assert_close(z.var(0), log_var[0].exp(), atol=0.03, rtol=0.03)


def test_likelihoods_are_torchs() -> None:
    torch.manual_seed(1)
    logits, ink = torch.randn(BATCH, PIXELS), (torch.rand(BATCH, PIXELS) > 0.5).float()
    bernoulli = Independent(Bernoulli(logits=logits), 1)
    torch.testing.assert_close(reconstruction_loss(logits, ink), -bernoulli.log_prob(ink))
    grey = torch.rand(BATCH, PIXELS)
    gaussian = Independent(Normal(torch.sigmoid(logits), PIXEL_SIGMA), 1)
    torch.testing.assert_close(reconstruction_loss(logits, grey, "Gaussian"), -gaussian.log_prob(grey))


@pytest.mark.parametrize(("beta", "free_bits"), [(1.0, 0.0), (4.0, 0.0), (0.5, 0.7)])
def test_negative_elbo_written_out(beta: float, free_bits: float) -> None:
    torch.manual_seed(2)
    reconstruction, kl = torch.rand(BATCH) * 100, torch.rand(BATCH, LATENT) * 2
    price = sum(max(sum(kl[i, j].item() for i in range(BATCH)) / BATCH, free_bits) for j in range(LATENT))
    expected = sum(reconstruction.tolist()) / BATCH + beta * price
    assert math.isclose(negative_elbo(reconstruction, kl, beta, free_bits).item(), expected, rel_tol=1e-5)


class Tiny:
    """−ELBO of a linear decoder as a function of the posterior's parameters, in float64, the noise fixed."""

    def __init__(self) -> None:
        torch.manual_seed(3)
        self.mu, self.log_var = posterior(BATCH, LATENT, torch.float64)
        self.eps = torch.randn(BATCH, LATENT, dtype=torch.float64)
        self.weight = torch.randn(LATENT, 7, dtype=torch.float64)
        self.x = torch.rand(BATCH, 7, dtype=torch.float64)

    def loss(self, mu: Tensor, log_var: Tensor, trick: bool = True) -> Tensor:
        z = reparameterise(mu, log_var, self.eps)
        if not trick:  # a generator's number: what `Normal.sample` gives, no path back to μ and σ
            z = z.detach()
        reconstruction = reconstruction_loss(z @ self.weight, self.x)
        return negative_elbo(reconstruction, gaussian_kl(mu, log_var))

    def gradient(self, trick: bool) -> tuple[Tensor, Tensor]:
        mu, log_var = self.mu.clone().requires_grad_(), self.log_var.clone().requires_grad_()
        self.loss(mu, log_var, trick).backward()
        assert mu.grad is not None and log_var.grad is not None
        return mu.grad, log_var.grad


def test_the_elbos_gradient_with_the_trick_is_the_finite_difference() -> None:
    tiny = Tiny()
    for_mu, for_log_var = tiny.gradient(trick=True)
    for i in range(BATCH):
        for j in range(LATENT):
            step = torch.zeros_like(tiny.mu)
            step[i, j] = 1e-6
            by_mu = (tiny.loss(tiny.mu + step, tiny.log_var) - tiny.loss(tiny.mu - step, tiny.log_var)) / 2e-6
            by_var = (tiny.loss(tiny.mu, tiny.log_var + step) - tiny.loss(tiny.mu, tiny.log_var - step)) / 2e-6
            torch.testing.assert_close(for_mu[i, j], by_mu, atol=1e-7, rtol=1e-6)
            torch.testing.assert_close(for_log_var[i, j], by_var, atol=1e-7, rtol=1e-6)


def test_without_the_trick_only_the_kl_reaches_the_encoder() -> None:
    for_mu, for_log_var = Tiny().gradient(trick=False)
    tiny = Tiny()
    torch.testing.assert_close(for_mu, tiny.mu / BATCH)  # ∂KL/∂μ = μ
    torch.testing.assert_close(for_log_var, 0.5 * (tiny.log_var.exp() - 1) / BATCH)


def test_minus_elbo_is_above_minus_log_p_by_the_gap() -> None:
    """In one dimension p(x) is an integral that a grid gives exactly; the gap is KL(q ‖ p(z|x))."""
    torch.manual_seed(4)
    weight, bias = torch.randn(1, 11, dtype=torch.float64), torch.randn(11, dtype=torch.float64)
    x = (torch.rand(11) > 0.5).double()
    grid = torch.linspace(-9, 9, 20_001, dtype=torch.float64)[:, None]
    width = grid[1, 0] - grid[0, 0]
    prior = Normal(torch.zeros(1, dtype=torch.float64), 1.0)
    log_joint = prior.log_prob(grid)[:, 0] - reconstruction_loss(grid @ weight + bias, x.expand(len(grid), -1))
    log_p = torch.logsumexp(log_joint, 0) + width.log()
    mu, log_var = torch.tensor([[0.7]]).double(), torch.tensor([[-0.4]]).double()
    q = Normal(mu[0], (0.5 * log_var[0]).exp())
    density = q.log_prob(grid)[:, 0].exp()
    fit = (density * reconstruction_loss(grid @ weight + bias, x.expand(len(grid), -1))).sum() * width
    bound = negative_elbo(fit[None], gaussian_kl(mu, log_var))
    gap = (density * (q.log_prob(grid)[:, 0] - (log_joint - log_p))).sum() * width  # KL(q ‖ p(z|x))
    assert bound > -log_p and gap > 0
    torch.testing.assert_close(bound, -log_p + gap, atol=1e-8, rtol=1e-8)


def test_a_linear_autoencoder_finds_the_principal_subspace() -> None:
    """Baldi & Hornik 1989: its least squared error is the sum of the discarded PCA eigenvalues."""
    from sklearn.decomposition import PCA

    torch.manual_seed(5)
    scales = torch.tensor([4.0, 3.0, 2.0, 0.5, 0.4, 0.3, 0.2])
    data = torch.randn(400, 7) * scales @ torch.linalg.qr(torch.randn(7, 7))[0]
    data = data - data.mean(0)
    encode, decode = torch.nn.Linear(7, 3, bias=False), torch.nn.Linear(3, 7, bias=False)
    optimiser = torch.optim.Adam([*encode.parameters(), *decode.parameters()], lr=0.02)
    for _ in range(1500):
        error = ((decode(encode(data)) - data) ** 2).sum(1).mean()
        optimiser.zero_grad()
        error.backward()
        optimiser.step()
    eigenvalues = PCA().fit(data.numpy()).explained_variance_ * (len(data) - 1) / len(data)
    assert math.isclose(error.item(), eigenvalues[3:].sum(), rel_tol=0.01)


@pytest.mark.parametrize("network", ["mlp", "conv"])
def test_only_the_conditional_model_sees_the_class(network: str) -> None:
    torch.manual_seed(6)
    x, z, c = torch.rand(BATCH, PIXELS), torch.randn(BATCH, LATENT), torch.tensor([1, 7, 4])
    plain, conditional = Autoencoder(LATENT, network), Autoencoder(LATENT, network, conditional=True)
    other = (c + 1) % 10
    assert torch.equal(plain.decode(z, c), plain.decode(z, other))
    assert not torch.equal(conditional.decode(z, c), conditional.decode(z, other))
    assert not torch.equal(conditional.encode(x, c)[0], conditional.encode(x, other)[0])
    assert plain.decode(z).shape == (BATCH, PIXELS) and plain.encode(x)[0].shape == (BATCH, LATENT)
    with pytest.raises(ValueError, match="needs the class"):
        conditional.decode(z)


def test_the_probes_gradients() -> None:
    """Where the decoder is linear and the pixels Gaussian, E_q[−log p(x|z)] has a gradient in closed form.

    With x̂ = W z + b and variance s²: ∂/∂μ = Wᵀ(W μ + b − x) / s². A z cut from the graph has none, and the score
    function meets it only on average.
    """
    experiment = AutoencoderExperiment(AutoencoderConfig(seed=1, likelihood="Gaussian"))
    question = Reparameterise(digit=3)
    mu = torch.from_numpy(experiment.heldout_posterior()[0][3])
    x = torch.from_numpy(experiment.digits.heldout_images[3])
    weight, bias = torch.randn(784, 2) * 0.02, torch.randn(784) * 0.1

    class NearlyLinear(torch.nn.Module):
        """Logits whose sigmoid is ½ + 0.001 (W z + b), to many digits."""

        def forward(self, z: Tensor) -> Tensor:
            return 0.004 * (z @ weight.T + bias)

    experiment.model.decoder = NearlyLinear()
    mean = 0.5 + 0.001 * (weight @ mu + bias)
    expected = (0.001 * weight.T @ (mean - x) / PIXEL_SIGMA**2).numpy()
    found = gradients(experiment, question)
    path, cut, score = found["path"], found["detached"], found["score"]
    assert path.shape == cut.shape == score.shape == (24, 2)
    np.testing.assert_allclose(path, np.broadcast_to(expected, path.shape), rtol=2e-3, atol=1e-4)
    assert not cut.any()
    error = score.std(0) / np.sqrt(len(score))
    assert (np.abs(score.mean(0) - expected) < 4 * error).all() and (score.std(0) > 100 * path.std(0)).all()


def test_warm_up_and_free_bits_reach_the_loss() -> None:
    experiment = AutoencoderExperiment(AutoencoderConfig(warmup=10, beta=2.0))
    weights = []
    for _ in range(12):
        experiment.step()
        weights.append(experiment.beta())
    assert weights[:5] == pytest.approx([0.2, 0.4, 0.6, 0.8, 1.0]) and weights[-1] == 2.0


@pytest.mark.slow
def test_what_the_knobs_promise_on_a_short_run() -> None:
    """β = 40 collapses, β = 0 lets the KL go, a class that is given lowers the KL (full budgets: benchmarks)."""

    def heldout(**given: object) -> dict[str, float]:
        torch.manual_seed(0)
        experiment = AutoencoderExperiment(AutoencoderConfig(**given))  # type: ignore[arg-type]
        metrics: dict[str, float] = {}
        for _ in range(250):
            metrics |= experiment.step()
        return metrics

    usual, squeezed, free, given = heldout(), heldout(beta=40.0), heldout(beta=0.0), heldout(model="CVAE")
    assert usual["heldout/neg_elbo"] < 180
    assert squeezed["heldout/kl"] < 0.1 < usual["heldout/kl"] < free["heldout/kl"] / 5
    assert given["heldout/kl"] < usual["heldout/kl"]
    assert given["heldout/neg_elbo"] < usual["heldout/neg_elbo"]
