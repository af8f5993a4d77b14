"""What the two halves of EM do, for slow motion: each step runs one of them, in turn."""

from __future__ import annotations

from playground.concepts.elbo.config import ElboConfig
from playground.concepts.elbo.texts import say
from playground.diagram import Arrow, Diagram, Part, Phase


def diagram(config: ElboConfig) -> Diagram:
    """Of both halves; no gradient flows, because each half has its maximum in closed form."""
    parts = (
        Part("x", "x", 4, 25, "x"),
        Part("theta", "θ", 20, 6, kind="network"),
        Part("r", "r = q(k|x)", 42, 9, "r"),
        Part("new_theta", say("diagram.em.new_theta"), 68, 25, kind="network"),
        Part("bound", "ℒ", 94, 12, "elbo", kind="loss"),
    )
    ends = (("x", "r"), ("theta", "r"), ("x", "new_theta"), ("r", "new_theta"), ("r", "bound"), ("new_theta", "bound"))
    phases, e_step, m_step = say.part("diagram.em.phases"), "EMExperiment.e_step", "EMExperiment.m_step"
    restricted = phases("hard" if config.restricted == "hard" else "shared")
    return Diagram(parts, tuple(Arrow(*pair, gradient=False) for pair in ends), (
        Phase(phases("half"), ("x", "theta"), 'half = self.e_step if self.due == "e" else self.m_step',
              "EMExperiment.step"),
        Phase(phases("e_step"), ("r", ends[0], ends[1]), "fit.r = responsibilities(", e_step),
        Phase(restricted, ("r", ends[4], "bound"), "fit.r = responsibilities(", e_step),
        Phase(phases("m_step"), ("new_theta", ends[2], ends[3]), "best = maximised(", m_step),
        Phase(phases("bound"), ("bound", ends[4], ends[5]), "return self.measured(fit)", m_step),
    ))  # fmt: skip
