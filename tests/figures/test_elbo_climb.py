"""What the picture of the climb shows, on histories and q set by hand: which line is which, where, in which units."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
import torch

from playground.concepts.elbo.config import OBJECTIVES, ElboConfig
from playground.concepts.elbo.inference.experiment import InferenceExperiment
from playground.concepts.elbo.inference.views import DEPTH, SMALLEST, climb
from playground.figures.charts import POINTS
from playground.palette import HIGHLIGHT, NEUTRAL, NOTES, STANDARD
from tests.figures.reading import Figure, headings, points, trace

EVIDENCE = -0.5 * math.log(2 * math.pi * 4.5) - 1.5**2 / 9
"""log p(x) of the linear-Gaussian model at x = 1.5, of variance b² + s² = 4.5."""
BOUND = -3.43319
"""ELBO of N(0.2, 0.6²) there."""
History = dict[str, tuple[list[int], list[float]]]


def linear(steps: int = 0, **config: Any) -> InferenceExperiment:
    torch.manual_seed(0)
    hand: dict[str, Any] = {"model": "linear", "x": 1.5, "mean": 0.2, "sigma": 0.6, **config}
    experiment = InferenceExperiment(ElboConfig(**hand))
    experiment.steps_taken = steps
    return experiment


def of_one(elbo: list[float], evidence: float = EVIDENCE) -> History:
    steps = list(range(1, len(elbo) + 1))
    return {
        "elbo": (steps, elbo),
        "kl_gap": (steps, [evidence - value for value in elbo]),
        "log_evidence": (steps, [evidence] * len(elbo)),
    }


def gap_line(figure: Figure, name: str) -> list[tuple[Any, Any]]:
    return points(trace(figure, name, xaxis="x2", yaxis="y2"))


def bound_line(figure: Figure, name: str) -> list[tuple[Any, Any]]:
    (found,) = [t for t in figure["data"] if t["name"] == name and "xaxis" not in t]
    return points(found)


def test_before_training_each_line_is_the_point_where_the_hand_has_put_q() -> None:
    figure = climb(linear(), {})
    assert bound_line(figure, "reverse KL") == [(0, pytest.approx(BOUND, abs=5e-4))]
    assert bound_line(figure, "log p(x)") == [(0, pytest.approx(EVIDENCE, abs=5e-4))]
    assert gap_line(figure, "reverse KL") == [(0, pytest.approx(EVIDENCE - BOUND, rel=2e-3))]
    assert all(t["mode"] == "markers" for t in figure["data"])


def test_the_bound_is_left_and_the_gap_right_on_a_logarithmic_axis() -> None:
    figure = climb(linear(3), of_one([-9.0, -5.0, BOUND]))
    assert headings(figure) == ("ELBO (nats)", "gap to log p(x) (nats)")
    assert bound_line(figure, "reverse KL")[:2] == [(1, -9.0), (2, -5.0)]
    assert gap_line(figure, "reverse KL")[:2] == [
        (1, pytest.approx(EVIDENCE + 9, rel=2e-3)),
        (2, pytest.approx(EVIDENCE + 5, rel=2e-3)),
    ]
    assert figure["layout"]["yaxis2"]["type"] == "log" and "type" not in figure["layout"]["yaxis"]
    evidence = trace(figure, "log p(x)")
    assert evidence["line"]["color"] == NEUTRAL and evidence["line"]["dash"] == "dot"
    low, high = figure["layout"]["yaxis"]["range"]
    assert low < -9 < EVIDENCE < high


def test_a_move_by_hand_is_seen_before_the_next_step() -> None:
    figure = climb(linear(2), of_one([-9.0, -5.0]))
    assert bound_line(figure, "reverse KL") == [(1, -9.0), (2, -5.0), (2, pytest.approx(BOUND, abs=5e-4))]
    assert gap_line(figure, "reverse KL")[-1] == (2, pytest.approx(EVIDENCE - BOUND, rel=2e-3))


def test_where_nothing_has_been_moved_no_point_is_added() -> None:
    experiment = linear()
    history: History = {}
    for name, value in experiment.step().items():
        history[name] = ([1], [value])
    figure = climb(experiment, history)
    assert all(len(t["x"]) == 1 and t["x"] == [1] for t in figure["data"])


def test_log_p_of_x_follows_an_x_that_was_moved() -> None:
    history = of_one([-9.0, -9.0], evidence=-2.0)
    history["log_evidence"] = ([1, 2], [-2.0, -4.0])
    line = bound_line(climb(linear(2), history), "log p(x)")
    assert line == [(1, -2.0), (2, -4.0), (2, pytest.approx(EVIDENCE, abs=5e-4))]


def test_each_objective_has_its_own_colour_and_name() -> None:
    experiment = linear(2, objective="all")
    history = {
        f"{arm}/{metric}": ([1, 2], [sign * (3.0 + i), sign * (2.5 + i)])
        for i, arm in enumerate(OBJECTIVES)
        for metric, sign in (("elbo", -1), ("kl_gap", 1))
    }
    figure = climb(experiment, history | {"log_evidence": ([1, 2], [EVIDENCE] * 2)})
    for i, (name, colour) in enumerate((("reverse KL", STANDARD), ("forward KL", NOTES), ("IWAE", HIGHLIGHT))):
        assert bound_line(figure, name)[:2] == [(1, -3.0 - i), (2, -2.5 - i)]
        assert gap_line(figure, name)[0] == (1, pytest.approx(3.0 + i, rel=2e-3))
        both = [t for t in figure["data"] if t["name"] == name]
        assert {t["line"]["color"] for t in both} == {colour} and [t.get("showlegend", True) for t in both] == [
            True,
            False,
        ]


def test_a_bound_far_below_does_not_press_the_others_flat() -> None:
    figure = climb(linear(3), of_one([-5000.0, -9.0, -5.0]))
    low, high = figure["layout"]["yaxis"]["range"]
    assert EVIDENCE - DEPTH - 1.5 < low < EVIDENCE - DEPTH and high < EVIDENCE + 1.5
    assert gap_line(figure, "reverse KL")[0] == (1, pytest.approx(5000 + EVIDENCE, rel=2e-3))


def test_a_closed_gap_and_one_below_0_by_rounding_stay_on_the_axis() -> None:
    figure = climb(linear(2), of_one([EVIDENCE, EVIDENCE + 1e-15]))
    assert [y for _, y in gap_line(figure, "reverse KL")][:2] == [SMALLEST, SMALLEST]


def test_a_long_run_is_thinned_and_its_small_gaps_keep_their_digits() -> None:
    steps = 4 * POINTS
    figure = climb(linear(steps), of_one([EVIDENCE - 2e-5] * steps))
    line = gap_line(figure, "reverse KL")
    assert len(line) <= POINTS and line[0][1] == pytest.approx(2e-5, rel=2e-3) and line[-1][0] == steps
    assert len(json.dumps(figure)) < 60_000


def test_drawing_changes_neither_q_nor_the_random_numbers() -> None:
    experiment = linear(2, objective="all")
    before = {name: value.clone() for fit in experiment.arms.values() for name, value in fit.q.state_dict().items()}
    state, history = torch.get_rng_state(), of_one([-9.0, -5.0])
    climb(experiment, history)
    assert torch.equal(torch.get_rng_state(), state) and history == of_one([-9.0, -5.0])
    after = {name: value for fit in experiment.arms.values() for name, value in fit.q.state_dict().items()}
    assert all(torch.equal(value, before[name]) for name, value in after.items())


@pytest.mark.parametrize(
    ("gaps", "dtick"), [([1.0, 2.0], "D2"), ([0.02, 1.0], "D2"), ([1e-3, 5.0], 1), ([1e-9, 500.0], 3)]
)
def test_a_logarithmic_axis_has_few_labels(gaps: list[float], dtick: Any) -> None:
    history = of_one([EVIDENCE - gap for gap in gaps])
    assert climb(linear(2), history)["layout"]["yaxis2"]["dtick"] == dtick
