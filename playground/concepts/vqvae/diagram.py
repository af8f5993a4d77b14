"""What one training step does, for slow motion: of a VQ-VAE, of a dVAE, or of the prior over their codes."""

from __future__ import annotations

from playground.concepts.vqvae.config import VQVAEConfig
from playground.concepts.vqvae.prior.diagram import of_prior
from playground.concepts.vqvae.texts import say
from playground.diagram import Arrow, Diagram, Lit, Part, Phase

STEP, UPDATE = "VQVAEExperiment.vqvae_step", "VQVAEExperiment.update_codebook"


def diagram(config: VQVAEConfig) -> Diagram:
    if config.stage == "prior":
        return of_prior()
    return of_dvae() if config.model == "dVAE" else of_vqvae(config)


ENDS = (
    Part("x", "x", 3, 5, "x"),
    Part("encoder", say("diagram.encoder"), 13, 5, kind="network"),
    Part("z_q", "z_q", 48, 5, "z_q"),
    Part("decoder", say("diagram.decoder"), 61, 5, kind="network"),
    Part("target", "x", 93, 5, "x"),
    Part("reconstruction", "‖x̂ − x‖²", 79, 5, kind="loss"),
    Part("loss", say("diagram.loss"), 95, 15, kind="loss"),
)
"""What both kinds have."""
TO_LOSS = (
    Arrow("z_q", "decoder"),
    Arrow("decoder", "reconstruction"),
    Arrow("target", "reconstruction", gradient=False),
    Arrow("reconstruction", "loss"),
)
BATCH = Phase(say("diagram.phases.batch"), ("x",), "x = self.examples.train[chosen]")


def of_vqvae(config: VQVAEConfig) -> Diagram:
    learned = config.update == "vq-loss"
    parts: tuple[Part, ...] = (
        *ENDS,
        Part("z", "z", 24, 5, "z"),
        Part("k", say("diagram.nearest"), 34, 15, "k"),
        Part("codebook", say("diagram.codes"), 20, 25, "e"),
        Part("e", "e", 48, 25, "e"),
        Part("commitment", "β‖z − sg e‖²", 68, 15, "beta", kind="loss"),
        Part("vq", "‖sg z − e‖²", 68, 25, kind="loss"),
    )
    arrows: tuple[Arrow, ...] = (
        *TO_LOSS,
        Arrow("x", "encoder", gradient=False),
        Arrow("encoder", "z"),
        Arrow("z", "k", gradient=False),
        Arrow("codebook", "k", gradient=False),
        Arrow("k", "e", gradient=False),
        Arrow("codebook", "e", gradient=learned),
        Arrow("e", "z_q", gradient=learned and not config.straight_through),
        Arrow("z", "commitment"),
        Arrow("e", "commitment", gradient=False),
        Arrow("z", "vq", gradient=False),
        Arrow("e", "vq", gradient=learned),
        Arrow("commitment", "loss"),
        Arrow("vq", "loss", gradient=learned),
    )
    if config.straight_through:
        arrows += (Arrow("z", "z_q"),)
    if not learned:
        arrows += (Arrow("z", "codebook", gradient=False),)
    if not (learned or config.straight_through):  # nothing asks for the reconstruction's gradient before the decoder
        arrows = tuple(Arrow("z_q", "decoder", gradient=False) if a.start == "z_q" else a for a in arrows)
    drawn = Diagram(parts, arrows, ())
    return Diagram(parts, arrows, (*forward(config), *backward(config, drawn)))


def forward(config: VQVAEConfig) -> tuple[Phase, ...]:
    copied: tuple[Lit, ...] = (("z", "z_q"),) if config.straight_through else ()
    return (
        BATCH,
        Phase(say("diagram.phases.encode"), (("x", "encoder"), ("encoder", "z")), "z = model.encode(x)", STEP),
        Phase(say("diagram.phases.nearest"), (("z", "k"), ("codebook", "k")), "k = quantiser.nearest_code(", STEP),
        Phase(say("diagram.phases.look_up"), (("k", "e"), ("codebook", "e")), "e = model.codebook[k]", STEP),
        Phase(say("diagram.phases.put_e"), (("e", "z_q"), *copied), "z_q = quantiser.straight_through(z, e)", STEP),
        Phase(
            say("diagram.phases.decode"),
            (("z_q", "decoder"), ("decoder", "reconstruction"), ("target", "reconstruction")),
            "reconstruction = F.mse_loss(model.decode(z_q), x)",
            STEP,
        ),
        Phase(say("diagram.phases.codes_to_z"), (("z", "vq"), ("e", "vq")), "vq = quantiser.vq_loss(z, e)", STEP),
        Phase(
            say("diagram.phases.z_to_codes"),
            (("z", "commitment"), ("e", "commitment")),
            "commitment = quantiser.commitment_loss(z, e)",
            STEP,
        ),
        Phase(
            say("diagram.phases.add_up"),
            (("reconstruction", "loss"), ("commitment", "loss"), ("vq", "loss")),
            "loss = reconstruction + vq",
            STEP,
        ),
    )


def backward(config: VQVAEConfig, drawn: Diagram) -> tuple[Phase, ...]:
    learned = config.update == "vq-loss"
    trained = ("encoder", "decoder", "codebook") if learned else ("encoder", "decoder")
    found = [
        Phase(say("diagram.phases.gradients"), drawn.differentiable, "loss.backward()", STEP, backward=True),
        Phase(say("diagram.phases.update"), trained, "self.optimiser.step()", STEP),
    ]
    if not learned:
        line = "quantiser.ema_update(" if config.update == "ema" else "quantiser.centroid_ema_update("
        found.append(Phase(say("diagram.phases.follow"), (("z", "codebook"),), line, UPDATE))
    if config.restart != "off":
        found.append(Phase(say("diagram.phases.revive"), ("codebook",), "self.revive_unused(model, z)", UPDATE))
    return tuple(found)


def of_dvae() -> Diagram:
    step = "VQVAEExperiment.dvae_step"
    parts: tuple[Part, ...] = (
        *ENDS,
        Part("logits", "log q", 24, 5, "logits"),
        Part("gumbel", "g", 24, 15, "gumbel"),
        Part("y", "y", 36, 15, "y"),
        Part("codebook", say("diagram.codes"), 48, 25, "e"),
        Part("kl", say("diagram.kl"), 70, 15, kind="loss"),
    )
    arrows: tuple[Arrow, ...] = (
        *TO_LOSS,
        Arrow("x", "encoder", gradient=False),
        Arrow("encoder", "logits"),
        Arrow("logits", "y"),
        Arrow("gumbel", "y", gradient=False),
        Arrow("y", "z_q"),
        Arrow("codebook", "z_q"),
        Arrow("logits", "kl"),
        Arrow("kl", "loss"),
    )
    drawn = Diagram(parts, arrows, ())
    phases = (
        BATCH,
        Phase(
            say("diagram.phases.encode"), (("x", "encoder"), ("encoder", "logits")), "logits = model.encode(x)", step
        ),
        Phase(say("diagram.phases.noise"), ("gumbel",), "gumbel = -torch.log(-torch.log(u))", step),
        Phase(
            say("diagram.phases.soft_choice"),
            (("logits", "y"), ("gumbel", "y")),
            "y = gumbel_softmax(logits, gumbel",
            step,
        ),
        Phase(say("diagram.phases.mix"), (("y", "z_q"), ("codebook", "z_q")), "z_q = y @ model.codebook", step),
        Phase(
            say("diagram.phases.decode"),
            (("z_q", "decoder"), ("decoder", "reconstruction"), ("target", "reconstruction")),
            "reconstruction = F.mse_loss(model.decode(z_q), x)",
            step,
        ),
        Phase(say("diagram.phases.undecided"), (("logits", "kl"),), "kl = kl_to_uniform(logits).mean()", step),
        Phase(
            say("diagram.phases.add_up"),
            (("reconstruction", "loss"), ("kl", "loss")),
            "loss = reconstruction + self.kl_weight()",
            step,
        ),
        Phase(say("diagram.phases.gradients"), drawn.differentiable, "loss.backward()", step, backward=True),
        Phase(say("diagram.phases.update"), ("encoder", "codebook", "decoder"), "self.optimiser.step()", step),
    )
    return Diagram(parts, arrows, phases)
