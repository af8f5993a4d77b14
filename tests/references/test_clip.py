"""CLIP's losses and measures against PyTorch, scikit-learn, loops in double precision and closed forms."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from sklearn.metrics import top_k_accuracy_score
from torch import Tensor, nn

from models import clip

BATCH, FRAMES, MOTION, MUSIC, FEATURE = 3, 11, 5, 7, 8


@pytest.fixture(autouse=True)
def _seed() -> None:
    torch.manual_seed(0)


def simplex(n: int) -> Tensor:
    """(n, n) unit vectors, each as far from the others as they can be."""
    centred = torch.eye(n, dtype=torch.float64) - 1 / n
    return F.normalize(centred, dim=-1)


@pytest.mark.parametrize(("network", "reach"), [("mlp", 0), ("conv", 4), ("transformer", FRAMES)])
def test_how_far_each_encoder_sees(network: str, reach: int) -> None:
    model = clip.Clip(MOTION, MUSIC, FEATURE, network)
    motion, music = torch.randn(BATCH, FRAMES, MOTION), torch.randn(BATCH, FRAMES, MUSIC)
    a, b = model(motion, music)
    assert a.shape == b.shape == (BATCH, FRAMES, FEATURE)
    torch.testing.assert_close(a.norm(dim=-1), torch.ones(BATCH, FRAMES))
    torch.testing.assert_close(b.norm(dim=-1), torch.ones(BATCH, FRAMES))
    other = motion.clone()
    other[1, 5] += 1
    changed = (model(other, music)[0] - a).abs().sum(-1) > 1e-6
    expected = torch.zeros(BATCH, FRAMES, dtype=torch.bool)
    expected[1, max(0, 5 - reach) : 5 + reach + 1] = True
    assert torch.equal(changed, expected)


@pytest.mark.parametrize("shape", [(5, 5), (3, 7, 7)])
def test_info_nce_is_cross_entropy_both_ways(shape: tuple[int, ...]) -> None:
    logits = torch.randn(shape, dtype=torch.float64)
    n = shape[-1]
    labels = torch.arange(n).expand(shape[:-1])
    rows = F.cross_entropy(logits.reshape(-1, n), labels.reshape(-1))
    columns = F.cross_entropy(logits.mT.reshape(-1, n), labels.reshape(-1))
    row, column = clip.info_nce(logits)
    torch.testing.assert_close(row, rows)
    torch.testing.assert_close(column, columns)
    assert abs(row - column) > 0.01


def test_what_the_notes_call_loss_motion_is_music_to_motion() -> None:
    logits = torch.randn(BATCH, FRAMES, FRAMES, dtype=torch.float64)  # rows: motion, columns: music
    labels = torch.arange(FRAMES).repeat(BATCH, 1)
    loss_motion = nn.CrossEntropyLoss()(logits, labels)
    of_motion, of_music = clip.info_nce(logits)
    torch.testing.assert_close(loss_motion, of_music)
    assert abs(loss_motion - of_motion) > 0.01


def test_the_sigmoid_loss_is_siglips() -> None:
    a, b = (F.normalize(torch.randn(5, FEATURE, dtype=torch.float64), dim=-1) for _ in range(2))
    t, bias = torch.tensor(10.0, dtype=torch.float64), torch.tensor(-10.0, dtype=torch.float64)
    expected = 0.0
    for i in range(5):
        for j in range(5):
            y = 1 if i == j else -1
            expected -= math.log(1 / (1 + math.exp(-y * (10 * float(a[i] @ b[j]) - 10)))) / 5
    assert clip.sigmoid_loss(clip.similarity(a, b), t, bias).item() == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(("n", "scale"), [(7, 1.0), (32, 1.0), (5, 3.0)])
def test_the_floor_is_reached_by_a_simplex_and_by_nothing_else(n: int, scale: float) -> None:
    best = simplex(n)
    row, column = clip.info_nce(scale * clip.similarity(best, best))
    assert row.item() == pytest.approx(clip.loss_floor(n, scale)) == pytest.approx(column.item())
    for _ in range(20):
        a, b = (F.normalize(best + 0.3 * torch.randn(n, n, dtype=torch.float64), dim=-1) for _ in range(2))
        row, column = clip.info_nce(scale * clip.similarity(a, b))
        assert (row + column).item() / 2 > clip.loss_floor(n, scale)
    assert clip.loss_floor(32, 1.0) == pytest.approx(2.488, abs=5e-4)


def test_training_with_the_scale_fixed_at_1_ends_at_the_floor() -> None:
    a, b = (torch.randn(8, 16, requires_grad=True) for _ in range(2))
    optimiser = torch.optim.Adam([a, b], lr=0.05)
    for _ in range(500):
        row, column = clip.info_nce(clip.similarity(F.normalize(a, dim=-1), F.normalize(b, dim=-1)))
        optimiser.zero_grad()
        (row + column).backward()
        optimiser.step()
    floor = clip.loss_floor(8, 1.0)
    assert floor <= row.item() + 1e-5 and row.item() == pytest.approx(floor, rel=0.01)


@pytest.mark.parametrize("k", [1, 3])
def test_recall_is_scikit_learns(k: int) -> None:
    cosines = torch.randn(11, 11)
    labels = np.arange(11)
    rows, columns = clip.recall_at(cosines, k)
    assert rows.item() == pytest.approx(top_k_accuracy_score(labels, cosines.numpy(), k=k))
    assert columns.item() == pytest.approx(top_k_accuracy_score(labels, cosines.T.numpy(), k=k))


def test_vectors_that_are_all_alike_retrieve_nothing() -> None:
    rows, columns = clip.recall_at(torch.ones(BATCH, 7, 7), 1)
    assert rows.item() == columns.item() == 0


def test_gap_alignment_and_uniformity() -> None:
    a = torch.tensor([[1.0, 0], [0, 1]])
    b = torch.tensor([[0.0, 1], [0, 1]])
    assert clip.modality_gap(a, b).item() == pytest.approx(math.sqrt(0.5))
    assert clip.alignment(a, b).item() == pytest.approx((2 + 0) / 2)
    assert clip.uniformity(torch.tensor([[1.0, 0], [-1, 0]])).item() == pytest.approx(-8)


def test_the_cosine_of_two_clips_is_the_mean_cosine_of_their_frames() -> None:
    a, b = (F.normalize(torch.randn(BATCH, FRAMES, FEATURE), dim=-1) for _ in range(2))
    whole = clip.similarity(clip.whole_clip(a), clip.whole_clip(b))
    torch.testing.assert_close(whole, torch.einsum("isd,jsd->ij", a, b) / FRAMES)
    torch.testing.assert_close(clip.whole_clip(a).norm(dim=-1), torch.ones(BATCH))
