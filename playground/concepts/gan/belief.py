"""What a discriminator's number says of how real a sample is: it depends on the loss that it was trained with."""

from __future__ import annotations

from torch import Tensor


def belief(loss: str, logits: Tensor, centre: float = 0.0) -> Tensor:
    """0 to 1: how sure the discriminator is that samples are real.

    least-squares: trained towards 0 and 1. hinge: towards beyond −1 and 1. minimax, non-saturating: σ is a probability.
    WGAN-GP: only differences of scores mean something: σ of that from `centre`, the mean of both kinds' scores
    """
    if loss == "least-squares":
        return logits.clamp(0, 1)
    if loss == "hinge":
        return (logits.clamp(-1, 1) + 1) / 2
    return (logits - centre).sigmoid()


def beliefs(loss: str, real_logits: Tensor, fake_logits: Tensor) -> dict[str, float]:
    """The metrics of a step: the mean belief in real and in generated samples."""
    centre = ((real_logits.mean() + fake_logits.mean()) / 2).item() if loss == "WGAN-GP" else 0.0
    return {
        "discriminator/on_real": belief(loss, real_logits, centre).mean().item(),
        "discriminator/on_generated": belief(loss, fake_logits, centre).mean().item(),
    }
