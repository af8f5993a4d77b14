"""The smallest tab: a number moves towards every sample that it is shown, and so learns their mean."""

import random
from typing import Annotated, Any

from pydantic import Field

from playground.concept import (
    Challenge,
    Concept,
    Config,
    Figure,
    History,
    Knob,
    Metric,
    Preset,
    Probe,
    Question,
    Symbol,
    View,
)
from playground.words import words

say = words(__name__)
MEAN, DEVIATION = 1.0, 0.5
"""Of the samples."""


class SmallestConfig(Config):
    words = say.part("knobs")

    rate: Annotated[float, Field(ge=0, le=1), Knob(symbol="η", live=True)] = 0.1


class MeanLearner:
    def __init__(self, config: SmallestConfig) -> None:
        self.config, self.theta = config, 0.0

    def step(self) -> dict[str, float]:
        x = random.gauss(MEAN, DEVIATION)
        loss = (self.theta - x) ** 2 / 2
        gradient = self.theta - x
        self.theta -= self.config.rate * gradient
        return {"loss": loss, "theta": self.theta}

    def update_live(self, config: SmallestConfig) -> None:
        self.config = config

    def state_dict(self) -> dict[str, Any]:
        return {"theta": self.theta}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.theta = state["theta"]


def curve(learner: MeanLearner, history: History) -> Figure:
    """θ after each of the last 200 steps."""
    steps, values = history.get("theta", ([], []))
    return {
        "data": [{"type": "scatter", "x": steps[-200:], "y": values[-200:]}],
        "layout": {"uirevision": "curve", "xaxis": {"title": {"text": say("figures.curve.x")}}},
    }


class Sample(Question):
    words = say.part("questions.sample")

    x: Annotated[float, Field(ge=-10, le=10)] = MEAN


def loss_of(learner: MeanLearner, sample: Sample) -> Figure:
    """The loss that a sample would have now."""
    loss = (learner.theta - sample.x) ** 2 / 2
    return {"data": [{"type": "bar", "x": [sample.x], "y": [loss]}], "layout": {"uirevision": "loss_of"}}


SMALLEST = Concept(
    package=__name__,
    slug="smallest",
    config=SmallestConfig,
    experiment=MeanLearner,
    code=("tests.smallest:MeanLearner.step",),
    metrics=(Metric(name="loss", better="lower"), Metric(name="theta")),
    views=(View(name="curve", draw=curve, place="hero"),),
    probes=(Probe(name="loss_of", question=Sample, ask=loss_of, clicks={"curve": lambda learner, x, y: {"x": y}}),),
    presets=(Preset(name="newest", config={"rate": 1.0}),),
    challenges=(Challenge(name="mean", solved=lambda m: abs(m.get("theta", 0) - MEAN) < 0.01, from_step=100),),
    symbols=(Symbol(name="theta", glyph="θ", code=("theta",), views=("curve",)),),
)
