"""Answers to a visitor's questions to a live actor."""

from __future__ import annotations

from typing import Any

import numpy as np

from playground.concept import Figure, Refused
from playground.concepts.actor_critic.environments import ENVS, make_env
from playground.concepts.actor_critic.episodes import play_episode
from playground.concepts.actor_critic.experiment import ActorCriticExperiment
from playground.concepts.actor_critic.learner import Learner
from playground.concepts.actor_critic.policies import environment, weights
from playground.concepts.actor_critic.questions import LetItPlay, YouPlay
from playground.concepts.actor_critic.rollout_video import rollout_video
from playground.concepts.actor_critic.rules import COLOURS, NAMES
from playground.concepts.actor_critic.texts import say


def _learner(experiment: ActorCriticExperiment, rule: str) -> Learner:
    if rule == "first":
        return experiment.arms.first
    if rule not in experiment.arms:
        choice, all_rules = say(f"knobs.rule.choices.{rule}"), say("knobs.rule.choices.all")
        raise Refused(say("refusals.not_trained", arm=NAMES[rule], choice=choice, all=all_rules))
    return experiment.arms[rule]


def start_of(environment: str, question: LetItPlay) -> np.ndarray:
    """The state that the question asks to begin in; raises Refused for one outside its bounds."""
    spec = ENVS[environment]
    for name, value, (low, high) in zip(spec.axes, (question.x, question.y), spec.limits, strict=True):
        if not low <= value <= high:
            values: dict[str, Any] = {"variable": name, "low": low, "high": high, "value": value}
            raise Refused(say("refusals.start", environment=environment, **values))
    start = np.zeros(spec.variables)
    start[list(spec.mapped)] = question.x, question.y
    if environment == "CartPole-v1":
        start[:2] = question.cart, question.cart_speed
    return start


def let_it_play(experiment: ActorCriticExperiment, question: LetItPlay) -> Figure:
    """The newest policy from a chosen start, nudged on the way where that is asked for."""
    config, learner = experiment.config, _learner(experiment, question.rule)
    spec, start = ENVS[config.environment], start_of(config.environment, question)
    push = np.zeros(len(start))
    push[spec.mapped[1]] = question.nudge / (100 if config.environment == "MountainCar-v0" else 1)
    played = play_episode(
        learner.model, config, learner.rule, start, question.action == "sample",
        lambda step: push if question.nudge and step == question.nudge_at else None,
    )  # fmt: skip
    where = ", ".join(f"{value:.2f}" for value in start)
    caption = say("figures.video.start", state=where)
    if question.nudge:
        nudge: dict[str, Any] = {"nudge": question.nudge, "step": question.nudge_at}
        caption = say("figures.video.start_and_nudge", state=where, **nudge)
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
            "agent": _agent(NAMES[learner.rule], experiment.steps_taken),
        }
    }


def _agent(arm: str, step: int) -> str:
    """Who plays against the visitor."""
    if step == 1:
        return say("figures.game.agent_after_one_update", arm=arm)
    return say("figures.game.agent_after_updates", arm=arm, step=step)
