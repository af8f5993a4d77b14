"""One step of a VQ-VAE or dVAE against the formulas written out, its revivals, and a restored run."""

from __future__ import annotations

import copy
import math
from typing import Any

import pytest
import torch
import torch.nn.functional as F

from playground.concepts.vqvae.config import VQVAEConfig
from playground.concepts.vqvae.experiment import VQVAEExperiment

POINTS: dict[str, Any] = {"data": "ring", "codes": 7, "dim": 2, "batch": 11}


def run(seed: int = 0, **config: Any) -> VQVAEExperiment:
    torch.manual_seed(seed)
    return VQVAEExperiment(VQVAEConfig(**config))


def test_one_step_is_adams_on_the_sum_of_the_terms() -> None:
    """reconstruction + VQ + β commitment, with the live step size; checked on each parameter."""
    experiment = run(**POINTS, init="data", update="vq-loss", restart="off", beta=3.0)
    experiment.update_live(experiment.config.model_copy(update={"lr": 0.02}))
    model: Any = copy.deepcopy(experiment.model)
    torch.manual_seed(9)
    x = experiment.examples.train[torch.randint(4000, (11,))]
    z = model.encode(x)
    e = model.codebook[torch.cdist(z, model.codebook).argmin(-1)]
    z_q = z + (e - z).detach()
    loss = F.mse_loss(model.decode(z_q), x) / experiment.examples.variance
    loss = loss + (z.detach() - e).pow(2).mean() + 3 * (z - e.detach()).pow(2).mean()
    optimiser = torch.optim.Adam(model.parameters(), lr=0.02)
    loss.backward()
    optimiser.step()
    torch.manual_seed(9)
    experiment.step()
    for (name, expected), found in zip(model.named_parameters(), experiment.model.parameters(), strict=True):
        torch.testing.assert_close(found, expected, msg=name)


@pytest.mark.parametrize("update", ["vq-loss", "centroid-ema"])
def test_uses_decay_alike_whatever_moves_the_codes(update: str) -> None:
    experiment = run(**POINTS, init="data", update=update, restart="off", decay=0.9)
    before = experiment.model.codebook.detach().clone()
    torch.manual_seed(9)
    x = experiment.examples.train[torch.randint(4000, (11,))]
    with torch.no_grad():
        z = experiment.model.encode(x)[:, 0]
    n = torch.bincount(torch.cdist(z, before).argmin(1), minlength=7)
    torch.manual_seed(9)
    experiment.step()
    torch.testing.assert_close(experiment.counts, 0.9 + 0.1 * n)
    moved = (experiment.model.codebook.detach() - before).abs().amax(1) > 0
    assert moved.tolist() == (n > 0).tolist()


def test_vectors_and_codes_stay_on_the_sphere() -> None:
    for restart in ("off", "noise"):
        experiment = run(**POINTS, similarity="cosine", restart=restart, threshold=1)
        for _ in range(3):
            experiment.step()
            torch.testing.assert_close(experiment.model.codebook.detach().norm(dim=1), torch.ones(7))
        assert all(jump[3].norm().item() == pytest.approx(1) for jump in experiment.restart_log.jumps)


@pytest.mark.parametrize("reset", [True, False])
def test_a_revived_code_forgets_adams_moments_if_its_statistics_are_reset(reset: bool) -> None:
    experiment = run(**POINTS, update="vq-loss", init="data", threshold=5, restart="off", reset_statistics=reset)
    model: Any = experiment.model
    experiment.step()
    experiment.update_live(experiment.config.model_copy(update={"restart": "encoder-output"}))
    experiment.counts = torch.tensor([9.0, 1, 9, 9, 9, 9, 9])
    moments = experiment.optimiser.state[model.codebook]
    for name in ("exp_avg", "exp_avg_sq"):
        moments[name].fill_(0.5)
    with torch.no_grad():
        experiment.revive_unused(model, torch.randn(11, 2))
    for name in ("exp_avg", "exp_avg_sq"):
        assert moments[name][:, 0].tolist() == [0.5, 0.0 if reset else 0.5, 0.5, 0.5, 0.5, 0.5, 0.5]
    assert experiment.counts[1] == (10 if reset else 1)  # well over the threshold
    if reset:
        torch.testing.assert_close(experiment.sums[1], 10 * model.codebook[1].detach())


def test_a_dvae_step_decodes_a_softened_draw() -> None:
    experiment = run(**POINTS, model="dVAE", anneal=4, kl_weight=0.4, decay=0.9)
    experiment.steps_taken = 1
    model: Any = copy.deepcopy(experiment.model)
    torch.manual_seed(9)
    x = experiment.examples.train[torch.randint(4000, (11,))]
    logits = model.encode(x)
    gumbel = torch.distributions.Gumbel(0.0, 1.0).icdf(torch.rand_like(logits).clamp(1e-9, 1 - 1e-7))
    y = ((logits + gumbel) / 0.25).softmax(-1)  # half way from 1 to 1/16
    log_q = logits.log_softmax(-1)
    kl = math.log(7) + (log_q.exp() * log_q).sum(-1).mean()
    reconstruction = F.mse_loss(model.decode(y @ model.codebook), x) / experiment.examples.variance
    (reconstruction + 0.2 * kl).backward()
    torch.manual_seed(9)
    metrics = experiment.step()
    assert metrics["train/reconstruction"] == pytest.approx(reconstruction.item(), rel=1e-4)
    assert metrics["train/kl"] == pytest.approx(kl.item(), rel=1e-4) and metrics["temperature"] == 0.25
    for expected, found in zip(model.parameters(), experiment.model.parameters(), strict=True):
        torch.testing.assert_close(found.grad, expected.grad, atol=1e-5, rtol=1e-3)
    n = torch.bincount(logits.argmax(-1).flatten(), minlength=7)
    torch.testing.assert_close(experiment.counts, 0.9 + 0.1 * n)


def pieces(state: Any) -> list[Any]:
    """All the leaves of a state, in order."""
    if isinstance(state, dict):
        return [piece for value in state.values() for piece in pieces(value)]
    if isinstance(state, list | tuple):
        return [piece for value in state for piece in pieces(value)]
    return [state.tolist() if isinstance(state, torch.Tensor) else state]


@pytest.mark.parametrize("stage", ["codes", "prior"])
def test_a_restored_run_is_the_same_in_every_piece(stage: str) -> None:
    experiment, other = (run(seed, codes=9, dim=5, batch=8, threshold=4) for seed in (0, 1))
    for _ in range(6):
        experiment.step()
    if stage == "prior":
        experiment.update_live(experiment.config.model_copy(update={"stage": stage}))
        experiment.step()
    other.load_state_dict(copy.deepcopy(experiment.state_dict()))
    assert pieces(other.state_dict()) == pieces(experiment.state_dict())
    torch.manual_seed(3)
    expected = experiment.step()
    torch.manual_seed(3)
    assert other.step() == expected
