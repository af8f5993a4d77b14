"""The experiment on strings: what is measured, and that it learns."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from playground.concepts.transformer import measures
from playground.concepts.transformer.experiment import TransformerExperiment, held_out
from playground.concepts.transformer.inspection import run_example
from playground.data.strings import BEGIN, END, PAD, period
from tests.references.transformer_runs import LEARNS, REPEAT, REVERSE, experiment, metrics, trained


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


def test_the_induction_score_knows_an_induction_head_from_one_that_attends_a_fixed_way_back() -> None:
    run = experiment(**REPEAT)
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


def test_entropy_is_the_mean_over_texts_and_rows_of_each_head() -> None:
    weights = torch.zeros(3, 2, 5, 8)
    weights[:, 0, :, :4] = 0.25
    weights[:, 1, :, 0] = 1
    assert measures.entropy(weights).tolist() == pytest.approx([math.log(4), 0], abs=1e-6)


@pytest.mark.parametrize("architecture", ["encoder-decoder", "encoder", "decoder"])
def test_heldout_measures_are_of_every_head_and_leave_the_model_in_training(architecture: str) -> None:
    run = experiment(task="reverse", architecture=architecture, layers=2, heads=3, d_k=8, dropout=0.3)
    found = run.heldout_metrics()
    kinds = {
        "encoder": ["encoder.{}.self"],
        "decoder": ["decoder.{}.self"],
        "encoder-decoder": ["encoder.{}.self", "decoder.{}.self", "decoder.{}.cross"],
    }[architecture]
    names = {f"{kind.format(layer)}_attention.hook_pattern" for kind in kinds for layer in range(2)}
    ((step, entropies),) = run.entropies
    assert step == 0 and set(entropies) == names and {len(heads) for heads in entropies.values()} == {3}
    assert found["attention/entropy"] == pytest.approx(np.mean(list(entropies.values())))
    assert all(module.training for module in run.model.modules())
    assert run.heldout_metrics() == found, "measured without dropout"


@pytest.mark.parametrize("task", ["dates", "reverse", "sort", "brackets", "repeat"])
def test_held_out_answers_are_never_trained_on(task: str, monkeypatch: pytest.MonkeyPatch) -> None:
    run = experiment(task=task, batch=256, d_k=8)
    seen: list[tuple[str, str]] = []
    tokens = run.tokens

    def seeing_tokens(pairs: list[tuple[str, str]]) -> tuple[Tensor, Tensor]:
        seen.extend(pairs)
        return tokens(pairs)

    monkeypatch.setattr(run, "tokens", seeing_tokens)
    for _ in range(12):
        run.step()
    assert len(seen) == 12 * 256 and len(run.heldout_pairs) == 128
    answers, heldout = ({answer or text for text, answer in pairs} for pairs in (seen, run.heldout_pairs))
    assert not answers & heldout
    distinct = {answer or text: (text, answer) for text, answer in (run.task.pair(run.rng) for _ in range(5000))}
    assert 0.08 < sum(map(held_out, distinct.values())) / len(distinct) < 0.12


def test_a_decoder_alone_reads_text_and_answer_as_one_and_learns_only_the_answer() -> None:
    run = experiment(task="reverse", architecture="decoder")
    text, given = run.join(*run.heldout)
    _, target = run.predict(*run.heldout)
    for row, n, asked, (source, answer) in zip(text.tolist(), given.tolist(), target, run.heldout_pairs, strict=True):
        whole = [*run.task.encode(source), BEGIN, *run.task.encode(answer), END]
        assert row[: len(whole)] == whole and not any(row[len(whole) :]) and row[:n] == whole[: len(source) + 1]
        assert asked[asked != PAD].tolist() == whole[len(source) + 1 :]
        assert asked[: len(source)].tolist() == [PAD] * len(source)


@pytest.mark.parametrize("causal", [True, False])
@pytest.mark.parametrize("architecture", ["encoder-decoder", "decoder", "encoder"])
def test_exact_counts_whole_answers_with_their_end_only(
    architecture: str, causal: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the model answers here, it is that; the mask decides whether one pass or free running is asked."""
    run = experiment(task="reverse", architecture=architecture, causal=causal, d_k=8)
    with torch.no_grad():
        _, target = run.predict(*run.heldout)
    answers, changed = target.clone(), len(target) // 2

    def predict(source: Tensor, answer: Tensor) -> tuple[Tensor, Tensor]:
        free = not causal and architecture != "encoder"
        logits = F.one_hot(torch.full_like(answers, BEGIN) if free else answers, run.task.vocabulary).float()
        return logits[: len(source)], target[: len(source)]

    monkeypatch.setattr(run, "predict", predict)
    monkeypatch.setattr(run, "greedy_answers", lambda source, answer: answers[: len(source)])
    assert run.sequence_accuracy() == 1
    answers[target == PAD] = BEGIN  # what comes after an answer, or before it, does not count
    assert run.sequence_accuracy() == 1
    first = (target != PAD).int().argmax(1)[:changed, None]
    answers[:changed].scatter_(1, first, END)
    assert run.sequence_accuracy() == 0.5 and run.sequence_accuracy(changed) == 0
    answers[target != PAD] = target[target != PAD]
    assert run.sequence_accuracy() == 1
    if architecture != "encoder":  # which labels each character: there is no end to write
        ends = target == END
        assert ends.sum(1).tolist() == [1] * len(target)
        answers[:changed][ends[:changed]] = run.task.encode("a")[0]
        assert run.sequence_accuracy() == 0.5, "a letter too many"


def test_a_repeated_segment_counts_from_where_it_is_clear_how_long_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first copy and two tokens of the second are given; the third is the first that can be known."""
    run = experiment(**REPEAT)
    text, _ = run.heldout
    answers, rows = text[:, 1:].clone(), torch.arange(len(text))
    known = torch.tensor([period(source) + 2 for source, _ in run.heldout_pairs]) - 1  # text[t + 1] is answers[t]
    monkeypatch.setattr(run, "predict", lambda *_: (F.one_hot(answers, run.task.vocabulary).float(), text[:, 1:]))
    answers[torch.arange(answers.shape[1]) < known[:, None]] = END
    assert run.sequence_accuracy() == 1
    answers[rows[:32], known[:32]] = END
    assert run.sequence_accuracy() == 0.75


def written_alone(run: TransformerExperiment, source: str) -> str:
    """One text, without padding, continued token by token in a loop of its own: its answer with its end."""
    prefix, memory = run.task.encode(source), None
    if run.architecture == "encoder-decoder":
        prefix, memory = [BEGIN], run.model.encode(torch.tensor([prefix]))
    elif run.config.task == "repeat":
        prefix = prefix[: period(source) + 2]
    else:
        prefix = [*prefix, BEGIN]
    text = list(prefix)
    longest = len(source) if run.config.task == "repeat" else len(prefix) + 13
    while len(text) < longest and text[-1] != END:
        text.append(int(run.model.decode(torch.tensor([text]), memory)[0, -1].argmax()))
    return "".join(map(run.task.glyph, text[len(prefix) :]))


@pytest.mark.slow
@pytest.mark.parametrize(("knobs", "causal"), LEARNS)
def test_the_accuracy_is_the_share_of_answers_that_are_right_when_the_model_runs_free(
    knobs: dict[str, Any], causal: bool
) -> None:
    """Under the mask from one pass over the right answers, without it from what is written: the same to the string."""
    run = trained(**knobs)
    source, answer = run.heldout
    with torch.no_grad():
        found, (logits, target) = run.greedy_answers(source, answer), run.predict(source, answer)
    given = torch.ones(len(source), dtype=torch.long)
    if run.config.task == "repeat":
        given = torch.tensor([period(text) + 2 for text, _ in run.heldout_pairs])
    asked = (target != PAD) & (torch.arange(1, target.shape[1] + 1) >= given[:, None])

    def exact(tokens: Tensor) -> list[bool]:
        return [bool((tokens[row, a] == target[row, a]).all()) for row, a in enumerate(asked)]

    right = exact(found)
    assert run.sequence_accuracy() == pytest.approx(np.mean(right))
    assert run.sequence_accuracy(32) == pytest.approx(np.mean(right[:32]))
    with torch.no_grad():
        alone = [written_alone(run, text) for text, _ in run.heldout_pairs[:40]]
    if run.config.task == "repeat":
        expected = [text[period(text) + 2 :] for text, _ in run.heldout_pairs[:40]]
    else:
        expected = [text + "⊣" for _, text in run.heldout_pairs[:40]]
    assert right[:40] == [a == b for a, b in zip(alone, expected, strict=True)]
    if causal:
        assert exact(logits.argmax(-1)) == right and 0.1 < np.mean(right) < 0.9
    else:
        assert np.mean(exact(logits.argmax(-1))) > 0.9 and np.mean(right) < 0.1, "the answer is in plain sight"


@pytest.mark.parametrize("architecture", ["encoder-decoder", "encoder", "decoder"])
def test_the_answer_shown_is_the_one_that_is_measured(architecture: str) -> None:
    """One text without padding, decoded with what figures use; all of them padded, with what is measured."""
    run = trained(task="sort", architecture=architecture, d_k=8, steps=60)  # so that answers differ from text to text
    source, answer = run.heldout
    shown = [run_example(run, run.task.encode(text)).answer for text, _ in run.heldout_pairs[:8]]
    with torch.no_grad():
        if architecture == "encoder":
            rows, starts = run.predict(source, answer)[0].argmax(-1), [0] * len(source)
        else:
            rows = run.greedy_answers(source, answer)
            starts = run.join(source, answer)[1] - 1 if architecture == "decoder" else [0] * len(source)
    measured = [run.task.decode(row[start:].tolist()) for row, start in zip(rows, starts, strict=True)]
    pairs = list(zip(shown, measured, strict=False))  # without an end, or with padding, each has a length of its own
    shown, measured = [s[: len(m)] for s, m in pairs], [m[: len(s)] for s, m in pairs]
    assert shown == measured and len(set(shown)) > 3 and min(map(len, shown)) > 2


@pytest.mark.slow
def test_it_learns_to_reverse_and_without_the_mask_only_seems_to() -> None:
    latest = metrics(**REVERSE, steps=500)
    assert latest["heldout/sequence_accuracy"] > 0.9 and latest["heldout/antidiagonal"] > 0.35
    peeking = metrics(**LEARNS[3][0])
    assert peeking["train/loss"] < 0.1 and peeking["heldout/sequence_accuracy"] < 0.1
