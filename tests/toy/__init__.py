"""The smallest concept: a number that learns the mean of noise. No torch: the engine and page know no concept."""

import random
import time
from dataclasses import replace
from typing import Annotated, Any, Literal

from pydantic import Field

from playground.concept import (
    Challenge,
    Concept,
    Config,
    Figure,
    History,
    Knob,
    Medium,
    Metric,
    Preset,
    Probe,
    Question,
    Refused,
    Symbol,
    View,
)


class ToyConfig(Config):
    rate: Annotated[
        float, Field(ge=0, le=1e9, title="Rate"), Knob(symbol="η", live=True, aliases=("speed_of_learning",))
    ] = 0.1
    """How far each step goes."""
    noise: Annotated[Literal["uniform", "normal"], Field(title="Noise")] = "uniform"
    """What the target is drawn from."""
    steps: Annotated[int, Field(ge=1, le=100_000), Knob(live=True, advanced=True)] = 400
    """Budget of the run."""


class Toy:
    def __init__(self, config: ToyConfig) -> None:
        self.config, self.theta = config, random.random()

    def step(self) -> dict[str, float]:
        target = random.random() if self.config.noise == "uniform" else random.gauss(0.5, 0.3)
        self.theta += self.config.rate * (target - self.theta)
        return {"loss": (target - self.theta) * (target - self.theta), "theta": self.theta}

    def update_live(self, config: ToyConfig) -> None:
        self.config = config

    def state_dict(self) -> dict[str, Any]:
        return {"theta": self.theta}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.theta = state["theta"]


class Ask(Question):
    times: Annotated[int, Field(ge=1, le=10)] = 2
    """How often."""


class Word(Question):
    word: Annotated[str, Field(max_length=20)] = "toy"
    """Any word."""


def counted(question: Word) -> int:
    if not question.word:
        raise Refused("The word is empty.")
    return len(question.word)


def letters(toy: Toy, count: int) -> Figure:
    return {"data": [{"type": "bar", "y": [count, toy.theta]}], "layout": {"uirevision": "letters"}}


def curve(toy: Toy, history: History) -> Figure:
    steps, values = history.get("theta", ([], []))
    return {"data": [{"type": "scatter", "x": steps[-100:], "y": values[-100:]}], "layout": {"uirevision": "toy"}}


def dial(toy: Toy, history: History) -> Figure:
    return {"dial": {"theta": toy.theta}}


def answer(toy: Toy, question: Ask) -> Figure:
    if question.times == 7:
        raise Refused("Not seven times.")
    return {"data": [{"type": "bar", "y": [toy.theta] * question.times}], "layout": {"uirevision": "ask"}}


DIAL = Medium(name="dial", module="dial.js", keys=frozenset({"dial"}))

TOY = Concept(
    package=__name__, slug="toy", title="Toy", tagline="A number learns a mean",
    config=ToyConfig, experiment=Toy,
    metrics=(
        Metric(name="loss", title="loss", unit="squared", better="lower"),
        Metric(name="theta", title="θ"),
    ),
    views=(
        View(name="curve", title="Curve", caption="Watch it settle.", draw=curve, place="hero"),
        View(name="dial", title="Dial", caption="Watch it turn.", draw=dial, place="support", medium=DIAL),
        View(name="spread", title="Spread", caption="Of the normal noise.", draw=curve, place="support",
             applies_to=lambda config: config.noise == "normal"),
    ),
    code=("tests.toy:Toy.step",),
    probes=(
        Probe(name="ask", title="Ask", caption="As often as asked.", question=Ask, ask=answer,
              clicks={"dial": lambda toy, x, y: {"times": 1 + round(y)}}),
        Probe(name="letters", title="Letters", caption="Their number.", question=Word, ask=letters, prepare=counted,
              applies_to=lambda config: config.noise == "uniform"),
    ),
    presets=(Preset(name="still", title="Still", config={"rate": 0.0}, why="Nothing moves."),),
    challenges=(
        Challenge(name="settle", title="Settle", hint="Wait.", solved=lambda m: m.get("loss", 9.0) < 0.5, from_step=10),
    ),
    symbols=(
        Symbol(name="theta", glyph="θ", meaning="what is learned", code=("theta",), views=("curve", "dial")),
    ),
)  # fmt: skip


class SlowToy(Toy):
    """A millisecond of computing a step: slow enough to be checkpointed and watched."""

    def step(self) -> dict[str, float]:
        compute(0.001)
        return super().step()


def compute(seconds: float) -> None:
    """Takes so much CPU time."""
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        pass


SLOW = replace(TOY, slug="slow-toy", title="Slow toy", experiment=SlowToy)
TOYS = (TOY, SLOW)
