"""What one update does, for slow motion, by each of the three rules: GAE, the TD error, whole episodes."""

from __future__ import annotations

from playground.concepts.actor_critic.config import ActorCriticConfig
from playground.diagram import Arrow, Diagram, Lit, Part, Phase

UPDATE = "Learner.update"


def diagram(config: ActorCriticConfig) -> Diagram:
    """Where several rules are trained, of the first one: the others do the like after it."""
    rule = config.rules[0]
    first, then = {
        "gae": (Part("target", "δ", 57, 14, "delta"), "A = Σ(γλ)ᵗδ"),
        "td": (Part("target", "r + γV(s′)", 57, 14, "target"), "A = δ"),
        "origin": (Part("target", "return G", 57, 14, "G"), "A = G − V"),
    }[rule]
    parts: tuple[Part, ...] = (
        Part("env", "world", 5, 15),
        Part("s", "s", 16, 15, "s"),
        Part("a", "a", 16, 5, "a"),
        Part("actor", "actor", 28, 15, kind="network"),
        Part("pi", "π", 28, 5, "pi"),
        Part("critic", "critic", 28, 25, kind="network"),
        Part("V", "V", 42, 25, "V"),
        Part("r", "r", 42, 14, "r"),
        first,
        Part("A", then, 73, 15, "A"),
        Part("actor_loss", "−A log π", 87, 5, kind="loss"),
        Part("critic_loss", "(target − V)²", 84, 25, "target", kind="loss"),
        Part("loss", "loss", 96, 15, kind="loss"),
    )
    drawn = Diagram(parts, arrows(config, rule), ())
    phases = (*estimate(config, rule), *update(config, drawn))
    return Diagram(parts, drawn.arrows, phases)


def arrows(config: ActorCriticConfig, rule: str) -> tuple[Arrow, ...]:
    free, pulled = not config.detach, not config.stop_gradient
    to_v = {"gae": free or pulled, "td": pulled, "origin": False}[rule]
    to_target = {"gae": free or pulled, "td": free and pulled, "origin": False}[rule]
    baseline = () if rule == "gae" else (Arrow("V", "A", gradient=free),)
    return (
        Arrow("env", "s", gradient=False),
        Arrow("s", "actor", gradient=False),
        Arrow("actor", "pi"),
        Arrow("pi", "a", gradient=False),
        Arrow("a", "env", gradient=False),
        Arrow("s", "critic", gradient=False),
        Arrow("critic", "V"),
        Arrow("r", "target", gradient=False),
        Arrow("V", "target", gradient=to_v),
        Arrow("target", "A", gradient=to_target),
        *baseline,
        Arrow("A" if rule == "gae" else "target", "critic_loss", gradient=pulled and rule != "origin"),
        Arrow("V", "critic_loss"),
        Arrow("A", "actor_loss", gradient=free),
        Arrow("pi", "actor_loss"),
        Arrow("actor_loss", "loss"),
        Arrow("critic_loss", "loss"),
    )


def estimate(config: ActorCriticConfig, rule: str) -> tuple[Phase, ...]:
    """What is to be learned from."""
    loop: tuple[Lit, ...] = ("r", ("env", "s"), ("s", "actor"), ("actor", "pi"), ("pi", "a"), ("a", "env"))
    each = f" (each of {len(config.rules)} rules)" if len(config.rules) > 1 else ""
    play = Phase(f"play {config.horizon} steps{each}", loop, "rollout = self.collect_rollout()")
    value: tuple[Lit, ...] = (("s", "critic"), ("critic", "V"))
    promise: tuple[Lit, ...] = (("r", "target"), ("V", "target"))
    if rule == "origin":
        where = "Learner.whole_episodes"
        return (
            play,
            Phase("all ended? or play on", ("env",), "if not ended[-1].all():", where),
            Phase("criticise", value, "value = self.model.value(rollout.s)", where),
            Phase("what followed", promise, "G = discounted_return(", where),
            Phase("better than V?", (("target", "A"), ("V", "A")), "G, G - v, G - v)", where),
        )
    where = "Learner.bootstrap"
    common = (play, Phase("criticise", value, "value = self.model.value(rollout.s)", where))
    if rule == "td":
        return (
            *common,
            Phase("one step ahead", promise, "target = td_target(", where),
            Phase("better than V?", (("target", "A"), ("V", "A")), "td_error = advantage = target - v", where),
        )
    return (
        *common,
        Phase("better than V?", promise, "td_error = advantage = target - v", where),
        Phase("add what followed", (("target", "A"),), "advantage = generalised_advantage(", where),
    )


def update(config: ActorCriticConfig, drawn: Diagram) -> tuple[Phase, ...]:
    to_critic = next((a.start, a.end) for a in drawn.arrows if a.end == "critic_loss")
    bonus = " − β H" if config.entropy else ""
    return (
        Phase("π of those states", (("s", "actor"), ("actor", "pi")), "log_pi = self.model.policy(e.s)", UPDATE),
        Phase("actor's loss", (("pi", "actor_loss"), ("A", "actor_loss")), "L_actor = actor_loss(", UPDATE),
        Phase("critic's loss", (to_critic, ("V", "critic_loss")), "L_critic = critic_loss(", UPDATE),
        Phase(f"add up{bonus}", (("actor_loss", "loss"), ("critic_loss", "loss")), "loss = L_actor", UPDATE),
        Phase("gradients", drawn.differentiable, "loss.backward()", UPDATE, backward=True),
        Phase("update", ("actor", "critic"), "self.optimiser.step()", UPDATE),
    )
