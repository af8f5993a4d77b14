"""What the networks of slow motion say about gradients, against the gradients that there are."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
import torch

from models.actor_critic import actor_loss, critic_loss
from playground.concepts.actor_critic.config import RULES, ActorCriticConfig
from playground.concepts.actor_critic.diagram import diagram as of_actor_critic
from playground.concepts.actor_critic.learner import Estimate, Learner
from playground.concepts.vqvae.config import VQVAEConfig
from playground.concepts.vqvae.diagram import diagram as of_vqvae
from playground.concepts.vqvae.experiment import VQVAEExperiment
from playground.diagram import Diagram


def carries(drawn: Diagram, start: str, end: str) -> bool:
    return next((a.gradient for a in drawn.arrows if (a.start, a.end) == (start, end)), False)


def estimate(learner: Learner) -> Estimate:
    for _ in range(100):
        rollout = learner.collect_rollout()
        found = learner.whole_episodes(rollout) if learner.rule == "reinforce" else learner.bootstrap(rollout)
        if found is not None:
            return found
    raise AssertionError("no episode ended")


@pytest.mark.parametrize(("rule", "detach", "stop"), list(product(RULES, (True, False), (True, False))))
def test_the_advantage_and_the_target_pull_on_the_critic_where_it_is_drawn(rule: Any, detach: bool, stop: bool) -> None:
    config = ActorCriticConfig(rule=rule, detach=detach, stop_gradient=stop, envs=3, horizon=7)
    learner, drawn = Learner(config, rule), of_actor_critic(config)
    e = estimate(learner)
    critic = list(learner.model.critic.parameters())

    def pull(loss: torch.Tensor) -> bool:
        if not loss.requires_grad:
            return False
        found = torch.autograd.grad(loss, critic, allow_unused=True, retain_graph=True)
        return any(g is not None and bool(g.abs().sum() > 0) for g in found)

    by_actor = pull(actor_loss(learner.model.policy(e.s), e.action, e.advantage, detach))
    assert carries(drawn, "A", "actor_loss") == by_actor
    by_target = pull(critic_loss(e.value.detach(), e.target, stop))
    assert carries(drawn, "A" if rule == "gae" else "target", "critic_loss") == by_target
    if rule == "td":
        assert carries(drawn, "V", "target") == e.target.requires_grad
    if rule != "gae":
        assert carries(drawn, "V", "A") == by_actor


@pytest.mark.parametrize(
    ("update", "through"),
    list(product(("ema", "vq-loss", "centroid-ema"), (True, False))),
    ids=str,
)
def test_codes_and_encoder_hear_of_the_reconstruction_where_it_is_drawn(update: Any, through: bool) -> None:
    config = VQVAEConfig(data="ring", update=update, straight_through=through, beta=0.0, batch=11, dim=3, codes=5)
    experiment, drawn = VQVAEExperiment(config), of_vqvae(config)
    assert isinstance(experiment.model.codebook, torch.Tensor)
    assert carries(drawn, "codebook", "e") == experiment.model.codebook.requires_grad
    experiment.step()
    encoder = [p.grad for p in experiment.model.encoder.parameters()]
    heard = any(g is not None and bool(g.abs().sum() > 0) for g in encoder)
    assert carries(drawn, "z", "z_q") == heard
