"""The media of this tab's own: the live policy at play, videos of episodes with their numbers, and a game."""

from __future__ import annotations

import base64

from playground.concept import Figure, Medium


def _video_file(figure: Figure) -> tuple[str, bytes]:
    return ".mp4", base64.b64decode(figure["video"]["src"].partition(",")[2])


LIVE_AGENT = Medium(name="live-agent", module="live_agent.js", keys=frozenset({"agent"}))
ROLLOUT_VIDEO = Medium(
    name="rollout-video", module="rollout_video.js", keys=frozenset({"video"}), export=_video_file
)  # fmt: skip
GAME = Medium(name="game", module="game.js", keys=frozenset({"game"}))
