"""Answers to a visitor's questions to a live actor."""

from __future__ import annotations

import numpy as np

from playground.concept import Figure, Refused
from playground.concepts.actor_critic.environments import ENVS, make_env
from playground.concepts.actor_critic.episodes import play_episode
from playground.concepts.actor_critic.experiment import ActorCriticExperiment
from playground.concepts.actor_critic.learner import Learner
from playground.concepts.actor_critic.policies import environment, weights
from playground.concepts.actor_critic.questions import LetItPlay, YouPlay
from playground.concepts.actor_critic.rollout_video import rollout_video
from playground.concepts.actor_critic.views import COLOURS, NAMES, updates


def _learner(experiment: ActorCriticExperiment, rule: str) -> Learner:
    if rule == "the first":
        return experiment.first
    if rule not in experiment.learners:
        raise Refused(f"{NAMES[rule]} is not being trained: set Rule to {rule} or to all, and train.")
    return experiment.learners[rule]


def start_of(environment: str, question: LetItPlay) -> np.ndarray:
    """The state that the question asks to begin in; raises Refused for one outside its bounds."""
    spec = ENVS[environment]
    for name, value, (low, high) in zip(spec.axes, (question.x, question.y), spec.limits, strict=True):
        if not low <= value <= high:
            raise Refused(f"{environment} begins with {name} between {low:g} and {high:g}, not {value:g}.")
    start = np.zeros(spec.variables)
    start[list(spec.plane)] = question.x, question.y
    if environment == "CartPole-v1":
        start[:2] = question.cart, question.cart_speed
    return start


def let_it_play(experiment: ActorCriticExperiment, question: LetItPlay) -> Figure:
    """The newest policy from a chosen start, nudged on the way where that is asked for."""
    config, learner = experiment.config, _learner(experiment, question.rule)
    spec, start = ENVS[config.environment], start_of(config.environment, question)
    push = np.zeros(len(start))
    push[spec.plane[1]] = question.nudge / (100 if config.environment == "MountainCar-v0" else 1)
    played = play_episode(
        learner.model, config, learner.rule, start, question.action == "sample",
        lambda step: push if question.nudge and step == question.nudge_at else None,
    )  # fmt: skip
    where = ", ".join(f"{value:.2f}" for value in start)
    caption = f"from ({where})"
    if question.nudge:
        caption += f", nudged by {question.nudge:g} at step {question.nudge_at}"
    return rollout_video(config, [(NAMES[learner.rule], COLOURS[learner.rule], played)], caption)


def you_play(experiment: ActorCriticExperiment, question: YouPlay) -> Figure:
    """The live weights, for a match in the browser: the visitor's pole against the agent's."""
    config, learner = experiment.config, _learner(experiment, question.rule)
    env = make_env(config.environment)
    env.reset(seed=1 + experiment.steps_taken)
    return {
        "game": {
            **environment(experiment),
            "start": np.asarray(env.unwrapped.state, dtype=float).tolist(),
            "actor": weights(learner.model.actor),
            "critic": weights(learner.model.critic),
            "sample": question.action == "sample",
            "agent": f"{NAMES[learner.rule]}, after {updates(experiment)}",
        }
    }
