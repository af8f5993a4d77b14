"""What one step does, for slow motion: the discriminator's half, then the generator's; of a GAN or a CAN."""

from __future__ import annotations

from playground.concepts.gan.config import GanConfig, is_can, is_digits
from playground.diagram import Arrow, Diagram, Lit, Part, Phase


def diagram(config: GanConfig) -> Diagram:
    parts: tuple[Part, ...] = (
        Part("z", "z", 4, 5),
        Part("G", "generator", 17, 5, "G", kind="network"),
        Part("fake", "G(z)", 32, 5, "fake"),
        Part("x", "x", 32, 25, "x"),
        Part("D", "discriminator", 48, 15, "D", kind="network"),
        Part("G_loss", "G's loss", 72, 5, kind="loss"),
        Part("D_loss", "D's loss", 72, 25, kind="loss"),
    )
    arrows: tuple[Arrow, ...] = (
        Arrow("z", "G", gradient=False),
        Arrow("G", "fake"),
        Arrow("fake", "D"),
        Arrow("x", "D", gradient=False),
        Arrow("D", "G_loss"),
        Arrow("D", "D_loss"),
    )
    if config.r1:
        parts += (Part("r1", "γ · ½‖∇D(x)‖²", 91, 25, "gamma", kind="loss"),)
        arrows += (Arrow("r1", "D_loss"),)
    if is_can(config):
        parts += (Part("style", "style?", 72, 15, "K"),)
        arrows += (Arrow("D", "style"), Arrow("style", "G_loss"), Arrow("style", "D_loss"))
    return Diagram(parts, arrows, (*discriminator_half(config), *generator_half(config)))


def discriminator_half(config: GanConfig) -> tuple[Phase, ...]:
    can, digits = is_can(config), is_digits(config)
    half = f"{'Digits' if digits else 'Plane'}Experiment.discriminator_half"
    repeated = f" (× {config.d_steps})" if config.d_steps > 1 else ""
    given: tuple[Lit, ...] = ("x", ("z", "G"), ("G", "fake"))
    found = [
        Phase(f"D's half{repeated}: generate", given, "self.generator(self.new_noise())", half),
        Phase("judge both", (("x", "D"), ("fake", "D")), "D(x), D(fake)", half),
        Phase("real or not?", (("D", "D_loss"),), "loss = gan.discriminator_loss(", half),
    ]  # fmt: skip
    if config.loss == "WGAN-GP":
        found.append(Phase("gradient penalty", ("D", "D_loss"), "gan.gradient_penalty(", half))
    if config.r1:
        lit: tuple[Lit, ...] = ("x", "D", ("r1", "D_loss"))
        found.append(Phase("R1, now and then" if digits else "R1", lit, "gan.r1_penalty(", half))
    if can:
        found.append(Phase("which style?", (("D", "style"), ("style", "D_loss")), "gan.style_loss(", half))
    back: list[Lit] = [("D", "D_loss")]
    back += [("style", "D_loss"), ("D", "style")] if can else []
    back += [("r1", "D_loss")] if config.r1 else []
    return (
        *found,
        Phase("gradients to D", tuple(back), "penalised.backward()", half, backward=True),
        Phase("D learns", ("D",), 'self.optimisers["discriminator"].step()', half),
    )


def generator_half(config: GanConfig) -> tuple[Phase, ...]:
    can, digits = is_can(config), is_digits(config)
    half = f"{'Digits' if digits else 'Plane'}Experiment.generator_half"
    making: tuple[Lit, ...] = (("z", "G"), ("G", "fake"))
    wish: list[Lit] = [("D", "G_loss")]
    wish += [("D", "style"), ("style", "G_loss")] if can else []
    way: tuple[Lit, ...] = (("G", "fake"), ("fake", "D"), *wish)
    passing = "loss = gan.generator_loss(" if digits else "loss = self.wish(fake)"
    return (
        Phase("G's half: generate", making, "self.generator(self.new_noise())", half),
        Phase("do they pass?", (("fake", "D"), *wish), passing, half),
        Phase("gradients, past D, to G", way, "loss.backward()", half, backward=True),
        Phase("G learns", ("G",), 'self.optimisers["generator"].step()', half),
    )  # fmt: skip
