"""Arms: networks that are trained in lock-step on the same batches, so that their curves can be compared."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Generic, Protocol, TypeVar

import torch
from torch import nn


class Arm(Protocol):
    """One of the networks, with what trains it."""

    @property
    def trained(self) -> nn.Module:
        """The module that holds all of its parameters and buffers."""
        ...

    def state_dict(self) -> dict[str, Any]: ...

    def load_state_dict(self, state: dict[str, Any]) -> Any: ...


A = TypeVar("A", bound=Arm)


class Arms(Mapping[str, A], Generic[A]):
    """Named arms; a metric of one is `ARM/METRIC`, and has no prefix where there is only one arm.

    An arm that diverges is put back to the state that it had before that step and trains no further; the others go on.
    """

    def __init__(self, arms: Mapping[str, A]) -> None:
        self.arms = dict(arms)
        for name, arm in self.arms.items():
            if not isinstance(getattr(arm, "trained", None), nn.Module):
                raise TypeError(f"the arm {name!r} needs `trained`, the module that holds its parameters and buffers")
        self.states = {name: LastState(arm.trained) for name, arm in self.arms.items()}
        self.diverged_at: dict[str, int] = {}
        """Arm → the step on which a metric or a parameter of it was no finite number."""

    def __getitem__(self, name: str) -> A:
        return self.arms[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.arms)

    def __len__(self) -> int:
        return len(self.arms)

    @property
    def first(self) -> A:
        return next(iter(self.arms.values()))

    @property
    def can_train(self) -> bool:
        """Whether an arm is left that has not diverged."""
        return len(self.diverged_at) < len(self.arms)

    def metric(self, arm: str, name: str) -> str:
        """The full name of an arm's metric."""
        return f"{arm}/{name}" if len(self.arms) > 1 else name

    def each(self, measure: Callable[[A], Mapping[str, float]]) -> dict[str, float]:
        """What is measured of each arm, under the full names."""
        return {self.metric(arm, name): value for arm, one in self.arms.items() for name, value in measure(one).items()}

    def step(self, step: int, train: Callable[[A], Mapping[str, float]]) -> dict[str, float]:
        """Trains every arm that has not diverged by one step, and answers what was measured on it.

        step: its number; train: takes one optimiser step with an arm, and must draw the same random numbers whether
        the other arms train or not
        Where the last arm diverges, its metrics that are not finite are answered: the run ends with them.
        """
        found: dict[str, float] = {}
        last: dict[str, float] = {}
        for name, arm in self.arms.items():
            if name in self.diverged_at:
                continue
            state = self.states[name]
            state.take()
            measured = {self.metric(name, key): value for key, value in train(arm).items()}
            if all(map(math.isfinite, measured.values())) and state.is_finite():
                found |= measured
            else:
                state.put_back()
                self.diverged_at[name] = step
                last = {key: value for key, value in measured.items() if not math.isfinite(value)}
        return found if self.can_train else last

    def state_dict(self) -> dict[str, Any]:
        return {
            "arms": {name: arm.state_dict() for name, arm in self.arms.items()},
            "diverged_at": dict(self.diverged_at),
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        for name, arm in self.arms.items():
            arm.load_state_dict(state["arms"][name])
        self.diverged_at = dict(state["diverged_at"])


class LastState:
    """Copies of all parameters and buffers of a module, which are taken and put back in one go: on every step."""

    def __init__(self, module: nn.Module) -> None:
        self.parameters = list(module.parameters())
        self.tensors = [*self.parameters, *module.buffers()]
        self.copies = [torch.empty_like(tensor) for tensor in self.tensors]

    @torch.no_grad()
    def take(self) -> None:
        torch._foreach_copy_(self.copies, self.tensors)

    @torch.no_grad()
    def put_back(self) -> None:
        torch._foreach_copy_(self.tensors, self.copies)

    @torch.no_grad()
    def is_finite(self) -> bool:
        """Whether all parameters of the module are finite: their largest absolute value is not when one is not."""
        norms = torch._foreach_norm(self.parameters, math.inf)
        return math.isfinite(torch.stack(norms).sum().item())
