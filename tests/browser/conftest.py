"""A real server and a real Chromium; every page's console errors and foreign requests fail the test that made them."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
SHOTS = ROOT / "screenshots"


def children(pid: int) -> list[int]:
    """Process ids of a process's children (its main thread's)."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return [int(c) for task in tasks for c in (task / "children").read_text().split()]


class Server:
    """`python app.py` in a process of its own."""

    def __init__(self, **env: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = ROOT / "screenshots" / f"server-{self.port}.log"
        SHOTS.mkdir(exist_ok=True)
        settings = {"GRADIO_SERVER_PORT": str(self.port), "GRADIO_SERVER_NAME": "127.0.0.1", **env}
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "app.py"], cwd=ROOT, env={**os.environ, **settings}, stdout=log, stderr=log
            )

    def wait(self, seconds: float = 90) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise RuntimeError(f"the server ended:\n{self.log.read_text()}")
            try:
                urllib.request.urlopen(self.url, timeout=2).close()
                return
            except OSError:
                time.sleep(0.1)
        raise TimeoutError(self.log.read_text())

    def workers(self) -> list[int]:
        """Process ids of the training workers: the leaves of the fork server's tree."""
        return [pid for child in children(self.process.pid) for pid in children(child)]

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    running = Server(PLAYGROUND_GRACE="6")
    running.wait()
    yield running
    running.stop()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
             "--disable-sync", "--no-first-run", "--disable-quic"]  # fmt: skip
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=os.environ.get("CHROMIUM") or None, args=flags)
        yield chromium
        chromium.close()


class Watched:
    """What a page must not do: log an error, or ask another origin."""

    def __init__(self, page: Page, origin: str) -> None:
        self.errors: list[str] = []
        self.foreign: list[str] = []
        page.on("console", lambda m: self.errors.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda e: self.errors.append(str(e)))
        page.on("request", lambda r: self._asked(r.url, origin))

    def _asked(self, url: str, origin: str) -> None:
        if re.match(r"https?:", url) and not url.startswith(origin):
            self.foreign.append(url)


@pytest.fixture
def open_page(server: Server, browser: Browser):
    """Opens a page in a fresh browser context: open_page(query="", width=1440, height=900, dark=False)."""
    made = []

    def make(query: str = "", width: int = 1440, height: int = 900, dark: bool = False) -> Page:
        scheme = "dark" if dark else "light"
        context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
        page = context.new_page()
        watched = Watched(page, server.url)
        made.append((context, watched))
        page.goto(server.url + "/" + query)
        page.wait_for_selector(".live-plot .plot .main-svg", timeout=60_000)
        return page

    yield make
    for context, _ in made:
        context.close()
    for _, watched in made:
        assert not watched.errors, watched.errors
        assert not watched.foreign, watched.foreign
