"""What a visitor may ask of live encoders of dance and music."""

from typing import Annotated, Literal

from pydantic import Field

from playground.concept import Question, Sound
from playground.concepts.clip.texts import say

HeldoutClip = Annotated[int, Field(ge=0, le=63)]
ArmName = Literal["main", "notes"]


class Pair(Question):
    words = say.part("questions.pair")

    dance: HeldoutClip = 0
    music: HeldoutClip = 0
    model: ArmName = "main"


class FindDance(Question):
    words = say.part("questions.find_dance")

    music: HeldoutClip = 0
    sound: Sound = ""
    model: ArmName = "main"


class FindMusic(Question):
    words = say.part("questions.find_music")

    dance: HeldoutClip = 0
    model: ArmName = "main"
