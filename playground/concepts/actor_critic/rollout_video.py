"""Episodes as an MP4, with policy, value and advantage of every step beside it: the figure of `rollout_video.js`."""

from __future__ import annotations

import base64
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from playground.concept import Figure
from playground.concepts.actor_critic.config import ActorCriticConfig
from playground.concepts.actor_critic.environments import ENVS
from playground.concepts.actor_critic.episodes import Episode, ending, max_value, rendering_env
from playground.figures.base import rounded

MAX_FRAMES = {1: 160, 2: 120, 3: 90}
"""Number of episodes in a video → its most frames: a longer episode skips some. Half of a video's cost is to draw its
pixels and to hand them to the encoder."""
HOLD_SECONDS = 0.8
"""For which the last frame stays."""


def rollout_video(config: ActorCriticConfig, episodes: list[tuple[str, str, Episode]], caption: str) -> Figure:
    """(title, colour, episode) … → one video of them all, one above the other; shorter ones hold their last frame."""
    env = rendering_env(config.environment)
    rate = env.metadata["render_fps"]
    longest = max(len(episode.states) for _, _, episode in episodes)
    stride = max(3 if rate >= 50 else 1, -(-longest // MAX_FRAMES[len(episodes)]))
    fps = rate / stride
    ticks = np.append(np.arange(0, longest - 1, stride), longest - 1)
    rows = [render(config.environment, e.states[np.minimum(ticks, len(e.states) - 1)]) for _, _, e in episodes]

    def frames() -> Iterator[np.ndarray]:
        frame = np.zeros(0)
        for row in zip(*rows, strict=True):
            frame = np.concatenate(row)
            yield frame
        for _ in range(round(HOLD_SECONDS * fps)):
            yield frame

    url = "data:video/mp4;base64," + base64.b64encode(mp4(frames(), fps)).decode()
    actors = [
        {
            "title": title, "colour": colour, "end": ending(config, episode), "action": episode.action.tolist(),
            "policy": rounded(episode.policy, 2), "value": rounded(episode.value),
            "advantage": rounded(episode.advantage),
        }
        for title, colour, episode in episodes
    ]  # fmt: skip
    actions = ENVS[config.environment].actions
    return {"video": {"src": url, "rate": rate, "actors": actors, "actions": actions, "bound": max_value(config),
                      "caption": caption}}  # fmt: skip


def render(name: str, states: np.ndarray) -> Iterator[np.ndarray]:
    """Gymnasium's own image of each state (steps, variables), cut to where things happen."""
    env, (top, bottom) = rendering_env(name).unwrapped, ENVS[name].rows
    drawn: list[Any] = []
    for state in states:
        if not drawn or not np.array_equal(state, drawn[0]):
            env.state = state
            drawn = [state, env.render()[top:bottom]]
        yield drawn[1]


def mp4(frames: Iterable[np.ndarray], fps: float) -> bytes:
    """(height, width, 3) uint8 frames, both sides even → H.264 file that every browser plays."""
    import imageio.v2 as imageio  # lazily: it takes a while to load

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rollout.mp4"
        options = ["-preset", "veryfast", "-crf", "30", "-threads", "1"]
        writer: Any
        with imageio.get_writer(
            path, format="FFMPEG", fps=fps, codec="libx264", pixelformat="yuv420p", macro_block_size=2,
            output_params=[*options, "-movflags", "+faststart"], ffmpeg_log_level="error",
        ) as writer:  # fmt: skip
            for frame in frames:
                writer.append_data(frame)
        return path.read_bytes()
