"""The notes' two derivations of the ELBO, line by line: what each side of an equality is worth for the model at hand.

p_φ(z) is read literally, as the prior p(z). Left sides are closed forms (or, of log p(x), an integral over a grid),
right sides are averages over q by quadrature, which is exact to 1e-6 for every model of the tab.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from models import elbo
from models.elbo import Model, Q
from playground.concept import Figure, History
from playground.concepts.elbo.exact import log_evidence
from playground.concepts.elbo.inference.experiment import InferenceExperiment
from playground.concepts.elbo.texts import say

NODES, REACH = 3201, 8.0
"""Of a Gaussian of one number, whose σ is 1."""
HERMITE = 12
"""Nodes a side in the plane: exact for polynomials of degree 23 and less; those of the curved model have degree 4."""
TOLERANCE = 1e-6, 1e-9
"""Nats, and share of the larger side, by which both sides of an equality may differ."""


@dataclass(frozen=True)
class Terms:
    """All that the lines consist of, in nats. E_q is the average over q."""

    evidence: float
    """log p(x)"""
    bound: float
    """ELBO, in closed form"""
    gap: float
    """log p(x) − ELBO, of the closed forms"""
    joint: float
    """E_q log p(x, z)"""
    likelihood: float
    """E_q log p(x|z)"""
    prior: float
    """E_q log p(z)"""
    q: float
    """E_q log q(z)"""
    post: float
    """E_q log p(z|x)"""
    kl_post: float
    """KL(q ‖ p(z|x)) = E_q[log q(z) − log p(z|x)]"""
    kl_prior: float
    """KL(q ‖ p(z)) = E_q[log q(z) − log p(z)]"""
    prior_kl: float
    """KL(p(z) ‖ q), an average over the prior"""


def derivation(experiment: InferenceExperiment, history: History) -> Figure:
    """Of the first arm's q."""
    terms = terms_of(experiment.model, experiment.config.x, experiment.arms.first.q)
    parts = [
        {"title": say(f"figures.derivation.{name}"), "lines": [line.worth(terms) for line in lines]}
        for name, lines in DERIVATIONS.items()
    ]
    return {"derivation": {"parts": parts}}


@torch.no_grad()
def terms_of(model: Model, x: float, q: Q) -> Terms:
    noise, share = nodes(model.size)
    z = q.sample(noise)  # (parts, nodes, size)
    weight = q.weight[:, None] * share
    log_joint, log_q = model.log_joint(x, z), q.log_prob(z)
    log_prior, log_likelihood = model.log_prior(z), model.log_likelihood(x, z)
    evidence, bound = log_evidence(model, x), elbo.elbo(model, x, q).item()
    log_post = log_joint - evidence

    def mean(of_nodes: Tensor) -> float:
        return (weight * of_nodes).sum().item()

    return Terms(
        evidence=evidence, bound=bound, gap=evidence - bound, joint=mean(log_joint), likelihood=mean(log_likelihood),
        prior=mean(log_prior), q=mean(log_q), post=mean(log_post), kl_post=mean(log_q - log_post),
        kl_prior=mean(log_q - log_prior),
        prior_kl=(share * (model.log_prior(noise) - q.log_prob(noise))).sum().item(),
    )  # fmt: skip


def nodes(size: int) -> tuple[Tensor, Tensor]:
    """Places (nodes, size) and shares (nodes,) for averages over N(0, I)."""
    if size == 1:
        t = torch.linspace(-REACH, REACH, NODES, dtype=torch.float64)
        return t[:, None], elbo.log_normal(t, 0.0, 1.0).softmax(0)
    t, share = (torch.from_numpy(found) for found in np.polynomial.hermite_e.hermegauss(HERMITE))
    return torch.cartesian_prod(t, t), torch.outer(share, share).flatten() / (2 * math.pi)


Value = Callable[[Terms], float]


@dataclass(frozen=True)
class Line:
    tex: str
    """As in the notes; \\wrong{…} is what is not right there, \\marked{…} what they colour."""
    left: Value
    right: Value
    mended: str = ""
    """The line with \\mended{…} in the place of what is wrong; empty: nothing is."""
    left_mended: Value | None = None
    """Missing: as in the notes."""
    right_mended: Value | None = None
    mend: str = ""
    """Name of what the correction is, in the words."""

    def worth(self, terms: Terms) -> dict[str, Any]:
        found = {"tex": self.tex, **compared(self.left(terms), self.right(terms)), "mended": None}
        if self.mended:
            left, right = self.left_mended or self.left, self.right_mended or self.right
            about = {"note": say(f"figures.derivation.{self.mend}")}
            found["mended"] = {"tex": self.mended, **compared(left(terms), right(terms)), **about}
        return found


def compared(left: float, right: float) -> dict[str, Any]:
    """Both sides (null where a number is not finite), whether they are equal, and by how much the right one is off."""
    off = right - left
    holds = abs(off) <= TOLERANCE[0] + TOLERANCE[1] * max(abs(left), abs(right))
    return {"left": finite(left), "right": finite(right), "holds": bool(holds), "off": finite(off)}


def finite(value: float) -> float | None:
    return round(value, 9) if math.isfinite(value) else None


E = r"\mathbb{E}_{q_\phi(z)}"
EQ = r"\mathbb{E}_q"
KL = r"\mathrm{KL}(q_\phi(z)\,\|\,p_\theta(z|x))"
KL2 = r"\mathrm{KL}(q_\phi(z|x),\,p(z|x))"
ELBO = r"\mathcal{L}_{\mathrm{ELBO}}"
EVIDENCE = r"\log p_\theta(x)"
POSTERIOR = r"p_\theta(z|x)"


def by(over: str) -> str:
    """log p(x, z) / …, averaged over q."""
    return rf"{E}\Big[\log \tfrac{{p_\theta(x,z)}}{{{over}}}\Big]"


def twice(tex: str) -> tuple[str, str]:
    """A line with p_φ(z) at each @, and with q_φ(z) there."""
    return tex.replace("@", r"\wrong{p_\phi(z)}"), tex.replace("@", r"\mended{q_\phi(z)}")


def first() -> list[Line]:
    """Visible in the notes: it writes p_φ(z) six times where q_φ(z) is meant."""

    def log_p(t: Terms) -> float:
        return t.evidence

    def taken_apart(t: Terms) -> float:
        return (t.joint - t.q) + (t.q - t.post)

    def as_in_notes(t: Terms) -> float:
        return (t.joint - t.prior) + t.kl_post

    def mended(t: Terms) -> float:
        return (t.joint - t.q) + t.kl_post

    third = twice(rf"= {E}\Big[\log \Big(\tfrac{{p_\theta(x,z)}}{{@}}\,\tfrac{{@}}{{p_\theta(z|x)}}\Big)\Big]")
    fourth = twice(rf"= {by('@')} + {E}\Big[\log \tfrac{{@}}{{p_\theta(z|x)}}\Big]")
    fifth = twice(rf"= {by('@')} + {KL}")
    sixth = twice(rf"{EVIDENCE} = \marked{{{by('@')}}} + {KL}")
    return [
        Line(rf"{EVIDENCE} = {E}[\log p_\theta(x)]", log_p, log_p),
        Line(f"= {by(POSTERIOR)}", log_p, lambda t: t.joint - t.post),
        Line(third[0], log_p, lambda t: t.joint - t.prior + t.prior - t.post, third[1],
             right_mended=lambda t: t.joint - t.q + t.q - t.post, mend="q_for_p"),
        Line(fourth[0], log_p, lambda t: (t.joint - t.prior) + (t.prior - t.post), fourth[1],
             right_mended=taken_apart, mend="q_for_p"),
        Line(fifth[0], log_p, as_in_notes, fifth[1], right_mended=mended, mend="q_for_p"),
        Line(sixth[0], log_p, as_in_notes, sixth[1], right_mended=mended, mend="q_for_p"),
        Line(rf"{EVIDENCE} = \wrong{{\marked{{{ELBO}}}}} + {KL}", log_p, as_in_notes,
             rf"{EVIDENCE} = \mended{{{ELBO}}} + {KL}", right_mended=lambda t: t.bound + t.kl_post, mend="elbo_of_q"),
        Line(rf"\wrong{{\marked{{{ELBO}}}}} = {EVIDENCE} - {KL}", lambda t: t.joint - t.prior,
             lambda t: t.evidence - t.kl_post, rf"\mended{{{ELBO}}} = {EVIDENCE} - {KL}",
             left_mended=lambda t: t.bound, mend="elbo_of_q"),
    ]  # fmt: skip


def second() -> list[Line]:
    """In a comment of the notes: a sign is flipped in its seventh line, and a KL is the wrong one in its last."""

    def gap(t: Terms) -> float:
        return t.gap

    def bound(t: Terms) -> float:
        return t.bound

    log_q = r"\log q_\phi(z|x)"
    both = r"\log\big(p_\theta(x|z)\,p(z)\big)"
    return [
        Line(rf"{KL2} = {EQ}[{log_q} - \log p(z|x)]", gap, lambda t: t.q - t.post),
        Line(rf"= {EQ}\Big[{log_q} - \log \tfrac{{p(z,x)}}{{p(x)}}\Big]", gap, lambda t: t.kl_post),
        Line(rf"= {EQ}[{log_q} - (\log p(z,x) - \log p(x))]", gap, lambda t: t.q - (t.joint - t.evidence)),
        Line(rf"= {EQ}[{log_q} - \log p(z,x) + \log p(x)]", gap, lambda t: t.q - t.joint + t.evidence),
        Line(rf"= {EQ}[{log_q} - \log p(z,x)] + \log p(x)", gap, lambda t: (t.q - t.joint) + t.evidence),
        Line(rf"= {EQ}[{log_q} - \log\big(\wrong{{p_\phi}}(x|z)\,p(z)\big)] + \log p(x)", gap,
             lambda t: t.q - (t.likelihood + t.prior) + t.evidence,
             rf"= {EQ}[{log_q} - \log\big(\mended{{p_\theta}}(x|z)\,p(z)\big)] + \log p(x)", mend="theta_for_phi"),
        Line(rf"\log p(x) = {EQ}[\wrong{{{log_q} - {both}}}] + {KL2}", lambda t: t.evidence,
             lambda t: t.q - (t.likelihood + t.prior) + t.kl_post,
             rf"\log p(x) = {EQ}[\mended{{{both} - {log_q}}}] + {KL2}",
             right_mended=lambda t: (t.likelihood + t.prior) - t.q + t.kl_post, mend="flipped_sign"),
        Line(rf"{ELBO} = {EQ}[{both} - {log_q}]", bound, lambda t: t.likelihood + t.prior - t.q),
        Line(rf"= {EQ}[\log p_\theta(x|z) + \log p(z) - {log_q}]", bound, lambda t: t.likelihood + t.prior - t.q),
        Line(rf"= {EQ}[\log p_\theta(x|z)] + {EQ}[\log p(z) - {log_q}]", bound,
             lambda t: t.likelihood + (t.prior - t.q)),
        Line(rf"= {EQ}[\log p_\theta(x|z)] \wrong{{+\,\mathrm{{KL}}(p(z),\,q_\phi(z|x))}}", bound,
             lambda t: t.likelihood + t.prior_kl,
             rf"= {EQ}[\log p_\theta(x|z)] \mended{{-\,\mathrm{{KL}}(q_\phi(z|x)\,\|\,p(z))}}",
             right_mended=lambda t: t.likelihood - t.kl_prior, mend="minus_kl"),
    ]  # fmt: skip


DERIVATIONS = {"first": first(), "second": second()}
