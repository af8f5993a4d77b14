"""The two settings of the GAN tab: which configs are in which, what each shows, and names that older links have."""

from __future__ import annotations

from typing import get_args

import pytest

from playground.concepts.gan import GAN
from playground.concepts.gan.config import GanConfig
from playground.wording import parse_config

PLANE_VIEWS = {"points", "noise_map", "style", "quality"}
DIGIT_VIEWS = {"samples", "judged", "digit_quality", "digit_style", "interpolation", "neighbours"}


@pytest.mark.parametrize("data", get_args(GanConfig.model_fields["data"].annotation))
def test_each_kind_of_data_is_in_one_setting(data: str) -> None:
    config = GanConfig(data=data)  # type: ignore[arg-type]
    (setting,) = [setting for setting in GAN.settings if setting.applies_to(config)]
    assert setting.name == ("digits" if data == "digits" else "plane")
    assert type(GAN.build(config.model_copy(update={"noise": 3}))).__name__.lower() == f"{setting.name}experiment"


@pytest.mark.parametrize(
    ("config", "views", "probes"),
    [
        (GanConfig(), PLANE_VIEWS - {"style"}, {"cut"}),
        (GanConfig(model="CAN"), PLANE_VIEWS - {"noise_map"}, {"cut"}),
        (GanConfig(data="digits", batch=32), DIGIT_VIEWS - {"digit_style"}, {"nearest", "walk"}),
        (GanConfig(data="digits", batch=32, model="CAN"), DIGIT_VIEWS - {"digit_quality"}, {"nearest", "walk"}),
    ],
)
def test_a_setting_shows_its_own_pictures_and_the_one_that_both_share(
    config: GanConfig, views: set[str], probes: set[str]
) -> None:
    assert {view.name for view in GAN.views_for(config)} == views | {"beliefs"}
    assert {probe.name for probe in GAN.probes_for(config)} == probes
    assert sum(view.place == "hero" for view in GAN.views_for(config)) == 1


def test_the_code_of_a_setting_is_its_own_and_the_losses() -> None:
    plane, digits = GAN.code_for(GanConfig()), GAN.code_for(GanConfig(data="digits", batch=32))
    assert plane[0] == "plane.experiment:PlaneExperiment.step" and "models.gan_networks:Generator" in plane
    assert digits[0] == "digits.experiment:DigitsExperiment.step" and "models.dcgan:DigitGenerator" in digits
    assert not any("dcgan" in reference or "Digits" in reference for reference in plane)
    assert {reference for reference in plane if reference.startswith("models.gan:")} <= set(digits)


def test_an_old_link_that_names_the_loss_with_a_space_leads_to_it() -> None:
    config = parse_config(GanConfig, {"loss": "least squares"})
    assert config.loss == "least-squares" and config.as_link() == {"loss": "least-squares"}
