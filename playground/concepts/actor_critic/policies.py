"""Live policies for the browser, which plays them itself: the nets' weights and what their rule makes of a step."""

from __future__ import annotations

import base64
from typing import Any

import torch
from torch import nn

from playground.concept import Figure
from playground.concepts.actor_critic.environments import ENVS
from playground.concepts.actor_critic.episodes import max_value
from playground.concepts.actor_critic.experiment import ActorCriticExperiment
from playground.concepts.actor_critic.rules import COLOURS, NAMES

LAMBDA = {"td": 0.0, "reinforce": 1.0}
"""The λ of GAE with which its formula gives a rule's advantage: after one step, or at the end."""


def weights(net: nn.Sequential) -> list[dict[str, object]]:
    """Its linear layers as base64 of little-endian float32: {"shape": [out, in], "weight", "bias"}."""
    return [
        {"shape": list(layer.weight.shape), "weight": _base64(layer.weight), "bias": _base64(layer.bias)}
        for layer in net
        if isinstance(layer, nn.Linear)
    ]


def _base64(tensor: torch.Tensor) -> str:
    return base64.b64encode(tensor.detach().numpy().astype("<f4").tobytes()).decode()


def environment(experiment: ActorCriticExperiment) -> dict[str, Any]:
    """What the browser must know of the environment."""
    config = experiment.config
    spec = ENVS[config.environment]
    return {
        "environment": config.environment,
        "actions": spec.actions,
        "limit": experiment.arms.first.vector_env.limit,
        "falls": spec.reward > 0,
    }


def live_agent(experiment: ActorCriticExperiment) -> Figure:
    """Every learner's policy of this step, and the first one's untrained policy: the figure of `live_agent.js`."""
    config = experiment.config
    early, untrained = experiment.model_at(0)
    actors = [
        {
            "title": NAMES[rule],
            "colour": COLOURS[rule],
            "lam": LAMBDA.get(rule, config.lam),
            "actor": weights(learner.model.actor),
            "critic": weights(learner.model.critic),
        }
        for rule, learner in experiment.arms.items()
    ]
    agent = environment(experiment) | {
        "sample": config.action == "sample",
        "gamma": config.gamma,
        "mask": config.terminal_mask,
        "bound": max_value(config),
        "actors": actors,
        "early": {"step": early, "actor": weights(untrained.actor)},
    }
    return {"agent": agent}
