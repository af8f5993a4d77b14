"""What one training step of the encoder does, for slow motion."""

from __future__ import annotations

from playground.concepts.elbo.config import ElboConfig
from playground.concepts.elbo.texts import say
from playground.diagram import Arrow, Diagram, Lit, Part, Phase


def diagram(config: ElboConfig) -> Diagram:
    words = say.part("diagram.phases")
    parts = (
        Part("x", "x", 8, 15, "x"),
        Part("encoder", say("diagram.parts.encoder"), 24, 5, kind="network"),
        Part("q", "q(z|x): μ, σ", 46, 5, "q"),
        Part("fit", "E[log p(x|z)]", 66, 25),
        Part("kl", "−KL(q ‖ p(z))", 72, 5),
        Part("loss", say("diagram.parts.objective"), 90, 15, "elbo", kind="loss"),
    )
    arrows = (
        Arrow("x", "encoder", gradient=False),
        Arrow("encoder", "q"),
        Arrow("x", "fit", gradient=False),
        Arrow("q", "fit"),
        Arrow("q", "kl"),
        Arrow("fit", "loss"),
        Arrow("kl", "loss"),
    )
    answer: tuple[Lit, ...] = (("x", "encoder"), ("encoder", "q"))
    explain: tuple[Lit, ...] = (("q", "fit"), ("x", "fit"))
    add: tuple[Lit, ...] = (("q", "kl"), ("fit", "loss"), ("kl", "loss"))
    whole = Diagram((), arrows, ()).differentiable
    return Diagram(
        parts,
        arrows,
        (
            Phase(words("draw_x"), ("x",), "x = draw_x("),
            Phase(words("answer"), answer, "mean, log_sigma = self.encoder(x)"),
            Phase(words("explain"), explain, "square = miss**2", "bounds"),
            Phase(words("sum"), add, "return reconstruction - ", "bounds"),
            Phase(words("gradients"), whole, "loss.backward()", backward=True),
            Phase(words("encoder_update"), ("encoder",), "self.optimiser.step()"),
        ),
    )
