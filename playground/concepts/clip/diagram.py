"""What the networks of both settings have in common, for slow motion: two encoders, cosines, and a loss of them."""

from __future__ import annotations

from playground.concepts.clip.config import ClipConfig
from playground.concepts.clip.texts import say
from playground.diagram import Arrow, Diagram, Lit, Part, Phase

ENCODING: tuple[Lit, ...] = (
    ("first", "first_encoder"), ("first_encoder", "a"), ("second", "second_encoder"), ("second_encoder", "b"),
)  # fmt: skip
"""The arrows along which pairs become vectors."""


def network(config: ClipConfig, first: str, second: str) -> Diagram:
    """Parts and arrows, without phases. first, second: what is written on the two kinds"""
    words = say.part("diagram.parts")
    parts: tuple[Part, ...] = (
        Part("first", first, 6, 5),
        Part("second", second, 6, 25),
        Part("first_encoder", words("encoder"), 21, 5, kind="network"),
        Part("second_encoder", words("encoder"), 21, 25, kind="network"),
        Part("a", "a", 34, 5, "a"),
        Part("b", "b", 34, 25, "b"),
        Part("cosines", "cos(a, b)", 46, 15, "cosines"),
        Part("scale", "t", 61, 5, "scale"),
        Part("logits", "t · cos", 61, 15),
        Part("loss", words("loss"), 94, 15, kind="loss"),
    )
    arrows: tuple[Arrow, ...] = (
        Arrow("first", "first_encoder", gradient=False),
        Arrow("second", "second_encoder", gradient=False),
        Arrow("first_encoder", "a"),
        Arrow("second_encoder", "b"),
        Arrow("a", "cosines"),
        Arrow("b", "cosines"),
        Arrow("cosines", "logits"),
        Arrow("scale", "logits", gradient=config.scale != "fixed"),
    )
    if config.loss == "sigmoid":
        parts += (Part("bias", "b", 61, 25, "bias"), Part("pairs", words("pairs"), 79, 15, kind="loss"))
        arrows += (Arrow("bias", "logits"), Arrow("logits", "pairs"), Arrow("pairs", "loss"))
    else:
        parts += (
            Part("rows", words("rows"), 79, 5, kind="loss"),
            Part("columns", words("columns"), 79, 25, kind="loss"),
        )
        arrows += (
            Arrow("logits", "rows"),
            Arrow("logits", "columns"),
            Arrow("rows", "loss"),
            Arrow("columns", "loss"),
        )
    return Diagram(parts, arrows, ())


def objective(config: ClipConfig) -> tuple[Phase, ...]:
    """What is made of the cosines."""
    words, where = say.part("diagram.phases"), "Objective.forward"
    scaled: tuple[Lit, ...] = (("cosines", "logits"), ("scale", "logits"))
    if config.loss == "sigmoid":
        line = "clip.sigmoid_loss(one, self.scale(), self.bias)"
        asked: tuple[Lit, ...] = (*scaled, ("bias", "logits"), ("logits", "pairs"), ("pairs", "loss"))
        return (Phase(words("pairs"), asked, line, where),)
    return (
        Phase(words("softmax"), (*scaled, ("logits", "rows"), ("logits", "columns")), "clip.info_nce(", where),
        Phase(words("mean"), (("rows", "loss"), ("columns", "loss")), "return (row + column) / 2", where),
    )


def trained(config: ClipConfig) -> tuple[Lit, ...]:
    """The parts whose parameters a step changes."""
    return ("first_encoder", "second_encoder", *(["scale"] if config.scale != "fixed" else []))
