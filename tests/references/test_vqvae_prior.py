"""The prior over codes, its samples and its judge, on cases known in closed form."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from playground.concepts.vqvae.prior.code_prior import BATCH, HORIZON, KEPT, LR, MEASURED, SAMPLES, WARM_UP, CodePrior
from playground.data.digit_classifier import classifier_weights
from playground.data.mnist import load_digits

CODES, PLACES = 5, 49


def to_images(k: Tensor) -> Tensor:
    """A map of zeros is a real digit, any other one is blank."""
    digit = torch.from_numpy(load_digits().heldout_images[0])
    return torch.where(k.eq(0).all(1)[:, None], digit, torch.zeros(784))


def prior(codes: Tensor, heldout: Tensor | None = None) -> CodePrior:
    torch.manual_seed(0)
    originals = torch.from_numpy(load_digits().heldout_images)
    numbered = torch.arange(len(codes)).float()[:, None].expand(-1, 784)  # the same, however it is moved
    rest = codes if heldout is None else heldout
    return CodePrior(numbered, originals, CODES, lambda x: rest if x is originals else codes[x[:, 0].long()], to_images)


def fixed(one: CodePrior, p: Tensor) -> None:
    """Makes the prior give each code its probability, whatever came before."""
    model: Any = one.model
    with torch.no_grad():
        model.to_logits.weight.zero_()
        model.to_logits.bias.copy_(torch.cat([p.log(), torch.tensor([9.0])]))  # the start token would win


def test_every_place_is_predicted_from_those_before_it() -> None:
    k = torch.randint(CODES, (3, PLACES))
    one = prior(k)
    given = one.shifted(k)
    assert given[:, 0].eq(CODES).all() and torch.equal(given[:, 1:], k[:, :-1])
    other = k.clone()
    other[:, 20] = (k[:, 20] + 1) % CODES
    with torch.no_grad():
        before, after = (one.model.decode(one.shifted(codes)) for codes in (k, other))
    changed = (before - after).abs().amax((0, 2)) > 0
    assert not changed[:21].any() and changed[21:].all()


def test_digits_are_moved_by_a_pixel_at_most() -> None:
    one = prior(torch.zeros(7, PLACES, dtype=torch.long))
    x = torch.from_numpy(load_digits().train_images[:3]).view(3, 28, 28)
    allowed = {tuple(x.roll((dy, dx), (1, 2)).flatten().tolist()) for dy in (-1, 0, 1) for dx in (-1, 0, 1)}
    seen = {tuple(one.moved(x.flatten(1)).flatten().tolist()) for _ in range(80)}
    assert seen == allowed


def test_the_loss_is_nats_a_code_on_heldout_maps() -> None:
    train, heldout = torch.zeros(7, PLACES, dtype=torch.long), torch.ones(7, PLACES, dtype=torch.long)
    one = prior(train, heldout)
    p = torch.tensor([0.5, 0.2, 0.1, 0.1, 0.1])
    fixed(one, p)
    with torch.no_grad():
        one.model.to_logits.bias[-1] = -1e9
    assert one.heldout_loss() == pytest.approx(-math.log(0.2), rel=1e-4)
    torch.manual_seed(1)
    assert one.step()["prior/train_loss"] == pytest.approx(-math.log(0.5), rel=1e-4)


@pytest.mark.parametrize("temperature", [1.0, 0.5])
def test_samples_follow_the_probabilities_and_hold_no_start_token(temperature: float) -> None:
    one = prior(torch.zeros(7, 10, dtype=torch.long))
    p = torch.tensor([0.4, 0.3, 0.15, 0.1, 0.05])
    fixed(one, p)
    k = one.sample(1000, torch.Generator().manual_seed(0), temperature)
    assert k.shape == (1000, 10) and int(k.max()) < CODES
    expected = p ** (1 / temperature) / (p ** (1 / temperature)).sum()
    found = torch.bincount(k.flatten(), minlength=CODES) / k.numel()
    assert (found - expected).abs().max() < 0.02
    again = one.sample(1000, torch.Generator().manual_seed(0), temperature)
    assert torch.equal(k, again)


def test_codes_drawn_place_by_place_keep_their_place_and_nothing_else() -> None:
    maps = torch.zeros(400, PLACES, dtype=torch.long)
    maps[:, 10] = 3
    maps[::2, 20] = maps[::2, 30] = 1
    k = prior(maps).independent(1000, torch.Generator().manual_seed(0))
    assert k[:, 10].eq(3).all() and k[:, 11].eq(0).all()
    assert k[:, 20].float().mean().item() == pytest.approx(0.5, abs=0.06)
    assert (k[:, 20] == k[:, 30]).float().mean().item() == pytest.approx(0.5, abs=0.06)  # in the maps always


def test_losses_are_those_of_the_codes_given_the_codes_before_them() -> None:
    torch.manual_seed(2)
    codes, heldout = torch.randint(CODES, (2, 300, 6))
    one = prior(codes, heldout)

    def loss(k: Tensor) -> float:
        """Σ −log p(kᵢ | start, k₁ … kᵢ₋₁), one place at a time."""
        total, before = torch.zeros(()), torch.full((len(k), 1), CODES)
        for place in range(6):
            log_p = one.model.decode(before)[:, -1].log_softmax(-1)
            total -= log_p.gather(1, k[:, place : place + 1]).mean()
            before = torch.cat([before, k[:, place : place + 1]], 1)
        return total.item() / 6

    with torch.no_grad():
        expected = loss(heldout[:MEASURED])
        assert one.heldout_loss() == pytest.approx(expected, rel=1e-4)
        torch.manual_seed(9)
        expected = loss(codes[torch.randint(300, (BATCH,))])
    torch.manual_seed(9)
    assert one.step()["prior/train_loss"] == pytest.approx(expected, rel=1e-4)


def test_the_learning_rate_warms_up_and_falls_to_a_twentieth() -> None:
    one, found = prior(torch.zeros(7, 1, dtype=torch.long)), []  # maps of one place: no digits
    for step in (1, WARM_UP // 2, WARM_UP, HORIZON // 2, HORIZON, 3 * HORIZON):
        one.steps_taken = step - 1
        one.step()
        found.append(one.optimiser.param_groups[0]["lr"] / LR)
    assert found == pytest.approx([1 / WARM_UP, 0.5, 1, 0.525, 0.05, 0.05], rel=0.01)


def test_the_newest_draws_stand_first_and_are_new() -> None:
    one = prior(torch.ones(7, 10, dtype=torch.long))
    one.recognised()
    first = one.drawn
    one.steps_taken = 1
    one.recognised()
    assert one.drawn.shape == (2 * SAMPLES, 10) and torch.equal(one.drawn[SAMPLES:], first)
    assert not torch.equal(one.drawn[:SAMPLES], first)


def test_the_judge_is_sure_of_real_digits_only() -> None:
    digits = load_digits()
    one = prior(torch.zeros(7, PLACES, dtype=torch.long))
    assert not one.judge.training
    x, labels = torch.from_numpy(digits.heldout_images), torch.from_numpy(digits.heldout_labels)
    with torch.no_grad():
        right = (one.judge(x).argmax(1) == labels).float().mean().item()
    assert right >= 0.95
    assert one.share(x) >= 0.9 and one.share(torch.zeros(3, 784)) == 0
    chances = F.softmax(one.judge(x), dim=1).max(1).values
    assert one.share(x) == pytest.approx((chances >= 0.8).float().mean().item())  # as the metric's words say
    assert all(value.dtype.name == "float32" for value in classifier_weights().values())


def test_what_is_recognised() -> None:
    """Every sample is a map of zeros, which is decoded to a real digit."""
    one = prior(torch.ones(7, PLACES, dtype=torch.long))
    fixed(one, torch.tensor([1.0, 1e-30, 1e-30, 1e-30, 1e-30]))
    found = one.recognised()
    assert found["recognised/samples"] == 1 and found["recognised/real"] >= 0.9
    assert found["recognised/independent"] == found["recognised/reconstructions"] == 0
    for _ in range(KEPT // SAMPLES + 1):
        one.recognised()
    assert one.drawn.shape == (KEPT, PLACES)


def test_a_damaged_classifier_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    from playground.data import digit_classifier
    from playground.data.mnist import DataMissing

    broken = tmp_path / "digit_classifier.safetensors"
    broken.write_bytes(b"no weights")
    monkeypatch.setattr(digit_classifier, "FILE", broken)
    digit_classifier.classifier_weights.cache_clear()
    with pytest.raises(DataMissing, match="make_digit_classifier"):
        digit_classifier.classifier_weights()
    digit_classifier.classifier_weights.cache_clear()
