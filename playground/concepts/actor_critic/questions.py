"""What a visitor may ask of a live actor."""

from typing import Annotated, Literal

from pydantic import Field

from playground.concept import Question


class LetItPlay(Question):
    rule: Annotated[Literal["the first", "gae", "td", "origin"], Field(title="Who plays")] = "the first"
    """Of learners that train side by side."""
    action: Annotated[Literal["sample", "top-1"], Field(title="Action")] = "sample"
    """Drawn from π(a|s), or its most probable one."""
    x: Annotated[float, Field(ge=-3.2, le=3.2, title="Angle θ")] = 0.1
    """Across in the maps: the pole's angle in rad (Acrobot: the upper arm's; MountainCar: the position)."""
    y: Annotated[float, Field(ge=-8, le=8, title="Its speed θ̇")] = 0.0
    """Along in the maps: how fast that changes."""
    cart: Annotated[float, Field(ge=-2.4, le=2.4, title="Cart's position")] = 0.0
    """(CartPole) ±2.4 is the end of the track."""
    cart_speed: Annotated[float, Field(ge=-3, le=3, title="Cart's speed")] = 0.0
    """(CartPole) Units a second."""
    nudge: Annotated[float, Field(ge=-3, le=3, title="Nudge")] = 0.0
    """Added to the angle's speed in mid-episode (MountainCar: a hundredth of it to the car's)."""
    nudge_at: Annotated[int, Field(ge=1, le=400, title="Nudge at step")] = 60
    """When."""


class YouPlay(Question):
    rule: Annotated[Literal["the first", "gae", "td", "origin"], Field(title="Against whom")] = "the first"
    """Of learners that train side by side."""
    action: Annotated[Literal["sample", "top-1"], Field(title="The agent's action")] = "sample"
    """Drawn from π(a|s), or its most probable one."""
