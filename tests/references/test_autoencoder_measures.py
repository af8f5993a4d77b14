"""What the autoencoder's experiment measures and learns from, on nets set by hand whose numbers are known."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from playground.concepts.autoencoder import measures
from playground.concepts.autoencoder.config import AutoencoderConfig
from playground.concepts.autoencoder.experiment import AutoencoderExperiment
from tests.references.hand_set_autoencoder import ByHand, Rule, always, by_hand, flat, log_normal, sigmoid

LOGITS = np.random.default_rng(7).normal(0, 2, 784)
POSTERIOR = (1.0, -2.0, math.log(4.0), math.log(0.25))
"""μ = (1, −2), σ² = (4, ¼)"""
KL = 0.5 * (1 + 4 - 1 - math.log(4)), 0.5 * (4 + 0.25 - 1 - math.log(0.25))


def constant(**knobs: Any) -> AutoencoderExperiment:
    """A decoder whose weights are 0 and an encoder whose weights are 0: only their biases speak."""
    return by_hand(always(*POSTERIOR), always(*LOGITS.tolist()), **knobs)


def bernoulli(logits: np.ndarray, x: np.ndarray) -> np.ndarray:
    """−log p(x|z) of each image, by its definition."""
    ink, grey = sigmoid(logits), np.asarray(x, dtype=np.float64)
    return np.asarray(-(grey * np.log(ink) + (1 - grey) * np.log(1 - ink)).sum(-1))


def gaussian(logits: np.ndarray, x: np.ndarray) -> np.ndarray:
    return np.asarray(-log_normal(np.asarray(x, dtype=np.float64), sigmoid(logits), 0.25).sum(-1))


@pytest.mark.parametrize(("likelihood", "cost"), [("Bernoulli", bernoulli), ("Gaussian", gaussian)])
def test_each_split_is_measured_on_its_own_digits(likelihood: str, cost: Any) -> None:
    run = constant(beta=4.0, free_bits=2.0, likelihood=likelihood)
    digits = run.digits
    found = run.step()
    batch = digits.train_images[run.order[:128].numpy()]
    images = {"batch": batch, "train": digits.train_images[:500], "heldout": digits.heldout_images}
    fits = {split: cost(LOGITS, x).mean() for split, x in images.items()}
    gaps = [abs(fits[a] - fits[b]) for a, b in (("batch", "train"), ("batch", "heldout"), ("train", "heldout"))]
    assert min(gaps) > 0.01
    for split, fit in fits.items():
        assert found[f"{split}/reconstruction"] == pytest.approx(fit, abs=2e-3), split
        assert found[f"{split}/kl"] == pytest.approx(sum(KL), rel=1e-5), split
        assert found[f"{split}/neg_elbo"] == pytest.approx(fit + sum(KL), abs=2e-3), f"{split}: β and λ do not count"
    assert len(found) == 9


def test_whole_digits_are_measured_at_the_first_step_and_every_fifty_steps() -> None:
    run = constant(batch=8)
    measured = [i for i in range(1, 101) if "heldout/neg_elbo" in run.step()]
    assert measured == [1, 50, 100]


def test_an_ae_is_measured_at_its_mean_and_has_no_kl() -> None:
    run = by_hand(always(1.0, 0.0, 4.0, 4.0), flat([3.0, 0.0]), model="AE")
    found = run.step()
    assert set(found) == {"batch/reconstruction", "train/reconstruction", "heldout/reconstruction"}
    fit = bernoulli(np.full(784, 3.0), run.digits.heldout_images).mean()
    assert found["heldout/reconstruction"] == pytest.approx(fit, abs=2e-3)
    fit = bernoulli(np.full(784, 3.0), run.digits.train_images[run.order[:128].numpy()]).mean()
    assert found["batch/reconstruction"] == pytest.approx(fit, abs=2e-3)


def test_the_measured_class_is_the_digits_own() -> None:
    tilt = [0.3 * c - 1 for c in range(10)]
    run = by_hand(always(*POSTERIOR), flat([0.0, 0.0, *tilt]), model="CVAE")
    found = run.step()
    logits = np.array(tilt)[run.digits.heldout_labels]
    fit = bernoulli(logits[:, None] * np.ones(784), run.digits.heldout_images).mean()
    assert found["heldout/reconstruction"] == pytest.approx(fit, abs=2e-3)
    batch = run.order[:128].numpy()
    logits = np.array(tilt)[run.digits.train_labels[batch]]
    fit = bernoulli(logits[:, None] * np.ones(784), run.digits.train_images[batch]).mean()
    assert found["batch/reconstruction"] == pytest.approx(fit, abs=2e-3)


def beside(z: Any) -> Any:
    """The grey logit of a decoder whose reconstruction at μ = 0 is another than around it."""
    return 4 * abs(z)


def expected_fit(x: np.ndarray, sigma: float) -> tuple[float, float]:
    """Mean over the images of E[−log p(x|z)] for z ~ N(0, σ²) and that decoder, and the error of one z an image."""
    ink = np.asarray(x, dtype=np.float64).sum(1).mean()

    def moment(power: int) -> float:
        z = np.linspace(-9 * sigma, 9 * sigma, 4001)
        cost = 784 * np.logaddexp(0, beside(z)) - ink * beside(z)
        return float(np.trapezoid(np.exp(log_normal(z, 0.0, sigma)) * cost**power, z))

    mean, error = moment(1), math.sqrt((moment(2) - moment(1) ** 2) / len(x))
    assert abs(mean - 784 * math.log(2)) > 8 * error, "it tells z from μ"
    return mean, error


@pytest.mark.parametrize("sigma", [0.5, 2.0])
def test_measured_reconstructions_are_expectations_over_the_posterior(sigma: float) -> None:
    run = by_hand(always(0.0, 0.0, 2 * math.log(sigma), 0.0), lambda z: beside(z[:, :1]).expand(-1, 784))
    found = run.step()
    x = {"heldout": run.digits.heldout_images, "train": run.digits.train_images[:500]}
    x["batch"] = run.digits.train_images[run.order[:128].numpy()]
    for split, images in x.items():
        mean, error = expected_fit(images, sigma)
        assert found[f"{split}/reconstruction"] == pytest.approx(mean, abs=4 * error), split


def test_measuring_draws_the_same_noise_and_leaves_the_runs_random_state_alone() -> None:
    run = by_hand(always(0.0, 0.0, 0.0, 0.0), flat([3.0, 1.0]))
    torch.manual_seed(1)
    before = torch.get_rng_state()
    first = run.measure_split("heldout", run.heldout_x, run.heldout_c)
    assert torch.equal(torch.get_rng_state(), before)
    torch.manual_seed(2)
    assert run.measure_split("heldout", run.heldout_x, run.heldout_c) == first


@pytest.mark.parametrize("hidden", [0.0, 0.5])
def test_pixels_are_hidden_from_the_encoder_in_training_only(hidden: float) -> None:
    run = constant(input_dropout=hidden)
    run.step()
    encoder = run.model.encoder
    assert isinstance(encoder, ByHand)
    (batch, train, heldout), x = encoder.seen, run.x[run.order[:128]]
    inked = x > 0
    kept = batch[inked] > 0
    assert kept.float().mean().item() == pytest.approx(1 - hidden, abs=0.02)
    torch.testing.assert_close(batch[inked][kept], x[inked][kept] / (1 - hidden))
    assert not batch[~inked].any()
    assert torch.equal(train, run.x[:500]) and torch.equal(heldout, run.heldout_x)


def learned(**knobs: Any) -> Tensor:
    """Gradient of one step's loss by (μ₁, μ₂, log σ²₁, log σ²₂), where the decoder hears nothing of z: the KL's."""
    run = constant(**knobs)
    run.step()
    assert isinstance(run.model.encoder, ByHand)
    gradient = run.model.encoder.zero.grad
    return torch.zeros(4) if gradient is None else gradient


def test_the_objectives_gradient_is_the_weighted_kls() -> None:
    of_kl = torch.tensor([1.0, -2.0, 0.5 * (4 - 1), 0.5 * (0.25 - 1)])  # μ and ½(σ² − 1)
    torch.testing.assert_close(learned(), of_kl)
    torch.testing.assert_close(learned(beta=3.0), 3 * of_kl)
    torch.testing.assert_close(learned(beta=3.0, warmup=6), 0.5 * of_kl)
    torch.testing.assert_close(learned(free_bits=1.5), of_kl * torch.tensor([0.0, 1.0, 0.0, 1.0]))  # KL = (1.31, 2.32)
    assert not learned(model="AE").any()


def test_the_step_learns_from_whole_digits_in_nats() -> None:
    """−log p(x|z) has the gradient sigmoid(logits) − x by the logits, for x as it was before pixels were hidden."""
    run = constant(input_dropout=0.8)
    run.step()
    assert isinstance(run.model.decoder, ByHand)
    x = run.x[run.order[:128]].double().mean(0).numpy()
    assert run.model.decoder.zero.grad is not None
    np.testing.assert_allclose(run.model.decoder.zero.grad.numpy(), sigmoid(LOGITS) - x, atol=1e-5)


def test_each_step_follows_the_gradient_of_its_own_batch() -> None:
    run, logits = AutoencoderExperiment(AutoencoderConfig()), list[np.ndarray]()
    run.model.decoder.register_forward_hook(lambda *call: logits.append(call[2].detach().numpy()))
    for _ in range(3):
        run.step()
    x = run.digits.train_images[run.order[256:384].numpy()]
    bias = run.model.decoder[-1].bias
    np.testing.assert_allclose(bias.grad.numpy(), (sigmoid(logits[-1]) - x).mean(0), atol=1e-5)


def test_the_learning_rate_falls_from_the_knob_to_a_tenth_by_a_cosine() -> None:
    run = AutoencoderExperiment(AutoencoderConfig(lr=1e-3, schedule=4))
    bias = run.model.decoder[-1].bias
    before = bias.detach().clone()
    run.step()
    first = (bias.detach() - before).abs().median().item()  # Adam's first step is η · sign(gradient)
    assert first == pytest.approx(1e-3 * (0.1 + 0.9 * (1 + math.cos(math.pi / 4)) / 2), rel=1e-3)
    rates = []
    for _ in range(5):
        run.step()
        rates.append(run.optimiser.param_groups[0]["lr"])
    last = 1e-3 * (0.1 + 0.9 * (1 + math.cos(3 * math.pi / 4)) / 2)
    assert rates == pytest.approx([0.55e-3, last, 1e-4, 1e-4, 1e-4])
    run.update_live(AutoencoderConfig(lr=5e-3, schedule=4))
    run.step()
    assert run.optimiser.param_groups[0]["lr"] == pytest.approx(5e-4)


def test_an_epoch_visits_every_digit_at_most_once() -> None:
    run = constant(batch=512)
    seen = torch.cat([run.next_batch()[0] for _ in range(8)])
    assert len(seen) == 4096 and torch.equal(seen, run.x[run.order[:4096]])
    assert len(run.order.unique()) == len(run.x)
    order = run.order
    run.next_batch()
    assert not torch.equal(run.order, order)


GRID = np.linspace(-8, 8, 1201)


def evidence(slopes: np.ndarray, x: np.ndarray, cost: Any) -> float:
    """−log ∫ p(x|z) N(z; 0, 1) dz for logits slopes · z + LOGITS, by the trapezium rule."""
    joint = -cost(np.outer(GRID, slopes) + LOGITS[: len(slopes)], x) + log_normal(GRID)
    return float(-(np.log(np.trapezoid(np.exp(joint - joint.max()), GRID)) + joint.max()))


SLOPES = np.random.default_rng(8).normal(0, 0.4, 784)


def halves(first: np.ndarray, second: np.ndarray) -> Rule:
    """z₁ decides on the first half of the pixels, z₂ on the others: log p(x) is the sum of two integrals."""
    one, two = torch.from_numpy(first).float(), torch.from_numpy(second).float()
    bias = torch.from_numpy(LOGITS).float()
    return lambda z: bias + torch.cat([z[:, :1] * one, z[:, 1:] * two], 1)


@pytest.mark.parametrize(("likelihood", "cost"), [("Bernoulli", bernoulli), ("Gaussian", gaussian)])
def test_the_evidence_is_the_integral(likelihood: str, cost: Any) -> None:
    bias, slopes = torch.from_numpy(LOGITS).float(), torch.from_numpy(SLOPES).float()
    line = by_hand(always(0.0, 0.0), lambda z: z * slopes + bias, latent=1, likelihood=likelihood)
    images = line.digits.heldout_images[:3].astype(np.float64)
    found = measures.neg_log_evidence(line.model, line.heldout_x[:3], 1, likelihood)
    np.testing.assert_allclose(found, [evidence(SLOPES, image, cost) for image in images], rtol=1e-4)
    plane = by_hand(always(0.0, 0.0, 0.0, 0.0), halves(SLOPES[:392], SLOPES[392:]), likelihood=likelihood)
    found = measures.neg_log_evidence(plane.model, plane.heldout_x[:3], 2, likelihood)
    first = [evidence(SLOPES[:392], image[:392], cost) for image in images]
    joint = -cost(GRID[:, None] * SLOPES[392:] + LOGITS[392:], images[:, None, 392:]) + log_normal(GRID)
    second = -(np.log(np.trapezoid(np.exp(joint - joint.max(1, keepdims=True)), GRID)) + joint.max(1))
    np.testing.assert_allclose(found, first + second, rtol=1e-4)


@pytest.mark.parametrize(("likelihood", "cost"), [("Bernoulli", bernoulli), ("Gaussian", gaussian)])
def test_a_decoder_that_ignores_z_has_the_kl_for_its_gap(likelihood: str, cost: Any) -> None:
    run = constant(likelihood=likelihood)
    fits = cost(LOGITS, run.digits.heldout_images)
    np.testing.assert_allclose(measures.neg_log_evidence(run.model, run.heldout_x, 2, likelihood), fits, atol=2e-3)
    np.testing.assert_allclose(measures.neg_elbo(run.model, run.heldout_x, likelihood), fits + sum(KL), atol=2e-3)


def test_the_bound_is_an_expectation_over_the_posterior() -> None:
    run = by_hand(always(0.0, 2 * math.log(0.5)), lambda z: beside(z).expand(-1, 784), latent=1)
    x = run.heldout_x[:100]
    mean, error = expected_fit(np.tile(x.numpy(), (measures.SAMPLES, 1)), 0.5)
    before = torch.get_rng_state()
    kl = 0.5 * (0.25 - 1 - math.log(0.25))
    assert measures.neg_elbo(run.model, x).mean().item() == pytest.approx(mean + kl, abs=4 * error)
    assert torch.equal(torch.get_rng_state(), before)
