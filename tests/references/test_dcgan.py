"""The digits' generator and discriminator against NumPy in double precision, and hand-made cases."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from models import dcgan
from models.gan import average_weights

BATCH, NOISE, CHANNELS, STYLES = 5, 7, 3, 11
Weights = dict[str, np.ndarray]


@pytest.fixture(autouse=True)
def _seed() -> None:
    torch.manual_seed(0)


def weights(model: nn.Module) -> Weights:
    return {name: value.double().numpy() for name, value in model.state_dict().items()}


def convolution(x: np.ndarray, kernel: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """4×4, stride 2, padding 1, one output pixel after the other: kernel (out, in, 4, 4)."""
    padded = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))
    side = x.shape[2] // 2
    out = np.empty((len(x), len(kernel), side, side))
    for i in range(side):
        for j in range(side):
            window = padded[:, :, 2 * i : 2 * i + 4, 2 * j : 2 * j + 4]
            out[:, :, i, j] = np.einsum("nchw,ochw->no", window, kernel) + bias
    return out


def transposed(x: np.ndarray, kernel: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """Every pixel paints its 4×4 kernel, 2 apart; a rim of 1 is cut off: kernel (in, out, 4, 4)."""
    side = x.shape[2]
    out = np.zeros((len(x), kernel.shape[1], 2 * side + 2, 2 * side + 2))
    for i in range(side):
        for j in range(side):
            out[:, :, 2 * i : 2 * i + 4, 2 * j : 2 * j + 4] += np.einsum("nc,cohw->nohw", x[:, :, i, j], kernel)
    return out[:, :, 1:-1, 1:-1] + bias[:, None, None]


def normalised(x: np.ndarray, w: Weights, name: str, running: bool) -> np.ndarray:
    mean, variance = x.mean((0, 2, 3)), x.var((0, 2, 3))
    if running:
        mean, variance = w[f"{name}.running_mean"], w[f"{name}.running_var"]
    standard = (x - mean[:, None, None]) / np.sqrt(variance + 1e-5)[:, None, None]
    return standard * w[f"{name}.weight"][:, None, None] + w[f"{name}.bias"][:, None, None]


def generated(z: np.ndarray, w: Weights, running: bool) -> np.ndarray:
    h = (z @ w["project.weight"].T + w["project.bias"]).reshape(len(z), 2 * CHANNELS, 7, 7)
    h = np.maximum(normalised(h, w, "paint.0", running), 0)
    h = transposed(h, w["paint.2.weight"], w["paint.2.bias"])
    h = np.maximum(normalised(h, w, "paint.3", running), 0)
    h = transposed(h, w["paint.5.weight"], w["paint.5.bias"])
    return (1 / (1 + np.exp(-h))).reshape(len(z), 784)


def unsettled_generator() -> dcgan.DigitGenerator:
    """Every weight and running statistic away from its first value."""
    model = dcgan.DigitGenerator(NOISE, CHANNELS)
    with torch.no_grad():
        for name, value in model.state_dict().items():
            if value.is_floating_point():
                value.add_(torch.rand_like(value) if "running_var" in name else 0.3 * torch.randn_like(value))
    return model


@pytest.mark.parametrize("running", [False, True])
def test_the_generator_layer_by_layer(running: bool) -> None:
    model = unsettled_generator().train(not running)
    w, z = weights(model), torch.randn(BATCH, NOISE)
    expected = generated(z.double().numpy(), w, running)
    image = model(z)
    assert image.shape == (BATCH, 784)
    assert expected.std(0).mean() > 0.01
    np.testing.assert_allclose(image.detach().numpy(), expected, atol=1e-4)


def test_generated_grey_values_lie_between_black_and_white() -> None:
    model = unsettled_generator()
    with torch.no_grad():
        model.get_parameter("paint.5.weight").mul_(20)
    image = model(torch.randn(BATCH, NOISE))
    assert image.min() >= 0
    assert image.max() <= 1
    assert image.max() - image.min() > 0.9


def test_only_in_evaluation_a_sample_is_independent_of_its_neighbours() -> None:
    model = unsettled_generator().eval()
    z = torch.randn(BATCH, NOISE)
    torch.testing.assert_close(model(z)[:2], model(z[:2]))
    model.train()
    assert (model(z)[:2] - model(z[:2])).abs().max() > 0.01


def test_the_discriminator_layer_by_layer() -> None:
    model = dcgan.DigitDiscriminator(CHANNELS, STYLES)
    w, x = weights(model), torch.rand(BATCH, 784)
    h = x.double().numpy().reshape(BATCH, 1, 28, 28)
    for layer in ("look.0", "look.2"):
        h = convolution(h, w[f"{layer}.weight"], w[f"{layer}.bias"])
        h = np.where(h > 0, h, 0.2 * h)
    flat = h.reshape(BATCH, 2 * CHANNELS * 49)
    spread = np.mean([np.sqrt(np.mean((unit - unit.mean()) ** 2) + 1e-8) for unit in flat.T])
    flat = np.column_stack([flat, np.full(BATCH, spread)])
    real, style = model(x)
    assert real.shape == (BATCH,)
    assert style.shape == (BATCH, STYLES)
    np.testing.assert_allclose(real.detach().numpy(), flat @ w["real.weight"][0] + w["real.bias"][0], atol=1e-5)
    np.testing.assert_allclose(style.detach().numpy(), flat @ w["style.weight"].T + w["style.bias"], atol=1e-5)


def test_spread_by_hand() -> None:
    h = torch.tensor([[1.0, 5.0, 2.0], [3.0, 5.0, 2.0], [5.0, 5.0, 8.0]])
    # deviations from the means 3, 5 and 4: √(8/3), 0 and √(24/3)
    expected = (1.632993 + 0 + 2.828427) / 3
    out = dcgan.with_spread(h)
    torch.testing.assert_close(out[:, :3], h)
    torch.testing.assert_close(out[:, 3], torch.full((3,), expected), atol=1e-4, rtol=0)


def test_spread_of_equal_samples_is_nothing_and_its_gradient_finite() -> None:
    h = torch.ones(BATCH, CHANNELS, requires_grad=True)
    spread = dcgan.with_spread(h)[:, -1]
    spread.sum().backward()
    assert spread.max() < 1e-3
    assert h.grad is not None
    assert torch.isfinite(h.grad).all()


def placed(image: Tensor, down: int, right: int) -> Tensor:
    """(28, 28) moved by copying pixel after pixel."""
    out = torch.zeros(28, 28)
    for i in range(28):
        for j in range(28):
            if 0 <= i + down < 28 and 0 <= j + right < 28:
                out[i + down, j + right] = image[i, j]
    return out


def test_shift_moves_each_image_by_its_own() -> None:
    x = torch.rand(5, 784)
    down, right = torch.tensor([0, 2, -1, 3, 28]), torch.tensor([0, -3, 1, 0, 0])
    moved = dcgan.shift(x, down, right)
    for image, d, r, out in zip(x, down, right, moved, strict=True):
        assert torch.equal(out.view(28, 28), placed(image.view(28, 28), int(d), int(r)))
    assert torch.equal(moved[0], x[0])
    assert not moved[4].any()


def test_gradients_of_shift_flow_back_to_where_the_ink_came_from() -> None:
    x = torch.rand(1, 784, requires_grad=True)
    target = torch.rand(28, 28)
    (dcgan.shift(x, torch.tensor([2]), torch.tensor([-1])).view(28, 28) * target).sum().backward()
    assert x.grad is not None
    assert torch.equal(x.grad.view(28, 28), placed(target, -2, 1))


def test_random_shift_draws_every_move_within_reach_about_as_often() -> None:
    x = torch.zeros(5000, 28, 28)
    x[:, 13, 11] = 1
    moved = dcgan.random_shift(x.flatten(1), 2).view(-1, 28, 28)
    share = moved.mean(0)
    square = share[11:16, 9:14]
    assert share.sum().item() == pytest.approx(1, abs=1e-5)
    assert square.sum().item() == pytest.approx(1, abs=1e-5)
    assert (square - 1 / 25).abs().max() < 0.015  # five standard errors
    assert torch.equal(dcgan.random_shift(x[:3].flatten(1), 0), x[:3].flatten(1))


def test_the_average_follows_weights_and_running_statistics() -> None:
    model = dcgan.DigitGenerator(NOISE, CHANNELS)
    average = copy.deepcopy(model)
    expected = weights(average)
    for _ in range(3):
        with torch.no_grad():
            for p in model.parameters():
                p.add_(torch.randn_like(p))
        model(torch.randn(BATCH, NOISE))  # moves the running statistics
        before = weights(model)
        average_weights(average, model, 0.9)
        for name, value in weights(model).items():
            assert np.array_equal(value, before[name])
            expected[name] = value if "batches" in name else 0.9 * expected[name] + 0.1 * value
    assert expected["paint.0.num_batches_tracked"] == 3
    for name, value in weights(average).items():
        np.testing.assert_allclose(value, expected[name], atol=1e-5, err_msg=name)
        assert "running" not in name or not np.allclose(value, before[name])
