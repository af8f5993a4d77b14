"""The figures of live actors and critics: pure functions of (experiment, history)."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from playground.concept import Figure, History
from playground.concepts.actor_critic.environments import ENVS, observe
from playground.concepts.actor_critic.episodes import max_value, play_episode
from playground.concepts.actor_critic.experiment import ActorCriticExperiment
from playground.concepts.actor_critic.learner import Learner
from playground.concepts.actor_critic.policies import live_agent
from playground.concepts.actor_critic.rollout_video import rollout_video
from playground.concepts.actor_critic.rules import COLOURS, NAMES, SHORT
from playground.concepts.actor_critic.texts import say
from playground.figures.base import figure, rounded
from playground.figures.charts import LEGEND_ABOVE, POINTS, RIGHT, curve, level, note, two_charts
from playground.palette import HIGHLIGHT, NEUTRAL, NOTES, PATH, SCALES, STANDARD

GRID = 33


def after_updates(experiment: ActorCriticExperiment) -> str:
    if experiment.steps_taken == 1:
        return say("figures.video.after_one_update")
    return say("figures.video.after_updates", step=experiment.steps_taken)


def agent(experiment: ActorCriticExperiment, history: History) -> Figure:
    """The policies of this step, for the browser to play."""
    return live_agent(experiment)


def video(experiment: ActorCriticExperiment, history: History) -> Figure:
    """An episode of every learner's newest policy, from the same start."""
    config = experiment.config
    played = [
        (NAMES[rule], COLOURS[rule], play_episode(learner.model, config, rule))
        for rule, learner in experiment.arms.items()
    ]
    return rollout_video(config, played, after_updates(experiment))


def gallery(experiment: ActorCriticExperiment, history: History) -> Figure:
    """Untrained, half-way and now, from the same start."""
    config, rule, now = experiment.config, experiment.arms.first.rule, experiment.steps_taken
    half, middle = experiment.model_at(now // 2)
    start, early = experiment.model_at(0)
    models = ((start, early, NEUTRAL), (half, middle, HIGHLIGHT), (now, experiment.arms.first.model, STANDARD))
    played = [
        (say("figures.video.policy", step=step), colour, play_episode(model, config, rule))
        for step, model, colour in models
    ]
    return rollout_video(config, played, say("figures.video.gallery", arm=NAMES[rule]))


def _map_grid(environment: str) -> tuple[np.ndarray, np.ndarray, torch.Tensor]:
    """Ticks along both axes of the maps, and what the agent sees at every point of the plane."""
    spec = ENVS[environment]
    across, along = (np.linspace(*reach, GRID) for reach in spec.reach)
    state = np.zeros((GRID, GRID, spec.variables))
    state[..., spec.mapped[0]], state[..., spec.mapped[1]] = np.meshgrid(across, along)
    return across, along, torch.from_numpy(observe(environment, state))


def _newest_episode(learner: Learner, environment: str) -> tuple[np.ndarray, np.ndarray]:
    """The newest episode of the training, in the coordinates of the maps."""
    if not learner.recorder.recent:
        return np.zeros(0), np.zeros(0)
    s = learner.recorder.recent[-1].s
    if environment == "Acrobot-v1":
        return np.arctan2(s[:, 1], s[:, 0]), s[:, 4]
    first, second = ENVS[environment].mapped
    return s[:, first], s[:, second]


def _maps(
    experiment: ActorCriticExperiment, key: str, function: Any, colours: list[list[Any]], hover: str, **scale: Any
) -> Figure:
    """A heat map over the plane for every learner, side by side, its newest episode on top."""
    config = experiment.config
    spec, count = ENVS[config.environment], len(experiment.arms)
    across, along, states = _map_grid(config.environment)
    traces: list[dict[str, Any]] = []
    layout: dict[str, Any] = {}
    titles = []
    with torch.no_grad():
        maps = [function(learner, states).numpy() for learner in experiment.arms.values()]
    low, high = float(np.min(maps)), float(np.max(maps))
    wide = max(high - low, 0.02 * abs(high), 0.1)  # what is flat shall look flat
    scale = scale or {"zmin": round((low + high - wide) / 2, 2), "zmax": round((low + high + wide) / 2, 2)}
    for i, (rule, learner) in enumerate(experiment.arms.items()):
        suffix = str(i + 1) if i else ""
        axes = {"xaxis": "x" + suffix, "yaxis": "y" + suffix}
        traces.append({
            "type": "heatmap", "x": rounded(across), "y": rounded(along), "z": rounded(maps[i], 2), **axes, **scale,
            "colorscale": colours, "zsmooth": "fast", "showscale": i == count - 1, "hovertemplate": hover,
            "colorbar": {"thickness": 8, "outlinewidth": 0, "tickfont": {"size": 11}, "xpad": 2},
        })  # fmt: skip
        x, y = _newest_episode(learner, config.environment)
        traces.append({
            "type": "scatter", "mode": "lines", "x": rounded(x), "y": rounded(y), **axes, "hoverinfo": "skip",
            "line": {"color": PATH, "width": 1.3}, "name": say("figures.maps.newest_episode"),
        })  # fmt: skip
        traces.append({
            "type": "scatter", "mode": "markers", "x": rounded(x[-1:]), "y": rounded(y[-1:]), **axes,
            "hovertemplate": say("figures.maps.end"),
            "marker": {"color": PATH, "size": 8, "symbol": "x"},
        })  # fmt: skip
        wide = (1 - 0.05 * (count - 1)) / count
        domain = [i * (wide + 0.05), i * (wide + 0.05) + wide]
        layout["xaxis" + suffix] = {"title": {"text": spec.axes[0] if count == 1 else SHORT[rule], "standoff": 4},
                                    "range": list(spec.reach[0]), "domain": domain, "anchor": "y" + suffix,
                                    "tickangle": 0, "nticks": 6 if count == 1 else 2}  # fmt: skip
        layout["yaxis" + suffix] = {"range": list(spec.reach[1]), "anchor": "x" + suffix, "showticklabels": not i}
        titles.append(rule)
    layout["yaxis"]["title"] = {"text": spec.axes[1], "standoff": 4}
    return figure(traces, f"{key}-{'-'.join(titles)}-{config.environment}", **layout)


def value_map(experiment: ActorCriticExperiment, history: History) -> Figure:
    """V over the plane of two state variables, the others 0."""
    return _maps(experiment, "value", lambda learner, s: learner.model.value(s), SCALES["value"],
                 say("figures.maps.value_hover"))  # fmt: skip


def actor_map(experiment: ActorCriticExperiment, history: History) -> Figure:
    """The mean action over the same plane: −1 is surely the first, 1 surely the last."""

    def mean_action(learner: Learner, states: torch.Tensor) -> torch.Tensor:
        policy = learner.model.policy(states).exp()  # (…, actions)
        return policy @ torch.linspace(-1, 1, policy.shape[-1])

    names = ENVS[experiment.config.environment].actions
    ticks = {"tickvals": [-1, 0, 1], "ticktext": [names[0][:1], "", names[-1][-1:]]}
    made = _maps(experiment, "actor", mean_action, SCALES["diverging"], say("figures.maps.action_hover"),
                 zmin=-1, zmax=1)  # fmt: skip
    for trace in made["data"]:
        if trace["type"] == "heatmap":
            trace["meta"] = "diverging"  # dark pages have one of their own
            trace["colorbar"] |= ticks
    return made


def progress(experiment: ActorCriticExperiment, history: History) -> Figure:
    """Returns over environment steps on the left; the critic's mean V against its greatest possible value, right."""
    config, single = experiment.config, len(experiment.arms) == 1
    spec, traces = ENVS[config.environment], []
    for rule in experiment.arms:
        prefix = "" if single else f"{rule}/"
        colour = COLOURS[rule]
        env_steps = dict(zip(*history.get(prefix + "env_steps", ([], [])), strict=True))
        if single:
            at, returns = history.get("return/last", ([], []))
            some = np.linspace(0, len(at) - 1, min(len(at), POINTS)).astype(int)  # a mean would be no episode's
            traces.append({"type": "scatter", "mode": "markers", "x": [env_steps.get(at[i], 0) for i in some],
                           "y": [returns[i] for i in some],
                           "marker": {"color": NEUTRAL, "size": 3.5, "opacity": 0.6},
                           "name": say("figures.progress.episode"),
                           "hovertemplate": say("figures.progress.episode_hover")})  # fmt: skip
        name = say("figures.progress.mean") if single else NAMES[rule]
        mean = curve(history, prefix + "return/mean20", name, colour, width=2.5)
        mean["x"] = [env_steps.get(s, 0) for s in mean["x"]]
        mean["hovertemplate"] = say("figures.progress.mean_hover", arm=NAMES[rule])
        traces.append(mean)
        v = curve(history, prefix + "value/mean", "V", colour, width=2)
        traces.append(v | RIGHT | {"showlegend": False})
    limit = max_value(config)
    solved = level(spec.solved, NEUTRAL, "x domain", width=1)
    greatest = level(limit, NOTES, "x2 domain", "y2", width=1.5)
    mean_value = say("figures.progress.mean_value", bound="1/(1 − γ)" if spec.reward > 0 else "0")
    reach = [0, 1.06 * spec.cap] if spec.reward > 0 else [-1.05 * experiment.arms.first.vector_env.limit, 10]
    layout = two_charts(say("figures.progress.returns"), mean_value, yaxis={"range": reach},
                        xaxis={"title": {"text": say("figures.progress.env_steps")}},
                        xaxis2={"title": {"text": say("figures.progress.update")}},
                        yaxis2={"rangemode": "tozero"})  # fmt: skip
    return figure(traces, f"progress-{config.rule}-{config.environment}", shapes=[solved, greatest], showlegend=True,
                  **layout)  # fmt: skip


def losses(experiment: ActorCriticExperiment, history: History) -> Figure:
    """The critic's loss, the actor's and the entropy, one above the other."""
    single, traces = len(experiment.arms) == 1, []
    rows = (
        ("loss/critic", say("figures.losses.critic"), "y3"),
        ("loss/actor", say("figures.losses.actor"), "y2"),
        ("entropy", say("figures.losses.entropy"), "y"),
    )
    for rule in experiment.arms:
        for metric, _, axis in rows:
            made = curve(history, metric if single else f"{rule}/{metric}", NAMES[rule], COLOURS[rule], width=1.3)
            traces.append(made | {"yaxis": axis, "showlegend": not single and axis == "y"})
    titles = [{"text": title, "xref": "paper", "x": 0.01, "xanchor": "left", "yref": f"{axis} domain", "y": 1.0,
               "yanchor": "bottom", "showarrow": False} for _, title, axis in rows]  # fmt: skip
    return figure(
        traces, "losses", showlegend=True, annotations=titles, margin={"l": 8, "r": 8, "t": 20, "b": 6},
        legend={"orientation": "h", "y": 1.04, "yanchor": "bottom", "x": 1, "xanchor": "right"},
        xaxis={"title": {"text": say("figures.losses.update")}, "rangemode": "tozero"},
        yaxis={"domain": [0, 0.26], "rangemode": "tozero"},
        yaxis2={"domain": [0.36, 0.62]}, yaxis3={"domain": [0.72, 0.98], "type": "log", "dtick": 2},
    )  # fmt: skip


def td_errors(experiment: ActorCriticExperiment, history: History) -> Figure:
    """Histogram of the last batch's δ, one for each learner."""
    found = {
        rule: learner.last_estimate.td_error.numpy()
        for rule, learner in experiment.arms.items()
        if learner.last_estimate
    }
    if not found:
        return figure([], "td", annotations=[note(say("figures.td_errors.none"))])
    reach = max(float(np.abs(np.concatenate(list(found.values()))).max()) * 1.05, 0.1)
    edges = np.linspace(-reach, reach, 42)
    traces = []
    for rule, errors in found.items():
        counts = np.histogram(errors, edges)[0] / len(errors)
        traces.append({
            "type": "bar", "x": rounded((edges[1:] + edges[:-1]) / 2), "y": rounded(counts), "name": NAMES[rule],
            "marker": {"color": COLOURS[rule]}, "opacity": 0.7 if len(found) > 1 else 1,
            "hovertemplate": "δ ≈ %{x:.2f}: %{y:.0%}<extra></extra>",
        })  # fmt: skip
    return figure(
        traces, "td", barmode="overlay", bargap=0, showlegend=len(found) > 1,
        legend=LEGEND_ABOVE,
        xaxis={"title": {"text": say("figures.td_errors.error")}, "range": [-reach, reach]},
        yaxis={"title": {"text": say("figures.td_errors.share")}, "rangemode": "tozero", "tickformat": ".0%"},
    )  # fmt: skip


UNSEEN = 0.05
"""The discounted weight that the unseen rest of a truncated episode may have in a measured return."""


def calibration(experiment: ActorCriticExperiment, history: History) -> Figure:
    """V(s) against the discounted return that followed, over the newest episodes of the training."""
    config, traces, top = experiment.config, [], 1.0
    for rule, learner in experiment.arms.items():
        expected, followed = _pairs(learner)
        if len(expected):
            some = np.linspace(0, len(expected) - 1, min(len(expected), 400)).astype(int)
            expected, followed = expected[some], followed[some]
            top = max(top, float(np.abs(np.concatenate([expected, followed])).max()))
            traces.append({
                "type": "scatter", "mode": "markers", "x": rounded(expected, 2), "y": rounded(followed, 2),
                "marker": {"color": COLOURS[rule], "size": 4, "opacity": 0.55}, "name": NAMES[rule],
                "hovertemplate": say("figures.calibration.hover"),
            })  # fmt: skip
    limit, sign = max_value(config), 1 if ENVS[config.environment].reward > 0 else -1
    ends = [0, sign * max(top, abs(limit)) * 1.04]
    shapes = [{"type": "line", "x0": ends[0], "y0": ends[0], "x1": ends[1], "y1": ends[1],
               "line": {"color": NEUTRAL, "width": 1.5}},
              {"type": "line", "x0": limit, "x1": limit, "yref": "y domain", "y0": 0, "y1": 1,
               "line": {"color": NOTES, "width": 1.5, "dash": "dot"}}]  # fmt: skip
    words = [{"text": say("figures.calibration.bound"), "x": limit, "y": 1, "yref": "y domain", "textangle": -90,
              "xanchor": "right", "yanchor": "top", "showarrow": False,
              "font": {"size": 11, "color": NOTES}}]  # fmt: skip
    if not traces:
        words.append(note(say("figures.calibration.none")))
    return figure(
        traces, f"calibration-{config.environment}", shapes=shapes, annotations=words, showlegend=len(traces) > 1,
        legend=LEGEND_ABOVE,
        xaxis={"title": {"text": say("figures.calibration.expected")}, "range": sorted(ends)},
        yaxis={"title": {"text": say("figures.calibration.followed")}, "range": sorted(ends)},
    )  # fmt: skip


def _pairs(learner: Learner) -> tuple[np.ndarray, np.ndarray]:
    """(V(s), discounted return from s on) of steps whose return was seen to its end, or nearly so."""
    gamma, expected, followed = learner.config.gamma, [np.zeros(0)], [np.zeros(0)]
    for episode in learner.recorder.recent:
        G, ahead = np.zeros(len(episode.reward)), 0.0
        for t in reversed(range(len(G))):
            ahead = G[t] = episode.reward[t] + gamma * ahead
        known = len(G)
        if episode.truncated:
            known -= int(np.ceil(np.log(UNSEEN) / np.log(gamma))) if gamma > 0 else 1
        if known > 0:
            with torch.no_grad():
                expected.append(learner.model.value(torch.from_numpy(episode.s[:known])).numpy())
            followed.append(G[:known])
    return np.concatenate(expected), np.concatenate(followed)
