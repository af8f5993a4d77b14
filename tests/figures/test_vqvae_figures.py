"""What the pictures of the codebook show, on hand-set codebooks: places, sizes, colours, orientation, order."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest
import torch

from playground.concepts.vqvae import views
from playground.concepts.vqvae.colours import code_colours, css
from playground.concepts.vqvae.config import VQVAEConfig
from playground.concepts.vqvae.experiment import VQVAEExperiment
from playground.concepts.vqvae.projection import Projection
from playground.concepts.vqvae.restart_log import JUMPS
from playground.concepts.vqvae.sheets import shown_digits
from playground.data.mnist import load_digits
from tests.figures.reading import Picture, grows, headings, points, title, trace

BOOK = torch.tensor([[2.0, 1.0], [-2.0, 1.0], [-2.0, -1.0], [0.5, -1.5], [0.0, 2.5]])


@pytest.fixture
def cells() -> VQVAEExperiment:
    """Five codes of two numbers; the first is used three times as much as the second, the others not at all."""
    torch.manual_seed(0)
    experiment = VQVAEExperiment(VQVAEConfig(data="ring", codes=5, dim=2, restart="off"))
    with torch.no_grad():
        experiment.model.codebook.copy_(BOOK)
    experiment.recent.zero_()
    experiment.recent[0] = torch.tensor([60.0, 20, 0, 0, 0])
    experiment.counts = torch.tensor([6.0, 2, 1, 0, 0])  # the third was used, but not of late
    return experiment


@pytest.fixture(scope="module")
def digits() -> VQVAEExperiment:
    torch.manual_seed(0)
    experiment = VQVAEExperiment(VQVAEConfig(codes=20, init="data", batch=8))
    experiment.step()
    return experiment


def test_codes_stand_at_their_place_and_grow_with_their_use(cells: VQVAEExperiment) -> None:
    figure = views.vectors(cells, {})
    used, unused = trace(figure, "codes"), trace(figure, "unused codes")
    assert points(used) == [(2.0, 1.0), (-2.0, 1.0)]
    assert points(unused) == [tuple(p) for p in BOOK[2:].tolist()]
    assert used["customdata"] == [[0, 75.0], [1, 25.0]]
    small = 6
    sizes = [size - small for size in used["marker"]["size"]]
    assert sizes[0] / sizes[1] == pytest.approx(3**0.5, rel=1e-3)  # the area grows with the use
    assert unused["marker"]["symbol"] == "circle-open"
    assert used["marker"]["color"] == css(code_colours(cells))[:2]
    assert (title(figure, "xaxis"), title(figure, "yaxis")) == ("z₁", "z₂")
    assert grows(figure, "xaxis") == grows(figure, "yaxis") == 1


def test_vectors_are_those_of_heldout_examples_in_their_codes_colour(cells: VQVAEExperiment) -> None:
    shown = trace(views.vectors(cells, {}), "vectors")
    z = cells.model.encode(cells.examples.heldout[:100])[:, 0].detach()
    k = torch.cdist(z, BOOK).argmin(1)
    expected = {tuple(np.round(p, 3)): css(code_colours(cells))[c]
                for p, c in zip(z.numpy().astype(float).tolist(), k.tolist(), strict=True)}  # fmt: skip
    assert dict(zip(points(shown), shown["marker"]["color"], strict=True)) == expected


def test_a_cell_is_where_its_code_is_nearest(cells: VQVAEExperiment) -> None:
    figure = views.vectors(cells, {})
    reach = figure["layout"]["xaxis"]["range"][1]
    image = views._cells(cells, reach)
    colours, side = code_colours(cells), len(image)
    for x, y in [(1.5, 1.0), (-2.5, 2.0), (-1.5, -2.0), (0.2, -0.9), (0.1, 2.9), (2.9, -2.9)]:
        row, column = round((reach - y) / (2 * reach) * (side - 1)), round((x + reach) / (2 * reach) * (side - 1))
        nearest = int(((BOOK - torch.tensor([x, y])) ** 2).sum(1).argmin())
        assert image[row, column, :3].tolist() == colours[nearest].tolist(), (x, y)
    placed = figure["layout"]["images"][0]
    assert (placed["x"], placed["y"]) == (-reach, reach)  # its corner is at the top left


def test_no_cells_where_the_plane_is_not_exact_or_nothing_is_nearest(digits: VQVAEExperiment) -> None:
    assert views.vectors(digits, {})["layout"]["images"] == []
    torch.manual_seed(0)
    dvae = VQVAEExperiment(VQVAEConfig(model="dVAE", data="ring", codes=5, dim=2))
    assert views.vectors(dvae, {})["layout"]["images"] == []


def test_trails_end_at_the_codes_and_break_where_one_was_revived(cells: VQVAEExperiment) -> None:
    cells.restart_log.trail = [(5, BOOK - 1), (10, BOOK - 0.5)]
    cells.steps_taken = 12
    cells.restart_log.revived[1] = 7
    line = trace(views.vectors(cells, {}), "trails")
    pieces: list[list[Any]] = [[]]
    for point in points(line):
        if point[0] is None:
            pieces.append([])
        else:
            pieces[-1].append(point)
    assert pieces[0] == [(1.0, 0.0), (1.5, 0.5), (2.0, 1.0)]
    assert pieces[1] == [(-2.5, 0.5), (-2.0, 1.0)]


def test_jumps_go_from_the_old_place_to_the_new(cells: VQVAEExperiment) -> None:
    cells.restart_log.note_restarts(9, torch.tensor([False, False, True, False, False]), BOOK[2:3], BOOK[2:3] + 3)
    line = trace(views.vectors(cells, {}), "re-initialised")
    assert points(line)[:2] == [(-2.0, -1.0), (1.0, 2.0)]
    assert line["marker"]["symbol"] == "arrow" and line["marker"]["size"] == [0, 8, 0]


def test_jumps_and_trails_are_forgotten_in_time(cells: VQVAEExperiment) -> None:
    cells.restart_log.note_restarts(9, torch.tensor([True] * 5), BOOK, BOOK)
    cells.restart_log.note_codebook(200, BOOK)
    assert len(cells.restart_log.jumps) == 5
    cells.restart_log.note_codebook(210, BOOK)
    assert not cells.restart_log.jumps
    for step in range(71, 111):  # more than are kept
        cells.restart_log.note_restarts(step, torch.tensor([True] * 5), BOOK, BOOK)
    kept = [jump[0] for jump in cells.restart_log.jumps]
    assert kept == [step for step in range(111 - JUMPS // 5, 111) for _ in range(5)]

    cells.restart_log.trail, book = [], BOOK.clone()
    for step in range(1, 61):
        book += 1
        cells.restart_log.note_codebook(step, book)
    assert [step for step, _ in cells.restart_log.trail] == [25, 30, 35, 40, 45, 50, 55, 60]
    assert all(torch.equal(old, BOOK + step) for step, old in cells.restart_log.trail)


def test_the_direction_from_the_middle_of_the_used_codes_is_the_hue(cells: VQVAEExperiment) -> None:
    """The middle is the mean of the codes, each as often as it is used; red lies to the right, green up left."""
    cells.counts = torch.tensor([3.0, 1, 0, 0, 0])
    with torch.no_grad():
        cells.model.codebook.copy_(torch.tensor([[2.0, 1], [-2, 1], [1, 3], [9, 1], [-3, 1 + 4 * 3**0.5]]))
    # The middle is (1, 1); the distances 1, 3, 2, 8, 8: nine tenths of them are within 8.
    right, left, up = [153, 133, 133], [100, 159, 159], [140, 162, 117]
    expected = [right, left, up, [245, 87, 87], [87, 245, 87]]
    np.testing.assert_allclose(code_colours(cells), expected, atol=1)
    assert css(np.array([[255, 16, 0]], dtype=np.uint8)) == ["#ff1000"]


def test_axes_turn_within_their_plane_as_little_as_possible() -> None:
    """Two snapshots of vectors whose main axes differ by 40°: the picture stays where it was, not rotated twice."""
    angle = torch.tensor(40.0).deg2rad()
    turn = torch.eye(4)
    turn[:2, :2] = torch.tensor([[angle.cos(), angle.sin()], [-angle.sin(), angle.cos()]])
    z = torch.randn(800, 4) * torch.tensor([5.0, 3, 0.01, 0.01])
    z[:400] = -z[400:]
    plane = Projection(4)
    plane.update(1, z)
    first = plane.axes
    for flip in (1.0, -1.0):  # the new axes may come out as a rotation of the old, or as a reflection
        plane.axes = first * torch.tensor([[flip], [1.0]])
        before = plane.project(z)
        plane.update(10, z @ turn)
        np.testing.assert_allclose(plane.project(z), before, atol=0.1)


def test_the_main_plane_is_that_of_the_vectors_and_turns_little(digits: VQVAEExperiment) -> None:
    from sklearn.decomposition import PCA

    z = torch.randn(500, 7) * torch.tensor([5.0, 3, 1, 1, 1, 1, 1]) + 2
    plane = Projection(7)
    plane.update(1, z)
    reference = PCA(2).fit(z.numpy())
    assert plane.share == pytest.approx(reference.explained_variance_ratio_.sum(), rel=1e-4)
    distances = torch.pdist(torch.from_numpy(plane.project(z)))
    theirs = torch.pdist(torch.from_numpy(reference.transform(z.numpy())))
    torch.testing.assert_close(distances, theirs, atol=1e-3, rtol=1e-3)
    before = plane.project(z)
    plane.update(10, z.flip(0) * torch.tensor([1.0, 1.9, 1, 1, 1, 1, 1]))  # the second axis overtakes the first
    assert abs(np.corrcoef(before[:, 0], plane.project(z)[:, 0])[0, 1]) > 0.95


def test_bars_are_in_the_order_of_the_codebook_with_rings_for_unused_codes(cells: VQVAEExperiment) -> None:
    cells.recent[0] = torch.tensor([20.0, 0, 60, 0, 0])
    figure = views.usage_bars(cells, {})
    bars, rings = trace(figure, "use"), trace(figure, "unused")
    assert bars["x"] == [0, 1, 2, 3, 4] and bars["y"] == [25.0, 0.01, 75.0, 0.01, 0.01]
    assert rings["x"] == [1, 3, 4]
    assert figure["layout"]["shapes"][0]["y0"] == 20.0  # all alike
    assert bars["marker"]["color"] == css(code_colours(cells))


def test_progress_counts_the_restarts_of_each_stretch(cells: VQVAEExperiment) -> None:
    steps = list(range(1, 7))
    history = {
        "restarts": (steps, [0.0, 3, 3, 3, 8, 8]), "codes_used": (steps, [1.0, 2, 3, 4, 5, 6]),
        "perplexity": (steps, [1.0, 1.5, 2, 2.5, 3, 3.5]),
    }  # fmt: skip
    figure = views.progress(cells, history)
    assert points(trace(figure, "re-initialised")) == [(2, 3.0), (5, 5.0)]
    assert trace(figure, "codes used")["y"] == history["codes_used"][1]
    assert trace(figure, "perplexity")["y"] == history["perplexity"][1]
    assert figure["layout"]["shapes"][0]["y0"] == 5
    long = list(range(1, 1001))
    figure = views.progress(cells, {"restarts": (long, [float(s) for s in long])})
    assert 900 < sum(trace(figure, "re-initialised")["y"]) <= 1000


def test_maps_show_the_digit_its_codes_and_its_reconstruction(digits: VQVAEExperiment) -> None:
    figure = views.maps(digits, {})
    assert figure["layout"]["yaxis"]["ticktext"] == ["x", "codes", "x̂"] * 2 and grows(figure, "yaxis") == -1
    picture, data = Picture(figure), load_digits()
    chosen = shown_digits()
    assert data.heldout_labels[chosen].tolist() == list(range(10))
    x = torch.from_numpy(data.heldout_images[chosen])
    k = digits.model.codes(x)
    rebuilt = digits.decode_codes(k).numpy()
    grey = code_colours(digits).astype(float) @ [0.299, 0.587, 0.114] / 255  # as Pillow makes it
    for digit in (0, 3, 7):
        column, bank = digit % 5, 3 * (digit // 5)
        for place in (0, 24, 33):
            row, across = divmod(place, 7)
            at = (column + (across + 0.5) / 7, (row + 0.5) / 7)
            assert picture.at(at[0], bank + 1 + at[1]) == pytest.approx(grey[k[digit, place]], abs=0.01)
        for pixel in (200, 406, 555):
            row, across = divmod(pixel, 28)
            at = (column + (across + 0.5) / 28, (row + 0.5) / 28)
            assert picture.at(at[0], bank + at[1]) == pytest.approx(x[digit, pixel].item(), abs=0.01)
            assert picture.at(at[0], bank + 2 + at[1]) == pytest.approx(rebuilt[digit, pixel], abs=0.01)


def test_points_have_their_codes_colour_and_codes_stand_where_they_are_decoded(cells: VQVAEExperiment) -> None:
    figure = views.maps(cells, {})
    x = cells.examples.heldout
    k = torch.cdist(cells.model.encode(x)[:, 0], BOOK).argmin(1)
    colours = css(code_colours(cells))
    assert trace(figure, "x")["marker"]["color"] == [colours[c] for c in k.tolist()]
    decoded = trace(figure, "x̂ of each code")
    assert decoded["customdata"] == [0, 1]  # those in use
    expected = cells.model.decode(BOOK[:2, None]).detach().numpy()
    np.testing.assert_allclose(points(decoded), expected, atol=1e-3)


def test_patches_show_what_is_decoded_where_a_code_stands(digits: VQVAEExperiment) -> None:
    digits = copy.deepcopy(digits)
    with torch.no_grad():
        for parameter in digits.model.decoder.parameters():
            parameter *= 3  # an untrained decoder says nearly the same of all codes
    figure = views.codebook(digits, {})
    picture = Picture(figure)
    k = digits.model.codes(digits.examples.heldout[:200])
    decoded = np.pad(digits.decode_codes(k).view(-1, 28, 28).numpy(), ((0, 0), (4, 4), (4, 4)))
    standing = sorted(set(k.flatten().tolist()))
    for code in (standing[0], standing[len(standing) // 2], standing[-1]):
        places = [(image, 4 * (place // 7), 4 * (place % 7)) for image, place in (k == code).nonzero().tolist()]
        patch = np.mean([decoded[i, top : top + 12, left : left + 12] for i, top, left in places], 0)
        row, column = divmod(code, 12)
        for r, c in ((2, 9), (6, 6), (9, 2)):
            at = (13 * column + c + 0.5) / 155 * 12, (13 * row + r + 0.5) / 25 * 2  # a gap after each but the last
            shown = picture.at(*at)
            assert shown == pytest.approx(patch[r, c], abs=0.02), (code, r, c)
    assert figure["layout"]["yaxis"]["ticktext"] == ["0", "12"]


@pytest.mark.parametrize("model", ["VQ-VAE", "dVAE"])
def test_losses_are_the_series_that_they_say(model: str) -> None:
    torch.manual_seed(0)
    experiment = VQVAEExperiment(VQVAEConfig(model=model, data="ring", codes=5, dim=2))  # type: ignore[arg-type]
    names = {"train/reconstruction": "reconstruction", "heldout/nmse": "held-out NMSE"}
    if model == "dVAE":
        names |= {"train/kl": "KL to uniform", "temperature": "temperature τ"}
    else:
        names |= {"train/vq": "VQ", "train/commitment": "commitment", "heldout/quantisation": "quantisation"}
    history = {name: ([1, 2], [float(i), float(i) + 0.5]) for i, name in enumerate(names, 1)}
    figure = views.losses(experiment, history)
    assert headings(figure) == ("of a batch", "share of the variance")
    for i, (metric, name) in enumerate(names.items(), 1):
        shown = trace(figure, name)
        assert shown["y"] == [float(i), i + 0.5], metric
        assert (shown.get("yaxis") == "y2") == metric.startswith("heldout")
