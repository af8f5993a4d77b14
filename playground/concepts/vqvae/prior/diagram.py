"""What one training step of the prior does, for slow motion."""

from __future__ import annotations

from playground.concepts.vqvae.texts import say
from playground.diagram import Arrow, Diagram, Part, Phase


def of_prior() -> Diagram:
    step = "CodePrior.step"
    parts: tuple[Part, ...] = (
        Part("x", "x", 3, 15, "x"),
        Part("encoder", say("diagram.frozen_encoder"), 17, 15, kind="network"),
        Part("k", "k", 32, 15, "k"),
        Part("before", say("diagram.codes_before"), 46, 15),
        Part("transformer", say("diagram.transformer"), 64, 15, kind="network"),
        Part("logits", say("diagram.logits"), 78, 15),
        Part("loss", "−log p(k)", 92, 15, kind="loss"),
    )
    arrows: tuple[Arrow, ...] = (
        Arrow("x", "encoder", gradient=False),
        Arrow("encoder", "k", gradient=False),
        Arrow("k", "before", gradient=False),
        Arrow("before", "transformer", gradient=False),
        Arrow("transformer", "logits"),
        Arrow("logits", "loss"),
    )
    forward = (("before", "transformer"), ("transformer", "logits"))
    phases = (
        Phase(say("diagram.phases.batch"), ("x",), "x = self.train[", step),
        Phase(
            say("diagram.phases.its_codes"),
            (("x", "encoder"), ("encoder", "k")),
            "k = self.encode(self.moved(x))",
            step,
        ),
        Phase(
            say("diagram.phases.predict"),
            (("k", "before"), *forward),
            "logits = self.model.decode(self.shifted(k))",
            step,
        ),
        Phase(say("diagram.phases.compare"), (("logits", "loss"), "k"), "loss = F.cross_entropy(", step),
        Phase(
            say("diagram.phases.gradients"),
            (("transformer", "logits"), ("logits", "loss")),
            "loss.backward()",
            step,
            backward=True,
        ),
        Phase(say("diagram.phases.update"), ("transformer",), "self.optimiser.step()", step),
    )
    return Diagram(parts, arrows, phases)
