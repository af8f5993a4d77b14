"""What one training step on digits and captions does, for slow motion."""

from __future__ import annotations

from dataclasses import replace

from playground.concepts.clip.config import ClipConfig
from playground.concepts.clip.diagram import ENCODING, network, objective, trained
from playground.concepts.clip.texts import say
from playground.diagram import Diagram, Phase


def diagram(config: ClipConfig) -> Diagram:
    drawn = network(config, say("diagram.parts.digits"), say("diagram.parts.captions"))
    words = say.part("diagram.phases")
    phases = (
        Phase(words("batch"), ("first", "second"), "images, captions = self.next_batch()"),
        Phase(words("encode"), ENCODING, "a, b = self.model(images, captions)"),
        Phase(words("cosines"), (("a", "cosines"), ("b", "cosines")), "clip.similarity(a, b)"),
        *objective(config),
        Phase(words("gradients"), drawn.differentiable, "loss.backward()", backward=True),
        Phase(words("update"), trained(config), "self.optimiser.step()"),
    )
    return replace(drawn, phases=phases)
