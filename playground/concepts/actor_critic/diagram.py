"""What one update does, for slow motion, by each of the three rules: GAE, the TD error, whole episodes."""

from __future__ import annotations

from playground.concepts.actor_critic.config import ActorCriticConfig
from playground.concepts.actor_critic.texts import say
from playground.diagram import Arrow, Diagram, Lit, Part, Phase

UPDATE = "Learner.update"


def diagram(config: ActorCriticConfig) -> Diagram:
    """Where several rules are trained, of the first one: the others do the like after it."""
    rule = config.rules[0]
    first, then = {
        "gae": (Part("target", "δ", 57, 14, "delta"), "A = Σ(γλ)ᵗδ"),
        "td": (Part("target", "r + γV(s′)", 57, 14, "target"), "A = δ"),
        "reinforce": (Part("target", say("diagram.return"), 57, 14, "G"), "A = G − V"),
    }[rule]
    parts: tuple[Part, ...] = (
        Part("env", say("diagram.world"), 5, 15),
        Part("s", "s", 16, 15, "s"),
        Part("a", "a", 16, 5, "a"),
        Part("actor", say("diagram.actor"), 28, 15, kind="network"),
        Part("pi", "π", 28, 5, "pi"),
        Part("critic", say("diagram.critic"), 28, 25, kind="network"),
        Part("V", "V", 42, 25, "V"),
        Part("r", "r", 42, 14, "r"),
        first,
        Part("A", then, 73, 15, "A"),
        Part("actor_loss", "−A log π", 87, 5, kind="loss"),
        Part("critic_loss", say("diagram.critic_loss"), 84, 25, "target", kind="loss"),
        Part("loss", say("diagram.loss"), 96, 15, kind="loss"),
    )
    drawn = Diagram(parts, arrows(config, rule), ())
    phases = (*estimate(config, rule), *update(config, drawn))
    return Diagram(parts, drawn.arrows, phases)


def arrows(config: ActorCriticConfig, rule: str) -> tuple[Arrow, ...]:
    free, pulled = not config.detach, not config.stop_gradient
    to_v = {"gae": free or pulled, "td": pulled, "reinforce": False}[rule]
    to_target = {"gae": free or pulled, "td": free and pulled, "reinforce": False}[rule]
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
        Arrow("A" if rule == "gae" else "target", "critic_loss", gradient=pulled and rule != "reinforce"),
        Arrow("V", "critic_loss"),
        Arrow("A", "actor_loss", gradient=free),
        Arrow("pi", "actor_loss"),
        Arrow("actor_loss", "loss"),
        Arrow("critic_loss", "loss"),
    )


def estimate(config: ActorCriticConfig, rule: str) -> tuple[Phase, ...]:
    """What is to be learned from."""
    loop: tuple[Lit, ...] = ("r", ("env", "s"), ("s", "actor"), ("actor", "pi"), ("pi", "a"), ("a", "env"))
    steps, rules = config.horizon, len(config.rules)
    each = say("diagram.phases.play_each", steps=steps, rules=rules) if rules > 1 else ""
    play = Phase(each or say("diagram.phases.play", steps=steps), loop, "rollout = self.collect_rollout()")
    value: tuple[Lit, ...] = (("s", "critic"), ("critic", "V"))
    promise: tuple[Lit, ...] = (("r", "target"), ("V", "target"))
    if rule == "reinforce":
        where = "Learner.whole_episodes"
        return (
            play,
            Phase(say("diagram.phases.wait"), ("env",), "if not ended[-1].all():", where),
            Phase(say("diagram.phases.criticise"), value, "value = self.model.value(rollout.s)", where),
            Phase(say("diagram.phases.followed"), promise, "G = discounted_return(", where),
            Phase(say("diagram.phases.better"), (("target", "A"), ("V", "A")), "G, G - v, G - v)", where),
        )
    where = "Learner.bootstrap"
    common = (play, Phase(say("diagram.phases.criticise"), value, "value = self.model.value(rollout.s)", where))
    if rule == "td":
        return (
            *common,
            Phase(say("diagram.phases.one_step"), promise, "target = td_target(", where),
            Phase(
                say("diagram.phases.better"), (("target", "A"), ("V", "A")), "td_error = advantage = target - v", where
            ),
        )
    return (
        *common,
        Phase(say("diagram.phases.better"), promise, "td_error = advantage = target - v", where),
        Phase(say("diagram.phases.add_followed"), (("target", "A"),), "advantage = generalised_advantage(", where),
    )


def update(config: ActorCriticConfig, drawn: Diagram) -> tuple[Phase, ...]:
    to_critic = next((a.start, a.end) for a in drawn.arrows if a.end == "critic_loss")
    add_up = say("diagram.phases.add_up_with_entropy") if config.entropy else say("diagram.phases.add_up")
    return (
        Phase(
            say("diagram.phases.policy"), (("s", "actor"), ("actor", "pi")), "log_pi = self.model.policy(e.s)", UPDATE
        ),
        Phase(
            say("diagram.phases.actor_loss"),
            (("pi", "actor_loss"), ("A", "actor_loss")),
            "L_actor = actor_loss(",
            UPDATE,
        ),
        Phase(say("diagram.phases.critic_loss"), (to_critic, ("V", "critic_loss")), "L_critic = critic_loss(", UPDATE),
        Phase(add_up, (("actor_loss", "loss"), ("critic_loss", "loss")), "loss = L_actor", UPDATE),
        Phase(say("diagram.phases.gradients"), drawn.differentiable, "loss.backward()", UPDATE, backward=True),
        Phase(say("diagram.phases.update"), ("actor", "critic"), "self.optimiser.step()", UPDATE),
    )
