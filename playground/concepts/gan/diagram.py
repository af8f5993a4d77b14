"""What one step does, for slow motion: the discriminator's half, then the generator's; of a GAN or a CAN."""

from __future__ import annotations

from playground.concepts.gan.config import GanConfig, is_can
from playground.concepts.gan.texts import say
from playground.diagram import Arrow, Diagram, Lit, Part, Phase


def players(config: GanConfig, experiment: str, r1: str, objective: str) -> Diagram:
    """experiment: name of the class whose halves run; r1: title of its phase; objective: G's line of code"""
    parts: tuple[Part, ...] = (
        Part("z", "z", 4, 5),
        Part("G", say("diagram.generator"), 17, 5, "G", kind="network"),
        Part("fake", "G(z)", 32, 5, "fake"),
        Part("x", "x", 32, 25, "x"),
        Part("D", say("diagram.discriminator"), 48, 15, "D", kind="network"),
        Part("G_loss", say("diagram.generator_loss"), 72, 5, kind="loss"),
        Part("D_loss", say("diagram.discriminator_loss"), 72, 25, kind="loss"),
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
        parts += (Part("style", say("diagram.style"), 72, 15, "K"),)
        arrows += (Arrow("D", "style"), Arrow("style", "G_loss"), Arrow("style", "D_loss"))
    discriminator = discriminator_half(config, f"{experiment}.discriminator_half", r1)
    return Diagram(parts, arrows, (*discriminator, *generator_half(config, f"{experiment}.generator_half", objective)))


def discriminator_half(config: GanConfig, half: str, r1: str) -> tuple[Phase, ...]:
    phases, can = say.part("diagram.phases"), is_can(config)
    repeats = phases("discriminator_repeats", times=config.d_steps)
    generates = repeats if config.d_steps > 1 else phases("discriminator_generates")
    given: tuple[Lit, ...] = ("x", ("z", "G"), ("G", "fake"))
    found = [
        Phase(generates, given, "self.generator(self.new_noise())", half),
        Phase(phases("judge"), (("x", "D"), ("fake", "D")), "D(x), D(fake)", half),
        Phase(phases("discriminator_loss"), (("D", "D_loss"),), "loss = gan.discriminator_loss(", half),
    ]  # fmt: skip
    if config.loss == "WGAN-GP":
        found.append(Phase(phases("gradient_penalty"), ("D", "D_loss"), "gan.gradient_penalty(", half))
    if config.r1:
        found.append(Phase(r1, ("x", "D", ("r1", "D_loss")), "gan.r1_penalty(", half))
    if can:
        found.append(Phase(phases("style"), (("D", "style"), ("style", "D_loss")), "gan.style_loss(", half))
    back: list[Lit] = [("D", "D_loss")]
    back += [("style", "D_loss"), ("D", "style")] if can else []
    back += [("r1", "D_loss")] if config.r1 else []
    step = 'self.optimisers["discriminator"].step()'
    return (
        *found,
        Phase(phases("discriminator_gradients"), tuple(back), "penalised.backward()", half, backward=True),
        Phase(phases("discriminator_update"), ("D",), step, half),
    )


def generator_half(config: GanConfig, half: str, objective: str) -> tuple[Phase, ...]:
    phases = say.part("diagram.phases")
    making: tuple[Lit, ...] = (("z", "G"), ("G", "fake"))
    judged: list[Lit] = [("D", "G_loss")]
    judged += [("D", "style"), ("style", "G_loss")] if is_can(config) else []
    way: tuple[Lit, ...] = (("G", "fake"), ("fake", "D"), *judged)
    return (
        Phase(phases("generator_generates"), making, "self.generator(self.new_noise())", half),
        Phase(phases("generator_loss"), (("fake", "D"), *judged), objective, half),
        Phase(phases("generator_gradients"), way, "loss.backward()", half, backward=True),
        Phase(phases("generator_update"), ("G",), 'self.optimisers["generator"].step()', half),
    )
