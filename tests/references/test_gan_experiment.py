"""What a GAN's run in the plane measures, on hand-set points; drawn data, CAN's styles, resuming, learning."""

from __future__ import annotations

import copy
import math
from typing import Any

import numpy as np
import pytest
import torch
from pydantic import ValidationError
from torch import Tensor, nn

from playground.concepts.gan import GAN
from playground.concepts.gan.config import GanConfig
from playground.concepts.gan.plane.experiment import MEASURE_EVERY, PlaneExperiment
from playground.data.drawn import DIGITS
from playground.engine.run import Run

PLAYERS = ("generator", "discriminator")


def run(seed: int = 0, **config: Any) -> PlaneExperiment:
    torch.manual_seed(seed)
    return PlaneExperiment(GanConfig(**{"width": 16, "batch": 48, **config}))


class Makes(nn.Module):
    """A generator of given points, whatever the noise."""

    def __init__(self, *told: tuple[int, tuple[float, float]]) -> None:
        super().__init__()
        self.points = torch.tensor([point for count, point in told for _ in range(count)])

    def forward(self, z: Tensor) -> Tensor:
        assert len(z) == len(self.points) == 1000
        return self.points


def at(mode: int, aside: float = 0.0) -> tuple[float, float]:
    """A place at one of the ring's centres, or aside of it."""
    return 2 * math.cos(mode * math.pi / 4) + aside, 2 * math.sin(mode * math.pi / 4)


def test_points_are_measured_by_the_ring_they_should_have_come_from() -> None:
    """A fair share is 125 of 1000; a fifth of it, 25, covers a mode. 3 σ are 0.36."""
    experiment = run()
    experiment.average = Makes((500, at(0)), (25, at(1, 0.35)), (24, at(2)), (40, at(3, 0.42)), (411, (0.0, 0.0)))  # type: ignore[assignment]
    found = experiment.measured()
    assert found["modes_covered"] == 2 and found["largest_mode_share"] == 0.5
    assert found["high_quality"] == pytest.approx(0.549)
    assert found["style_entropy"] == pytest.approx(0.411 * math.log(8), abs=1e-6)
    assert found["in_distribution"] == pytest.approx(0.549)  # within σ √(2 ln 100) = 0.364, roughly
    assert found["has_collapsed"] == 0


def test_a_collapse_is_remembered() -> None:
    experiment = run()
    rest = [(count, at(mode)) for mode, count in ((1, 29), *((m, 29) for m in range(2, 8)))]  # 203
    experiment.average = Makes((797, at(0)), *rest)  # type: ignore[assignment]
    assert experiment.measured()["has_collapsed"] == 0
    experiment.average = Makes((800, at(3)), (200, (0.0, 0.0)))  # type: ignore[assignment]
    assert experiment.measured()["has_collapsed"] == 1
    experiment.average = Makes(*((125, at(mode)) for mode in range(8)))  # type: ignore[assignment]
    found = experiment.measured()
    assert (found["has_collapsed"], found["modes_covered"], found["largest_mode_share"]) == (1, 8, 0.125)


def test_curves_are_measured_by_their_points() -> None:
    experiment = run(data="spiral")
    real = experiment.real.points[:2000].numpy()
    spot = tuple(real[11].tolist())
    experiment.average = Makes((600, spot), (400, (9.0, 9.0)))  # type: ignore[assignment]
    found = experiment.measured()
    reached = (np.hypot(*(real - real[11]).T) <= 0.1).mean()
    assert found == {"high_quality": pytest.approx(0.6), "coverage": pytest.approx(reached)}
    experiment.average = Makes((999, spot), (1, (math.nan, 0.0)))  # type: ignore[assignment]
    assert math.isnan(experiment.measured()["high_quality"])


def test_it_is_measured_now_and_then_from_the_same_noise() -> None:
    experiment = run()
    noise = experiment.fixed_noise.clone()
    measured = [i for i in range(1, 2 * MEASURE_EVERY + 1) if "modes_covered" in experiment.step()]
    assert measured == [1, MEASURE_EVERY, 2 * MEASURE_EVERY] and torch.equal(experiment.fixed_noise, noise)


SPOT = "f" + "0" * 143  # the four cells at the left of the top row


def test_a_drawing_is_the_real_data_from_the_next_step_on() -> None:
    experiment = run(data="drawn")
    assert experiment.real.points.abs().max() < 2.8  # the heart leaves a margin
    experiment.update_live(experiment.config.model_copy(update={"drawing": SPOT}))
    points = experiment.real.points.numpy()
    assert points[:, 1].min() >= 2.75 and points[:, 1].max() <= 3.0
    assert points[:, 0].min() >= -3.0 and points[:, 0].max() <= -2.0 and points[:, 0].std() > 0.25
    assert torch.equal(experiment.real.points, run(seed=5, data="drawn", drawing=SPOT).real.points), "by the seed"
    assert not torch.equal(experiment.real.points, PlaneExperiment(GanConfig(
        data="drawn", drawing=SPOT, seed=3)).real.points)  # fmt: skip
    ring = run()
    for unaffected, change in ((experiment, {"lr_g": 0.01}), (ring, {"drawing": SPOT})):
        kept = unaffected.real
        unaffected.update_live(unaffected.config.model_copy(update=change))
        assert unaffected.real is kept


@pytest.mark.parametrize("data", ["spiral", "moons", "drawn"])
def test_a_can_of_data_without_styles_is_refused(data: str) -> None:
    with pytest.raises(ValidationError, match=f"real data '{data}' has no styles to name; ring, grid, styles, digits"):
        GanConfig(model="CAN", data=data)  # type: ignore[arg-type]


CENTRES = {
    "ring": np.array([at(mode) for mode in range(8)]),
    "grid": np.array([(x, y) for y in range(-2, 3) for x in range(-2, 3)]),
    "styles": 1.5 / 2**0.5 * np.array([(1, 1), (-1, 1), (-1, -1), (1, -1)]),
}


@pytest.mark.parametrize(("data", "K"), [("ring", 8), ("grid", 25), ("styles", 4)])
def test_a_can_names_every_style_by_the_gaussian_it_comes_from(data: str, K: int) -> None:
    experiment = run(model="CAN", data=data)
    assert experiment.discriminator.logit_and_style(torch.zeros(3, 2))[1].shape == (3, K)
    points, style = experiment.real.points.numpy(), experiment.real.style.numpy()
    nearest = np.hypot(*(points[:, None] - CENTRES[data][None]).transpose(2, 0, 1)).argmin(1)
    assert (nearest == style).mean() > 0.99
    with pytest.raises(AssertionError):
        run(data=data).discriminator.logit_and_style(torch.zeros(3, 2))


@pytest.mark.parametrize("config", [{}, {"model": "CAN", "spectral_norm": True}, {"data": "drawn", "loss": "WGAN-GP"}])
def test_a_resumed_run_goes_on_as_if_it_had_not_stopped(config: dict[str, Any]) -> None:
    experiment = run(**config)
    for _ in range(MEASURE_EVERY - 2):
        experiment.step()
    experiment.has_collapsed = True
    state, random = copy.deepcopy(experiment.state_dict()), torch.get_rng_state()
    expected = [experiment.step() for _ in range(4)]
    assert "high_quality" in expected[1]

    resumed = run(seed=7, **config)
    resumed.load_state_dict(state)
    assert all(torch.equal(resumed.before["generator"][n], v) for n, v in state["before"]["generator"].items())
    torch.set_rng_state(random)
    assert [resumed.step() for _ in range(4)] == expected
    for who in (*PLAYERS, "average"):
        ours, theirs = getattr(resumed, who).state_dict(), getattr(experiment, who).state_dict()
        assert all(torch.equal(value, theirs[name]) for name, value in ours.items())


def test_the_default_covers_the_ring() -> None:
    torch.manual_seed(0)
    experiment = PlaneExperiment(GanConfig())
    assert experiment.measured()["modes_covered"] <= 1
    for _ in range(700):
        metrics = experiment.step()
    assert metrics["modes_covered"] == 8 and metrics["high_quality"] >= 0.6


def test_a_drawing_that_is_changed_at_rest_is_judged_at_once_and_changes_nothing_else() -> None:
    heart = Run(GAN, GanConfig(data="drawn"))
    heart.advance(600, max_steps=50)
    before, history = heart.experiment.state_dict(), copy.deepcopy(heart.history)
    corner = "c" + "0" * (DIGITS - 1)  # two cells, far from where the heart is
    heart.update_live(heart.config.model_copy(update={"drawing": corner}))
    assert heart.latest["high_quality"] < 0.05 < history["high_quality"][1][-1], "no point is near the corner"
    assert heart.latest["coverage"] == 0.0 and heart.history == history
    assert str(heart.experiment.state_dict()) == str(before)
    ring = Run(GAN, GanConfig())
    ring.advance(600, max_steps=2)
    ring.update_live(ring.config.model_copy(update={"lr_g": 1e-4}))
    assert ring.measured == {}, "nothing that is measured has changed"
