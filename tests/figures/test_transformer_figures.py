"""The transformer's pictures of models whose attention is set by hand, and of histories made by hand, read back."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

import numpy as np
import pytest
import torch

from playground.concept import Refused
from playground.concepts.transformer import probes, views
from playground.concepts.transformer.inspection import ForwardPass
from playground.concepts.transformer.questions import HeadQuestion, Inside
from playground.palette import HIGHLIGHT, NOTES, STANDARD
from tests.figures.reading import Figure, grows, headings, heatmap, points, said, title, trace
from tests.references.hand_set_transformers import (
    D_K,
    LOOKS,
    SOURCE,
    hand_made,
    hand_set,
    hold_out,
    look,
    pattern,
    probability,
    spread,
)
from tests.references.transformer_runs import experiment

SAYS = "bad"
READ = list(SOURCE)
GIVEN, WRITTEN = ["⊢", *SAYS], [*SAYS, "⊣"]
"""What the decoder has before each token that it writes, and what it writes."""
QUERIES = {"encoder": READ, "cross": GIVEN, "decoder": GIVEN}
KEYS = {"encoder": READ, "cross": READ, "decoder": GIVEN}
NAMES = {"encoder": "encoder: self", "cross": "decoder: cross", "decoder": "decoder: self"}


def expected(kind: str, layer: int, head: int, causal: bool = True) -> np.ndarray:
    queries, keys = len(QUERIES[kind]), len(KEYS[kind])
    return pattern(LOOKS[kind, layer, head], queries, keys, causal and kind == "decoder")


def labels(figure: Figure, axis: str) -> list[tuple[int, str]]:
    about = figure["layout"][axis]
    return list(zip(about["tickvals"], about["ticktext"], strict=True))


def place(figure: Figure, kind: str, layer: int, head: int) -> tuple[int, int]:
    """(line, column) at which a map of the grid begins: below its title, in the head-th run of its keys' labels."""
    (above,) = [a["y"] for a in figure["layout"]["annotations"] if a["text"] == f"{NAMES[kind]} {layer + 1}"]
    line = min(y for y, _ in labels(figure, "yaxis") if y > above)
    assert line - above < 1.5
    keys = labels(figure, "xaxis2" if kind == "decoder" else "xaxis")
    run = keys[head * len(KEYS[kind]) : (head + 1) * len(KEYS[kind])]
    assert run == [(run[0][0] + i, key) for i, key in enumerate(KEYS[kind])], "in order, one a column"
    rows = dict(labels(figure, "yaxis"))
    assert [rows[line + i] for i in range(len(QUERIES[kind]))] == QUERIES[kind]
    return line, run[0][0]


@pytest.mark.parametrize("causal", [True, False])
def test_every_map_stands_at_its_title_its_head_and_its_tokens(causal: bool) -> None:
    figure = views.maps(hand_made(SAYS, causal=causal), {})
    assert grows(figure, "yaxis") == -1 and grows(figure, "xaxis") == grows(figure, "xaxis2") == 1
    assert figure["layout"]["xaxis"]["side"] == "top" and figure["layout"]["xaxis2"]["side"] == "bottom"
    drawn = {(t["x0"], t["y0"]): t for t in figure["data"]}
    assert len(drawn) == len(figure["data"]) == len(LOOKS), "nothing else is drawn"
    for kind, layer, head in LOOKS:
        line, column = place(figure, kind, layer, head)
        one = drawn[column, line]
        weights = expected(kind, layer, head, causal)
        np.testing.assert_allclose(np.array(one["z"], float), weights, atol=6e-4, err_msg=f"{kind} {layer} {head}")
        assert (one["dx"], one["dy"]) == (1, 1)
        assert one["xaxis"] == ("x2" if kind == "decoder" else "x"), "whose ticks name its keys"
        said_of = f"{NAMES[kind]} {layer + 1}, head {head + 1}: “%{{y}}” attends to “%{{x}}” with %{{z:.2f}}"
        assert one["hovertemplate"] == said_of + "<extra></extra>"


@pytest.mark.parametrize(("architecture", "axes"), [("encoder", {"x"}), ("decoder", {"x2"})])
def test_a_grid_of_one_kind_names_its_keys_on_the_axis_that_its_maps_use(architecture: str, axes: set[str]) -> None:
    figure = views.maps(hand_made(SAYS, after=6, architecture=architecture), {})
    assert {t["xaxis"] for t in figure["data"]} == axes and len(figure["data"]) == 4
    keys = READ if architecture == "encoder" else [*READ, *GIVEN]
    named = labels(figure, "xaxis" if architecture == "encoder" else "xaxis2")
    assert [key for _, key in named] == keys * 2
    for one in figure["data"]:
        at = [x for x, _ in named if one["x0"] <= x < one["x0"] + len(keys)]
        assert at == list(range(one["x0"], one["x0"] + len(one["z"][0])))


def test_a_click_on_a_cell_asks_about_the_head_and_the_query_under_it() -> None:
    run = hand_made(SAYS)
    figure = views.maps(run, {})
    for kind, layer, head in LOOKS:
        line, column = place(figure, kind, layer, head)
        for row, key in ((0, 0), (3, 1), (1, len(KEYS[kind]) - 1)):
            asked = probes.clicked_cell(run, column + key + 0.3, line + row - 0.3)
            assert asked == {"text": "", "kind": kind, "layer": layer + 1, "head": head + 1, "row": row + 1}
    line, column = place(figure, "cross", 1, 0)
    for x, y in ((column + len(READ), line), (column, line - 1), (column, line + 4), (-1, line)):
        with pytest.raises(Refused, match="no map at this place"):
            probes.clicked_cell(run, x, y)


def test_a_click_in_the_enlarged_map_asks_about_its_head_and_the_query_of_the_row() -> None:
    run = hand_made(SAYS)
    sharpest = {"text": "", "kind": "cross", "layer": 2, "head": 1}
    assert probes.clicked_row(run, 4.6, 2.4) == {**sharpest, "row": 3}
    assert probes.clicked_row(run, -0.4, -0.4) == {**sharpest, "row": 1}
    for x, y in ((5.6, 0), (-0.6, 0), (0, 3.6), (0, -0.6)):
        with pytest.raises(Refused, match="no map at this place"):
            probes.clicked_row(run, x, y)
    alone = hand_made(SAYS, after=6, architecture="decoder")
    assert probes.clicked_row(alone, 0, 1)["row"] == 8, "its first rows are the text's, which are not shown"


def test_a_decoder_alone_is_enlarged_where_it_writes() -> None:
    figure = views.enlarged(hand_made(SAYS, after=6, architecture="decoder"), {})
    assert labels(figure, "yaxis") == list(enumerate(GIVEN))
    assert labels(figure, "xaxis") == list(enumerate([*READ, *GIVEN]))
    weights = pattern(LOOKS["decoder", 0, 1], 10, 10, causal=True)[6:]
    np.testing.assert_allclose(heatmap(figure), weights, atol=6e-4)


def test_a_repeat_is_enlarged_where_its_second_copy_looks_at_the_first() -> None:
    run = experiment(task="repeat", layers=2, heads=1, d_k=4)
    segment = "kqzmb"
    hold_out(run, [((segment * 7)[:32], "")])
    figure = views.enlarged(run, {})
    assert labels(figure, "yaxis") == list(enumerate(segment))
    assert labels(figure, "xaxis") == list(enumerate(segment * 2))
    z = heatmap(figure)
    assert z.shape == (5, 10) and np.isnan(z[0, 6:]).all() and not np.isnan(z[4]).any(), "the sixth sees six"
    np.testing.assert_allclose(np.nansum(z, 1), 1, atol=5e-3)
    assert probes.clicked_row(run, 0, 0)["row"] == 6


def test_inside_a_head_every_number_is_the_one_that_was_set() -> None:
    """The decoder's a looks at its beginning, whose score is 2 when it is divided by √d_k; values are 1, 0, 0, …"""
    run = hand_made(SAYS)
    inside = probes.inside(run, Inside(kind="decoder", layer=2, head=1, row=3))
    assert said(inside)[0] == "decoder: self 2, head 1: what does “a” attend to?"
    above, table, below = inside["data"]
    assert inside["layout"]["yaxis2"]["ticktext"] == ["q·k", "/ √d_k", "mask", "softmax"]
    assert grows(inside, "yaxis2") == -1 and labels(inside, "xaxis") == list(enumerate(GIVEN))
    shown = [[float(cell.rpartition(": ")[2]) for cell in row] for row in table["customdata"]]
    steps = [[2 * math.sqrt(D_K), 0, 0, 0], [2, 0, 0, 0], [2, 0, 0, np.nan], expected("decoder", 1, 0)[2]]
    np.testing.assert_allclose(np.array(shown), np.array(steps), atol=6e-4)
    assert table["text"][2] == ["2.00", ".00", ".00", "−∞"]
    query = np.zeros(D_K)
    query[0] = 2 * math.sqrt(D_K)
    blocks = [np.array(block["z"], float) for block in (above, below)]
    np.testing.assert_allclose(blocks[0][:, 0], query, atol=6e-4)
    np.testing.assert_allclose(blocks[0][:, 2:], np.eye(D_K)[:, :4], atol=6e-4)  # a key names its place
    values = np.eye(D_K)[:, :1].repeat(4, 1)
    np.testing.assert_allclose(blocks[1][:, 2:], values, atol=6e-4)
    np.testing.assert_allclose(blocks[1][:, 0], values[:, 0], atol=6e-4)


def one_map(figure: Figure, kind: str, layer: int, head: int, causal: bool = True) -> None:
    """Asserts that the figure shows this head, a query a row and a key a column."""
    assert said(figure) == [f"{NAMES[kind].split(': ')[1]} {layer + 1}, head {head + 1}"]
    assert labels(figure, "xaxis") == list(enumerate(KEYS[kind])) and grows(figure, "xaxis") == 1
    assert labels(figure, "yaxis") == list(enumerate(QUERIES[kind])) and grows(figure, "yaxis") == -1
    np.testing.assert_allclose(heatmap(figure), expected(kind, layer, head, causal), atol=6e-4)
    text = figure["data"][0]["text"]
    assert text[1][2] == f"{QUERIES[kind][1]} attends to {KEYS[kind][2]}"


def test_any_head_can_be_enlarged_and_the_sharpest_cross_attention_is() -> None:
    for causal in (True, False):
        run = hand_made(SAYS, causal=causal)
        one_map(views.enlarged(run, {}), "cross", 1, 0, causal)
        for kind, layer, head in LOOKS:
            question: Any = {"kind": kind, "layer": layer + 1, "head": head + 1}
            one_map(probes.head(run, HeadQuestion(**question)), kind, layer, head, causal)
    alone = hand_made(SAYS, architecture="encoder")
    one_map(views.enlarged(alone, {}), "encoder", 0, 1)


def test_the_sharpest_head_is_sharp_in_the_mean_of_its_rows() -> None:
    """One sharp row, or one weight of 1, does not make it; nor does what the mask forbids."""

    def shown(**patterns: np.ndarray) -> ForwardPass:
        return ForwardPass(list("ab"), ["⊢", "a"], ["a", "⊣"], 0, patterns, {}, np.full((2, 15), 1 / 15))

    even, half, one = np.full((2, 2), 0.5), np.array([[1, 0], [0.5, 0.5]]), np.array([[0.9, 0.1], [0.1, 0.9]])
    cross = np.array([[even, half, even], [half, even, one]])
    assert views.sharpest(shown(encoder=np.array([[np.eye(2)] * 3] * 2), cross=cross)) == ("cross", 1, 2)
    blunter = np.array([[0.8, 0.2], [0.2, 0.8]])  # in the mean; half has the bluntest row
    assert views.sharpest(shown(cross=np.array([[even, half], [blunter, even]]))) == ("cross", 0, 1)
    masked = np.array([[[[1, np.nan], [0.5, 0.5]], [[1, np.nan], [0.8, 0.2]]]])
    assert views.sharpest(shown(decoder=masked)) == ("decoder", 0, 1)


def test_the_answer_shows_the_last_layers_mean_and_the_probability_of_each_token() -> None:
    figure = views.answer(hand_made(SAYS), {})
    np.testing.assert_allclose(heatmap(figure), (expected("cross", 1, 0) + expected("cross", 1, 1)) / 2, atol=6e-4)
    assert labels(figure, "xaxis") == list(enumerate(READ)) and grows(figure, "xaxis") == 1
    assert labels(figure, "yaxis") == list(enumerate(WRITTEN)) and grows(figure, "yaxis") == -1
    assert figure["data"][0]["text"][2][1] == "for d it attended to l"
    bars = figure["data"][1]
    assert bars["orientation"] == "h" and (bars["xaxis"], bars["yaxis"]) == ("x2", "y")
    assert bars["x"] == pytest.approx([probability(15)] * 4, abs=6e-4) and bars["y"] == [0, 1, 2, 3]


def test_an_answer_of_one_stack_names_the_token_before_each_that_it_writes() -> None:
    figure = views.answer(hand_made(SAYS, after=6, architecture="decoder"), {})
    assert labels(figure, "xaxis") == list(enumerate([*READ, *GIVEN]))
    assert labels(figure, "yaxis") == list(enumerate(["⊢ → b", "b → a", "a → d", "d → ⊣"]))
    mean = np.mean([pattern(LOOKS["decoder", 1, head], 10, 10, causal=True) for head in (0, 1)], axis=0)
    np.testing.assert_allclose(heatmap(figure), mean[6:], atol=6e-4)
    assert figure["data"][1]["x"] == pytest.approx([probability(15)] * 4, abs=6e-4)
    labelling = views.answer(hand_made("badcef", architecture="encoder"), {})
    assert labels(labelling, "yaxis") == list(enumerate(["k → b", "l → a", "e → d", "j → c", "g → e", "h → f"]))


def test_bars_of_heads_switched_off_stand_under_the_heads_names() -> None:
    run = hand_made(SAYS)
    letters = hand_set(run, SAYS, {})
    hold_out(run, [(SOURCE, SAYS if i % 4 else "dab") for i in range(32)] + [(SOURCE, "dab")] * 8)
    for (kind, layer, head), letter in letters.items():
        question: Any = {"kind": kind, "layer": layer + 1, "head": head + 1}
        figure = probes.off(run, HeadQuestion(text="hcab", **question))
        name = f"{kind[:5]} {layer + 1}.{head + 1}"
        assert said(figure) == [f"with all heads: bad<br>without {name}: {letter * 13}"]
        bars = figure["data"][0]
        assert dict(points(bars)) == {f"{k[:5]} {la + 1}.{h + 1}": 0.75 if k == "encoder" else 0 for k, la, h in LOOKS}
        chosen = [x for x, colour in zip(bars["x"], bars["marker"]["color"], strict=True) if colour == NOTES]
        (whole,) = figure["layout"]["shapes"]
        assert chosen == [name] and whole["y0"] == whole["y1"] == pytest.approx(0.75)


def test_loss_and_exact_answers_are_each_drawn_in_their_place() -> None:
    history = {
        "train/loss": ([1, 2, 3], [3.0, 2.5, 2.0]),
        "heldout/loss": ([1, 3], [3.25, 2.25]),
        "heldout/sequence_accuracy": ([1, 3], [0.0, 0.5]),
        "heldout/antidiagonal": ([1, 3], [0.125, 0.625]),
    }
    run = experiment(task="reverse", d_k=4)
    figure = views.progress(run, history)
    for name, colour, metric, axes in (
        ("train", STANDARD, "train/loss", (None, None)),
        ("held-out", NOTES, "heldout/loss", (None, None)),
        ("exactly right", NOTES, "heldout/sequence_accuracy", ("x2", "y2")),
        ("anti-diagonal", HIGHLIGHT, "heldout/antidiagonal", ("x2", "y2")),
    ):
        drawn = trace(figure, name)
        assert points(drawn) == list(zip(*history[metric], strict=True))
        assert drawn["line"]["color"] == colour and (drawn.get("xaxis"), drawn.get("yaxis")) == axes
    assert len(figure["data"]) == 4
    assert headings(figure) == ("loss, nats a token", "share, held out")
    repeat = views.progress(run, {"induction_score": ([1, 50], [0.25, 0.75])})
    assert points(trace(repeat, "induction")) == [(1, 0.25), (50, 0.75)]
    assert trace(repeat, "induction")["xaxis"] == "x2" and Counter(t["name"] for t in repeat["data"])["induction"] == 1


def series(figure: Figure) -> dict[str, list[tuple[Any, Any]]]:
    """Series by what the pointer says of them, up to the colon."""
    return {t["hovertemplate"].partition(":")[0]: points(t) for t in figure["data"]}


def test_each_heads_entropy_is_drawn_in_nats_under_its_name() -> None:
    run = hand_made(SAYS, {head: (lambda i: 0, strength) for head, (_, strength) in LOOKS.items()})
    hold_out(run, [(SOURCE, SAYS)] * 3)
    run.heldout_metrics()
    run.steps_taken = 50
    look(run, {head: (lambda i: 0, 2 * strength) for head, (_, strength) in LOOKS.items()})
    run.heldout_metrics()
    figure = views.entropies(run, {})
    found = series(figure)
    assert len(found) == len(figure["data"]) == 12
    for (kind, layer, head), (_, s) in LOOKS.items():
        sizes = range(1, 5) if kind == "decoder" else [6]
        wanted = [(step, np.mean([spread(n, s * k) for n in sizes])) for step, k in ((0, 1), (50, 2))]
        for shown, right in zip(found[f"{kind} {layer + 1}, head {head + 1}"], wanted, strict=True):
            assert shown == pytest.approx(right, abs=1e-3), (kind, layer, head)
    assert title(figure, "yaxis") == "entropy of a row, nats" and title(figure, "xaxis") == "step"
    assert all("nats" in t["hovertemplate"] for t in figure["data"])
    in_legend = [t["name"] for t in figure["data"] if t["showlegend"]]
    assert in_legend == [f"{kind} {layer}" for kind in QUERIES for layer in (1, 2)]
    assert all(t["hovertemplate"].startswith(f"{t['name']}, head ") for t in figure["data"])
    assert said(views.entropies(experiment(task="reverse", d_k=4), {})) == ["Nothing measured yet."]


def test_twelve_attentions_are_told_apart() -> None:
    run = experiment(task="reverse", layers=4, heads=1, d_k=4)
    run.heldout_metrics()
    drawn = views.entropies(run, {})["data"]
    assert len({(t["line"]["color"], t["line"]["dash"]) for t in drawn}) == len(drawn) == 12


@pytest.mark.parametrize(("positions", "width"), [("sinusoidal", 16), ("rotary", 8)])
def test_position_codes_are_waves_of_falling_frequency(positions: str, width: int) -> None:
    figure = views.positions(experiment(task="reverse", heads=2, d_k=8, positions=positions), {})
    z = heatmap(figure)
    assert z.shape == (26, width) and grows(figure, "yaxis") == -1 and title(figure, "yaxis") == "position"
    for place in (0, 1, 7, 25):
        for number in range(width):
            angle = place / 10_000 ** (number // 2 * 2 / width)
            wave = math.cos(angle) if number % 2 else math.sin(angle)
            assert z[place, number] == pytest.approx(wave, abs=1e-3)


def test_learned_codes_are_the_models_and_without_positions_there_are_none() -> None:
    run = experiment(task="reverse", heads=2, d_k=8)
    assert run.model.positions is not None
    table = np.arange(26)[:, None] + np.arange(16) / 100
    with torch.no_grad():
        run.model.positions.weight.copy_(torch.from_numpy(table))
    np.testing.assert_allclose(heatmap(views.positions(run, {})), table, atol=1e-3)
    bag = views.positions(experiment(task="reverse", d_k=8, positions="none"), {})
    assert bag["data"] == [] and said(bag) == ["No positions: tokens are a bag."]
