"""The HTTP server around the page: our own routes, compression, refused uploads, and how much Gradio may hold."""

from __future__ import annotations

import os
import signal
import threading
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from playground.concept import Concept
from playground.engine.scheduler import Scheduler
from playground.session.leases import Leases
from playground.session.store import SessionStore
from playground.ui.about import about_text
from playground.ui.lesson import lesson_text
from playground.ui.page import build
from playground.ui.served import Served
from playground.ui.theme import THEME
from playground.ui.wire import Wire

MAX_STREAMS = 2000
"""Calls of the API that Gradio's queue works on at once (40 by default)."""
COMPRESSION = 3
"""Level of gzip for what is made anew for each answer: a higher one takes longer than it saves."""
MAX_SESSIONS = 300
"""Pages whose state Gradio keeps (10,000 by default)."""


class NoUploads:
    """Refuses Gradio's upload route, which would store whatever anybody sends: nothing here uses it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].rstrip("/").endswith("/upload"):
            refusal = PlainTextResponse("This playground takes no files.", status_code=403)
            await refusal(scope, receive, send)
        else:
            await self.app(scope, receive, send)


class HeadTags:
    """Puts our tags into the page's head on the server. Gradio's own `head` is added by its script, when the page has
    already been loading for a third of a second."""

    def __init__(self, app: ASGIApp, tags: str) -> None:
        self.app, self.tags = app, tags.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "GET":
            await self.app(scope, receive, send)
            return
        start: Message = {}
        body = b""

        async def rewrite(message: Message) -> None:
            nonlocal start, body
            if message["type"] == "http.response.start":
                headers = Headers(scope=message)
                start = message if headers.get("content-type", "").startswith("text/html") else {}
                if not start:
                    await send(message)
            elif not start:
                await send(message)
            else:
                body += message.get("body", b"")
                if not message.get("more_body"):
                    body = body.replace(b"<head>", b"<head>" + self.tags, 1)
                    MutableHeaders(scope=start)["content-length"] = str(len(body))
                    await send(start)
                    await send({"type": "http.response.body", "body": body})

        await self.app(scope, receive, rewrite)


def launch(concepts: tuple[Concept, ...], scheduler: Scheduler, **options: Any) -> None:
    """Starts the server; returns when it ends."""
    leases = Leases()
    wire = Wire(SessionStore(concepts, scheduler, leases))
    served = Served(concepts, about_text, lesson_text)
    app = {
        "routes": [*wire.routes(), *served.routes()],
        "middleware": [
            Middleware(NoUploads),
            Middleware(GZipMiddleware, minimum_size=1000, compresslevel=COMPRESSION),
            Middleware(HeadTags, tags=served.head()),
        ],
    }
    signal.signal(signal.SIGTERM, _end)
    try:
        build(concepts, scheduler, leases).launch(
            theme=THEME, footer_links=["api"], ssr_mode=False, share=False, show_error=False,
            pwa=False, mcp_server=False, enable_monitoring=False, max_threads=MAX_STREAMS,
            state_session_capacity=MAX_SESSIONS, app_kwargs=app, server_name=os.environ.get("GRADIO_SERVER_NAME"),
            prevent_thread_lock=True, **options,
        )  # fmt: skip
        threading.Event().wait()
    except (KeyboardInterrupt, SystemExit):
        pass
    finally:
        scheduler.stop()


def _end(signal_number: int, frame: Any) -> None:
    """As systemd, docker and Spaces end a program: what was started is stopped, and the temporary folder removed."""
    raise SystemExit(0)
