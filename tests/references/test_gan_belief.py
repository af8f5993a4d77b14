"""What each loss makes of a discriminator's numbers."""

from __future__ import annotations

import pytest
import torch

from playground.concepts.gan.belief import belief, beliefs

LOGITS = torch.tensor([-3.0, -0.5, 0.0, 0.25, 2.0])


@pytest.mark.parametrize(("loss", "expected"), [
    ("minimax", [1 / (1 + 2.718281828 ** -x) for x in LOGITS.tolist()]),
    ("least-squares", [0, 0, 0, 0.25, 1]),
    ("hinge", [0, 0.25, 0.5, 0.625, 1]),
], ids=lambda v: v if isinstance(v, str) else "")  # fmt: skip
def test_belief_by_loss(loss: str, expected: list[float]) -> None:
    torch.testing.assert_close(belief(loss, LOGITS), torch.tensor(expected, dtype=torch.float32))


def test_of_a_critic_only_differences_count() -> None:
    found = beliefs("WGAN-GP", torch.tensor([102.0, 104.0]), torch.tensor([97.0, 97.0]))
    shifted = beliefs("WGAN-GP", torch.tensor([2.0, 4.0]), torch.tensor([-3.0, -3.0]))
    assert found == pytest.approx(shifted)
    sigma = lambda x: 1 / (1 + 2.718281828**-x)  # noqa: E731
    assert shifted["discriminator/on_real"] == pytest.approx((sigma(2) + sigma(4)) / 2, abs=1e-6)
    assert shifted["discriminator/on_generated"] == pytest.approx(sigma(-3), abs=1e-6)


def test_the_metrics_are_means_of_their_own_kind() -> None:
    found = beliefs("least-squares", torch.tensor([0.5, 2.0]), torch.tensor([-1.0, 0.5]))
    assert found == {"discriminator/on_real": 0.75, "discriminator/on_generated": 0.25}
