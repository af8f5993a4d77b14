"""The Actor-critic tab: a pole that learns to stand while you watch. The declaration; loads no torch."""

from __future__ import annotations

from functools import partial
from typing import Any

from playground.concept import Challenge, Concept, Metric, Preset, Probe, Symbol, View, as_xy, lazy, of_arms
from playground.concepts.actor_critic import questions
from playground.concepts.actor_critic.config import RULES, ActorCriticConfig
from playground.concepts.actor_critic.diagram import diagram
from playground.concepts.actor_critic.media import GAME, LIVE_AGENT, ROLLOUT_VIDEO

_lazy = partial(lazy, __name__)

ONE_RULE = (
    Metric(name="return/mean20", better="higher"),
    Metric(name="return/mean100", better="higher"),
    Metric(name="return/last", better="higher"),
    Metric(name="env_steps"),
    Metric(name="value/mean"),
    Metric(name="entropy"),
    Metric(name="loss/critic", better="lower"),
    Metric(name="loss/actor"),
)
SHOWN = ("return/mean20",)
"""Metrics in the strip above the pictures when several rules are trained."""

VIEWS = (
    View(name="agent", draw=_lazy("views", "agent"), rest=0.4, place="hero", medium=LIVE_AGENT),
    View(name="value_map", draw=_lazy("views", "value_map"), every=10),
    View(name="actor_map", draw=_lazy("views", "actor_map"), every=10),
    View(name="progress", draw=_lazy("views", "progress"), every=10, place="wide"),
    View(name="video", draw=_lazy("views", "video"), while_training=False, place="more", medium=ROLLOUT_VIDEO),
    View(name="gallery", draw=_lazy("views", "gallery"), while_training=False, place="more", medium=ROLLOUT_VIDEO),
    View(name="losses", draw=_lazy("views", "losses"), every=20, place="more"),
    View(name="td_errors", draw=_lazy("views", "td_errors"), every=10, place="more"),
    View(name="calibration", draw=_lazy("views", "calibration"), every=20, place="more"),
)

PROBES = (
    Probe(
        name="let_it_play", question=questions.LetItPlay, ask=_lazy("probes", "let_it_play"),
        clicks={"value_map": as_xy}, medium=ROLLOUT_VIDEO, live=False,
    ),
    Probe(name="you_play", question=questions.YouPlay, ask=_lazy("probes", "you_play"), medium=GAME, live=False),
)  # fmt: skip

SYMBOLS = (
    Symbol(name="s", glyph="s", code=("s",), views=("agent",)),
    Symbol(name="a", glyph="a", code=("action",), views=("agent", "actor_map")),
    Symbol(name="r", glyph="r", code=("reward",), views=("progress",)),
    Symbol(name="pi", glyph="π", code=("log_pi", "policy"), views=("agent", "actor_map")),
    Symbol(name="V", glyph="V", code=("value", "v", "next_value", "next_v", "critic"),
           views=("value_map", "calibration", "progress")),
    Symbol(name="gamma", glyph="γ", code=("gamma",), views=("progress",)),
    Symbol(name="lam", glyph="λ", code=("lam",)),
    Symbol(name="delta", glyph="δ", code=("td_error",), views=("td_errors",)),
    Symbol(name="A", glyph="A", code=("advantage", "A"), views=("agent",)),
    Symbol(name="target", glyph="target", code=("target", "td_target"), views=("losses",)),
    Symbol(name="G", glyph="G", code=("G", "discounted_return"), views=("calibration",)),
    Symbol(name="terminated", glyph="terminated", code=("terminated", "alive")),
    Symbol(name="H", glyph="H", code=("entropy", "H"), views=("losses",)),
)  # fmt: skip

NOTES_TD = {"rule": "td", "normalise": False}
PRESETS = (
    Preset(name="side-by-side", config={"rule": "all"}),
    Preset(name="origin", config={"rule": "reinforce", "reward_to_go": False}),
    Preset(name="top-1", config={**NOTES_TD, "action": "top-1", "entropy": 0.0}),
    Preset(name="unmasked", config={**NOTES_TD, "terminal_mask": False, "detach": False}),
    Preset(name="undetached", config={**NOTES_TD, "detach": False, "gamma": 0.0, "entropy": 0.1}),
    Preset(name="acrobot", config={"environment": "Acrobot-v1", "actor_lr": 5e-3, "steps": 1500}),
    Preset(name="mountain-car", config={"environment": "MountainCar-v0"}),
)


def _cartpole(config: Any) -> bool:
    return config.environment == "CartPole-v1" and config.rule != "all"


CHALLENGES = (
    Challenge(
        name="balance-200", formerly=("Balance for 200 steps on average",),
        solved=lambda m: m.get("return/mean20", 0) >= 200, applies_to=_cartpole,
    ),
    Challenge(
        name="solve-cartpole", formerly=("Solve CartPole: 475",),
        solved=lambda m: m.get("return/mean20", 0) >= 475, applies_to=_cartpole,
    ),
    Challenge(
        name="solve-in-50k", formerly=("Solve it within 50,000 environment steps",),
        solved=lambda m: m.get("return/mean20", 0) >= 475 and m["env_steps"] <= 50_000, applies_to=_cartpole,
    ),
    Challenge(
        name="solve-by-episodes", formerly=("Solve it by whole episodes",),
        solved=lambda m: m.get("return/mean20", 0) >= 475,
        applies_to=lambda c: _cartpole(c) and c.rule == "reinforce",
    ),
    Challenge(
        name="v-past-maximum", formerly=("Drive V past what is possible",),
        solved=lambda m: m.get("value/mean", 0) > 110,
        applies_to=lambda c: c.environment == "CartPole-v1" and c.gamma == 0.99,
    ),
    Challenge(
        name="acrobot-90", formerly=("Swing the Acrobot up in under 90 steps",),
        solved=lambda m: m.get("return/mean20", -999) >= -90,
        applies_to=lambda c: c.environment == "Acrobot-v1",
    ),
)  # fmt: skip

ACTOR_CRITIC = Concept(
    package=__name__,
    slug="actor-critic",
    config=ActorCriticConfig,
    experiment=_lazy("experiment", "ActorCriticExperiment"),
    arms=RULES,
    metrics=(*ONE_RULE, *of_arms(ONE_RULE, RULES, shown=SHOWN)),
    views=VIEWS,
    code=(
        "learner:Learner.step",
        "learner:Learner.bootstrap",
        "learner:Learner.whole_episodes",
        "learner:Learner.update",
        "models.actor_critic:td_target",
        "models.actor_critic:generalised_advantage",
        "models.actor_critic:discounted_return",
        "models.actor_critic:actor_loss",
        "models.actor_critic:critic_loss",
        "models.actor_critic:entropy",
        "models.actor_critic:act",
        "models.actor_critic:ActorCritic",
    ),
    probes=PROBES,
    presets=PRESETS,
    challenges=CHALLENGES,
    symbols=SYMBOLS,
    diagram=diagram,
    preload=("probes", "views"),
)
