"""Actor-critic's arms: one that diverges is frozen as it was and the others go on; old names in links."""

from __future__ import annotations

import math

import pytest
import torch

from playground.concepts.actor_critic import ACTOR_CRITIC, views
from playground.concepts.actor_critic.config import RULES, ActorCriticConfig
from playground.concepts.actor_critic.experiment import ActorCriticExperiment
from playground.concepts.actor_critic.learner import Learner
from playground.engine.run import Run
from playground.wording import parse_config

POISONED = 5
"""The step on which an arm gets a NaN."""


def small(rule: str = "all") -> ActorCriticExperiment:
    return ActorCriticExperiment(ActorCriticConfig(rule=rule, envs=2, horizon=20))  # type: ignore[arg-type]


def poison(learner: Learner, monkeypatch: pytest.MonkeyPatch) -> None:
    """After its update of that step, one number of its critic is none."""
    update = learner.step

    def poisoned() -> dict[str, float]:
        found = update()
        if learner.steps_taken == POISONED:
            with torch.no_grad():
                learner.model.critic[0].weight[0, 0] = math.nan
        return found

    monkeypatch.setattr(learner, "step", poisoned)


def weights(learner: Learner) -> dict[str, list[float]]:
    return {name: tensor.flatten().tolist() for name, tensor in learner.model.state_dict().items()}


def test_an_arm_that_diverges_is_frozen_and_the_others_go_on_to_the_same_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    healthy, sick = small(), small()
    poison(sick.arms["td"], monkeypatch)
    for step in range(1, 13):
        before = weights(sick.arms["td"])
        whole, found = healthy.step(), sick.step()
        if step == POISONED:
            assert weights(sick.arms["td"]) == before, "as it was before the step"
        if step >= POISONED:
            assert found == {name: value for name, value in whole.items() if not name.startswith("td/")}
        else:
            assert found == whole
    assert sick.arms.diverged_at == {"td": POISONED} and weights(sick.arms["td"]) == before
    assert weights(sick.arms["gae"]) == weights(healthy.arms["gae"])
    for view in (views.value_map, views.td_errors, views.losses, views.calibration):
        view(sick, {})
    other = small()
    other.load_state_dict(sick.state_dict())
    assert other.arms.diverged_at == {"td": POISONED}
    assert other.step() == sick.step()


def test_a_run_ends_when_no_arm_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    for rule in ("all", "gae"):
        run = Run(ACTOR_CRITIC, ActorCriticConfig(rule=rule, envs=1, horizon=4))  # type: ignore[arg-type]
        experiment = run.experiment
        assert isinstance(experiment, ActorCriticExperiment)
        for learner in experiment.arms.values():
            poison(learner, monkeypatch)
        run.advance(60.0, max_steps=20, views=())
        assert run.error and f"step {POISONED}" in run.error and run.step == POISONED - 1
        assert len(experiment.arms.diverged_at) == len(experiment.arms)


def test_metrics_are_prefixed_only_where_several_rules_are_trained() -> None:
    for name in small().step():
        assert name.split("/")[0] in RULES
    assert "env_steps" in small("td").step()
    title = {metric.name: metric.title for metric in ACTOR_CRITIC.metrics}
    assert title["td/value/mean"] == "TD error: mean V" and title["value/mean"] == "mean V"


def test_a_batch_that_is_not_finite_is_not_shown() -> None:
    experiment = small("td")
    experiment.step()
    learner = experiment.arms.first
    before = learner.last_estimate
    with torch.no_grad():
        learner.model.critic[-1].bias.fill_(math.inf)
    learner.step()
    assert learner.last_estimate is before


def test_an_old_link_that_names_the_origin_leads_to_reinforce() -> None:
    config = parse_config(ActorCriticConfig, {"rule": "origin"})
    assert config.rule == "reinforce" and config.as_link() == {"rule": "reinforce"}
