"""Questions are narrowed to the model at hand, and numbers that stand for pictures come with their sheet."""

from __future__ import annotations

from typing import Any

import pytest

from playground.concepts import CONCEPTS
from playground.data.mnist import SPRITE, sprite_in_use
from playground.engine.scheduler import Scheduler
from playground.session.tab_session import TabSession
from playground.ui.fields import controls
from playground.ui.message import bounds

BY_SLUG = {concept.slug: concept for concept in CONCEPTS}


def tab(slug: str, **knobs: Any) -> TabSession:
    concept = BY_SLUG[slug]
    return TabSession(concept, Scheduler("playground.concepts:CONCEPTS", hosts=1), "me", concept.config(**knobs))


def test_no_head_beyond_those_of_the_model() -> None:
    one = tab("transformer", heads=2, layers=3)
    assert bounds(one)["inside"] == {"layer": (1, 3), "head": (1, 2)}
    one.run.config = one.config.model_copy(update={"heads": 4})  # what is asked is the run, not the knobs
    assert bounds(one)["inside"]["head"] == (1, 4)


def test_no_code_beyond_the_codebook() -> None:
    assert bounds(tab("vqvae", codes=64))["swap"] == {"code": (-1, 63)}


@pytest.mark.parametrize(("slug", "probe", "field"), [
    ("autoencoder", "style", "digit"), ("vqvae", "swap", "digit"), ("clip", "find_captions", "digit"),
])  # fmt: skip
def test_a_heldout_digit_is_chosen_by_its_picture(slug: str, probe: str, field: str) -> None:
    question = next(p.question for p in BY_SLUG[slug].all_probes if p.name == probe)
    control = next(c for c in controls(question) if c["name"] == field)
    assert control["kind"] == "thumbnails" and control["sheet"] == SPRITE and control["high"] == 499
    assert control["words"]["chosen"] == "digit {number}", "the tab's own word, not the page's"


def test_other_data_has_no_sheet(monkeypatch: pytest.MonkeyPatch) -> None:
    assert sprite_in_use() == SPRITE
    monkeypatch.setenv("PLAYGROUND_DATA", "other.npz")
    assert sprite_in_use() is None
