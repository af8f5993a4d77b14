"""Attention and transformer against PyTorch's own, on copied weights, and against what must hold exactly."""

from __future__ import annotations

import math

import pytest
import torch
import torch.nn.functional as F

from models.attention import Attention, attend, causal_mask
from models.positions import rotate, sinusoidal
from models.transformer import Maps, Shape, Transformer, greedy
from playground.concepts.transformer.config import TransformerConfig
from playground.concepts.transformer.experiment import TransformerExperiment, held_out
from playground.concepts.transformer.look import Cell, Grid, example, look
from playground.concepts.transformer.probes import queries_keys_values
from playground.data.strings import PAD, period

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
        theirs.in_proj_weight.copy_(torch.cat([own.to_q.weight, own.to_k.weight, own.to_v.weight]))
        theirs.in_proj_bias.copy_(torch.cat([own.to_q.bias, own.to_k.bias, own.to_v.bias]))
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
    open_, _, _ = own(x, x)
    found, _, _ = own(x, x, gate=shut)
    values = attend(own.split(own.to_q(x)), own.split(own.to_k(x)), own.split(own.to_v(x)))[0]
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


def experiment(**knobs: object) -> TransformerExperiment:
    torch.manual_seed(0)
    return TransformerExperiment(TransformerConfig(**knobs))


def test_the_antidiagonal_is_measured_on_the_letter_that_is_written_next() -> None:
    run = experiment(task="reverse")
    source, _ = run.heldout
    perfect, straight = (torch.zeros(len(source), 4, source.shape[1] + 1, source.shape[1]) for _ in range(2))
    for b, n in enumerate((source != PAD).sum(1).tolist()):
        for i in range(n):
            perfect[b, 2, i, n - 1 - i] = 1
            straight[b, 2, i, i] = 1
    assert run.antidiagonal(Maps(cross=[perfect]), source) == 1
    assert run.antidiagonal(Maps(cross=[straight]), source) < 0.15


def test_the_induction_score_knows_an_induction_head_from_one_that_looks_a_fixed_way_back() -> None:
    run = experiment(task="repeat", layers=2)
    count, length = len(run.heldout_pairs), 31
    perfect = torch.zeros(count, 4, length, length)
    for b, (text, _) in enumerate(run.heldout_pairs):
        n = period(text)
        for t in range(n, length):
            perfect[b, 1, t, t - n + 1] = 1
    assert run.induction(Maps(decoder=[perfect])) == 1
    for back in range(1, 14):
        fixed = torch.zeros(count, 4, length, length)
        for t in range(back, length):
            fixed[:, 1, t, t - back] = 1
        assert run.induction(Maps(decoder=[fixed])) < 0.4, back


def test_held_out_strings_are_never_trained_on() -> None:
    run = experiment(task="dates")
    assert all(held_out(pair) for pair in run.heldout_pairs)
    drawn = run._pairs(run.rng, 2000, False)
    assert not set(drawn) & set(run.heldout_pairs) and not any(map(held_out, drawn))


def test_exact_counts_whole_answers_only() -> None:
    run = experiment(task="reverse")
    answers = run.heldout[1][:, 1:].clone()
    run.free = lambda source, gates: answers[: len(source)]  # type: ignore[method-assign]
    assert run.exact() == 1
    answers[:64, 0] = (answers[:64, 0] + 1) % 13
    assert run.exact() == 0.5


REPEAT = {"task": "repeat", "layers": 2}


@pytest.mark.parametrize(
    ("knobs", "kind"),
    [({}, "encoder"), ({}, "cross"), (REPEAT, "decoder"), (REPEAT | {"positions": "rotary"}, "decoder")],
)
def test_inside_a_head_the_shown_numbers_make_the_shown_map(knobs: dict[str, object], kind: str) -> None:
    run = experiment(**knobs)
    seen = look(run, example(run))
    cell = Cell(kind, 0, 1, 3, 0)
    q, k, v = (torch.from_numpy(part) for part in queries_keys_values(run, seen, cell))
    scores = k @ q / math.sqrt(len(q))
    if kind == "decoder":
        scores[cell.query + 1 :] = -math.inf
    torch.testing.assert_close(scores.softmax(0), torch.from_numpy(seen.maps[kind][0, 1, 3]), atol=1e-5, rtol=1e-4)
    assert v.shape == k.shape


def test_the_grid_finds_the_cell_under_the_pointer() -> None:
    run = experiment(layers=2, heads=3, d_k=8)
    grid = Grid(look(run, example(run)))
    matrix = grid.matrix()
    for kind, layer, line in grid.rows:
        for head in range(3):
            cell = grid.at(head * grid.wide + 2.3, line + 0.8)
            assert cell == Cell(kind, layer, head, 1, 2)
            assert matrix[line + 1, head * grid.wide + 2] == grid.seen.maps[kind][layer, head, 1, 2]
    assert grid.at(-2, 0) is None and grid.at(0, 1000) is None


def test_the_answer_shown_is_the_one_that_is_measured() -> None:
    run = experiment(task="reverse")
    for source, _ in run.heldout_pairs[:5]:
        tokens = run.task.encode(source)
        free = run.free(torch.tensor([tokens]), {})[0].tolist()
        assert look(run, tokens).text == run.task.decode(free)


def test_it_learns_to_reverse_and_without_the_mask_only_seems_to() -> None:
    knobs = {"task": "reverse", "heads": 2, "positions": "learned", "lr": 8e-3, "steps": 500}
    run = experiment(**knobs)
    latest: dict[str, float] = {}
    for _ in range(500):
        latest |= run.step()
    assert latest["heldout/sequence_accuracy"] > 0.9 and latest["heldout/antidiagonal"] > 0.35
    peeking = experiment(**knobs, causal=False)
    for _ in range(300):
        latest |= peeking.step()
    assert latest["train/loss"] < 0.1 and latest["heldout/sequence_accuracy"] < 0.1
