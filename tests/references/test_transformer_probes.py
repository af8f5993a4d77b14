"""The experiment on strings: what is shown of it, what can be asked, and what is refused."""

from __future__ import annotations

import math
from copy import deepcopy
from typing import Any, Literal

import numpy as np
import pytest
import torch
from pydantic import ValidationError

from models.decoding import greedy_decode
from playground.concept import Refused
from playground.concepts.transformer import ablations, measures, probes
from playground.concepts.transformer.config import TransformerConfig
from playground.concepts.transformer.experiment import TransformerExperiment
from playground.concepts.transformer.inspection import (
    ForwardPass,
    Head,
    example,
    example_pass,
    example_prefix,
    run_example,
)
from playground.concepts.transformer.pattern_grid import Cell, PatternGrid
from playground.concepts.transformer.questions import Edit, HeadQuestion, Inside, Shuffle, Write
from playground.data.strings import BEGIN, period
from tests.references.transformer_runs import LEARNS, REPEAT, REVERSE, experiment, trained

Kind = Literal["encoder", "cross", "decoder"]
KINDS: tuple[Kind, ...] = ("encoder", "cross", "decoder")
HEADS = [(kind, layer, head) for kind in KINDS for layer in range(2) for head in range(2)]


def cut_by_hand(run: TransformerExperiment, head: Head) -> TransformerExperiment:
    """The same run with a head's columns of its output projection at 0."""
    kind, layer, index = head
    other, width = deepcopy(run), run.config.d_k
    block = (other.model.encoder if kind == "encoder" else other.model.decoder)[layer]
    attention = block.cross_attention if kind == "cross" else block.self_attention
    with torch.no_grad():
        attention.to_out.weight[:, index * width : (index + 1) * width] = 0
    return other


def same(a: ForwardPass, b: ForwardPass) -> bool:
    return a.inputs == b.inputs and np.allclose(a.probabilities, b.probabilities, atol=1e-5)


@pytest.mark.parametrize(
    ("knobs", "kind"),
    [({}, "encoder"), ({}, "cross"), (REPEAT, "decoder"), (REPEAT | {"positions": "rotary"}, "decoder"),
     ({"scaled": False}, "cross")],
)  # fmt: skip
def test_inside_a_head_the_shown_numbers_make_the_shown_pattern(knobs: dict[str, Any], kind: Kind) -> None:
    run = experiment(**knobs)
    shown = run_example(run, example(run))
    name = measures.KINDS[kind].format(0)
    queries, k, v = (torch.from_numpy(shown.vectors[f"{name}.hook_{x}"][1]) for x in "qkv")
    assert len(queries) == len(shown.queries(kind)) and len(k) == len(v) == len(shown.keys(kind))
    row, q = 3, queries[3]
    scores = k @ q / (math.sqrt(len(q)) if run.config.scaled else 1)
    pattern = torch.from_numpy(shown.patterns[kind][0, 1, row])
    if kind == "decoder":
        scores[row + 1 :] = -math.inf
        assert pattern[row + 1 :].isnan().all() and not pattern[: row + 1].isnan().any()
    torch.testing.assert_close(scores.softmax(0), pattern.nan_to_num(), atol=1e-5, rtol=1e-4)

    figure = probes.inside(run, Inside(kind=kind, head=2, row=row + 1))
    above, table, below = figure["data"]
    assert np.array(above["z"], float)[:, 0] == pytest.approx(q.numpy(), abs=0.006)
    assert np.array(above["z"], float)[:, 2:] == pytest.approx(k.T.numpy(), abs=0.006)
    mixed = scores.softmax(0) @ v
    assert np.array(below["z"], float)[:, 0] == pytest.approx(mixed.numpy(), abs=0.006)
    assert table["text"][-1] == [
        "−∞" if w.isnan() else f"{w:.2f}".removeprefix("0") if w < 0.995 else "1.00" for w in pattern
    ]


@pytest.mark.parametrize(("positions", "moves"), [("none", False), ("learned", True), ("rotary", True)])
def test_shuffled_characters_keep_their_codes_only_without_positions(positions: str, moves: bool) -> None:
    run = experiment(positions=positions)
    figure = probes.shuffle(run, Shuffle(text="march 3, 2021", order=1))
    assert bool(max(figure["data"][0]["y"]) > 0.01) == moves
    said = figure["layout"]["annotations"][0]["text"]
    assert ("none moved" in said) != moves and "march 3, 2021 → " in said
    with pytest.raises(Refused, match="has no encoder"):
        probes.shuffle(experiment(**REPEAT), Shuffle())


def test_only_heads_that_there_are_can_be_asked_about() -> None:
    run = experiment(**REPEAT)
    assert probes.head(run, HeadQuestion())["layout"]["annotations"][0]["text"] == "self 1, head 1"
    for question, sentence in (
        (HeadQuestion(kind="cross"), "no cross attention; it has decoder"),
        (HeadQuestion(layer=3), "Layer: 3 is too many, the last of this model is 2"),
        (HeadQuestion(head=5), "Head: 5 is too many, the last of this model is 4"),
    ):
        for ask in (probes.head, probes.off):
            with pytest.raises(Refused, match=sentence):
                ask(run, question)


@pytest.mark.slow
def test_a_head_is_switched_off_in_the_layer_that_is_asked_for() -> None:
    run = trained(**LEARNS[0][0])
    tokens = example(run)
    whole = run_example(run, tokens)
    off = {head: run_example(run, tokens, without=head) for head in HEADS}
    by_hand = {head: run_example(cut_by_hand(run, head), tokens) for head in HEADS}
    for head in HEADS:
        assert same(off[head], by_hand[head]) and not same(off[head], whole), head
        for weights in off[head].patterns.values():  # it attends as before, and what it finds is thrown away
            assert np.nansum(weights, -1) == pytest.approx(1, abs=1e-5)
        kind, layer, index = head
        others = [other for other in HEADS if other != head and not same(off[head], by_hand[other])]
        assert (kind, 1 - layer, index) in others and (kind, layer, 1 - index) in others
    assert same(run_example(run, tokens), whole), "it is on again"


@pytest.mark.slow
def test_bars_show_the_accuracy_without_each_head() -> None:
    run = trained(**LEARNS[0][0])
    expected = {head: cut_by_hand(run, head).sequence_accuracy(ablations.SOME) for head in HEADS}
    assert {head: ablations.accuracy_without(run, head) for head in HEADS} == expected
    whole = run.sequence_accuracy(ablations.SOME)
    assert ablations.accuracy_without(run, None) == whole
    for kind in KINDS:
        by_layer = [[expected[kind, layer, head] for head in range(2)] for layer in range(2)]
        assert by_layer[0] != by_layer[1], "or this could not tell the layers apart"
    answer = run_example(run, example(run)).answer
    answers = {head: run_example(cut_by_hand(run, head), example(run)).answer for head in HEADS}
    kind, layer, index = next(head for head in HEADS if head[1] == 1 and answers[head] != answer)
    figure = probes.off(run, HeadQuestion(kind=kind, layer=layer + 1, head=index + 1))
    shown = dict(zip(figure["data"][0]["x"], figure["data"][0]["y"], strict=True))
    assert shown == pytest.approx({f"{k[:5]} {la + 1}.{h + 1}": expected[k, la, h] for k, la, h in HEADS}, abs=1e-3)
    assert figure["layout"]["shapes"][0]["y0"] == pytest.approx(whole)
    said = figure["layout"]["annotations"][0]["text"]
    name = f"{kind[:5]} {layer + 1}.{index + 1}"
    assert said == f"with all heads: {answer}<br>without {name}: {answers[kind, layer, index]}"


def test_an_edit_moves_nothing_before_it_in_a_decoder_alone() -> None:
    figure = probes.edit(experiment(**REPEAT), Edit(position=7, character="q"))
    moved = figure["data"][0]["y"]
    assert len(moved) == 32 and not any(moved[:6]) and moved[6] > 0
    with pytest.raises(Refused, match="Position: 32 is past the end of a text of 12 characters"):
        probes.edit(experiment(**REVERSE), Edit(position=32))


def test_an_edit_can_put_a_blank_where_texts_have_some() -> None:
    figure = probes.edit(experiment(), Edit(text="may 3, 2021", position=5, character=" "))
    assert "may  , 2021 →" in figure["layout"]["annotations"][0]["text"]
    with pytest.raises(Refused, match="By: The text is empty"):
        probes.edit(experiment(**REVERSE), Edit(character=" "))


def test_the_grid_finds_the_cell_under_the_pointer() -> None:
    run = experiment(layers=2, heads=3, d_k=8)
    grid = PatternGrid(run_example(run, example(run)))
    assert len(grid.rows) == 6 and grid.heads == 3
    for kind, layer, line in grid.rows:
        for head in range(3):
            cell = grid.at(head * grid.stride + 1.3, line + 2.8)
            assert cell == Cell(kind, layer, head, 3, 1)
    assert grid.at(-2, 0) is None and grid.at(0, 1000) is None


def test_a_click_in_the_grid_and_the_same_head_by_name_show_the_same_numbers() -> None:
    run = experiment(layers=2, heads=3, d_k=8)
    grid = PatternGrid(run_example(run, example(run)))
    kind, layer, line = grid.rows[3]
    asked = probes.clicked_cell(run, 2 * grid.stride + 1.3, line + 2.8)
    assert asked == {"text": "", "kind": "cross", "layer": 2, "head": 3, "row": 4} and (kind, layer) == ("cross", 1)
    figure = probes.inside(run, Inside(**asked))
    softmax = figure["data"][1]["text"][-1]
    shown = [f"{w:.2f}".removeprefix("0") for w in grid.forward_pass.patterns["cross"][1, 2, 3]]
    assert softmax == shown
    assert "decoder: cross 2, head 3" in figure["layout"]["annotations"][0]["text"]
    with pytest.raises(Refused, match="Row: 40 is past the end of a map of "):
        probes.inside(run, Inside(**asked | {"row": 40}))
    with pytest.raises(Refused, match="no map at this place"):
        probes.clicked_cell(run, -2, 0)


def test_the_example_is_run_once_a_step() -> None:
    run = experiment(task="reverse", d_k=8)
    first = example_pass(run)
    assert example_pass(run) is first and same(first, run_example(run, example(run)))
    run.step()
    second = example_pass(run)
    assert second is not first and same(second, run_example(run, example(run))) and not same(first, second)
    state = deepcopy(run.state_dict())
    state["model"]["to_logits.bias"] += torch.arange(run.task.vocabulary)
    run.load_state_dict(state)  # another model at the same step
    assert same(example_pass(run), run_example(run, example(run))) and not same(example_pass(run), second)


@pytest.mark.parametrize("causal", [True, False])
@pytest.mark.parametrize(
    "knobs", [{"task": "reverse"}, {"task": "reverse", "architecture": "decoder"}, {"task": "repeat"}]
)
def test_what_is_shown_is_what_was_written_with_the_probabilities_of_that_moment(
    knobs: dict[str, Any], causal: bool
) -> None:
    """Without the mask a pass over the finished text sees each token that it should predict."""
    run = experiment(**knobs, causal=causal, layers=2, d_k=8)
    tokens = example_prefix(run)
    shown = run_example(run, tokens)
    prefix, memory = torch.tensor([tokens]), None
    if run.architecture == "encoder-decoder":
        prefix, memory = torch.tensor([[BEGIN]]), run.model.encode(prefix)
    elif run.config.task != "repeat":
        prefix = torch.cat([prefix, torch.tensor([[BEGIN]])], dim=1)
    steps = len(shown.inputs) - prefix.shape[1] + 1
    text, probabilities = greedy_decode(run.model, prefix, steps, memory)
    glyphs = [run.task.glyph(t) for t in text[0].tolist()]
    assert shown.first == prefix.shape[1] - 1 and shown.inputs == glyphs[:-1]
    assert shown.outputs[shown.first :] == glyphs[prefix.shape[1] :]
    assert shown.probabilities[shown.first :] == pytest.approx(probabilities[0].numpy(), abs=1e-5)
    assert len(shown.probabilities) == len(shown.outputs) == len(shown.inputs)
    assert shown.probabilities.sum(-1) == pytest.approx(1, abs=1e-5)
    assert bool(np.isnan(shown.patterns["decoder"]).any()) == causal


@pytest.mark.slow
def test_a_written_answer_ends_with_its_first_end() -> None:
    run = trained(**LEARNS[0][0])
    right = [pair for pair in run.heldout_pairs[:40] if run_example(run, run.task.encode(pair[0])).answer == pair[1]]
    assert len(right) > 4
    for source, answer in right:
        shown = run_example(run, run.task.encode(source))
        assert shown.outputs == [*answer, "⊣"] and shown.inputs == ["⊢", *answer] and shown.source == list(source)
        written = probes.write(run, Write(text=source))["reading"]
        assert (written["text"], written["answer"], written["own"]) == (source, answer, True)


def test_a_segment_is_continued_from_where_it_begins_again() -> None:
    run = experiment(**REPEAT)
    prefix = example_prefix(run)
    n = period(example(run))
    assert prefix == example(run)[: n + 2]
    shown = run_example(run, prefix)
    assert len(shown.inputs) == 32 and shown.first == n + 1 and len(shown.answer) == 32 - n - 1
    assert "".join(shown.inputs[n + 2 :]) == shown.answer[:-1], "what is written is what is read next"
    whole = run_example(run, example(run))
    assert whole.first == 0 and "".join(whole.inputs) == run.task.decode(example(run))


@pytest.mark.parametrize(
    ("knobs", "sentence"),
    [({"task": "repeat", "architecture": "encoder"}, "takes a decoder"),
     ({"task": "repeat", "architecture": "encoder-decoder"}, "takes a decoder"),
     ({"task": "dates", "architecture": "encoder"}, "labels each character")],
)  # fmt: skip
def test_an_architecture_that_can_not_do_a_task_is_refused(knobs: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValidationError, match=sentence):
        TransformerConfig(**knobs)


def test_a_model_that_takes_too_long_is_refused_with_what_to_lower() -> None:
    largest: dict[str, Any] = {"layers": 4, "heads": 8, "d_k": 64}
    for batch in (8, 256):  # no batch is small enough
        with pytest.raises(ValidationError, match=r"1,048,576; .* 65,536\. Lower Width of a head to 16 or Heads to 2"):
            TransformerConfig(**largest, batch=batch)
    size: dict[str, Any] = {"layers": 4, "heads": 8, "d_k": 16}
    with pytest.raises(ValidationError, match=r"Lower Batch size to 64 or Width of a head to 8 or Heads to 4 or"):
        TransformerConfig(**size, batch=256)
    assert TransformerConfig(**size, batch=64).batch == 64, "what the sentence names is taken"


@pytest.mark.parametrize("task", ["dates", "reverse", "sort", "brackets", "repeat"])
@pytest.mark.parametrize("architecture", ["auto", "encoder-decoder", "encoder", "decoder"])
def test_every_task_steps_and_shows_itself_in_every_architecture_that_it_takes(task: str, architecture: str) -> None:
    try:
        run = experiment(task=task, architecture=architecture, d_k=8)
    except ValidationError:
        return
    latest = run.step()
    assert 0 < latest["train/loss"] < 10 and latest["heldout/sequence_accuracy"] < 0.2
    shown = run_example(run, example(run))
    kinds = {"encoder": {"encoder"}, "decoder": {"decoder"}, "encoder-decoder": {"encoder", "decoder", "cross"}}
    assert set(shown.patterns) == kinds[run.architecture]
    for kind, weights in shown.patterns.items():
        assert weights.shape[2:] == (len(shown.queries(kind)), len(shown.keys(kind)))
        assert np.nansum(weights, -1) == pytest.approx(1, abs=1e-5)
