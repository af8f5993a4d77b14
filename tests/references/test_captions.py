"""Encoders of digits and captions against numpy, and the objective of both data sets against PyTorch and loops."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.caption_clip import CaptionClip, CaptionEncoder, ImageEncoder, ensemble, zero_shot
from playground.concepts.clip.captions.views import repeats_floor
from playground.concepts.clip.objective import Objective

VOCABULARY, FEATURE, WIDTH = 13, 5, 7


@pytest.fixture(autouse=True)
def _seed() -> None:
    torch.manual_seed(0)


def parameters(module: nn.Module) -> dict[str, np.ndarray]:
    return {name: p.detach().double().numpy() for name, p in module.named_parameters()}


def windows(x: np.ndarray, size: int, stride: int) -> np.ndarray:
    """(channels, side, side), zeros around it → (channels, places, places, size, size)."""
    edge = size // 2
    padded = np.pad(x, ((0, 0), (edge, edge), (edge, edge)))
    return np.lib.stride_tricks.sliding_window_view(padded, (size, size), axis=(1, 2))[:, ::stride, ::stride]


def test_the_image_encoder_is_two_convolutions_and_a_projection() -> None:
    encoder = ImageEncoder(FEATURE)
    p = parameters(encoder)
    x = torch.rand(3, 784)
    found = encoder(x).detach().numpy()
    for row, pixels in zip(found, x.double().numpy(), strict=True):
        h = pixels.reshape(1, 28, 28)
        for layer, size in ((0, 5), (2, 3)):
            h = np.einsum("ihwyx,oiyx->ohw", windows(h, size, 2), p[f"features.{layer}.weight"])
            h = np.maximum(h + p[f"features.{layer}.bias"][:, None, None], 0)
        assert h.shape == (32, 7, 7)
        np.testing.assert_allclose(row, p["project.weight"] @ h.ravel() + p["project.bias"], atol=1e-5)


def convolved(h: np.ndarray, weight: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """(length, in) → (length, out), place by place, each of five taps that is inside; then ReLU."""
    out = np.tile(bias, (len(h), 1))
    for place in range(len(h)):
        for tap in range(5):
            if 0 <= place + tap - 2 < len(h):
                out[place] += weight[:, :, tap] @ h[place + tap - 2]
    return np.maximum(out, 0)


def test_the_caption_encoder_reads_its_characters_and_nothing_after_them() -> None:
    encoder = CaptionEncoder(VOCABULARY, FEATURE, WIDTH)
    p = parameters(encoder)
    lengths = (1, 3, 11)
    c = torch.randint(1, VOCABULARY, (len(lengths), 11))
    for i, length in enumerate(lengths):
        c[i, length:] = 0
    found = encoder(c).detach().numpy()
    for i, length in enumerate(lengths):
        h = p["embed.weight"][c[i, :length].numpy()]
        h = convolved(convolved(h, p["near.weight"], p["near.bias"]), p["wide.weight"], p["wide.bias"])
        np.testing.assert_allclose(found[i], p["project.weight"] @ h.max(0) + p["project.bias"], atol=1e-5)


def test_padding_does_not_change_a_captions_vector() -> None:
    encoder = CaptionEncoder(VOCABULARY, FEATURE, WIDTH)
    c = torch.randint(1, VOCABULARY, (3, 7))
    torch.testing.assert_close(encoder(F.pad(c, (0, 11))), encoder(c))
    assert (encoder(F.pad(c, (0, 1), value=1)) - encoder(c)).abs().max() > 1e-3  # another character does


def test_both_kinds_are_unit_vectors_each_of_its_own_input() -> None:
    model = CaptionClip(VOCABULARY, FEATURE)
    x, c = torch.rand(3, 784), torch.randint(1, VOCABULARY, (3, 11))
    a, b = model(x, c)
    assert a.shape == b.shape == (3, FEATURE)
    torch.testing.assert_close(a.norm(dim=-1), torch.ones(3))
    torch.testing.assert_close(b.norm(dim=-1), torch.ones(3))
    torch.testing.assert_close(a[1:2] * model.image_encoder(x)[1].norm(), model.image_encoder(x)[1:2])
    torch.testing.assert_close(b[2:3] * model.caption_encoder(c)[2].norm(), model.caption_encoder(c)[2:3])
    other = c.clone()
    other[1, 4] = other[1, 4] % (VOCABULARY - 1) + 1
    again, changed = model(x, other)
    torch.testing.assert_close(again, a)
    assert (changed != b).any(1).tolist() == [False, True, False]


def test_a_class_is_the_direction_of_its_captions_mean() -> None:
    captions = torch.tensor([[[1.0, 0, 0], [0, 1, 0]], [[0, 0, -1], [0, 0, -1]]])
    half = math.sqrt(0.5)
    torch.testing.assert_close(ensemble(captions), torch.tensor([[half, half, 0], [0, 0, -1]]))


def test_each_image_is_given_the_nearest_class() -> None:
    classes = torch.tensor([[1.0, 0], [0, 1]])
    images = torch.tensor([[0.6, 0.8], [1, 0], [-0.6, 0.8]])
    assert zero_shot(images, classes).tolist() == [1, 0, 1]


def by_hand(cosines: Tensor, loss: str, scale: float) -> float:
    n = len(cosines)
    if loss == "InfoNCE":
        target = torch.arange(n)
        both = F.cross_entropy(scale * cosines, target) + F.cross_entropy(scale * cosines.T, target)
        return both.item() / 2
    total = 0.0
    for i in range(n):
        for j in range(n):
            y = 1 if i == j else -1
            total += math.log1p(math.exp(-y * (scale * float(cosines[i, j]) - 10)))
    return total / n


@pytest.mark.parametrize("loss", ["InfoNCE", "sigmoid"])
@pytest.mark.parametrize("kind", ["exponential", "linear", "fixed"])
def test_the_objective_is_its_formula_of_one_matrix_and_of_several(loss: str, kind: str) -> None:
    objective = Objective(loss, kind)
    start = 1.0 if kind != "exponential" else 10.0 if loss == "sigmoid" else 1 / 0.07
    assert objective.scale().item() == pytest.approx(start)
    cosines = 2 * torch.rand(3, 5, 5) - 1
    each = [by_hand(one, loss, start) for one in cosines]
    assert objective(cosines[0]).item() == pytest.approx(each[0], rel=1e-5)
    assert objective(cosines).item() == pytest.approx(sum(each) / 3, rel=1e-5)


def test_a_scale_is_capped_or_stays() -> None:
    objective = Objective("InfoNCE", "exponential")
    with torch.no_grad():
        objective.scale_parameter.fill_(9.0)
    assert objective.scale().item() == 100
    learned = {name for name, p in Objective("sigmoid", "fixed").named_parameters() if p.requires_grad}
    assert learned == {"bias"}
    assert {n for n, p in Objective("InfoNCE", "linear").named_parameters() if p.requires_grad} == {"scale_parameter"}


@pytest.mark.parametrize("batch", [4, 32])
def test_the_floor_is_what_a_perfect_model_pays_for_captions_of_its_own_class(batch: int) -> None:
    labels = np.random.default_rng(0).integers(10, size=(4000, batch))
    same = (labels[:, :, None] == labels[:, None, :]).sum(-1)
    assert repeats_floor(batch) == pytest.approx(np.log(same).mean(), abs=0.012)
    perfect = torch.from_numpy(1.0 * (labels[:50, :, None] == labels[:50, None, :]))
    target = torch.arange(batch).repeat(50)
    loss = F.cross_entropy((100 * perfect).flatten(0, 1), target)
    assert loss.item() == pytest.approx(np.log(same[:50]).mean(), rel=1e-6)
