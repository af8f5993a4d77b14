"""The pictures of the second stage: new digits, and how the prior learns."""

from __future__ import annotations

import numpy as np

from playground.concept import Figure, History
from playground.concepts.vqvae.experiment import VQVAEExperiment
from playground.concepts.vqvae.prior.filling import filling
from playground.concepts.vqvae.texts import say
from playground.figures.base import figure
from playground.figures.charts import HIDDEN, bars, curve, note, two_charts
from playground.palette import CLASS_COLOURS, HIGHLIGHT, NEUTRAL, NOTES, STANDARD

SHOWN = 12
COMPARED = (
    ("real", say("figures.prior.real")),
    ("reconstructions", say("figures.prior.reconstructions")),
    ("samples", say("figures.prior.samples")),
    ("independent", say("figures.prior.independent")),
)
"""End of a metric's name → what its bar is called."""


def samples(experiment: VQVAEExperiment, history: History) -> Figure:
    """The newest digits of the prior; empty before there are any."""
    if experiment.prior is None or not len(experiment.prior.drawn):
        return {"filling": None}
    return filling(experiment, experiment.prior.drawn[:SHOWN])


def prior_progress(experiment: VQVAEExperiment, history: History) -> Figure:
    """Nats a code on the left; on the right how many digits the fixed classifier is sure of."""
    loss = [curve(history, "prior/train_loss", say("figures.prior.train"), STANDARD, width=1.5),
            curve(history, "prior/heldout_loss", say("figures.prior.heldout"), NOTES, width=2.5)]  # fmt: skip
    known = [(name, history[f"recognised/{key}"][1][-1]) for key, name in COMPARED if f"recognised/{key}" in history]
    shares = bars([name for name, _ in known], 100 * np.array([share for _, share in known]), HIGHLIGHT,
                  "%{x}: %{y:.0f} %", xaxis="x2", yaxis="y2", showlegend=False,
                  marker={"color": [NEUTRAL, STANDARD, HIGHLIGHT, CLASS_COLOURS[5]][: len(known)]},
                  text=[f"{100 * share:.0f} %" for _, share in known], textangle=0,
                  textposition="outside", cliponaxis=False)  # fmt: skip
    layout = two_charts(say("figures.prior.nats"), say("figures.prior.recognised"), split=0.4,
                        xaxis={"rangemode": "normal"},
                        xaxis2={"type": "category", "rangemode": "normal", "tickangle": 0, "tickfont": {"size": 11},
                                "title": {"text": ""}},
                        yaxis2={"range": [0, 112]})  # fmt: skip
    if experiment.prior is None:  # the same axes, unseen: Plotly draws lines to nowhere for some that come later
        layout |= {name: axis | HIDDEN for name, axis in layout.items() if "axis" in name}
        layout["annotations"] = [note(say("figures.prior.no_prior"))]
    return figure([*loss, shares], "prior", showlegend=experiment.prior is not None, **layout)
