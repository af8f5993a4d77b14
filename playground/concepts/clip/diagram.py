"""What one training step does, for slow motion: of dance and music, or of digits and captions."""

from __future__ import annotations

from playground.concepts.clip.config import ClipConfig, of_dance
from playground.diagram import Arrow, Diagram, Lit, Part, Phase


def diagram(config: ClipConfig) -> Diagram:
    first, second = ("dance", "music") if of_dance(config) else ("digits", "captions")
    learned = config.scale != "fixed"
    parts: tuple[Part, ...] = (
        Part("first", first, 6, 5),
        Part("second", second, 6, 25),
        Part("first_encoder", "encoder", 21, 5, kind="network"),
        Part("second_encoder", "encoder", 21, 25, kind="network"),
        Part("a", "a", 34, 5, "a"),
        Part("b", "b", 34, 25, "b"),
        Part("cosines", "cos(a, b)", 46, 15, "cosines"),
        Part("scale", "t", 61, 5, "scale"),
        Part("logits", "t · cos", 61, 15),
        Part("loss", "loss", 94, 15, kind="loss"),
    )
    arrows: tuple[Arrow, ...] = (
        Arrow("first", "first_encoder", gradient=False),
        Arrow("second", "second_encoder", gradient=False),
        Arrow("first_encoder", "a"),
        Arrow("second_encoder", "b"),
        Arrow("a", "cosines"),
        Arrow("b", "cosines"),
        Arrow("cosines", "logits"),
        Arrow("scale", "logits", gradient=learned),
    )
    if config.loss == "sigmoid":
        parts += (Part("bias", "b", 61, 25, "bias"), Part("pairs", "pair or not", 79, 15, kind="loss"))
        arrows += (Arrow("bias", "logits"), Arrow("logits", "pairs"), Arrow("pairs", "loss"))
    else:
        parts += (Part("rows", "each row", 79, 5, kind="loss"), Part("columns", "each column", 79, 25, kind="loss"))
        arrows += (
            Arrow("logits", "rows"),
            Arrow("logits", "columns"),
            Arrow("rows", "loss"),
            Arrow("columns", "loss"),
        )
    return Diagram(parts, arrows, phases(config, Diagram(parts, arrows, ()), learned))


def phases(config: ClipConfig, drawn: Diagram, learned: bool) -> tuple[Phase, ...]:
    dance = of_dance(config)
    step = "ClipExperiment.step" if dance else "CaptionsExperiment.step"
    arm = "Arm.forward" if dance else step
    pair = "motion, music" if dance else "images, captions"
    encoding: tuple[Lit, ...] = (
        ("first", "first_encoder"), ("first_encoder", "a"), ("second", "second_encoder"), ("second_encoder", "b"),
    )  # fmt: skip
    found = [
        Phase("batch of pairs", ("first", "second"), f"{pair} = self.next_batch()", step),
        Phase("encode both", encoding, f"a, b = self.model({pair})", arm),
    ]  # fmt: skip
    if dance and config.contrast == "clips":
        found.append(Phase("whole clips", ("a", "b"), "a, b = clip.whole_clip(a), clip.whole_clip(b)", arm))
    found += [
        Phase("all with all", (("a", "cosines"), ("b", "cosines")), "clip.similarity(a, b)", arm),
        *objective(config),
    ]
    trained = ("first_encoder", "second_encoder", *(["scale"] if learned else []))
    found.append(Phase("gradients", drawn.differentiable, "loss.backward()", step, backward=True))
    if dance and config.beside:
        found.append(Phase("the notes' model alike", ("first", "second"), "for name, arm in self.arms.items():", step))
    return (*found, Phase("update", trained, "self.optimiser.step()", step))


def objective(config: ClipConfig) -> tuple[Phase, ...]:
    where = "Objective.forward"
    scaled: tuple[Lit, ...] = (("cosines", "logits"), ("scale", "logits"))
    if config.loss == "sigmoid":
        line = "clip.sigmoid_loss(one, self.scale(), self.bias)"
        asked: tuple[Lit, ...] = (*scaled, ("bias", "logits"), ("logits", "pairs"), ("pairs", "loss"))
        return (Phase("each pair by itself", asked, line, where),)
    return (
        Phase("softmax both ways", (*scaled, ("logits", "rows"), ("logits", "columns")), "clip.info_nce(", where),
        Phase("their mean", (("rows", "loss"), ("columns", "loss")), "return (row + column) / 2", where),
    )
