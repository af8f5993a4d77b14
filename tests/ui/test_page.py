"""What the server sends for a page: its size, its addresses, links, messages. No browser."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from playground.concept import Concept
from playground.concepts import CONCEPTS
from playground.engine.scheduler import Scheduler
from playground.session.leases import Leases
from playground.session.store import SessionStore
from playground.ui.about import about_text
from playground.ui.lesson import lesson_text
from playground.ui.message import message
from playground.ui.page import build
from playground.ui.sentences import shared
from playground.ui.served import LATER, STATIC, Served
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
        return asyncio.run(job(SessionStore(TOYS, scheduler, Leases())))

    yield go
    for scheduler in made:
        scheduler.stop()


def served_for(concepts: tuple[Concept, ...]) -> Served:
    return Served(concepts, about_text, lesson_text)


def test_the_first_load_of_eight_tabs_is_small() -> None:
    async def config() -> dict[str, Any]:  # within a loop, or Gradio would make one and leave it open
        made: dict[str, Any] = build(EIGHT, Scheduler("playground.concepts:CONCEPTS"), Leases()).get_config_file()
        return made

    served = served_for(EIGHT)
    size = {path: len(served.content(path)) for path in served.paths}
    texts = {path: len(make().encode()) for path, make in served.texts.items()}

    def heaviest(prefix: str, of: dict[str, int] = size) -> int:
        """Of one tab: its files are carried when it is opened."""
        slugs = [concept.slug for concept in EIGHT]
        return max(sum(n for path, n in of.items() if re.match(f"{prefix}{slug}[./]", path)) for slug in slugs)

    carried = {
        "config": len(json.dumps(asyncio.run(config()))),
        "head": len(served.head().encode()),
        "styles": sum(n for path, n in size.items() if path.startswith("static/css/")),
        "modules": sum(n for p, n in size.items() if p.startswith("static/js/") and not p.startswith(LATER)),
        "media": heaviest("concepts/"),
        "declaration": heaviest("about/", texts),
        "lesson": heaviest("lesson/", texts),
        "pre-trained figures": max(n for path, n in size.items() if path.startswith("assets/previews/")),
    }
    assert all(carried.values()) and sum(carried.values()) <= FIRST_LOAD, carried


def test_all_that_the_page_asks_for_is_served_and_nothing_else() -> None:
    served = served_for(CONCEPTS)
    client = TestClient(Starlette(routes=served.routes()))

    def fetched(address: str) -> Any:
        reply = client.get("/" + address)
        assert reply.status_code == 200 and "immutable" in reply.headers["cache-control"], address
        return reply

    for concept in CONCEPTS:
        about = fetched(served.address(f"about/{concept.slug}.json")).json()
        for box in [*about["views"], *(probe["box"] for probe in about["probes"])]:
            script = fetched(box["medium"])
            assert "export" in script.text and script.headers["content-type"].startswith("text/javascript")
            for imported in re.findall(r'from ?"(.+?)"', script.text):
                fetched(box["medium"].rpartition("/")[0] + "/" + imported)
        assert fetched(served.address(f"lesson/{concept.slug}.json")).json()["code"]
        assert set(about["pre_trained"]) == {"", *(setting.name for setting in concept.all_settings[1:])}
        for setting, pictures in about["pre_trained"].items():
            file = fetched(served.address(pictures["path"])).json()
            config = concept.pre_trained_config(setting)
            assert concept.config(**file["config"]) == config and pictures["knobs"] == config.model_dump()
            views = {view.name for view in concept.views_for(config)}
            assert file["figures"].keys() <= views, f"{concept.slug}: pictures of another setting than {setting!r}"
    for address in re.findall(r'href="(.+?)"', served.head()):
        fetched(address)
    fetched(served.address("plotly.min.js"))
    for path in ("about/nothing.json", "static/../served.py", "static/%2e%2e/served.py", "assets/mnist_5k.npz"):
        assert client.get("/" + served.address(path)).status_code == 404, path


def test_what_is_served_without_comments_is_still_the_module(tmp_path: Path) -> None:
    served = served_for(CONCEPTS)
    ours = [path for path in served.paths if path.endswith(".js") and "/vendor/" not in path and "plotly" not in path]
    for path in ours:
        module = tmp_path / f"{path.replace('/', '_')}.mjs"
        module.write_bytes(served.content(path))
    for module in tmp_path.glob("*.mjs"):
        said = subprocess.run(["node", "--check", module], capture_output=True, text=True)
        assert said.returncode == 0, said.stderr
    assert b"@param" not in served.content("static/js/tab.js")
    assert b"@param" in served.paths["static/js/tab.js"].read_bytes()


def test_an_update_of_a_file_changes_all_addresses(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    before = served_for(CONCEPTS)
    shutil.copytree(STATIC, tmp_path / "static")
    monkeypatch.setattr("playground.ui.served.STATIC", tmp_path / "static")
    assert served_for(CONCEPTS).root == before.root
    (tmp_path / "static" / "js" / "bus.js").write_text("// changed")
    assert served_for(CONCEPTS).root != before.root


def test_the_head_names_no_other_origin_and_survives_any_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "http" not in served_for(CONCEPTS).head()
    monkeypatch.setitem(shared(), "evil", "</script><script>alert(1)")
    assert "</script><script>" not in served_for(CONCEPTS).head()


def test_the_pages_own_modules_say_only_what_is_in_the_catalogue() -> None:
    for script in (STATIC / "js").rglob("*.js"):
        for key in re.findall(r"\bsay\(\s*\"(\w+)\"", script.read_text(encoding="utf-8")):
            assert key in shared(), f"{script.name} says {key}"


def test_a_message_says_in_which_setting_the_run_is_or_the_knobs_where_there_is_none(with_store: Any) -> None:
    async def job(store: SessionStore) -> None:
        toy = store.arrive("document").tabs["toy"]
        said = lambda: json.loads(message(toy))["setting"]  # noqa: E731
        assert said() == ""
        toy.set_config(ToyConfig(networks="two"))
        assert said() == "two"
        await toy.ensure_run()
        toy.set_config(ToyConfig())
        assert said() == "two", "the run's, until a new one begins"
        await toy.ensure_run()
        assert said() == ""

    with_store(job)


def test_a_message_has_what_is_new_and_a_whole_one_everything(with_store: Any) -> None:
    async def job(store: SessionStore) -> None:
        toy = store.arrive("document").tabs["toy"]
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
        whole = json.loads(message(toy, token="abc"))
        assert {name: f["step"] for name, f in whole["figures"].items()} == {"curve": 5, "dial": 3}
        assert (
            whole["knobs"] == ToyConfig().model_dump()
            and whole["token"] == "abc"
            and whole["notes"][0]["key"] == "new_run"
        )

    with_store(job)
