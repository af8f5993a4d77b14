"""Residual networks against their definitions: blocks, shortcuts, depths, starts; sizes are pairwise distinct."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from models import residual
from models.residual import Block, DeepNet, Design

ORDERS = ("post", "pre")
NORMS = ("batch", "layer", "none")


def mlp(has_shortcut: bool = True, depth: int = 12, seed: int = 0, **design: Any) -> DeepNet:
    """7 inputs, width 5, 3 classes; norms and biases are drawn, too, so that none of them can be left out."""
    torch.manual_seed(seed)
    net = residual.deep_mlp(7, 5, 3, depth, Design(has_shortcut, **design))
    return shaken(net)


def shaken(net: DeepNet) -> DeepNet:
    for name, parameter in net.named_parameters():
        if parameter.dim() == 1:
            nn.init.normal_(parameter, 1.0 if name.endswith("weight") else 0.0, 0.3)
    for module in net.modules():
        if isinstance(module, residual.BatchNorm):
            module.running_mean = torch.randn(module.num_features) / 3
            module.running_var = torch.rand(module.num_features) + 0.5
    return net


def block(order: Any, norm: Any, has_shortcut: bool = True, width: int = 5) -> Block:
    torch.manual_seed(1)
    return Block(residual.linear, width, width, Design(has_shortcut, order, norm))


def without_branch(one: Block) -> Block:
    for parameter in one.F.parameters():
        nn.init.zeros_(parameter)
    return one


x = torch.randn(11, 7, generator=torch.Generator().manual_seed(3))


# ---------------------------------------------------------------- numpy, from the papers


def numpy_norm(module: nn.Module, x: np.ndarray) -> np.ndarray:
    if isinstance(module, nn.Identity):
        return x
    weight, bias = module.weight.detach().numpy(), module.bias.detach().numpy()
    if isinstance(module, nn.GroupNorm):
        mean, variance = x.mean(1, keepdims=True), x.var(1, keepdims=True)
    else:
        mean, variance = module.running_mean.numpy(), module.running_var.numpy()
    return (x - mean) / np.sqrt(variance + 1e-5) * weight + bias


def numpy_linear(module: nn.Module, x: np.ndarray) -> np.ndarray:
    bias = 0 if module.bias is None else module.bias.detach().numpy()
    return x @ module.weight.detach().numpy().T + bias


def relu(x: np.ndarray) -> np.ndarray:
    return np.maximum(x, 0)


def numpy_logits(net: DeepNet, x: np.ndarray, order: Any, has_shortcut: bool, alpha: float) -> np.ndarray:
    """He et al. 2015, fig. 2, and 2016, fig. 1 (b), written down a second time."""
    if order == "post":
        first, norm, _ = net.stem
        h = relu(numpy_norm(norm, numpy_linear(first, x)))
    else:
        h = numpy_linear(net.stem, x)
    for one in net.blocks:
        parts = list(one.F)
        if order == "post":
            w1, n1, _, w2, n2 = parts
            f = numpy_norm(n2, numpy_linear(w2, relu(numpy_norm(n1, numpy_linear(w1, h)))))
            h = relu(f + alpha * h if has_shortcut else f)
        else:
            n1, _, w1, n2, _, w2 = parts
            f = numpy_linear(w2, relu(numpy_norm(n2, numpy_linear(w1, relu(numpy_norm(n1, h))))))
            h = f + alpha * h if has_shortcut else f
    if order == "pre":
        h = relu(numpy_norm(net.head[0], h))
    return numpy_linear(net.head[-1], h)


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize(("has_shortcut", "alpha"), [(False, 1.0), (True, 1.0), (True, 0.6)])
def test_logits_are_those_of_the_papers_formulas(order: Any, norm: Any, has_shortcut: bool, alpha: float) -> None:
    net = mlp(has_shortcut, order=order, norm=norm).eval()
    for one in net.blocks:
        one.alpha = alpha
    expected = numpy_logits(net, x.numpy().astype(np.float64), order, has_shortcut, alpha)
    found = net(x).detach().numpy()
    assert found.shape == (11, 3)
    np.testing.assert_allclose(found, expected, rtol=2e-4, atol=2e-4 * np.abs(expected).max())


# ---------------------------------------------------------------- blocks


@pytest.mark.parametrize("norm", NORMS)
def test_a_block_with_a_zeroed_branch_is_relu_or_the_identity(norm: Any) -> None:
    h = torch.randn(11, 5)
    assert torch.equal(without_branch(block("post", norm))(h), h.relu())
    assert torch.equal(without_branch(block("pre", norm))(h), h)
    scaled = without_branch(block("pre", norm))
    scaled.alpha = 0.25
    assert torch.equal(scaled(h), 0.25 * h)
    assert torch.equal(without_branch(block("pre", norm, has_shortcut=False))(h), torch.zeros(11, 5))


@pytest.mark.parametrize("norm", NORMS)
def test_the_jacobian_of_a_pre_activation_block_is_the_identity_plus_that_of_its_branch(norm: Any) -> None:
    one = block("pre", norm).eval()
    one.alpha = 0.7
    h = torch.randn(5)

    def of(module: Any) -> Tensor:
        return torch.autograd.functional.jacobian(lambda v: module(v[None])[0], h)

    torch.testing.assert_close(of(one), 0.7 * torch.eye(5) + of(one.F))
    assert of(one.F).abs().max() > 0.01


def test_a_convolution_halves_the_image_and_its_shortcut_has_no_parameters() -> None:
    """Option A: every other place, and zeros for the new channels, by hand."""
    one = Block(residual.conv3x3, 3, 6, Design(True, "post"))
    image = torch.arange(2 * 3 * 7 * 5.0).view(2, 3, 7, 5)
    expected = torch.zeros(2, 6, 4, 3)
    for channel in range(3):
        for row in range(4):
            for column in range(3):
                expected[:, channel, row, column] = image[:, channel, 2 * row, 2 * column]
    assert torch.equal(one.shortcut(image), expected)
    assert one.eval()(image).shape == (2, 6, 4, 3)
    assert sum(p.numel() for p in one.parameters()) == 3 * 6 * 9 + 6 * 6 * 9 + 2 * (6 + 6)


# ---------------------------------------------------------------- networks


@pytest.mark.parametrize(("depth", "millions"), [(20, 0.27), (32, 0.46), (56, 0.85)])
def test_the_cifar_family_has_the_papers_parameters(depth: int, millions: float) -> None:
    """He et al. 2015, table 6."""
    for has_shortcut in (False, True):
        net = residual.deep_conv(3, 16, 10, depth, Design(has_shortcut))
        assert round(sum(p.numel() for p in net.parameters()) / 1e6, 2) == millions
    widths = [one.out for one in net.blocks]
    n = (depth - 2) // 6
    assert widths == [16] * n + [32] * n + [64] * n
    assert net(torch.randn(2, 3, 32, 32)).shape == (2, 10)


@pytest.mark.parametrize("depth", [4, 6, 20, 64])
@pytest.mark.parametrize("make", [residual.deep_mlp, residual.deep_conv])
def test_depth_counts_weight_layers_and_shortcuts_add_no_parameters(depth: int, make: Any) -> None:
    nets = [make(3, 4, 10, depth, Design(has_shortcut)) for has_shortcut in (False, True)]
    for net in nets:
        assert sum(isinstance(m, nn.Linear | nn.Conv2d) for m in net.modules()) == depth
    shapes = [{name: p.shape for name, p in net.named_parameters()} for net in nets]
    assert shapes[0] == shapes[1]


@pytest.mark.parametrize("has_shortcut", [False, True])
@pytest.mark.parametrize("order", ORDERS)
def test_a_cut_block_is_bypassed_even_where_there_is_no_shortcut(order: Any, has_shortcut: bool) -> None:
    """The same as a network from which the block has been taken out."""
    net = mlp(has_shortcut, order=order).eval()
    shorter = DeepNet(net.stem, [net.blocks[k] for k in (0, 2, 3)], net.head).eval()
    assert len(net.blocks) == 5
    torch.testing.assert_close(net(x, cut={1, 4}), shorter(x), rtol=0, atol=0)
    assert not torch.equal(net(x, cut={1}), net(x))
    states = net.states(x, cut={1})
    assert len(states) == 6 and torch.equal(states[2], states[1])


def test_blocks_may_come_in_another_order() -> None:
    net = mlp().eval()
    turned = DeepNet(net.stem, [net.blocks[k] for k in (0, 2, 1, 3, 4)], net.head).eval()
    assert torch.equal(net(x, order=[0, 2, 1, 3, 4]), turned(x))


def test_states_go_from_the_input_up() -> None:
    net = mlp().eval()
    states = net.states(x)
    assert len(states) == len(net.blocks) + 1
    assert torch.equal(states[0], net.stem(x)) and torch.equal(states[1], net.blocks[0](net.stem(x)))
    assert torch.equal(net.head(states[-1]), net(x))


# ---------------------------------------------------------------- starts


@pytest.mark.parametrize(("start", "variance"), [("he", 2 / 300), ("xavier", 2 / 500), ("zero", 2 / 300)])
def test_weights_begin_with_the_variance_that_the_start_names(start: Any, variance: float) -> None:
    torch.manual_seed(0)
    net = residual.deep_mlp(300, 200, 3, 4, Design(True, norm="none"))
    residual.initialise(net, start)
    first = net.stem[0]
    assert first.weight.var().item() == pytest.approx(variance, rel=0.03)
    assert abs(first.weight.mean().item()) < 3 * math.sqrt(variance / 60_000)
    assert not first.bias.any()


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("norm", NORMS)
def test_with_zero_branches_a_residual_block_begins_as_the_identity(order: Any, norm: Any) -> None:
    torch.manual_seed(0)
    net = residual.deep_mlp(7, 5, 3, 8, Design(True, order, norm))
    residual.initialise(net, "zero")
    states = net.states(x)
    assert all(torch.equal(state, states[0]) for state in states)
    assert states[0].abs().max() > 0.1
    net(x).sum().backward()
    gradients = [max(p.grad.abs().max() for p in one.F.parameters()) for one in net.blocks]
    assert min(gradients) > 0  # it can learn
    plain = residual.deep_mlp(7, 5, 3, 8, Design(False, order, norm))
    residual.initialise(plain, "zero")
    assert not plain.states(x)[1].any()


# ---------------------------------------------------------------- stochastic depth


def test_later_blocks_survive_less_often() -> None:
    """Huang et al. 2016, eq. 4: p_l = 1 − l/L (1 − p_L)."""
    assert [residual.survival(k, 4, 0.5) for k in (1, 2, 3, 4)] == [0.875, 0.75, 0.625, 0.5]
    assert residual.survival(3, 7, 1.0) == 1


@pytest.mark.parametrize("order", ORDERS)
def test_a_branch_that_was_there_in_part_of_the_steps_counts_in_part(order: Any) -> None:
    """Huang et al. 2016, eq. 5: when it is tested, F(x) is multiplied by its probability; in training it is not."""
    one = block(order, "none").eval()
    h = torch.rand(11, 5)
    F = one.F(h)
    one.survival = 0.375
    expected = 0.375 * F + h
    assert torch.equal(one(h), expected.relu() if order == "post" else expected)
    one.train()
    expected = F + h
    assert torch.equal(one(h), expected.relu() if order == "post" else expected)
