"""GAN's and CAN's losses, penalties and networks against formulas and closed forms."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import get_args

import numpy as np
import pytest
import torch
from torch import Tensor

from models.gan import (
    Form,
    Loss,
    ambiguity_loss,
    average_weights,
    discriminator_loss,
    generator_loss,
    gradient_penalty,
    input_gradient,
    r1_penalty,
    style_loss,
)
from models.gan_networks import Discriminator, Generator

REAL, FAKE = np.array([1.7, -0.4, 0.3, 2.2, -1.1]), np.array([-2.3, 0.6, 1.4])
LOSSES, FORMS = get_args(Loss), get_args(Form)


def sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


CROSS_ENTROPY = -np.log(sigmoid(REAL)).mean() - np.log(1 - sigmoid(FAKE)).mean()
OF_D: dict[Loss, float] = {
    "minimax": CROSS_ENTROPY,
    "non-saturating": CROSS_ENTROPY,
    "least-squares": 0.5 * ((REAL - 1) ** 2).mean() + 0.5 * (FAKE**2).mean(),
    "hinge": np.maximum(0, 1 - REAL).mean() + np.maximum(0, 1 + FAKE).mean(),
    "WGAN-GP": FAKE.mean() - REAL.mean(),
}
OF_G: dict[Loss, float] = {
    "minimax": np.log(1 - sigmoid(FAKE)).mean(),
    "non-saturating": -np.log(sigmoid(FAKE)).mean(),
    "least-squares": 0.5 * ((FAKE - 1) ** 2).mean(),
    "hinge": -FAKE.mean(),
    "WGAN-GP": -FAKE.mean(),
}


def differs(f: Callable[[Tensor], Tensor], at: np.ndarray, step: float = 1e-6) -> np.ndarray:
    """The gradient by central differences."""
    found = np.zeros_like(at)
    for i in np.ndindex(at.shape):
        ahead, behind = at.copy(), at.copy()
        ahead[i] += step
        behind[i] -= step
        found[i] = (f(torch.tensor(ahead)).item() - f(torch.tensor(behind)).item()) / (2 * step)
    return found


def gradient(f: Callable[[Tensor], Tensor], at: np.ndarray) -> np.ndarray:
    x = torch.tensor(at, requires_grad=True)
    return torch.autograd.grad(f(x), x)[0].numpy()


@pytest.mark.parametrize("loss", LOSSES)
def test_each_loss_is_its_formula(loss: Loss) -> None:
    real, fake = torch.tensor(REAL), torch.tensor(FAKE)
    assert discriminator_loss(loss, real, fake).item() == pytest.approx(OF_D[loss], rel=1e-12)
    assert generator_loss(loss, fake).item() == pytest.approx(OF_G[loss], rel=1e-12)


@pytest.mark.parametrize("loss", LOSSES)
def test_each_loss_s_gradient_is_that_of_finite_differences(loss: Loss) -> None:
    real, fake = torch.tensor(REAL), torch.tensor(FAKE)
    for f, at in (
        (lambda x: discriminator_loss(loss, x, fake), REAL),
        (lambda x: discriminator_loss(loss, real, x), FAKE),
        (lambda x: generator_loss(loss, x), FAKE),
    ):
        np.testing.assert_allclose(gradient(f, at), differs(f, at), atol=1e-8)


def test_where_d_is_sure_minimax_has_no_slope_and_the_others_have() -> None:
    """D(G(z)) = −30: σ = 1e-13."""
    slope = {loss: gradient(partial(generator_loss, loss), np.array([-30.0]))[0] for loss in LOSSES}
    assert 0 > slope["minimax"] > -1e-12
    assert slope["non-saturating"] == pytest.approx(-1) and slope["hinge"] == -1 and slope["WGAN-GP"] == -1
    assert slope["least-squares"] == -31


def test_far_logits_lose_no_digits() -> None:
    far = torch.tensor([-200.0, 200.0])
    assert discriminator_loss("minimax", far, far).item() == pytest.approx(200)
    assert generator_loss("non-saturating", far).item() == pytest.approx(100)
    assert generator_loss("minimax", far).item() == pytest.approx(-100)


def quantiles(mean: float, count: int = 4001) -> Tensor:
    """Evenly spread over the probability of N(mean, 1): a sample without chance."""
    share = (torch.arange(count, dtype=torch.float64) + 0.5) / count
    return mean + torch.special.ndtri(share)


def fitted(loss: Loss, D: Callable[[Tensor], Tensor], weights: Tensor, real: Tensor, fake: Tensor) -> None:
    optimiser = torch.optim.Adam([weights], lr=0.05)
    for step in range(800):
        optimiser.param_groups[0]["lr"] = 0.05 * (1 - step / 800)
        optimiser.zero_grad()
        discriminator_loss(loss, D(real), D(fake)).backward()
        optimiser.step()


@pytest.mark.parametrize("loss", ["minimax", "non-saturating"])
def test_the_best_discriminator_of_two_gaussians_is_p_of_p_and_q(loss: Loss) -> None:
    """p = N(−0.5, 1), q = N(1, 1): log p/q = 0.375 − 1.5 x, which a line can say."""
    line = torch.zeros(2, dtype=torch.float64, requires_grad=True)
    fitted(loss, lambda x: line[0] + line[1] * x, line, quantiles(-0.5), quantiles(1.0))
    assert line.tolist() == pytest.approx([0.375, -1.5], abs=0.01)
    x = torch.linspace(-3, 3, 7, dtype=torch.float64)
    p, q = (torch.distributions.Normal(mean, 1.0).log_prob(x).exp() for mean in (-0.5, 1.0))
    torch.testing.assert_close(torch.sigmoid(line[0] + line[1] * x).detach(), p / (p + q), atol=0.002, rtol=0)


@pytest.mark.parametrize(
    ("loss", "best"),
    [
        ("minimax", [math.log(3), math.log(1 / 2), 0.0]),
        ("least-squares", [3 / 4, 1 / 3, 1 / 2]),
        ("hinge", [1.0, -1.0, None]),
    ],
)
def test_the_best_discriminator_of_three_cells(loss: Loss, best: list[float | None]) -> None:
    """D is a table over cells with 3, 2 and 1 sixths of the real samples and 1, 4 and 1 sixths of the others."""
    real, fake = torch.tensor([0, 0, 0, 1, 1, 2]), torch.tensor([0, 1, 1, 1, 1, 2])
    table = torch.zeros(3, dtype=torch.float64, requires_grad=True)
    fitted(loss, lambda cell: table[cell], table, real, fake)
    for found, expected in zip(table.tolist(), best, strict=True):
        if expected is not None:  # where p = q the hinge loss is the same from −1 to 1
            assert found == pytest.approx(expected, abs=0.01)


def test_penalties_of_a_linear_discriminator() -> None:
    """∇D = w everywhere."""
    w, random = torch.tensor([1.2, -0.5, 2.0], dtype=torch.float64), torch.Generator().manual_seed(0)
    real, fake = (torch.randn(7, 3, generator=random, dtype=torch.float64) for _ in range(2))
    norm = math.sqrt(1.2**2 + 0.5**2 + 2.0**2)
    eps = torch.rand(7, generator=random, dtype=torch.float64)
    assert r1_penalty(lambda x: x @ w, real).item() == pytest.approx(norm**2 / 2, rel=1e-12)
    assert gradient_penalty(lambda x: x @ w, real, fake, eps).item() == pytest.approx((norm - 1) ** 2, rel=1e-12)


def test_penalties_of_a_quadratic_discriminator() -> None:
    """D = ½ xᵀAx, so ∇D = Ax at the places that each penalty names; images count as one long vector."""
    random = torch.Generator().manual_seed(0)
    real, fake = (torch.randn(5, 2, 3, generator=random, dtype=torch.float64) for _ in range(2))
    A = torch.randn(6, 6, generator=random, dtype=torch.float64)
    A = A + A.T
    eps = torch.tensor([0.0, 0.25, 0.5, 0.9, 1.0], dtype=torch.float64)

    def D(x: Tensor) -> Tensor:
        x = x.flatten(1)
        return (x @ A * x).sum(1) / 2

    a, x, y = A.numpy(), real.flatten(1).numpy(), fake.flatten(1).numpy()
    np.testing.assert_allclose(input_gradient(D, real).detach().numpy(), x @ a, atol=1e-12)
    r1 = sum((a @ row) @ (a @ row) for row in x) / 5 / 2
    assert r1_penalty(D, real).item() == pytest.approx(r1, rel=1e-12)
    between = [e * p + (1 - e) * q for e, p, q in zip(eps.numpy(), x, y, strict=True)]
    expected = np.mean([(np.linalg.norm(a @ place) - 1) ** 2 for place in between])
    assert gradient_penalty(D, real, fake, eps).item() == pytest.approx(expected, rel=1e-12)


def test_the_penalties_reach_d_s_weights_and_nothing_else() -> None:
    w = torch.tensor([1.2, -0.5], dtype=torch.float64, requires_grad=True)
    real, fake = torch.ones(3, 2, dtype=torch.float64), torch.zeros(3, 2, dtype=torch.float64, requires_grad=True)
    r1_penalty(lambda x: x @ w, real).backward()
    assert w.grad is not None and w.grad.tolist() == pytest.approx([1.2, -0.5])  # of ½‖w‖²
    gradient_penalty(lambda x: x @ w, real, fake, torch.full((3,), 0.5, dtype=torch.float64)).backward()
    assert w.grad.tolist() == pytest.approx([g + 2 * (1.3 - 1) * g / 1.3 for g in (1.2, -0.5)])  # of (‖w‖ − 1)²
    assert fake.grad is None and not real.requires_grad


LOGITS = np.array([[0.3, -1.2, 2.0, 0.0, -0.4], [1.1, 0.2, -0.7, -2.5, 0.9], [0.0, 3.0, -1.0, 0.6, 0.5]])


def test_style_losses_are_their_formulas() -> None:
    p = np.exp(LOGITS) / np.exp(LOGITS).sum(1, keepdims=True)
    named = -np.mean([np.log(p[0, 4]), np.log(p[1, 0]), np.log(p[2, 3])])
    assert style_loss(torch.tensor(LOGITS), torch.tensor([4, 0, 3])).item() == pytest.approx(named, rel=1e-12)
    shared = -np.mean([0.3 / 5 * np.log(row).sum() for row in p]) + 0.7 * named
    smoothed = style_loss(torch.tensor(LOGITS), torch.tensor([4, 0, 3]), smoothing=0.3)
    assert smoothed.item() == pytest.approx(shared, rel=1e-12)
    s = sigmoid(LOGITS)
    expected = {
        "softmax": np.mean([-sum(np.log(p[n, k]) / 5 for k in range(5)) for n in range(3)]),
        "paper": np.mean([-sum(np.log(s[n, k]) / 5 + 4 / 5 * np.log(1 - s[n, k]) for k in range(5)) for n in range(3)]),
    }
    for form in FORMS:
        found = ambiguity_loss(torch.tensor(LOGITS), form)
        assert found.item() == pytest.approx(expected[form], rel=1e-12)
        objective = partial(ambiguity_loss, form=form)
        np.testing.assert_allclose(gradient(objective, LOGITS), differs(objective, LOGITS), atol=1e-8)


@pytest.mark.parametrize("K", [3, 5, 7])
def test_ambiguity_is_least_where_every_style_has_an_equal_share(K: int) -> None:
    coin = -(1 / K) * math.log(1 / K) - (1 - 1 / K) * math.log(1 - 1 / K)
    cases: list[tuple[Form, float, float]] = [
        ("softmax", 0.7, math.log(K)),
        ("paper", -math.log(K - 1), K * coin),
    ]
    for form, best, least in cases:
        at = np.full((2, K), best)
        assert ambiguity_loss(torch.tensor(at), form).item() == pytest.approx(least, rel=1e-12)
        np.testing.assert_allclose(gradient(partial(ambiguity_loss, form=form), at), 0, atol=1e-12)
        for noise in np.random.default_rng(0).standard_normal((11, 2, K)):
            assert ambiguity_loss(torch.tensor(at + 0.3 * noise), form).item() > least


def test_spectral_norm_makes_every_largest_singular_value_1() -> None:
    torch.manual_seed(0)
    D = Discriminator(width=24, styles=3, spectral=True)
    with torch.no_grad():
        for name, weight in D.named_parameters():
            if name.endswith("original"):
                weight.mul_(7)  # from the start they were below 1
    x = torch.randn(5, 2)
    for _ in range(200):
        D.logit_and_style(x)
    matrices = [module.weight for module in D.modules() if isinstance(module, torch.nn.Linear)]
    assert len(matrices) == 5
    for weight in matrices:
        assert torch.linalg.svdvals(weight.detach())[0].item() == pytest.approx(1, abs=1e-3)
    assert all("original" not in name for name, _ in Discriminator(width=24).named_parameters())


def test_a_spectrally_normalised_discriminator_stretches_no_distance() -> None:
    torch.manual_seed(0)
    D, x, y = Discriminator(width=16, spectral=True), 3 * torch.randn(700, 2), 3 * torch.randn(700, 2)
    with torch.no_grad():
        for weight in D.parameters():
            weight.mul_(5)
        for _ in range(200):
            D(x)
        assert ((D(x) - D(y)).abs() <= (x - y).norm(dim=1) * 1.001).all()


def test_the_networks_shapes_and_the_head_of_styles() -> None:
    G, D = Generator(noise=5, width=24, dims=3), Discriminator(width=16, styles=7, dims=3)
    x = G(torch.randn(11, 5))
    assert x.shape == (11, 3) and D(x).shape == (11,)
    real, style = D.logit_and_style(x)
    assert style.shape == (11, 7)
    torch.testing.assert_close(real, D(x))
    with pytest.raises(AssertionError, match="styles=0"):
        Discriminator(width=16, dims=3).logit_and_style(x)


@pytest.mark.parametrize("loss", LOSSES)
def test_half_a_step_moves_only_its_own_player(loss: Loss) -> None:
    torch.manual_seed(0)
    G, D, x, z = Generator(3, 16), Discriminator(16, styles=5), torch.randn(7, 2), torch.randn(7, 3)
    of_g, of_d = (torch.optim.Adam(player.parameters(), 0.01) for player in (G, D))
    g, d = ({name: w.clone() for name, w in player.named_parameters()} for player in (G, D))

    def moved(player: torch.nn.Module, before: dict[str, Tensor]) -> list[bool]:
        return [not torch.equal(w, before[name]) for name, w in player.named_parameters()]

    real, style = D.logit_and_style(x)
    both = discriminator_loss(loss, real, D(G(z).detach())) + r1_penalty(D, x)
    both = both + gradient_penalty(D, x, G(z), torch.rand(7)) + style_loss(style, torch.arange(7) % 5)
    of_d.zero_grad()
    both.backward()
    of_d.step()
    assert not any(moved(G, g)) and all(w.grad is None for w in G.parameters())
    assert sum(moved(D, d)) >= len(d) - 1  # WGAN's critic is free up to a constant: its last bias stays

    d = {name: w.clone() for name, w in D.named_parameters()}
    fake, style = D.logit_and_style(G(z))
    of_g.zero_grad()
    (generator_loss(loss, fake) + ambiguity_loss(style)).backward()
    of_g.step()
    assert not any(moved(D, d)) and all(moved(G, g))


def test_averaged_weights_are_a_geometric_series() -> None:
    average, G = Generator(3, 8), Generator(3, 8)
    for network, value in ((average, 5.0), (G, 1.0)):
        for w in network.parameters():
            torch.nn.init.constant_(w, value)
    for _ in range(7):
        average_weights(average, G, 0.9)
    for slow, fast in zip(average.parameters(), G.parameters(), strict=True):
        torch.testing.assert_close(slow.detach(), torch.full_like(slow, 1 + 4 * 0.9**7))
        assert slow.grad_fn is None and (fast == 1).all()
