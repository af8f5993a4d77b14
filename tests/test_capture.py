"""Hooks: looking at what flows, and cutting it, from outside."""

from __future__ import annotations

import math
from copy import deepcopy

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from models.attention import Attention
from playground.capture import ablate, capture, evaluating
from tests.references.small_transformers import BATCH, D_K, HEADS, KEYS, QUERIES, WIDTH, model, normal, tokens


def hooks(model: nn.Module) -> int:
    return sum(len(module._forward_hooks) for module in model.modules())


def test_captured_patterns_are_distributions_of_every_attention() -> None:
    both, source, target = model(), tokens(KEYS), tokens(QUERIES, seed=1)
    with capture(both, "*.hook_pattern") as found:
        both.decode(target, both.encode(source))
    shapes = {name: tuple(weights.shape) for name, weights in found.items()}
    assert shapes == {
        f"{name}.{layer}.{attention}.hook_pattern": (BATCH, HEADS, queries, keys)
        for layer in range(2)
        for name, attention, queries, keys in (
            ("encoder", "self_attention", KEYS, KEYS),
            ("decoder", "self_attention", QUERIES, QUERIES),
            ("decoder", "cross_attention", QUERIES, KEYS),
        )
    }
    for weights in found.values():
        assert not weights.requires_grad
        torch.testing.assert_close(weights.sum(-1), torch.ones(weights.shape[:-1]))


def test_capture_records_what_flows_through_a_head() -> None:
    """From the queries, keys and values of the hook points the layer's output can be made by hand."""
    own, x, memory = Attention(WIDTH, HEADS), normal(BATCH, QUERIES, WIDTH), normal(BATCH, KEYS, WIDTH, seed=1)
    with capture(own, "hook_*", "to_out") as found:
        out = own(x, memory)
    assert set(found) == {"hook_q", "hook_k", "hook_v", "hook_pattern", "hook_z", "to_out"}
    k, v = own.to_kv(memory).split(WIDTH, dim=-1)
    for head in range(HEADS):
        columns = slice(head * D_K, (head + 1) * D_K)
        for name, expected in (("hook_q", own.to_q(x)), ("hook_k", k), ("hook_v", v)):
            torch.testing.assert_close(found[name][:, head], expected[..., columns].detach())
        scores = found["hook_q"][:, head] @ found["hook_k"][:, head].mT / math.sqrt(D_K)
        torch.testing.assert_close(found["hook_pattern"][:, head], scores.softmax(-1))
        torch.testing.assert_close(found["hook_z"][:, head], scores.softmax(-1) @ found["hook_v"][:, head])
    z = found["hook_z"].transpose(1, 2).reshape(BATCH, QUERIES, WIDTH)
    torch.testing.assert_close(F.linear(z, own.to_out.weight, own.to_out.bias), out)
    assert torch.equal(found["to_out"], out)


def test_of_several_passes_the_last_one_is_captured() -> None:
    own, first, second = Attention(WIDTH, HEADS), normal(BATCH, 5, WIDTH), normal(BATCH, 6, WIDTH, seed=1)
    with capture(own, "hook_z") as found:
        own(first), own(second)
    with capture(own, "hook_z") as alone:
        own(second)
    assert torch.equal(found["hook_z"], alone["hook_z"])


def test_looking_changes_nothing_and_leaves_nothing_behind() -> None:
    both, source, target = model(), tokens(KEYS), tokens(QUERIES, seed=1)
    before = both.decode(target, both.encode(source))
    with capture(both, "*.hook_*") as found:
        assert hooks(both) == 6 * 5
        inside = both.decode(target, both.encode(source))
    assert len(found) == 6 * 5 and hooks(both) == 0
    assert torch.equal(inside, before) and torch.equal(both.decode(target, both.encode(source)), before)
    kept = dict(found)
    both.decode(target, both.encode(source))
    assert all(found[name] is kept[name] for name in kept), "a pass after the block is not recorded"


def test_hooks_are_gone_after_an_exception() -> None:
    own, x = Attention(WIDTH, HEADS), normal(BATCH, QUERIES, WIDTH)
    before = own(x)
    for block_of in (lambda: capture(own, "hook_*"), lambda: ablate(own, "hook_z")):
        with pytest.raises(ZeroDivisionError), block_of():
            assert hooks(own) > 0
            raise ZeroDivisionError
        assert hooks(own) == 0 and torch.equal(own(x), before)


def test_a_name_that_no_module_has_is_refused_and_hooks_nothing() -> None:
    own = Attention(WIDTH, HEADS)
    with pytest.raises(LookupError, match="no module of Attention is named hook_weights"), ablate(own, "hook_weights"):
        pass
    with (
        pytest.raises(LookupError, match=r"no module of Attention is named \*.hook_z"),
        capture(own, "hook_z", "*.hook_z"),
    ):
        pass
    assert hooks(own) == 0


@pytest.mark.parametrize("head", range(HEADS))
def test_a_head_that_is_ablated_is_one_without_its_columns_of_the_output(head: int) -> None:
    own, x = Attention(WIDTH, HEADS), normal(BATCH, QUERIES, WIDTH)
    before, by_hand = own(x), deepcopy(own)
    with torch.no_grad():
        by_hand.to_out.weight[:, head * D_K : (head + 1) * D_K] = 0
    with ablate(own, "hook_z", np.s_[:, head]):
        found = own(x)
    torch.testing.assert_close(found, by_hand(x))
    assert not torch.allclose(found, before)
    assert hooks(own) == 0 and torch.equal(own(x), before)


@pytest.mark.parametrize("layer", [0, 1])
@pytest.mark.parametrize(
    "name", ["encoder.{}.self_attention", "decoder.{}.self_attention", "decoder.{}.cross_attention"]
)
def test_in_a_whole_model_the_named_attention_is_cut_and_no_other(name: str, layer: int) -> None:
    both, source, target, name = model(), tokens(KEYS), tokens(QUERIES, seed=1), name.format(layer)
    by_hand = deepcopy(both)
    with torch.no_grad():
        by_hand.get_submodule(name).to_out.weight[:, 2 * D_K : 3 * D_K] = 0
    before = both.decode(target, both.encode(source))
    with ablate(both, f"{name}.hook_z", np.s_[:, 2]):
        found = both.decode(target, both.encode(source))
    torch.testing.assert_close(found, by_hand.decode(target, by_hand.encode(source)))
    assert not torch.allclose(found, before)


def test_all_of_a_module_is_cut_where_no_place_is_named() -> None:
    own, x = Attention(WIDTH, HEADS), normal(BATCH, QUERIES, WIDTH)
    with ablate(own, "hook_z"):
        found = own(x)
    torch.testing.assert_close(found, own.to_out.bias.expand_as(found))


def test_after_evaluating_every_module_is_in_the_mode_it_was_in() -> None:
    both = model(dropout=0.5).train()
    both.encoder[1].eval()
    modes = [module.training for module in both.modules()]
    with pytest.raises(ZeroDivisionError), evaluating(both):
        assert not torch.is_grad_enabled() and not any(module.training for module in both.modules())
        raise ZeroDivisionError
    assert torch.is_grad_enabled() and [module.training for module in both.modules()] == modes
