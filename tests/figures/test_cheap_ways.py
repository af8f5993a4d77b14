"""What is drawn in a cheap way is what the direct way gives."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from models.quantiser import nearest_code
from playground.capture import ablate
from playground.concepts.autoencoder.config import AutoencoderConfig
from playground.concepts.autoencoder.experiment import AutoencoderExperiment
from playground.concepts.autoencoder.projection import projection
from playground.concepts.transformer import ablations
from playground.concepts.transformer.config import TransformerConfig
from playground.concepts.transformer.experiment import TransformerExperiment
from playground.concepts.transformer.measures import KINDS
from playground.concepts.transformer.views import attentions
from playground.concepts.vqvae.views import AT_ONCE, nearest_of_many
from playground.figures.charts import principal_axes, turned_like_before


@pytest.mark.parametrize("shape", [(50, 7), (7, 50), (11, 11)])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_main_axes_are_those_of_a_singular_value_decomposition(shape: tuple[int, int], dtype: Any) -> None:
    points = (np.random.default_rng(3).standard_normal(shape) * np.arange(1, shape[1] + 1) + 4).astype(dtype)
    mean, axes, share = principal_axes(points)
    _, singular, expected = np.linalg.svd(points - points.mean(0), full_matrices=False)
    np.testing.assert_allclose(mean, points.mean(0), rtol=1e-5)
    np.testing.assert_allclose(np.abs((axes * expected[:2]).sum(1)), 1, atol=1e-5)
    np.testing.assert_allclose(share, (singular**2 / (singular**2).sum())[:2], rtol=1e-5)
    assert mean.dtype == axes.dtype == dtype
    assert (axes[np.arange(2), np.abs(axes).argmax(1)] > 0).all(), "the largest number of an axis is positive"


def test_a_weighted_point_counts_as_so_many_points() -> None:
    points = np.random.default_rng(5).standard_normal((11, 5)) * np.arange(1, 6)
    weights = np.array([3.0] * 4 + [1.0] * 7)
    for found, expected in zip(
        principal_axes(points, weights), principal_axes(np.repeat(points, weights.astype(int), 0)), strict=True
    ):
        np.testing.assert_allclose(found, expected, atol=1e-9)


@pytest.mark.parametrize("shape", [(5, 3), (3, 5)])
def test_points_that_are_all_alike_have_finite_axes(shape: tuple[int, int]) -> None:
    mean, axes, share = principal_axes(np.full(shape, 2.5))
    assert np.isfinite(axes).all() and (mean == 2.5).all() and (share == 0).all()


def test_a_picture_does_not_flip_when_the_largest_number_of_an_axis_becomes_another() -> None:
    """The main axis turns past (1, −1), where its largest number changes and with it the sign of the plain axis."""
    run = AutoencoderExperiment(AutoencoderConfig(latent=3))
    plain, steady = [], []
    for angle in np.linspace(-0.9, -0.7, 9):
        line = np.outer(np.linspace(-1, 1, 9), [np.cos(angle), np.sin(angle), 0])
        points = line + 0.1 * np.outer(np.linspace(-1, 1, 9) ** 2, [0, 0, 1])
        axes = principal_axes(points)[1]
        plain.append(axes[0])
        steady.append(turned_like_before(run, axes)[0])
    assert min(a @ b for a, b in zip(plain, plain[1:], strict=False)) < 0, "or this could not tell"
    assert min(a @ b for a, b in zip(steady, steady[1:], strict=False)) > 0.9


def test_a_click_meets_the_plane_that_was_drawn() -> None:
    run = AutoencoderExperiment(AutoencoderConfig(latent=5))
    shown = projection(run)
    np.testing.assert_array_equal(projection(run).axes, shown.axes)


@pytest.mark.parametrize("cosine", [False, True])
def test_the_nearest_of_many_is_the_nearest_code(cosine: bool) -> None:
    random = np.random.default_rng(7)
    places = random.standard_normal((2 * AT_ONCE + 3, 2)).astype(np.float32)
    codes = random.standard_normal((31, 2)).astype(np.float32)
    if cosine:
        codes /= np.linalg.norm(codes, axis=1, keepdims=True)
    expected = nearest_code(torch.from_numpy(places), torch.from_numpy(codes))
    np.testing.assert_array_equal(nearest_of_many(places, codes), expected.numpy())


ARCHITECTURES: list[dict[str, Any]] = [
    {"task": "reverse", "layers": 2, "heads": 2, "d_k": 8},
    {"task": "reverse", "layers": 2, "heads": 2, "d_k": 8, "architecture": "decoder"},
    {"task": "repeat", "layers": 2, "heads": 3, "d_k": 8},
    {"task": "brackets", "layers": 1, "heads": 3, "d_k": 8},
]


@pytest.mark.parametrize("causal", [True, False])
@pytest.mark.parametrize("knobs", ARCHITECTURES, ids=lambda knobs: f"{knobs['task']}-{knobs.get('architecture', '')}")
def test_many_heads_at_once_are_as_one_after_the_other(
    knobs: dict[str, Any], causal: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each string's logits in the batch are those of a pass in which the same head is cut; so is what is right."""
    torch.manual_seed(0)
    run = TransformerExperiment(TransformerConfig(**knobs, causal=causal))
    heads = [(*which, head) for which in attentions(run).values() for head in range(run.config.heads)]
    source, answer = (column[:5] for column in run.heldout)
    off = [None, *heads]
    with torch.no_grad(), ablations.heads_off(run, [head for head in off for _ in range(5)]):
        together, _ = run.predict(source.repeat(len(off), 1), answer.repeat(len(off), 1))
    whole = together[:5]
    for i, (kind, layer, head) in enumerate(heads, start=1):
        cut = ablate(run.model, f"{KINDS[kind].format(layer)}.hook_z", np.s_[:, head])
        with torch.no_grad(), cut:
            alone, _ = run.predict(source, answer)
        torch.testing.assert_close(together[5 * i : 5 * i + 5], alone, atol=1e-5, rtol=1e-4)
        assert not torch.allclose(alone, whole, atol=1e-4), "a head that does nothing would tell nothing"
    monkeypatch.setattr(ablations, "ROWS", 7)  # chunks that end within a head's strings
    found = ablations.accuracies_without(run, off, 5)
    assert found == [ablations.accuracies_without(run, [head], 5)[0] for head in off]


def test_a_large_model_shows_the_heads_of_one_kind_on_fewer_strings() -> None:
    run = TransformerExperiment(TransformerConfig(task="reverse", layers=4, heads=8, d_k=16))
    every = [(*which, head) for which in attentions(run).values() for head in range(8)]
    shown = ablations.heads_shown(every, ("cross", 1, 2))
    assert len(every) == 96 and shown == [("cross", layer, head) for layer in range(4) for head in range(8)]
    assert ablations.strings_for(run, len(shown)) == ablations.FEWEST
    small = TransformerExperiment(TransformerConfig())
    every = [(*which, head) for which in attentions(small).values() for head in range(4)]
    assert ablations.heads_shown(every, every[0]) == every and ablations.strings_for(small, 12) == ablations.SOME
