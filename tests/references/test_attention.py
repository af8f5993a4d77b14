"""Attention, positions and masks against PyTorch's own, on copied weights, and against what must hold exactly."""

from __future__ import annotations

import math

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.attention import Attention, attention_weights, causal_mask
from models.positions import rotate, sinusoidal
from playground.capture import capture
from tests.references.small_transformers import (
    BATCH,
    D_K,
    HEADS,
    KEYS,
    POSITIONS,
    QUERIES,
    VOCABULARY,
    WIDTH,
    copy_attention,
    model,
    normal,
    padding,
    tokens,
)


def random_mask() -> Tensor:
    mask = torch.rand(QUERIES, KEYS, generator=torch.Generator().manual_seed(3)) < 0.6
    mask[:, 0] = True  # a query that may attend to nothing would have a weight of NaN
    return mask


def copied(own: Attention) -> nn.MultiheadAttention:
    theirs = nn.MultiheadAttention(WIDTH, HEADS, batch_first=True)
    copy_attention(own, theirs)
    return theirs


@pytest.mark.parametrize("masked", [False, True])
def test_attention_equals_pytorchs_on_copied_weights(masked: bool) -> None:
    own, x, memory = Attention(WIDTH, HEADS), normal(BATCH, QUERIES, WIDTH), normal(BATCH, KEYS, WIDTH, seed=1)
    mask = random_mask() if masked else None
    blocked = None if mask is None else ~mask  # MultiheadAttention's mask says where NOT to attend
    expected, theirs = copied(own)(x, memory, memory, attn_mask=blocked, average_attn_weights=False)
    with capture(own, "hook_pattern") as found:
        torch.testing.assert_close(own(x, memory, mask), expected)
    torch.testing.assert_close(found["hook_pattern"], theirs.detach())


def test_self_attention_equals_pytorchs_and_attending_to_a_copy_of_oneself() -> None:
    own, x = Attention(WIDTH, HEADS), normal(BATCH, QUERIES, WIDTH)
    expected, theirs = copied(own)(x, x, x, average_attn_weights=False)
    for memory in (None, x):
        with capture(own, "hook_pattern") as found:
            torch.testing.assert_close(own(x, memory), expected)
        torch.testing.assert_close(found["hook_pattern"], theirs.detach())


@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("scaled", [False, True])
def test_attention_weights_equal_scaled_dot_product_attention(masked: bool, scaled: bool) -> None:
    q, k, v = (
        normal(BATCH, HEADS, QUERIES, D_K),
        normal(BATCH, HEADS, KEYS, D_K, seed=1),
        normal(BATCH, HEADS, KEYS, D_K, seed=2),
    )
    mask = random_mask() if masked else None  # here True means attend, as ours does
    expected = F.scaled_dot_product_attention(q, k, v, attn_mask=mask, scale=None if scaled else 1.0)
    torch.testing.assert_close(attention_weights(q, k, mask, scaled) @ v, expected)


def test_the_causal_mask_is_pytorchs() -> None:
    q, k, v = (normal(BATCH, HEADS, KEYS, D_K, seed=i) for i in range(3))
    ours = attention_weights(q, k, causal_mask(KEYS)) @ v
    torch.testing.assert_close(ours, F.scaled_dot_product_attention(q, k, v, is_causal=True))
    assert causal_mask(3).tolist() == [[True, False, False], [True, True, False], [True, True, True]]


def test_unscaled_wide_heads_saturate_as_measured() -> None:
    """Mean entropy over 16 keys at d_k = 512: 0.145 nats unscaled, 2.365 scaled (ln 16 = 2.773)."""
    q, k = normal(16, 4, 32, 512), normal(16, 4, 16, 512, seed=1)
    entropies = {}
    for scaled in (False, True):
        weights = attention_weights(q, k, scaled=scaled)
        entropies[scaled] = -(weights * weights.clamp_min(1e-30).log()).sum(-1).mean().item()
    assert entropies[False] == pytest.approx(0.145, abs=0.02) and entropies[True] == pytest.approx(2.365, abs=0.03)


def test_a_width_that_heads_do_not_divide_is_refused() -> None:
    with pytest.raises(ValueError, match="width 10 is not a multiple of heads 4"):
        Attention(10, 4)


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
    angle = torch.tensor([[p / 10_000 ** (2 * i / 6) for i in range(3)] for p in range(11)])
    expected = torch.view_as_real(pairs * torch.polar(torch.ones_like(angle), angle)).flatten(-2)
    torch.testing.assert_close(rotate(x), expected)


def test_rotary_products_depend_on_the_distance_alone() -> None:
    q, k = normal(1, 6).expand(9, 6), normal(1, 6, seed=1).expand(9, 6)
    scores = rotate(q) @ rotate(k).T
    for distance in range(-3, 4):
        diagonal = scores.diagonal(distance)
        torch.testing.assert_close(diagonal, diagonal[:1].expand_as(diagonal), atol=1e-5, rtol=1e-5)


def test_rotary_attention_rotates_queries_and_keys_but_not_values() -> None:
    plain, rotary = Attention(WIDTH, HEADS), Attention(WIDTH, HEADS, rotary=True)
    rotary.load_state_dict(plain.state_dict())
    x = normal(BATCH, QUERIES, WIDTH)
    with capture(plain, "hook_*") as unrotated, capture(rotary, "hook_*") as rotated:
        plain(x), rotary(x)
    torch.testing.assert_close(rotated["hook_q"], rotate(unrotated["hook_q"]))
    torch.testing.assert_close(rotated["hook_k"], rotate(unrotated["hook_k"]))
    torch.testing.assert_close(rotated["hook_v"], unrotated["hook_v"])
    assert not torch.allclose(rotated["hook_pattern"], unrotated["hook_pattern"])


def test_embeddings_have_their_positions_added() -> None:
    text = tokens(KEYS)
    for positions in ("none", "rotary"):  # rotary positions come in inside the attention
        own = model(positions=positions)
        assert torch.equal(own.embed(text), own.embedding(text))
    own = model(positions="sinusoidal")
    assert torch.equal(own.embed(text), own.embedding(text) + sinusoidal(KEYS, WIDTH))
    own = model(positions="learned")
    assert own.positions is not None
    assert torch.equal(own.embed(text), own.embedding(text) + own.positions(torch.arange(KEYS)))


def test_without_positions_the_encoder_is_permutation_equivariant() -> None:
    text, order = tokens(9), torch.randperm(9, generator=torch.Generator().manual_seed(1))
    blind = model(decoder_layers=0, positions="none")
    torch.testing.assert_close(blind.encode(text)[:, order], blind.encode(text[:, order]))
    for positions in ("sinusoidal", "learned", "rotary"):
        sighted = model(decoder_layers=0, positions=positions)
        assert not torch.allclose(sighted.encode(text)[:, order], sighted.encode(text[:, order]), atol=1e-3), positions


def test_permuting_the_memory_changes_nothing() -> None:
    order = torch.randperm(9, generator=torch.Generator().manual_seed(1))
    both, memory, target = model(positions="rotary"), normal(BATCH, 9, WIDTH), tokens(4)
    torch.testing.assert_close(both.decode(target, memory), both.decode(target, memory[:, order]))


@pytest.mark.parametrize("positions", POSITIONS)
@pytest.mark.parametrize("pre_norm", [True, False])
def test_the_future_leaks_by_exactly_nothing(positions: str, pre_norm: bool) -> None:
    decoder, text = model(encoder_layers=0, positions=positions, pre_norm=pre_norm), tokens(9)
    changed = text.clone()
    changed[:, 5:] = (changed[:, 5:] + 1) % VOCABULARY
    before, after = decoder.decode(text), decoder.decode(changed)
    assert torch.equal(before[:, :5], after[:, :5]) and not torch.equal(before[:, 5:], after[:, 5:])


def test_without_the_mask_it_does_leak() -> None:
    decoder, text = model(encoder_layers=0, causal=False), tokens(9)
    changed = text.clone()
    changed[:, 8] = (changed[:, 8] + 1) % VOCABULARY
    assert not torch.allclose(decoder.decode(text)[:, 0], decoder.decode(changed)[:, 0])


def test_padding_is_not_seen() -> None:
    both, source, target = model(), tokens(7), tokens(4, seed=1)
    padded = torch.cat([source, torch.zeros(BATCH, 3, dtype=torch.long)], dim=1)
    mask = padding(10, (7, 7, 7))[:, None, None]
    expected = both.decode(target, both.encode(source))
    torch.testing.assert_close(both.decode(target, both.encode(padded, mask), mask), expected)
