"""Arms in lock-step: names of their metrics, one that diverges alone, and what a saved state brings back."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import nn

from playground.training.arms import Arms, LastState


class Line:
    """Fits y = w x + b to y = 3 x by gradient descent; a buffer counts the steps."""

    def __init__(self, lr: float) -> None:
        self.trained = nn.Linear(1, 1).double()
        self.trained.register_buffer("steps", torch.zeros((), dtype=torch.long))
        nn.init.zeros_(self.trained.weight)
        nn.init.zeros_(self.trained.bias)
        self.optimiser = torch.optim.Adam(self.trained.parameters(), lr)

    def step(self, x: torch.Tensor) -> dict[str, float]:
        loss = (self.trained(x) - 3 * x).pow(2).mean()
        self.optimiser.zero_grad()
        loss.backward()
        self.optimiser.step()
        self.trained.steps += 1
        return {"train/loss": loss.item(), "weight": self.trained.weight.item()}

    def state_dict(self) -> dict[str, Any]:
        return {"trained": self.trained.state_dict(), "optimiser": self.optimiser.state_dict()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.trained.load_state_dict(state["trained"])
        self.optimiser.load_state_dict(state["optimiser"])


X = torch.tensor([[-1.0], [0.5], [2.0]], dtype=torch.float64)
Broken = Callable[[Line], None]


def arms(*names: str) -> Arms[Line]:
    return Arms({name: Line(lr) for name, lr in zip(names, (0.1, 0.03, 0.01), strict=False)})


def train(some: Arms[Line], step: int, broken: dict[str, Broken] | None = None) -> dict[str, float]:
    """broken: arm → what breaks it after its step"""
    names = {id(arm): name for name, arm in some.items()}

    def one(arm: Line) -> dict[str, float]:
        found = arm.step(X)
        spoil = (broken or {}).get(names[id(arm)])
        if spoil:
            spoil(arm)
        return found

    return some.step(step, one)


def a_nan_in_the_weights(arm: Line) -> None:
    with torch.no_grad():
        arm.trained.bias.fill_(math.nan)


def an_infinity_in_the_weights(arm: Line) -> None:
    with torch.no_grad():
        arm.trained.weight.fill_(-math.inf)


def test_metrics_have_the_name_of_their_arm_unless_it_is_the_only_one() -> None:
    both = arms("fast", "slow")
    found = train(both, 1)
    assert list(found) == ["fast/train/loss", "fast/weight", "slow/train/loss", "slow/weight"]
    assert found["fast/weight"] == pytest.approx(0.1) and found["slow/weight"] == pytest.approx(0.03)
    assert both.each(lambda arm: {"heldout/loss": arm.trained.weight.item()}) == {
        "fast/heldout/loss": found["fast/weight"],
        "slow/heldout/loss": found["slow/weight"],
    }
    alone = arms("fast")
    assert list(train(alone, 1)) == ["train/loss", "weight"] and list(alone.each(lambda arm: {"a": 1.0})) == ["a"]


def test_arms_are_a_mapping_in_the_order_in_which_they_were_given() -> None:
    three = arms("b", "a", "c")
    assert list(three) == ["b", "a", "c"] and len(three) == 3 and three.first is three["b"]


@pytest.mark.parametrize("spoil", [a_nan_in_the_weights, an_infinity_in_the_weights])
def test_an_arm_that_diverges_is_frozen_as_it_was_and_the_other_goes_on(spoil: Broken) -> None:
    both, undisturbed = arms("fast", "slow"), arms("fast", "slow")
    for step in range(1, 4):
        train(both, step), train(undisturbed, step)
    before = copy.deepcopy(both["fast"].trained.state_dict())
    found = train(both, 4, {"fast": spoil})
    assert both.diverged_at == {"fast": 4}
    assert list(found) == ["slow/train/loss", "slow/weight"], "what a diverged arm measured is not shown"
    for step in range(5, 8):
        found = train(both, step)
    after = both["fast"].trained.state_dict()
    assert all(torch.equal(value, before[name]) for name, value in after.items()), "weights and buffers"
    assert both.diverged_at == {"fast": 4}
    for step in range(4, 8):
        expected = train(undisturbed, step)
    assert found == {name: value for name, value in expected.items() if name.startswith("slow/")}


def test_a_metric_that_is_not_finite_ends_an_arm_too() -> None:
    both = arms("fast", "slow")

    def measured(arm: Line) -> dict[str, float]:
        return arm.step(X) | ({"gradient": math.inf} if arm is both["slow"] else {})

    assert list(both.step(9, measured)) == ["fast/train/loss", "fast/weight"]
    assert both.diverged_at == {"slow": 9} and both["slow"].trained.steps == 0


def test_the_run_ends_with_the_metrics_of_the_last_arm_that_diverges() -> None:
    both = arms("fast", "slow")
    assert train(both, 1, {"slow": a_nan_in_the_weights}) and both.can_train
    last = train(both, 2, {"fast": a_nan_in_the_weights})
    assert both.can_train is False and last == {}, "what was measured of it was still finite"
    assert both.diverged_at == {"slow": 1, "fast": 2}

    alone = arms("fast")
    infinite = alone.step(1, lambda arm: {"train/loss": math.inf, "weight": 2.0})
    assert infinite == {"train/loss": math.inf}, "it is what the run ends with"


def test_a_loaded_state_goes_on_as_if_there_had_been_no_stop() -> None:
    saved = arms("fast", "slow", "slower")
    for step in range(1, 4):
        train(saved, step, {"slow": a_nan_in_the_weights} if step == 2 else None)
    state = copy.deepcopy(saved.state_dict())
    resumed = arms("fast", "slow", "slower")
    resumed.load_state_dict(state)
    assert resumed.diverged_at == {"slow": 2} and resumed.diverged_at is not state["diverged_at"]
    assert [train(resumed, step) for step in (4, 5)] == [train(saved, step) for step in (4, 5)]
    assert resumed["slow"].trained.weight.item() == pytest.approx(0.03), "frozen after one step"


def test_a_module_is_finite_only_if_every_parameter_is() -> None:
    net = nn.Sequential(nn.Linear(3, 5), nn.Linear(5, 2))
    assert LastState(net).is_finite()
    for parameter in net.parameters():
        kept = parameter.detach().clone()
        for value in (math.nan, math.inf):
            parameter.data.view(-1)[-1] = value
            assert not LastState(net).is_finite()
        parameter.data.copy_(kept)
    assert LastState(net).is_finite()
