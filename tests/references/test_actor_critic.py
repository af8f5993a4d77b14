"""Actor-critic's equations against exact values, closed forms and stable-baselines3."""

from __future__ import annotations

import math
from typing import Any

import gymnasium
import numpy as np
import pytest
import torch

from models.actor_critic import (
    act,
    actor_loss,
    critic_loss,
    discounted_return,
    entropy,
    generalised_advantage,
    td_target,
)
from playground.concepts.actor_critic.config import ActorCriticConfig
from playground.concepts.actor_critic.experiment import ActorCriticExperiment

GAMMA = 0.9


def chain(steps: int, seed: int = 0) -> tuple[torch.Tensor, ...]:
    """A walk on the chain 0 → 1 → 2 → 3 → end: 1 with probability 0.7 ahead, else it stays; 2 for reaching the end."""
    rng, at = np.random.default_rng(seed), 0
    s, r, s_next, over = [], [], [], []
    for _ in range(steps):
        ahead = at + 1 if rng.random() < 0.7 else at
        s.append(at)
        r.append(2.0 if ahead == 4 else -0.1)
        s_next.append(min(ahead, 3))
        over.append(ahead == 4)
        at = 0 if ahead == 4 else ahead
    return torch.tensor(s), torch.tensor(r), torch.tensor(s_next), torch.tensor(over)


def exact_chain() -> np.ndarray:
    """V = r̄ + γPV solved as a linear system."""
    P, r = np.zeros((4, 4)), np.zeros(4)
    for i in range(4):
        P[i, i] = 0.3
        if i < 3:
            P[i, i + 1] = 0.7
        r[i] = 0.3 * -0.1 + 0.7 * (2.0 if i == 3 else -0.1)
    return np.linalg.solve(np.eye(4) - GAMMA * P, r)


def fit_chain(terminal_mask: bool, steps: int = 3000) -> np.ndarray:
    s, r, s_next, over = chain(20_000)
    V = torch.zeros(4, requires_grad=True)
    optimiser = torch.optim.Adam([V], lr=0.05)
    for step in range(steps):
        target = td_target(r, V[s_next], over, GAMMA, terminal_mask)
        optimiser.param_groups[0]["lr"] = 0.05 * (1 - step / steps)
        optimiser.zero_grad()
        critic_loss(V[s], target).backward()
        optimiser.step()
    return V.detach().numpy()


def test_td_learns_the_exact_value_of_a_chain() -> None:
    np.testing.assert_allclose(fit_chain(True), exact_chain(), atol=0.03)


def test_without_the_terminal_mask_the_chain_earns_for_ever() -> None:
    assert (fit_chain(False) - exact_chain()).min() > 1.0


def test_monte_carlo_agrees_with_the_exact_value() -> None:
    s, r, _, over = chain(60_000, seed=1)
    ends = np.flatnonzero(over.numpy())
    found: list[float] = []
    for begin, end in zip(np.concatenate([[0], ends[:-1] + 1]), ends, strict=True):
        found.append(float(discounted_return(r[begin : end + 1, None], GAMMA)[0]))
    assert np.mean(found) == pytest.approx(exact_chain()[0], abs=0.02)
    assert s[0] == 0


def bandit(detach: bool, c: float = 1.0, steps: int = 4000) -> float:
    """V of a bandit's only state: two arms, both pay 1, both equally likely for ever."""
    V = torch.zeros(1, requires_grad=True)
    log_pi = torch.full((1, 2), math.log(0.5))
    optimiser = torch.optim.SGD([V], lr=0.01)
    for step in range(steps):
        advantage = torch.ones(1) - V
        loss = actor_loss(log_pi, torch.tensor([step % 2]), advantage, detach) + c * critic_loss(V, torch.ones(1))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    return V.item()


def test_an_undetached_advantage_biases_the_critic_as_the_closed_form_says() -> None:
    assert bandit(detach=True) == pytest.approx(1.0, abs=1e-4)
    assert bandit(detach=False) == pytest.approx(1.3466, abs=1e-4)
    assert bandit(detach=False, c=2.0) == pytest.approx(1 + math.log(2) / 4, abs=1e-4)


def test_the_bandit_prefers_the_arm_that_pays() -> None:
    logits, V = torch.zeros(1, 2, requires_grad=True), torch.zeros(1, requires_grad=True)
    optimiser, rng = torch.optim.SGD([logits, V], lr=0.2), torch.Generator().manual_seed(0)
    for _ in range(800):
        log_pi = logits.log_softmax(-1)
        a = act(log_pi.detach(), True, rng)
        r = torch.where(a == 1, 1.0, 0.2)
        (actor_loss(log_pi, a, r - V) + critic_loss(V, r)).backward()
        optimiser.step()
        optimiser.zero_grad()
    assert logits.softmax(-1)[0, 1] > 0.95 and V.item() == pytest.approx(1.0, abs=0.1)


def test_the_actors_gradient_is_the_expected_one() -> None:
    """Averaged over all actions of π it is ∇ Σ π(a) r(a), by autograd through the exact expectation."""
    logits, r = torch.tensor([[0.3, -0.2, 0.9]], requires_grad=True), torch.tensor([1.0, -2.0, 0.5])
    pi = logits.softmax(-1)
    exact = torch.autograd.grad((pi * r).sum(), logits)[0]
    found = torch.zeros_like(exact)
    for a in range(3):
        loss = actor_loss(logits.log_softmax(-1), torch.tensor([a]), r[a : a + 1])
        found -= pi[0, a].detach() * torch.autograd.grad(loss, logits)[0]
    torch.testing.assert_close(found, exact)


def test_entropy_is_that_of_the_distribution() -> None:
    log_pi = torch.randn(7, 3, generator=torch.Generator().manual_seed(0)).log_softmax(-1)
    torch.testing.assert_close(entropy(log_pi), torch.distributions.Categorical(logits=log_pi).entropy().mean())


def test_sampled_actions_follow_the_policy_and_top_1_is_the_most_probable() -> None:
    log_pi, rng = torch.tensor([0.1, 0.6, 0.3]).log().expand(30_000, 3), torch.Generator().manual_seed(0)
    shares = torch.bincount(act(log_pi, True, rng)) / 30_000
    torch.testing.assert_close(shares, torch.tensor([0.1, 0.6, 0.3]), atol=0.01, rtol=0)
    assert (act(log_pi, False, rng) == 1).all()


@pytest.mark.parametrize(("gamma", "lam"), [(0.99, 0.95), (0.9, 0.0), (0.8, 1.0)])
@pytest.mark.filterwarnings("ignore")
def test_gae_equals_stable_baselines3(gamma: float, lam: float) -> None:
    from stable_baselines3.common.buffers import RolloutBuffer

    steps, envs, rng = 11, 3, np.random.default_rng(0)
    space = gymnasium.spaces.Box(-1, 1, (2,))
    buffer = RolloutBuffer(steps, space, gymnasium.spaces.Discrete(2), "cpu", lam, gamma, envs)
    reward, value = (rng.standard_normal((steps, envs)).astype(np.float32) for _ in range(2))
    last, done = rng.standard_normal(envs).astype(np.float32), rng.random((steps, envs)) < 0.25
    starts = np.concatenate([np.zeros((1, envs)), done[:-1]])  # as the buffer has it: is this the first step?
    for t in range(steps):
        buffer.add(
            np.zeros((envs, 2)), np.zeros((envs, 1)), reward[t], starts[t], torch.tensor(value[t]), torch.zeros(envs)
        )
    buffer.compute_returns_and_advantage(torch.tensor(last), done[-1])

    next_value = torch.tensor(np.concatenate([value[1:], last[None]]))
    over = torch.tensor(done)
    td_error = td_target(torch.tensor(reward), next_value, over, gamma) - torch.tensor(value)
    found = generalised_advantage(td_error, over, gamma, lam)
    np.testing.assert_allclose(found.numpy(), buffer.advantages, atol=1e-5)


def test_lambda_1_is_the_discounted_return_minus_v() -> None:
    generator = torch.Generator().manual_seed(0)
    reward, value = (torch.randn(7, 3, generator=generator) for _ in range(2))
    over = torch.zeros(7, 3, dtype=torch.bool)
    over[-1] = True
    td_error = td_target(reward, torch.cat([value[1:], torch.zeros(1, 3)]), over, 0.93) - value
    expected = discounted_return(reward, 0.93) - value
    torch.testing.assert_close(generalised_advantage(td_error, over, 0.93, 1.0), expected)
    torch.testing.assert_close(generalised_advantage(td_error, over, 0.93, 0.0), td_error)


def test_discounted_return_is_the_sum_it_says() -> None:
    reward = torch.randn(5, 3, generator=torch.Generator().manual_seed(0))
    by_hand = [[sum(0.9 ** (k - t) * reward[k, e] for k in range(t, 5)) for e in range(3)] for t in range(5)]
    torch.testing.assert_close(discounted_return(reward, 0.9), torch.tensor(by_hand))
    whole = discounted_return(reward, 0.9, to_go=False)
    torch.testing.assert_close(whole, torch.tensor(by_hand)[:1].expand(5, 3))


def test_truncation_bootstraps_and_termination_does_not() -> None:
    r, next_v = torch.tensor([1.0, 1.0]), torch.tensor([7.0, 7.0])
    target = td_target(r, next_v, torch.tensor([True, False]), 0.5)
    assert target.tolist() == [1.0, 4.5]
    assert td_target(r, next_v, torch.tensor([True, False]), 0.5, terminal_mask=False).tolist() == [4.5, 4.5]


def trained(steps: int, **knobs: Any) -> dict[str, float]:
    experiment = ActorCriticExperiment(ActorCriticConfig(**knobs))
    latest: dict[str, float] = {}
    for _ in range(steps):
        latest |= experiment.step()
    return latest


@pytest.mark.slow
def test_the_default_learns_to_balance() -> None:
    assert trained(700)["return/mean20"] > 300


@pytest.mark.slow
def test_top_1_stays_down() -> None:
    latest = trained(500, rule="td", action="top-1", entropy=0.0, normalise=False)
    assert latest["return/mean20"] < 50


@pytest.mark.slow
def test_unmasked_and_undetached_v_passes_its_maximum() -> None:
    latest = trained(500, rule="td", terminal_mask=False, detach=False, normalise=False)
    assert latest["value/mean"] > 105 > 1 / (1 - 0.99) and latest["return/mean20"] < 60


@pytest.mark.slow
def test_undetached_v_settles_at_the_closed_form() -> None:
    latest = trained(2000, rule="td", detach=False, normalise=False, gamma=0.0, entropy=0.1)
    assert latest["value/mean"] == pytest.approx(1 + math.log(2) / 2, abs=0.01)
