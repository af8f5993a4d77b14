"""Two small networks, each as encoder and decoder of 28×28 images. Knows no loss."""

import torch
from torch import Tensor, nn

PIXELS = 28 * 28


def encoder(network: str, out: int, extra: int) -> nn.Module:
    """(batch, 784 + extra) → (batch, out); `extra` inputs carry a one-hot class."""
    return ConvEncoder(out, extra) if network == "conv" else mlp(PIXELS + extra, out)


def decoder(network: str, into: int) -> nn.Module:
    """(batch, into) → (batch, 784) logits."""
    return ConvDecoder(into) if network == "conv" else mlp(into, PIXELS)


def mlp(into: int, out: int, width: int = 256) -> nn.Sequential:
    return nn.Sequential(
        nn.Linear(into, width), nn.ReLU(),
        nn.Linear(width, width), nn.ReLU(),
        nn.Linear(width, out),
    )  # fmt: skip


class ConvEncoder(nn.Module):
    """Two strided convolutions, then linear layers that also see the class."""

    def __init__(self, out: int, extra: int) -> None:
        super().__init__()
        self.convolutions = nn.Sequential(
            nn.Conv2d(1, 16, 4, stride=2, padding=1), nn.ReLU(),
            nn.Conv2d(16, 32, 4, stride=2, padding=1), nn.ReLU(),
        )  # fmt: skip
        self.head = nn.Sequential(
            nn.Linear(32 * 7 * 7 + extra, 128), nn.ReLU(),
            nn.Linear(128, out),
        )  # fmt: skip

    def forward(self, x: Tensor) -> Tensor:
        image, code = x[:, :PIXELS].view(-1, 1, 28, 28), x[:, PIXELS:]
        features = self.convolutions(image).flatten(1)  # (batch, 32·7·7)
        return self.head(torch.cat([features, code], dim=1))


class ConvDecoder(nn.Module):
    """The encoder in reverse: linear layers, then two transposed convolutions."""

    def __init__(self, into: int) -> None:
        super().__init__()
        self.head = nn.Sequential(
            nn.Linear(into, 128), nn.ReLU(),
            nn.Linear(128, 32 * 7 * 7), nn.ReLU(),
        )  # fmt: skip
        self.convolutions = nn.Sequential(
            nn.ConvTranspose2d(32, 16, 4, stride=2, padding=1), nn.ReLU(),
            nn.ConvTranspose2d(16, 1, 4, stride=2, padding=1),
        )  # fmt: skip

    def forward(self, z: Tensor) -> Tensor:
        x = self.convolutions(self.head(z).view(-1, 32, 7, 7))  # (batch, 1, 28, 28)
        return x.flatten(1)
