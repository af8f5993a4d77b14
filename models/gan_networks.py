"""The two players of a GAN of points in the plane. Know no loss."""

from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm


class Generator(nn.Sequential):
    """Noise (batch, noise) → points (batch, dims)."""

    def __init__(self, noise: int, width: int = 128, dims: int = 2) -> None:
        super().__init__(
            nn.Linear(noise, width), nn.ReLU(),
            nn.Linear(width, width), nn.ReLU(),
            nn.Linear(width, width), nn.ReLU(),
            nn.Linear(width, dims),
        )  # fmt: skip


class Discriminator(nn.Module):
    """Points (batch, dims) → logits of being real (batch,), and of every style.

    styles: how many a second head names (CAN); 0: there is no such head
    spectral: divides each weight matrix by its largest singular value, so that no
        layer stretches a distance (Miyato et al. 2018); the value is estimated by one
        power iteration a forward pass in training mode
    """

    def __init__(
        self, width: int = 128, styles: int = 0, spectral: bool = False, dims: int = 2
    ) -> None:
        super().__init__()

        def linear(into: int, out: int) -> nn.Module:
            return (
                spectral_norm(nn.Linear(into, out))
                if spectral
                else nn.Linear(into, out)
            )

        self.body = nn.Sequential(
            linear(dims, width), nn.LeakyReLU(0.2),
            linear(width, width), nn.LeakyReLU(0.2),
            linear(width, width), nn.LeakyReLU(0.2),
        )  # fmt: skip
        self.real = linear(width, 1)
        self.style = linear(width, styles) if styles else None

    def forward(self, x: Float[Tensor, "batch dims"]) -> Float[Tensor, " batch"]:
        return self.real(self.body(x)).squeeze(1)

    def logit_and_style(
        self, x: Float[Tensor, "batch dims"]
    ) -> tuple[Float[Tensor, " batch"], Float[Tensor, "batch styles"]]:
        """D(x), and the styles' logits."""
        assert self.style is not None, "a Discriminator with styles=0 names none"
        h = self.body(x)  # (batch, width)
        return self.real(h).squeeze(1), self.style(h)
