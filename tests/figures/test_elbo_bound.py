"""What the hero of the ELBO tab is told: q, with terms that are known in closed form."""

from __future__ import annotations

import math
import time
from typing import Any

import orjson
import pytest
import torch

from playground.concepts.elbo.config import ElboConfig
from playground.concepts.elbo.inference.bound import bound
from playground.concepts.elbo.inference.experiment import InferenceExperiment


def made(**config: Any) -> InferenceExperiment:
    torch.manual_seed(0)
    return InferenceExperiment(ElboConfig(**config))


def shown(experiment: InferenceExperiment) -> dict[str, Any]:
    return dict(bound(experiment, {})["bound"])


def test_the_linear_model_and_its_numbers() -> None:
    figure = shown(made(model="linear", x=1.5, mean=0.2, sigma=0.6, moves=7))
    assert figure["model"] == pytest.approx({"a": 0, "b": 2, "s": math.sqrt(0.5), "size": 1})
    assert (figure["x"], figure["moves"], figure["fixed"]) == (1.5, 7, False)
    assert figure["logEvidence"] == pytest.approx(-1.92098, abs=5e-6)
    (arm,) = figure["arms"]
    assert (arm["name"], arm["title"], arm["colour"]) == ("reverse_kl", "reverse KL", "standard")
    assert (arm["weight"], arm["correlation"]) == ([1.0], None)
    assert arm["mean"] == [[pytest.approx(0.2)]] and arm["sigma"] == [[pytest.approx(0.6)]]
    assert arm["elbo"] == pytest.approx(-3.43319, abs=5e-6)
    kl = 0.5 * (0.2**2 + 0.6**2 - 1) - math.log(0.6)
    square = (1.5 - 2 * 0.2) ** 2 + 4 * 0.6**2  # E_q (x − 2z)²
    assert arm["klToPrior"] == pytest.approx(kl)
    assert arm["reconstruction"] == pytest.approx(-square - 0.5 * math.log(math.pi))


def test_two_gaussians_keep_their_order_and_weights() -> None:
    (arm,) = shown(made(family="two-gaussians", mean=-0.5, sigma=0.3, mean2=1.25, sigma2=0.7, weight=0.2))["arms"]
    assert arm["mean"] == [[-0.5], [1.25]]
    assert [s for (s,) in arm["sigma"]] == pytest.approx([0.3, 0.7])
    assert arm["weight"] == pytest.approx([0.2, 0.8])
    assert arm["correlation"] is None


def test_in_the_plane_both_numbers_belong_to_one_gaussian() -> None:
    knobs = {"model": "curved", "mean": 0.5, "sigma": 0.3, "mean2": -1.25, "sigma2": 0.7, "correlation": 0.4}
    figure = shown(made(**knobs))
    (arm,) = figure["arms"]
    assert figure["model"]["size"] == 2 and figure["model"]["a"] == 1
    assert arm["mean"] == [[0.5, -1.25]] and arm["sigma"][0] == pytest.approx([0.3, 0.7])
    assert arm["correlation"] == pytest.approx(0.4)
    independent = shown(made(**knobs, covariance="mean-field"))["arms"][0]
    assert independent["correlation"] is None
    # KL(N(m, Σ) ‖ N(0, I)) = ½ (tr Σ + |m|² − 2 − log det Σ)
    squares = 0.5**2 + 1.25**2 + 0.3**2 + 0.7**2 - 2
    assert independent["klToPrior"] == pytest.approx(squares / 2 - math.log(0.3 * 0.7))
    assert arm["klToPrior"] == pytest.approx(squares / 2 - math.log(0.3 * 0.7 * math.sqrt(1 - 0.4**2)))


def test_three_arms_have_their_own_q_and_colours() -> None:
    experiment = made(objective="all")
    with torch.no_grad():
        experiment.arms["forward_kl"].q.mean.fill_(0.125)
        experiment.arms["iwae"].q.log_sigma.fill_(math.log(1.3))
    arms = shown(experiment)["arms"]
    assert [(arm["name"], arm["colour"]) for arm in arms] == [
        ("reverse_kl", "standard"), ("forward_kl", "notes"), ("iwae", "highlight"),
    ]  # fmt: skip
    assert [arm["mean"][0][0] for arm in arms] == [0, 0.125, 0]
    assert [arm["sigma"][0][0] for arm in arms] == pytest.approx([0.5, 0.5, 1.3])


def test_terms_add_up_and_are_those_that_are_measured() -> None:
    experiment = made(objective="all", x=0.7)
    for _ in range(5):
        metrics = experiment.step()
    figure = shown(experiment)
    for arm in figure["arms"]:
        assert arm["elbo"] == pytest.approx(arm["reconstruction"] - arm["klToPrior"], abs=1e-12)
        assert arm["elbo"] == pytest.approx(metrics[f"{arm['name']}/elbo"], abs=1e-12)
        gap = figure["logEvidence"] - arm["elbo"]
        assert gap == pytest.approx(metrics[f"{arm['name']}/kl_gap"], abs=1e-12) and gap > 0


def test_it_is_the_q_that_was_trained_and_not_the_knobs() -> None:
    experiment = made(gradient="exact")
    before = shown(experiment)["arms"][0]["mean"]
    for _ in range(10):
        experiment.step()
    assert shown(experiment)["arms"][0]["mean"][0][0] > before[0][0] + 0.1
    moved = experiment.config.model_copy(update={"mean": -0.75, "moves": 1})
    experiment.update_live(moved)
    figure = shown(experiment)
    assert (figure["arms"][0]["mean"], figure["moves"]) == ([[-0.75]], 1)


@pytest.mark.parametrize("config", [{}, {"objective": "all"}, {"family": "two-gaussians"}, {"model": "curved"}])
def test_drawing_changes_nothing_is_small_and_takes_no_time(config: dict[str, Any]) -> None:
    experiment = made(**config)
    experiment.step()
    state, random = str(experiment.state_dict()), torch.get_rng_state()
    began = time.process_time()
    figure = bound(experiment, {})
    assert time.process_time() - began < 0.05
    assert str(experiment.state_dict()) == state and torch.equal(torch.get_rng_state(), random)
    assert len(orjson.dumps(figure)) < 3000
