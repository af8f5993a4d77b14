"""`python app.py` in a process of its own, for tests and benchmarks."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SHOTS = ROOT / "screenshots"


def children(pid: int) -> list[int]:
    """Process ids of a process's children (its main thread's)."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return [int(c) for task in tasks for c in (task / "children").read_text().split()]


class Server:
    """`python app.py`, or another script that starts a page, in a process of its own."""

    def __init__(self, script: str = "app.py", **env: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = ROOT / "screenshots" / f"server-{self.port}.log"
        SHOTS.mkdir(exist_ok=True)
        settings = {"GRADIO_SERVER_PORT": str(self.port), "GRADIO_SERVER_NAME": "127.0.0.1", **env}
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, script],
                cwd=ROOT,
                env={**os.environ, "PYTHONPATH": str(ROOT), **settings},
                stdout=log,
                stderr=log,
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
