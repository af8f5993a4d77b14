"""What a run of a plain and a residual network does and measures: batches, updates, norms, cuts, learning."""

from __future__ import annotations

import copy
import math
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.func import functional_call, grad

from models import residual
from models.residual import DeepNet, Design
from playground.concepts.residual import RESIDUAL, measures, norms
from playground.concepts.residual.config import DEPTHS, ResidualConfig
from playground.concepts.residual.degradation.experiment import DegradationExperiment
from playground.concepts.residual.examples import Examples, load_examples
from playground.concepts.residual.experiment import PairExperiment
from playground.concepts.residual.learner import Learner
from playground.concepts.residual.networks import batch_statistics
from playground.engine.run import Run

ARMS = ("plain", "residual")
SMALL: dict[str, Any] = {"depth": 12, "width": 5, "batch": 16}


def run(seed: int = 0, **config: Any) -> PairExperiment:
    torch.manual_seed(seed)
    return PairExperiment(ResidualConfig(**{**SMALL, "seed": seed, **config}))


def weights(net: nn.Module) -> dict[str, Tensor]:
    return {name: tensor.clone() for name, tensor in net.state_dict().items()}


def same(one: dict[str, Tensor], other: dict[str, Tensor]) -> bool:
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


# ---------------------------------------------------------------- a fair comparison


@pytest.mark.parametrize("config", [{}, {"block": "pre"}, {"data": "images", "channels": 4}, {"start": "zero"}])
def test_both_networks_begin_with_the_same_weights(config: dict[str, Any]) -> None:
    experiment = run(**config)
    plain, shortcut = (experiment.arms[arm].net for arm in ARMS)
    assert same(weights(plain), weights(shortcut))
    assert [net.blocks[0].design.has_shortcut for net in (plain, shortcut)] == [False, True]


@pytest.mark.parametrize("make", [run, lambda: DegradationExperiment(ResidualConfig(networks="depths", width=3))])
def test_all_networks_see_the_same_batches(make: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[Tensor, Tensor]] = []
    train = Learner.step

    def step(self: Learner, x: Tensor, y: Tensor, draws: Tensor) -> dict[str, float]:
        seen.append((x, y))
        return train(self, x, y, draws)

    monkeypatch.setattr(Learner, "step", step)
    experiment = make()
    for _ in range(3):
        seen.clear()
        experiment.step()
        assert len(seen) == len(experiment.arms) >= 2
        assert all(torch.equal(x, seen[0][0]) and torch.equal(y, seen[0][1]) for x, y in seen)
        rows = {tuple(row) for row in experiment.data.x.tolist()}
        assert all(tuple(row) in rows for row in seen[0][0].tolist())


def test_an_arm_trains_the_same_whether_the_other_one_has_diverged_or_not() -> None:
    found = []
    for has_diverged in (False, True):
        experiment = run(survival=0.5)
        if has_diverged:
            experiment.arms.diverged_at["plain"] = 0
        for _ in range(4):
            experiment.step()
        found.append(weights(experiment.arms["residual"].net))
    assert same(*found)


def test_without_its_shortcut_the_residual_network_is_the_plain_one() -> None:
    experiment = run(block="scaled", alpha=0.0)
    for _ in range(5):
        found = experiment.step()
        assert found["plain/train/loss"] == found["residual/train/loss"]
    experiment.update_live(experiment.config.model_copy(update={"alpha": 1.0}))
    found = experiment.step()
    assert found["plain/train/loss"] != found["residual/train/loss"]


@pytest.mark.parametrize("block", ["post", "pre"])
def test_alpha_acts_only_on_scaled_shortcuts(block: str) -> None:
    assert all(one.alpha == 1 for one in run(block=block, alpha=0.3).arms["residual"].net.blocks)


# ---------------------------------------------------------------- a step


@pytest.mark.parametrize("arm", ARMS)
def test_a_step_follows_the_gradient_of_the_cross_entropy(arm: str) -> None:
    """SGD written down again, without modules: θ − η ∂ℒ/∂θ."""
    experiment = run(lr=0.125)
    learner = experiment.arms[arm]
    reference = copy.deepcopy(learner.net)
    x, y = experiment.data.x[20:33], experiment.data.y[20:33]

    def loss(parameters: dict[str, Tensor]) -> Tensor:
        logits = functional_call(reference, parameters, (x,))
        return -(logits - logits.logsumexp(1, keepdim=True))[torch.arange(13), y].mean()

    before = dict(reference.named_parameters())
    with batch_statistics(reference):
        slopes, first = grad(loss)(before), loss(before)
    found = learner.step(x, y, torch.zeros(5))
    assert found["train/loss"] == pytest.approx(first.item(), rel=1e-5)
    for name, parameter in learner.net.named_parameters():
        expected = before[name] - 0.125 * slopes[name]
        torch.testing.assert_close(parameter.detach(), expected.detach(), rtol=1e-3, atol=1e-6)


def test_a_live_learning_rate_acts_on_the_next_step() -> None:
    experiment = run(lr=0.5)
    experiment.update_live(experiment.config.model_copy(update={"lr": 0.0}))
    before = [p.clone() for p in experiment.arms["residual"].net.parameters()]
    experiment.step()
    assert all(map(torch.equal, before, experiment.arms["residual"].net.parameters()))


def test_blocks_are_dropped_by_their_draws_and_only_in_the_residual_network() -> None:
    """Survival at depth 12 with p = 0.5: 0.9, 0.8, 0.7, 0.6, 0.5. A dropped block learns nothing."""
    experiment = run(survival=0.5)
    draws = torch.tensor([0.85, 0.85, 0.6, 0.7, 0.45])  # drops the second and the fourth one
    for arm, trained in (("plain", {0, 1, 2, 3, 4}), ("residual", {0, 2, 4})):
        net = experiment.arms[arm].net
        before = [weights(one.F) for one in net.blocks]
        experiment.arms[arm].step(experiment.data.x[:16], experiment.data.y[:16], draws)
        changed = {k for k, one in enumerate(net.blocks) if not same(before[k], weights(one.F))}
        assert changed == trained


# ---------------------------------------------------------------- norms


def test_norms_are_those_of_one_example() -> None:
    """Two examples, lengths 5 and 0: √(25 / 2). The loss is a mean over examples: each has half its gradient."""
    h = torch.tensor([[3.0, 4.0], [0.0, 0.0]], requires_grad=True)
    (h * torch.tensor([[0.0, 6.0], [8.0, 0.0]])).sum(1).mean().backward()
    found = norms.norms([h])
    assert found[norms.ACTIVATION].tolist() == pytest.approx([math.sqrt(25 / 2)])
    assert found[norms.GRADIENT].tolist() == pytest.approx([math.sqrt((36 + 64) / 2)])


def doubling(blocks: int) -> DeepNet:
    """Plain linear blocks h → 2 h without biases or norms, on positive numbers: what is in them is known."""
    net = residual.deep_mlp(3, 3, 3, 2 * blocks + 2, Design(False, norm="none"))
    with torch.no_grad():
        for module in net.modules():
            if isinstance(module, nn.Linear):
                module.weight.copy_(torch.eye(3))
                module.bias.zero_()
        for one in net.blocks:
            one.F[0].weight.mul_(2)
    return net


def test_activations_grow_upwards_and_gradients_downwards() -> None:
    experiment = run(data="spirals")
    learner = experiment.arms["plain"]
    learner.net = doubling(5)
    x = torch.rand(7, 3) + 1
    found = learner.norms_on(x, torch.zeros(7, dtype=torch.long))
    ratio = found[norms.ACTIVATION, 1:] / found[norms.ACTIVATION, :-1]
    assert ratio.tolist() == pytest.approx([2] * 5)
    assert found[norms.ACTIVATION, 0].item() == pytest.approx(x.square().sum(1).mean().sqrt().item())
    ratio = found[norms.GRADIENT, 1:] / found[norms.GRADIENT, :-1]
    assert ratio.tolist() == pytest.approx([0.5] * 5)
    assert norms.gradient_ratio(found) == {"gradient_ratio": pytest.approx(2**4)}  # from block 5's input to block 1's


def test_a_ratio_of_gradients_that_are_nothing_is_not_measured() -> None:
    assert norms.gradient_ratio(torch.zeros(2, 4)) == {}
    assert norms.gradient_ratio(torch.full((2, 4), math.inf)) == {}


def test_looking_at_norms_changes_nothing() -> None:
    experiment = run()
    learner = experiment.arms["residual"]
    before, state = weights(learner.net), torch.get_rng_state()
    learner.norms_on(experiment.data.x[:16], experiment.data.y[:16])
    assert same(before, weights(learner.net)) and torch.equal(state, torch.get_rng_state())
    assert learner.net.training and all(p.grad is None for p in learner.net.parameters())
    assert before["stem.1.num_batches_tracked"] == 0


def test_the_log_keeps_the_first_and_the_newest_norms() -> None:
    log = norms.NormLog(torch.zeros(2, 3))
    for step in range(1, 1000):
        log.add(step, torch.full((2, 3), float(step)))
    assert log.newest_step == 999 and log.newest[0, 0] == 999 and log.at_start[0, 0] == 0
    assert len(log.steps) <= norms.MOST_KEPT and log.steps[0] == 0
    assert [row[1, 2].item() for row in log.rows] == log.steps
    assert len({b - a for a, b in zip(log.steps, log.steps[1:], strict=False)}) == 1  # at even distances


def test_the_norms_of_a_step_are_those_of_its_batch() -> None:
    experiment = run()
    learner = experiment.arms["residual"]
    x, y = experiment.data.x[50:66], experiment.data.y[50:66]
    expected = learner.norms_on(x, y)
    learner.step(x, y, torch.zeros(5))
    torch.testing.assert_close(learner.log.newest, expected)
    assert learner.log.newest_step == 1


# ---------------------------------------------------------------- what is measured


def trained(**config: Any) -> PairExperiment:
    experiment = run(**config)
    for _ in range(12):
        experiment.step()
    return experiment


@pytest.mark.parametrize("config", [{}, {"data": "images", "channels": 4, "depth": 14}, {"block": "scaled"}])
@pytest.mark.parametrize("arm", ARMS)
def test_every_cut_is_that_of_the_network_without_the_block(config: dict[str, Any], arm: str) -> None:
    experiment = trained(**config)
    net = experiment.arms[arm].net
    x, y = experiment.data.heldout_x[:37], experiment.data.heldout_y[:37]
    found = measures.accuracies_with_cut(net, x, y)
    net.eval()
    for k in range(len(net.blocks)):
        assert found[k].item() == pytest.approx((net(x, cut={k}).argmax(1) == y).float().mean().item(), abs=1e-6)
    assert len(found) == len(net.blocks) and (arm == "plain" or found.unique().numel() > 1)


@pytest.mark.parametrize("config", [{}, {"data": "images", "channels": 4, "depth": 14}])
def test_every_swap_is_that_of_the_network_with_two_blocks_exchanged(config: dict[str, Any]) -> None:
    experiment = trained(**config)
    net = experiment.arms["residual"].net
    x, y = experiment.data.heldout_x[:37], experiment.data.heldout_y[:37]
    found = measures.accuracies_with_swap(net, x, y)
    net.eval()
    blocks = len(net.blocks)
    assert len(found) == blocks - 1
    for k in range(blocks - 1):
        order = list(range(blocks))
        order[k], order[k + 1] = order[k + 1], order[k]
        if net.blocks[k].stride == net.blocks[k + 1].stride == 1:
            expected = (net(x, order=order).argmax(1) == y).float().mean().item()
            assert found[k].item() == pytest.approx(expected, abs=1e-6)
        else:
            assert math.isnan(found[k].item())
    assert found.isnan().sum() == (4 if config else 0)  # two changes of size, a pair before and after each one


class Says(nn.Module):
    """A network that answers given classes, whatever it sees."""

    def __init__(self, *classes: int) -> None:
        super().__init__()
        self.classes = torch.tensor(classes)

    def forward(self, x: Tensor, cut: Any = (), order: Any = None) -> Tensor:
        return F.one_hot(self.classes, 10).float()


def test_accuracy_is_the_share_that_is_right() -> None:
    assert measures.accuracy(Says(3, 1, 4, 1), torch.zeros(4, 2), torch.tensor([3, 1, 4, 5])) == 0.75  # type: ignore[arg-type]


def test_accuracy_is_measured_on_held_out_examples(monkeypatch: pytest.MonkeyPatch) -> None:
    experiment = run()
    heldout = experiment.data.heldout_x
    train = {row.numpy().tobytes() for row in experiment.data.x}
    assert len(heldout) == 500 and not any(row.numpy().tobytes() in train for row in heldout)
    seen: list[Tensor] = []

    def accuracy(net: DeepNet, x: Tensor, y: Tensor) -> float:
        seen.append(x)
        return 0.5

    monkeypatch.setattr(measures, "accuracy", accuracy)
    assert experiment.heldout_accuracy(experiment.arms["plain"]) == {"heldout/accuracy": 0.5}
    assert seen[0] is heldout


def test_the_drop_is_the_median_over_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    experiment = run()
    monkeypatch.setattr(measures, "accuracy", lambda net, x, y: 0.9)
    monkeypatch.setattr(measures, "accuracies_with_cut", lambda net, x, y: torch.tensor([0.9, 0.1, 0.7, 0.85, 0.2]))
    assert experiment.lesion_drop(experiment.arms["plain"])["lesion_drop"] == pytest.approx(0.2)


def test_what_is_measured_when() -> None:
    experiment = run()
    rows = {step: experiment.step().keys() for step in range(1, 101)}
    assert [step for step, row in rows.items() if "plain/heldout/accuracy" in row] == [1, 25, 50, 75, 100]
    assert [step for step, row in rows.items() if "residual/lesion_drop" in row] == [100]
    assert all({f"{arm}/train/loss", f"{arm}/gradient_ratio"} <= row for row in rows.values() for arm in ARMS)


def test_measuring_draws_no_random_numbers_and_leaves_the_networks() -> None:
    experiment = trained()
    before, state = weights(experiment.arms["residual"].net), torch.get_rng_state()
    for learner in experiment.arms.values():
        experiment.heldout_accuracy(learner), experiment.lesion_drop(learner)
    assert same(before, weights(experiment.arms["residual"].net)) and torch.equal(state, torch.get_rng_state())
    assert experiment.arms["residual"].net.training


def test_training_is_the_same_to_the_bit_with_cuts_on_screen() -> None:
    runs = [Run(RESIDUAL, ResidualConfig(**SMALL)) for _ in range(2)]
    for _ in range(6):
        runs[0].ask("cut", {"plain": "1 3", "residual": "2"})
        for one in runs:
            one.advance(99, max_steps=2)
    assert runs[0].history == runs[1].history
    for arm in ARMS:
        assert same(*(weights(one.experiment.arms[arm].net) for one in runs))  # type: ignore[attr-defined]


def test_points_of_the_plane_are_split_and_drawn_by_the_seed() -> None:
    data: list[Examples] = [load_examples(ResidualConfig(data="spirals", seed=seed)) for seed in (1, 1, 2)]
    assert torch.equal(data[0].x, data[1].x) and not torch.equal(data[0].x, data[2].x)
    assert data[0].x.shape == (2000, 2) and data[0].heldout_x.shape == (500, 2) and data[0].classes == 2
    assert 0.45 < data[0].y.float().mean() < 0.55


def test_images_are_halved() -> None:
    digits, images = (load_examples(ResidualConfig(data=data, depth=20)) for data in ("digits", "images"))
    assert images.x.shape == (4500, 1, 14, 14)
    pixels = digits.x[7].view(28, 28)
    assert images.x[7, 0, 5, 9].item() == pytest.approx(pixels[10:12, 18:20].mean().item())


# ---------------------------------------------------------------- the degradation curve


def test_there_is_a_plain_and_a_residual_network_of_each_depth() -> None:
    experiment = DegradationExperiment(ResidualConfig(networks="depths", width=3))
    for depth in DEPTHS:
        plain, shortcut = experiment.arms[f"plain-{depth}"], experiment.arms[f"residual-{depth}"]
        assert len(plain.net.blocks) == len(shortcut.net.blocks) == depth // 2 - 1
        assert not plain.has_shortcut and shortcut.has_shortcut
        assert same(weights(plain.net), weights(shortcut.net))
    assert set(RESIDUAL.arms) == {*ARMS, *experiment.arms}


# ---------------------------------------------------------------- what must hold of learning


@pytest.mark.slow
@pytest.mark.parametrize("seed", [3, 4, 5])
def test_depth_56_can_be_trained_with_shortcuts_and_not_without(seed: int) -> None:
    """A short version of `tests.benchmarks.learning`; without its shortcuts, the residual network fails as well."""
    one = Run(RESIDUAL, ResidualConfig(seed=seed))
    one.advance(999, max_steps=250)
    latest = one.latest
    assert latest["residual/train/loss"] < 0.7 and latest["residual/heldout/accuracy"] > 0.8
    assert latest["plain/train/loss"] > 1.8 and latest["plain/heldout/accuracy"] < 0.4
    assert latest["residual/lesion_drop"] < 0.05
    at_start = {arm: norms.gradient_ratio(one.experiment.arms[arm].log.at_start) for arm in ARMS}  # type: ignore[attr-defined]
    assert at_start["plain"]["gradient_ratio"] > 3000 > 200 > at_start["residual"]["gradient_ratio"]


@pytest.mark.slow
def test_without_normalisation_the_residual_network_explodes_and_says_so() -> None:
    one = Run(RESIDUAL, ResidualConfig(norm="none"))
    one.advance(999, max_steps=50)
    assert 1 <= one.frozen["residual"] <= 50 and "plain" not in one.frozen and not one.error
    assert one.latest["plain/train/loss"] > 2.2
