"""What the contours of both losses show: one scale of colours, losses in their own unit, how much is computed."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from playground.concepts.residual.config import ResidualConfig
from playground.concepts.residual.experiment import PairExperiment
from playground.concepts.residual.landscape import Surface, colour_bar, contours, landscape, limits
from playground.concepts.residual.questions import Landscape
from tests.figures.reading import Figure, grows, headings, title

EVERY = [(row, column) for row in range(25) for column in range(25)]


@pytest.fixture(scope="module")
def figure() -> Figure:
    """The plain network's loss is 10 ** (column / 12) of a hundredth, the residual one's 2 everywhere."""
    experiment = PairExperiment(ResidualConfig(data="moons", depth=4, width=3, batch=16))
    surfaces = {
        arm: Surface(learner.net, experiment.data.x[:7], experiment.data.y[:7], 0.6, 0)
        for arm, learner in experiment.arms.items()
    }
    for row, column in EVERY:
        surfaces["plain"].losses[row, column] = 0.01 * 10 ** (column / 12)
        surfaces["residual"].losses[row, column] = 2
    for surface in surfaces.values():
        surface.known[:] = True
    surfaces["residual"].losses[3, 5] = np.nan
    return contours(surfaces, "about the examples")


def test_both_networks_have_the_same_colours_and_the_bar_has_losses(figure: Figure) -> None:
    plain, residual = (trace for trace in figure["data"] if trace["type"] == "contour")
    assert (plain.get("xaxis", "x"), residual["xaxis"], residual["yaxis"]) == ("x", "x2", "y2")
    for trace in (plain, residual):
        assert (trace["zmin"], trace["zmax"]) == (pytest.approx(-2), pytest.approx(math.log10(2)))
        assert (trace["contours"]["start"], trace["contours"]["end"]) == (trace["zmin"], trace["zmax"])
    assert not plain["showscale"] and residual["showscale"]
    bar = residual["colorbar"]
    assert bar["ticktext"] == ["0.01", "0.1", "1"]
    np.testing.assert_allclose(bar["tickvals"], np.log10([float(text) for text in bar["ticktext"]]), atol=6e-4)


def test_values_stand_at_their_places_and_a_gap_where_there_is_none(figure: Figure) -> None:
    plain, residual = (trace for trace in figure["data"] if trace["type"] == "contour")
    assert np.array(plain["z"])[20].tolist() == pytest.approx([-2 + column / 12 for column in range(25)], abs=6e-4)
    assert plain["x"] == plain["y"] == residual["x"] == pytest.approx([0.05 * i for i in range(-12, 13)])
    assert plain["customdata"][4][12] == "0.1" and residual["customdata"][4][12] == "2"
    gaps = np.argwhere(np.isnan(np.array(residual["z"], float))).tolist()
    assert gaps == [[3, 5]] and not residual["hoverongaps"]
    assert grows(figure, "xaxis") == grows(figure, "yaxis") == grows(figure, "yaxis2") == 1


def test_a_cross_marks_each_network_and_the_heading_says_its_loss(figure: Figure) -> None:
    marks = [trace for trace in figure["data"] if trace["type"] == "scatter"]
    assert [(m["x"], m["y"], m.get("xaxis", "x"), m.get("yaxis", "y")) for m in marks] == [
        ([0], [0], "x", "y"),
        ([0], [0], "x2", "y2"),
    ]
    assert headings(figure) == ("plain: loss 0.1 at the cross", "residual: loss 2 at the cross")
    assert "δ" in title(figure, "xaxis") and "δ" in title(figure, "xaxis2") and "η" in title(figure, "yaxis")
    assert figure["layout"]["title"]["text"] == "625 of 625 points; about the examples"


def test_a_flat_or_an_unknown_surface_still_has_a_scale() -> None:
    assert limits(np.array([0.3, 0.3])) == (pytest.approx(0.3), pytest.approx(0.7))
    assert limits(np.array([])) == (0, 1)
    for low in np.linspace(-6, 3, 37):
        assert colour_bar(low, low + 0.4)["ticktext"], "no number stands at the bar"
    assert colour_bar(-2.0, 0.31)["ticktext"] == ["0.01", "0.1", "1"]
    assert colour_bar(-0.01, 1.05)["ticktext"] == ["1", "2", "5", "10"]
    assert colour_bar(-6.0, 6.0)["ticktext"] == ["1e-06", "0.001", "1", "1e+03", "1e+06"]


@pytest.mark.parametrize(
    ("config", "examples", "about"),
    [({}, 250, "with batch norm taking their statistics"), ({"norm": "none"}, 250, "biases are not moved"),
     ({"data": "images", "channels": 4, "norm": "layer"}, 50, "norm parameters are not moved")],
)  # fmt: skip
def test_the_first_part_says_how_much_is_computed_and_on_what(
    config: dict[str, object], examples: int, about: str
) -> None:
    torch.manual_seed(0)
    made = PairExperiment(ResidualConfig(**{"data": "moons", "depth": 60, "width": 50, "batch": 16} | config))  # type: ignore[arg-type]
    first, second, *_ = list(_some(made, 2))
    each = 2 if "channels" in config else 10
    for figure, count in ((first, each), (second, 2 * each)):
        text = figure["layout"]["title"]["text"]
        assert text.startswith(f"{count} of 625 points; mean over {examples} training examples") and about in text
        known = [np.isfinite(np.array(trace["z"], float)).sum() for trace in figure["data"] if "z" in trace]
        assert known == [count, count], "before the coarsest grid is complete, only what is known is drawn"
    assert all("nan" not in heading for heading in headings(first))


def _some(experiment: PairExperiment, count: int) -> list[Figure]:
    answer = landscape(experiment, Landscape())
    return [next(answer) for _ in range(count)]
