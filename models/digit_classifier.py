"""A small convolutional classifier of digits: the fixed judge of generated ones.

LeCun et al. 1998 in miniature. Knows no data set or optimiser.
"""

from collections.abc import Mapping
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn


class DigitClassifier(nn.Module):
    """(batch, 784) grey values, white ink on black → logits of the ten classes."""

    def __init__(self, classes: int = 10) -> None:
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(32, 32, 3), nn.ReLU(), nn.Dropout(0.25),
        )  # fmt: skip
        self.to_logits = nn.Linear(32 * 5 * 5, classes)

    @classmethod
    def fixed(cls, weights: Mapping[str, Any]) -> "DigitClassifier":
        """Trained already: name of a parameter → its values, as an array.

        In evaluation mode; gradients reach x, but no weight.
        """
        found = cls().eval().requires_grad_(False)
        tensors = {name: torch.as_tensor(values) for name, values in weights.items()}
        found.load_state_dict(tensors)
        return found

    def forward(self, x: Float[Tensor, "batch 784"]) -> Float[Tensor, "batch classes"]:
        return self.to_logits(self.features(x.view(-1, 1, 28, 28)).flatten(1))
