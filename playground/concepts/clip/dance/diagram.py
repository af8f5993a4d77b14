"""What one training step on dance and music does, for slow motion."""

from __future__ import annotations

from dataclasses import replace

from playground.concepts.clip.config import ClipConfig
from playground.concepts.clip.diagram import ENCODING, network, objective, trained
from playground.concepts.clip.texts import say
from playground.diagram import Diagram, Phase


def diagram(config: ClipConfig) -> Diagram:
    drawn = network(config, say("diagram.parts.dance"), say("diagram.parts.music"))
    words, train = say.part("diagram.phases"), "DanceExperiment.train"
    phases = [
        Phase(words("batch"), ("first", "second"), "motion, music = self.next_batch()"),
        Phase(words("encode"), ENCODING, "a, b = arm.model(motion, music)", train),
    ]
    if config.contrast == "clips":
        phases.append(Phase(words("whole_clips"), ("a", "b"), "a, b = clip.whole_clip(a), clip.whole_clip(b)", train))
    phases += [
        Phase(words("cosines"), (("a", "cosines"), ("b", "cosines")), "clip.similarity(a, b)", train),
        *objective(config),
        Phase(words("gradients"), drawn.differentiable, "loss.backward()", train, backward=True),
        Phase(words("update"), trained(config), "arm.optimiser.step()", train),
    ]
    if config.with_frame_objective:
        phases.append(Phase(words("notes"), ("first", "second"), "self.arms.step("))
    return replace(drawn, phases=tuple(phases))
