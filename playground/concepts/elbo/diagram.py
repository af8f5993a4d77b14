"""What one training step does with q, for slow motion: of every objective, and every way to its gradient."""

from __future__ import annotations

from playground.concepts.elbo.config import ElboConfig, has_gradient
from playground.concepts.elbo.texts import say
from playground.diagram import Arrow, Diagram, Lit, Part, Phase

TRAIN, OBJECTIVE = "InferenceExperiment.train", "InferenceExperiment.objective"
Q = Part("q", "q(z)", 8, 5, "q", kind="network")
LOG_Q = Part("log_q", "log q(z)", 48, 5, "q")


def diagram(config: ElboConfig) -> Diagram:
    """Where all three objectives are trained, of the reverse KL: the others do the like after it."""
    if config.objective == "forward_kl":
        return forward()
    if config.objective == "iwae":
        return sampled("more", "log (1/K Σ w)", True, weighted_bound())
    if config.sign == "plus" and has_gradient(config):
        wrong: tuple[Lit, ...] = (("q", "kl"), *ADDED)
        line = Phase(say("diagram.phases.wrong_sum"), wrong, "return elbo.reconstruction(self.model, x, q)", OBJECTIVE)
        return in_closed_form("+KL(p(z) ‖ q(z))", line)
    if config.gradient == "exact":
        return in_closed_form(
            "−KL(q(z) ‖ p(z))",
            Phase(say("diagram.phases.stay"), (("q", "kl"),), "cross = (q.weight * square)", "kl_to_prior"),
            Phase(say("diagram.phases.sum"), ADDED, "return reconstruction(model, x, q)", "elbo"),
        )
    if config.gradient == "reparameterised":
        return sampled("noise", "E[log w]", True, reparameterised())
    return sampled("noise", "E[log w · log q]", False, score(config.gradient == "score-baseline"))


def learning(arrows: tuple[Arrow, ...]) -> tuple[Phase, ...]:
    """How each step ends."""
    whole = Diagram((), arrows, ()).differentiable
    return (
        Phase(say("diagram.phases.gradients"), whole, "loss.backward()", TRAIN, backward=True),
        Phase(say("diagram.phases.update"), ("q",), "fit.optimiser.step()", TRAIN),
    )


# ---------------------------------------------------------------- in closed form

ADDED: tuple[Lit, ...] = (("fit", "loss"), ("kl", "loss"))


def in_closed_form(kl: str, *added: Phase) -> Diagram:
    parts = (
        Q,
        Part("x", "x", 8, 25, "x"),
        Part("fit", "E[log p(x|z)]", 42, 25),
        Part("kl", kl, 42, 5),
        Part("loss", say("diagram.parts.objective"), 80, 15, "elbo", kind="loss"),
    )
    arrows = (
        Arrow("q", "fit"),
        Arrow("x", "fit", gradient=False),
        Arrow("q", "kl"),
        Arrow("fit", "loss"),
        Arrow("kl", "loss"),
    )
    explains: tuple[Lit, ...] = (("q", "fit"), ("x", "fit"))
    explained = Phase(say("diagram.phases.explain"), explains, "square = miss**2", "reconstruction")
    return Diagram(parts, arrows, (explained, *added, *learning(arrows)))


# ---------------------------------------------------------------- forward KL


def forward() -> Diagram:
    parts = (
        Q,
        Part("x", "x", 8, 25, "x"),
        Part("posterior", "p(z|x)", 26, 25),
        Part("z", "z", 44, 25, "z"),
        LOG_Q,
        Part("loss", "E[log q(z)]", 80, 15, kind="loss"),
    )
    arrows = (
        Arrow("x", "posterior", gradient=False),
        Arrow("posterior", "z", gradient=False),
        Arrow("z", "log_q", gradient=False),
        Arrow("q", "log_q"),
        Arrow("z", "loss", gradient=False),
        Arrow("log_q", "loss"),
    )
    exact: tuple[Lit, ...] = (("x", "posterior"), ("posterior", "z"))
    mean: tuple[Lit, ...] = (("z", "log_q"), ("q", "log_q"), ("z", "loss"), ("log_q", "loss"))
    phases = (
        Phase(say("diagram.phases.posterior"), exact, "exact = posterior(self.model, x)", OBJECTIVE),
        Phase(say("diagram.phases.mean"), mean, "return (exact.weight * q.log_prob(exact.z)).sum()", OBJECTIVE),
    )
    return Diagram(parts, arrows, (*phases, *learning(arrows)))


# ---------------------------------------------------------------- by samples of z

DRAWN: tuple[Lit, ...] = (("q", "z"), ("noise", "z"))
WEIGHED: tuple[Lit, ...] = (
    ("z", "log_q"), ("q", "log_q"), ("z", "prior"), ("z", "likelihood"), ("x", "likelihood"), ("log_q", "w"),
    ("prior", "w"), ("likelihood", "w"),
)  # fmt: skip


def sampled(noise: str, loss: str, through: bool, phases: tuple[Phase, ...]) -> Diagram:
    """noise: the variable that holds it; through: whether the gradient goes through z, else only through log q"""
    parts = (
        Q,
        Part("noise", "ε", 8, 15, "noise"),
        Part("z", "z", 26, 15, "z"),
        Part("x", "x", 8, 25, "x"),
        LOG_Q,
        Part("prior", "log p(z)", 48, 15),
        Part("likelihood", "log p(x|z)", 48, 25),
        Part("w", "log w", 66, 15, "w"),
        Part("loss", loss, 88, 15, "elbo" if through else "", kind="loss"),
    )
    arrows = (
        Arrow("q", "z", gradient=through),
        Arrow("noise", "z", gradient=False),
        Arrow("z", "log_q", gradient=through),
        Arrow("q", "log_q"),
        Arrow("z", "prior", gradient=through),
        Arrow("z", "likelihood", gradient=through),
        Arrow("x", "likelihood", gradient=False),
        Arrow("log_q", "w", gradient=through),
        Arrow("prior", "w", gradient=through),
        Arrow("likelihood", "w", gradient=through),
        Arrow("w", "loss", gradient=through),
        *(() if through else (Arrow("log_q", "loss"),)),
    )
    drawn = Phase(say("diagram.phases.noise"), ("noise",), f"{noise} = torch.randn(")
    return Diagram(parts, arrows, (drawn, *phases, *learning(arrows)))


def reparameterised() -> tuple[Phase, ...]:
    weighed = "return (q.weight * log_weights(model, x, q, z).mean(1)).sum()"
    return (
        Phase(say("diagram.phases.move"), DRAWN, "z = q.sample(noise)", "surrogate"),
        Phase(say("diagram.phases.weigh"), (*WEIGHED, ("w", "loss")), weighed, "surrogate"),
    )


def score(has_baseline: bool) -> tuple[Phase, ...]:
    mean = "return (q.weight.detach() * (log_w * q.log_prob(z)).mean(1)).sum()"
    baseline = Phase(say("diagram.phases.baseline"), ("w",), "log_w = log_w - (average", "surrogate")
    return (
        Phase(say("diagram.phases.draw"), DRAWN, "z = q.sample(noise)", "surrogate"),
        Phase(say("diagram.phases.weigh"), WEIGHED, "log_w = log_weights(model, x, q, z).detach()", "surrogate"),
        *((baseline,) if has_baseline else ()),
        Phase(say("diagram.phases.mean"), (("w", "loss"), ("log_q", "loss")), mean, "surrogate"),
    )


def weighted_bound() -> tuple[Phase, ...]:
    weighed = "return elbo.iwae_bound(elbo.log_weights(self.model, x, q, z)).mean()"
    return (
        Phase(say("diagram.phases.move"), DRAWN, "z = q.sample(more)[0]", OBJECTIVE),
        Phase(say("diagram.phases.weigh"), (*WEIGHED, ("w", "loss")), weighed, OBJECTIVE),
    )
