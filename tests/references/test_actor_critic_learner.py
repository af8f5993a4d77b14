"""What Actor-critic's learner makes of hand-made steps, and what its recorder counts, against numbers done by hand."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any, Literal

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from playground.concepts.actor_critic.config import ActorCriticConfig
from playground.concepts.actor_critic.episodes import Episode, advantages, ending, max_value, play_episode
from playground.concepts.actor_critic.experiment import ActorCriticExperiment
from playground.concepts.actor_critic.learner import Estimate, Learner, Rollout
from playground.concepts.actor_critic.recorder import EpisodeRecorder

Rule = Literal["gae", "td", "reinforce"]
HALF: dict[str, Any] = {"gamma": 0.5, "lam": 0.5, "envs": 2, "normalise": False}
LN2, LN8 = math.log(0.2), math.log(0.8)


def learner(rule: Rule, **knobs: Any) -> Learner:
    """Whose critic says V(s) = s₀, and whose actor goes right with probability 0.8, wherever it is."""
    made = Learner(ActorCriticConfig(rule=rule, **(HALF | knobs)), rule)
    made.model.critic = nn.Sequential(nn.Linear(4, 1))
    with torch.no_grad():
        made.model.critic[0].weight.copy_(torch.tensor([[1.0, 0, 0, 0]]))
        made.model.critic[0].bias.zero_()
        made.model.actor[-1].weight.zero_()
        made.model.actor[-1].bias.copy_(torch.tensor([LN2, LN8]))
    return made


def rollout(values: list[list[float]], terminated: list[list[int]], cut: list[list[int]], valid: Any = None) -> Rollout:
    """One row a step, a column for each copy; values: V of every state, a row more. Every valid step's reward is 1."""
    v = torch.tensor(values)
    s = torch.zeros(*v.shape, 4)
    s[..., 0] = v
    over, cut_off = torch.tensor(terminated).bool(), torch.tensor(cut).bool()
    used = torch.tensor(valid).bool() if valid else torch.ones_like(over)
    action = torch.arange(over.numel()).reshape(over.shape)
    return Rollout(s, action, used.float(), over, over | cut_off, used)


def two_ends() -> Rollout:
    """The first copy's pole falls on step 1, the second one is cut off there; on step 2 both are reset."""
    return rollout(
        [[4, 2], [6, 8], [10, 12], [20, 3], [8, 7]],
        terminated=[[0, 0], [1, 0], [0, 0], [0, 0]],
        cut=[[0, 0], [0, 1], [0, 0], [0, 0]],
        valid=[[1, 1], [1, 1], [0, 0], [1, 1]],
    )


FELL, CUT = -5.0, -1.0  # 1 − 6: nothing comes after a fall; 1 + ½ · 12 − 8: what was cut off would have gone on
DELTA = [0.0, 3.0, FELL, CUT, 1 + 4 - 20.0, 1 + 3.5 - 3]


def test_the_td_error_bootstraps_where_it_was_cut_off_and_not_where_it_fell() -> None:
    found = learner("td").bootstrap(two_ends())
    assert found.td_error.tolist() == found.advantage.tolist() == DELTA
    assert found.target.tolist() == [1 + 3.0, 1 + 4.0, 1.0, 1 + 6.0, 1 + 4.0, 1 + 3.5]
    unmasked = learner("td", terminal_mask=False).bootstrap(two_ends())
    assert unmasked.target.tolist() == [4.0, 5.0, 1 + 5.0, 7.0, 5.0, 4.5], "a fall is worth what stands behind it"


def test_gae_stops_at_both_kinds_of_end_and_trusts_later_errors_less() -> None:
    found = learner("gae").bootstrap(two_ends())
    expected = [0 + 0.25 * FELL, 3 + 0.25 * CUT, FELL, CUT, -15.0, 1.5]
    assert found.advantage.tolist() == expected and found.td_error.tolist() == DELTA
    assert found.target.tolist() == [a + v for a, v in zip(expected, [4, 2, 6, 8, 20, 3], strict=True)]


@pytest.mark.parametrize("rule", ["gae", "td"])
def test_the_steps_that_only_reset_a_copy_are_no_part_of_a_batch(rule: Rule) -> None:
    found = learner(rule).bootstrap(two_ends())
    assert found.action.tolist() == [0, 1, 2, 3, 6, 7], "4 and 5 did nothing"
    assert found.value.tolist() == found.s[:, 0].tolist() == [4, 2, 6, 8, 20, 3]


@pytest.mark.parametrize("to_go", [True, False])
def test_reinforce_waits_until_all_have_ended_and_credits_returns_of_first_episodes(to_go: bool) -> None:
    """The first copy falls on step 1; the second one is cut off on step 2, from where V = 8 was to be expected."""
    waiting = learner("reinforce", reward_to_go=to_go)
    first = rollout([[4, 2], [6, 3], [10, 4]], terminated=[[0, 0], [1, 0]], cut=[[0, 0], [0, 0]])
    assert waiting.whole_episodes(first) is None and waiting.pending is not None
    later = rollout([[10, 4], [20, 8], [30, 40]], [[0, 0], [0, 0]], cut=[[0, 1], [0, 0]], valid=[[0, 1], [1, 0]])
    found = waiting.whole_episodes(later)
    assert found is not None and waiting.pending is None
    returns = [1.5, 2.75, 1.0, 3.5, 1 + 0.5 * 8] if to_go else [1.5, 2.75, 1.5, 2.75, 2.75]
    assert found.target.tolist() == returns, "in the order of steps; the second episode of a copy is left out"
    assert found.value.tolist() == [4, 2, 6, 3, 4]
    assert found.advantage.tolist() == [g - v for g, v in zip(returns, [4, 2, 6, 3, 4], strict=True)]


@pytest.mark.parametrize("terminated", [True, False])
def test_an_episode_in_a_video_is_judged_as_the_learner_would(terminated: bool) -> None:
    value, reward = torch.tensor([3.0, 2.0, 5.0, 4.0]), torch.ones(3)
    after = 0.0 if terminated else 0.5 * 4
    delta = [1 + 1 - 3.0, 1 + 2.5 - 2, 1 + after - 5]
    gae = [delta[0] + 0.25 * (delta[1] + 0.25 * delta[2]), delta[1] + 0.25 * delta[2], delta[2]]
    last = 1 + after
    returns = [1 + 0.5 * (1 + 0.5 * last), 1 + 0.5 * last, last]
    whole_returns = [g - v for g, v in zip(returns, [3, 2, 5], strict=True)]
    whole = [returns[0] - v for v in (3, 2, 5)]
    for rule, knobs, expected in (("td", {}, delta), ("gae", {}, gae), ("reinforce", {}, whole_returns),
                                  ("reinforce", {"reward_to_go": False}, whole)):  # fmt: skip
        config = ActorCriticConfig(**(HALF | knobs))
        assert advantages(config, rule, value, reward, terminated).tolist() == pytest.approx(expected), rule


def estimate(advantage: list[float], value: Tensor, target: float) -> Estimate:
    """Of a batch of four steps: left, right, right, left."""
    action, A = torch.tensor([0, 1, 1, 0]), torch.tensor(advantage)
    return Estimate(torch.zeros(4, 4), action, value, torch.full((4,), target), A, A)


@pytest.mark.parametrize("normalise", [True, False])
def test_an_update_measures_what_it_says(normalise: bool) -> None:
    found = learner("gae", normalise=normalise).update(
        estimate([3.0, -1.0, 1.0, 1.0], torch.tensor([1.0, 2.0, 3.0, 4.0]), 2.0)
    )
    # normalised: mean 1, spread √2, so that 2, −2, 0 and 0 are left, divided by 1 + √2
    left, right = (2 / (1 + math.sqrt(2)), -2 / (1 + math.sqrt(2))) if normalise else (3 + 1.0, -1 + 1.0)
    assert found == pytest.approx(
        {
            "loss/actor": (-LN2 * left - LN8 * right) / 4,
            "loss/critic": (1 + 0 + 1 + 4) / 4,
            "entropy": -(0.2 * LN2 + 0.8 * LN8),
            "value/mean": 2.5,
        },
        rel=1e-5,
    )


def biases(made: Learner) -> tuple[Tensor, Tensor]:
    return made.model.actor[-1].bias, made.model.critic[-1].bias


def untouched(**knobs: Any) -> Learner:
    """With its own critic, the one that it optimises, which says V = 0 everywhere."""
    made = Learner(ActorCriticConfig(**(HALF | knobs)), "gae")
    with torch.no_grad():
        for net, bias in ((made.model.actor, [LN2, LN8]), (made.model.critic, [0.0])):
            net[-1].weight.zero_()
            net[-1].bias.copy_(torch.tensor(bias))
    return made


def update(made: Learner, advantage: list[float]) -> None:
    """An update of a critic that says 0 where it ought to say 1."""
    made.update(estimate(advantage, made.model.value(torch.zeros(4, 4)), 1.0))


@pytest.mark.parametrize(("beta", "c"), [(0.0, 1.0), (0.5, 2.0)])
def test_the_gradient_is_that_of_actor_critic_and_entropy(beta: float, c: float) -> None:
    made = untouched(entropy=beta, critic_weight=c)
    update(made, [1.0, 0.0, 0.0, 0.0])  # one step to the left that was better than expected, of four
    actor, critic = biases(made)
    H = -(0.2 * LN2 + 0.8 * LN8)
    # −¼ ∂ ln π(left) for the advantage, −β ∂H for the bonus: what is rarer than on average gets more probable
    left, right = -0.25 * 0.8 + beta * 0.2 * (LN2 + H), 0.25 * 0.8 + beta * 0.8 * (LN8 + H)
    torch.testing.assert_close(actor.grad, torch.tensor([left, right]))
    torch.testing.assert_close(critic.grad, torch.tensor([c * 2 * (0 - 1.0)]))


def test_the_entropy_bonus_alone_makes_the_policy_less_decided() -> None:
    made = untouched(entropy=0.5)
    before = made.model.policy(torch.zeros(1, 4)).exp()[0, 1].item()
    update(made, [0.0] * 4)
    assert before == pytest.approx(0.8) and 0.5 < made.model.policy(torch.zeros(1, 4)).exp()[0, 1].item() < 0.8


@pytest.mark.parametrize(("anneal", "taken", "share"), [(False, 50, 1.0), (True, 50, 0.51), (True, 100, 0.02)])
def test_both_rates_are_the_chosen_ones_and_fall_to_a_fiftieth(anneal: bool, taken: int, share: float) -> None:
    made = untouched(actor_lr=3e-3, critic_lr=2e-2, anneal=anneal, schedule=100, entropy=0.0)
    made.steps_taken = taken
    update(made, [1.0, 0.0, 0.0, 0.0])
    actor, critic = biases(made)  # Adam's first step is the rate: towards what went well, and towards the target
    torch.testing.assert_close(
        actor - torch.tensor([LN2, LN8]), 3e-3 * share * torch.tensor([1.0, -1.0]), rtol=1e-3, atol=0
    )
    assert critic.item() == pytest.approx(2e-2 * share, rel=1e-4)


def recorder(limit: int = 9) -> EpisodeRecorder:
    """Of two copies, with one number to see."""
    copies: Any = SimpleNamespace(count=2, limit=limit, observation_size=1)
    return EpisodeRecorder(copies)


def record(kept: EpisodeRecorder, s: float, reward: float, end: str = "", resets: bool = False) -> None:
    """A step of the second copy; the first one never ends."""
    kept.record(
        np.array([[99.0], [s]], np.float32), np.array([7.0, reward], np.float32), np.array([False, end == "fell"]),
        np.array([False, end == "cut"]), np.array([True, resets]),
    )  # fmt: skip


def test_episodes_are_kept_step_by_step_with_their_returns() -> None:
    kept = recorder()
    for s, reward in ((1.0, -2.0), (2.0, -3.0)):
        record(kept, s, reward)
    record(kept, 3.0, -4.0, "fell")
    record(kept, 0.0, 0.0, resets=True)
    record(kept, 4.0, 10.0)
    record(kept, 5.0, 20.0, "cut")
    assert list(kept.returns) == [-9.0, 30.0], "sums of rewards, not lengths"
    fell, cut = kept.recent
    assert fell.s[:, 0].tolist() == [1, 2, 3] and fell.reward.tolist() == [-2, -3, -4] and not fell.truncated
    assert cut.s[:, 0].tolist() == [4, 5] and cut.reward.tolist() == [10, 20] and cut.truncated
    assert kept.metrics() == {"env_steps": 5, "return/last": 30.0}, "five steps: a reset is none"
    assert kept.metrics() == {"env_steps": 5}, "nothing new since"
    record(kept, 6.0, 1.0)
    kept.reset()
    record(kept, 7.0, 1.0, "fell")
    assert kept.returns[-1] == 1.0, "what was under way is dropped"


def test_means_are_of_the_last_20_and_100_episodes_once_there_are_so_many() -> None:
    kept = recorder()
    for number in range(1, 121):
        record(kept, 0.0, float(number), "fell")
        found = kept.metrics()
        assert found["return/last"] == number
        assert found.get("return/mean20") == (number - 9.5 if number >= 20 else None)
        assert found.get("return/mean100") == (number - 49.5 if number >= 100 else None)


def pushing(way: int, **knobs: Any) -> Learner:
    """An actor that pushes one way with a probability of 0.8."""
    made = learner("td", **knobs)
    with torch.no_grad():
        made.model.actor[-1].bias.copy_(torch.tensor([LN8, LN2] if way == 0 else [LN2, LN8]))
    return made


def test_a_rollout_ends_episodes_in_the_state_of_the_fall_and_marks_the_reset_after_it() -> None:
    made = pushing(1, action="top-1", envs=3, horizon=40)
    found = made.collect_rollout()
    assert (found.action == 1).all()
    ends = torch.nonzero(found.done[:-2]).tolist()
    assert len(ends) >= 9, "pushed one way, a pole falls after about ten steps"
    for t, env in ends:
        assert found.terminated[t, env] and found.valid[t, env]
        assert found.s[t + 1, env, 2] < -math.radians(12), "pushed to the right, it falls to the left"
        assert not found.valid[t + 1, env] and found.reward[t + 1, env] == 0
        assert found.s[t + 2, env].abs().max() <= 0.05, "a new start"
    assert (~found.valid).sum() == found.done[:-1].sum()
    assert made.recorder.env_steps == found.valid.sum() == found.reward.sum()
    assert all(8 <= count <= 11 for count in made.recorder.returns)


def test_actions_are_drawn_or_the_most_probable_one_as_chosen() -> None:
    """With the probabilities 0.8 and 0.2, the standard error of a share of 1,280 steps is 0.011."""
    drawn = pushing(0, action="sample", envs=32, horizon=40).collect_rollout().action
    assert drawn.float().mean().item() == pytest.approx(0.2, abs=0.04)
    made = pushing(0, action="sample")
    start = np.zeros(4)
    taken = [play_episode(made.model, made.config, "td", start, sample).action for sample in (None, True, False)]
    assert set(taken[0].tolist()) == set(taken[1].tolist()) == {0, 1} and set(taken[2].tolist()) == {0}
    top = ActorCriticConfig(action="top-1")
    assert set(play_episode(made.model, top, "td", start).action.tolist()) == {0}, "as in training"


def test_snapshots_are_of_the_step_that_they_say() -> None:
    experiment = ActorCriticExperiment(ActorCriticConfig(rule="td", envs=1, horizon=1))
    bias = experiment.arms.first.model.critic[-1].bias

    def grow() -> dict[str, float]:
        with torch.no_grad():
            bias.fill_(experiment.steps_taken)
        return {}

    with torch.no_grad():
        bias.zero_()
    experiment.snapshots[0][1]["critic.4.bias"].zero_()
    experiment.arms.first.step = grow  # type: ignore[method-assign]
    for _ in range(27):
        experiment.step()
    assert [step for step, _ in experiment.snapshots] == [0, 4, 8, 12, 16, 20, 24]
    for asked, expected in ((0, 0), (1, 0), (13, 12), (27, 24)):
        step, model = experiment.model_at(asked)
        assert step == expected == model.critic[-1].bias.item()


def test_the_greatest_value_and_the_words_for_an_end() -> None:
    cart, car = ActorCriticConfig(gamma=0.9), ActorCriticConfig(environment="MountainCar-v0", gamma=0.9)
    assert max_value(cart) == pytest.approx(10) and max_value(car) == 0
    three = np.zeros(3)
    ends = [Episode(three, three, three, three, three, three, fell) for fell in (True, False)]
    assert [ending(cart, e) for e in ends] == ["fell after 3 steps", "still up after 3 steps"]
    assert [ending(car, e) for e in ends] == ["there after 3 steps", "not there after 3 steps"]
