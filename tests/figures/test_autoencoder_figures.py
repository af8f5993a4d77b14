"""What the autoencoder's pictures show, read back from the figures, on nets set by hand whose pictures are known."""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import Any

import numpy as np
import pytest
import torch

from playground.concepts.autoencoder import views
from playground.concepts.autoencoder.experiment import AutoencoderExperiment
from playground.palette import CLASS_COLOURS, HIGHLIGHT, NEUTRAL, NOTES, STANDARD
from tests.figures.reading import Picture, grows, headings, points, said, title, trace
from tests.references.hand_set_autoencoder import (
    CLASSES,
    GREY,
    MU,
    WIDE,
    always,
    by_hand,
    flat,
    log_normal,
    shaded,
    sigmoid,
    table,
    ticks,
    with_flat_digits,
)


def test_latents_show_each_digit_at_its_mean_in_its_classs_colour() -> None:
    run = shaded()
    figure, labels = views.latents(run, {}), run.digits.heldout_labels
    for digit in range(10):
        one, own = trace(figure, str(digit)), np.flatnonzero(labels == digit)
        assert one["marker"]["color"] == CLASS_COLOURS[digit]
        np.testing.assert_allclose(points(one), MU[own], atol=1e-3)
        np.testing.assert_allclose(
            one["customdata"], np.insert(np.tile([2.0, 0.5], (len(own), 1)), 0, own, axis=1), atol=1e-3
        )
    assert (title(figure, "xaxis"), title(figure, "yaxis")) == ("z₁", "z₂")
    assert grows(figure, "xaxis") == grows(figure, "yaxis") == 1
    for axis in ("xaxis", "yaxis"):
        low, high = figure["layout"][axis]["range"]
        assert low == -high and np.abs(MU).max() < high < 2 * np.abs(MU).max()


def test_ellipses_have_sigma_for_half_axes_and_the_priors_circles_are_one_and_two() -> None:
    figure = views.latents(shaded(), {})
    rings = np.array(points(trace(figure, "σ ellipses"))).reshape(100, -1, 2)
    assert np.isnan(rings[:, -1]).all()
    off = (rings[:, :-1] - MU[::5, None]) / [2.0, 0.5]
    np.testing.assert_allclose((off**2).sum(2), 1, atol=0.01)
    circles = np.array(points(trace(figure, "prior"))).reshape(2, -1, 2)[:, :-1]
    np.testing.assert_allclose(np.hypot(circles[..., 0], circles[..., 1]), [[1.0] * 60, [2.0] * 60], atol=1e-3)
    plain = views.latents(shaded(model="AE"), {})
    assert {t["name"] for t in plain["data"]} == {str(digit) for digit in range(10)}
    assert not np.array(trace(plain, "3")["customdata"])[:, 1:].any()


def test_one_dimension_has_a_row_for_each_class() -> None:
    run = shaded(np.hstack([MU[:, :1], WIDE[:, :1]]), latent=1)
    figure, labels = views.latents(run, {}), run.digits.heldout_labels
    for digit in range(10):
        where = np.array(points(trace(figure, str(digit))))
        np.testing.assert_allclose(where[:, 0], MU[labels == digit, 0], atol=1e-3)
        assert (np.abs(where[:, 1] - digit) < 0.301).all()
    assert (title(figure, "xaxis"), title(figure, "yaxis")) == ("z₁", "class")


def spread_out(**knobs: Any) -> tuple[AutoencoderExperiment, np.ndarray]:
    """Four dimensions: the means differ most along the third, then along the first; σ = (½, 9, 2, 9)."""
    rng = np.random.default_rng(2)
    steps = np.tile([-1.0, -1.0, 1.0, 1.0], 125), np.tile([-1.0, 1.0], 250)  # uncorrelated
    mu = np.stack([1 + 2 * steps[1], rng.normal(0, 1e-3, 500), 4 * steps[0], rng.normal(0, 1e-3, 500)], 1)
    rows = np.hstack([mu, np.tile(2 * np.log([0.5, 9.0, 2.0, 9.0]), (500, 1))])
    return by_hand(table(rows), flat([0.3, 0.0, 1.0, 0.0]), latent=4, **knobs), mu


def test_more_dimensions_are_seen_along_their_main_axes() -> None:
    run, mu = spread_out()
    figure = views.latents(run, {})
    own = run.digits.heldout_labels == 7
    where = np.array(points(trace(figure, "7")))
    np.testing.assert_allclose(where, np.stack([mu[own, 2], mu[own, 0] - 1], 1), atol=0.02)
    np.testing.assert_allclose(np.array(trace(figure, "7")["customdata"])[:, 1:], [[2.0, 0.5]] * own.sum(), atol=0.02)
    assert title(figure, "xaxis").startswith("1st main axis of μ (80 %") and "20 %" in title(figure, "yaxis")
    picture = Picture(views.manifold(run, {}))
    for x, y in ((-2.5, 0.0), (2.5, 0.0), (0.0, 2.5), (1.25, -2.5)):
        assert picture.cell(x, y, 0.4, 0.4) == pytest.approx(sigmoid(x + 0.3 * (1 + y)), abs=0.01)


@pytest.mark.parametrize(("model", "scale"), [("VAE", 1.0), ("AE", 3.0)])
def test_the_manifold_has_each_code_where_its_axes_say(model: str, scale: float) -> None:
    """z₁ grows to the right, z₂ upwards; an AE's grid is as wide as its codes are spread."""
    rows = np.tile([[3.0, -3.0, 0, 0], [-3.0, 3.0, 0, 0]], (250, 1))
    figure = views.manifold(shaded(rows, model=model), {})
    assert (title(figure, "xaxis"), title(figure, "yaxis")) == ("z₁", "z₂")
    assert grows(figure, "xaxis") == grows(figure, "yaxis") == 1
    picture, codes = Picture(figure), scale * np.linspace(-2.5, 2.5, 13)
    side = codes[1] - codes[0]
    for x in codes:
        for y in codes:
            assert picture.cell(x, y, side, side) == pytest.approx(sigmoid(x + 0.3 * y), abs=GREY), (x, y)


def test_the_cvaes_manifold_has_a_class_a_row_and_a_style_a_column() -> None:
    figure = views.manifold(shaded(model="CVAE"), {})
    assert title(figure, "xaxis") == "style: z₁" and title(figure, "yaxis") == "class"
    picture, styles = Picture(figure), np.linspace(-2.5, 2.5, 10)
    for digit in range(10):
        for z in styles:
            expected = sigmoid(z + CLASSES[digit])
            assert picture.cell(z, digit, styles[1] - styles[0], 1) == pytest.approx(expected, abs=GREY), (digit, z)


def test_the_manifold_of_one_dimension_is_read_like_a_page() -> None:
    figure = views.manifold(shaded(np.hstack([MU[:, :1], WIDE[:, :1]]), latent=1), {})
    picture, rows = Picture(figure), ticks(figure, "yaxis")
    for row, (y, text) in enumerate(rows):
        codes = [-2.5 + 5 * (10 * row + column) / 99 for column in range(10)]
        assert text.replace("−", "-") == f"{codes[0]:.1f} …"
        shown = [picture.cell(column + 0.5, y, 1, 1) for column in range(10)]
        assert shown == pytest.approx(list(sigmoid(codes)), abs=GREY)


@pytest.mark.parametrize("model", ["AE", "VAE", "CVAE"])
def test_reconstructions_stand_under_their_digits(model: str) -> None:
    mu = np.stack([MU[:, 0] / 2, MU[:, 1] * 0], 1)
    run = shaded(np.hstack([mu, np.tile(2 * np.log([0.5, 1e-6]), (500, 1))]), model=model)
    figure, labels = views.reconstructions(run, {}), run.digits.heldout_labels.tolist()
    names = [text for _, text in ticks(figure, "yaxis")]
    assert names == 2 * (["x", "from μ"] if model == "AE" else ["x", "from μ", "from z"])
    picture, noise = Picture(figure), []
    first = [labels.index(digit) for digit in range(10)]
    last = [499 - labels[::-1].index(digit) for digit in range(10)]
    for row, (y, text) in enumerate(ticks(figure, "yaxis")):
        for digit, i in enumerate(first if row < len(names) // 2 else last):
            seen = picture.cell(digit + 0.5, y, 1, 1)
            told = CLASSES[digit] if model == "CVAE" else 0.0
            if text == "from z":
                noise.append(math.log(seen / (1 - seen)) - told - mu[i, 0])
            else:
                known = run.digits.heldout_images[i, 0] if text == "x" else sigmoid(mu[i, 0] + told)
                assert seen == pytest.approx(known, abs=GREY), (text, digit)
    if model != "AE":
        assert len(noise) == 20 and 0.35 < np.std(noise) < 0.75 and abs(np.mean(noise)) < 0.35, "σ = ½"


def test_the_loss_chart_names_every_series() -> None:
    kinds = [f"{split}/{kind}" for split in ("batch", "train", "heldout") for kind in ("reconstruction", "kl")]
    history = {kind: ([1, 50, 100], [100.0 * i + 9, 100.0 * i + 5, 100.0 * i + 3]) for i, kind in enumerate(kinds)}
    history |= {f"{split}/neg_elbo": ([1, 50], [i, i]) for i, split in enumerate(("batch", "train", "heldout"), 7)}
    figure = views.losses(shaded(), history)
    looks = {"batch": NEUTRAL, "train": STANDARD, "heldout": NOTES}
    for split, name in (("batch", "batch"), ("train", "train"), ("heldout", "held-out")):
        left, right = trace(figure, name), trace(figure, name + " KL", xaxis="x2", yaxis="y2")
        for one, kind in ((left, "reconstruction"), (right, "kl")):
            assert points(one) == list(zip(*history[f"{split}/{kind}"], strict=True))
            assert one["line"]["color"] == looks[split] and one.get("visible", True) is True
        assert "yaxis" not in left
    total = trace(figure, "−ELBO")
    assert points(total) == [(1, 9), (50, 9)] and total["line"]["color"] == HIGHLIGHT and "yaxis" not in total
    assert headings(figure) == ("reconstruction, nats an image", "KL, nats")
    plain = views.losses(shaded(model="AE"), {k: v for k, v in history.items() if k.endswith("reconstruction")})
    assert plain["layout"]["xaxis2"]["visible"] is plain["layout"]["yaxis2"]["visible"] is False
    assert "An AE has no KL." in said(plain)


@pytest.mark.parametrize(("first", "newest"), [(500.0, 150.0), (50.0, -100.0), (-20.0, -100.0)])
def test_the_newest_loss_is_inside_of_the_chart(first: float, newest: float) -> None:
    """A density's −log may be negative: the Gaussian likelihood's is."""
    history = {"batch/reconstruction": (list(range(1, 101)), np.linspace(first, newest, 100).tolist())}
    low, high = views.losses(shaded(), history)["layout"]["yaxis"]["range"]
    assert low < newest and first - 0.05 * (first - newest) < high, "but for the very first"


GRID = np.linspace(-8, 8, 1601)


@pytest.mark.parametrize("likelihood", ["Bernoulli", "Gaussian"])
def test_the_gap_is_the_bound_less_the_integral(likelihood: str) -> None:
    """One dimension, digits of one grey, z lights half of them and darkens the others: integrals over z."""
    mu, sigma, slope = 0.4, 0.02, 0.3
    sides = torch.tensor([slope, -slope]).repeat_interleave(392)
    run = by_hand(always(mu, 2 * math.log(sigma)), lambda z: z * sides - 0.2, latent=1, likelihood=likelihood)
    greys = with_flat_digits(run).astype(np.float64)[:100, None]

    def log_likelihood(z: np.ndarray) -> np.ndarray:
        inks = sigmoid(slope * z - 0.2), sigmoid(-slope * z - 0.2)
        if likelihood == "Gaussian":
            return np.asarray(392 * sum(log_normal(greys, ink, 0.25) for ink in inks))
        return np.asarray(392 * sum(greys * np.log(ink) + (1 - greys) * np.log(1 - ink) for ink in inks))

    joint = log_likelihood(GRID) + log_normal(GRID)
    most = joint.max(1)
    evidence = -(np.log(np.trapezoid(np.exp(joint - most[:, None]), GRID)) + most).mean()
    near = mu + sigma * GRID
    fit = -np.trapezoid(log_likelihood(near) * np.exp(log_normal(GRID)), GRID).mean()
    gap = fit + 0.5 * (mu**2 + sigma**2 - 1 - 2 * math.log(sigma)) - evidence
    assert gap > 1
    figure = views.gap(run, {})
    known = pytest.approx(evidence, rel=1e-4)
    assert points(trace(figure, "−log p(x)")) == [("−log p(x)", known), ("−ELBO", known)]
    assert points(trace(figure, "gap")) == [("−ELBO", pytest.approx(gap, abs=0.1))]
    assert trace(figure, "gap")["text"][0].startswith("gap ") and figure["layout"]["barmode"] == "stack"
    low, high = figure["layout"]["yaxis"]["range"]
    assert low < evidence < evidence + gap < high


def test_the_gap_of_a_decoder_that_ignores_the_code_is_the_kl() -> None:
    run = by_hand(always(1.0, -2.0, math.log(4.0), math.log(0.25)), flat([0.0, 0.0], -1.0))
    kl = 0.5 * (1 + 4 - 1 - math.log(4)) + 0.5 * (4 + 0.25 - 1 - math.log(0.25))
    figure = views.gap(run, {})
    assert trace(figure, "gap")["y"] == pytest.approx([kl], abs=5e-3) and trace(figure, "gap")["text"] == ["gap 3.6"]
    for model, latent in (("AE", 2), ("CVAE", 2), ("VAE", 3)):
        other = by_hand(always(*[0.0] * 2 * latent), flat([0.0] * latent), model=model, latent=latent)
        assert not views.gap(other, {})["data"] and "only where" in said(views.gap(other, {}))[0]


def test_a_negative_evidence_and_its_gap_are_inside_of_the_chart() -> None:
    """A density may be above 1: here the Gaussian's is, at greys near the decoder's ½."""
    run = by_hand(always(1.0, 0.0), flat([0.0]), latent=1, likelihood="Gaussian")
    greys = with_flat_digits(run).astype(np.float64)[:100]
    evidence = -784 * log_normal(greys, 0.5, 0.25).mean()
    figure = views.gap(run, {})
    assert evidence < -10 and trace(figure, "−log p(x)")["y"] == pytest.approx([evidence] * 2, abs=0.01)
    assert trace(figure, "gap")["y"] == pytest.approx([0.5], abs=0.01)  # KL(N(1, 1) ‖ N(0, 1))
    low, high = figure["layout"]["yaxis"]["range"]
    assert low < evidence and evidence + 0.5 < high


def test_kl_bars_are_named_for_their_dimension_and_the_busiest_is_first() -> None:
    rows = np.tile([0.0, 2.0, 0.0, 1.0, 0.0, 0.0, math.log(4.0), 0.0], (500, 1))
    rows[:, 3] = np.tile([1.0, -1.0], 250)  # on average at the prior's mean, and yet it says something
    figure = views.kl_per_dimension(shaded(rows, latent=4, free_bits=0.75), {})
    (drawn,) = figure["data"]
    expected = [("z2", 2.0), ("z3", 0.5 * (3 - math.log(4.0))), ("z4", 0.5), ("z1", 0.0)]
    assert points(drawn) == [(name, pytest.approx(nats, abs=1e-3)) for name, nats in expected]
    (line,) = figure["layout"]["shapes"]
    assert (line["y0"], line["y1"], line["x0"], line["x1"], line["xref"]) == (0.75, 0.75, 0, 1, "paper")
    assert not views.kl_per_dimension(shaded(), {})["layout"]["shapes"]
    assert "no KL" in said(views.kl_per_dimension(shaded(model="AE"), {}))[0]


def test_the_aggregated_posterior_is_a_density_against_the_priors() -> None:
    rows = np.tile([0.5, -1.0, *WIDE[0]], (500, 1))
    figure = views.aggregated_posterior(shaded(rows), {})
    for name, mu, sigma in (("q(z1)", 0.5, 2.0), ("q(z2)", -1.0, 0.5)):
        x, density = np.array(points(trace(figure, name))).T
        width = x[1] - x[0]
        below = [NormalDist(mu, sigma).cdf(edge) for edge in [*(x - width / 2), x[-1] + width / 2]]
        expected = np.diff(below)  # of 2,000 samples
        error = np.sqrt(expected * (1 - expected) / 2000)
        assert (np.abs(density * width - expected) < 4.5 * error + 1e-3).all()
    x, density = np.array(points(trace(figure, "prior"))).T
    assert len(x) == 50 and x.sum() == pytest.approx(0)
    np.testing.assert_allclose(density, np.exp(log_normal(x)), atol=1e-3)
    x, density = np.array(points(trace(views.aggregated_posterior(shaded(rows, model="AE"), {}), "q(z1)"))).T
    assert density.max() == pytest.approx(5) and (density > 0).sum() == 1, "an AE's codes have no width"
