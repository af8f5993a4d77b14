"""Pictures against independent readers: Pillow, scikit-learn, numpy loops."""

from __future__ import annotations

import base64
import io

import numpy as np
import pytest
from PIL import Image
from sklearn.decomposition import PCA

from playground.figures.base import data_url, mosaic, png, rounded
from playground.figures.charts import POINTS, curve, ellipses, principal_axes, thin


@pytest.mark.parametrize("shape", [(3, 7), (5, 11, 3)])
def test_png_reads_back(shape: tuple[int, ...]) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(png(pixels)))), pixels)
    head, _, body = data_url(pixels).partition(",")
    assert head == "data:image/png;base64" and base64.b64decode(body) == png(pixels)


@pytest.mark.parametrize("gap", [0, 2])
def test_mosaic_puts_every_image_in_its_place(gap: int) -> None:
    images = np.random.default_rng(1).random((7, 25))
    sheet = mosaic(images, 3, gap)
    assert sheet.shape == (3 * 5 + 2 * gap, 3 * 5 + 2 * gap)
    for i, image in enumerate(images):
        row, column = divmod(i, 3)
        top, left = row * (5 + gap), column * (5 + gap)
        expected = (255 * image.reshape(5, 5)).astype(np.uint8)
        np.testing.assert_array_equal(sheet[top : top + 5, left : left + 5], expected)
    assert not sheet[2 * (5 + gap) :, 5 + gap :].any()


def test_thinning_keeps_the_newest_point_and_the_mean() -> None:
    steps, values = list(range(1, 5001)), np.random.default_rng(2).random(5000).tolist()
    x, y = thin(steps, values)
    assert len(x) == len(y) == POINTS and x[-1] == 5000
    assert np.mean(y) == pytest.approx(np.mean(values), abs=1e-3)
    assert y[0] == pytest.approx(np.mean(values[:20]), abs=1e-3)
    assert thin([1, 2], [0.5, 0.25]) == ([1, 2], [0.5, 0.25])


def test_principal_axes_are_scikit_learns() -> None:
    points = np.random.default_rng(3).standard_normal((50, 7)) * np.arange(1, 8)
    mean, axes, share = principal_axes(points)
    reference = PCA(2).fit(points)
    np.testing.assert_allclose(mean, reference.mean_)
    np.testing.assert_allclose(np.abs(axes), np.abs(reference.components_), atol=1e-9)
    np.testing.assert_allclose(share, reference.explained_variance_ratio_)
    np.testing.assert_allclose(principal_axes(points[::-1])[1], axes, atol=1e-9)  # the sign does not flip


def test_ellipses_lie_on_their_radii() -> None:
    centres, radii = np.array([[1.0, 2.0], [-3.0, 0.5]]), np.array([[2.0, 0.5], [1.0, 3.0]])
    x, y = (np.array(v).reshape(2, -1) for v in ellipses(centres, radii, corners=9))
    assert np.isnan(x[:, -1]).all()
    for i in range(2):
        on = ((x[i, :-1] - centres[i, 0]) / radii[i, 0]) ** 2 + ((y[i, :-1] - centres[i, 1]) / radii[i, 1]) ** 2
        np.testing.assert_allclose(on, 1, atol=0.01)


def test_rounding() -> None:
    assert rounded([1.23456, 2], 2) == [1.23, 2.0]


def test_a_single_measurement_can_be_seen() -> None:
    history = {"one": ([1], [0.5]), "two": ([1, 50], [0.5, 0.25])}
    assert [curve(history, name, name, "#000")["mode"] for name in history] == ["markers", "lines"]
