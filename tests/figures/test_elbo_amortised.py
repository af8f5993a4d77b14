"""What the pictures of amortised inference show, of encoders whose answers are set by hand."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from playground.concepts.elbo.amortised import views
from playground.concepts.elbo.amortised.best import best_at
from playground.concepts.elbo.amortised.experiment import AmortisedExperiment
from playground.concepts.elbo.config import ElboConfig
from playground.concepts.elbo.exact import MODES
from playground.palette import HIGHLIGHT, NEUTRAL, STANDARD
from tests.figures.reading import Figure, grows, headings, heatmap, title, trace

EVIDENCE_AT_1 = -1.4853


def answering(mean: float, sigma: float, slope: float = 0.0, **config: Any) -> AmortisedExperiment:
    """Its encoder answers x with the mean `mean` + `slope` · tanh(x), and always the same σ."""
    experiment = AmortisedExperiment(ElboConfig(model="amortised", **config))
    first, _, last = experiment.encoder.net
    assert isinstance(first, nn.Linear) and isinstance(last, nn.Linear)
    with torch.no_grad():
        for parameter in experiment.encoder.parameters():
            parameter.zero_()
        first.weight[0, 0], last.weight[0, 0] = 1.0, slope
        last.bias.copy_(torch.tensor([mean, math.log(sigma)], dtype=torch.float64))
    return experiment


def normal(x: Any, mean: Any, sigma: Any) -> Any:
    return -0.5 * ((x - mean) / sigma) ** 2 - np.log(sigma) - 0.5 * math.log(2 * math.pi)


Z = np.linspace(-9, 9, 60_001)
STEP = Z[1] - Z[0]


def joint(x: float, z: Any = Z) -> Any:
    return normal(x, 0.5 * z**2 + 0.15 * z, 0.25) + normal(z, 0, 1)


def evidence(x: float) -> float:
    return math.log(np.exp(joint(x)).sum() * STEP)


def bound(x: float, mean: float, sigma: float) -> float:
    log_q = normal(Z, mean, sigma)
    return float((np.exp(log_q) * (joint(x) - log_q)).sum() * STEP)


def at(drawn: dict[str, Any], x: float, key: str = "y") -> float:
    """The value of a line at a place."""
    place = int(np.nanargmin([abs(one - x) for one in drawn["x"]]))
    assert drawn["x"][place] == pytest.approx(x)
    return float(drawn[key][place])


# ---------------------------------------------------------------- q at x


def test_the_hero_has_the_networks_q_and_the_best_one_at_the_visitors_x() -> None:
    found = views.amortised(answering(0.4, 0.3, slope=1.0, x=1.0), {})["bound"]
    assert (
        found["x"] == 1.0 and found["fixed"] is True and found["logEvidence"] == pytest.approx(EVIDENCE_AT_1, abs=5e-5)
    )
    assert {name: found["model"][name] for name in ("a", "b", "s", "size")} == {
        "a": 0.5,
        "b": 0.15,
        "s": 0.25,
        "size": 1,
    }
    network, best = found["arms"]
    mean = 0.4 + math.tanh(1.0)
    assert (network["name"], best["name"]) == ("network", "best")
    assert (network["colour"], best["colour"]) == ("standard", "highlight")
    assert network["mean"] == [[pytest.approx(mean)]] and network["sigma"] == [[pytest.approx(0.3)]]
    assert network["elbo"] == pytest.approx(bound(1.0, mean, 0.3), abs=1e-7)
    assert network["reconstruction"] - network["klToPrior"] == pytest.approx(network["elbo"], abs=1e-12)
    assert best["mean"][0][0] == pytest.approx(1.19, abs=0.006) and best["sigma"][0][0] == pytest.approx(
        0.19, abs=0.006
    )
    assert EVIDENCE_AT_1 - best["elbo"] == pytest.approx(0.53, abs=0.005)
    assert network["weight"] == [1.0] and network["correlation"] is None


# ---------------------------------------------------------------- both gaps


@pytest.mark.parametrize("x", [-0.5, 0.1, 1.0, 2.5])
def test_the_lines_are_the_evidence_and_the_two_bounds_at_each_x(x: float) -> None:
    figure = views.gaps(answering(0.1, 0.4, slope=0.8), {})
    best = best_at(MODES, x)
    assert at(trace(figure, "log p(x)"), x) == pytest.approx(evidence(x), abs=6e-4)
    best_bound = bound(x, best[0].item(), best[1].exp().item())
    assert at(trace(figure, "ELBO, best Gaussian"), x) == pytest.approx(best_bound, abs=6e-4)
    low = figure["layout"]["yaxis"]["range"][0]
    mine = bound(x, 0.1 + 0.8 * math.tanh(x), 0.4)
    drawn = at(trace(figure, "ELBO, network"), x)
    assert drawn == pytest.approx(mine, abs=6e-4) if mine > low else drawn <= low
    assert headings(figure) == ("bounds (nats)", "both gaps (nats)")
    colours = {
        name: trace(figure, name)["line"]["color"] for name in ("log p(x)", "ELBO, best Gaussian", "ELBO, network")
    }
    assert list(colours.values()) == [NEUTRAL, HIGHLIGHT, STANDARD]


def test_the_gaps_lie_on_top_of_each_other_and_each_is_told_alone() -> None:
    figure = views.gaps(answering(0.1, 0.4, slope=0.8), {})
    family = trace(figure, "gap of the family", xaxis="x2", yaxis="y2")
    network = trace(figure, "gap of the network", xaxis="x2", yaxis="y2")
    for x in (-0.5, 0.1, 0.4):
        best = best_at(MODES, x)
        lost = evidence(x) - bound(x, best[0].item(), best[1].exp().item())
        mine = evidence(x) - bound(x, 0.1 + 0.8 * math.tanh(x), 0.4)
        assert at(family, x) == pytest.approx(lost, abs=6e-4)
        assert at(network, x) == pytest.approx(min(mine, 2 * views.TALLEST), abs=6e-4)
        assert at(network, x, "customdata") == pytest.approx(mine - lost, abs=6e-4)
    assert not family["showlegend"] and not network["showlegend"], "their colours are those of the bounds"
    assert "customdata" in network["hovertemplate"] and "customdata" not in family["hovertemplate"]


def test_the_room_between_two_lines_is_filled_in_the_colour_of_what_is_lost_there() -> None:
    figure = views.gaps(answering(0.1, 0.4), {})
    names = [t["name"] for t in figure["data"]]
    assert names[:3] == ["ELBO, network", "ELBO, best Gaussian", "log p(x)"], "each is filled down to the one before it"
    fills = [(t.get("fill"), t.get("fillcolor")) for t in figure["data"]]
    network, family = "rgba(63,144,218,0.3)", "rgba(161,95,208,0.3)"
    assert STANDARD == "#3f90da" and HIGHLIGHT == "#a15fd0"
    assert fills == [(None, None), ("tonexty", network), ("tonexty", family), ("tozeroy", family), ("tonexty", network)]


def test_a_network_with_the_best_answers_has_no_gap_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    experiment = answering(0.0, 1.0)
    monkeypatch.setattr(experiment.encoder, "forward", lambda x: torch.stack(views.best_gaussians(MODES, x)))
    network = trace(views.gaps(experiment, {}), "gap of the network")
    assert max(map(abs, network["customdata"])) < 1e-9
    drawn = views.amortised(experiment, {})["bound"]["arms"]
    assert drawn[0]["elbo"] == pytest.approx(drawn[1]["elbo"], abs=1e-9)


# ---------------------------------------------------------------- answers on the posterior


def lines(figure: Figure, name: str) -> list[dict[str, Any]]:
    """The mean, then the lines a σ below and above it."""
    found = [t for t in figure["data"] if t.get("name") == name]
    assert [t["showlegend"] for t in found] == [True, False, False]
    assert "dash" not in found[0]["line"] and {t["line"]["dash"] for t in found[1:]} == {"dot"}
    return found


def test_the_answers_are_drawn_as_mean_and_sigma_over_x() -> None:
    figure = views.answers(answering(0.2, 0.3, slope=1.4), {})
    for x in (-0.5, 0.0, 2.0):
        mean = 0.2 + 1.4 * math.tanh(x)
        found = [at(one, x) for one in lines(figure, "network: mean ± σ")]
        assert found == pytest.approx([mean, mean - 0.3, mean + 0.3], abs=6e-4)
        best, sigma = (one.item() for one in best_at(MODES, x))
        found = [at(one, x) for one in lines(figure, "best Gaussian: mean ± σ")]
        assert found == pytest.approx([best, best - math.exp(sigma), best + math.exp(sigma)], abs=6e-4)
    assert lines(figure, "network: mean ± σ")[0]["line"]["color"] == STANDARD
    assert lines(figure, "best Gaussian: mean ± σ")[0]["line"]["color"] == HIGHLIGHT
    assert (title(figure, "xaxis"), title(figure, "yaxis")) == ("x", "z") and grows(figure, "yaxis") == 1


def test_the_best_answer_is_broken_where_it_changes_to_a_mode_and_the_networks_is_not() -> None:
    figure = views.answers(answering(0.2, 0.3, slope=1.4), {})
    assert not any(math.isnan(y) for y in lines(figure, "network: mean ± σ")[0]["y"])
    best = lines(figure, "best Gaussian: mean ± σ")[0]
    gaps = [i for i, y in enumerate(best["y"]) if math.isnan(y)]
    assert len(gaps) == 1
    left, right = best["y"][gaps[0] - 1], best["y"][gaps[0] + 1]
    assert left < 0.1 and right > 0.6 and 0.45 < best["x"][gaps[0] - 1] < best["x"][gaps[0] + 1] < 0.6


@pytest.mark.parametrize(("x", "z"), [(-0.5, 0.3), (0.0, -0.8), (1.0, 1.2), (1.0, -1.5), (2.0, 0.0), (0.3, 0.5)])
def test_the_map_is_the_density_of_the_posterior_with_z_upwards(x: float, z: float) -> None:
    figure = views.answers(answering(0.2, 0.3), {})
    values, drawn = heatmap(figure), figure["data"][0]
    row, column = round((z - drawn["y0"]) / drawn["dy"]), round((x - drawn["x0"]) / drawn["dx"])
    assert (drawn["y0"] + row * drawn["dy"], drawn["x0"] + column * drawn["dx"]) == pytest.approx((z, x), abs=1e-9)
    density = math.exp(joint(x, z) - evidence(x))
    assert values[row, column] == pytest.approx(min(density, views.DENSEST), abs=6e-3)
    assert drawn["zmax"] == views.DENSEST and drawn["zmin"] == 0


# ---------------------------------------------------------------- x under the hand


@pytest.mark.parametrize(("draw", "marks"), [(views.gaps, 2), (views.answers, 1)])
def test_a_mark_and_a_handle_stand_at_the_visitors_x(draw: Any, marks: int) -> None:
    figure = draw(answering(0.2, 0.3, x=0.6), {})
    found = figure["layout"]["shapes"]
    assert len(found) == marks and all(one["x0"] == one["x1"] == 0.6 for one in found)
    assert [one["xref"] for one in found] == ["x", "x2"][:marks]
    (handle,) = figure["layout"]["meta"]["handles"]
    low, high = figure["layout"]["yaxis"]["range"]
    assert handle["x"] == {"knob": "x"} and low < handle["y"]["at"] < (low + high) / 2
    assert figure["layout"]["xaxis"]["range"] == [-1.0, 4.0]


@pytest.mark.parametrize("draw", [views.gaps, views.answers])
def test_an_x_far_left_widens_the_axis(draw: Any) -> None:
    figure = draw(answering(0.2, 0.3, x=-2.4), {})
    assert figure["layout"]["xaxis"]["range"] == [-3.0, 4.0]
    if draw is views.gaps:
        assert figure["layout"]["yaxis"]["range"][0] < evidence(-3.0)


@pytest.mark.parametrize("draw", [views.amortised, views.gaps, views.answers])
def test_drawing_changes_neither_the_encoder_nor_the_random_numbers(draw: Any) -> None:
    experiment = answering(0.2, 0.3, slope=1.4)
    before = {name: value.clone() for name, value in experiment.encoder.state_dict().items()}
    state = torch.get_rng_state()
    assert len(json.dumps(draw(experiment, {}), separators=(",", ":"))) < 60_000
    assert torch.equal(torch.get_rng_state(), state)
    assert all(torch.equal(value, before[name]) for name, value in experiment.encoder.state_dict().items())
