"""CLIP for small images and their captions: two encoders into one space.

Radford et al. 2021 (arXiv 2103.00020), whose encoders are a ResNet or a vision
transformer, and a transformer over pieces of words. Here small convolutional networks
do: Zhang et al. 2015 (arXiv 1509.01626) for captions letter by letter. The losses are
in `models/clip.py`. Knows no data set, optimiser or page.
"""

import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor, nn


class ImageEncoder(nn.Module):
    """(batch, 784) grey values of 28×28 images → (batch, feature_dim)."""

    def __init__(self, feature_dim: int) -> None:
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 16, 5, stride=2, padding=2), nn.ReLU(),
            nn.Conv2d(16, 32, 3, stride=2, padding=1), nn.ReLU(),
        )  # fmt: skip
        self.project = nn.Linear(32 * 7 * 7, feature_dim)

    def forward(self, x: Float[Tensor, "batch 784"]) -> Float[Tensor, "batch feature"]:
        h = self.features(x.view(-1, 1, 28, 28))  # (batch, 32, 7, 7)
        return self.project(h.flatten(1))


class CaptionEncoder(nn.Module):
    """(batch, length) integers, one a character → (batch, feature_dim).

    0 is what follows the end. Two convolutions see nine characters around each place,
    as much as a word; the maximum over places keeps what was seen anywhere.
    """

    def __init__(self, vocabulary: int, feature_dim: int, width: int = 64) -> None:
        super().__init__()
        self.embed = nn.Embedding(vocabulary, width, padding_idx=0)
        self.near = nn.Conv1d(width, width, 5, padding=2)
        self.wide = nn.Conv1d(width, width, 5, padding=2)
        self.project = nn.Linear(width, feature_dim)

    def forward(self, c: Int[Tensor, "batch length"]) -> Float[Tensor, "batch feature"]:
        # Zero beyond the end, as nn.Conv1d pads: how much padding follows is all one.
        mask = (c != 0)[:, None, :]  # (batch, 1, length)
        h = self.embed(c).mT  # (batch, width, length)
        h = F.relu(self.near(h)) * mask
        h = F.relu(self.wide(h)) * mask
        return self.project(h.amax(2))


class CaptionClip(nn.Module):
    """Images and captions as unit vectors of one space."""

    def __init__(self, vocabulary: int, feature_dim: int) -> None:
        super().__init__()
        self.image_encoder = ImageEncoder(feature_dim)
        self.caption_encoder = CaptionEncoder(vocabulary, feature_dim)

    def forward(
        self, x: Float[Tensor, "batch 784"], c: Int[Tensor, "batch length"]
    ) -> tuple[Float[Tensor, "batch feature"], Float[Tensor, "batch feature"]]:
        return self.encode_image(x), self.encode_caption(c)

    def encode_image(self, x: Float[Tensor, "n 784"]) -> Float[Tensor, "n feature"]:
        return F.normalize(self.image_encoder(x), dim=-1)

    def encode_caption(self, c: Int[Tensor, "n length"]) -> Float[Tensor, "n feature"]:
        return F.normalize(self.caption_encoder(c), dim=-1)


def ensemble(
    captions: Float[Tensor, "classes captions feature"],
) -> Float[Tensor, "classes feature"]:
    """A class's unit vector: the mean of its captions', shortened or stretched to 1.

    Radford et al. 2021, section 3.1.4: an ensemble of prompts.
    """
    return F.normalize(captions.mean(1), dim=-1)


def zero_shot(
    images: Float[Tensor, "n feature"], classes: Float[Tensor, "classes feature"]
) -> Int[Tensor, " n"]:
    """The class whose vector is nearest to each image's: no classifier was trained."""
    return (images @ classes.mT).argmax(1)
