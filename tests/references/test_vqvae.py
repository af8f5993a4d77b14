"""The quantiser's formulas against vector-quantize-pytorch, PyTorch, scikit-learn and closed forms."""

from __future__ import annotations

import copy
import math

import pytest
import torch
import torch.nn.functional as F
from sklearn.cluster import KMeans
from torch import Tensor
from vector_quantize_pytorch import VectorQuantize

from models import quantiser
from models.vqvae import DVAE, VQVAE, gumbel_softmax, kl_to_uniform

BATCH, PLACES, CODES, DIM = 3, 5, 7, 11


@pytest.fixture(autouse=True)
def _seed() -> None:
    torch.manual_seed(0)


def reference(codebook: Tensor, decay: float = 0.99, cosine: bool = False) -> VectorQuantize:
    """Their quantiser with our codebook, each code counted once."""
    codes, dim = codebook.shape
    module = VectorQuantize(
        dim=dim, codebook_size=codes, decay=decay, rotation_trick=False, eps=1e-12, use_cosine_sim=cosine,
        commitment_weight=0.25, threshold_ema_dead_code=0,
    )  # fmt: skip
    inner = module._codebook
    inner.embed.data.copy_(codebook[None])
    inner.embed_avg.data.copy_(codebook[None])
    inner.cluster_size.data.fill_(1)
    inner.initted.data.fill_(True)
    return module.train()


def test_ema_steps_are_those_of_vector_quantize_pytorch() -> None:
    codebook = torch.randn(CODES, DIM)
    module, counts, sums = reference(codebook.clone()), torch.ones(CODES), codebook.clone()
    for step in range(6):
        z = torch.randn(BATCH, PLACES, DIM) + 0.1 * step
        theirs, k, loss = module(z)
        ours = quantiser.nearest_code(z, codebook)
        torch.testing.assert_close(ours, k)
        torch.testing.assert_close(theirs, codebook[ours], atol=1e-6, rtol=0)
        torch.testing.assert_close(
            0.25 * quantiser.commitment_loss(z, codebook[ours]), loss.squeeze(), atol=1e-6, rtol=1e-6
        )
        quantiser.ema_update(counts, sums, codebook, z.flatten(0, 1), ours.flatten(), 0.99)
        torch.testing.assert_close(codebook, module._codebook.embed[0], atol=1e-6, rtol=0)
        torch.testing.assert_close(counts, module._codebook.cluster_size[0], atol=1e-6, rtol=0)


def test_ema_is_the_formula() -> None:
    codebook = torch.tensor([[0.0], [10.0]])
    counts, sums = torch.tensor([1.0, 1.0]), codebook.clone()
    z, k = torch.tensor([[1.0], [3.0], [2.0]]), torch.tensor([0, 0, 0])
    quantiser.ema_update(counts, sums, codebook, z, k, 0.75)
    assert counts.tolist() == [0.75 + 0.25 * 3, 0.75]
    assert codebook[0].item() == pytest.approx(0.25 * 6 / 1.5)
    assert codebook[1].item() == pytest.approx(10)  # unused: it stays


def test_an_unused_code_stays_finite_whatever_the_decay() -> None:
    codebook = torch.randn(CODES, DIM)
    counts, sums, old = torch.ones(CODES), codebook.clone(), codebook.clone()
    for _ in range(3):
        quantiser.ema_update(counts, sums, codebook, torch.randn(5, DIM), torch.zeros(5, dtype=torch.long), 0.0)
    assert codebook.isfinite().all()
    torch.testing.assert_close(codebook[1:], old[1:])


def test_the_notes_update_moves_alike_for_one_vector_and_for_many() -> None:
    codebook = torch.tensor([[0.0], [0.0], [5.0]])
    z = torch.tensor([[1.0]] * 1000 + [[1.0]])
    k = torch.tensor([0] * 1000 + [1])
    quantiser.centroid_ema_update(codebook, z, k, 0.9)
    assert codebook.flatten().tolist() == pytest.approx([0.1, 0.1, 5.0])


@pytest.mark.parametrize("cosine", [False, True])
def test_the_nearest_code(cosine: bool) -> None:
    z, codebook = torch.randn(BATCH, PLACES, DIM), torch.randn(CODES, DIM)
    if cosine:
        expected = F.cosine_similarity(z[:, :, None], codebook, dim=-1).argmax(-1)
        z, codebook = F.normalize(z, dim=-1), F.normalize(codebook, dim=-1)
    else:
        expected = torch.cdist(z.flatten(0, 1), codebook).argmin(-1).view(BATCH, PLACES)
    torch.testing.assert_close(quantiser.nearest_code(z, codebook), expected)


def test_straight_through_hands_the_gradient_over_unchanged() -> None:
    z, e = torch.randn(BATCH, PLACES, DIM, requires_grad=True), torch.randn(BATCH, PLACES, DIM, requires_grad=True)
    weight = torch.randn(BATCH, PLACES, DIM)
    z_q = quantiser.straight_through(z, e)
    torch.testing.assert_close(z_q, e)
    (weight * z_q**2).sum().backward()
    assert z.grad is not None and e.grad is None
    torch.testing.assert_close(z.grad, 2 * weight * e.detach())


def test_each_loss_moves_its_own_side() -> None:
    z, e = torch.randn(PLACES, DIM, requires_grad=True), torch.randn(PLACES, DIM, requires_grad=True)
    difference = (z - e).detach() * 2 / (PLACES * DIM)
    quantiser.vq_loss(z, e).backward()
    assert z.grad is None and e.grad is not None
    torch.testing.assert_close(e.grad, -difference)
    e.grad = None
    quantiser.commitment_loss(z, e).backward()
    assert e.grad is None and z.grad is not None
    torch.testing.assert_close(z.grad, difference)


@pytest.mark.parametrize("reset_to", [1.0, None])
def test_a_revived_code_keeps_its_place_only_with_new_statistics(reset_to: float | None) -> None:
    codebook = torch.randn(CODES, DIM)
    counts, sums = torch.full((CODES,), 0.01), 0.01 * codebook
    old, new = codebook.clone(), torch.randn(2, DIM)
    dead = torch.tensor([i in (1, 4) for i in range(CODES)])
    quantiser.revive(dead, new, codebook, counts, sums, reset_to)
    torch.testing.assert_close(codebook[dead], new)
    torch.testing.assert_close(codebook[~dead], old[~dead])
    quantiser.ema_update(counts, sums, codebook, torch.randn(5, DIM), torch.zeros(5, dtype=torch.long), 0.99)
    torch.testing.assert_close(codebook[dead], new if reset_to else old[dead])
    torch.testing.assert_close(counts[dead], torch.full((2,), 0.99 * (reset_to or 0.01)))


def test_perplexity() -> None:
    assert quantiser.perplexity(torch.full((CODES,), 3.0)).item() == pytest.approx(CODES)
    assert quantiser.perplexity(torch.tensor([0.0, 9.0, 0.0])).item() == pytest.approx(1)
    mixed = quantiser.perplexity(torch.tensor([2.0, 1.0, 1.0, 0.0])).item()
    assert mixed == pytest.approx(2**1.5)


def test_k_means_is_scikit_learns() -> None:
    z = torch.randn(211, 3)
    torch.manual_seed(5)
    start = z[torch.randperm(len(z))[:CODES]].numpy()
    torch.manual_seed(5)
    ours = quantiser.k_means(z, CODES, 100)
    theirs = KMeans(CODES, init=start, n_init=1, max_iter=100, tol=0, algorithm="lloyd").fit(z.numpy())
    torch.testing.assert_close(ours, torch.from_numpy(theirs.cluster_centers_), atol=1e-5, rtol=0)


@pytest.mark.parametrize("temperature", [1.0, 1 / 16])
def test_gumbel_softmax_is_pytorchs(temperature: float) -> None:
    logits = torch.randn(BATCH, PLACES, CODES)
    torch.manual_seed(3)
    theirs = F.gumbel_softmax(logits, tau=temperature)
    torch.manual_seed(3)
    gumbel = -torch.empty_like(logits).exponential_().log()
    torch.testing.assert_close(gumbel_softmax(logits, gumbel, temperature), theirs)


def test_kl_to_uniform_is_torch_distributions() -> None:
    logits = torch.randn(BATCH, PLACES, CODES)
    q = torch.distributions.Categorical(logits=logits)
    uniform = torch.distributions.Categorical(logits=torch.zeros_like(logits))
    torch.testing.assert_close(kl_to_uniform(logits), torch.distributions.kl_divergence(q, uniform))
    certain = torch.tensor([[0.0, -1e4, -1e4]])
    assert kl_to_uniform(certain).item() == pytest.approx(math.log(3))


@pytest.mark.parametrize("make", [VQVAE, DVAE])
def test_places_are_read_row_by_row(make: type[VQVAE] | type[DVAE]) -> None:
    """Pixels at one place of an image change that place's code and its neighbours', and back."""
    model = make(CODES, DIM)
    row, column = 1, 5
    x = torch.zeros(1, 28, 28)
    y = x.clone()
    y[0, 4 * row + 1 : 4 * row + 3, 4 * column + 1 : 4 * column + 3] = 1
    moved = (model.encode(x.flatten(1)) - model.encode(y.flatten(1))).abs().sum(-1).view(7, 7)
    assert moved[row, column] > 0
    assert moved[:, : column - 1].eq(0).all() and moved[row + 2 :].eq(0).all()

    z = torch.zeros(1, 49, DIM)
    other = z.clone()
    other[0, 7 * row + column] = 3
    pixels = (model.decode(z) - model.decode(other)).abs().view(28, 28)
    weight = pixels / pixels.sum()
    centre = (weight.sum(1) @ torch.arange(28.0), weight.sum(0) @ torch.arange(28.0))
    assert centre[0].item() == pytest.approx(4 * row + 1.5, abs=2)
    assert centre[1].item() == pytest.approx(4 * column + 1.5, abs=2)


def test_cosine_keeps_vectors_and_codes_on_the_sphere() -> None:
    model = VQVAE(CODES, DIM, cosine=True)
    with torch.no_grad():
        model.normalise_codebook()
    torch.testing.assert_close(model.codebook.norm(dim=1), torch.ones(CODES))
    torch.testing.assert_close(model.encode(torch.rand(BATCH, 784)).norm(dim=-1), torch.ones(BATCH, 49))
    plain = VQVAE(CODES, DIM)
    before = copy.deepcopy(plain.codebook)
    plain.normalise_codebook()
    assert torch.equal(plain.codebook, before)
