"""The experiment on strings: what is measured, what is shown, and that it learns."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from pydantic import ValidationError

from playground.concept import Refused
from playground.concepts.transformer import measures, probes
from playground.concepts.transformer.config import TransformerConfig
from playground.concepts.transformer.experiment import TransformerExperiment, held_out
from playground.concepts.transformer.look import Cell, Grid, example, look, prompt
from playground.concepts.transformer.probes import queries_keys_values
from playground.concepts.transformer.questions import Edit, Head, Inside, Shuffle
from playground.data.strings import BEGIN, END, PAD, period


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
    lengths = (source != PAD).sum(1).tolist()
    assert measures.antidiagonal([straight, perfect], lengths, False) == 1
    assert measures.antidiagonal([straight], lengths, False) < 0.15
    alone = torch.zeros(len(source), 4, 26, 26)  # the same after the text: its beginning is the first to ask
    for b, n in enumerate(lengths):
        for i in range(n):
            alone[b, 1, n + i, n - 1 - i] = 1
    assert measures.antidiagonal([alone], lengths, True) == 1 and measures.antidiagonal([alone], lengths, False) < 0.2


def test_the_induction_score_knows_an_induction_head_from_one_that_looks_a_fixed_way_back() -> None:
    run = experiment(task="repeat", layers=2)
    periods = [period(text) for text, _ in run.heldout_pairs]
    count, length = len(periods), 31
    perfect = torch.zeros(count, 4, length, length)
    for b, n in enumerate(periods):
        for t in range(n, length):
            perfect[b, 1, t, t - n + 1] = 1
    assert measures.induction([perfect], periods) == 1
    for back in range(1, 14):
        fixed = torch.zeros(count, 4, length, length)
        for t in range(back, length):
            fixed[:, 1, t, t - back] = 1
        assert measures.induction([fixed], periods) < 0.4, back


@pytest.mark.parametrize("task", ["dates", "reverse", "sort", "brackets", "repeat"])
def test_held_out_answers_are_never_trained_on(task: str, monkeypatch: pytest.MonkeyPatch) -> None:
    run, trained = experiment(task=task, batch=256), []
    batch = run._batch
    monkeypatch.setattr(run, "_batch", lambda pairs: trained.extend(pairs) or batch(pairs))
    for _ in range(12):
        run.step()
    assert len(trained) == 12 * 256 and len(run.heldout_pairs) == 128
    answers, heldout = ({answer or text for text, answer in pairs} for pairs in (trained, run.heldout_pairs))
    assert not answers & heldout
    distinct = {answer or text: (text, answer) for text, answer in (run.task.pair(run.rng) for _ in range(5000))}
    assert 0.08 < sum(map(held_out, distinct.values())) / len(distinct) < 0.12


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
    queries, k, v = (torch.from_numpy(part) for part in queries_keys_values(run, seen, kind, 0, 1))
    row, q = 3, queries[3]
    scores = k @ q / math.sqrt(len(q))
    shown = torch.from_numpy(seen.maps[kind][0, 1, 3])
    if kind == "decoder":
        scores[row + 1 :] = -math.inf
        assert shown[row + 1 :].isnan().all() and not shown[: row + 1].isnan().any()
    torch.testing.assert_close(scores.softmax(0), shown.nan_to_num(), atol=1e-5, rtol=1e-4)
    assert v.shape == k.shape


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
    assert probes.head(run, Head())["layout"]["annotations"][0]["text"] == "causal self 1, head 1"
    for question, sentence in (
        (Head(part="cross"), "no cross attention; it has decoder"),
        (Head(layer=3), "Layer: 3 is too many, the last of this model is 2"),
        (Head(head=5), "Head: 5 is too many, the last of this model is 4"),
    ):
        for ask in (probes.head, probes.off):
            with pytest.raises(Refused, match=sentence):
                ask(run, question)


def test_an_edit_moves_nothing_before_it_in_a_decoder_alone() -> None:
    figure = probes.edit(experiment(**REPEAT), Edit(place=7, character="q"))
    moved = figure["data"][0]["y"]
    assert len(moved) == 32 and not any(moved[:6]) and moved[6] > 0


def test_the_grid_finds_the_cell_under_the_pointer() -> None:
    run = experiment(layers=2, heads=3, d_k=8)
    grid = Grid(look(run, example(run)))
    matrix = grid.matrix()
    for kind, layer, line in grid.rows:
        for head in range(3):
            cell = grid.at(head * grid.wide + 1.3, line + 2.8)
            assert cell == Cell(kind, layer, head, 3, 1)
            assert matrix[line + 3, head * grid.wide + 1] == grid.seen.maps[kind][layer, head, 3, 1]
    assert grid.at(-2, 0) is None and grid.at(0, 1000) is None


def test_a_click_in_the_grid_and_the_same_head_by_name_show_the_same_numbers() -> None:
    run = experiment(layers=2, heads=3, d_k=8)
    grid = Grid(look(run, example(run)))
    kind, layer, line = grid.rows[3]
    asked = probes.locate(run, 2 * grid.wide + 1.3, line + 2.8)
    assert asked == {"text": "", "part": "cross", "layer": 2, "head": 3, "place": 4} and (kind, layer) == ("cross", 1)
    figure = probes.inside(run, Inside(**asked))
    softmax = figure["data"][1]["text"][-1]
    shown = [f"{w:.2f}".removeprefix("0") for w in grid.seen.maps["cross"][1, 2, 3]]
    assert softmax == shown
    assert "decoder: cross 2, head 3" in figure["layout"]["annotations"][0]["text"]
    with pytest.raises(Refused, match="Row: 40 is past the end of a map of "):
        probes.inside(run, Inside(**asked | {"place": 40}))
    with pytest.raises(Refused, match="no map at this place"):
        probes.locate(run, -2, 0)


@pytest.mark.parametrize("architecture", ["encoder-decoder", "encoder", "decoder"])
def test_the_answer_shown_is_the_one_that_is_measured(architecture: str) -> None:
    """One text without padding, decoded with what pictures use; all of them padded, with what is measured."""
    run = experiment(task="sort", architecture=architecture, d_k=8, steps=60)
    for _ in range(60):  # so that answers differ from text to text
        run.step()
    run.model.eval()
    source, answer = run.heldout
    shown = [look(run, run.task.encode(text)).text for text, _ in run.heldout_pairs[:8]]
    if architecture == "decoder":
        text, given = run.joined(source, answer)
        rows = run.continued(text, given, {})
        measured = [run.task.decode(row[n:].tolist()) for row, n in zip(rows, given.tolist(), strict=True)]
    else:
        measured = [run.task.decode(row.tolist()) for row in run.free(source, {})]
        if architecture == "encoder":
            measured = [m[: len(t)] for m, (t, _) in zip(measured, run.heldout_pairs, strict=True)]
    if architecture == "decoder":  # both go on without an end, to different lengths
        pairs = list(zip(shown, measured, strict=False))
        shown, measured = [s[: len(m)] for s, m in pairs], [m[: len(s)] for s, m in pairs]
    assert shown == measured[:8] and len(set(shown)) > 3 and min(map(len, shown)) > 2


def test_a_decoder_alone_reads_text_and_answer_as_one_and_learns_only_the_answer() -> None:
    run = experiment(task="reverse", architecture="decoder")
    text, given = run.joined(*run.heldout)
    _, target = run.predict(*run.heldout)
    for row, n, asked, (source, answer) in zip(text.tolist(), given.tolist(), target, run.heldout_pairs, strict=True):
        whole = [*run.task.encode(source), BEGIN, *run.task.encode(answer), END]
        assert row[: len(whole)] == whole and not any(row[len(whole) :]) and row[:n] == whole[: len(source) + 1]
        assert asked[asked != PAD].tolist() == whole[len(source) + 1 :]
        assert asked[: len(source)].tolist() == [PAD] * len(source)


def test_a_segment_is_gone_on_with_from_where_it_begins_again() -> None:
    run = experiment(**REPEAT)
    given = prompt(run)
    n = period(example(run))
    assert given == example(run)[: n + 2]
    seen = look(run, given)
    assert len(seen.asking) == 32 and seen.first == n + 1 and len(seen.text) == 32 - n - 1
    assert "".join(seen.asking[n + 2 :]) == seen.text[:-1], "what is written is what is read next"
    whole = look(run, example(run))
    assert whole.first == 0 and "".join(whole.asking) == run.task.decode(example(run))


@pytest.mark.parametrize(
    ("knobs", "sentence"),
    [({"task": "repeat", "architecture": "encoder"}, "takes a decoder"),
     ({"task": "repeat", "architecture": "encoder-decoder"}, "takes a decoder"),
     ({"task": "dates", "architecture": "encoder"}, "labels each character")],
)  # fmt: skip
def test_an_architecture_that_can_not_do_a_task_is_refused(knobs: dict[str, str], sentence: str) -> None:
    with pytest.raises(ValidationError, match=sentence):
        TransformerConfig(**knobs)


@pytest.mark.parametrize("task", ["dates", "reverse", "sort", "brackets", "repeat"])
@pytest.mark.parametrize("architecture", ["auto", "encoder-decoder", "encoder", "decoder"])
def test_every_task_steps_and_shows_itself_in_every_architecture_that_it_takes(task: str, architecture: str) -> None:
    try:
        run = experiment(task=task, architecture=architecture, d_k=8)
    except ValidationError:
        return
    latest = run.step()
    assert 0 < latest["train/loss"] < 10 and latest["heldout/sequence_accuracy"] < 0.2
    seen = look(run, example(run))
    kinds = {"encoder": {"encoder"}, "decoder": {"decoder"}, "encoder-decoder": {"encoder", "decoder", "cross"}}
    assert set(seen.maps) == kinds[run.parts]
    for kind, weights in seen.maps.items():
        assert weights.shape[2:] == (len(seen.queries(kind)), len(seen.keys(kind)))
        assert np.nansum(weights, -1) == pytest.approx(1, abs=1e-5)


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
