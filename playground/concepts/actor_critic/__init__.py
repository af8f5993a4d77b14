"""The Actor-critic tab: a pole that learns to stand, on video. The declaration; loads no torch."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from playground.concept import Challenge, Concept, Metric, Preset, Probe, Symbol, View, late
from playground.concepts.actor_critic import questions
from playground.concepts.actor_critic.config import RULES, ActorCriticConfig

_late = partial(late, __name__)


KINDS: tuple[tuple[str, str, str, str, str], ...] = (
    ("return/mean20", "mean return of 20", "reward", "higher", "Mean return of the last 20 episodes of the training."),
    ("return/mean100", "of 100", "reward", "higher", "Mean return of the last 100 episodes of the training."),
    ("return/last", "last return", "reward", "higher", "Sum of the rewards of the episode that ended last."),
    ("env_steps", "environment steps", "steps", "", "Steps lived through in all copies; resets don't count."),
    ("value/mean", "mean V", "reward", "", "What the critic expects of the last batch's states, discounted."),
    ("entropy", "entropy", "nats", "", "How undecided the actor is: ln(actions) at most."),
    ("loss/critic", "critic's loss", "reward²", "lower", "(target − V)², the mean of the last batch."),
    ("loss/actor", "actor's loss", "", "", "−log π(a|s) · advantage; it is no measure of success."),
)
SHOWN = ("return/mean20",)
"""Metrics of the bar above the pictures when several rules are trained."""


def _metrics() -> tuple[Metric, ...]:
    alone = [Metric(name, title, unit, better, about) for name, title, unit, better, about in KINDS]  # type: ignore[arg-type]
    beside = [
        Metric(f"{rule}/{name}", f"{rule}: {title}", unit, better, about, quiet=name not in SHOWN)  # type: ignore[arg-type]
        for rule in RULES
        for name, title, unit, better, about in KINDS
    ]
    return (*alone, *beside)


def _views() -> tuple[View, ...]:
    return (
        View("film", "The newest policy, on video", "Bars are π(a|s), the lines below V and the advantage: watch the "
             "advantage dip before every fall. Click a line to go there.", _late("views", "film"), 20, "hero", "film"),
        View("value_map", "The critic: V(s)", "Bright is promising; a leaning pole that moves back up is "
             "worth more. Click to play from there.", _late("views", "value_map"), 10),
        View("actor_map", "The actor: π(a|s)", "A sharp diagonal is a policy: push to the side to which the pole is "
             "going to fall.", _late("views", "actor_map"), 10),
        View("progress", "Return of the episodes, and what the critic thought", "The return should climb to the cap, V "
             "to the orange line and never past it.", _late("views", "progress"), 10, "wide"),
        View("gallery", "Early, middle, now", "The same start for three policies of this run: untrained, half-way, "
             "newest.", _late("views", "gallery"), 200, "more", "film"),
        View("losses", "Losses and entropy", "The actor's loss hovers around zero by design; entropy falls as it makes "
             "up its mind.", _late("views", "losses"), 20, "more"),
        View("td_errors", "TD errors of the last batch", "Of the origin: return − V. Centred on zero: the critic is "
             "fair; a tail on the left: falls that it did not see coming.", _late("views", "td_errors"), 10, "more"),
        View("calibration", "Does V come true?", "Points on the grey diagonal are promises kept; right of the dotted "
             "line no promise can be.", _late("views", "calibration"), 20, "more"),
    )  # fmt: skip


def _probes() -> tuple[Probe, ...]:
    return (
        Probe("let_it_play", "Let it play", "From your start, with your nudge: does it catch the pole, and does V fall "
              "before the pole does?", questions.LetItPlay, _late("probes", "let_it_play"), "value_map", "film",
              "Let it play"),
        Probe("you_play", "You play", "Your pole above, the agent's below, same start: arrow keys or the buttons push "
              "(without them it goes left and right in turn), N nudges the agent's.",
              questions.YouPlay, _late("probes", "you_play"), "", "game", "Fetch the agent"),
    )  # fmt: skip


SYMBOLS = (
    Symbol("s", "s", "the states of the batch, as the agent sees them", ("s",), ("film",)),
    Symbol("a", "a", "the actions taken", ("action",), ("film", "actor_map")),
    Symbol("r", "r", "the reward of a step", ("reward",), ("progress",)),
    Symbol("pi", "π", "probability of every action", ("log_pi", "policy"), ("film", "actor_map")),
    Symbol("V", "V", "discounted return that the critic expects", ("value", "next_value", "critic"),
           ("value_map", "calibration", "progress")),
    Symbol("gamma", "γ", "worth of a reward that comes one step later", ("gamma",), ("progress",)),
    Symbol("lam", "λ", "how long GAE waits before it trusts the critic", ("lam",)),
    Symbol("delta", "δ", "TD error: how much better a step went than expected", ("td_error",), ("td_errors",)),
    Symbol("A", "A", "advantage: how much better an action was than usual", ("advantage",), ("film",)),
    Symbol("target", "target", "what V is told to become", ("target", "td_target"), ("losses",)),
    Symbol("G", "G", "discounted return of the rest of an episode", ("G", "discounted_return"), ("calibration",)),
    Symbol("terminated", "terminated", "the episode is over for good (not merely cut off)", ("terminated", "alive")),
    Symbol("H", "H", "entropy of π", ("entropy",), ("losses",)),
)  # fmt: skip

NOTES_TD = {"rule": "td", "normalise": False}
PRESETS = (
    Preset("side-by-side", "Three rules side by side", {"rule": "all"},
           "GAE(λ), the TD error and whole episodes on the same seeds: the shorter the wait for news, the sooner it "
           "learns; GAE balances haste and noise."),
    Preset("origin", "The notes' origin", {"rule": "origin", "reward_to_go": False},
           "Learns from the return of whole episodes, credited to every step alike: it works, but it must wait for the "
           "end, and hears one number for hundreds of actions."),
    Preset("top-1", "Top-1 never explores", {**NOTES_TD, "action": "top-1", "entropy": 0.0},
           "The most probable action, always: what is never tried can't turn out better. The pole falls after about "
           "ten steps, for ever."),
    Preset("unmasked", "V past its maximum", {**NOTES_TD, "terminal_mask": False, "detach": False},
           "The TD rule as the notes write it: no terminal mask, so a fallen pole goes on earning and V heads for "
           "1/(1 − γ) = 100; the undetached advantage carries it on to 135. The real return is about 20."),
    Preset("undetached", "An advantage that pulls on V", {**NOTES_TD, "detach": False, "gamma": 0.0, "entropy": 0.1},
           "With γ = 0 every state is worth exactly 1, but V settles at 1 + ln 2 / 2 = 1.3466: the actor's loss "
           "leaks into the critic."),
    Preset("acrobot", "Acrobot: swing up", {"environment": "Acrobot-v1", "actor_lr": 5e-3, "steps": 1500},
           "Two arms, one weak motor in the elbow: it has to swing to and fro before it can reach the line."),
    Preset("mountain-car", "MountainCar: no news", {"environment": "MountainCar-v0"},
           "Without a first success by chance every episode returns −200: no difference, no advantage, nothing to "
           "learn from. Exploration is a problem of its own."),
)  # fmt: skip


def _cartpole(config: Any) -> bool:
    return config.environment == "CartPole-v1" and config.rule != "all"


CHALLENGES = (
    Challenge("Balance for 200 steps on average", "Train the default for a second or two.",
              lambda m: m.get("return/mean20", 0) >= 200, where=_cartpole),
    Challenge("Solve CartPole: 475", "Patience; or a livelier critic.",
              lambda m: m.get("return/mean20", 0) >= 475, where=_cartpole),
    Challenge("Solve it within 50,000 environment steps", "Which rate helps, and how long should a rollout be?",
              lambda m: m.get("return/mean20", 0) >= 475 and m["env_steps"] <= 50_000, where=_cartpole),
    Challenge("Solve it by whole episodes", "The origin needs more patience: a longer budget, other rates.",
              lambda m: m.get("return/mean20", 0) >= 475, where=lambda c: _cartpole(c) and c.rule == "origin"),
    Challenge("Drive V past what is possible", "Which switch lets a fallen pole go on earning? Which one pulls on V?",
              lambda m: m.get("value/mean", 0) > 110,
              where=lambda c: c.environment == "CartPole-v1" and c.gamma == 0.99),
    Challenge("Swing the Acrobot up in under 90 steps", "It starts from its preset.",
              lambda m: m.get("return/mean20", -999) >= -90, where=lambda c: c.environment == "Acrobot-v1"),
)  # fmt: skip

ACTOR_CRITIC = Concept(
    slug="actor-critic",
    title="Actor-critic",
    tagline="A pole that learns to stand, on video",
    lesson=(Path(__file__).parent / "lesson.md").read_text(encoding="utf-8"),
    config=ActorCriticConfig,
    experiment=_late("experiment", "ActorCriticExperiment"),
    metrics=_metrics(),
    views=_views(),
    code=tuple(
        f"models.actor_critic.{name}"
        for name in ("ActorCritic", "td_target", "generalised_advantage", "discounted_return", "actor_loss",
                     "critic_loss", "entropy", "act")
    ),
    probes=_probes(),
    presets=PRESETS,
    challenges=CHALLENGES,
    symbols=SYMBOLS,
    preload="playground.concepts.actor_critic.probes",
)  # fmt: skip
