"""What the page gets of a tab's network, and when."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from playground.concept import Config
from playground.diagram import Arrow, Diagram, Part, Phase
from playground.engine.scheduler import Scheduler
from playground.session.tab_session import TabSession
from playground.ui.message import message
from playground.ui.strip import running_line, strip
from tests.toy import TOY


def drawn(config: Any) -> Diagram:
    return Diagram(
        (Part("target", config.noise, 10, 15), Part("theta", "θ", 50, 15, "theta", kind="network")),
        (Arrow("theta", "target", gradient=False),),
        (
            Phase("draw", ("target",), "target = random.random()"),
            Phase("move", (("theta", "target"),), "self.theta +=", "Toy.step", backward=True),
        ),
    )


DRAWN = replace(TOY, diagram=drawn)


def test_a_phase_knows_the_line_that_runs() -> None:
    made = strip(DRAWN, DRAWN.config())
    assert made
    assert made["parts"] == [("target", "uniform", 10, 15, "value", ""), ("theta", "θ", 50, 15, "network", "theta")]
    assert made["arrows"] == [("theta", "target", False)]
    draw, move = made["phases"]
    assert (draw["block"], draw["line"], draw["backward"]) == (0, 1, False)
    assert move["code"] == "self.theta += self.config.rate * (target - self.theta)" and move["line"] == 3
    assert json.loads(json.dumps(move))["lit"] == [["theta", "target"]] and move["backward"]
    assert strip(TOY, TOY.config()) is None


@pytest.mark.parametrize(("code", "function"), [("self.theta", ""), ("nowhere", ""), ("return", "Toy.nothing")])
def test_a_fragment_of_no_line_or_of_several_is_an_error(code: str, function: str) -> None:
    with pytest.raises(LookupError, match=code):
        running_line(DRAWN, Phase("?", (), code, function), DRAWN.config())


def told(tab: TabSession) -> Any:
    return json.loads(message(tab))["diagram"]


def test_it_travels_only_where_a_step_can_be_followed() -> None:
    config: Config = DRAWN.config(noise="normal")  # type: ignore[call-arg]
    tab = TabSession(DRAWN, Scheduler("tests.toy:TOYS"), "somebody", config)
    assert told(tab)["parts"][0][1] == "normal", "the button Step may come next"
    tab.playing = True
    assert told(tab) is None
    for speed, follows in (("1", True), ("5", True), ("25", False)):
        tab.speed = speed
        assert (told(tab) is not None) == follows, speed
    tab.speed, tab.run.config = "1", DRAWN.config()
    assert told(tab)["parts"][0][1] == "uniform", "the run's, not the knobs'"
