"""Looks into a model from outside: record (`capture`) or zero (`ablate`) what flows through a named module.

The hooks live only inside the `with` block, so training never pays for them. Knows no concept.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from fnmatch import fnmatchcase
from types import FrameType
from typing import Any

import torch
from torch import Tensor, nn

from playground.source import Source


@contextmanager
def evaluating(*models: nn.Module) -> Iterator[None]:
    """No dropout and no gradients inside; afterwards every module is in the mode it was in."""
    modes = [(module, module.training) for model in models for module in model.modules()]
    for model in models:
        model.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        for module, training in modes:
            module.training = training


@contextmanager
def capture(model: nn.Module, *patterns: str) -> Iterator[dict[str, Tensor]]:
    """Records what the modules named by the patterns put out: {"decoder.0.self_attention.hook_pattern": tensor}.

    Of several forward passes inside the block the last one counts. Raises LookupError for a pattern
    that names no module.
    """
    recorded: dict[str, Tensor] = {}
    with ExitStack() as stack:
        for name, module in _named(model, patterns).items():
            hook = module.register_forward_hook(_recorder(recorded, name))
            stack.callback(hook.remove)
        yield recorded


def _recorder(recorded: dict[str, Tensor], name: str) -> Callable[..., None]:
    def record(module: nn.Module, given: Any, output: Tensor) -> None:
        recorded[name] = output.detach()

    return record


@contextmanager
def ablate(model: nn.Module, name: str, where: Any = ...) -> Iterator[None]:
    """Zeroes what ONE module puts out at the index `where`, such as `np.s_[:, 2]` for the third head of `hook_z`.

    Raises LookupError for a name that is none, or of several.
    """

    def zero(module: nn.Module, given: Any, output: Tensor) -> Tensor:
        output = output.clone()
        output[where] = 0
        return output

    modules = list(_named(model, (name,)).values())
    if len(modules) > 1:
        raise LookupError(f"{name} names {len(modules)} modules of {type(model).__name__}: one can be ablated")
    hook = modules[0].register_forward_hook(zero)
    try:
        yield
    finally:
        hook.remove()


def _named(model: nn.Module, patterns: Sequence[str]) -> dict[str, nn.Module]:
    found: dict[str, nn.Module] = {}
    for pattern in patterns:
        chosen = {name: module for name, module in model.named_modules() if name and fnmatchcase(name, pattern)}
        if not chosen:
            raise LookupError(f"no module of {type(model).__name__} is named {pattern}")
        found |= chosen
    return found


Shapes = dict[str, dict[str, tuple[int, ...]]]
""" "module:function" → its local variables that are tensors → their shapes."""


@contextmanager
def capture_shapes(sources: Sequence[Source]) -> Iterator[Shapes]:
    """Records the shapes of the local tensors of the named functions when they return, without a line in them.

    Of several calls inside the block the first one counts.
    """
    shapes: Shapes = {}
    shown = {(str(s.path), name): f"{s.module}:{name}" for s in sources for _, _, name in s.functions}

    def on_event(frame: FrameType, event: str, _: Any) -> None:
        if event != "return":
            return
        function = shown.get((frame.f_code.co_filename, frame.f_code.co_qualname))
        if function is not None and function not in shapes:
            shapes[function] = {n: tuple(v.shape) for n, v in frame.f_locals.items() if isinstance(v, Tensor)}

    before = sys.getprofile()
    sys.setprofile(on_event)
    try:
        yield shapes
    finally:
        sys.setprofile(before)
