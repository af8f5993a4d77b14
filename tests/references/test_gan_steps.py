"""A GAN's step in the plane: whom each half touches, that it is Adam's on the formulas, counts, rates, averages."""

from __future__ import annotations

import copy
import dataclasses
import math
from collections.abc import Iterator
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from playground.concepts.gan.config import GanConfig
from playground.concepts.gan.plane.experiment import PlaneExperiment

PLAYERS = ("generator", "discriminator")


def run(seed: int = 0, **config: Any) -> PlaneExperiment:
    torch.manual_seed(seed)
    return PlaneExperiment(GanConfig(**{"width": 16, "batch": 48, **config}))


@pytest.fixture
def in_double() -> Iterator[None]:
    """Adam divides each gradient by its size: in float32 rounding alone would tell two right ones apart."""
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


def parameters(net: nn.Module) -> list[Tensor]:
    return [p.detach().clone() for p in net.parameters()]


def moved(net: nn.Module, before: list[Tensor]) -> list[bool]:
    return [not torch.equal(p, was) for p, was in zip(net.parameters(), before, strict=True)]


@pytest.mark.parametrize("config", [
    {}, {"loss": "WGAN-GP"}, {"model": "CAN"}, {"spectral_norm": True}, {"model": "CAN", "data": "styles", "r1": 0.0},
])  # fmt: skip
@pytest.mark.parametrize("half", PLAYERS)
def test_half_a_step_touches_its_own_player_and_no_other(half: str, config: dict[str, Any]) -> None:
    experiment = run(**config)
    before = {who: parameters(getattr(experiment, who)) for who in PLAYERS}
    getattr(experiment, f"{half}_half")()
    (other,) = set(PLAYERS) - {half}
    own = moved(getattr(experiment, half), before[half])
    assert sum(own) >= len(own) - 1  # the critic's last bias is the same for both kinds: it may stand still
    still: nn.Module = getattr(experiment, other)
    assert not any(moved(still, before[other]))
    assert all(p.grad is None and p.requires_grad for p in still.parameters()), "gradients reached the other player"
    assert not experiment.optimisers[other].state and experiment.optimisers[half].state


def chosen_for_adam(optimiser: torch.optim.Optimizer) -> dict[str, Any]:
    """What is tuned and follows from no formula."""
    return {name: optimiser.defaults[name] for name in ("betas", "eps")}


def reference_loss(config: GanConfig, D: nn.Module, x: Tensor, style: Tensor, fake: Tensor) -> Tensor:
    """The discriminator's, by its definition; x and fake are data."""
    if config.loss == "WGAN-GP":
        share = torch.rand(len(x))[:, None]
        middle = (share * x + (1 - share) * fake).requires_grad_()
        slope = torch.autograd.grad(D(middle).sum(), middle, create_graph=True)[0]
        loss = D(fake).mean() - D(x).mean() + config.penalty * ((slope.pow(2).sum(1).sqrt() - 1) ** 2).mean()
    else:
        loss = F.softplus(-D(x)).mean() + F.softplus(D(fake)).mean()
    if config.r1:
        at = x.clone().requires_grad_()
        slope = torch.autograd.grad(D(at).sum(), at, create_graph=True)[0]
        loss = loss + config.r1 / 2 * slope.pow(2).sum() / len(x)
    if config.model == "CAN":
        log_p = F.log_softmax(D.logit_and_style(x)[1], 1)  # type: ignore[operator]
        share, K = config.smoothing, log_p.shape[1]
        loss = loss - ((1 - share) * log_p[torch.arange(len(x)), style] + share / K * log_p.sum(1)).mean()
    return loss


def reference_objective(config: GanConfig, D: nn.Module, fake: Tensor) -> Tensor:
    passes = -D(fake).mean() if config.loss == "WGAN-GP" else F.softplus(-D(fake)).mean()
    if config.model == "GAN":
        return passes
    return passes - config.ambiguity * F.log_softmax(D.logit_and_style(fake)[1], 1).mean()  # type: ignore[operator]


@pytest.mark.parametrize("config", [
    {"r1": 0.3}, {"loss": "WGAN-GP", "r1": 0.0, "penalty": 0.7}, {"loss": "WGAN-GP", "r1": 0.2, "penalty": 2.0},
    {"model": "CAN", "r1": 0.0, "ambiguity": 0.6, "data": "styles", "smoothing": 0.25},
])  # fmt: skip
def test_steps_are_adams_on_the_formulas(config: dict[str, Any], in_double: None) -> None:
    """Three steps, each of two of the discriminator and one of the generator, redone with copies."""
    experiment = run(lr_g=2e-3, lr_d=5e-3, d_steps=2, noise=3, **config)
    experiment.real = dataclasses.replace(experiment.real, points=experiment.real.points.double())
    real = experiment.real
    G, D = copy.deepcopy(experiment.generator), copy.deepcopy(experiment.discriminator)
    of_g = torch.optim.Adam(G.parameters(), 2e-3, **chosen_for_adam(experiment.optimisers["generator"]))
    of_d = torch.optim.Adam(D.parameters(), 5e-3, **chosen_for_adam(experiment.optimisers["discriminator"]))
    torch.manual_seed(9)
    for _ in range(3):
        for _ in range(2):
            chosen = torch.randint(len(real.points), (48,))
            fake = G(torch.randn(48, 3)).detach()
            of_d.zero_grad()
            reference_loss(experiment.config, D, real.points[chosen], real.style[chosen], fake).backward()
            of_d.step()
        of_g.zero_grad()
        objective = reference_objective(experiment.config, D, G(torch.randn(48, 3)))
        objective.backward()
        of_g.step()
    torch.manual_seed(9)
    metrics = [experiment.step() for _ in range(3)][-1]
    assert metrics["generator/loss"] == pytest.approx(objective.item(), rel=1e-9)
    norm = math.sqrt(sum(float(p.grad.pow(2).sum()) for p in G.parameters() if p.grad is not None))
    assert metrics["generator/gradient"] == pytest.approx(norm, rel=1e-6)
    for ours, theirs in ((experiment.generator, G), (experiment.discriminator, D)):
        for p, expected in zip(ours.parameters(), theirs.parameters(), strict=True):
            torch.testing.assert_close(p, expected, rtol=1e-7, atol=1e-9)


def test_a_step_reports_how_sure_the_discriminator_was_and_its_loss_without_penalties() -> None:
    experiment = run(r1=2.0)
    D, G = experiment.discriminator, experiment.generator
    torch.manual_seed(4)
    x = experiment.real.points[torch.randint(len(experiment.real.points), (48,))]
    with torch.no_grad():
        real_logits, fake_logits = D(x), D(G(torch.randn(48, 2)))
    torch.manual_seed(4)
    metrics = experiment.discriminator_half()
    assert metrics["discriminator/on_real"] == pytest.approx((1 / (1 + (-real_logits).exp())).mean().item())
    assert metrics["discriminator/on_generated"] == pytest.approx((1 / (1 + (-fake_logits).exp())).mean().item())
    loss = F.softplus(-real_logits).mean() + F.softplus(fake_logits).mean()
    assert metrics["discriminator/loss"] == pytest.approx(loss.item(), rel=1e-5)


def test_steps_of_the_discriminator_are_counted_and_live() -> None:
    def steps_of(experiment: PlaneExperiment) -> list[int]:
        return [int(next(iter(experiment.optimisers[who].state.values()))["step"]) for who in PLAYERS]

    experiment = run(d_steps=3)
    experiment.step()
    assert steps_of(experiment) == [1, 3]
    experiment.update_live(experiment.config.model_copy(update={"d_steps": 1}))
    experiment.step()
    assert steps_of(experiment) == [2, 4] and experiment.steps_taken == 2


def test_learning_rates_are_live() -> None:
    """As if the run had begun with them; that each player has its own, the test of Adam's steps says."""
    changed, fresh = run(lr_g=1e-4, lr_d=1e-4), run(lr_g=0.007, lr_d=0.002)
    changed.update_live(changed.config.model_copy(update={"lr_g": 0.007, "lr_d": 0.002}))
    for experiment in (changed, fresh):
        torch.manual_seed(1)
        experiment.step()
    for who in PLAYERS:
        assert not any(moved(getattr(changed, who), parameters(getattr(fresh, who))))


def test_weights_before_the_step_are_kept_for_the_picture() -> None:
    experiment = run(d_steps=2, spectral_norm=True)
    for _ in range(2):
        before = {who: copy.deepcopy(getattr(experiment, who).state_dict()) for who in PLAYERS}
        experiment.step()
        for who in PLAYERS:
            assert set(experiment.before[who]) == set(before[who])
            assert all(torch.equal(experiment.before[who][name], value) for name, value in before[who].items())


@pytest.mark.parametrize("begins", [0, 5000])
def test_an_average_of_the_generators_is_measured(begins: int) -> None:
    """Of t steps it keeps t / (t + 9), and never more than the knob says."""
    experiment = run(average=0.3)
    experiment.steps_taken, expected = begins, parameters(experiment.generator)
    for step, knob in ((1, 0.3), (2, 0.3), (3, 0.2), (4, 0.9), (5, 0.9)):
        experiment.update_live(experiment.config.model_copy(update={"average": knob}))
        experiment.step()
        keep = min(knob, (begins + step) / (begins + step + 9))
        expected = [
            keep * old + (1 - keep) * p.detach()
            for old, p in zip(expected, experiment.generator.parameters(), strict=True)
        ]
    slow = copy.deepcopy(experiment.generator)
    for p, value in zip(slow.parameters(), expected, strict=True):
        p.data.copy_(value)
    torch.testing.assert_close(experiment.generated(), slow(experiment.fixed_noise).detach())
