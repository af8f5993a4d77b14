"""The second stage of the VQ-VAE tab, a prior over its frozen codes: what the tab adds to its own declaration."""

from __future__ import annotations

from functools import partial

from playground.concept import Metric, Probe, View, lazy
from playground.concepts.vqvae.media import CODE_FILLING
from playground.concepts.vqvae.prior.questions import Sample

_lazy = partial(lazy, __name__)

METRICS = (
    Metric(name="prior/heldout_loss", better="lower"),
    Metric(name="prior/train_loss", better="lower", hidden=True),
    Metric(name="recognised/samples", better="higher"),
    Metric(name="recognised/real", hidden=True),
    Metric(name="recognised/reconstructions", hidden=True),
    Metric(name="recognised/independent", hidden=True),
)

VIEWS = (
    View(name="samples", draw=_lazy("views", "samples"), rest=2.0, place="more", medium=CODE_FILLING),
    View(name="prior_progress", draw=_lazy("views", "prior_progress"), every=20, place="more"),
)

PROBES = (
    Probe(name="sample", question=Sample, ask=_lazy("probes", "sample"), medium=CODE_FILLING, live=False),
)  # fmt: skip

CODE = ("prior.code_prior:CodePrior.step", "prior.code_prior:CodePrior.sample")
PRELOAD = ("prior.views", "prior.probes")
