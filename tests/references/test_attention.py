"""Attention and transformer against PyTorch's own, on copied weights, and against what must hold exactly."""

from __future__ import annotations

import math

import pytest
import torch
import torch.nn.functional as F

from models.attention import Attention, attend, causal_mask
from models.positions import rotate, sinusoidal
from models.transformer import Maps, Shape, Transformer, greedy
from tests.benchmarks.attention import SIZES, ratio

BATCH, QUERIES, KEYS, WIDTH, HEADS = 3, 5, 7, 24, 4


def normal(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def keep_mask() -> torch.Tensor:
    mask = torch.rand(QUERIES, KEYS, generator=torch.Generator().manual_seed(3)) < 0.6
    mask[:, 0] = True  # every query may look somewhere
    return mask


def copied(own: Attention) -> torch.nn.MultiheadAttention:
    theirs = torch.nn.MultiheadAttention(WIDTH, HEADS, batch_first=True)
    with torch.no_grad():
        theirs.in_proj_weight.copy_(own.to_qkv.weight)
        theirs.in_proj_bias.copy_(own.to_qkv.bias)
        theirs.out_proj.weight.copy_(own.to_out.weight)
        theirs.out_proj.bias.copy_(own.to_out.bias)
    return theirs


@pytest.mark.parametrize("masked", [False, True])
def test_attention_equals_pytorchs_on_copied_weights(masked: bool) -> None:
    own, x, memory = Attention(WIDTH, HEADS), normal(BATCH, QUERIES, WIDTH), normal(BATCH, KEYS, WIDTH, seed=1)
    mask = keep_mask() if masked else None
    blocked = None if mask is None else ~mask  # MultiheadAttention's mask says where NOT to look
    expected, theirs = copied(own)(x, memory, memory, attn_mask=blocked, average_attn_weights=False)
    found, weights, _ = own(x, memory, mask)
    torch.testing.assert_close(found, expected)
    torch.testing.assert_close(weights, theirs)


def test_self_attention_equals_pytorchs_and_looking_at_a_copy_of_oneself() -> None:
    own, x = Attention(WIDTH, HEADS), normal(BATCH, QUERIES, WIDTH)
    expected, theirs = copied(own)(x, x, x, average_attn_weights=False)
    for memory in (None, x):
        found, weights, _ = own(x, memory)
        torch.testing.assert_close(found, expected)
        torch.testing.assert_close(weights, theirs)


@pytest.mark.parametrize("masked", [False, True])
def test_attend_equals_scaled_dot_product_attention(masked: bool) -> None:
    q, k, v = (
        normal(BATCH, HEADS, QUERIES, 6),
        normal(BATCH, HEADS, KEYS, 6, seed=1),
        normal(BATCH, HEADS, KEYS, 6, seed=2),
    )
    mask = keep_mask() if masked else None  # here True means look, as ours does
    torch.testing.assert_close(attend(q, k, v, mask)[0], F.scaled_dot_product_attention(q, k, v, attn_mask=mask))


def test_the_causal_mask_is_pytorchs_where_lengths_agree_and_ends_at_the_last_key() -> None:
    q, k, v = (normal(BATCH, HEADS, KEYS, 6, seed=i) for i in range(3))
    ours = attend(q, k, v, causal_mask(KEYS, KEYS))[0]
    torch.testing.assert_close(ours, F.scaled_dot_product_attention(q, k, v, is_causal=True))
    assert causal_mask(2, 5).tolist() == [[True] * 4 + [False], [True] * 5]


def test_unscaled_wide_heads_saturate_as_measured() -> None:
    """Mean entropy over 16 keys at d_k = 512: 0.145 nats unscaled, 2.365 scaled (ln 16 = 2.773)."""
    q, k = normal(16, 4, 32, 512), normal(16, 4, 16, 512, seed=1)
    entropies = {}
    for scaled in (False, True):
        weights = attend(q, k, k, scaled=scaled)[1]
        entropies[scaled] = -(weights * weights.clamp_min(1e-30).log()).sum(-1).mean().item()
    assert entropies[False] == pytest.approx(0.145, abs=0.02) and entropies[True] == pytest.approx(2.365, abs=0.03)


def test_a_width_that_heads_do_not_divide_is_refused() -> None:
    with pytest.raises(ValueError, match="width 10 is not a multiple of heads 4"):
        Attention(10, 4)


def test_it_is_at_least_as_fast_as_pytorchs() -> None:
    _, share = ratio(SIZES["dates, a decoder alone"], 9)
    assert share <= 1


def test_sinusoidal_is_the_formula() -> None:
    code = sinusoidal(11, 6)
    for position in range(11):
        for pair in range(3):
            angle = position / 10_000 ** (2 * pair / 6)
            assert code[position, 2 * pair].item() == pytest.approx(math.sin(angle), abs=1e-6)
            assert code[position, 2 * pair + 1].item() == pytest.approx(math.cos(angle), abs=1e-6)


def test_rotary_is_multiplication_by_a_complex_number() -> None:
    x = normal(BATCH, 11, 6)
    pairs = torch.view_as_complex(x.unflatten(-1, (3, 2)).contiguous())
    angle = torch.tensor([[p / 10_000 ** (2 * i / 6) for i in range(3)] for p in range(4, 15)])
    expected = torch.view_as_real(pairs * torch.polar(torch.ones_like(angle), angle)).flatten(-2)
    torch.testing.assert_close(rotate(x, begin=4), expected)


def test_rotary_products_depend_on_the_distance_alone() -> None:
    q, k = normal(1, 6).expand(9, 6), normal(1, 6, seed=1).expand(9, 6)
    scores = rotate(q) @ rotate(k).T
    for distance in range(-3, 4):
        diagonal = scores.diagonal(distance)
        torch.testing.assert_close(diagonal, diagonal[:1].expand_as(diagonal), atol=1e-5, rtol=1e-5)


def model(**changes: object) -> Transformer:
    torch.manual_seed(0)
    return Transformer(Shape(**{"vocabulary": 13, "longest": 20, "width": WIDTH, "heads": HEADS, **changes})).eval()


def tokens(count: int, seed: int = 0) -> torch.Tensor:
    return torch.randint(0, 13, (BATCH, count), generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("positions", ["none", "sinusoidal", "learned", "rotary"])
@pytest.mark.parametrize("pre_norm", [True, False])
def test_the_future_leaks_by_exactly_nothing(positions: str, pre_norm: bool) -> None:
    decoder, seen = model(encoder=0, positions=positions, pre_norm=pre_norm), tokens(9)
    changed = seen.clone()
    changed[:, 5:] = (changed[:, 5:] + 1) % 13
    before, after = decoder.decode(seen)[0], decoder.decode(changed)[0]
    assert torch.equal(before[:, :5], after[:, :5]) and not torch.equal(before[:, 5:], after[:, 5:])


def test_without_the_mask_it_does_leak() -> None:
    decoder, seen = model(encoder=0, causal=False), tokens(9)
    changed = seen.clone()
    changed[:, 8] = (changed[:, 8] + 1) % 13
    assert not torch.allclose(decoder.decode(seen)[0][:, 0], decoder.decode(changed)[0][:, 0])


def test_without_positions_the_encoder_is_permutation_equivariant() -> None:
    seen, order = tokens(9), torch.randperm(9, generator=torch.Generator().manual_seed(1))
    blind = model(decoder=0, positions="none")
    torch.testing.assert_close(blind.encode(seen)[:, order], blind.encode(seen[:, order]))
    sighted = model(decoder=0)
    assert not torch.allclose(sighted.encode(seen)[:, order], sighted.encode(seen[:, order]), atol=1e-3)


def test_permuting_the_memory_changes_nothing() -> None:
    both, memory, order = model(), normal(BATCH, 9, WIDTH), torch.randperm(9)
    target = tokens(4)
    torch.testing.assert_close(both.decode(target, memory)[0], both.decode(target, memory[:, order])[0])


@pytest.mark.parametrize("positions", ["none", "sinusoidal", "learned", "rotary"])
@pytest.mark.parametrize("encoder", [0, 2])
def test_cached_greedy_decoding_equals_uncached(positions: str, encoder: int) -> None:
    both, source = model(encoder=encoder, positions=positions), tokens(7)
    memory = both.encode(source) if encoder else None
    out = begun = tokens(2, seed=5)
    for _ in range(8):
        logits, _ = both.decode(out, memory)
        out = torch.cat([out, logits[:, -1:].argmax(-1)], dim=1)
    assert torch.equal(greedy(both, memory, None, begun, 8), out)


def test_padding_is_not_seen() -> None:
    both, source, target = model(), tokens(7), tokens(4, seed=1)
    padded = torch.cat([source, torch.zeros(BATCH, 3, dtype=torch.long)], dim=1)
    mask = (torch.arange(10) < 7)[None, None, None].expand(BATCH, 1, 1, 10)
    expected, _ = both.decode(target, both.encode(source))
    found, _ = both.decode(target, both.encode(padded, mask), mask)
    torch.testing.assert_close(found, expected)


def test_maps_are_distributions_and_a_closed_gate_silences_a_head() -> None:
    both, source, target, maps = model(), tokens(7), tokens(4, seed=1), Maps()
    both.decode(target, both.encode(source, maps=maps), maps=maps)
    shapes = [tuple(m.shape) for m in (*maps.encoder, *maps.decoder, *maps.cross)]
    assert shapes == [(3, 4, 7, 7)] * 2 + [(3, 4, 4, 4)] * 2 + [(3, 4, 4, 7)] * 2
    for weights in (*maps.encoder, *maps.decoder, *maps.cross):
        torch.testing.assert_close(weights.sum(-1), torch.ones(weights.shape[:-1]))
    own = Attention(WIDTH, HEADS)
    x, shut = normal(BATCH, 5, WIDTH), torch.tensor([1.0, 0.0, 1.0, 1.0])
    by_hand = own.to_out.weight.clone()
    by_hand[:, 6:12] = 0  # the second head's columns
    open_, _, _ = own(x)
    found, _, _ = own(x, gate=shut)
    values = attend(*own.project(x))[0]
    torch.testing.assert_close(found, F.linear(values.transpose(1, 2).flatten(2), by_hand, own.to_out.bias))
    assert not torch.allclose(found, open_)


def test_open_gates_change_nothing_and_each_closed_one_something() -> None:
    both, source, target = model(), tokens(7), tokens(4, seed=1)
    ones = torch.ones(2, 2, HEADS)
    memory = both.encode(source)
    assert torch.equal(both.encode(source, gates=ones), memory)
    before = both.decode(target, memory)[0]
    assert torch.equal(both.decode(target, memory, gates=ones)[0], before)
    for layer, part, head in ((0, 0, 0), (0, 1, 3), (1, 1, 2)):
        shut = ones.clone()
        shut[layer, part, head] = 0
        assert not torch.allclose(both.decode(target, memory, gates=shut)[0], before)
