"""The global random generators (torch, numpy, Python) of one run, kept apart from everybody else's."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch


class RandomState:
    """The three global generators of one run, swapped in around whatever it does (`with state: …`)."""

    def __init__(self, seed: int) -> None:
        with preserved_random_state():
            torch.manual_seed(seed)
            np.random.seed(seed % 2**32)
            random.seed(seed)
            self.own = _current()

    def __enter__(self) -> None:
        self.outer = _current()
        _install(self.own)

    def __exit__(self, *_: object) -> None:
        self.own = _current()
        _install(self.outer)

    def state_dict(self) -> dict[str, Any]:
        torch_state, numpy_state, python_state = self.own
        return {
            "torch": torch_state,
            "numpy": json.dumps([numpy_state[0], numpy_state[1].tolist(), *numpy_state[2:]]),
            "python": json.dumps(python_state),
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        kind, keys, *rest = json.loads(state["numpy"])
        version, internal, gauss = json.loads(state["python"])
        numpy_state = (kind, np.array(keys, dtype=np.uint32), *rest)
        self.own = (state["torch"], numpy_state, (version, tuple(internal), gauss))


@contextmanager
def preserved_random_state() -> Iterator[None]:
    state = _current()
    try:
        yield
    finally:
        _install(state)


def _current() -> tuple[Any, Any, Any]:
    return torch.get_rng_state(), np.random.get_state(), random.getstate()


def _install(state: tuple[Any, Any, Any]) -> None:
    torch.set_rng_state(state[0])
    np.random.set_state(state[1])
    random.setstate(state[2])
