"""What Actor-critic's pictures show of nets, episodes and histories that were made by hand."""

from __future__ import annotations

import base64
import math
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from playground.concepts.actor_critic import probes, views
from playground.concepts.actor_critic.config import RULES, ActorCriticConfig
from playground.concepts.actor_critic.experiment import ActorCriticExperiment
from playground.concepts.actor_critic.learner import Estimate, Learner
from playground.concepts.actor_critic.questions import LetItPlay, YouPlay
from playground.concepts.actor_critic.recorder import TrainingEpisode
from playground.palette import HIGHLIGHT, NEUTRAL, NOTES, STANDARD
from tests.figures.reading import Figure, grows, headings, heatmap, points, said, title, trace
from tests.references.test_actor_critic_in_the_browser import evaluate

BLUE, VIOLET, ORANGE = STANDARD, HIGHLIGHT, NOTES  # of GAE, the TD error and REINFORCE


def experiment(**knobs: Any) -> ActorCriticExperiment:
    return ActorCriticExperiment(ActorCriticConfig(**({"envs": 1, "horizon": 1} | knobs)))


def linear(weight: list[list[float]], bias: list[float] | None = None) -> nn.Sequential:
    layer = nn.Linear(len(weight[0]), len(weight))
    with torch.no_grad():
        layer.weight.copy_(torch.tensor(weight))
        layer.bias.copy_(torch.tensor(bias or [0.0] * len(weight)))
    return nn.Sequential(layer)


def lived(learner: Learner, s: list[list[float]], reward: list[float] | None = None, truncated: bool = False) -> None:
    """An episode of the training."""
    rewards = np.array(reward or [1.0] * len(s), np.float32)
    learner.recorder.recent.append(TrainingEpisode(np.array(s, np.float32), rewards, truncated))


def plane(figure: Figure, index: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A map's values with the x and the y that belong to each."""
    one = [t for t in figure["data"] if t["type"] == "heatmap"][index]
    x, y = np.meshgrid(one["x"], one["y"])
    return x, y, heatmap(figure, index)


MAPS: dict[str, Any] = {
    # a critic's weights; the V that they come to at (x, y) of the map, all other variables being 0; both axes
    "CartPole-v1": ([900, 900, 100, 1], lambda x, y: 100 * x + y,
                    ("pole angle θ, rad", -0.24, 0.24), ("its speed θ̇, rad/s", -2.5, 2.5)),
    "Acrobot-v1": ([3, 20, 50, 900, 1, 900], lambda x, y: 3 * np.cos(x) + 20 * np.sin(x) + 50 + y,
                   ("upper angle θ₁, rad", -3.14, 3.14), ("its speed θ̇₁, rad/s", -8, 8)),
    "MountainCar-v0": ([10, 100], lambda x, y: 10 * x + 100 * y, ("position", -1.2, 0.6), ("speed", -0.07, 0.07)),
}  # fmt: skip


@pytest.mark.parametrize("name", MAPS)
def test_the_critics_map_has_the_angle_across_and_its_speed_along(name: Any) -> None:
    weight, expected, across, along = MAPS[name]
    made = experiment(environment=name)
    made.arms.first.model.critic = linear([weight])
    figure = views.value_map(made, {})
    x, y, z = plane(figure)
    assert (title(figure, "xaxis"), x[0, 0], x[0, -1]) == across
    assert (title(figure, "yaxis"), y[0, 0], y[-1, 0]) == along
    np.testing.assert_allclose(z, expected(x, y), atol=0.1)  # ticks are rounded to 0.001
    assert grows(figure, "xaxis") == grows(figure, "yaxis") == 1
    (one,) = [t for t in figure["data"] if t["type"] == "heatmap"]
    assert one["zmin"] == pytest.approx(z.min(), abs=0.01) and one["zmax"] == pytest.approx(z.max(), abs=0.01)
    brightness = [int(colour[1:3], 16) + int(colour[3:5], 16) for _, colour in one["colorscale"]]
    assert brightness == sorted(brightness), "bright is promising"


def test_a_flat_critic_looks_flat() -> None:
    made = experiment()
    made.arms.first.model.critic = linear([[0.0] * 4], [50.0])
    (one,) = [t for t in views.value_map(made, {})["data"] if t["type"] == "heatmap"]
    assert one["zmax"] - one["zmin"] == pytest.approx(0.02 * 50) and one["zmin"] < 50 < one["zmax"]


def test_the_actors_map_is_the_mean_action_blue_for_the_last_and_orange_for_the_first() -> None:
    made = experiment()
    made.arms.first.model.actor = linear([[0, 0, -10, 0], [0, 0, 10, 1]])  # log odds of →: 20 θ + θ̇
    figure = views.actor_map(made, {})
    x, y, z = plane(figure)
    np.testing.assert_allclose(z, np.tanh((20 * x + y) / 2), atol=0.02)
    (one,) = [t for t in figure["data"] if t["type"] == "heatmap"]
    assert (one["zmin"], one["zmax"]) == (-1, 1) and [one["colorscale"][i][1] for i in (0, -1)] == [ORANGE, BLUE]
    assert one["colorbar"]["tickvals"] == [-1, 0, 1] and one["colorbar"]["ticktext"] == ["←", "", "→"]
    three = experiment(environment="MountainCar-v0")
    three.arms.first.model.actor = linear([[0, 0]] * 3, [math.log(p) for p in (0.2, 0.5, 0.3)])
    np.testing.assert_allclose(heatmap(views.actor_map(three, {})), 0.3 - 0.2, atol=0.006)


def test_the_newest_episode_lies_on_both_maps_as_it_went() -> None:
    pole, arm = experiment(), experiment(environment="Acrobot-v1")
    lived(pole.arms.first, [[9, 9, 0.9, 9]])
    lived(pole.arms.first, [[1, 2, 0.1, -0.5], [3, 4, 0.2, -1.5]])
    a = (0.5, -2.0)
    lived(arm.arms.first, [[math.cos(t), math.sin(t), 0, 1, 3.0 * t, 9] for t in a])
    for made, way in ((pole, [(0.1, -0.5), (0.2, -1.5)]), (arm, [(0.5, 1.5), (-2.0, -6.0)])):
        for figure in (views.value_map(made, {}), views.actor_map(made, {})):
            assert points(trace(figure, "newest episode")) == way
            (end,) = [t for t in figure["data"] if t.get("mode") == "markers"]
            assert points(end) == way[-1:]


def test_three_maps_side_by_side_are_of_the_rules_that_they_name() -> None:
    made = experiment(rule="all")
    for value, learner in enumerate(made.arms.values()):
        learner.model.critic = linear([[0.0] * 4], [10.0 * value])
    figure = views.value_map(made, {})
    assert [title(figure, axis) for axis in ("xaxis", "xaxis2", "xaxis3")] == ["GAE", "TD", "REINFORCE"]
    maps = [t for t in figure["data"] if t["type"] == "heatmap"]
    assert [t["xaxis"] for t in maps] == ["x", "x2", "x3"] and [t["z"][0][0] for t in maps] == [0, 10, 20]
    assert {(t["zmin"], t["zmax"]) for t in maps} == {(0, 20)}, "one scale for all"
    left = [figure["layout"][axis]["domain"][0] for axis in ("xaxis", "xaxis2", "xaxis3")]
    assert left == sorted(left) and left[0] == 0


HISTORY = {
    "env_steps": ([1, 2, 3, 4], [120.0, 240.0, 350.0, 470.0]),
    "return/last": ([2, 4], [11.0, 33.0]),
    "return/mean20": ([3, 4], [21.0, 22.0]),
    "return/mean100": ([4], [99.0]),
    "value/mean": ([1, 2, 3, 4], [0.5, 1.5, 2.5, 3.5]),
    "loss/critic": ([1, 2], [8.0, 9.0]),
    "loss/actor": ([1, 2], [-0.5, -0.6]),
    "entropy": ([1, 2], [0.69, 0.25]),
}


def test_progress_is_returns_over_environment_steps_and_v_over_updates() -> None:
    figure = views.progress(experiment(gamma=0.9), HISTORY)
    episodes, mean, v = (trace(figure, name) for name in ("an episode", "mean of 20", "V"))
    assert points(episodes) == [(240, 11), (470, 33)] and episodes["marker"]["color"] == NEUTRAL
    assert points(mean) == [(350, 21), (470, 22)] and mean["line"]["color"] == BLUE
    assert points(v) == [(1, 0.5), (2, 1.5), (3, 2.5), (4, 3.5)] and (v["xaxis"], v["yaxis"]) == ("x2", "y2")
    assert title(figure, "xaxis") == "environment steps" and title(figure, "xaxis2") == "update"
    assert headings(figure) == ("return of an episode", "mean V ≤ 1/(1 − γ)")
    solved, greatest = figure["layout"]["shapes"]
    assert (solved["xref"], solved["y0"], solved["y1"]) == ("x domain", 475, 475)
    assert (greatest["xref"], greatest["yref"]) == ("x2 domain", "y2")
    assert greatest["y0"] == greatest["y1"] == pytest.approx(10) and greatest["line"]["color"] == ORANGE


def test_a_dot_of_many_is_still_the_return_of_one_episode() -> None:
    steps = list(range(1, 2001))
    returns = [float(s % 500) for s in steps]
    history = {"env_steps": (steps, [128.0 * s for s in steps]), "return/last": (steps, returns)}
    dots = points(trace(views.progress(experiment(), history), "an episode"))
    assert 200 <= len(dots) <= 500 and dots[-1] == (128 * 2000, 0)
    assert all(y == (x / 128) % 500 for x, y in dots)


def test_curves_of_three_rules_have_their_names_and_colours() -> None:
    history = {f"{rule}/{name}": (steps, [100.0 * i + value for value in values])
               for i, rule in enumerate(RULES) for name, (steps, values) in HISTORY.items()}  # fmt: skip
    made = experiment(rule="all")
    for i, (name, colour) in enumerate((("GAE(λ)", BLUE), ("TD error", VIOLET), ("REINFORCE", ORANGE))):
        mean = trace(views.progress(made, history), name)
        assert points(mean) == [(100 * i + 350, 100 * i + 21), (100 * i + 470, 100 * i + 22)]
        critic = trace(views.losses(made, history), name, yaxis="y3")
        assert critic["y"] == [100 * i + 8, 100 * i + 9]
        assert mean["line"]["color"] == critic["line"]["color"] == colour


def test_losses_stand_under_their_titles() -> None:
    figure = views.losses(experiment(), HISTORY)
    under = {a["text"]: a["yref"].removesuffix(" domain") for a in figure["layout"]["annotations"]}
    for words, y in (("critic's loss", [8, 9]), ("actor's loss", [-0.5, -0.6]), ("entropy H(π)", [0.69, 0.25])):
        one = trace(figure, "GAE(λ)", yaxis=under[words])
        assert points(one) == list(zip([1, 2], y, strict=True))
    bottoms = [figure["layout"]["yaxis" + under[w][1:]]["domain"][0] for w in under]
    assert bottoms == sorted(bottoms, reverse=True), "from the top"
    assert figure["layout"]["yaxis" + under["critic's loss"][1:]]["type"] == "log"


def test_td_errors_are_shares_of_the_last_batch_with_their_sign() -> None:
    made, none = experiment(), torch.zeros(8)
    assert said(views.td_errors(made, {})) == ["No update yet."]
    errors = torch.tensor([-1.0] * 6 + [2.0] * 2)
    made.arms.first.last_estimate = Estimate(torch.zeros(8, 4), none.int(), none, none, none + 9, errors)
    bars = points(trace(views.td_errors(made, {}), "GAE(λ)"))
    width = bars[1][0] - bars[0][0]
    high = [(x, y) for x, y in bars if y]
    assert [y for _, y in high] == [0.75, 0.25]
    assert abs(high[0][0] + 1) <= width / 2 + 1e-3 and abs(high[1][0] - 2) <= width / 2 + 1e-3


def test_calibration_is_v_across_and_the_discounted_return_along() -> None:
    made = experiment(gamma=0.5)
    made.arms.first.model.critic = linear([[1.0, 0, 0, 0]])
    assert "No return has been seen<br>to its end yet." in said(views.calibration(made, {}))
    lived(made.arms.first, [[3.0, 0, 0, 0], [2.5, 0, 0, 0], [0.25, 0, 0, 0]], [1, 1, 4])
    # cut off: what five steps ahead would have brought is worth ½⁵ < 5 %, so the first two of seven are known
    lived(made.arms.first, [[-1.0, 0, 0, 0]] * 7, truncated=True)
    figure = views.calibration(made, {})
    cut = [round(2 - 0.5**6, 2), round(2 - 0.5**5, 2)]
    assert points(trace(figure, "GAE(λ)")) == [(3, 2.5), (2.5, 3), (0.25, 4), (-1, cut[0]), (-1, cut[1])]
    assert title(figure, "xaxis").startswith("V(s)") and "return" in title(figure, "yaxis")
    diagonal, limit = figure["layout"]["shapes"]
    assert (diagonal["x0"], diagonal["x1"]) == (diagonal["y0"], diagonal["y1"])
    assert limit["x0"] == limit["x1"] == 2, "greatest possible V: 1/(1 − ½), on the axis of V"


def played_by(figure: Figure) -> list[tuple[str, str, float]]:
    """(title, colour, first step's probability of going right) of a video's actors."""
    return [(a["title"], a["colour"], a["policy"][0][1]) for a in figure["video"]["actors"]]


def with_odds(made: ActorCriticExperiment, right: float) -> dict[str, torch.Tensor]:
    """Weights of a net that goes right with a probability."""
    weights = {name: torch.zeros_like(tensor) for name, tensor in made.arms.first.model.state_dict().items()}
    weights["actor.4.bias"] = torch.tensor([1 - right, right]).log()
    return weights


def test_the_gallery_says_of_which_update_each_policy_is() -> None:
    made = experiment()
    made.snapshots = [(step, with_odds(made, odds)) for step, odds in ((0, 0.1), (4, 0.3), (8, 0.5), (9, 0.2))]
    made.arms.first.model.load_state_dict(with_odds(made, 0.9))
    made.steps_taken = 10
    assert played_by(views.gallery(made, {})) == [
        ("update 0", NEUTRAL, 0.1), ("update 4", VIOLET, 0.3), ("update 10", BLUE, 0.9)
    ]  # fmt: skip
    assert views.video(made, {})["video"]["caption"] == "after 10 updates"


def test_let_it_play_draws_actions_or_takes_the_best_from_the_start_that_was_asked_for() -> None:
    made = experiment(action="sample")
    made.arms.first.model.load_state_dict(with_odds(made, 0.6))
    made.arms.first.model.critic = linear([[1.0, 10, 100, 1000]])
    start: dict[str, Any] = {"x": 0.1, "y": -0.2, "cart": 0.5, "cart_speed": 0.3}
    choices: tuple[tuple[Any, set[int]], ...] = (("sample", {0, 1}), ("top-1", {1}))
    for action, taken in choices:
        video = probes.let_it_play(made, LetItPlay(action=action, **start))["video"]
        (actor,) = video["actors"]
        assert set(actor["action"]) == taken
        assert actor["value"][0] == pytest.approx(0.5 + 10 * 0.3 + 100 * 0.1 + 1000 * -0.2, abs=1e-3)
        assert video["caption"] == "from (0.50, 0.30, 0.10, -0.20)"
        assert probes.you_play(made, YouPlay(action=action))["game"]["sample"] == (action == "sample")


def test_the_agent_on_screen_has_the_newest_weights_and_its_ghost_the_first() -> None:
    made = experiment(rule="all", gamma=0.9, lam=0.7, terminal_mask=False, action="top-1")
    made.snapshots = [(0, with_odds(made, 0.25)), (3, with_odds(made, 0.5))]
    for bias, learner in enumerate(made.arms.values()):
        learner.model.actor, learner.model.critic = linear([[0.0] * 4] * 2, [bias, 1]), linear([[5.0, 6, 7, bias]])
    agent = views.agent(made, {})["agent"]

    def numbers(text: str) -> list[float]:
        return np.frombuffer(base64.b64decode(text), "<f4").tolist()

    rows = [(a["title"], a["colour"], a["lam"], numbers(a["actor"][0]["bias"]), numbers(a["critic"][0]["weight"]))
            for a in agent["actors"]]  # fmt: skip
    assert rows == [("GAE(λ)", BLUE, 0.7, [0, 1], [5, 6, 7, 0]), ("TD error", VIOLET, 0.0, [1, 1], [5, 6, 7, 1]),
                    ("REINFORCE", ORANGE, 1.0, [2, 1], [5, 6, 7, 2])]  # fmt: skip
    early = np.exp(numbers(agent["early"]["actor"][-1]["bias"]))
    assert agent["early"]["step"] == 0 and early == pytest.approx([0.75, 0.25])
    expected = {"sample": False, "gamma": 0.9, "mask": False, "limit": 500, "falls": True}
    assert {key: agent[key] for key in expected} == expected
    assert agent["bound"] == pytest.approx(10) and agent["actions"] == ("←", "→")
    assert views.agent(experiment(), {})["agent"]["sample"] is True


DRAWN = """(() => {
  const strokes = [];
  const words = [];
  let path = [];
  const pen = {
    setLineDash() {}, beginPath() { path = []; }, lineTo(x, y) { path.push([x, y]); },
    stroke() { strokes.push({ colour: this.strokeStyle, path }); }, fillText(text, x, y) { words.push({ text, y }); },
  };
  const look = { line: "zero", soft: "soft", bound: "bound", boundWords: "at most", advantageWords: "advantage" };
  m.drawLines(pen, 440, 200, given, look);
  return { strokes, words };
})()"""


def test_lines_have_v_above_the_advantage_below_and_what_went_well_over_zero() -> None:
    actors = [{"colour": "one", "value": [10, 40, 20], "advantage": [2.0, -2.0, 1.0]},
              {"colour": "two", "value": [30, 30, 30], "advantage": [-1.0, 0.0, 2.0]}]  # fmt: skip
    found = evaluate("rollout_lines.js", DRAWN, {"actors": actors, "bound": 100, "steps": 3})
    _, one_v, two_v, level, one_a, two_a = found["strokes"]
    assert [s["colour"] for s in found["strokes"]] == ["zero", "one", "two"] * 2
    assert max(y for s in (one_v, two_v) for _, y in s["path"]) < min(y for s in (one_a, two_a) for _, y in s["path"])
    signs = [[np.sign(round(level["path"][0][1] - y, 6)) for _, y in s["path"]] for s in (one_a, two_a)]
    assert signs == [[1, -1, 1], [-1, 0, 1]]
    steps, heights = zip(*one_v["path"], strict=True)
    assert heights[1] < heights[2] < heights[0], "the screen's y grows downwards"
    assert 0 < steps[1] - steps[0] == pytest.approx(steps[2] - steps[1])
    at = {w["text"]: w["y"] for w in found["words"]}
    assert at["V(s)"] < max(heights) < at["advantage"] and "at most" not in at
