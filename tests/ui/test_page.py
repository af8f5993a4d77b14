"""What the server sends for a page: its size, its addresses, links, messages. No browser."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from playground.concepts import CONCEPTS
from playground.engine.scheduler import Scheduler
from playground.session.leases import Leases
from playground.session.store import SessionStore
from playground.ui import served
from playground.ui.about import about_text
from playground.ui.lesson import lesson_text
from playground.ui.message import message
from playground.ui.page import build, follow
from playground.ui.sentences import shared
from tests.benchmarks.eight_tabs import EIGHT
from tests.toy import TOYS, ToyConfig

FIRST_LOAD = 600_000
"""Bytes besides Gradio's own files and plotly.js, before compression."""


@pytest.fixture
def with_store() -> Iterator[Callable[..., Any]]:
    """with_store(job): runs an async job with the sessions of a page over the toys."""
    made: list[Scheduler] = []

    def go(job: Any) -> Any:
        scheduler = Scheduler("tests.toy:TOYS", hosts=1)
        made.append(scheduler)
        return asyncio.run(job(SessionStore(TOYS, scheduler, Leases(scheduler))))

    yield go
    for scheduler in made:
        scheduler.stop()


def test_the_first_load_of_eight_tabs_is_small() -> None:
    concepts = EIGHT

    async def config() -> dict[str, Any]:  # within a loop, or Gradio would make one and leave it open
        return build(concepts, Scheduler("playground.concepts:CONCEPTS")).get_config_file()

    first = max(CONCEPTS, key=lambda c: len(about_text(c)))
    previews = served.ASSETS / "previews"
    carried = {
        "config": len(json.dumps(asyncio.run(config()))),
        "head": len(served.head(concepts).encode()),
        "styles": sum((served.STATIC / "css" / name).stat().st_size for name in served.STYLES),
        "modules": sum(path.stat().st_size for path in (served.STATIC / "js").rglob("*.js")),
        "media of one tab": max(sum(p.stat().st_size for p in (c.folder / "static").glob("*")) for c in CONCEPTS),
        "declaration of one tab": len(about_text(first).encode()),
        "lesson of one tab": max(len(lesson_text(c).encode()) for c in CONCEPTS),
        "ready-made figures of one tab": max(path.stat().st_size for path in previews.glob("*.json")),
    }
    assert sum(carried.values()) <= FIRST_LOAD, carried


def test_all_that_the_page_asks_for_is_served_and_nothing_else() -> None:
    client = TestClient(Starlette(routes=served.routes(CONCEPTS, about_text, lesson_text)))
    for concept in CONCEPTS:
        about = client.get(f"/playground/about/{concept.slug}.json").json()
        for box in [*about["views"], *(probe["box"] for probe in about["probes"])]:
            script = client.get("/" + box["medium"])
            assert script.status_code == 200 and "export" in script.text
            for imported in re.findall(r'from "(.+?)"', script.text):
                assert client.get("/" + box["medium"].rpartition("/")[0] + "/" + imported).status_code == 200
        assert client.get(f"/playground/lesson/{concept.slug}.json").json()["code"]
        assert client.get(f"/playground/assets/previews/{concept.slug}.json").json()["figures"]
    for style in served.STYLES:
        assert client.get(f"/playground/static/css/{style}").status_code == 200
    assert client.get("/playground/plotly.min.js").status_code == 200
    for path in (
        "about/nothing.json",
        "static/../served.py",
        "static/%2e%2e/served.py",
        "concepts/autoencoder/config.py",
    ):
        assert client.get(f"/playground/{path}").status_code == 404, path


def test_the_head_names_no_other_origin_and_survives_any_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "http" not in served.head(CONCEPTS)
    monkeypatch.setitem(shared(), "evil", "</script><script>alert(1)")
    assert "</script><script>" not in served.head(CONCEPTS)


def test_the_pages_own_modules_say_only_what_is_in_the_catalogue() -> None:
    for script in (served.STATIC / "js").rglob("*.js"):
        for key in re.findall(r"\bsay\(\s*\"(\w+)\"", script.read_text(encoding="utf-8")):
            assert key in shared(), f"{script.name} says {key}"


def test_links_set_knobs_and_bad_ones_are_complained_about(with_store: Any) -> None:
    async def job(store: SessionStore) -> None:
        page = store.arrive("s", "")
        assert follow(page, "?tab=toy&rate=0.5&seed=3&__theme=dark") == "toy"
        toy = page.tabs["toy"]
        assert toy.config == ToyConfig(rate=0.5, seed=3) and toy.complaint is None
        assert follow(page, "?tab=toy&rate=-1") == "toy"
        assert "rate: '-1' is refused" in str(toy.complaint)
        follow(page, "?tab=toy&speed_of_learning=0.2")
        assert toy.config.rate == 0.2, "a name from an older link"  # type: ignore[attr-defined]
        follow(page, "?tab=toy&rat=1")
        assert "rat: there is no such setting; did you mean rate" in str(toy.complaint)
        assert follow(page, "?tab=toi") == "toy"
        assert toy.complaint == ("link_tab", {"tab": "toi"})
        assert follow(page, "") == ""

    with_store(job)


def test_a_message_has_what_is_new_and_a_whole_one_everything(with_store: Any) -> None:
    async def job(store: SessionStore) -> None:
        toy = store.arrive("s", "").tabs["toy"]
        toy.visible_views = ("curve", "dial")
        await toy.ensure_run()
        frame = await toy.advance(max_steps=3, draw_all=True)
        first = json.loads(message(toy, frame.figures))
        assert set(first["figures"]) == {"curve", "dial"}
        assert first["figures"]["dial"]["step"] == first["step"] == 3 and first["knobs"] is None
        toy.visible_views = ("curve",)
        frame = await toy.advance(max_steps=2, draw_all=True)
        second = json.loads(message(toy, frame.figures))
        assert set(second["figures"]) == {"curve"} and second["order"] > first["order"]
        whole = json.loads(message(toy, whole=True))
        assert {name: f["step"] for name, f in whole["figures"].items()} == {"curve": 5, "dial": 3}
        assert whole["knobs"] == ToyConfig().model_dump() and whole["notes"][0]["key"] == "new_run"

    with_store(job)
