"""Schedules at places where their value is known in closed form; the Transformer's, against the line it had before."""

from __future__ import annotations

import math

import pytest

from playground.training.schedules import cosine, inverse, linear, warm_up_and_cosine, warm_up_then_cosine


def test_a_line_from_1_to_its_end() -> None:
    assert [linear(step, 8, 0.5) for step in (0, 2, 4, 8, 9, 800)] == [1, 0.875, 0.75, 0.5, 0.5, 0.5]
    assert linear(3, 12, 0.0) == 0.75 and linear(5, 12, 1.0) == 1


def test_half_a_cosine_from_1_to_its_end() -> None:
    assert cosine(0, 12, 0.2) == pytest.approx(1) and cosine(12, 12, 0.2) == pytest.approx(0.2)
    assert cosine(6, 12, 0.2) == pytest.approx(0.6), "the middle"
    assert cosine(4, 12, 0.2) == pytest.approx(0.6 + 0.4 * 0.5), "cos 60° = ½"
    assert cosine(900, 12, 0.2) == cosine(12, 12, 0.2)


def test_a_rise_while_it_falls() -> None:
    assert warm_up_and_cosine(0, 5, 12, 0.2) == 0
    assert warm_up_and_cosine(4, 5, 12, 0.2) == pytest.approx(0.8 * 0.8)
    assert warm_up_and_cosine(6, 5, 12, 0.2) == cosine(6, 12, 0.2)


def test_a_rise_and_then_the_cosine_as_far_as_it_is_by_then() -> None:
    assert [warm_up_then_cosine(step, 4, 12, 0.2) for step in (0, 1, 3)] == [0, 0.25, 0.75]
    assert [warm_up_then_cosine(step, 4, 12, 0.2) for step in (4, 6, 13)] == [cosine(s, 12, 0.2) for s in (4, 6, 13)]
    assert warm_up_then_cosine(3, 4, 2, 0.2) == 0.75, "it rises to the end where that is longer"


def test_one_over_the_step() -> None:
    assert [inverse(step, 10) for step in (1, 9, 10, 11, 40)] == [1, 1, 1, 10 / 11, 0.25]


@pytest.mark.parametrize("schedule", [30, 600, 1200, 1999])
def test_the_transformers_rates_are_those_that_it_always_had_to_the_bit(schedule: int) -> None:
    for step in range(1, 2100):
        before = step / 50 if step < 50 else 0.525 + 0.475 * math.cos(math.pi * min(1.0, step / schedule))
        assert warm_up_then_cosine(step, 50, schedule, 0.05) == before, step
