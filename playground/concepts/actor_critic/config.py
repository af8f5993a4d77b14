"""The knobs of the Actor-critic tab."""

from typing import Annotated, Any, Literal

from pydantic import Field

from playground.concepts.actor_critic.texts import say
from playground.knobs import Config, Knob, Limit

RULES = ("gae", "td", "reinforce")


def anneals(config: Any) -> bool:
    return bool(config.anneal)


def is_acrobot_by_all_rules(config: Any) -> bool:
    return bool(config.environment == "Acrobot-v1" and config.rule == "all")


class ActorCriticConfig(Config):
    """An actor and a critic on one of Gymnasium's classic control problems."""

    words = say.part("knobs")
    limits = (
        Limit(
            lower=("horizon", "envs"),
            factors=("envs", "horizon"),
            most=2048,
            when=say("limits.acrobot_by_all_rules"),
            applies_to=is_acrobot_by_all_rules,
        ),
    )

    rule: Annotated[
        Literal["gae", "td", "reinforce", "all"], Knob(costly=True, value_aliases={"origin": "reinforce"})
    ] = "gae"
    environment: Annotated[Literal["CartPole-v1", "Acrobot-v1", "MountainCar-v0"], Knob(costly=True)] = "CartPole-v1"
    action: Literal["sample", "top-1"] = "sample"
    gamma: Annotated[float, Field(ge=0, le=0.999), Knob(symbol="γ", live=True)] = 0.99
    lam: Annotated[float, Field(ge=0, le=1), Knob(symbol="λ", live=True)] = 0.95
    entropy: Annotated[float, Field(ge=0, le=0.5), Knob(symbol="β", live=True)] = 0.01
    actor_lr: Annotated[float, Field(ge=1e-5, le=1), Knob(symbol="η", live=True, log=True)] = 1e-3
    critic_lr: Annotated[float, Field(ge=1e-5, le=1), Knob(symbol="η", live=True, log=True)] = 1e-2
    stop_gradient: bool = True
    detach: bool = True
    terminal_mask: bool = True
    reward_to_go: Annotated[bool, Knob(advanced=True)] = True
    normalise: Annotated[bool, Knob(advanced=True)] = True
    critic_weight: Annotated[float, Field(ge=0.1, le=10), Knob(symbol="c", advanced=True)] = 1.0
    anneal: Annotated[bool, Knob(advanced=True)] = True
    envs: Annotated[int, Field(ge=1, le=32), Knob(advanced=True, costly=True)] = 8
    horizon: Annotated[int, Field(ge=1, le=128), Knob(symbol="n", advanced=True, costly=True)] = 16
    steps: Annotated[int, Field(ge=1, le=100_000), Knob(live=True, advanced=True)] = 2000
    schedule: Annotated[
        int, Field(ge=1, le=100_000), Knob(advanced=True, follows="steps", applies_to=anneals)
    ] = 2000  # fmt: skip

    @property
    def rules(self) -> tuple[str, ...]:
        """Names of the rules that are trained."""
        return RULES if self.rule == "all" else (self.rule,)
