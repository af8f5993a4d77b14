"""Actor-critic's rollouts, environments and videos against Gymnasium itself."""

from __future__ import annotations

import base64
import json
from typing import Any

import gymnasium
import imageio.v3 as iio
import numpy as np
import pytest
import torch

from models.actor_critic import ActorCritic
from playground.concepts.actor_critic.config import ActorCriticConfig
from playground.concepts.actor_critic.environments import ENVS, VectorEnv, make_env, observe
from playground.concepts.actor_critic.episodes import advantages, play_episode
from playground.concepts.actor_critic.experiment import ActorCriticExperiment
from playground.concepts.actor_critic.learner import Learner
from playground.concepts.actor_critic.rollout_video import rollout_video


def test_the_learner_bootstraps_at_the_limit_from_the_state_that_the_episode_ended_in() -> None:
    """MountainCar is cut off after 200 steps; the state after it is worth V(s′), not 0 and not the reset's."""
    config = ActorCriticConfig(environment="MountainCar-v0", rule="td", envs=3, horizon=128, normalise=False)
    learner = Learner(config, "td")
    learner.collect_rollout()
    rollout = learner.collect_rollout()
    cut = rollout.done & ~rollout.terminated
    t, env = (int(i[0]) for i in torch.nonzero(cut, as_tuple=True))
    estimate = learner.bootstrap(rollout)
    index = int(rollout.valid.flatten()[: t * 3 + env].sum())
    with torch.no_grad():
        expected = -1 + config.gamma * learner.model.value(rollout.s[t + 1, env])
    assert estimate.target[index] == pytest.approx(expected.item(), abs=1e-5)
    assert abs(float(rollout.s[t + 1, env, 1])) > 0  # still moving: not the start, where the speed is 0
    assert float(rollout.s[t + 2, env, 1]) == 0


def test_the_step_that_only_resets_a_copy_is_left_out() -> None:
    learner = Learner(ActorCriticConfig(rule="td", envs=5, horizon=64), "td")
    rollout = learner.collect_rollout()
    assert rollout.done[:-1].any()
    torch.testing.assert_close(~rollout.valid[1:], rollout.done[:-1])
    assert (rollout.reward[~rollout.valid] == 0).all() and (rollout.reward[rollout.valid] == 1).all()
    estimate = learner.bootstrap(rollout)
    assert len(estimate.s) == int(rollout.valid.sum()) == learner.recorder.env_steps


def test_returns_are_those_that_gymnasium_counts() -> None:
    """The same actions on Gymnasium's own recorder of episode statistics."""
    learner = Learner(ActorCriticConfig(seed=4, envs=1, horizon=100), "gae")
    learner.recorder.returns.clear()
    env, actions = gymnasium.wrappers.RecordEpisodeStatistics(make_env("CartPole-v1")), []
    for _ in range(3):
        rollout = learner.collect_rollout()
        actions += [int(a) for a, valid in zip(rollout.action[:, 0], rollout.valid[:, 0], strict=True) if valid]
    counted, _ = [], env.reset(seed=4)
    for action in actions:
        *_, terminated, truncated, info = env.step(action)
        if terminated or truncated:
            counted.append(info["episode"]["r"])
            env.reset()
    assert counted == list(learner.recorder.returns)


def test_reinforce_credits_each_step_with_what_came_after_it() -> None:
    config = ActorCriticConfig(rule="reinforce", envs=3, horizon=16, gamma=0.9)
    learner, estimate, waited = Learner(config, "reinforce"), None, 0
    while estimate is None:
        estimate = learner.whole_episodes(learner.collect_rollout())
        waited += 1
    # every copy's first episode: as many steps to go as it lasted, each worth 1
    lengths = [len(e.reward) for e in learner.recorder.recent]
    best = max((1 - 0.9**n) / 0.1 for n in lengths)
    assert estimate.target.max() <= best + 1e-4 and estimate.target.min() == pytest.approx(1.0)
    assert waited > 1 or max(lengths) <= 16


def test_company_changes_nothing() -> None:
    """A rule trained beside the others does what it does alone, to the bit: the comparison is on the same seeds."""
    together = ActorCriticExperiment(ActorCriticConfig(rule="all", seed=3))
    found = [together.step() for _ in range(12)]
    for rule in ("gae", "td", "reinforce"):
        alone = ActorCriticExperiment(ActorCriticConfig(rule=rule, seed=3))
        for row in found:
            assert alone.step() == {k.partition("/")[2]: v for k, v in row.items() if k.startswith(rule + "/")}


@pytest.mark.parametrize("name", ENVS)
def test_copies_are_gymnasiums_environments_and_resume_to_the_bit(name: str) -> None:
    env, other = VectorEnv(name, 3, 0), VectorEnv(name, 3, 99)
    rng = np.random.default_rng(0)
    for _ in range(250):
        env.step(rng.integers(0, env.action_count, 3))
    state = json.loads(json.dumps({k: v for k, v in env.state_dict().items() if k in ("elapsed", "random")}))
    other.load_state_dict({**env.state_dict(), **state})
    for _ in range(250):
        action = rng.integers(0, env.action_count, 3)
        for a, b in zip(env.step(action), other.step(action), strict=True):
            np.testing.assert_array_equal(a, b)
        np.testing.assert_array_equal(env.observation, other.observation)


@pytest.mark.parametrize("name", ENVS)
def test_observe_says_what_the_environment_says(name: str) -> None:
    env = make_env(name)
    env.reset(seed=0)
    for _ in range(5):
        seen, *_ = env.step(env.action_space.sample())
        np.testing.assert_allclose(observe(name, np.array(env.unwrapped.state)), seen, atol=1e-6)


def test_an_episode_is_what_gymnasium_plays() -> None:
    """The video's states, from its actions replayed on a fresh environment; a nudge changes the speed it should."""
    config = ActorCriticConfig()
    model = ActorCriticExperiment(config).arms.first.model
    push = np.array([0, 0, 0, 0.3])
    played = play_episode(
        model, config, "gae", np.array([0.0, 0.1, 0.02, 0.0]), nudge=lambda t: push if t == 4 else None
    )
    env = make_env("CartPole-v1")
    env.reset(seed=0)
    env.unwrapped.state = np.array([0.0, 0.1, 0.02, 0.0])
    for t, action in enumerate(played.action):
        if t == 4:
            env.unwrapped.state = env.unwrapped.state + push
        np.testing.assert_allclose(played.states[t], env.unwrapped.state)
        env.step(int(action))
    assert played.terminated


def test_an_episodes_advantage_is_that_of_its_rule() -> None:
    config, model = ActorCriticConfig(gamma=0.9, lam=0.5), ActorCritic(4, 2)
    value, reward = torch.tensor([3.0, 2.0, 5.0, 4.0]), torch.ones(3)
    delta = torch.tensor([1 + 0.9 * 2 - 3, 1 + 0.9 * 5 - 2, 1 - 5.0])  # terminated: nothing after the last
    gae = torch.stack([delta[0] + 0.45 * (delta[1] + 0.45 * delta[2]), delta[1] + 0.45 * delta[2], delta[2]])
    torch.testing.assert_close(advantages(config, "td", value, reward, True), delta)
    torch.testing.assert_close(advantages(config, "gae", value, reward, True), gae)
    returns = torch.tensor([1 + 0.9 * (1 + 0.9), 1.9, 1.0])
    torch.testing.assert_close(advantages(config, "reinforce", value, reward, True), returns - value[:-1])
    assert model.value(torch.zeros(5, 4)).shape == (5,)


def decoded(figure: dict[str, Any]) -> list[np.ndarray]:
    video = base64.b64decode(figure["video"]["src"].partition(",")[2])
    return list(iio.imread(video, extension=".mp4", plugin="FFMPEG"))


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # imageio's reader leaves a pipe open
@pytest.mark.parametrize("name", ENVS)
def test_a_video_shows_gymnasiums_own_frames(name: Any, capfd: pytest.CaptureFixture[str]) -> None:
    config = ActorCriticConfig(environment=name)
    experiment = ActorCriticExperiment(config)
    start = np.array([-0.5, 0.0]) if name == "MountainCar-v0" else np.array([0.0, 0.0, 0.1, 0.0])
    played = play_episode(experiment.arms.first.model, config, "gae", start)
    frames = decoded(rollout_video(config, [("x", "#000000", played)], ""))
    env, spec = make_env(name, render_mode="rgb_array"), ENVS[name]
    env.reset(seed=0)
    env.unwrapped.screen_width, env.unwrapped.screen_height = spec.screen
    env.unwrapped.SCREEN_DIM = spec.screen[0]
    for frame, state in ((frames[0], played.states[0]), (frames[-1], played.states[-1])):
        env.unwrapped.state = state
        expected = env.unwrapped.render()[spec.rows[0] : spec.rows[1]]
        assert frame.shape == expected.shape
        assert np.abs(frame.astype(float) - expected).mean() < 4, "H.264 loses a little, not more"
    assert capfd.readouterr() == ("", ""), "rendering and encoding are quiet"
