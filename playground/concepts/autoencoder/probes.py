"""Questions to a live autoencoder. Each `ask` is pure; what can't be answered is `Refused` with a sentence."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

from models.autoencoder import reconstruction_loss, reparameterise
from playground.concept import Figure, Refused
from playground.concepts.autoencoder.experiment import AutoencoderExperiment
from playground.concepts.autoencoder.projection import projection
from playground.concepts.autoencoder.questions import Decode, Draw, Interpolate, Reparameterise, Style
from playground.concepts.autoencoder.texts import say
from playground.data.mnist import as_digit
from playground.figures.base import figure, mosaic, rounded
from playground.figures.charts import HIDDEN, bars, image, invisible
from playground.palette import CLASS_COLOURS, HIGHLIGHT, NEUTRAL, NOTES, STANDARD

SAMPLES = 6
DRAWS, ESTIMATES = 64, 24
"""Samples of z in one estimate of a gradient, as in a batch; and estimates, whose spread is shown."""


def _noise(*shape: int) -> np.ndarray:
    """The same ε for every question: what moves is the model or the question."""
    return np.random.default_rng(3).standard_normal(shape).astype(np.float32)


def _rows_of_images(rows: list[np.ndarray], names: list[str], columns: list[str], key: str) -> Figure:
    """Rows of equally many 28×28 images, named at the left and on top."""
    width, depth = len(rows[0]), len(rows)
    sheet = mosaic(np.concatenate(rows), width, gap=2)
    return figure(
        [invisible((0, width), (0, depth))], key, images=[image(sheet, (0, width), (depth, 0))],
        xaxis={"range": [0, width], "tickvals": [i + 0.5 for i in range(width)], "ticktext": columns, "side": "top",
               "showgrid": False, "zeroline": False, "constrain": "domain"},
        yaxis={"range": [depth, 0], "tickvals": [i + 0.5 for i in range(depth)], "ticktext": names,
               "showgrid": False, "zeroline": False, "scaleanchor": "x", "constrain": "domain"},
    )  # fmt: skip


def draw(experiment: AutoencoderExperiment, question: Draw) -> Figure:
    """A visitor's digit: what the model sees, μ and σ, samples of z and their decodings."""
    try:
        pixels = as_digit(question.drawing)
    except ValueError as error:
        raise Refused(str(error)) from None
    mu, log_var = experiment.encode_image(pixels, question.label)
    sigma = np.exp(0.5 * log_var) if experiment.variational else np.zeros_like(mu)
    z = mu + sigma * _noise(SAMPLES, len(mu))
    z[0] = mu
    decoded = experiment.decode_mean(z, np.full(SAMPLES, question.label))
    sheet = mosaic(np.concatenate([pixels[None], decoded]), SAMPLES + 1, gap=2)
    words = say.part("figures.draw")
    columns = [words("seen"), say("figures.from_mu"), *(words("sample", number=i) for i in range(1, SAMPLES))]
    shown = min(len(mu), 16)
    names = [f"z{i + 1}" for i in range(shown)]
    whiskers = {"type": "data", "array": rounded(sigma[:shown]), "color": NOTES, "thickness": 2}
    dots = {
        "type": "scatter", "mode": "markers", "x": names * (SAMPLES - 1), "y": rounded(z[1:, :shown].ravel()),
        "xaxis": "x2", "yaxis": "y2", "marker": {"color": HIGHLIGHT, "size": 6, "symbol": "diamond"}, "name": "z",
        "hovertemplate": words("sample_hover"),
    }  # fmt: skip
    means = bars(
        names, mu[:shown], STANDARD, words("mean_hover"), name="μ ± σ", xaxis="x2", yaxis="y2", error_y=whiskers
    )
    n = SAMPLES + 1
    return figure(
        [invisible((0, n), (0, 1)), means, dots], "draw", bargap=0.6, images=[image(sheet, (0, n), (1, 0))],
        xaxis={"range": [0, n], "tickvals": [i + 0.5 for i in range(n)], "ticktext": columns, "side": "top",
               "showgrid": False, "constrain": "domain"},
        yaxis={**HIDDEN, "range": [1, 0], "domain": [0.58, 1], "scaleanchor": "x", "constrain": "domain"},
        xaxis2={"anchor": "y2", "type": "category"},
        yaxis2={"domain": [0, 0.5], "title": {"text": words("axis")}, "anchor": "x2"},
    )  # fmt: skip


def decode(experiment: AutoencoderExperiment, question: Decode) -> Figure:
    """The digit that the decoder makes of one point of the plane (a CVAE: one of each class)."""
    z = projection(experiment).lift(np.array([[question.x, question.y]]))
    name = f"({question.x:.2f}, {question.y:.2f})"
    if experiment.config.model == "CVAE":
        images = experiment.decode_mean(np.repeat(z, 10, 0), np.arange(10))
        return _rows_of_images([images], [name], [str(c) for c in range(10)], "decode")
    around = np.array([[question.x + dx, question.y] for dx in (-0.5, -0.25, 0.0, 0.25, 0.5)])
    images = experiment.decode_mean(projection(experiment).lift(around))
    columns = ["−0.5", "−0.25", say("figures.decode.here"), "+0.25", "+0.5"]
    return _rows_of_images([images], [name], columns, "decode")


def interpolate(experiment: AutoencoderExperiment, question: Interpolate) -> Figure:
    """From one held-out digit to another: a straight line through the latents, above a cross-fade of pixels."""
    digits, share = experiment.digits, np.linspace(0, 1, 11, dtype=np.float32)[:, None]
    mu, _ = experiment.heldout_posterior()
    a, b = question.from_digit, question.to_digit
    labels = np.where(share[:, 0] < 0.5, digits.heldout_labels[a], digits.heldout_labels[b])
    latent = experiment.decode_mean((1 - share) * mu[a] + share * mu[b], labels)
    pixels = (1 - share) * digits.heldout_images[a] + share * digits.heldout_images[b]
    names = [say("figures.interpolate.latents"), say("figures.interpolate.pixels")]
    return _rows_of_images([latent, pixels], names, [f"{s:.1f}" for s in share[:, 0]], "interpolate")


def style(experiment: AutoencoderExperiment, question: Style) -> Figure:
    """(CVAE) A held-out digit's style on all ten classes."""
    if experiment.config.model != "CVAE":
        raise Refused(say("refusals.no_class"))
    digits = experiment.digits
    mu, _ = experiment.heldout_posterior()
    images = experiment.decode_mean(np.repeat(mu[question.digit][None], 10, 0), np.arange(10))
    rows = np.concatenate([digits.heldout_images[question.digit][None], images])
    words = say.part("figures.style")
    return _rows_of_images([rows], [words("kept")], [words("own"), *map(str, range(10))], "style")


def gradients(experiment: AutoencoderExperiment, question: Reparameterise) -> dict[str, np.ndarray]:
    """Estimates of ∂ E_q[reconstruction] / ∂μ, each the mean of DRAWS samples of z: (ESTIMATES, latent).

    "path": with the trick; "detached": without it, where z is a random generator's number; "score": by the score
    function
    """
    digits, config = experiment.digits, experiment.config
    mean, log_var, c = _posterior(experiment, question)
    count = ESTIMATES * DRAWS
    x = torch.from_numpy(digits.heldout_images[question.digit])[None].expand(count, -1)
    eps = torch.from_numpy(_noise(count, config.latent))

    def loss(z: Tensor) -> Tensor:
        return reconstruction_loss(experiment.model.decode(z, c.expand(count)), x, config.likelihood)  # (count,)

    with torch.enable_grad():
        mu = mean.expand(count, -1).clone().requires_grad_()
        z = reparameterise(mu, log_var.expand(count, -1), eps)
        fit = loss(z)
        (path,) = torch.autograd.grad(fit.sum(), mu)
        # A term that is 0 lets `grad` answer 0 instead of complaining that μ is not in the graph.
        (no_path,) = torch.autograd.grad(loss(z.detach()).sum() + 0 * mu.sum(), mu)
    score = fit.detach()[:, None] * (z.detach() - mean) / log_var.exp()  # log-derivative: f(z) ∂ log q(z) / ∂μ
    found = {"path": path, "detached": no_path, "score": score}
    return {name: g.unflatten(0, (ESTIMATES, DRAWS)).mean(1).numpy() for name, g in found.items()}


def _posterior(experiment: AutoencoderExperiment, question: Reparameterise) -> Any:
    """Shifted μ, shifted log σ² (1, d) and the class (1,) of a held-out digit."""
    mean, log_var = experiment.heldout_posterior()
    mu = torch.from_numpy(mean[question.digit][None].copy())
    mu[:, 0] += question.mu_shift
    wide = torch.from_numpy(log_var[question.digit][None].copy()) + 2 * question.log_sigma_shift
    return mu, wide, torch.from_numpy(experiment.digits.heldout_labels[question.digit][None].copy())


def reparameterise_live(experiment: AutoencoderExperiment, question: Reparameterise) -> Figure:
    """ε stays, z slides: dots of fixed noise carried by μ and σ, and the gradient that reaches the encoder."""
    if not experiment.variational:
        raise Refused(say("refusals.no_samples"))
    words = say.part("figures.reparameterise")
    mu, log_var, c = _posterior(experiment, question)
    shown = 24
    eps = torch.from_numpy(_noise(shown, experiment.config.latent))
    z = reparameterise(mu.expand(shown, -1), log_var.expand(shown, -1), eps).numpy()
    flat = 2 if experiment.config.latent > 1 else 1
    y_eps, y_z = (eps[:, 1].numpy(), z[:, 1]) if flat == 2 else (np.zeros(shown), np.full(shown, 1.0))
    gaps = np.full(shown, np.nan)
    arrows = {
        "type": "scatter", "mode": "lines", "x": rounded(np.stack([eps[:, 0].numpy(), z[:, 0], gaps], 1).ravel()),
        "y": rounded(np.stack([y_eps, y_z, gaps], 1).ravel()), "line": {"color": NEUTRAL, "width": 0.7},
        "hoverinfo": "skip", "name": "z = μ + σ ⊙ ε",
    }  # fmt: skip
    before = _dots(eps[:, 0].numpy(), y_eps, words("noise"), NEUTRAL)
    after = _dots(z[:, 0], y_z, "z", CLASS_COLOURS[4])
    images = experiment.decode_mean(z[:8], np.repeat(c.numpy(), 8))
    norms = {way: np.linalg.norm(g, axis=1) for way, g in gradients(experiment, question).items()}
    names = [words("gradient", way=words(f"ways.{way}"), norm=np.median(norm)) for way, norm in norms.items()]
    floor = 1e-2  # of the logarithmic axis: what is 0 stands on it
    low, middle, high = (np.maximum([np.quantile(n, q) for n in norms.values()], floor) for q in (0.1, 0.5, 0.9))
    spread = {"type": "data", "symmetric": False, "array": rounded(high - middle), "arrayminus": rounded(middle - low),
              "color": NOTES}  # fmt: skip
    grads = bars(names, middle, STANDARD, "%{x}", xaxis="x2", yaxis="y2", showlegend=False, error_y=spread,
                 marker={"color": [STANDARD, NOTES, NEUTRAL]})  # fmt: skip
    return figure(
        [arrows, before, after, grads], "reparameterise", showlegend=True,
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0}, margin={"l": 8, "r": 8, "t": 30, "b": 6},
        images=[{**image(mosaic(images, 2, gap=2), (0, 1), (0, 1)), "xref": "paper", "yref": "paper", "x": 0.84,
                 "y": 1, "sizex": 0.16, "sizey": 1, "sizing": "contain", "xanchor": "left", "yanchor": "top"}],
        xaxis={"domain": [0, 0.42], "title": {"text": "z₁"}, "range": [-5, 5]},
        yaxis={"title": {"text": "z₂" if flat == 2 else ""}, "range": [-5, 5] if flat == 2 else [-1, 2]},
        xaxis2={"domain": [0.53, 0.8], "anchor": "y2", "type": "category"},
        yaxis2={"anchor": "x2", "type": "log", "dtick": 1,
                "title": {"text": words("gradients", draws=DRAWS)}},
    )  # fmt: skip


def _dots(x: np.ndarray, y: np.ndarray, name: str, colour: str) -> dict[str, Any]:
    return {"type": "scatter", "mode": "markers", "x": rounded(x), "y": rounded(y), "name": name,
            "marker": {"color": colour, "size": 7},
            "hovertemplate": name + " (%{x:.2f}, %{y:.2f})<extra></extra>"}  # fmt: skip
