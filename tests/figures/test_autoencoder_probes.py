"""What the answers to an autoencoder's questions show, read back from the figures, on nets set by hand."""

from __future__ import annotations

import base64
import io
import math

import numpy as np
import pytest
from PIL import Image

from playground.concepts.autoencoder import probes
from playground.concepts.autoencoder.questions import Decode, Draw, Interpolate, Reparameterise, Style
from playground.data.mnist import as_digit
from tests.figures.reading import Figure, Picture, points, trace
from tests.references.hand_set_autoencoder import CLASSES, GREY, MU, SHADE, WIDE, shaded, sigmoid, ticks


def strip(figure: Figure) -> dict[str, dict[str, float]]:
    """Grey of each image of a strip by the names at its row and its column."""
    picture = Picture(figure)
    return {
        row: {column: picture.cell(x, y, 1, 1) for x, column in ticks(figure, "xaxis")}
        for y, row in ticks(figure, "yaxis")
    }


def test_interpolation_goes_from_the_first_digit_to_the_second() -> None:
    run = shaded(model="CVAE")
    seen = strip(probes.interpolate(run, Interpolate(from_digit=100, to_digit=113)))
    a, b = run.digits.heldout_images[[100, 113], 0]
    assert list(seen["latents"]) == [f"{i / 10:.1f}" for i in range(11)]
    for i, step in enumerate(seen["latents"]):
        share = i / 10
        z = (1 - share) * MU[100] + share * MU[113]
        told = CLASSES[0 if share < 0.5 else 3]
        assert seen["latents"][step] == pytest.approx(sigmoid(z @ SHADE + told), abs=GREY), step
        assert seen["pixels"][step] == pytest.approx((1 - share) * a + share * b, abs=GREY), step


def test_a_style_is_put_on_every_class() -> None:
    run = shaded(model="CVAE")
    seen = strip(probes.style(run, Style(digit=9)))["style kept"]
    assert seen.pop("its style") == pytest.approx(run.digits.heldout_images[9, 0], abs=GREY)
    expected = {str(c): pytest.approx(sigmoid(MU[9] @ SHADE + CLASSES[c]), abs=GREY) for c in range(10)}
    assert seen == expected


def test_a_decoded_points_neighbours_are_to_its_left_and_right() -> None:
    ((name, seen),) = strip(probes.decode(shaded(), Decode(x=-0.5, y=1.5))).items()
    assert name == "(-0.50, 1.50)"
    shifts = {"−0.5": -0.5, "−0.25": -0.25, "here": 0.0, "+0.25": 0.25, "+0.5": 0.5}
    assert seen == {n: pytest.approx(sigmoid(-0.5 + d + 0.3 * 1.5), abs=GREY) for n, d in shifts.items()}
    ((_, seen),) = strip(probes.decode(shaded(model="CVAE"), Decode(x=-0.5, y=1.5))).items()
    assert seen == {str(c): pytest.approx(sigmoid(-0.5 + 0.45 + CLASSES[c]), abs=GREY) for c in range(10)}


def drawing() -> str:
    """A thick stroke: black paper, white ink."""
    sheet = np.zeros((56, 56), np.uint8)
    sheet[8:48, 20:30] = 255
    file = io.BytesIO()
    Image.fromarray(sheet).save(file, "PNG")
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()


@pytest.mark.parametrize("model", ["AE", "VAE", "CVAE"])
def test_a_drawings_bars_are_mu_and_its_whiskers_sigma(model: str) -> None:
    rows = np.array([[0.75, -1.5, *WIDE[0]]])
    sigma = np.zeros(2) if model == "AE" else np.array([2.0, 0.5])
    figure = probes.draw(shaded(rows, model=model), Draw(drawing=drawing(), label=6))
    means, dots = trace(figure, "μ ± σ"), trace(figure, "z")
    assert points(means) == [("z1", 0.75), ("z2", -1.5)]
    assert means["error_y"]["array"] == pytest.approx(sigma.tolist(), abs=1e-3)
    assert means["error_y"].get("symmetric", True) is True
    z = np.array(dots["y"]).reshape(5, 2)
    assert dots["x"] == ["z1", "z2"] * 5
    away = (z - [0.75, -1.5]) / np.where(sigma > 0, sigma, 1)
    assert 0.5 < away.std() < 1.5 if model != "AE" else not away.any()
    picture, told = Picture(figure), CLASSES[6] if model == "CVAE" else 0.0
    names = ticks(figure, "xaxis")
    assert [text for _, text in names] == ["it sees", "from μ", *(f"sample {i}" for i in range(1, 6))]
    for (x, text), code in zip(names[1:], [np.array([0.75, -1.5]), *z], strict=True):
        assert picture.cell(x, 0.5, 1, 1) == pytest.approx(sigmoid(code @ SHADE + told), abs=GREY), text
    np.testing.assert_allclose(picture.pixels[:, :28].ravel(), as_digit(drawing()), atol=GREY)


def test_the_trick_carries_fixed_noise_by_mu_and_sigma(monkeypatch: pytest.MonkeyPatch) -> None:
    norms = np.random.default_rng(3).permutation(np.arange(1.0, 22.0))  # tenths at 3 and 19, half at 11
    rule = {"path": norms, "detached": 0 * norms, "score": 100 * norms}
    told = {name: n[:, None] * [0.6, -0.8] for name, n in rule.items()}
    monkeypatch.setattr(probes, "gradients", lambda *_: told)
    run = shaded()
    figure = probes.reparameterise_live(run, Reparameterise(digit=4, mu_shift=1.0, log_sigma_shift=math.log(2.0)))
    eps, z = (np.array(points(trace(figure, name))) for name in ("ε (fixed)", "z"))
    np.testing.assert_allclose(z, MU[4] + [1.0, 0.0] + 2 * np.array([2.0, 0.5]) * eps, atol=4e-3)
    arrows = np.array(points(trace(figure, "z = μ + σ ⊙ ε"))).reshape(-1, 3, 2)
    np.testing.assert_array_equal(arrows[:, 0], eps)
    np.testing.assert_array_equal(arrows[:, 1], z)
    (drawn,) = (t for t in figure["data"] if t["type"] == "bar")
    assert [name.split("<br>") for name in drawn["x"]] == [
        ["with the trick", "11"],
        ["without it", "0"],
        ["score function", "1.1e+03"],
    ]
    assert drawn["y"] == pytest.approx([11, 0.01, 1100])
    assert drawn["error_y"]["array"] == pytest.approx([8, 0, 800]) == drawn["error_y"]["arrayminus"]
