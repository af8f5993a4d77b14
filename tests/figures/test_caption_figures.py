"""What a run on digits and captions measures and shows, with vectors set by hand: rows are digits, columns captions."""

from __future__ import annotations

import base64
import io
import math
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from PIL import Image, ImageDraw
from torch import Tensor

from playground.concept import Refused
from playground.concepts.clip.captions import probes, views
from playground.concepts.clip.captions.experiment import CaptionsExperiment
from playground.concepts.clip.captions.questions import FindCaptions, FindDigits
from playground.concepts.clip.config import ClipConfig
from playground.data.captions import HELDOUT_TEMPLATES, TRAIN_TEMPLATES, captions, encode, encode_all
from playground.data.mnist import as_digit, load_digits
from tests.figures.reading import Picture, grows, headings, heatmap, points, title, trace

LABELS = torch.from_numpy(load_digits().heldout_labels)
COUNTS = np.bincount(LABELS.numpy(), minlength=10)


def made(**config: Any) -> CaptionsExperiment:
    torch.manual_seed(0)
    return CaptionsExperiment(ClipConfig(**config))


def with_vectors(a: Tensor, b: Tensor, **config: Any) -> CaptionsExperiment:
    """Held-out digits and held-out captions that have these vectors."""
    experiment = made(**config)
    experiment.__dict__["vectors"] = lambda: (a, b)
    return experiment


def one_hot(shift: int) -> CaptionsExperiment:
    """Digits of class k lie where the captions of class k − shift do."""
    each = torch.eye(10)[(torch.arange(10) + shift) % 10]
    return with_vectors(torch.eye(10)[LABELS], each[:, None].expand(10, 12, 10).clone())


def drawn(x: int = 150) -> str:
    image = Image.new("L", (280, 280), 0)
    ImageDraw.Draw(image).rectangle((x, 40, x + 40, 260), fill=255)
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()


def test_rows_are_digits_and_columns_captions() -> None:
    experiment = one_hot(1)
    figure = views.digit_matrix(experiment, {})
    expected = np.zeros((40, 10))
    for row in range(40):
        expected[row, (row // 4 - 1) % 10] = 1
    np.testing.assert_array_equal(heatmap(figure), expected)
    assert grows(figure, "xaxis") == 1 and grows(figure, "yaxis") == -1
    about = figure["data"][0]["customdata"]
    assert figure["layout"]["xaxis"]["ticktext"][8] == "eight" and about[3][8][4] == "a drawn eight"
    assert "a drawn …" in title(figure, "xaxis")
    for row in range(40):
        index, *_, label, _ = about[row][0]
        assert label == row // 4 == LABELS[index]
        assert probes.clicked_digit(experiment, 7.3, row + 0.4) == {"digit": index, "drawing": ""}
    assert len({row[0][0] for row in about}) == 40
    assert figure["layout"]["yaxis"]["tickvals"][2] == 9.5 and figure["layout"]["yaxis"]["ticktext"][2] == "2"
    assert probes.clicked_digit(experiment, 0, -9)["digit"] == about[0][0][0]


def test_the_confusion_has_the_digits_class_in_its_rows() -> None:
    figure = views.confusion(one_hot(1), {})
    np.testing.assert_array_equal(heatmap(figure), np.roll(np.eye(10), -1, 1))
    counts = np.array(figure["data"][0]["text"])
    assert [counts[k, k - 1] for k in range(10)] == COUNTS.tolist() and counts.sum() == 500
    assert (title(figure, "yaxis"), title(figure, "xaxis")) == ("digit's class", "nearest captions' class")
    assert grows(figure, "yaxis") == -1


def test_accuracy_gap_and_alignment_in_closed_form() -> None:
    right, wrong = one_hot(0).heldout_metrics(), one_hot(1).heldout_metrics()
    assert right["heldout/zero_shot_accuracy"] == 1 and wrong["heldout/zero_shot_accuracy"] == 0
    assert right["alignment"] == 0 and wrong["alignment"] == pytest.approx(2)
    assert right["modality_gap"] == 0
    assert wrong["modality_gap"] == pytest.approx(np.linalg.norm(COUNTS - np.roll(COUNTS, 1)) / 500, rel=1e-5)
    three = (LABELS == 3) | (LABELS == 4)  # all digits lie at class 3, or between it and 4, a little nearer to 4
    a = F.normalize(torch.eye(10)[3] + three.float()[:, None] * 1.1 * torch.eye(10)[4], dim=-1)
    b = torch.eye(10)[:, None].expand(10, 12, 10).clone()
    found = with_vectors(a, b).heldout_metrics()["heldout/zero_shot_accuracy"]
    assert found == pytest.approx(COUNTS[4] / 500)


def test_a_class_is_the_mean_of_its_captions() -> None:
    """Most captions of class 0 lie at its digits, the one in the matrix elsewhere."""
    b = torch.eye(10)[:, None].repeat(1, 12, 1)
    b[0, 0] = torch.eye(10)[5]
    experiment = with_vectors(torch.eye(10)[LABELS], b)
    assert experiment.heldout_metrics()["heldout/zero_shot_accuracy"] == 1
    assert heatmap(views.digit_matrix(experiment, {}))[:4, 0].tolist() == [0, 0, 0, 0]


def test_heldout_digits_and_captions_are_never_trained_on() -> None:
    experiment = made(batch=64)
    digits = load_digits()
    heldout = {x.tobytes() for x in digits.heldout_images}
    label = {x.tobytes(): k for x, k in zip(digits.train_images, digits.train_labels, strict=True)}
    unseen = {row.tobytes() for row in encode_all(captions(HELDOUT_TEMPLATES)).reshape(120, -1)}
    known = [{row.tobytes() for row in rows} for rows in encode_all(captions(TRAIN_TEMPLATES))]
    used = set()
    for _ in range(20):
        images, rows = (x.numpy() for x in experiment.next_batch())
        assert len({x.tobytes() for x in images}) == 64 and not heldout & {x.tobytes() for x in images}
        assert not unseen & {row.tobytes() for row in rows}
        assert all(row.tobytes() in known[label[x.tobytes()]] for x, row in zip(images, rows, strict=True))
        used |= {row.tobytes() for row in rows}
    assert len(used) > 250  # of 280: all templates and names have their turn


def trained(steps: int, experiment: CaptionsExperiment) -> float:
    for _ in range(steps):
        experiment.step()
    return experiment.heldout_metrics()["heldout/zero_shot_accuracy"]


def test_it_learns_from_pairs_and_from_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    assert trained(300, made()) > 0.88
    shuffled = made()
    right = shuffled.next_batch

    def wrong() -> tuple[Tensor, Tensor]:
        images, rows = right()
        return images, rows[torch.randperm(len(rows))]

    monkeypatch.setattr(shuffled, "next_batch", wrong)
    assert trained(300, shuffled) < 0.25


def test_a_step_is_adamws_on_its_objective() -> None:
    experiment, other = made(lr=0.01), made(lr=0.5)
    other.update_live(ClipConfig(lr=0.01))
    torch.manual_seed(1)
    images, rows = experiment.next_batch()
    a, b = experiment.model(images, rows)
    both = [F.cross_entropy(one / 0.07, torch.arange(32)) for one in (a @ b.T, b @ a.T)]
    for one in (experiment, other):
        torch.manual_seed(1)
        assert one.step()["train/loss"] == pytest.approx(sum(both).item() / 2, rel=1e-5)  # type: ignore[union-attr]
    for p, q in zip(experiment.model.parameters(), other.model.parameters(), strict=True):
        assert torch.equal(p, q)


def test_vectors_are_those_of_the_model_that_was_loaded() -> None:
    one = made()
    other = CaptionsExperiment(ClipConfig())
    forgotten = [x.clone() for x in other.vectors()]
    other.load_state_dict(one.state_dict())
    for known, right, wrong in zip(other.vectors(), one.vectors(), forgotten, strict=True):
        assert torch.equal(known, right) and not torch.equal(known, wrong)


@pytest.mark.parametrize("config", [{}, {"loss": "sigmoid", "scale": "linear"}])
def test_a_run_goes_on_as_if_it_had_not_been_cut_drawn_or_asked(config: dict[str, Any]) -> None:
    whole, cut = made(**config), made(**config)
    torch.manual_seed(3)
    expected = [whole.step() for _ in range(27)]
    torch.manual_seed(3)
    found = [cut.step() for _ in range(11)]
    for draw in (views.digit_matrix, views.confusion, views.caption_projection, views.progress):
        draw(cut, {})
    probes.caption_to_digits(cut, FindDigits(caption="two"))
    probes.digit_to_captions(cut, FindCaptions(drawing=drawn(), digit=0))
    random, state = torch.get_rng_state(), cut.state_dict()
    resumed = made(**config)
    resumed.vectors()  # of another model: to be forgotten
    resumed.load_state_dict(state)
    torch.set_rng_state(random)
    found += [resumed.step() for _ in range(16)]
    assert found == expected
    assert {"heldout/zero_shot_accuracy", "uniformity"} <= set(expected[0]) & set(expected[24])
    assert set(expected[1]) == {"train/loss", "scale"}


def test_captions_and_digits_share_a_plane() -> None:
    figure = views.caption_projection(one_hot(0), {})
    diamonds = points(trace(figure, "captions"))
    for digit in range(10):
        assert set(points(trace(figure, str(digit)))) == {diamonds[digit]}
        assert [i for i, *_ in trace(figure, str(digit))["customdata"]] == (digit == LABELS).nonzero().ravel().tolist()
    assert trace(figure, "captions")["text"][7] == "seven" and len(set(diamonds)) > 2


def test_progress_shows_chance_and_the_floor_of_repeated_classes() -> None:
    history = {"heldout/zero_shot_accuracy": ([1, 25], [0.1, 0.75]), "train/loss": ([1, 2], [3.5, 3.25])}
    figure = views.progress(made(), history)
    assert trace(figure, "zero-shot accuracy")["y"] == [0.1, 0.75] and trace(figure, "loss")["y"] == [3.5, 3.25]
    assert trace(figure, "loss")["yaxis"] == "y2" and headings(figure) == ("zero-shot accuracy", "loss, nats")
    chance, floor = figure["layout"]["shapes"]
    assert (chance["y0"], chance["yref"]) == (0.1, "y") and floor["yref"] == "y2"
    assert floor["y0"] == views.repeats_floor(32)
    assert len(views.progress(made(loss="sigmoid"), history)["layout"]["shapes"]) == 1


def around(v: Tensor, cosines: Tensor) -> Tensor:
    """(n, d) unit vectors with these cosines to the unit vector v."""
    side = F.normalize(torch.eye(len(v))[0] - v[0] * v, dim=-1)
    return cosines[:, None] * v + (1 - cosines**2).sqrt()[:, None] * side


def test_a_caption_finds_the_most_similar_digits() -> None:
    experiment = made()
    v = experiment.model.encode_caption(torch.from_numpy(encode("Seven!"))[None])[0].detach()
    order = torch.randperm(500, generator=torch.Generator().manual_seed(1))
    best = torch.cat([(LABELS == 6).nonzero().ravel()[:9], (LABELS == 2).nonzero().ravel()[:3]])
    order = torch.cat([best, order[~torch.isin(order, best)]])
    cosines = torch.empty(500)
    cosines[order] = torch.linspace(0.95, -0.95, 500)
    known = around(v, cosines), experiment.vectors()[1]
    experiment.__dict__["vectors"] = lambda: known
    figure = probes.caption_to_digits(experiment, FindDigits(caption="Seven!"))
    assert figure["layout"]["title"]["text"].startswith("9 of the 12 nearest are sixes")
    said = trace(figure, "class: cos")
    assert said["text"] == [f"{LABELS[i]}: {cosines[i]:.2f}" for i in best]
    images = experiment.digits.heldout_images
    for i, ((x, y), index) in enumerate(zip(points(said), best, strict=True)):
        picture = Picture(figure, i // 6)
        top = 1.3 * (i // 6)
        assert (x, picture.top, y) == (i % 6 + 0.5, top, pytest.approx(top + 1.15))
        seen = [[picture.at(i % 6 + (c + 0.5) / 28, top + (r + 0.5) / 28) for c in range(28)] for r in range(28)]
        np.testing.assert_allclose(seen, images[index].reshape(28, 28), atol=0.01)


@pytest.mark.parametrize(("text", "reason"), [("", "is empty"), ("seven " * 9, "53 characters; 32 are the most")])
def test_a_caption_that_can_not_be_read_is_refused(text: str, reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        probes.caption_to_digits(made(), FindDigits(caption=text))


@pytest.mark.parametrize("loss", ["InfoNCE", "sigmoid"])
@pytest.mark.parametrize("drawing", ["", drawn()])
def test_a_digit_is_given_probabilities_of_the_objective(drawing: str, loss: str) -> None:
    experiment = made(loss=loss)
    pixels = as_digit(drawing) if drawing else experiment.digits.heldout_images[41]
    v = experiment.model.encode_image(torch.from_numpy(pixels)[None])[0].detach()
    cosines = torch.tensor([0.1, 0.3, 0.9, -0.2, 0.8, 0.0, 0.5, -0.9, 0.7, 0.2])
    b = around(v, cosines)[:, None].repeat(1, 12, 1)
    known = experiment.vectors()[0], b
    experiment.__dict__["vectors"] = lambda: known
    figure = probes.digit_to_captions(experiment, FindCaptions(drawing=drawing, digit=41))
    found = trace(figure, "probability")
    if loss == "sigmoid":
        expected = [1 / (1 + math.exp(10 - 10 * c)) for c in cosines.tolist()]
    else:
        powers = [math.exp(c / 0.07) for c in cosines.tolist()]
        expected = [p / sum(powers) for p in powers]
    assert found["y"] == pytest.approx(expected, abs=1e-3)
    assert found["customdata"] == pytest.approx(cosines.tolist(), abs=1e-3) and found["x"][2] == "two"
    lit = [colour != found["marker"]["color"][0] for colour in found["marker"]["color"]]
    assert lit == [i == 2 for i in range(10)]
    assert title(figure, "xaxis") == ("as it is seen" if drawing else f"held-out: a {LABELS[41]}")
    picture = Picture(figure)
    seen = [[picture.at((c + 0.5) / 28, 1 - (r + 0.5) / 28) for c in range(28)] for r in range(28)]
    np.testing.assert_allclose(seen, pixels.reshape(28, 28), atol=0.01)


def test_what_is_no_drawing_is_refused() -> None:
    with pytest.raises(Refused, match="not a picture"):
        probes.digit_to_captions(made(), FindCaptions(drawing="data:text/plain,x", digit=0))
