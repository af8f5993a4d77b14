"""The page inside a frame of another site, as Spaces show it, with storage blocked."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Frame, expect

from tests.browser.conftest import FLAGS
from tests.browser.tab import Tab
from tests.serving import SHOTS, Server

SANDBOX = (
    "allow-downloads allow-forms allow-modals allow-pointer-lock allow-popups allow-popups-to-escape-sandbox "
    "allow-same-origin allow-scripts allow-storage-access-by-user-activation"
)
"""As Hugging Face sets it."""
TAB = Tab("autoencoder", ("latents",))
STORAGE = "try { sessionStorage.setItem('a', 'b'); 'open' } catch (error) { error.name }"


@pytest.fixture
def outer(server: Server) -> Iterator[str]:
    """Address of a page on another site that frames the playground."""
    inner = f'<iframe src="{server.url}/?tab=autoencoder" sandbox="{SANDBOX}" width="1400" height="880"></iframe>'
    html = f'<body style="margin: 0">{inner}'

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(html.encode())

        def log_message(self, *_: object) -> None:
            pass

    site = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=site.serve_forever, daemon=True).start()
    yield f"http://localhost:{site.server_port}/"  # another site than 127.0.0.1
    site.shutdown()
    site.server_close()


@pytest.fixture
def cautious(browser: Browser, tmp_path: Path) -> Iterator[BrowserContext]:
    """A browser that blocks third-party cookies, and with them a foreign frame's storage."""
    profile = tmp_path / "Default"
    profile.mkdir()
    settings = {"profile": {"block_third_party_cookies": True, "cookie_controls_mode": 1}}
    (profile / "Preferences").write_text(json.dumps(settings))
    path = getattr(browser, "executable_path", None)
    context = browser.browser_type.launch_persistent_context(
        tmp_path, executable_path=path or "/usr/bin/chromium", args=FLAGS, viewport={"width": 1440, "height": 900}
    )
    yield context
    context.close()


def framed(context: BrowserContext, address: str) -> Frame:
    page = context.new_page()
    page.goto(address)
    frame = page.frames[1]
    frame.wait_for_selector(f'{TAB.status}[data-state="ready"]', timeout=60_000)
    return frame


def test_it_trains_answers_and_changes_tabs_in_a_frame_whose_storage_is_blocked(
    cautious: BrowserContext, outer: str
) -> None:
    errors: list[str] = []
    cautious.on("page", lambda page: page.on("pageerror", lambda error: errors.append(str(error))))
    frame = framed(cautious, outer)
    assert frame.evaluate(STORAGE) == "SecurityError", "else nothing is tested here"
    frame.locator("button.train:visible").click()
    count = "([s, n]) => Number(document.querySelector(s).dataset.step) >= n"
    frame.wait_for_function(count, arg=[TAB.status, 40])
    frame.locator("button.train:visible").click()
    frame.wait_for_selector(f'{TAB.status}[data-state="paused"]')
    frame.locator(TAB.selector("latents") + " .chart").click(position={"x": 260, "y": 240})
    expect(frame.locator(TAB.selector("inset-decode") + " .main-svg").first).to_be_visible()
    frame.page.screenshot(path=SHOTS / "frame-1440-light.png")
    frame.get_by_role("tab", name="Transformer").click()
    frame.wait_for_selector('.status[data-concept="transformer"][data-state="ready"]')
    frame.get_by_role("tab", name="Autoencoder").click()
    frame.locator("button.step-button:visible").click()
    frame.wait_for_function(count, arg=[TAB.status, 41])
    assert not errors, errors
