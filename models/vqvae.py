"""VQ-VAE: images as maps of codes from a learned codebook (van den Oord et al. 2017).

An encoder makes a map of vectors, each is replaced by its nearest code, a decoder
makes an image of the codes. The dVAE beside it (Ramesh et al. 2021) has the same nets
and codebook, but samples codes from a softmax: no nearest neighbour, no commitment.

Knows no data set, optimiser or page. The steps of the quantiser are in `quantiser.py`.
"""

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor, nn

from models.quantiser import nearest_code


class ImageEncoder(nn.Module):
    """(batch, 784) grey values → (batch, 49, channels): a vector per 4×4 pixels."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.convolutions = nn.Sequential(
            nn.Conv2d(1, 16, 4, stride=2, padding=1), nn.ReLU(),
            nn.Conv2d(16, 32, 4, stride=2, padding=1), nn.ReLU(),
            nn.Conv2d(32, channels, 1),
        )  # fmt: skip

    def forward(self, x: Float[Tensor, "batch 784"]) -> Tensor:
        maps = self.convolutions(x.view(-1, 1, 28, 28))  # (batch, channels, 7, 7)
        return maps.flatten(2).mT


class ImageDecoder(nn.Module):
    """(batch, 49, dim) → (batch, 784) grey values."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.convolutions = nn.Sequential(
            nn.Conv2d(dim, 32, 3, padding=1), nn.ReLU(),
            nn.ConvTranspose2d(32, 16, 4, stride=2, padding=1), nn.ReLU(),
            nn.ConvTranspose2d(16, 1, 4, stride=2, padding=1),
        )  # fmt: skip

    def forward(self, z: Float[Tensor, "batch 49 dim"]) -> Tensor:
        return self.convolutions(z.mT.unflatten(2, (7, 7))).flatten(1)


class PointEncoder(nn.Module):
    """(batch, 2) points → (batch, 1, channels): one vector for each point."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.layers = mlp(2, channels)

    def forward(self, x: Float[Tensor, "batch 2"]) -> Tensor:
        return self.layers(x)[:, None]


class PointDecoder(nn.Module):
    """(batch, 1, dim) → (batch, 2)."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.layers = mlp(dim, 2)

    def forward(self, z: Float[Tensor, "batch 1 dim"]) -> Tensor:
        return self.layers(z[:, 0])


def mlp(into: int, out: int, width: int = 64) -> nn.Sequential:
    return nn.Sequential(nn.Linear(into, width), nn.ReLU(), nn.Linear(width, out))


class VQVAE(nn.Module):
    """x → vectors z → codes k → e[k] → x̂."""

    def __init__(
        self, codes: int, dim: int, images: bool = True, cosine: bool = False
    ) -> None:
        """
        codes: K, the size of the codebook
        dim: D, numbers in a code
        images: 28×28 images as 7×7 maps; else points of the plane as single codes
        cosine: vectors and codes are kept on the unit sphere, where the nearest code
            is the one at the smallest angle
        """
        super().__init__()
        self.cosine = cosine
        self.encoder = ImageEncoder(dim) if images else PointEncoder(dim)
        self.decoder = ImageDecoder(dim) if images else PointDecoder(dim)
        self.codebook = nn.Parameter(torch.randn(codes, dim))

    def encode(
        self, x: Float[Tensor, "batch pixels"]
    ) -> Float[Tensor, "batch places dim"]:
        z = self.encoder(x)
        return F.normalize(z, dim=-1) if self.cosine else z

    def normalise_codebook(self) -> None:
        if self.cosine:
            self.codebook.copy_(F.normalize(self.codebook, dim=1))

    def codes(self, x: Float[Tensor, "batch pixels"]) -> Int[Tensor, "batch places"]:
        return nearest_code(self.encode(x), self.codebook)

    def decode(
        self, z: Float[Tensor, "batch places dim"]
    ) -> Float[Tensor, "batch pixels"]:
        return self.decoder(z)


class DVAE(nn.Module):
    """x → logits of a code for each place → a sample → e[k] → x̂."""

    def __init__(self, codes: int, dim: int, images: bool = True) -> None:
        super().__init__()
        self.encoder = ImageEncoder(codes) if images else PointEncoder(codes)
        self.decoder = ImageDecoder(dim) if images else PointDecoder(dim)
        self.codebook = nn.Parameter(torch.randn(codes, dim))

    def encode(
        self, x: Float[Tensor, "batch pixels"]
    ) -> Float[Tensor, "batch places codes"]:
        """Logits of q(k|x)."""
        return self.encoder(x)

    def codes(self, x: Float[Tensor, "batch pixels"]) -> Int[Tensor, "batch places"]:
        """The most probable code of each place."""
        return self.encode(x).argmax(-1)

    def decode(
        self, z: Float[Tensor, "batch places dim"]
    ) -> Float[Tensor, "batch pixels"]:
        return self.decoder(z)


def gumbel_softmax(
    logits: Float[Tensor, "*places codes"],
    gumbel: Float[Tensor, "*places codes"],
    temperature: float,
) -> Float[Tensor, "*places codes"]:
    """softmax((logits + g) / τ): with τ → 0 a one-hot sample, and yet differentiable.

    g = −log(−log u), u ~ U(0, 1), drawn outside. Jang et al. and Maddison et al. 2017.
    """
    return ((logits + gumbel) / temperature).softmax(-1)


def kl_to_uniform(
    logits: Float[Tensor, "*places codes"],
) -> Float[Tensor, "*places"]:
    """KL(q ‖ uniform) of each place, in nats: log K − H(q)."""
    log_q = logits.log_softmax(-1)
    return (log_q.exp() * log_q).sum(-1) + torch.log(torch.tensor(logits.shape[-1]))
