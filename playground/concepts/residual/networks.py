"""The networks that a config describes, and states of them that are looked at from outside."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn

from models import residual
from models.residual import DeepNet, Design
from playground.concepts.residual.config import ResidualConfig
from playground.concepts.residual.examples import Examples


def build_net(config: ResidualConfig, data: Examples, depth: int, has_shortcut: bool) -> DeepNet:
    """A network with drawn weights; the global random state stays, so that all networks of one depth begin alike."""
    order = "post" if config.block == "post" else "pre"
    design = Design(has_shortcut, order, config.norm)  # type: ignore[arg-type] # it is one of the two
    with torch.random.fork_rng(devices=[]):
        if config.data == "images":
            net = residual.deep_conv(1, config.channels, data.classes, depth, design)
        else:
            net = residual.deep_mlp(data.x.shape[1], config.width, data.classes, depth, design)
        residual.initialise(net, config.start)
    return net


def set_live(net: DeepNet, config: ResidualConfig) -> None:
    """Takes over what the live knobs say of the blocks."""
    for number, block in enumerate(net.blocks, 1):
        if block.design.has_shortcut:
            block.alpha = config.alpha if config.block == "scaled" else 1.0
            block.survival = residual.survival(number, len(net.blocks), config.survival)


@contextmanager
def batch_statistics(net: nn.Module) -> Iterator[None]:
    """Batch norm takes the statistics of the examples at hand, and forgets them afterwards; all blocks are there."""
    norms = [module for module in net.modules() if isinstance(module, residual.BatchNorm)]
    kept = [(norm.running_mean, norm.running_var, norm.num_batches_tracked) for norm in norms]
    was_training = net.training
    net.eval()
    for norm in norms:
        norm.running_mean = norm.running_var = norm.num_batches_tracked = None
    try:
        yield
    finally:
        for norm, (mean, variance, count) in zip(norms, kept, strict=True):
            norm.running_mean, norm.running_var, norm.num_batches_tracked = mean, variance, count
        net.train(was_training)
