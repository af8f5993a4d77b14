"""What is computed once a step is computed once a step."""

from __future__ import annotations

import torch

from playground.training.once import forget, once_per_step


class Counting:
    def __init__(self) -> None:
        self.steps_taken = 0
        self.calls: list[object] = []

    @once_per_step
    def doubled(self, x: float) -> float:
        self.calls.append(x)
        return 2 * x

    @once_per_step
    def other(self, x: float, *, sign: int = 1) -> float:
        self.calls.append((x, sign))
        return sign * x

    @once_per_step
    @torch.no_grad()
    def nothing(self) -> None:
        self.calls.append(None)


@once_per_step
def tripled(experiment: Counting, x: float) -> float:
    """Its name is the key, as that of a method."""
    experiment.calls.append(("tripled", x))
    return 3 * x


def test_a_result_is_kept_until_the_next_step() -> None:
    run = Counting()
    assert [run.doubled(3), run.doubled(3)] == [6, 6] and run.calls == [3]
    run.steps_taken = 1
    assert run.doubled(3) == 6 and run.calls == [3, 3]


def test_each_argument_and_each_method_has_a_result_of_its_own() -> None:
    run = Counting()
    found = [run.doubled(3), run.doubled(5), run.other(3), run.other(3, sign=-1), tripled(run, 3)]
    assert found == [6, 10, 3, -3, 9]
    assert [run.doubled(3), run.doubled(5), run.other(3), run.other(3, sign=-1), tripled(run, 3)] == found
    assert len(run.calls) == 5


def test_a_result_of_none_is_kept_too() -> None:
    run = Counting()
    run.nothing(), run.nothing()
    assert run.calls == [None]


def test_two_experiments_do_not_share_what_they_know() -> None:
    one, other = Counting(), Counting()
    one.doubled(3), other.doubled(3)
    assert one.calls == other.calls == [3]


def test_a_loaded_state_of_the_same_step_is_computed_anew() -> None:
    run = Counting()
    run.doubled(3), run.other(4)
    forget(run)
    run.doubled(3), run.other(4)
    assert run.calls == [3, (4, 1)] * 2
    forget(Counting())  # which knows nothing yet


def test_going_back_to_an_earlier_step_is_computed_anew() -> None:
    run = Counting()
    run.doubled(3)
    run.steps_taken = 5
    run.doubled(3)
    run.steps_taken = 0
    run.doubled(3)
    assert run.calls == [3, 3, 3]
