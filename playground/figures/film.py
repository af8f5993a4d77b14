"""Films: frames as an MP4, with what the model thought at every step beside them. Plain dicts, as all pictures."""

from __future__ import annotations

import base64
import tempfile
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from playground.figures.base import rounded


@dataclass(frozen=True)
class Scene:
    """One actor's part of the picture: where it is and what goes on in its head, step by step."""

    title: str
    policy: Any  # (steps, actions)
    value: Any  # (steps,)
    advantage: Any  # (steps,)
    action: Any  # (steps,)
    colour: str
    end: str
    """How it ended, such as "fell after 23 steps"."""


def mp4(frames: Iterable[np.ndarray], fps: float) -> bytes:
    """(height, width, 3) uint8 frames, both sides even → H.264 file that every browser plays."""
    import imageio.v2 as imageio  # lazily: only who makes a film needs it

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "film.mp4"
        options = ["-preset", "veryfast", "-crf", "30", "-threads", "1"]
        writer: Any
        with imageio.get_writer(
            path, format="FFMPEG", fps=fps, codec="libx264", pixelformat="yuv420p", macro_block_size=2,
            output_params=[*options, "-movflags", "+faststart"], ffmpeg_log_level="error",
        ) as writer:  # fmt: skip
            for frame in frames:
                writer.append_data(frame)
        return path.read_bytes()


def film(
    frames: Iterable[np.ndarray], fps: float, rate: float, scenes: list[Scene], key: str, actions: tuple[str, ...],
    bound: float, caption: str,
) -> dict[str, Any]:  # fmt: skip
    """A film of scenes stacked from top to bottom.

    fps: frames a second; rate: steps a second, `rate / fps` of them to a frame
    actions: names of the policy's columns
    bound: the greatest possible value of a state
    """
    url = "data:video/mp4;base64," + base64.b64encode(mp4(frames, fps)).decode()
    told = []
    for scene in scenes:
        numbers = {n: rounded(getattr(scene, n)) for n in ("policy", "value", "advantage")}
        told.append(asdict(scene) | numbers | {"action": np.asarray(scene.action).tolist()})
    about = {"src": url, "rate": rate, "scenes": told, "actions": actions, "bound": bound, "caption": caption}
    return {"film": about, "layout": {"uirevision": key}}
