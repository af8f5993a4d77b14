"""No build and no step of an allowed config holds a worker for long, at the corners of the costly knobs together."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from itertools import product
from typing import Any, get_args, get_origin

import jaxtyping
import pytest
import torch
from pydantic import ValidationError

from playground.concept import Concept
from playground.concepts import CONCEPTS
from playground.knobs import Config, Knob, title, values_up_to
from playground.ui.fields import bounds
from playground.wording import sentence

SECONDS = 0.5
"""CPU time of a build or a step, at most."""
STEPS = 3
"""The first one measures everything."""
TRIES = 3
"""The best of them counts: beside other processes a step takes longer."""

each = pytest.mark.parametrize("concept", CONCEPTS, ids=lambda c: c.slug)


def choices(model: type[Config]) -> dict[str, tuple[Any, ...]]:
    """The costly knobs, each with the values between which its cost is the highest and the lowest."""
    found: dict[str, tuple[Any, ...]] = {}
    for name, field in model.model_fields.items():
        costly = Knob.of(field).costly
        if isinstance(costly, tuple):
            found[name] = costly
        elif costly and get_origin(field.annotation) is not None:
            found[name] = get_args(field.annotation)
        elif costly:
            found[name] = (False, True) if field.annotation is bool else bounds(field)
    return found


def corners(concept: Concept) -> Iterator[dict[str, Any]]:
    """The product of the costly knobs' corners, without what a field of its own refuses."""
    costly = choices(concept.config)
    for values in product(*costly.values()):
        given = dict(zip(costly, values, strict=True))
        try:
            concept.config.nearest(given)
        except ValidationError:
            continue
        yield given


def largest(concept: Concept) -> list[Config]:
    """The allowed configs nearest to the corners, but for those that cost less than another one in every knob.

    Two configs that differ in whole numbers only can be compared: the larger numbers cost more.
    """
    found = {concept.config.nearest(given)[0] for given in corners(concept)}
    numbers = [name for name, values in choices(concept.config).items() if type(values[0]) is int]

    def is_below(config: Config, other: Config) -> bool:
        rest = config.model_copy(update={name: getattr(other, name) for name in numbers})
        return rest == other and all(getattr(config, name) <= getattr(other, name) for name in numbers)

    return [config for config in found if not any(config != other and is_below(config, other) for other in found)]


def cpu_seconds(act: Callable[[], Any]) -> tuple[float, Any]:
    began = time.thread_time()
    made = act()
    return time.thread_time() - began, made


def costs(concept: Concept, config: Config) -> list[float]:
    """CPU seconds of a build and of its first steps."""
    torch.manual_seed(config.seed)
    build, experiment = cpu_seconds(lambda: concept.build(config))
    return [build, *(cpu_seconds(experiment.step)[0] for _ in range(STEPS))]


@pytest.fixture
def as_in_a_worker() -> Iterator[None]:
    """One numeric thread, and no shapes checked on each call of a model as elsewhere in tests."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    jaxtyping.config.update("jaxtyping_disable", True)
    yield
    jaxtyping.config.update("jaxtyping_disable", False)
    torch.set_num_threads(threads)


@pytest.mark.slow
@pytest.mark.alone
@each
def test_no_build_and_no_step_of_an_allowed_config_takes_long(concept: Concept, as_in_a_worker: None) -> None:
    costs(concept, concept.config())  # loads the data and what torch loads on its first step
    slow = {}
    for config in largest(concept):
        best = costs(concept, config)
        for _ in range(TRIES - 1):
            if max(best) > SECONDS:
                best = [min(pair) for pair in zip(best, costs(concept, config), strict=True)]
        if max(best) > SECONDS:
            slow[str(config.model_dump(exclude_defaults=True))] = [round(seconds, 2) for seconds in best]
    assert not slow


@each
def test_the_nearest_config_is_allowed_and_raises_nothing(concept: Concept) -> None:
    numbers = [name for name, values in choices(concept.config).items() if type(values[0]) is int]
    for given in corners(concept):
        config, sentences = concept.config.nearest(given)
        assert concept.config(**config.model_dump()) == config
        assert concept.config.nearest(config.model_dump()) == (config, [])
        lowered = {name for name in given if getattr(config, name) != given[name]}
        assert lowered <= set(numbers) and all(getattr(config, name) < given[name] for name in lowered)
        assert bool(lowered) == bool(sentences)
        for name in lowered:
            field = title(concept.config, name)
            assert any(s.startswith(f"{field}: ") and " was lowered to " in s for s in sentences)


@each
def test_a_refusal_names_the_knobs_by_their_titles_and_what_to_do(concept: Concept) -> None:
    for given in corners(concept):
        try:
            concept.config(**given)
        except ValidationError as error:
            said = sentence(error, concept.config)
            limit = next(x for x in concept.config.limits if said.startswith(x.name(concept.config) + " is "))
            assert f" it may be at most {limit.most:,}. Lower " in said and said.endswith(".")
            assert all(title(concept.config, name) in said for name in limit.lower)


def test_the_advice_of_a_refusal_is_allowed() -> None:
    gan = next(c for c in CONCEPTS if c.slug == "gan").config
    with pytest.raises(ValidationError) as refused:
        gan(data="digits", batch=128, d_steps=10)  # type: ignore[call-arg]
    assert sentence(refused.value, gan) == (
        "Batch size × D steps a step is 1,280; for digits it may be at most 256. "
        "Lower D steps a step to 2 or Batch size to 16."
    )
    assert gan.nearest({"data": "digits", "batch": "128", "d_steps": "10"}) == (
        gan(data="digits", batch=128, d_steps=2),  # type: ignore[call-arg]
        ["D steps a step: 10 was lowered to 2, because Batch size × D steps a step may be at most 256 for digits."],
    )
    gan(data="digits", batch=16, d_steps=10)  # type: ignore[call-arg]
    assert list(values_up_to(gan(), "batch"))[:2] == [16, 32]


@each
def test_default_and_presets_are_within_the_limits(concept: Concept) -> None:
    for preset in concept.presets:
        given = concept.config.with_followers(preset.config)
        assert concept.config.nearest(given) == (concept.preset_config(preset), [])


def test_a_live_knob_reaches_a_run_as_far_as_its_other_knobs_allow() -> None:
    gan = next(c for c in CONCEPTS if c.slug == "gan").config
    running, knobs = ({"data": "digits", "batch": 128}, {"data": "digits", "batch": 16, "d_steps": 10, "lr_g": 0.01})
    found = gan.model_validate(running).with_live(gan.model_validate(knobs))
    assert found == gan.model_validate({**running, "d_steps": 2, "lr_g": 0.01})
