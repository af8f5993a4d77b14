"""The two models that a CLIP run trains beside each other: one may diverge, the other goes on to the same bits."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from torch import Tensor

from playground.concepts.clip import CHALLENGES
from playground.concepts.clip.config import ClipConfig
from playground.concepts.clip.dance.experiment import Arm, DanceExperiment
from playground.wording import parse_config

POISONED = 4
"""The step on which an arm gets a parameter that is no number."""
STEPS = 8


def made(**config: Any) -> DanceExperiment:
    torch.manual_seed(0)
    return DanceExperiment(ClipConfig(**{"feature_dim": 8, "network": "mlp", **config}))


def weights(arm: Arm) -> list[Tensor]:
    return [p.detach().clone() for p in arm.trained.parameters()]


def same(one: list[Tensor], other: list[Tensor]) -> bool:
    return all(torch.equal(a, b) for a, b in zip(one, other, strict=True))


def poison(arm: Arm, step: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A parameter of the arm becomes no number at the end of a step."""
    update, calls = arm.optimiser.step, iter(range(1, 1000))

    def poisoned(*args: Any) -> None:
        update(*args)
        if next(calls) == step:
            with torch.no_grad():
                arm.model.motion_project.bias[0] = math.nan

    monkeypatch.setattr(arm.optimiser, "step", poisoned)


@pytest.mark.parametrize(("sick", "healthy"), [("main", "notes"), ("notes", "main")])
def test_an_arm_that_diverges_is_frozen_and_the_other_goes_on(
    sick: str, healthy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    undisturbed, experiment = made(), made()
    torch.manual_seed(1)
    expected = [undisturbed.step() for _ in range(STEPS)]
    poison(experiment.arms[sick], POISONED, monkeypatch)
    torch.manual_seed(1)
    for step in range(1, STEPS + 1):
        before = weights(experiment.arms[sick])
        found = experiment.step()
        assert {k: v for k, v in expected[step - 1].items() if k.startswith(healthy)}.items() <= found.items()
        assert (f"{sick}/train/loss" in found) == (step < POISONED)
        if step >= POISONED:
            assert same(weights(experiment.arms[sick]), before), "as it was before the step"
    assert experiment.arms.diverged_at == {sick: POISONED}
    assert same(weights(experiment.arms[healthy]), weights(undisturbed.arms[healthy]))
    other = made()
    other.load_state_dict(experiment.state_dict())
    assert other.arms.diverged_at == {sick: POISONED}


def test_the_run_ends_when_no_arm_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    experiment = made()
    for name, step in (("main", 2), ("notes", 3)):
        poison(experiment.arms[name], step, monkeypatch)
    rows = [experiment.step() for _ in range(3)]
    assert all(map(math.isfinite, (rows[0] | rows[1]).values())) and not any(map(math.isfinite, rows[2].values()))
    assert experiment.arms.diverged_at == {"main": 2, "notes": 3} and not experiment.arms.can_train


def test_metrics_have_a_prefix_where_two_models_are_trained_and_none_where_one_is() -> None:
    both, alone = made().step(), made(with_frame_objective=False).step()
    assert {name.split("/")[0] for name in both} == {"main", "notes"}
    assert {f"main/{name}" for name in alone} == {name for name in both if name.startswith("main/")}


def test_a_live_knob_reaches_both_arms() -> None:
    experiment, slow = made(lr=0.01), made(lr=0.5)
    slow.update_live(ClipConfig(feature_dim=8, network="mlp", lr=0.01))
    for one in (experiment, slow):
        torch.manual_seed(1)
        one.step()
    for name in ("main", "notes"):
        assert same(weights(experiment.arms[name]), weights(slow.arms[name]))


@pytest.mark.parametrize("prefix", ["", "main/"])
def test_challenges_count_for_the_knobs_model_alone_or_beside_the_notes(prefix: str) -> None:
    solved = {c.name: c.solved for c in CHALLENGES}
    assert solved["nine-clips"]({f"{prefix}heldout/clip_recall_at_1": 0.9})
    assert solved["nine-moments"]({f"{prefix}heldout/frame_recall_at_1": 0.9})
    assert solved["loss-floor"]({f"{prefix}train/loss": 2.54})
    assert not solved["nine-moments"]({"notes/heldout/frame_recall_at_1": 1.0})


def test_links_of_before_give_the_config_that_they_gave() -> None:
    link = {"beside": "false", "contrast": "frames", "scale": "linear"}
    assert parse_config(ClipConfig, link) == ClipConfig(with_frame_objective=False, contrast="frames", scale="linear")
