"""CLIP: two encoders into one space, where what belongs together is near.

Radford et al. 2021 (arXiv 2103.00020) contrast whole clips across a batch; the notes
contrast the frames within one clip. The sigmoid loss is Zhai et al. 2023 (SigLIP).

Knows no data set, optimiser or page.
"""

import math

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from models.positions import sinusoidal

MAX_SCALE = 100.0
"""CLIP caps its scale there, lest the softmax saturates."""


class SequenceEncoder(nn.Module):
    """(batch, frames, channels) → (batch, frames, feature_dim).

    network: "mlp" sees one frame, "conv" a few around it, "transformer" all of them
    """

    def __init__(self, channels: int, feature_dim: int, network: str = "conv") -> None:
        super().__init__()
        self.network = network
        self.embed = nn.Linear(channels, feature_dim)
        if network == "mlp":
            self.body: nn.Module = nn.Sequential(
                nn.ReLU(), nn.Linear(feature_dim, feature_dim), nn.ReLU()
            )
        elif network == "conv":
            width = {"kernel_size": 5, "padding": 2}
            self.body = nn.Sequential(
                nn.ReLU(), nn.Conv1d(feature_dim, feature_dim, **width),
                nn.ReLU(), nn.Conv1d(feature_dim, feature_dim, **width), nn.ReLU(),
            )  # fmt: skip
        else:
            self.body = nn.TransformerEncoderLayer(
                feature_dim, 4, 2 * feature_dim, dropout=0, batch_first=True
            )

    def forward(
        self, x: Float[Tensor, "batch frames channels"]
    ) -> Float[Tensor, "batch frames feature"]:
        h = self.embed(x)
        if self.network == "conv":
            return self.body(h.mT).mT
        if self.network == "transformer":
            h = h + sinusoidal(h.shape[1], h.shape[2])
        return self.body(h)


class Clip(nn.Module):
    """Motion and music, frame by frame, as unit vectors of one space."""

    def __init__(
        self,
        motion_dim: int = 75,
        music_dim: int = 438,
        feature_dim: int = 256,
        network: str = "conv",
    ) -> None:
        super().__init__()
        self.motion_encoder = SequenceEncoder(motion_dim, feature_dim, network)
        self.music_encoder = SequenceEncoder(music_dim, feature_dim, network)
        self.motion_project = nn.Linear(feature_dim, feature_dim)
        self.music_project = nn.Linear(feature_dim, feature_dim)

    def encode_motion(
        self, motion: Float[Tensor, "batch frames motion_dim"]
    ) -> Float[Tensor, "batch frames feature"]:
        return F.normalize(self.motion_project(self.motion_encoder(motion)), dim=-1)

    def encode_music(
        self, music: Float[Tensor, "batch frames music_dim"]
    ) -> Float[Tensor, "batch frames feature"]:
        return F.normalize(self.music_project(self.music_encoder(music)), dim=-1)

    def forward(
        self,
        motion: Float[Tensor, "batch frames motion_dim"],
        music: Float[Tensor, "batch frames music_dim"],
    ) -> tuple[
        Float[Tensor, "batch frames feature"], Float[Tensor, "batch frames feature"]
    ]:
        return self.encode_motion(motion), self.encode_music(music)


def whole_clip(
    frames: Float[Tensor, "batch frames feature"],
) -> Float[Tensor, "batch frames_feature"]:
    """A clip's unit vector: those of its frames, one after the other, shortened.

    The cosine of two clips is then the mean cosine of their frames: it hears whether
    they move in time. A mean over frames would forget when anything happened.
    """
    return F.normalize(frames.flatten(1), dim=-1)


def similarity(
    a: Float[Tensor, "*batch n feature"], b: Float[Tensor, "*batch n feature"]
) -> Float[Tensor, "*batch n n"]:
    """cos of every a (rows) with every b (columns), both of unit length."""
    return a @ b.mT


def info_nce(
    logits: Float[Tensor, "*batch n n"],
) -> tuple[Float[Tensor, ""], Float[Tensor, ""]]:
    """Cross-entropy of finding the column of each row, and the row of each column.

    CLIP's loss is the mean of the two. nn.CrossEntropyLoss takes dimension 1 for the
    classes: what the notes call loss_motion, criterion(logits, labels) with motion in
    the rows, picks a row for each column. It is the second one.
    """
    matches = logits.diagonal(dim1=-2, dim2=-1)  # (*batch, n)
    row = (logits.logsumexp(-1) - matches).mean()
    column = (logits.logsumexp(-2) - matches).mean()
    return row, column


def sigmoid_loss(
    cosines: Float[Tensor, "n n"], scale: Tensor, bias: Tensor
) -> Float[Tensor, ""]:
    """−1/n Σ log σ(y (t · cos + b)): each pair by itself, y = ±1 for match or not."""
    n = len(cosines)
    y = 2 * torch.eye(n) - 1
    return -F.logsigmoid(y * (scale * cosines + bias)).sum() / n


def loss_floor(n: int, scale: float) -> float:
    """The least that InfoNCE can be with a fixed scale: ln(1 + (n−1) e^{−s n/(n−1)}).

    Matching vectors agree, and the n directions are a regular simplex, as far from one
    another as they can be: cos = −1/(n−1).
    """
    return math.log1p((n - 1) * math.exp(-scale * n / (n - 1)))


def recall_at(
    cosines: Float[Tensor, "*batch n n"], k: int
) -> tuple[Float[Tensor, ""], Float[Tensor, ""]]:
    """Share of rows whose match is among their k best columns; of columns likewise.

    A tie counts against: vectors that are all alike retrieve nothing.
    """
    matches = cosines.diagonal(dim1=-2, dim2=-1)  # (*batch, n)
    better_columns = (cosines >= matches[..., :, None]).sum(-1) - 1  # but for itself
    better_rows = (cosines >= matches[..., None, :]).sum(-2) - 1
    return (better_columns < k).float().mean(), (better_rows < k).float().mean()


def modality_gap(
    a: Float[Tensor, "n feature"], b: Float[Tensor, "n feature"]
) -> Float[Tensor, ""]:
    """‖mean a − mean b‖: how far apart the two kinds live. Liang et al. 2022."""
    return (a.mean(0) - b.mean(0)).norm()


def alignment(
    a: Float[Tensor, "n feature"], b: Float[Tensor, "n feature"]
) -> Float[Tensor, ""]:
    """Mean squared distance of what belongs together. Wang & Isola 2020."""
    return (a - b).pow(2).sum(1).mean()


def uniformity(a: Float[Tensor, "n feature"]) -> Float[Tensor, ""]:
    """ln of the mean of e^{−2 d²} over all pairs: low if the sphere is filled evenly.

    Wang & Isola 2020.
    """
    return torch.pdist(a).pow(2).mul(-2).exp().mean().log()
