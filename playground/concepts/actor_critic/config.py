"""The knobs of the Actor-critic tab."""

from typing import Annotated, Any, Literal

from pydantic import Field

from playground.knobs import Config, Knob, Limit

RULES = ("gae", "td", "origin")


def anneals(config: Any) -> bool:
    return bool(config.anneal)


def is_acrobot_by_all_rules(config: Any) -> bool:
    return bool(config.environment == "Acrobot-v1" and config.rule == "all")


class ActorCriticConfig(Config):
    """An actor and a critic on one of Gymnasium's classic control problems."""

    limits = (
        Limit(
            lower=("horizon", "envs"),
            factors=("envs", "horizon"),
            most=2048,
            when="when Acrobot is learned by all rules",
            applies_to=is_acrobot_by_all_rules,
        ),
    )

    rule: Annotated[Literal["gae", "td", "origin", "all"], Field(title="Rule"), Knob(costly=True)] = "gae"
    """GAE(λ) over n steps, the notes' TD error, the notes' origin (a whole episode's return), or all side by side."""
    environment: Annotated[
        Literal["CartPole-v1", "Acrobot-v1", "MountainCar-v0"], Field(title="Environment"), Knob(costly=True)
    ] = "CartPole-v1"
    """A pole to balance, an arm to swing up, a car to rock out of a valley (hard: hardly ever rewarded)."""
    action: Annotated[Literal["sample", "top-1"], Field(title="Action")] = "sample"
    """Drawn from π(a|s), or always its most probable one."""
    gamma: Annotated[float, Field(ge=0, le=0.999, title="Discount"), Knob(symbol="γ", live=True)] = 0.99
    """Worth of a reward that comes one step later; V can't exceed 1/(1 − γ)."""
    lam: Annotated[float, Field(ge=0, le=1, title="GAE"), Knob(symbol="λ", live=True)] = 0.95
    """0 trusts the critic after one step, 1 waits for the whole rollout."""
    entropy: Annotated[float, Field(ge=0, le=0.5, title="Entropy bonus"), Knob(symbol="β", live=True)] = 0.01
    """Weight of the policy's entropy: a reward for staying undecided."""
    actor_lr: Annotated[float, Field(ge=1e-5, le=1, title="Actor's rate"), Knob(symbol="η", live=True, log=True)] = 1e-3
    """Adam's step size for π."""
    critic_lr: Annotated[float, Field(ge=1e-5, le=1, title="Critic's rate"), Knob(symbol="η", live=True, log=True)] = (
        1e-2
    )
    """Adam's step size for V."""
    stop_gradient: Annotated[bool, Field(title="Stop-gradient on the target")] = True
    """Off: the loss also pulls the target towards V."""
    detach: Annotated[bool, Field(title="Detached advantage")] = True
    """Off: the actor's loss also pulls on the critic."""
    terminal_mask: Annotated[bool, Field(title="Terminal mask")] = True
    """Off: V(s′) is counted even after the episode has ended."""
    reward_to_go: Annotated[bool, Field(title="Reward-to-go"), Knob(advanced=True)] = True
    """(origin) Credits a step with what came after it; off: with the whole episode."""
    normalise: Annotated[bool, Field(title="Normalised advantage"), Knob(advanced=True)] = True
    """Mean 0 and spread under 1 in every batch: (A − mean) / (1 + spread)."""
    critic_weight: Annotated[float, Field(ge=0.1, le=10, title="Critic's weight"), Knob(symbol="c", advanced=True)] = (
        1.0
    )
    """Of the critic's loss beside the actor's."""
    anneal: Annotated[bool, Field(title="Anneal the rates"), Knob(advanced=True)] = True
    """Both rates fall to a fiftieth over the schedule, so that a solved pole stays solved."""
    envs: Annotated[int, Field(ge=1, le=32, title="Environments"), Knob(advanced=True, costly=True)] = 8
    """Copies that run in step."""
    horizon: Annotated[int, Field(ge=1, le=128, title="Horizon"), Knob(symbol="n", advanced=True, costly=True)] = 16
    """Steps of a rollout, between two updates."""
    steps: Annotated[int, Field(ge=1, le=100_000, title="Steps"), Knob(live=True, advanced=True)] = 2000
    """The run stops after so many updates; raise it and the run goes on."""
    schedule: Annotated[
        int,
        Field(ge=1, le=100_000, title="Schedule length"),
        Knob(advanced=True, follows="steps", applies_to=anneals),
    ] = 2000
    """Updates in which both rates fall to a fiftieth, where they stay; longer: they stay high for longer."""

    @property
    def rules(self) -> tuple[str, ...]:
        """Names of the rules that are trained."""
        return RULES if self.rule == "all" else (self.rule,)
