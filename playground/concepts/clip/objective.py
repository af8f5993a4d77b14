"""What a pair of encoders is trained on, whatever it encodes: the scale and the loss of a matrix of cosines."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from models import clip


class Objective(nn.Module):
    """CLIP's InfoNCE or SigLIP's sigmoid loss, with a scale that is learned or fixed.

    loss: "InfoNCE" or "sigmoid"; kind: of the scale, "exponential", "linear" or "fixed"
    """

    def __init__(self, loss: str, scale: str) -> None:
        super().__init__()
        self.loss, self.kind = loss, scale
        start = torch.tensor(10.0 if loss == "sigmoid" else 1 / 0.07)
        self.scale_parameter = nn.Parameter(start.log() if scale == "exponential" else torch.tensor(1.0))
        self.scale_parameter.requires_grad_(scale != "fixed")
        self.bias = nn.Parameter(torch.tensor(-10.0), requires_grad=loss == "sigmoid")

    def scale(self) -> Tensor:
        """t: what the cosines are multiplied by; the notes call it temperature, which is its inverse."""
        if self.kind == "exponential":
            return self.scale_parameter.exp().clamp(max=clip.MAX_SCALE)
        return self.scale_parameter

    def forward(self, cosines: Tensor) -> Tensor:
        """(n, n), or (batch, n, n) of which the mean is taken; what belongs together is on the diagonal."""
        if self.loss == "sigmoid":
            each = cosines if cosines.dim() == 3 else cosines[None]
            return torch.stack([clip.sigmoid_loss(one, self.scale(), self.bias) for one in each]).mean()
        row, column = clip.info_nce(self.scale() * cosines)
        return (row + column) / 2
