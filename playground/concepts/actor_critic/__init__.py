"""The Actor-critic tab: a pole that learns to stand while you watch. The declaration; loads no torch."""

from __future__ import annotations

from functools import partial
from typing import Any

from playground.concept import Challenge, Concept, Metric, Preset, Probe, Symbol, View, as_xy, lazy
from playground.concepts.actor_critic import questions
from playground.concepts.actor_critic.config import RULES, ActorCriticConfig
from playground.concepts.actor_critic.diagram import diagram
from playground.concepts.actor_critic.media import GAME, LIVE_AGENT, ROLLOUT_VIDEO

_lazy = partial(lazy, __name__)

ONE_RULE = (
    Metric(name="return/mean20", title="mean return of 20", unit="reward", better="higher",
           explain="Mean return of the last 20 episodes of the training."),
    Metric(name="return/mean100", title="of 100", unit="reward", better="higher",
           explain="Mean return of the last 100 episodes of the training."),
    Metric(name="return/last", title="last return", unit="reward", better="higher",
           explain="Sum of the rewards of the episode that ended last."),
    Metric(name="env_steps", title="environment steps", unit="steps",
           explain="Steps of all copies together; resets don't count."),
    Metric(name="value/mean", title="mean V", unit="reward",
           explain="What the critic expects of the last batch's states, discounted."),
    Metric(name="entropy", title="entropy", unit="nats", explain="How undecided the actor is: ln(actions) at most."),
    Metric(name="loss/critic", title="critic's loss", unit="reward²", better="lower",
           explain="(target − V)², the mean of the last batch."),
    Metric(name="loss/actor", title="actor's loss",
           explain="−log π(a|s) · advantage; it is no measure of success."),
)  # fmt: skip
SHOWN = {"return/mean20"}
"""Metrics in the strip above the pictures when several rules are trained."""
METRICS = ONE_RULE + tuple(
    Metric(name=f"{rule}/{m.name}", title=f"{rule}: {m.title}", unit=m.unit, better=m.better, explain=m.explain,
           hidden=m.name not in SHOWN)
    for rule in RULES for m in ONE_RULE
)  # fmt: skip

VIEWS = (
    View(
        name="agent", title="The agent that learns, at play", draw=_lazy("views", "agent"), rest=0.4, place="hero",
        medium=LIVE_AGENT,
        caption="It plays on while it learns; grey: the untrained policy from the same start. The lines are V and the "
        "advantage, which dips before every fall. Poke the pole.",
    ),
    View(
        name="value_map", title="The critic: V(s)", draw=_lazy("views", "value_map"), every=10,
        caption="Bright is promising; a leaning pole that moves back up is worth more. Click to play from there.",
    ),
    View(
        name="actor_map", title="The actor: π(a|s)", draw=_lazy("views", "actor_map"), every=10,
        caption="A sharp diagonal is a policy: push to the side to which the pole is going to fall.",
    ),
    View(
        name="progress", title="Return of the episodes, and mean V", draw=_lazy("views", "progress"), every=10,
        place="wide", caption="The return should climb to the cap, V to the orange line and never past it.",
    ),
    View(
        name="video", title="An episode on video", draw=_lazy("views", "video"), while_training=False, place="more",
        medium=ROLLOUT_VIDEO,
        caption="Made when you pause. Bars are π(a|s), lines V and the advantage: click a line to go there.",
    ),
    View(
        name="gallery", title="Early, middle, now", draw=_lazy("views", "gallery"), while_training=False, place="more",
        medium=ROLLOUT_VIDEO,
        caption="The same start for three policies of this run: untrained, half-way, newest.",
    ),
    View(
        name="losses", title="Losses and entropy", draw=_lazy("views", "losses"), every=20, place="more",
        caption="The actor's loss hovers around zero by design; entropy falls as it decides.",
    ),
    View(
        name="td_errors", title="TD errors of the last batch", draw=_lazy("views", "td_errors"), every=10, place="more",
        caption="Of the origin: return − V. Centred on zero: the critic is fair; a tail on the left: falls that it did "
        "not see coming.",
    ),
    View(
        name="calibration", title="V against the return that followed", draw=_lazy("views", "calibration"), every=20,
        place="more",
        caption="Points on the grey diagonal are promises kept; right of the dotted line no promise can be.",
    ),
)  # fmt: skip

PROBES = (
    Probe(
        name="let_it_play", title="Let it play", question=questions.LetItPlay, ask=_lazy("probes", "let_it_play"),
        clicks={"value_map": as_xy}, medium=ROLLOUT_VIDEO, live=False, button="Let it play",
        caption="From your start, with your nudge: does it catch the pole, and does V fall before the pole does?",
    ),
    Probe(
        name="you_play", title="You play", question=questions.YouPlay, ask=_lazy("probes", "you_play"), medium=GAME,
        live=False, button="Fetch the agent",
        caption="Your pole above, the agent's below, same start: arrow keys or the buttons push (without them it goes "
        "left and right in turn), N nudges the agent's.",
    ),
)  # fmt: skip

SYMBOLS = (
    Symbol(name="s", glyph="s", meaning="the states of the batch, as the agent sees them", code=("s",),
           views=("agent",)),
    Symbol(name="a", glyph="a", meaning="the actions taken", code=("action",), views=("agent", "actor_map")),
    Symbol(name="r", glyph="r", meaning="the reward of a step", code=("reward",), views=("progress",)),
    Symbol(name="pi", glyph="π", meaning="probability of every action", code=("log_pi", "policy"),
           views=("agent", "actor_map")),
    Symbol(name="V", glyph="V", meaning="discounted return that the critic expects",
           code=("value", "v", "next_value", "next_v", "critic"), views=("value_map", "calibration", "progress")),
    Symbol(name="gamma", glyph="γ", meaning="worth of a reward that comes one step later", code=("gamma",),
           views=("progress",)),
    Symbol(name="lam", glyph="λ", meaning="how long GAE waits before it trusts the critic", code=("lam",)),
    Symbol(name="delta", glyph="δ", meaning="TD error: how much better a step went than expected", code=("td_error",),
           views=("td_errors",)),
    Symbol(name="A", glyph="A", meaning="advantage: how much better an action was than usual", code=("advantage", "A"),
           views=("agent",)),
    Symbol(name="target", glyph="target", meaning="what V is told to become", code=("target", "td_target"),
           views=("losses",)),
    Symbol(name="G", glyph="G", meaning="discounted return of the rest of an episode", code=("G", "discounted_return"),
           views=("calibration",)),
    Symbol(name="terminated", glyph="terminated", meaning="the episode is over for good (not merely cut off)",
           code=("terminated", "alive")),
    Symbol(name="H", glyph="H", meaning="entropy of π", code=("entropy", "H"), views=("losses",)),
)  # fmt: skip

NOTES_TD = {"rule": "td", "normalise": False}
PRESETS = (
    Preset(name="side-by-side", title="Three rules side by side", config={"rule": "all"},
           why="GAE(λ), the TD error and whole episodes on the same seeds. TD waits least for news, but trusts a "
           "critic that knows nothing yet, and learns later than GAE; whole episodes wait for their end."),
    Preset(name="origin", title="The notes' origin", config={"rule": "origin", "reward_to_go": False},
           why="Learns from the return of whole episodes, credited to every step alike: it must wait for the end, and "
           "with reward-to-go off hundreds of actions share one number."),
    Preset(name="top-1", title="Top-1 never explores", config={**NOTES_TD, "action": "top-1", "entropy": 0.0},
           why="The most probable action, always: what is never tried can't turn out better. The pole falls after "
           "about ten steps, for ever."),
    Preset(name="unmasked", title="V past its maximum", config={**NOTES_TD, "terminal_mask": False, "detach": False},
           why="The TD rule as the notes write it: no terminal mask, so V is bootstrapped past the fall and heads for "
           "1/(1 − γ) = 100; the undetached advantage carries it on to 135. The real return is about 20."),
    Preset(name="undetached", title="An advantage that pulls on V",
           config={**NOTES_TD, "detach": False, "gamma": 0.0, "entropy": 0.1},
           why="With γ = 0 every state is worth exactly 1, but V settles at 1 + ln 2 / 2 = 1.3466: the actor's loss "
           "leaks into the critic."),
    Preset(name="acrobot", title="Acrobot: swing up",
           config={"environment": "Acrobot-v1", "actor_lr": 5e-3, "steps": 1500},
           why="Two arms, one weak motor in the elbow: it has to swing to and fro before it can reach the line. Most "
           "seeds are there within 400 updates, some need all 1,500."),
    Preset(name="mountain-car", title="MountainCar: no news", config={"environment": "MountainCar-v0"},
           why="Without a first success by chance every episode returns −200: no difference, no advantage, nothing to "
           "learn from. Exploration is a problem of its own."),
)  # fmt: skip


def _cartpole(config: Any) -> bool:
    return config.environment == "CartPole-v1" and config.rule != "all"


CHALLENGES = (
    Challenge(name="balance-for-200-steps-on-average", title="Balance for 200 steps on average", hint="Train the default for a second or two.",
              solved=lambda m: m.get("return/mean20", 0) >= 200, applies_to=_cartpole),
    Challenge(name="solve-cartpole-475", title="Solve CartPole: 475", hint="Patience; or a faster critic.",
              solved=lambda m: m.get("return/mean20", 0) >= 475, applies_to=_cartpole),
    Challenge(name="solve-it-within-50-000-environment-steps", title="Solve it within 50,000 environment steps",
              hint="Which rate helps, and how long should a rollout be?",
              solved=lambda m: m.get("return/mean20", 0) >= 475 and m["env_steps"] <= 50_000, applies_to=_cartpole),
    Challenge(name="solve-it-by-whole-episodes", title="Solve it by whole episodes",
              hint="The origin hears less often: give it three times the steps, a schedule as long, and three times "
              "the actor's rate.",
              solved=lambda m: m.get("return/mean20", 0) >= 475,
              applies_to=lambda c: _cartpole(c) and c.rule == "origin"),
    Challenge(name="drive-v-past-what-is-possible", title="Drive V past what is possible",
              hint="Which switch lets V be bootstrapped past a fall? Which one pulls on V, and what cancels its pull?",
              solved=lambda m: m.get("value/mean", 0) > 110,
              applies_to=lambda c: c.environment == "CartPole-v1" and c.gamma == 0.99),
    Challenge(name="swing-the-acrobot-up-in-under-90-steps", title="Swing the Acrobot up in under 90 steps", hint="It starts from its preset.",
              solved=lambda m: m.get("return/mean20", -999) >= -90,
              applies_to=lambda c: c.environment == "Acrobot-v1"),
)  # fmt: skip

ACTOR_CRITIC = Concept(
    package=__name__,
    slug="actor-critic",
    title="Actor-critic",
    tagline="A pole that learns to stand while you watch",
    config=ActorCriticConfig,
    experiment=_lazy("experiment", "ActorCriticExperiment"),
    metrics=METRICS,
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
