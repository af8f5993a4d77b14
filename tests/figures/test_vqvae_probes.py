"""What a visitor's clicks and swaps lead to, and what the answers show."""

from __future__ import annotations

import base64
import io
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from pydantic import ValidationError

from playground.concept import Refused
from playground.concepts.vqvae import probes
from playground.concepts.vqvae.config import VQVAEConfig
from playground.concepts.vqvae.experiment import VQVAEExperiment
from playground.concepts.vqvae.places import parse_edits
from playground.concepts.vqvae.prior import probes as prior_probes
from playground.concepts.vqvae.prior import views as prior_views
from playground.concepts.vqvae.prior.filling import filling
from playground.concepts.vqvae.prior.questions import Sample
from playground.concepts.vqvae.questions import Fires, SwapInDigit, SwapInDrawing
from playground.concepts.vqvae.sheets import shown_digits
from tests.figures.reading import Picture, headings, trace


@pytest.fixture(scope="module")
def digits() -> VQVAEExperiment:
    torch.manual_seed(0)
    experiment = VQVAEExperiment(VQVAEConfig(codes=20, init="data", batch=8))
    experiment.step()
    with torch.no_grad():
        for parameter in experiment.model.decoder.parameters():
            parameter *= 3  # an untrained decoder says nearly the same of all codes
    return experiment


@pytest.fixture(scope="module")
def points() -> VQVAEExperiment:
    torch.manual_seed(0)
    return VQVAEExperiment(VQVAEConfig(data="ring", codes=5, dim=2))


def pixels(url: str) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2]))), dtype=float) / 255


def test_a_click_in_a_map_chooses_the_digit_and_its_place(digits: VQVAEExperiment) -> None:
    found = probes.clicked_digit(digits, 2 + (5 + 0.5) / 7, 1 + (3 + 0.5) / 7)  # third digit, row 4, column 6
    assert found == {"digit": int(shown_digits()[2]), "place": 3 * 7 + 5, "code": -1, "edits": ""}
    assert probes.clicked_digit(digits, 4.5, 4.5)["digit"] == int(shown_digits()[9])
    assert probes.clicked_digit(digits, -3, 99)["place"] == 42  # outside: the nearest


def test_a_click_in_plane_or_bars_chooses_a_code(digits: VQVAEExperiment, points: VQVAEExperiment) -> None:
    where = digits.projection.project(digits.model.codebook.detach())
    assert probes.clicked_vector(digits, *where[13])["code"] == 13
    assert probes.clicked_bar(digits, 6.4, 0.2) == {"code": 6} and probes.clicked_bar(digits, 99, 0) == {"code": 19}
    assert probes.clicked_patch(digits, 3.5, 1.5) == {"code": 15}
    assert probes.clicked_patch(digits, 2.5, 0.5) == {"code": 2}
    with pytest.raises(Refused, match="digits"):
        probes.clicked_digit(points, 1, 1)


def test_swapped_codes_are_decoded_in_their_place(digits: VQVAEExperiment) -> None:
    x = digits.examples.heldout[7:8]
    encoded = digits.model.codes(x)
    expected = encoded.clone()
    expected[0, 30], expected[0, 2], expected[0, 24] = 4, 9, 17
    shown = probes.swap(digits, SwapInDigit(digit=7, place=24, code=17, edits="30:4 2:9 24:3"))["codes"]
    assert shown["encoded"] == encoded[0].tolist() and shown["swapped"] == expected[0].tolist()
    np.testing.assert_allclose(pixels(shown["x"]).ravel(), x[0], atol=0.005)
    np.testing.assert_allclose(pixels(shown["before"]).ravel(), digits.decode_codes(encoded)[0], atol=0.005)
    np.testing.assert_allclose(pixels(shown["after"]).ravel(), digits.decode_codes(expected)[0], atol=0.005)
    assert len(shown["colours"]) == len(shown["use"]) == 20 and sum(shown["use"]) == pytest.approx(100, abs=0.2)
    unchanged = probes.swap(digits, SwapInDigit(digit=7))["codes"]
    assert unchanged["swapped"] == unchanged["encoded"]


def test_a_drawing_is_written_in_codes(digits: VQVAEExperiment) -> None:
    buffer = io.BytesIO()
    image = Image.new("L", (28, 28))
    image.paste(255, (12, 4, 16, 24))
    image.save(buffer, "PNG")
    url = "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()
    shown = probes.draw(digits, SwapInDrawing(drawing=url))["codes"]
    x = torch.from_numpy(pixels(shown["x"]).astype(np.float32).reshape(1, -1))
    assert (torch.tensor(shown["encoded"]) == digits.model.codes(x)[0]).float().mean() > 0.9
    with pytest.raises(Refused, match="empty"):
        probes.draw(digits, SwapInDrawing())


@pytest.mark.parametrize("edits", ["49:1", "3:512", "3-4", "a:b", "3:1,4:2"])
def test_swaps_that_make_no_sense_are_named(edits: str) -> None:
    with pytest.raises(ValidationError, match="place:code"):
        SwapInDigit(edits=edits)
    assert parse_edits("24:17  25:3") == {24: 17, 25: 3}


def test_codes_beyond_the_codebook_are_refused(digits: VQVAEExperiment) -> None:
    for question in (SwapInDigit(code=20), SwapInDigit(edits="3:20")):
        with pytest.raises(Refused, match="0 to 19"):
            probes.swap(digits, question)
    with pytest.raises(Refused, match="0 to 19"):
        probes.fires(digits, Fires(code=20))


def test_where_a_code_fires(digits: VQVAEExperiment) -> None:
    k = digits.model.codes(digits.examples.heldout)
    code = int(k[3, 24])
    figure = probes.fires(digits, Fires(code=code))
    rows = [i for i in range(500) if (k[i] == code).any()]
    words = figure["layout"]["title"]["text"]
    assert f"code {code}" in words and f"{len(rows)} of 500" in words
    assert f"{int((k == code).sum())} of 24,500" in words
    picture = Picture(figure)
    first = rows[0]
    x = digits.examples.heldout[first].view(28, 28)
    wide, high = (10 * 29 - 1) / 10, Picture(figure).pixels.shape[0] / figure["layout"]["yaxis"]["range"][0]
    for place in range(49):
        row, column = divmod(place, 7)
        corners = [(4 * row + i, 4 * column + i) for i in range(4)]
        changes = [abs(picture.at((c + 0.5) / wide, (r + 0.5) / high) - x[r, c].item()) for r, c in corners]
        marked = max(changes) > 0.02
        assert marked == bool(k[first, place] == code), place


def test_maps_fill_row_by_row(digits: VQVAEExperiment) -> None:
    k = torch.arange(49).remainder(20).repeat(3, 1)
    k[1] = 5
    shown: Any = filling(digits, k)["filling"]
    assert shown["codes"] == k.tolist() and shown["side"] == 7
    sheet = pixels(shown["sheet"])
    assert sheet.shape == (8 * 28, 3 * 28)
    background = int(digits.recent.sum(0).argmax())
    for rows in (0, 3, 7):
        partly = torch.full_like(k, background)
        partly[:, : 7 * rows] = k[:, : 7 * rows]
        expected = digits.decode_codes(partly).view(3, 28, 28).numpy()
        for i in range(3):
            found = sheet[28 * rows : 28 * rows + 28, 28 * i : 28 * i + 28]
            np.testing.assert_allclose(found, expected[i], atol=0.005)


def test_without_a_prior_nothing_is_drawn(digits: VQVAEExperiment) -> None:
    assert prior_views.samples(digits, {}) == {"filling": None}
    with pytest.raises(Refused, match="Stage = prior"):
        prior_probes.sample(digits, Sample())
    empty = prior_views.prior_progress(digits, {})
    assert not any(t["x"] for t in empty["data"]) and not empty["layout"]["xaxis2"]["visible"]


def test_the_prior_s_picture_has_the_right_series(digits: VQVAEExperiment) -> None:
    torch.manual_seed(0)
    experiment = VQVAEExperiment(VQVAEConfig(codes=9, stage="prior"))
    experiment.step()
    shares = {"real": 0.96, "reconstructions": 0.9, "samples": 0.6, "independent": 0.3}
    history = {"prior/train_loss": ([1, 2], [4.0, 3.0]), "prior/heldout_loss": ([1, 2], [4.5, 3.5]),
               **{f"recognised/{name}": ([1], [share]) for name, share in shares.items()}}  # fmt: skip
    figure = prior_views.prior_progress(experiment, history)
    assert trace(figure, "train")["y"] == [4.0, 3.0] and trace(figure, "held-out")["y"] == [4.5, 3.5]
    assert headings(figure) == ("nats a code", "recognised, %")
    bars = next(t for t in figure["data"] if t["type"] == "bar")
    assert bars["x"] == ["real", "rebuilt", "new", "by<br>place"]
    assert bars["y"] == [96, 90, 60, 30]
    shown: Any = prior_views.samples(experiment, {})["filling"]
    assert experiment.prior and shown["codes"] == experiment.prior.drawn[:12].tolist()
    prior = experiment.prior
    for question in (Sample(temperature=0.3, noise=4), Sample(temperature=2, noise=5)):
        told: Any = prior_probes.sample(experiment, question)["filling"]
        k = prior.sample(12, torch.Generator().manual_seed(question.noise), question.temperature)
        assert told["codes"] == k.tolist()
