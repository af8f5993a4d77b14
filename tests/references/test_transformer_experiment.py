"""What the experiment is built of and what it measures, on transformers set by hand and on sizes counted by hand."""

from __future__ import annotations

import dataclasses
import math
import random
import zlib
from typing import Any

import pytest
import torch
from torch import nn

from models.transformer import Block, ModelConfig
from playground.concepts.transformer.ablations import accuracy_without
from playground.concepts.transformer.inspection import run_example
from tests.references.hand_set_transformers import (
    D_K,
    LOOKS,
    SOURCE,
    hand_made,
    hand_set,
    hold_out,
    look,
    mean,
    probability,
    spread,
)
from tests.references.transformer_runs import experiment

PLAIN = ModelConfig(
    vocabulary=15, max_tokens=26, encoder_layers=1, decoder_layers=1, width=64, heads=4, positions="learned",
    pre_norm=True, scaled=True, causal=True, residual=True, layer_norm=True, dropout=0.0,
)  # fmt: skip


@pytest.mark.parametrize(
    ("knobs", "changed"),
    [
        ({}, {}),
        ({"layers": 3}, {"encoder_layers": 3, "decoder_layers": 3}),
        ({"layers": 3, "architecture": "encoder"}, {"encoder_layers": 3, "decoder_layers": 0}),
        ({"layers": 3, "architecture": "decoder"}, {"encoder_layers": 0, "decoder_layers": 3}),
        ({"heads": 2}, {"heads": 2, "width": 32}),
        ({"d_k": 6}, {"width": 24}),
        ({"positions": "none"}, {"positions": "none"}),
        ({"positions": "sinusoidal"}, {"positions": "sinusoidal"}),
        ({"positions": "rotary"}, {"positions": "rotary"}),
        ({"norm": "post"}, {"pre_norm": False}),
        ({"dropout": 0.25}, {"dropout": 0.25}),
        ({"scaled": False}, {"scaled": False}),
        ({"causal": False}, {"causal": False}),
        ({"residual": False}, {"residual": False}),
        ({"layer_norm": False}, {"layer_norm": False}),
        ({"task": "sort"}, {}),
        ({"task": "brackets", "layers": 2}, {"vocabulary": 25, "max_tokens": 34, "encoder_layers": 2,
                                             "decoder_layers": 0}),
        ({"task": "repeat"}, {"vocabulary": 29, "max_tokens": 34, "encoder_layers": 0}),
        ({"task": "dates"}, {"vocabulary": 44, "max_tokens": 30}),
    ],
)  # fmt: skip
def test_every_knob_reaches_the_model(knobs: dict[str, Any], changed: dict[str, Any]) -> None:
    """Sizes by hand: three marks and the characters; the longest text and answer with a beginning and an end."""
    model = experiment(**{"task": "reverse", **knobs}).model
    asked = dataclasses.replace(PLAIN, **changed)
    assert model.config == asked
    assert (len(model.encoder), len(model.decoder)) == (asked.encoder_layers, asked.decoder_layers)
    blocks = [m for m in model.modules() if isinstance(m, Block)]
    assert {m.p for m in model.modules() if isinstance(m, nn.Dropout)} == {asked.dropout}
    assert {(b.pre_norm, b.residual) for b in blocks} == {(asked.pre_norm, asked.residual)}
    attentions = [b.self_attention for b in blocks] + [b.cross_attention for b in blocks if b.cross_attention]
    assert {(a.heads, a.scaled, a.to_q.in_features) for a in attentions} == {(asked.heads, asked.scaled, asked.width)}
    assert {b.self_attention.rotary for b in blocks} == {asked.positions == "rotary"}
    assert (model.positions is not None) == (asked.positions == "learned")


@pytest.mark.parametrize(("norm", "ends"), [("pre", 2), ("post", 0)])
def test_a_norm_for_every_sublayer_and_at_the_end_of_a_pre_norm_stack(norm: str, ends: int) -> None:
    model = experiment(task="reverse", layers=2, norm=norm).model
    assert sum(isinstance(m, nn.LayerNorm) for m in model.modules()) == 2 * 2 + 2 * 3 + ends
    bare = experiment(task="reverse", layers=2, norm=norm, layer_norm=False).model
    assert not any(isinstance(m, nn.LayerNorm) for m in bare.modules())


@pytest.mark.parametrize("norm", ["pre", "post"])
def test_without_residual_connections_a_silent_sublayer_leaves_nothing(norm: str) -> None:
    for residual in (True, False):
        block = experiment(task="reverse", norm=norm, layer_norm=False, residual=residual).model.encoder[0]
        x = torch.randn(2, 5, 64, generator=torch.Generator().manual_seed(0))
        with torch.no_grad():
            for last in (block.self_attention.to_out, block.mlp[2]):
                last.weight.zero_()
                last.bias.zero_()
            assert torch.equal(block(x), x if residual else torch.zeros_like(x))


def test_the_step_size_rises_over_the_warm_up_and_falls_to_a_twentieth() -> None:
    run = experiment(task="reverse", d_k=4, batch=8, lr=0.01, schedule=100)
    falls = 0.525 - 0.475 * math.sqrt(0.5)
    for step, share in ((1, 0.02), (25, 0.5), (49, 0.98), (50, 0.525), (75, falls), (100, 0.05), (150, 0.05)):
        run.steps_taken = step - 1
        run.step()
        assert [group["lr"] for group in run.optimiser.param_groups] == [pytest.approx(0.01 * share)], step
    run.update_live(run.config.model_copy(update={"lr": 0.04, "dropout": 0.3}))
    run.steps_taken = 24
    run.step()
    assert run.optimiser.param_groups[0]["lr"] == pytest.approx(0.02)
    assert {m.p for m in run.model.modules() if isinstance(m, nn.Dropout)} == {0.3}


@pytest.mark.parametrize(("step", "share"), [(1, 0.02), (50, 0.525)])
def test_adams_first_step_is_as_long_as_the_schedule_says(step: int, share: float) -> None:
    """Adam divides its first gradient by its size: each number moves by the step size."""
    run = experiment(task="reverse", d_k=4, lr=0.01, schedule=100)
    before = run.model.to_logits.bias.detach().clone()
    run.steps_taken = step - 1
    run.step()
    assert float((run.model.to_logits.bias.detach() - before).abs().max()) == pytest.approx(0.01 * share, rel=0.02)


@pytest.mark.parametrize("task", ["dates", "reverse", "sort", "brackets", "repeat"])
def test_a_tenth_of_all_answers_is_kept_for_measuring(task: str) -> None:
    run = experiment(task=task, d_k=4, batch=24)

    def kept(pair: tuple[str, str]) -> bool:
        return zlib.crc32((pair[1] or pair[0]).encode()) % 10 == 0

    assert all(map(kept, run.heldout_pairs)) and not any(map(kept, run.pairs(random.Random(5), 500)))
    for mine, theirs in zip(run.heldout, run.tokens(run.heldout_pairs), strict=True):
        assert torch.equal(mine, theirs)
    assert len(run.next_batch()[0]) == 24


def test_it_measures_at_the_first_step_and_at_every_fiftieth() -> None:
    run = experiment(task="reverse", d_k=4, batch=8)
    measured = [step for step in range(1, 102) if "heldout/loss" in run.step()]
    assert measured == [1, 50, 100] == [step for step, _ in run.entropies]


RIGHT, ALMOST, SHORT, LONG = "bad", "bab", "ba", "badb"
P = probability(15)
GOOD, BAD, EVEN = -math.log(P), -math.log((1 - P) / 14), math.log(15)
"""Nats of a token that it says, of another one, and of one after its end."""
NATS = {RIGHT: [GOOD] * 4, ALMOST: [GOOD, GOOD, BAD, GOOD], SHORT: [GOOD, GOOD, BAD], LONG: [*[GOOD] * 3, BAD, EVEN]}


@pytest.mark.parametrize("causal", [True, False])
@pytest.mark.parametrize("architecture", ["encoder-decoder", "decoder"])
def test_loss_and_exact_answers_of_one_that_always_says_bad(architecture: str, causal: bool) -> None:
    """In nats a token, padding left out; an answer that goes on, or stops before, is not exact."""
    run = hand_made(RIGHT, after=4 if architecture == "decoder" else 0, architecture=architecture, causal=causal)
    texts = ["".join(random.Random(i).choices("abcdefghijkl", k=4)) for i in range(10)]
    answers = [RIGHT, ALMOST, RIGHT, SHORT, LONG, RIGHT, RIGHT, ALMOST, SHORT, RIGHT]
    hold_out(run, list(zip(texts, answers, strict=True)))
    found = run.heldout_metrics()
    assert found["heldout/sequence_accuracy"] == pytest.approx(0.5)
    assert found["heldout/loss"] == pytest.approx(mean([nats for answer in answers for nats in NATS[answer]]), rel=1e-5)
    assert run.sequence_accuracy(3) == pytest.approx(2 / 3)
    assert run.sequence_accuracy(5) == pytest.approx(2 / 5)


def test_an_encoders_labels_count_where_there_is_a_character() -> None:
    run = hand_made(RIGHT, architecture="encoder")
    hold_out(run, [("aaa", "bad"), ("aa", "ba"), ("aaa", "bab"), ("a", "b"), ("a", "d")])
    found = run.heldout_metrics()
    assert found["heldout/sequence_accuracy"] == pytest.approx(3 / 5)
    assert found["heldout/loss"] == pytest.approx(mean([GOOD] * 8 + [BAD] * 2), rel=1e-5)


def test_the_train_loss_is_of_the_batch_before_its_step() -> None:
    run = hand_made(RIGHT, dropout=0.0)
    pairs = [("abcd", RIGHT), ("abc", SHORT), ("abcde", LONG), (SOURCE, RIGHT)]
    run.next_batch = lambda: run.tokens(pairs)  # type: ignore[method-assign]
    assert run.step()["train/loss"] == pytest.approx(mean([nats for _, answer in pairs for nats in NATS[answer]]))


def test_entropies_are_of_each_head_in_nats_over_tokens_and_not_over_padding() -> None:
    """Every head looks at the first token, each at a strength of its own; texts and answers have several lengths."""
    run = hand_made(RIGHT, {head: (lambda i: 0, strength) for head, (_, strength) in LOOKS.items()})
    pairs = [(SOURCE, "bad"), ("abcd", "b"), ("ab", "badbadbad"), ("abcdefghijkl", "ba")]
    hold_out(run, pairs)
    texts, answers = [len(text) for text, _ in pairs], [len(answer) + 1 for _, answer in pairs]
    mean_entropy = run.heldout_metrics()["attention/entropy"]
    ((_, found),) = run.entropies
    every = []
    for (kind, layer, head), (_, s) in LOOKS.items():
        rows = {
            "encoder": [spread(n, s) for n in texts for _ in range(n)],
            "cross": [spread(n, s) for n, m in zip(texts, answers, strict=True) for _ in range(m)],
            "decoder": [spread(i + 1, s) for m in answers for i in range(m)],
        }[kind]
        name = f"{'encoder' if kind == 'encoder' else 'decoder'}.{layer}.{'cross' if kind == 'cross' else 'self'}"
        assert found[f"{name}_attention.hook_pattern"][head] == pytest.approx(mean(rows), rel=1e-4), (kind, layer, head)
        every.append(mean(rows))
    assert len(found) == 6 and mean_entropy == pytest.approx(mean(every), rel=1e-4)


def test_entropies_of_a_decoder_alone_leave_out_what_follows_the_end() -> None:
    run = hand_made(RIGHT, {("decoder", 1, 0): (lambda i: 0, 2.0)}, architecture="decoder")
    hold_out(run, [(SOURCE, "bad"), ("ab", "b")])
    run.heldout_metrics()
    ((_, found),) = run.entropies
    rows = [i + 1 for tokens in (6 + 1 + 3, 2 + 1 + 1) for i in range(tokens)]
    assert found["decoder.1.self_attention.hook_pattern"] == pytest.approx(
        [mean([spread(n, 2) for n in rows]), mean([math.log(n) for n in rows])], rel=1e-4
    )


def test_the_antidiagonal_is_read_off_the_attention_that_should_have_it() -> None:
    """An encoder's and a decoder's own anti-diagonals are sharper here; only the cross-attention's counts."""
    run = hand_made(RIGHT, {}, task="reverse")
    hold_out(run, [(SOURCE, SOURCE[::-1]), ("abcdef", "fedcba")])
    look(run, {("encoder", 0, 0): (lambda i: 5 - i, 5.0), ("decoder", 0, 0): (lambda i: 5 - i, 6.0)})
    assert run.heldout_metrics()["heldout/antidiagonal"] == pytest.approx(1 / 6, rel=1e-5)
    look(run, {("cross", 1, 1): (lambda i: 5 - i, 2.0), ("cross", 0, 0): (lambda i: 5 - i, 1.0)})
    best = math.exp(2) / (math.exp(2) + 5)
    assert run.heldout_metrics()["heldout/antidiagonal"] == pytest.approx(best, rel=1e-5)
    alone = hand_made(RIGHT, {("decoder", 0, 1): (lambda i: 11 - i, 3.0)}, task="reverse", architecture="decoder")
    hold_out(alone, [(SOURCE, SOURCE[::-1])])  # the beginning, query 6, asks for letter 5
    best = mean([math.exp(3) / (math.exp(3) + 6 + i) for i in range(6)])
    assert alone.heldout_metrics()["heldout/antidiagonal"] == pytest.approx(best, rel=1e-5)


def test_the_induction_score_adds_up_what_all_earlier_copies_get() -> None:
    run = hand_made("a", {("decoder", 1, 1): (lambda i: i - 9, 3.0)}, task="repeat")
    hold_out(run, [(("abcdefghij" * 4)[:32], "")])
    shares = [
        (math.exp(3) + (t + 1) // 10 - 1) / (math.exp(3) + t) for t in range(10, 31)
    ]  # token t: (t + 1) // 10 copies before it had a next token
    assert run.heldout_metrics()["induction_score"] == pytest.approx(mean(shares), rel=1e-5)


@pytest.mark.parametrize("causal", [True, False])
@pytest.mark.parametrize("architecture", ["encoder-decoder", "decoder", "encoder"])
def test_a_head_that_is_off_is_the_one_that_was_meant(architecture: str, causal: bool) -> None:
    """Each head of the last stack keeps a letter of its own from being said."""
    run = hand_made(RIGHT, {}, architecture=architecture, causal=causal)
    after = 3 if architecture == "decoder" else 0
    letters = hand_set(run, RIGHT, {}, after)
    hold_out(run, [("klj", RIGHT)] * 3 + [("klj", ALMOST)])
    assert len(letters) == (8 if architecture == "encoder-decoder" else 4)
    tokens = run.task.encode("klj")
    length = 3 if architecture == "encoder" else 13
    for head, letter in letters.items():
        assert run_example(run, tokens, without=head).answer == letter * length, head
        assert accuracy_without(run, head) == 0
    assert run_example(run, tokens).answer == RIGHT and accuracy_without(run, None) == pytest.approx(0.75)
    if architecture == "encoder-decoder":
        assert accuracy_without(run, ("encoder", 0, 0)) == pytest.approx(0.75), "what the encoder says is not used here"


@pytest.mark.parametrize("scaled", [True, False])
def test_scaling_divides_the_scores_by_the_root_of_the_width(scaled: bool) -> None:
    run = hand_made(RIGHT, {("cross", 0, 1): (lambda i: 2, 0.5)}, scaled=scaled)
    strength = 0.5 if scaled else 0.5 * math.sqrt(D_K)
    shown = run_example(run, run.task.encode(SOURCE))
    expected = math.exp(strength) / (math.exp(strength) + 5)
    assert shown.patterns["cross"][0, 1, :, 2] == pytest.approx(expected, rel=1e-4)
