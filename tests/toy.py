"""The smallest concept: a number that learns the mean of noise. No torch: the engine and page know no concept."""

import random
import time
from dataclasses import replace
from typing import Annotated, Any, Literal

from pydantic import Field

from playground.concept import Challenge, Concept, Config, Knob, Metric, Preset, Probe, Question, Refused, Symbol, View


class ToyConfig(Config):
    rate: Annotated[float, Field(ge=0, le=1e9, title="Rate"), Knob("η", live=True)] = 0.1
    """How far each step goes."""
    noise: Annotated[Literal["uniform", "normal"], Field(title="Noise")] = "uniform"
    """What the target is drawn from."""
    steps: Annotated[int, Field(ge=1, le=100_000), Knob(advanced=True)] = 400
    """Budget of the run."""


class Toy:
    def __init__(self, config: ToyConfig) -> None:
        self.config, self.theta = config, random.random()

    def step(self) -> dict[str, float]:
        target = random.random() if self.config.noise == "uniform" else random.gauss(0.5, 0.3)
        self.theta += self.config.rate * (target - self.theta)
        return {"loss": (target - self.theta) * (target - self.theta), "theta": self.theta}

    def tune(self, config: ToyConfig) -> None:
        self.config = config

    def state_dict(self) -> dict[str, Any]:
        return {"theta": self.theta}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.theta = state["theta"]

    def shapes(self) -> dict[str, tuple[int, ...]]:
        return {"theta": (1,)}


class Ask(Question):
    times: Annotated[int, Field(ge=1, le=10)] = 2
    """How often."""


def curve(toy: Toy, history: Any) -> dict[str, Any]:
    steps, values = history.get("theta", ([], []))
    return {"data": [{"type": "scatter", "x": steps[-100:], "y": values[-100:]}], "layout": {"uirevision": "toy"}}


def answer(toy: Toy, question: Ask) -> dict[str, Any]:
    if question.times == 7:
        raise Refused("Not seven times.")
    return {"data": [{"type": "bar", "y": [toy.theta] * question.times}], "layout": {"uirevision": "ask"}}


TOY = Concept(
    slug="toy", title="Toy", tagline="A number learns a mean", lesson="# Toy\n\n$\\sym{theta}{\\theta}$",
    config=ToyConfig, experiment=Toy,
    metrics=(Metric("loss", "loss", "squared", "lower"), Metric("theta", "θ")),
    views=(View("curve", "Curve", "Watch it settle.", curve, 1, "hero"),),
    probes=(Probe("ask", "Ask", "As often as asked.", Ask, answer),),
    presets=(Preset("still", "Still", {"rate": 0.0}, "Nothing moves."),),
    challenges=(Challenge("Settle", "Wait.", lambda m: m.get("loss", 9.0) < 0.5, after=10),),
    symbols=(Symbol("theta", "θ", "what is learned", (), ("curve",)),),
)  # fmt: skip


class SlowToy(Toy):
    """A millisecond a step: slow enough to be checkpointed and watched."""

    def step(self) -> dict[str, float]:
        time.sleep(0.001)
        return super().step()


SLOW = replace(TOY, slug="slow-toy", title="Slow toy", experiment=SlowToy)
TOYS = (TOY, SLOW)
