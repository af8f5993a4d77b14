"""GAN: a generator G and a discriminator D, each the other's teacher.

Goodfellow et al. 2014 (arXiv 1406.2661): D tells real from generated samples, G is
trained until it can't. CAN (Elgammal et al. 2017, arXiv 1706.07068) adds a second
head to D that names a real sample's style, and lets G be rewarded where that fails.

D gives logits throughout: its probability of "real" is σ(D(x)). WGAN's critic gives
a score with no such reading. Knows no network, data set, optimiser or page.
"""

from collections.abc import Callable
from typing import Literal

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor, nn

Loss = Literal["minimax", "non-saturating", "least-squares", "hinge", "WGAN-GP"]
Form = Literal["softmax", "paper"]


def discriminator_loss(
    loss: Loss, real: Float[Tensor, " batch"], fake: Float[Tensor, " other"]
) -> Float[Tensor, ""]:
    """What D minimises, from D(x) of real and D(G(z)) of generated samples.

    minimax, non-saturating: −E log σ(D(x)) − E log(1 − σ(D(G(z)))), 2 ln 2 when D
        can't tell. At its best, σ(D(x)) = p(x) / (p(x) + q(x)): Goodfellow et al.,
        prop. 1
    least-squares: ½ E (D(x) − 1)² + ½ E D(G(z))². Mao et al. 2017, eq. 2 with
        a = 0, b = 1
    hinge: E max(0, 1 − D(x)) + E max(0, 1 + D(G(z))). Lim & Ye 2017
    WGAN-GP: E D(G(z)) − E D(x), to which `gradient_penalty` belongs. Arjovsky et
        al. 2017
    """
    if loss == "least-squares":
        return ((real - 1) ** 2).mean() / 2 + (fake**2).mean() / 2
    if loss == "hinge":
        return F.relu(1 - real).mean() + F.relu(1 + fake).mean()
    if loss == "WGAN-GP":
        return fake.mean() - real.mean()
    return -F.logsigmoid(real).mean() - F.logsigmoid(-fake).mean()


def generator_loss(loss: Loss, fake: Float[Tensor, " batch"]) -> Float[Tensor, ""]:
    """What G minimises, from D(G(z)).

    minimax: E log(1 − σ(D(G(z)))): its slope is −σ(D), which is 0 where D is sure
    non-saturating: −E log σ(D(G(z))): its slope is −(1 − σ(D)), steep just there
    least-squares: ½ E (D(G(z)) − 1)², with c = 1
    hinge, WGAN-GP: −E D(G(z))
    """
    if loss == "minimax":
        return F.logsigmoid(-fake).mean()
    if loss == "non-saturating":
        return -F.logsigmoid(fake).mean()
    if loss == "least-squares":
        return ((fake - 1) ** 2).mean() / 2
    return -fake.mean()


def input_gradient(
    D: Callable[[Tensor], Tensor], x: Float[Tensor, "batch ..."]
) -> Float[Tensor, "batch features"]:
    """∇D(x) of every sample, through which gradients can flow on into D's weights."""
    x = x.detach().requires_grad_()
    (gradient,) = torch.autograd.grad(D(x).sum(), x, create_graph=True)
    return gradient.flatten(1)


def r1_penalty(
    D: Callable[[Tensor], Tensor], real: Float[Tensor, "batch ..."]
) -> Float[Tensor, ""]:
    """E ½‖∇D(x)‖² at real samples, to be weighted by γ. Mescheder et al. 2018, eq. 9.

    Where G is right D has to be flat: the two can come to rest.
    """
    return input_gradient(D, real).pow(2).sum(1).mean() / 2


def gradient_penalty(
    D: Callable[[Tensor], Tensor],
    real: Float[Tensor, "batch ..."],
    fake: Float[Tensor, "batch ..."],
    eps: Float[Tensor, " batch"],
) -> Float[Tensor, ""]:
    """E (‖∇D(x̂)‖ − 1)² at x̂ = ε x + (1 − ε) G(z). Gulrajani et al. 2017, eq. 3.

    eps: uniform in [0, 1], one a pair. To be weighted by λ.
    """
    eps = eps.view(-1, *[1] * (real.dim() - 1))  # (batch, 1, …)
    between = eps * real + (1 - eps) * fake
    return (input_gradient(D, between).norm(dim=1) - 1).pow(2).mean()


def style_loss(
    logits: Float[Tensor, "batch styles"],
    style: Int[Tensor, " batch"],
    smoothing: float = 0.0,
) -> Float[Tensor, ""]:
    """−E log p(style|x) of real samples: D's second head learns to name the style.

    smoothing: this part of the target is shared equally by all K styles. It bounds the
        logits: without it they, and G's ambiguity loss, grow without limit where
        styles are far apart. 0 is CAN's own
    """
    return F.cross_entropy(logits, style, label_smoothing=smoothing)


def ambiguity_loss(
    logits: Float[Tensor, "batch styles"], form: Form = "softmax"
) -> Float[Tensor, ""]:
    """How surely D names a style of what G generates, to be weighted by λ.

    softmax: −Σ_k 1/K log p_k, the cross-entropy of equal shares with the softmax p;
        ln K at its least, where every p_k = 1/K
    paper: −Σ_k [1/K log σ_k + (1 − 1/K) log(1 − σ_k)], every style by itself with a
        sigmoid (Elgammal et al., eq. 3); K times the entropy of a 1/K coin at its
        least, where every σ_k = 1/K
    """
    K = logits.shape[1]
    if form == "softmax":
        return -F.log_softmax(logits, dim=1).mean()
    per_style = F.logsigmoid(logits) / K + (1 - 1 / K) * F.logsigmoid(-logits)
    return -per_style.sum(1).mean()  # per_style: (batch, styles)


@torch.no_grad()
def average_weights(average: nn.Module, G: nn.Module, decay: float) -> None:
    """w̄ ← decay · w̄ + (1 − decay) · w after each step of G. Yazıcı et al. 2019.

    G circles around where the two would rest; its average is nearer to there. decay:
    0 copies G, 0.99 averages about its last 100 steps. Running statistics of a batch
    norm are averaged as weights are. average: a deep copy of G, changed in place
    """
    averaged, newest = average.state_dict(), G.state_dict()  # share their storage
    for name, value in averaged.items():
        if value.is_floating_point():
            value.lerp_(newest[name], 1 - decay)
        else:  # how many batches the running statistics have seen
            value.copy_(newest[name])
