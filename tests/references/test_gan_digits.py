"""What a GAN's run on digits trains and measures: steps redone by hand, averages, the judge's verdicts, resuming."""

from __future__ import annotations

import copy
import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.dcgan import random_shift
from playground.concepts.gan.config import GanConfig
from playground.concepts.gan.digits.experiment import AVERAGE, DigitsExperiment
from playground.data.mnist import load_digits

PLAYERS = ("generator", "discriminator")


def run(seed: int = 0, **config: Any) -> DigitsExperiment:
    torch.manual_seed(seed)
    return DigitsExperiment(GanConfig(**{"data": "digits", "noise": 5, "batch": 16, **config}))


def parameters(net: nn.Module) -> list[Tensor]:
    return [p.detach().clone() for p in net.parameters()]


def moved(net: nn.Module, before: list[Tensor]) -> list[bool]:
    return [not torch.equal(p, was) for p, was in zip(net.parameters(), before, strict=True)]


@pytest.mark.parametrize("model", ["GAN", "CAN"])
@pytest.mark.parametrize("half", PLAYERS)
def test_half_a_step_touches_its_own_player_and_no_other(half: str, model: str) -> None:
    experiment = run(model=model)
    before = {who: parameters(getattr(experiment, who)) for who in PLAYERS}
    getattr(experiment, f"{half}_half")()
    (other,) = set(PLAYERS) - {half}
    still: nn.Module = getattr(experiment, other)
    assert any(moved(getattr(experiment, half), before[half])) and not any(moved(still, before[other]))
    assert all(p.grad is None and p.requires_grad for p in still.parameters()), "gradients reached the other player"
    assert not experiment.optimisers[other].state and experiment.optimisers[half].state


def test_a_gan_leaves_the_head_of_styles_alone_and_a_can_trains_it() -> None:
    for model, learns in (("GAN", False), ("CAN", True)):
        experiment = run(model=model)
        before = parameters(experiment.discriminator.style)
        experiment.step()
        assert any(moved(experiment.discriminator.style, before)) == learns


@contextmanager
def in_double(experiment: DigitsExperiment) -> Iterator[None]:
    """Adam divides each gradient by its size: in float32 rounding alone would tell two right ones apart."""
    for net in (experiment.generator, experiment.discriminator, experiment.average, experiment.judge):
        net.double()
    experiment.images, experiment.fixed_noise = experiment.images.double(), experiment.fixed_noise.double()
    torch.set_default_dtype(torch.float64)
    try:
        yield
    finally:
        torch.set_default_dtype(torch.float32)


def reference_loss(D: nn.Module, x: Tensor, labels: Tensor, fake: Tensor, r1: float, is_can: bool) -> Tensor:
    (real_logits, style), (fake_logits, _) = D(x), D(fake)
    loss = F.softplus(-real_logits).mean() + F.softplus(fake_logits).mean()
    if r1:
        at = x.clone().requires_grad_()
        slope = torch.autograd.grad(D(at)[0].sum(), at, create_graph=True)[0]
        loss = loss + r1 / 2 * slope.pow(2).sum() / len(x)
    if is_can:
        log_p = F.log_softmax(style, 1)
        loss = loss - (0.75 * log_p[torch.arange(len(x)), labels] + 0.25 / 10 * log_p.sum(1)).mean()
    return loss


@pytest.mark.parametrize(("model", "begins"), [("GAN", 0), ("CAN", 0), ("GAN", 15)])
def test_steps_are_adams_on_the_formulas(model: str, begins: int) -> None:
    """R1 with 16 times its weight at the steps 1, 17, … and at no others."""
    experiment = run(model=model, r1=0.3, lr_g=2e-3, lr_d=5e-3, ambiguity=0.6, smoothing=0.25)
    experiment.steps_taken = begins
    with in_double(experiment):
        G, D = copy.deepcopy(experiment.generator), copy.deepcopy(experiment.discriminator)
        about = experiment.optimisers["discriminator"].defaults  # what is tuned and follows from no formula
        of_d = torch.optim.Adam(D.parameters(), 5e-3, about["betas"], about["eps"])
        about = experiment.optimisers["generator"].defaults
        of_g = torch.optim.Adam(G.parameters(), 2e-3, about["betas"], about["eps"])
        torch.manual_seed(9)
        for step in range(begins + 1, begins + 4):
            chosen = torch.randint(4500, (16,))
            x = random_shift(experiment.images[chosen], 2)
            fake = random_shift(G(torch.randn(16, 5)).detach(), 2)
            r1 = 16 * 0.3 if step in (1, 17, 33) else 0
            of_d.zero_grad()
            reference_loss(D, x, experiment.labels[chosen], fake, r1, model == "CAN").backward()
            of_d.step()
            of_g.zero_grad()
            fake_logits, style = D(random_shift(G(torch.randn(16, 5)), 2))
            objective = F.softplus(-fake_logits).mean()
            if model == "CAN":
                objective = objective - 0.6 * F.log_softmax(style, 1).mean()
            objective.backward()
            of_g.step()
        torch.manual_seed(9)
        metrics = [experiment.step() for _ in range(3)][-1]
    assert metrics["generator/loss"] == pytest.approx(objective.item(), rel=1e-9)
    for ours, theirs in ((experiment.generator, G), (experiment.discriminator, D)):
        for p, expected in zip(ours.parameters(), theirs.parameters(), strict=True):
            torch.testing.assert_close(p, expected, rtol=1e-6, atol=1e-8)


def rates(experiment: DigitsExperiment) -> list[float]:
    return [experiment.optimisers[who].param_groups[0]["lr"] for who in PLAYERS]


def test_rates_fall_after_1000_steps_and_stay_live() -> None:
    experiment = run(lr_g=4e-3, lr_d=1e-3)
    for taken, share in ((0, 1), (998, 1), (999, 1), (1249, 0.8), (1999, 0.5), (3999, 0.25)):
        experiment.steps_taken = taken
        experiment.step()
        assert rates(experiment) == pytest.approx([4e-3 * share, 1e-3 * share]), taken
    experiment.update_live(experiment.config.model_copy(update={"lr_g": 8e-3, "lr_d": 2e-3, "d_steps": 3}))
    counts = [int(next(iter(experiment.optimisers[who].state.values()))["step"]) for who in PLAYERS]
    experiment.step()
    assert rates(experiment) == pytest.approx([8e-3 * 1000 / 4001, 2e-3 * 1000 / 4001])
    found = [int(next(iter(experiment.optimisers[who].state.values()))["step"]) for who in PLAYERS]
    assert found == [counts[0] + 1, counts[1] + 3]


@pytest.mark.parametrize("begins", [0, 9000])
def test_samples_are_the_average_generator_s(begins: int) -> None:
    """Of t steps it keeps t / (t + 9), and never more than 0.998; running statistics are averaged alike."""
    experiment = run()
    experiment.steps_taken = begins
    expected = {name: value.double() for name, value in experiment.generator.state_dict().items()}
    for step in range(begins + 1, begins + 4):
        experiment.step()
        decay = min(0.998, step / (step + 9))
        for name, value in experiment.generator.state_dict().items():
            expected[name] = decay * expected[name] + (1 - decay) * value.double()
    found = experiment.average.state_dict()
    assert AVERAGE == 0.998 and not experiment.average.training
    for name, value in expected.items():
        if not name.endswith("num_batches_tracked"):
            torch.testing.assert_close(found[name].double(), value, rtol=1e-4, atol=1e-6, msg=name)
    model = copy.deepcopy(experiment.generator).eval()
    model.load_state_dict({name: value.to(found[name].dtype) for name, value in expected.items()})
    with torch.no_grad():
        torch.testing.assert_close(experiment.samples(), model(experiment.fixed_noise), atol=1e-4, rtol=0)
    assert experiment.samples().shape == (512, 784)
    before = experiment.samples().clone()
    experiment.step()
    assert not torch.equal(experiment.samples(), before), "drawn anew after each step"


class Says(nn.Module):
    """A judge whose logits are an image's first ten pixels."""

    def forward(self, x: Tensor) -> Tensor:
        return x[:, :10]


def told(*answers: tuple[int, int, float]) -> Tensor:
    """(count, class, p): images of which `Says` thinks so with probability p, the other nine sharing the rest."""
    images = torch.zeros(sum(count for count, _, _ in answers), 784)
    start = 0
    for count, kind, p in answers:
        images[start : start + count, kind] = math.log(9 * p / (1 - p))
        start += count
    return images


def entropy(p: float) -> float:
    return -p * math.log(p) - (1 - p) * math.log((1 - p) / 9)


def test_verdicts_of_a_judge_that_is_known() -> None:
    experiment = run()
    experiment.judge = Says()  # type: ignore[assignment]
    found = experiment.judged(told((500, 4, 0.81), (440, 9, 0.79), (31, 0, 0.999), (29, 7, 0.999)))
    assert found["high_quality"] == pytest.approx(0.56)
    assert found["modes_covered"] == 3 and found["largest_mode_share"] == pytest.approx(0.5)
    expected = 0.5 * entropy(0.81) + 0.44 * entropy(0.79) + 0.06 * entropy(0.999)
    assert found["style_entropy"] == pytest.approx(expected, rel=1e-4)
    assert experiment.judged(torch.zeros(3, 784))["style_entropy"] == pytest.approx(math.log(10))
    certain = F.pad(500 * F.one_hot(torch.arange(70) % 7, 10).float(), (0, 774))
    assert experiment.judged(certain) == {
        "high_quality": 1, "modes_covered": 7, "largest_mode_share": pytest.approx(1 / 7),
        "style_entropy": pytest.approx(0),
    }  # fmt: skip
    assert math.isnan(experiment.judged(torch.full((5, 784), math.nan))["high_quality"])


def test_real_quality_is_the_judge_s_of_heldout_digits() -> None:
    experiment, data = run(), load_digits()
    p = experiment.judge(torch.from_numpy(data.heldout_images)).softmax(1)
    assert experiment.real_quality == pytest.approx((p.max(1).values >= 0.8).double().mean().item())
    assert experiment.real_quality == pytest.approx(0.96, abs=0.02)
    assert (p.argmax(1).numpy() == data.heldout_labels).mean() > 0.95
    assert not any(p.requires_grad for p in experiment.judge.parameters()) and not experiment.judge.training
    np.testing.assert_array_equal(experiment.images, data.train_images)
    np.testing.assert_array_equal(experiment.labels, data.train_labels)


@pytest.mark.parametrize("model", ["GAN", "CAN"])
def test_a_resumed_run_goes_on_as_if_it_had_not_stopped(model: str) -> None:
    experiment = run(model=model)
    experiment.steps_taken = 47
    experiment.step()
    state, random = copy.deepcopy(experiment.state_dict()), torch.get_rng_state()
    expected = [experiment.step() for _ in range(3)]
    assert "style_entropy" in expected[1]

    resumed = run(seed=7, model=model)
    resumed.steps_taken = 48
    resumed.samples()  # of before it was loaded
    resumed.load_state_dict(state)
    torch.testing.assert_close(resumed.samples(), resumed.average(resumed.fixed_noise).detach())
    torch.set_rng_state(random)
    assert [resumed.step() for _ in range(3)] == expected
    for who in (*PLAYERS, "average"):
        ours, theirs = getattr(resumed, who).state_dict(), getattr(experiment, who).state_dict()
        assert all(torch.equal(value, theirs[name]) for name, value in ours.items())
    assert torch.equal(resumed.samples(), experiment.samples())
