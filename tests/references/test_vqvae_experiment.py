"""What a VQ-VAE run trains and measures, on hand-set models and codes."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from models.vqvae import VQVAE
from playground.concepts.vqvae.config import VQVAEConfig
from playground.concepts.vqvae.data import examples
from playground.concepts.vqvae.experiment import MEASURE_EVERY, RECENT, VQVAEExperiment
from playground.data.mnist import load_digits
from playground.wording import parse_config

POINTS: dict[str, Any] = {"data": "ring", "codes": 7, "dim": 2, "batch": 11}


def run(seed: int = 0, **config: Any) -> VQVAEExperiment:
    torch.manual_seed(seed)
    return VQVAEExperiment(VQVAEConfig(**config))


def test_heldout_digits_are_held_out_and_nmse_is_a_share_of_what_the_mean_leaves() -> None:
    digits, data = load_digits(), examples("digits")
    np.testing.assert_array_equal(data.heldout, digits.heldout_images)
    np.testing.assert_array_equal(data.train, digits.train_images)
    mean = digits.train_images.mean(0)
    assert data.nmse(data.heldout, torch.from_numpy(mean).expand(500, -1)) == pytest.approx(1, abs=1e-5)
    assert data.nmse(data.heldout, data.heldout) == 0
    assert data.variance == pytest.approx(((digits.train_images - mean) ** 2).mean(), rel=1e-4)

    experiment = run(codes=3)
    model: Any = experiment.model
    with torch.no_grad():
        for parameter in model.decoder.parameters():
            parameter.zero_()
        list(model.decoder.parameters())[-1].fill_(0.25)  # every pixel is a quarter
    x = torch.from_numpy(digits.heldout_images)
    expected = (x - 0.25).pow(2).sum() / (x - torch.from_numpy(mean)).pow(2).sum()
    assert experiment.heldout_metrics()["heldout/nmse"] == pytest.approx(expected.item(), rel=1e-4)


def test_the_quantisation_error_is_a_share_of_the_vectors_variance() -> None:
    experiment = run(**POINTS)
    z, _ = experiment.vectors(experiment.examples.heldout)
    with torch.no_grad():
        experiment.model.codebook.copy_(z.mean((0, 1)).expand(7, 2))
    assert experiment.heldout_metrics()["heldout/quantisation"] == pytest.approx(1, abs=1e-4)


def test_a_step_reports_the_losses_that_it_trains() -> None:
    experiment = run(update="vq-loss", init="normal", restart="off", codes=5, batch=8)
    torch.manual_seed(9)
    x = experiment.examples.train[torch.randint(4500, (8,))]
    model: Any = experiment.model
    z = model.encode(x)
    e = model.codebook[torch.cdist(z, model.codebook).argmin(-1)]
    expected = {
        "train/reconstruction": F.mse_loss(model.decode(e), x) / experiment.examples.variance,
        "train/vq": (z - e).pow(2).mean(), "train/commitment": (z - e).pow(2).mean(),
    }  # fmt: skip
    torch.manual_seed(9)
    metrics = experiment.step()
    for name, value in expected.items():
        assert metrics[name] == pytest.approx(value.item(), rel=1e-4), name


def gradients(**config: Any) -> tuple[float, float, float]:
    """Sizes of the gradients that reach encoder, decoder and codebook in one step."""
    experiment = run(init="data", restart="off", **config)
    experiment.step()
    model = experiment.model
    sizes = [sum(float(p.grad.abs().sum()) for p in part.parameters() if p.grad is not None)
             for part in (model.encoder, model.decoder)]  # fmt: skip
    book = model.codebook.grad
    return sizes[0], sizes[1], 0.0 if book is None else float(book.abs().sum())


def test_what_each_term_reaches() -> None:
    encoder, decoder, book = gradients(beta=0.0)
    assert encoder > 0 and decoder > 0 and book == 0  # EMA, straight-through: the reconstruction reaches the encoder
    assert gradients(beta=0.0, straight_through=False)[0] == 0
    assert gradients(beta=1.0, straight_through=False)[0] > 0  # the commitment alone
    assert gradients(beta=0.0, update="vq-loss")[2] > 0


def test_under_ema_the_vq_loss_is_without_effect() -> None:
    with_loss, without = run(codes=5, restart="off"), run(codes=5, restart="off")
    with_loss.model.codebook.requires_grad_(True)
    with_loss.optimiser.add_param_group({"params": [with_loss.model.codebook]})
    for _ in range(4):
        torch.manual_seed(1)
        first = with_loss.step()
        torch.manual_seed(1)
        assert without.step() == first
    assert torch.equal(with_loss.model.codebook, without.model.codebook)


def test_revived_codes_are_vectors_of_the_batch_with_new_statistics() -> None:
    experiment = run(**POINTS, threshold=0.5)
    model: Any = experiment.model
    with torch.no_grad():
        model.codebook.copy_(torch.arange(14.0).view(7, 2))
    z, dead = torch.randn(11, 2), torch.tensor([1, 4])
    experiment.counts[dead] = 0.2
    before = model.codebook.clone()
    with torch.no_grad():
        experiment.revive_unused(model, z)
    assert experiment.restarts == 2
    for code in dead.tolist():
        assert (model.codebook[code] == z).all(1).any()
        assert experiment.counts[code] == 1.0
        torch.testing.assert_close(experiment.sums[code], model.codebook[code].detach())
    alive = [i for i in range(7) if i not in (1, 4)]
    assert torch.equal(model.codebook[alive], before[alive])
    jumps = experiment.restart_log.jumps
    assert [jump[1] for jump in jumps] == [1, 4]
    assert torch.equal(jumps[0][2], before[1]) and torch.equal(jumps[0][3], model.codebook[1].detach())


def test_reviving_by_noise_and_not_at_all() -> None:
    noisy = run(**POINTS, restart="noise", threshold=20)
    noisy.step()
    assert noisy.restarts == 7 and noisy.model.codebook.detach().std() > 0.3
    off = run(**POINTS, restart="off", threshold=20)
    off.step()
    assert off.restarts == 0


def test_uses_are_counted_over_the_last_batches() -> None:
    experiment = run(**POINTS)
    experiment.steps_taken = 1
    first = experiment.count(torch.tensor([[0, 0, 1, 1]]))
    assert first["codes_used"] == 2 and first["perplexity"] == pytest.approx(2)
    assert experiment.unused().tolist() == [False, False, True, True, True, True, True]
    for step in range(2, 2 + RECENT):
        experiment.steps_taken = step
        last = experiment.count(torch.tensor([[3, 3]]))
        assert last["codes_used"] == (1 if step == 1 + RECENT else 3), step
    assert last["codes_used"] == 1 and last["perplexity"] == pytest.approx(1)


@pytest.mark.parametrize("init", ["normal", "uniform", "data", "k-means"])
def test_where_a_codebook_starts(init: str) -> None:
    experiment = run(data="ring", codes=16, dim=2, init=init)
    book = experiment.model.codebook.detach()
    z = experiment.model.encode(experiment.examples.train)[:, 0]
    if init == "uniform":
        assert book.abs().max() <= 1 / 16 and book.std() > 0.01
    elif init == "normal":
        assert 0.5 < book.std() < 1.6
    elif init == "data":
        assert all((z == code).all(1).any() for code in book)
    else:  # Lloyd's: each code is near the mean of the vectors that choose it
        k = torch.cdist(z, book).argmin(1)
        means = torch.stack([z[k == code].mean(0) for code in range(16)])
        assert (means - book).abs().max() < 0.1
    assert torch.equal(experiment.sums, book)


def test_a_dvae_grows_cold_and_its_kl_grows_in() -> None:
    experiment = run(model="dVAE", codes=5, anneal=100, kl_weight=0.3)
    found = []
    for step in (0, 50, 100, 500):
        experiment.steps_taken = step
        found.append((experiment.temperature(), experiment.kl_weight()))
    assert found == [(1.0, 0.0), (0.25, 0.15), (1 / 16, 0.3), (1 / 16, 0.3)]
    experiment.steps_taken = 0
    metrics = experiment.step()
    assert 0 < metrics["train/kl"] < math.log(5) and "train/vq" not in metrics


def test_heldout_is_measured_now_and_then() -> None:
    experiment = run(**POINTS)
    measured = [step for step in range(1, 2 * MEASURE_EVERY + 1) if "heldout/nmse" in experiment.step()]
    assert measured == [1, MEASURE_EVERY, 2 * MEASURE_EVERY]


def test_the_second_stage_freezes_the_codes() -> None:
    config = VQVAEConfig(codes=9, batch=8)
    torch.manual_seed(0)
    experiment = VQVAEExperiment(config)
    experiment.step()
    frozen = {name: value.clone() for name, value in experiment.model.state_dict().items()}
    experiment.update_live(config.model_copy(update={"stage": "prior"}))
    metrics = experiment.step()
    assert set(metrics) >= {"prior/train_loss", "prior/heldout_loss", "recognised/samples"}
    assert all(torch.equal(value, frozen[name]) for name, value in experiment.model.state_dict().items())
    model = experiment.model
    assert isinstance(model, VQVAE) and experiment.prior is not None
    assert torch.equal(experiment.prior.codes, model.codes(experiment.examples.train))
    assert torch.equal(experiment.prior.heldout, model.codes(experiment.examples.heldout))
    experiment.update_live(config)
    assert "train/vq" in experiment.step()


@pytest.mark.parametrize(
    ("field", "old", "new"),
    [
        ("update", "EMA", "ema"),
        ("update", "VQ loss", "vq-loss"),
        ("update", "notes' EMA", "centroid-ema"),
        ("restart", "encoder output", "encoder-output"),
    ],
)
def test_values_of_old_links_still_mean_what_they_did(field: str, old: str, new: str) -> None:
    assert getattr(parse_config(VQVAEConfig, {field: old}), field) == new
