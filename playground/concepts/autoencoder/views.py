"""The pictures of a live autoencoder: pure functions of (experiment, history)."""

from __future__ import annotations

from typing import Any

import numpy as np

from playground.concept import Figure, History
from playground.concepts.autoencoder import measures
from playground.concepts.autoencoder.experiment import AutoencoderExperiment
from playground.concepts.autoencoder.projection import projection
from playground.concepts.autoencoder.texts import say
from playground.data.mnist import first_of_each
from playground.figures.base import figure, mosaic, rounded
from playground.figures.charts import (
    HIDDEN,
    LEGEND_ABOVE,
    RIGHT,
    bars,
    curve,
    ellipses,
    extent,
    image,
    invisible,
    level,
    note,
    two_charts,
)
from playground.palette import CLASS_COLOURS, HIGHLIGHT, NEUTRAL, NOTES, STANDARD

REACH = 2.5
"""The manifold shows z within ±REACH prior standard deviations."""


def latents(experiment: AutoencoderExperiment, history: History) -> Figure:
    """Held-out digits at their means, coloured by class."""
    mu, log_var = experiment.heldout_posterior()
    where = projection(experiment, mu)
    points, labels = where.project(mu), experiment.digits.heldout_labels
    line = experiment.config.latent == 1
    if line:  # along the other axis there is nothing to show: each class gets a row
        points[:, 1] = labels + np.random.default_rng(0).uniform(-0.3, 0.3, len(labels))
    about = np.column_stack([np.arange(len(points)), where.radii(log_var) if experiment.variational else 0 * points])
    traces: list[dict[str, Any]] = []
    if experiment.variational and experiment.config.latent == 2:
        x, y = ellipses(np.zeros((2, 2)), np.array([[1.0, 1.0], [2.0, 2.0]]), 60)
        traces.append({
            "type": "scatter", "mode": "lines", "x": x, "y": y, "name": say("figures.latents.prior"),
            "showlegend": False,
            "hoverinfo": "skip", "line": {"color": NEUTRAL, "width": 1, "dash": "dot"},
        })  # fmt: skip
    for digit in range(10):
        chosen = np.flatnonzero(labels == digit)
        traces.append({
            "type": "scatter", "mode": "markers", "name": str(digit), "x": rounded(points[chosen, 0]),
            "y": rounded(points[chosen, 1]), "customdata": rounded(about[chosen]),
            "marker": {"color": CLASS_COLOURS[digit], "size": 6.5, "opacity": 0.85},
            "hovertemplate": say("figures.latents.hover", digit=digit),
        })  # fmt: skip
    if experiment.variational and not line:
        some = np.arange(0, len(mu), 5)
        x, y = ellipses(points[some], where.radii(log_var)[some])
        traces.append({
            "type": "scatter", "mode": "lines", "x": x, "y": y, "name": say("figures.latents.ellipses"),
            "visible": "legendonly", "hoverinfo": "skip", "line": {"color": HIGHLIGHT, "width": 1},
        })  # fmt: skip
    reach = extent(points[:, :1] if line else points, least=3.0)
    rows = {"range": [-0.6, 9.6], "dtick": 1, "title": {"text": say("figures.class")}}
    square = {"title": {"text": where.titles[1]}, "range": [-reach, reach], "scaleanchor": "x"}
    return figure(
        traces, "latents-1" if line else "latents",
        meta={"sprite": experiment.digits.heldout_sprite, "chips": True, "trails": True},
        margin={"l": 46, "r": 8, "t": 6, "b": 38},
        xaxis={"title": {"text": where.titles[0]}, "range": [-reach, reach], "automargin": False},
        yaxis={**(rows if line else square), "automargin": False},
    )  # fmt: skip


def manifold(experiment: AutoencoderExperiment, history: History) -> Figure:
    """What the decoder makes of a grid of codes; for the CVAE, class by row and style by column."""
    config, where = experiment.config, projection(experiment)
    bare = {"showgrid": False, "zeroline": False}
    if config.model == "CVAE":
        styles = np.linspace(-REACH, REACH, 10)
        codes = np.repeat(where.lift(np.stack([styles, np.zeros(10)], 1))[None], 10, 0).reshape(100, -1)
        images = experiment.decode_mean(codes, np.repeat(np.arange(10), 10))
        half = REACH * (1 + 1 / 9)  # each code in the middle of its column
        sheet, columns, rows = mosaic(images, 10), (-half, half), (-0.5, 9.5)
        style = say("figures.manifold.style", axis=where.titles[0])
        return figure(
            [invisible(columns, rows)], "manifold-cvae", images=[image(sheet, columns, (rows[1], rows[0]))],
            xaxis={"title": {"text": style}, "range": list(columns), **bare},
            yaxis={"title": {"text": say("figures.class")}, "range": [9.5, -0.5], "dtick": 1, **bare},
        )  # fmt: skip
    if config.latent == 1:
        return _line(experiment)
    ticks = np.linspace(-REACH, REACH, 13)
    across, down = np.meshgrid(ticks, ticks[::-1])
    scale = _spread(experiment)
    codes = where.lift(scale * np.stack([across.ravel(), down.ravel()], 1))
    sheet = mosaic(experiment.decode_mean(codes), len(ticks))
    half = scale * REACH * (1 + 1 / (len(ticks) - 1))
    return figure(
        [invisible((-half, half), (-half, half))], "manifold", images=[image(sheet, (-half, half), (-half, half))],
        xaxis={"title": {"text": where.titles[0]}, "range": [-half, half], **bare},
        yaxis={"title": {"text": where.titles[1]}, "range": [-half, half], **bare, "scaleanchor": "x"},
    )  # fmt: skip


def _line(experiment: AutoencoderExperiment) -> Figure:
    """A hundred codes along the only dimension, to be read like a page."""
    reach = _spread(experiment) * REACH
    sheet = mosaic(experiment.decode_mean(np.linspace(-reach, reach, 100, dtype=np.float32)[:, None]), 10)
    rows = [-reach + 2 * reach * (i * 10) / 99 for i in range(10)]
    return figure(
        [invisible((0, 10), (0, 10))], "manifold-1", images=[image(sheet, (0, 10), (10, 0))],
        xaxis={**HIDDEN, "range": [0, 10]},
        yaxis={"range": [10, 0], "tickvals": [i + 0.5 for i in range(10)], "ticktext": [f"{z:.1f} …" for z in rows],
               "title": {"text": say("figures.manifold.rows")}, "showgrid": False, "zeroline": False,
               "scaleanchor": "x"},
    )  # fmt: skip


def _spread(experiment: AutoencoderExperiment) -> float:
    """An AE has no prior: its grid covers where its codes are; a VAE's covers the prior."""
    if experiment.variational:
        return 1.0
    mu, _ = experiment.heldout_posterior()
    return float(max(mu.std(), 1e-3))


def reconstructions(experiment: AutoencoderExperiment, history: History) -> Figure:
    """Inputs, their reconstructions from μ, and from one sample of q(z|x) with the noise kept fixed."""
    digits = experiment.digits
    chosen = np.concatenate([first_of_each(digits.heldout_labels), first_of_each(digits.heldout_labels[::-1])])
    chosen[10:] = len(digits.heldout_labels) - 1 - chosen[10:]
    mu, log_var = experiment.heldout_posterior()
    labels = digits.heldout_labels[chosen]
    noise = np.random.default_rng(0).standard_normal(mu[chosen].shape).astype(np.float32)
    z = mu[chosen] + np.exp(0.5 * log_var[chosen]) * noise
    rows = [digits.heldout_images[chosen], experiment.decode_mean(mu[chosen], labels)]
    names = ["x", say("figures.from_mu")]
    if experiment.variational:
        rows.append(experiment.decode_mean(z, labels))
        names.append(say("figures.reconstructions.from_z"))
    half = [np.concatenate([r[s] for r in rows]) for s in (slice(0, 10), slice(10, 20))]
    depth = len(rows)
    sheet = mosaic(np.concatenate(half), 10)
    ticks = [i + 0.5 for i in range(2 * depth)]
    return figure(
        [invisible((0, 10), (0, 2 * depth))], "reconstructions",
        images=[image(sheet, (0, 10), (2 * depth, 0))], xaxis={**HIDDEN, "range": [0, 10]},
        yaxis={"range": [2 * depth, 0], "tickvals": ticks, "ticktext": names * 2, "showgrid": False,
               "zeroline": False, "fixedrange": True},
    )  # fmt: skip


def losses(experiment: AutoencoderExperiment, history: History) -> Figure:
    """Reconstruction on the left, KL on the right: of the batch, and of training and held-out digits measured alike."""
    words = say.part("figures.losses")
    traces = [
        curve(history, "batch/reconstruction", words("batch"), NEUTRAL, width=1),
        curve(history, "train/reconstruction", words("train"), STANDARD, width=2),
        curve(history, "heldout/reconstruction", words("heldout"), NOTES, width=2.5),
    ]
    right = [
        curve(history, "batch/kl", words("batch_kl"), NEUTRAL, width=1),
        curve(history, "train/kl", words("train_kl"), STANDARD, width=2),
        curve(history, "heldout/kl", words("heldout_kl"), NOTES, width=2.5),
    ]
    total = curve(history, "heldout/neg_elbo", "−ELBO", HIGHLIGHT, width=2, dash="dot")
    for trace in right:
        trace |= RIGHT | {"showlegend": False}
    empty: dict[str, Any] = {} if experiment.variational else {"visible": False}
    fits = history.get("batch/reconstruction", ([], []))[1]
    most, least = (float(np.percentile(fits, 97)), min(fits[-200:])) if fits else (600.0, 0.0)
    top, low = most + 0.1 * abs(most), least - 0.08 * abs(least)  # nats of a density can be negative
    layout = two_charts(words("reconstruction"), words("kl" if experiment.variational else "no_kl"),
                        yaxis={"range": [min(low, top - 1), max(top, low + 1)]}, xaxis2=empty,
                        yaxis2={"rangemode": "tozero", **empty})  # fmt: skip
    return figure([*traces, total, *right], "losses", showlegend=True, **layout)


GAP_DIGITS = 100


def gap(experiment: AutoencoderExperiment, history: History) -> Figure:
    """−log p(x) by a sum over a grid, and how far −ELBO is above it, the mean over some held-out digits."""
    config = experiment.config
    if config.model != "VAE" or config.latent > 2:
        return figure([], "gap", annotations=[note(say("figures.gap.too_large"))], xaxis=HIDDEN, yaxis=HIDDEN)
    x = experiment.heldout_x[:GAP_DIGITS]
    evidence = float(measures.neg_log_evidence(experiment.model, x, config.latent, config.likelihood).mean())
    bound = float(measures.neg_elbo(experiment.model, x, config.likelihood).mean())
    names = ["−log p(x)", "−ELBO"]
    above = {"type": "bar", "x": names[1:], "y": rounded([bound - evidence]), "name": say("figures.gap.gap"),
             "marker": {"color": NOTES}, "text": [say("figures.gap.gap_of", nats=bound - evidence)],
             "hovertemplate": say("figures.gap.gap_hover")}  # fmt: skip
    return figure(
        [bars(names, np.array([evidence] * 2), STANDARD, say("figures.gap.evidence_hover"), name=names[0],
              text=[f"{evidence:.1f}", ""]), above],
        "gap", barmode="stack", xaxis={"type": "category"},
        yaxis={"title": {"text": say("figures.nats")},
               "range": [evidence - 0.2 * abs(evidence), bound + 0.1 * abs(bound)]},
    )  # fmt: skip


def kl_per_dimension(experiment: AutoencoderExperiment, history: History) -> Figure:
    """Mean KL of each latent dimension over the held-out digits, the busiest first."""
    words = say.part("figures.kl_per_dimension")
    if not experiment.variational:
        return figure([], "kl", annotations=[note(words("none"))], xaxis=HIDDEN, yaxis=HIDDEN)
    mu, log_var = experiment.heldout_posterior()
    kl = (0.5 * (mu**2 + np.exp(log_var) - 1 - log_var)).mean(0)
    order = np.argsort(-kl)
    floor = experiment.config.free_bits
    shapes = [level(floor, NOTES)] if floor else []
    names = [f"z{i + 1}" for i in order]
    return figure(
        [bars(names, kl[order], STANDARD, words("hover"))], "kl", shapes=shapes,
        xaxis={"title": {"text": words("dimension")}, "type": "category"},
        yaxis={"title": {"text": words("kl")}, "rangemode": "tozero"},
    )  # fmt: skip


def aggregated_posterior(experiment: AutoencoderExperiment, history: History) -> Figure:
    """Samples of q(z), the average of all q(z|x), along its first dimensions, against the prior."""
    words = say.part("figures.aggregated_posterior")
    mu, log_var = experiment.heldout_posterior()
    noise = np.random.default_rng(1).standard_normal((4, *mu.shape))
    z = mu + (np.exp(0.5 * log_var) if experiment.variational else 0) * noise
    z = z.reshape(-1, mu.shape[1])
    edges = np.linspace(-5, 5, 51)
    middle = (edges[1:] + edges[:-1]) / 2
    traces = []
    for index in range(min(2, z.shape[1])):
        density = np.histogram(z[:, index], edges)[0] / (len(z) * (edges[1] - edges[0]))
        traces.append({
            "type": "scatter", "mode": "lines", "fill": "tozeroy", "x": rounded(middle), "y": rounded(density),
            "name": f"q(z{index + 1})", "line": {"color": (STANDARD, NOTES)[index], "shape": "hvh"}, "opacity": 0.7,
            "hovertemplate": words("hover"),
        })  # fmt: skip
    prior = np.exp(-(middle**2) / 2) / np.sqrt(2 * np.pi)
    traces.append({"type": "scatter", "mode": "lines", "x": rounded(middle), "y": rounded(prior),
                   "name": words("prior"), "line": {"color": NEUTRAL, "width": 2.5, "dash": "dot"},
                   "hoverinfo": "skip"})  # fmt: skip
    return figure(
        traces, "aggregated", showlegend=True, legend=LEGEND_ABOVE,
        xaxis={"title": {"text": "z"}, "range": [-5, 5]},
        yaxis={"title": {"text": words("density")}, "rangemode": "tozero"},
    )  # fmt: skip
