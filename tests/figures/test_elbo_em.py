"""A run of EM, by training and by hand, and what its pictures show: against scikit-learn and cases set by hand."""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np
import pytest
import torch
from sklearn.exceptions import ConvergenceWarning
from sklearn.mixture import GaussianMixture as SklearnMixture
from torch import Tensor

from models.gaussian_mixture import GaussianMixture
from playground.concepts.elbo.config import ElboConfig
from playground.concepts.elbo.em import views
from playground.concepts.elbo.em.experiment import EMExperiment
from playground.palette import NOTES, STANDARD
from tests.figures.reading import headings, trace


def covariance(mixture: GaussianMixture) -> Tensor:
    return mixture.root @ mixture.root.mT


def made(**config: Any) -> EMExperiment:
    torch.manual_seed(0)
    return EMExperiment(ElboConfig(model="mixture", **config))


def test_steps_are_halves_in_turn_and_the_exact_arm_is_that_of_scikit_learn() -> None:
    experiment = made()
    start = experiment.arms["exact"].mixture
    first = GaussianMixture(start.weight.clone(), start.mean.clone(), start.root.clone())
    for pairs in range(1, 6):
        e_step, m_step = experiment.step(), experiment.step()
        assert e_step["exact/bound"] == pytest.approx(e_step["exact/log_likelihood"], abs=1e-12)
        assert e_step["restricted/bound"] < e_step["restricted/log_likelihood"] - 1e-3
        assert m_step["exact/log_likelihood"] > e_step["exact/log_likelihood"]
        assert m_step["exact/bound"] > e_step["exact/bound"]
        expected = SklearnMixture(
            3, reg_covar=0, tol=0, max_iter=pairs, means_init=first.mean.numpy(), weights_init=first.weight.numpy(),
            precisions_init=torch.linalg.inv(covariance(first)).numpy(),
        )  # fmt: skip
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            score = expected.fit(experiment.x.numpy()).score(experiment.x.numpy())
        assert m_step["exact/log_likelihood"] == pytest.approx(score, abs=1e-9)
    assert (experiment.steps_taken, experiment.halves, experiment.due) == (10, 10, "e")


def pressed(experiment: EMExperiment, **more: int) -> None:
    config = experiment.config
    experiment.update_live(config.model_copy(update={name: getattr(config, name) + n for name, n in more.items()}))


def test_halves_by_hand_are_those_of_training_in_both_arms() -> None:
    by_hand, trained = made(), made()
    for n in range(6):
        pressed(by_hand, **{"m_steps" if n % 2 else "e_steps": 1})
        metrics = trained.step()
        assert by_hand.measure() == metrics
        assert (by_hand.halves, by_hand.due) == (trained.halves, trained.due)
    assert (by_hand.steps_taken, trained.steps_taken) == (0, 6)
    pressed(by_hand, e_steps=1)
    assert by_hand.due == "m"
    assert by_hand.step() == (trained.step(), trained.step())[1], "after an E-step by hand, training takes an M-step"


def test_a_half_that_is_not_due_changes_nothing() -> None:
    experiment = made()
    pressed(experiment, m_steps=1)
    assert (experiment.halves, experiment.due) == (0, "e")
    pressed(experiment, e_steps=1)
    before = experiment.measure()
    pressed(experiment, e_steps=1)
    assert (experiment.halves, experiment.due, experiment.measure()) == (1, "m", before)
    pressed(experiment, m_steps=1)
    before = experiment.measure()
    pressed(experiment, m_steps=2)
    assert (experiment.halves, experiment.due, experiment.measure()) == (2, "e", before)


def test_clicks_that_come_together_count_one_by_one_and_a_link_with_fewer_takes_nothing_back() -> None:
    experiment, one_by_one = made(), made()
    pressed(experiment, e_steps=2, m_steps=1)
    for name in ("e_steps", "m_steps", "e_steps"):
        pressed(one_by_one, **{name: 1})
    assert experiment.measure() == one_by_one.measure() and experiment.halves == 3
    experiment.update_live(experiment.config.model_copy(update={"e_steps": 0, "m_steps": 0}))
    assert experiment.halves == 3 and experiment.measure() == one_by_one.measure()
    pressed(experiment, e_steps=1_000_000, m_steps=1_000_000)
    assert experiment.halves == 23, "one change of the knobs can't hold a worker for long"
    pressed(experiment, steps=1)
    assert experiment.halves == 23


def test_a_run_that_begins_with_counts_takes_no_half_by_itself() -> None:
    experiment = made(e_steps=4, m_steps=3)
    assert (experiment.halves, experiment.due) == (0, "e")


@pytest.mark.parametrize("halves", [0, 1, 2, 5])
@pytest.mark.parametrize("restricted", ["hard", "shared"])
def test_a_saved_state_goes_on_as_the_run_would_have(halves: int, restricted: str) -> None:
    experiment = made(restricted=restricted)
    for _ in range(halves):
        experiment.step()
    torch.manual_seed(99)
    other = EMExperiment(experiment.config)
    other.load_state_dict(experiment.state_dict())
    assert torch.equal(other.x, experiment.x) and other.log == experiment.log
    for _ in range(4):
        assert other.step() == experiment.step()
    assert other.log == experiment.log and (other.due, other.halves) == (experiment.due, experiment.halves)
    for name, fit in experiment.arms.items():
        assert torch.equal(other.arms[name].r, fit.r)
        assert torch.equal(other.arms[name].before.mean, fit.before.mean)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_em_takes_eight_to_sixty_pairs_of_half_steps_from_the_start_of_the_tab(seed: int) -> None:
    torch.manual_seed(seed)
    experiment = EMExperiment(ElboConfig(model="mixture"))
    likelihoods = [experiment.step()["exact/log_likelihood"] for _ in range(600)]
    near = next(step for step, value in enumerate(likelihoods, 1) if value > likelihoods[-1] - 2e-3)
    assert 16 <= near <= 120


def test_the_hero_has_points_shares_and_ellipses_of_both_arms() -> None:
    experiment = made(parts=2)
    fit = experiment.arms["restricted"]
    turned = math.radians(30)
    turn = torch.tensor([[math.cos(turned), -math.sin(turned)], [math.sin(turned), math.cos(turned)]]).double()
    wide = turn @ torch.diag(torch.tensor([4.0, 0.25]).double()) @ turn.T
    roots = torch.linalg.cholesky(torch.stack([wide, torch.eye(2).double()]))
    mean = torch.tensor([[1.0, 2.0], [-1.0, 0.5]]).double()
    made_by_hand = GaussianMixture(torch.tensor([0.75, 0.25]).double(), mean, roots)
    fit.mixture.load_state_dict(made_by_hand.state_dict())
    fit.r[4] = torch.tensor([0.125, 0.875])
    drawn = views.mixture(experiment, {})["mixture"]
    exact, restricted = drawn["arms"]
    assert [exact["name"], restricted["name"]] == ["exact", "restricted"]
    first = restricted["gaussians"][0]
    assert (first["share"], first["x"], first["y"], first["long"], first["short"]) == (0.75, 1, 2, 2, 0.5)
    assert math.tan(first["angle"]) == pytest.approx(math.tan(turned), abs=1e-3)
    assert restricted["r"][4] == pytest.approx([0.12, 0.88]) and exact["r"][4] == [0.5, 0.5]
    np.testing.assert_allclose(drawn["points"], experiment.x.numpy(), atol=0.0051)
    assert (drawn["due"], drawn["halves"], len(drawn["colours"])) == ("e", 0, 2)


def of_arm(figure: dict[str, Any], is_right: bool) -> dict[str, dict[str, Any]]:
    traces = [one for one in figure["data"] if (one.get("xaxis") == "x2") == is_right]
    return {one["name"]: one for one in traces}


@pytest.mark.parametrize("done", [1, 2, 3, 4])
def test_the_exact_bound_touches_at_the_newest_e_step_and_hard_assignments_stay_below(done: int) -> None:
    experiment = made()
    for _ in range(done):
        metrics = experiment.step()
    figure = views.touching(experiment, {})
    assert headings(figure) == ("exact E-step", "hard assignments")
    for arm, is_right, colour in (("exact", False, STANDARD), ("restricted", True, NOTES)):
        drawn = of_arm(figure, is_right)
        top, low = drawn["log-likelihood"], drawn["bound"]
        assert top["line"]["color"] == low["line"]["color"] == colour
        gap = np.array(top["y"]) - np.array(low["y"])
        at_0 = int(np.abs(np.array(top["x"])).argmin())
        assert abs(top["x"][at_0]) < 1e-9
        if is_right:
            assert gap.min() > 1e-3
        else:
            assert gap[at_0] == pytest.approx(0, abs=2e-6) and (gap > -2e-6).all() and gap.argmin() == at_0
        at_1 = int(np.abs(np.array(top["x"]) - 1).argmin())
        assert int(np.argmax(low["y"])) == at_1, "the M-step goes to the maximum of the bound"
        here = at_0 if experiment.due == "m" else at_1
        assert top["y"][here] == pytest.approx(metrics[f"{arm}/log_likelihood"], abs=1e-6)
        assert low["y"][here] == pytest.approx(metrics[f"{arm}/bound"], abs=1e-6)
        marks = drawn["after E"], drawn["after M"]
        assert [mark["x"] for mark in marks] == [[0], [1]]
        assert [mark["y"][0] for mark in marks] == [low["y"][at_0], low["y"][at_1]]
        filled = [not mark["marker"]["symbol"].endswith("open") for mark in marks]
        assert filled == [experiment.due == "m", experiment.due == "e"]


def test_both_are_drawn_over_half_steps_by_hand_and_by_training() -> None:
    experiment = made()
    pressed(experiment, e_steps=1)
    rows = [experiment.measure()] + [experiment.step() for _ in range(4)]
    figure = views.bounds(experiment, {})
    for arm, title, colour in (("exact", "exact E-step", STANDARD), ("restricted", "hard assignments", NOTES)):
        for metric, name in (("log_likelihood", "log-likelihood"), ("bound", "bound")):
            line = trace(figure, f"{title}: {name}")
            assert line["x"] == [0, 1, 2, 3, 4, 5] and line["line"]["color"] == colour
            assert line["y"][1:] == pytest.approx([row[f"{arm}/{metric}"] for row in rows], abs=1e-6)
        dots = trace(figure, f"{title}: bound after E")
        assert dots["x"] == [1, 3, 5] and dots["y"] == [trace(figure, f"{title}: bound")["y"][i] for i in (1, 3, 5)]


def test_drawing_changes_nothing() -> None:
    experiment = made()
    for _ in range(4):
        before = str(experiment.state_dict()), torch.get_rng_state()
        for draw in (views.mixture, views.touching, views.bounds):
            draw(experiment, {})
        assert str(experiment.state_dict()) == before[0] and torch.equal(torch.get_rng_state(), before[1])
        experiment.step()
