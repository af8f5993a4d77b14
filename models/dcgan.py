"""DCGAN for 28×28 digits: a convolutional generator and discriminator.

Radford et al. 2015 (arXiv 1511.06434), two layers deep. Three additions let it learn
from a few thousand digits: the discriminator sees how much its batch varies (Karras
et al. 2018), it sees every image moved by a pixel or two (Zhao et al. 2020), and
samples are drawn from an average of the generators of the last steps.

Knows no data set, optimiser or page. The losses are in `gan.py`.
"""

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor, nn

SIDE = 28
PIXELS = SIDE * SIDE


class DigitGenerator(nn.Module):
    """(batch, noise) standard normal → (batch, 784) grey values in [0, 1].

    In training mode it normalises by the statistics of the batch, so that a sample
    depends on its neighbours; in evaluation mode by running averages.

    noise: length of z. channels: maps at 14×14; there are twice as many at 7×7
    """

    def __init__(self, noise: int = 64, channels: int = 32) -> None:
        super().__init__()
        self.project = nn.Linear(noise, 2 * channels * 7 * 7)
        self.paint = nn.Sequential(
            nn.BatchNorm2d(2 * channels), nn.ReLU(),
            nn.ConvTranspose2d(2 * channels, channels, 4, stride=2, padding=1),
            nn.BatchNorm2d(channels), nn.ReLU(),
            nn.ConvTranspose2d(channels, 1, 4, stride=2, padding=1),
        )  # fmt: skip

    def forward(self, z: Float[Tensor, "batch noise"]) -> Float[Tensor, "batch 784"]:
        maps = self.project(z).unflatten(1, (-1, 7, 7))  # (batch, 2·channels, 7, 7)
        return torch.sigmoid(self.paint(maps)).flatten(1)


class DigitDiscriminator(nn.Module):
    """(batch, 784) grey values → (batch,) logits of real, (batch, styles) of styles.

    σ of the first is the probability of "real". Both heads read the same features;
    a GAN leaves the second alone, a CAN trains it to name the style of real images.

    channels: maps at 14×14; there are twice as many at 7×7
    """

    def __init__(self, channels: int = 32, styles: int = 10) -> None:
        super().__init__()
        self.look = nn.Sequential(
            nn.Conv2d(1, channels, 4, stride=2, padding=1), nn.LeakyReLU(0.2),
            nn.Conv2d(channels, 2 * channels, 4, stride=2, padding=1),
            nn.LeakyReLU(0.2),
        )  # fmt: skip
        features = 2 * channels * 7 * 7 + 1  # one for the spread of the batch
        self.real = nn.Linear(features, 1)
        self.style = nn.Linear(features, styles)

    def forward(
        self, x: Float[Tensor, "batch 784"]
    ) -> tuple[Float[Tensor, " batch"], Float[Tensor, "batch styles"]]:
        maps = self.look(x.unflatten(1, (1, SIDE, SIDE)))  # (batch, 2·channels, 7, 7)
        h = with_spread(maps.flatten(1))
        return self.real(h).squeeze(1), self.style(h)


def with_spread(
    h: Float[Tensor, "batch features"],
) -> Float[Tensor, "batch features_and_1"]:
    """h and, beside it, the standard deviation over the batch, averaged over features.

    The same number for the whole batch: were generated samples all alike, it would
    give them away. Karras et al. 2018 (arXiv 1710.10196), section 3.
    """
    deviation = (h.var(0, unbiased=False) + 1e-8).sqrt()  # (features,)
    return torch.cat([h, deviation.mean().expand(len(h), 1)], dim=1)


def shift(
    x: Float[Tensor, "batch 784"],
    down: Int[Tensor, " batch"],
    right: Int[Tensor, " batch"],
) -> Float[Tensor, "batch 784"]:
    """Every image moved by its own number of pixels; what comes in is black (0)."""
    row = torch.arange(SIDE) - down[:, None]  # (batch, 28): where it comes from
    column = torch.arange(SIDE) - right[:, None]
    source = SIDE * row[:, :, None] + column[:, None, :]  # (batch, 28, 28)
    there = (row >= 0) & (row < SIDE)
    inside = there[:, :, None] & ((column >= 0) & (column < SIDE))[:, None, :]
    source = torch.where(inside, source, PIXELS).flatten(1)
    return F.pad(x, (0, 1)).gather(1, source)  # pixel 784 is the black one


def random_shift(x: Float[Tensor, "batch 784"], reach: int) -> Tensor:
    """`shift` by −reach … reach pixels each way, drawn evenly for every image.

    Done to real and to generated images alike before D sees them, it hides from D
    where exactly the few real ones lie, and G isn't taught to shift: DiffAugment,
    Zhao et al. 2020 (arXiv 2006.10738). Gradients flow back to x.
    """
    down, right = torch.randint(-reach, reach + 1, (2, len(x)))
    return shift(x, down, right)
