"""The server's temporary folder: gone on every ending, and a full disk stops no training."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from playground.engine.checkpoints import FolderStore
from playground.engine.run import Run
from playground.engine.scheduler import Scheduler
from playground.engine.server_folder import LOCK, ServerFolder
from tests.serving import ROOT
from tests.simulation import InProcessHost, only_host
from tests.toy import SLOW, TOY, ToyConfig

SCRIPT = """
import sys
from playground.engine.server_folder import ServerFolder
folder = ServerFolder()
print(folder.path, flush=True)
sys.stdin.read()
"""


def started(base: Path) -> tuple[subprocess.Popen[str], Path]:
    """Another server's process, and its folder."""
    env = {**os.environ, "PLAYGROUND_FOLDER": str(base), "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT], env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    return process, Path(process.stdout.readline().strip())


def ended(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.communicate()


def test_the_folders_of_killed_servers_go_at_the_next_start_and_those_of_living_ones_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLAYGROUND_FOLDER", str(tmp_path))
    (tmp_path / "playground-of-another-program").mkdir()
    killed, stale = started(tmp_path)
    living, kept = started(tmp_path)
    try:
        (stale / "run").mkdir()
        (stale / "run" / "5.pt").write_bytes(b"checkpoint")
        ended(killed)
        folder = ServerFolder()
        assert not stale.exists() and kept.exists() and (tmp_path / "playground-of-another-program").exists()
        assert folder.path.exists() and (folder.path / LOCK).exists()
        folder.remove()
        assert not folder.path.exists()
    finally:
        ended(living)


@pytest.mark.slow
@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT])
def test_a_server_that_is_ended_leaves_nothing_behind(tmp_path: Path, sent: signal.Signals) -> None:
    from tests.serving import Server

    server = Server("tests/toy/app.py", PLAYGROUND_FOLDER=str(tmp_path))
    server.wait()
    workers = server.workers()
    assert len(list(tmp_path.iterdir())) == 1
    os.kill(server.process.pid, sent)
    server.process.wait(15)
    deadline = time.monotonic() + 10
    while any(Path(f"/proc/{pid}").exists() for pid in workers) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not list(tmp_path.iterdir())
    assert not any(Path(f"/proc/{pid}").exists() for pid in workers)
    assert "Traceback" not in server.log.read_text()


def no_space(*_: Any) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_a_full_disk_stops_no_training_and_is_told_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = Run.open(SLOW, ToyConfig(steps=100_000), "run", FolderStore(tmp_path))
    monkeypatch.setattr(Path, "write_bytes", no_space)
    notices: list[str] = []
    for _ in range(5):
        run.saved_at = -1e9  # a checkpoint is due
        notices += run.advance(0.02).notices
        run.checkpoint_if_due()
    assert notices == ["disk_full"] and run.step > 0 and not run.error
    assert not list(tmp_path.glob("**/*.unfinished"))
    monkeypatch.undo()
    run.saved_at = -1e9
    run.checkpoint_if_due()
    assert FolderStore(tmp_path).steps("run") == [run.step], "once there is room again there are checkpoints again"


def test_a_full_disk_after_training_is_no_error_of_the_slice(run_on: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    async def job(scheduler: Scheduler) -> None:
        run = await scheduler.open("toy", ToyConfig(), "me")
        host = only_host(scheduler)
        monkeypatch.setattr(Path, "write_bytes", no_space)
        for steps in (1, 2, 3):
            host.runs[run].saved_at = -1e9
            assert (await scheduler.advance(run, max_steps=1)).step == steps
        assert not await scheduler.park(run), "it stays where it is"
        assert (await scheduler.advance(run, max_steps=1)).step == 4

    run_on(job, new_host=InProcessHost)


def test_a_run_that_has_diverged_can_not_be_parked() -> None:
    run = Run(TOY, ToyConfig(rate=1e9))
    run.advance(600)
    assert run.error and not run.checkpoint()
