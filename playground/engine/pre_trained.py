"""The pre-trained model of a tab's setting, so that probes answer before a run is started.

What its pictures and probes need, without what only training needs and the history of metrics; safetensors, no pickle.
Numbers of float32 are stored as float16: the files are half as large, and no picture shows the difference.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from safetensors.torch import save_file

from playground.concept import Concept
from playground.engine.run import Run

LEFT_OUT = ("optimiser", "players")
"""Keys of what is left out, at any depth: a model that trains no further needs no optimiser, and no networks (players)
of which only an average is looked at."""


def save(run: Run, path: Path) -> None:
    tensors: dict[str, torch.Tensor] = {}
    skeleton = _without_tensors(run.experiment.state_dict(), "", tensors)
    about = {"step": run.step, "config": run.config.model_dump_json(), "state": skeleton}
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file(tensors, path, metadata={"run": json.dumps(about)})
    path.chmod(0o644)


def load(concept: Concept, path: Path, run_id: str) -> Run:
    """A run at the step at which it was saved; raises OSError where the file is missing."""
    with safe_open(path, "pt") as file:
        about = json.loads(file.metadata()["run"])
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 it is no dict
    run = Run(concept, concept.config.model_validate_json(about["config"]), run_id)
    run.experiment.load_state_dict(_with_tensors(about["state"], run.experiment.state_dict(), tensors))
    run.step = about["step"]
    return run


def _halved(tensor: torch.Tensor) -> torch.Tensor:
    """As float16, where it is of float32 and its numbers have a place there."""
    has_room = tensor.dtype == torch.float32 and bool((tensor.abs() < torch.finfo(torch.float16).max).all())
    return tensor.half() if has_room else tensor


def _without_tensors(state: Any, path: str, tensors: dict[str, torch.Tensor]) -> Any:
    """The state as plain JSON; each tensor is moved to `tensors` and stands as {"tensor": its path}."""
    if isinstance(state, torch.Tensor):
        tensors[path] = _halved(state.detach().contiguous().clone())
        return {"tensor": path}
    if isinstance(state, dict):
        kept = {k: v for k, v in state.items() if k not in LEFT_OUT}
        return {"dict": {k: _without_tensors(v, f"{path}.{k}".lstrip("."), tensors) for k, v in kept.items()}}
    if isinstance(state, list | tuple):
        items = [_without_tensors(v, f"{path}.{i}", tensors) for i, v in enumerate(state)]
        return {"tuple" if isinstance(state, tuple) else "list": items}
    return {"value": state}


def _with_tensors(skeleton: dict[str, Any], fresh: Any, tensors: dict[str, torch.Tensor]) -> Any:
    """The state that a skeleton stands for; what was left out is as in a fresh one."""
    ((kind, inside),) = skeleton.items()
    if kind == "tensor":
        return tensors[inside].float() if tensors[inside].dtype == torch.float16 else tensors[inside]
    if kind == "dict":
        known = fresh if isinstance(fresh, dict) else {}
        left_out = {k: known[k] for k in LEFT_OUT if k in known}
        return {k: _with_tensors(v, known.get(k), tensors) for k, v in inside.items()} | left_out
    if kind in ("list", "tuple"):
        items = [_with_tensors(v, None, tensors) for v in inside]
        return tuple(items) if kind == "tuple" else items
    return inside
