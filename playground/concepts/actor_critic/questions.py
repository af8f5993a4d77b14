"""What a visitor may ask of a live actor."""

from typing import Annotated, Literal

from pydantic import Field

from playground.concept import Question
from playground.concepts.actor_critic.texts import say

Arm = Literal["first", "gae", "td", "reinforce"]


class LetItPlay(Question):
    words = say.part("questions.let_it_play")

    rule: Arm = "first"
    action: Literal["sample", "top-1"] = "sample"
    x: Annotated[float, Field(ge=-3.2, le=3.2)] = 0.1
    y: Annotated[float, Field(ge=-8, le=8)] = 0.0
    cart: Annotated[float, Field(ge=-2.4, le=2.4)] = 0.0
    cart_speed: Annotated[float, Field(ge=-3, le=3)] = 0.0
    nudge: Annotated[float, Field(ge=-3, le=3)] = 0.0
    nudge_at: Annotated[int, Field(ge=1, le=400)] = 60


class YouPlay(Question):
    words = say.part("questions.you_play")

    rule: Arm = "first"
    action: Literal["sample", "top-1"] = "sample"
