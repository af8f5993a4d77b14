"""Shapes written in the signatures of `models/` are enforced while tests run; one server for all that need one."""

from collections.abc import Iterator

import pytest
import torch
from jaxtyping import install_import_hook

from tests.serving import Server

install_import_hook("models", "beartype.beartype")
torch.set_num_threads(1)


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    running = Server(PLAYGROUND_GRACE="6")
    running.wait()
    yield running
    running.stop()


@pytest.fixture(scope="session")
def toy_server() -> Iterator[Server]:
    running = Server("tests/toy/app.py", PLAYGROUND_MAX_RUNS="260")
    running.wait()
    yield running
    running.stop()
