"""The browser's environments against Gymnasium, its nets against PyTorch; its modules run in Node.js."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
import pytest
import torch

from models.actor_critic import ActorCritic, generalised_advantage, td_target
from playground.concepts.actor_critic.environments import ENVS
from playground.concepts.actor_critic.policies import weights

STATIC = Path(__file__).resolve().parents[2] / "playground" / "concepts" / "actor_critic" / "static"


def evaluate(module: str, expression: str, given: Any) -> Any:
    """What a JavaScript expression of the module `m` and the value `given` comes to."""
    node = shutil.which("node")
    assert node, "tests/run installs a Node.js where there is none"
    script = (
        f'import * as m from "{(STATIC / module).as_uri()}"; import {{ readFileSync }} from "node:fs";'
        f"const given = JSON.parse(readFileSync(0)); console.log(JSON.stringify({expression}));"
    )
    run = subprocess.run(
        [node, "--input-type=module", "-e", script], input=json.dumps(given), capture_output=True, text=True, check=True
    )  # fmt: skip
    return json.loads(run.stdout)


WALK = """given.map(({ name, start, actions }) => {
  let state = start;
  return actions.map((action) => {
    const next = m.environments[name].step(state, action);
    state = next.state;
    return { ...next, observation: m.environments[name].observe(state) };
  });
})"""


@pytest.mark.parametrize("name", ENVS)
def test_the_environments_move_as_gymnasiums(name: str) -> None:
    env, rng = gymnasium.make(name), np.random.default_rng(0)
    walks, expected = [], []
    for seed in range(3):
        env.reset(seed=seed)
        start, steps = np.array(env.unwrapped.state, dtype=float).tolist(), []
        for action in rng.integers(0, env.action_space.n, 120).tolist():
            observation, reward, terminated, _, _ = env.step(action)
            steps.append((action, np.array(env.unwrapped.state, dtype=float), observation, reward, terminated))
            if terminated:
                break
        walks.append({"name": name, "start": start, "actions": [step[0] for step in steps]})
        expected.append(steps)
    env.close()
    for found, steps in zip(evaluate("environments.js", WALK, walks), expected, strict=True):
        for one, (_, state, observation, reward, terminated) in zip(found, steps, strict=True):
            np.testing.assert_allclose(one["state"], state, rtol=1e-6, atol=1e-7)
            np.testing.assert_allclose(one["observation"], observation, rtol=1e-5, atol=1e-6)
            assert (one["reward"], one["terminated"]) == (reward, terminated)


def test_an_environment_ends_where_gymnasiums_does() -> None:
    fell = [[2.41, 0, 0, 0], [-2.41, 0, 0, 0], [0, 0, 0.2096, 0], [0, 0, -0.2096, 0]]
    stands = [[2.39, 0, 0, 0], [0, 0, 0.209, 0]]
    found = evaluate(
        "environments.js", 'given.map((s) => m.environments["CartPole-v1"].step(s, 1).terminated)', fell + stands
    )
    assert found == [True] * 4 + [False] * 2


def test_the_nets_are_pytorchs() -> None:
    torch.manual_seed(0)
    model, inputs = ActorCritic(6, 3), torch.randn(5, 6)
    for net in (model.actor, model.critic):
        found = evaluate("network.js", "given.inputs.map(m.network(given.layers))",
                         {"layers": weights(net), "inputs": inputs.tolist()})  # fmt: skip
        np.testing.assert_allclose(found, net(inputs).detach().numpy(), atol=1e-5)


def test_softmax_is_pytorchs() -> None:
    logits = torch.randn(5, 3, generator=torch.Generator().manual_seed(0)) * 10
    found = evaluate("network.js", "given.map(m.softmax)", logits.tolist())
    np.testing.assert_allclose(found, logits.softmax(-1).numpy(), atol=1e-6)


@pytest.mark.parametrize(("gamma", "lam", "mask"), [(0.9, 0.95, True), (0.99, 0.0, True), (0.8, 1.0, False)])
def test_the_advantages_under_the_agent_are_those_it_learns_from(gamma: float, lam: float, mask: bool) -> None:
    generator = torch.Generator().manual_seed(0)
    value, reward = torch.randn(8, generator=generator), torch.randn(7, generator=generator)
    terminated = torch.tensor([False] * 6 + [True])
    steps = [{"value": v, "reward": r, "terminated": t}
             for v, r, t in zip(value.tolist(), reward.tolist(), terminated.tolist(), strict=False)]  # fmt: skip
    found = evaluate("advantage.js", "m.advantages(given.steps, given.next, given.gamma, given.lam, given.mask)",
                     {"steps": steps, "next": value[-1].item(), "gamma": gamma, "lam": lam, "mask": mask})  # fmt: skip
    td_error = td_target(reward, value[1:], terminated, gamma, mask) - value[:-1]
    expected = generalised_advantage(td_error[:, None], terminated[:, None], gamma, lam)[:, 0]
    np.testing.assert_allclose(found, expected.numpy(), rtol=1e-5, atol=1e-6)
