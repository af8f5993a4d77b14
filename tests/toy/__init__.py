"""A number that learns the mean of noise, without torch: the proof that engine and page know no concept.

It has one of everything that the vocabulary offers: two settings, a medium of its own, a knob set in a picture, an
answer and a picture in parts, and, in its second setting, two arms of which one diverges. The smallest tab is
tests/smallest.
"""

import random
import time
from collections.abc import Iterator
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
    Setting,
    Symbol,
    View,
    lazy,
    of_arms,
)
from playground.words import words

say = words(__name__)


def is_single(config: Any) -> bool:
    return bool(config.networks == "one")


class ToyConfig(Config):
    words = say.part("knobs")

    rate: Annotated[float, Field(ge=0, le=1e9), Knob(symbol="η", live=True, aliases=("speed_of_learning",))] = 0.1
    noise: Annotated[Literal["uniform", "normal"], Field(), Knob(value_aliases={"Gauss' noise": "normal"})] = "uniform"
    networks: Annotated[Literal["one", "two"], Field()] = "one"
    mean: Annotated[float, Field(ge=-1, le=2), Knob(live=True, in_picture=True, applies_to=is_single)] = 0.5
    steps: Annotated[int, Field(ge=1, le=100_000), Knob(live=True, advanced=True)] = 400


class Toy:
    def __init__(self, config: ToyConfig) -> None:
        self.config, self.theta = config, random.random()

    def step(self) -> dict[str, float]:
        target = random.random() if self.config.noise == "uniform" else random.gauss(0.5, 0.3)
        target += self.config.mean - 0.5
        self.theta += self.config.rate * (target - self.theta)
        return {"loss": (target - self.theta) * (target - self.theta), "theta": self.theta, **self.measure()}

    def measure(self) -> dict[str, float]:
        """How far it is from the mean that the visitor's hand has set."""
        return {"distance": abs(self.theta - self.config.mean)}

    def update_live(self, config: ToyConfig) -> None:
        self.config = config

    def state_dict(self) -> dict[str, Any]:
        return {"theta": self.theta}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.theta = state["theta"]


class Ask(Question):
    words = say.part("questions.ask")

    times: Annotated[int, Field(ge=1, le=10)] = 2


class Word(Question):
    words = say.part("questions.word")

    word: Annotated[str, Field(max_length=20)] = "toy"


class Landscape(Question):
    words = say.part("questions.landscape")

    reach: Annotated[float, Field(ge=0.1, le=10)] = 1.0


def counted(question: Word) -> int:
    if not question.word:
        raise Refused(say("refusals.empty"))
    return len(question.word)


def letters(toy: Toy, count: int) -> Figure:
    return {"data": [{"type": "bar", "y": [count, toy.theta]}], "layout": {"uirevision": "letters"}}


def curve(toy: Toy, history: History) -> Figure:
    """θ over the steps; a handle sets the mean of the noise."""
    steps, values = history.get("theta", ([], []))
    handle = {"name": "mean", "label": say("figures.curve.handle"), "x": {"at": 0}, "y": {"knob": "mean"}}
    return {
        "data": [{"type": "scatter", "x": steps[-100:], "y": values[-100:]}],
        "layout": {"uirevision": "toy", "meta": {"handles": [handle]}, "yaxis": {"range": [-1, 2]}},
    }


def noise(toy: Toy, history: History) -> Figure:
    return {"data": [{"type": "bar", "y": [0.3]}], "layout": {"uirevision": "noise"}}


def dial(toy: Toy, history: History) -> Figure:
    return {"dial": {"theta": toy.theta}}


def losses(toy: Toy, theta: float, reach: float, points: int) -> Figure:
    """The expected loss around a θ, at so many points."""
    at = [theta - reach + 2 * reach * i / (points - 1) for i in range(points)]
    return {
        "data": [{"type": "scatter", "x": at, "y": [(x - toy.config.mean) ** 2 for x in at]}],
        "layout": {"uirevision": "landscape"},
    }


def landscape(toy: Toy, history: History) -> Iterator[Figure]:
    """The loss around the θ of this step, at 3 points, then at 30."""
    theta = toy.theta
    yield losses(toy, theta, 1.0, 3)
    yield losses(toy, theta, 1.0, 30)


def ask_landscape(toy: Toy, question: Landscape) -> Iterator[Figure]:
    """The same as far as asked, at 3, 30 and 300 points."""
    theta = toy.theta
    for points in (3, 30, 300):
        yield losses(toy, theta, question.reach, points)


def answer(toy: Toy, question: Ask) -> Figure:
    if question.times == 7:
        raise Refused(say("refusals.seven"))
    return {"data": [{"type": "bar", "y": [toy.theta] * question.times}], "layout": {"uirevision": "ask"}}


DIAL = Medium(name="dial", module="dial.js", keys=frozenset({"dial"}))
ARMS = ("steady", "wild")
OF_ONE = (Metric(name="loss", better="lower"), Metric(name="theta"))

SINGLE = Setting(
    name="one", applies_to=is_single, experiment=Toy, code=("tests.toy:Toy.step",),
    views=(
        View(name="curve", draw=curve, place="hero"),
        View(name="dial", draw=dial, place="support", medium=DIAL),
        View(name="spread", draw=noise, place="support", applies_to=lambda config: config.noise == "normal"),
        View(name="landscape", draw=landscape, place="more"),
    ),
    probes=(
        Probe(name="ask", question=Ask, ask=answer, clicks={"dial": lambda toy, x, y: {"times": 1 + round(y)}}),
        Probe(name="letters", question=Word, ask=letters, prepare=counted,
              applies_to=lambda config: config.noise == "uniform"),
        Probe(name="landscape_at", question=Landscape, ask=ask_landscape),
    ),
)  # fmt: skip

PAIR = Setting(
    name="two", applies_to=lambda config: not is_single(config), config={"networks": "two"},
    experiment=lazy(__name__, "pair", "Pair"), code=("tests.toy.pair:Pair.step",),
    views=(View(name="both", draw=lazy(__name__, "pair", "both"), place="hero"),),
)  # fmt: skip

TOY = Concept(
    package=__name__, slug="toy", config=ToyConfig, settings=(SINGLE, PAIR), arms=ARMS,
    metrics=(*OF_ONE, Metric(name="distance", better="lower"), *of_arms(OF_ONE, ARMS, shown=("loss",))),
    presets=(
        Preset(name="still", config={"rate": 0.0}),
        Preset(name="two", config={"networks": "two"}),
    ),
    challenges=(
        Challenge(name="settle", formerly=("Settle",), solved=lambda m: m.get("loss", 9.0) < 0.5, from_step=10),
        Challenge(name="touch", solved=lambda m: m.get("distance", 9.0) < 0.05),
    ),
    symbols=(Symbol(name="theta", glyph="θ", code=("theta",), views=("curve", "dial")),),
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


SLOW = replace(TOY, slug="slow-toy", title="Slow toy", settings=(replace(SINGLE, experiment=SlowToy), PAIR))
TOYS = (TOY, SLOW)
