"""What one training step of an AE, a VAE or a CVAE does, for slow motion."""

from __future__ import annotations

from playground.concepts.autoencoder.config import AutoencoderConfig
from playground.concepts.autoencoder.texts import say
from playground.diagram import Arrow, Diagram, Lit, Part, Phase


def diagram(config: AutoencoderConfig) -> Diagram:
    variational, conditional = config.model != "AE", config.model == "CVAE"
    parts: tuple[Part, ...] = (
        Part("x", "x", 3, 15, "x"),
        Part("encoder", say("diagram.parts.encoder"), 15, 15, kind="network"),
        Part("z", "z", 46, 15, "z"),
        Part("decoder", say("diagram.parts.decoder"), 58, 15, kind="network"),
        Part("logits", "logits", 70, 15, "logits"),
        Part("target", "x", 82, 25, "x"),
        Part("reconstruction", "−log p(x|z)", 82, 15, "reconstruction", kind="loss"),
    )
    arrows: tuple[Arrow, ...] = (
        Arrow("x", "encoder", gradient=False),
        Arrow("z", "decoder"),
        Arrow("decoder", "logits"),
        Arrow("logits", "reconstruction"),
        Arrow("target", "reconstruction", gradient=False),
    )
    if variational:
        parts += (
            Part("posterior", "μ, log σ²", 30, 15, "mu"),
            Part("eps", "ε", 46, 25, "eps"),
            Part("kl", "β KL", 58, 5, "kl", kind="loss"),
            Part("loss", "−ELBO", 95.5, 5, kind="loss"),
        )
        arrows += (
            Arrow("encoder", "posterior"),
            Arrow("posterior", "z"),
            Arrow("eps", "z", gradient=False),
            Arrow("posterior", "kl"),
            Arrow("reconstruction", "loss"),
            Arrow("kl", "loss"),
        )
    else:
        arrows += (Arrow("encoder", "z"),)
    if conditional:
        parts += (Part("c", "c", 15, 25, "c"), Part("class", "c", 58, 25, "c"))
        arrows += (Arrow("c", "encoder", gradient=False), Arrow("class", "decoder", gradient=False))
    return Diagram(parts, arrows, phases(Diagram(parts, arrows, ()), variational, conditional))


def phases(drawn: Diagram, variational: bool, conditional: bool) -> tuple[Phase, ...]:
    words = say.part("diagram.phases")
    told: tuple[Lit, ...] = (("c", "encoder"),) if conditional else ()
    told_again: tuple[Lit, ...] = (("class", "decoder"),) if conditional else ()
    code = (("encoder", "posterior"),) if variational else (("encoder", "z"),)
    found = [
        Phase(words("batch"), ("x", "c") if conditional else ("x",), "x, c = self.next_batch()"),
        Phase(words("encode"), (("x", "encoder"), *told, *code), "mu, log_var = self.model.encode(noisy_x, c)"),
    ]
    if variational:
        found.append(Phase(words("sample"), (("posterior", "z"), ("eps", "z")), "z = reparameterise(mu, log_var, eps)"))
    found += [
        Phase(words("decode"), (("z", "decoder"), *told_again, ("decoder", "logits")),
              "logits = self.model.decode(z, c)"),
        Phase(words("reconstruction"), (("logits", "reconstruction"), ("target", "reconstruction")),
              "reconstruction = reconstruction_loss(logits, x"),
    ]  # fmt: skip
    if variational:
        found += [
            Phase(words("kl"), (("posterior", "kl"),), "kl = gaussian_kl(mu, log_var)"),
            Phase(words("sum"), (("reconstruction", "loss"), ("kl", "loss")), "loss = negative_elbo("),
        ]
    else:
        found.append(Phase(words("mean"), ("reconstruction",), "loss = reconstruction.mean()"))
    return (
        *found,
        Phase(words("gradients"), drawn.differentiable, "loss.backward()", backward=True),
        Phase(words("update"), ("encoder", "decoder"), "self.optimiser.step()"),
    )
